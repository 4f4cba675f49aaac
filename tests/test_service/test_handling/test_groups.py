from hypothesis import given
from hypothesis import strategies as st

from service.handling.groups import Groups

PAIRS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")).filter(lambda p: p[0] != p[1]))


@given(PAIRS)
def test_groups_are_what_hangs_together_in_whatever_order_the_pairs_come(pairs):
    slow = [{name} for name in "abcdefgh"]
    for first, second in pairs:
        united = [group for group in slow if group & {first, second}]
        slow = [group for group in slow if group not in united] + [set().union(*united)]
    for order in (pairs, pairs[::-1]):
        groups = Groups()
        groups.unite_all(order)
        assert sorted(map(sorted, groups.list_groups())) == sorted(sorted(group) for group in slow if len(group) > 1)
        assert all(groups.are_one(*pair) for pair in pairs)
