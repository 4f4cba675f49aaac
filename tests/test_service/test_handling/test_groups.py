import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.handling.groups import Groups

N = 8
PAIRS = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)))


@given(PAIRS)
def test_groups_are_what_hangs_together_in_whatever_order_the_pairs_come(pairs):
    slow = [{number} for number in range(N)]
    for first, second in pairs:
        united = [group for group in slow if group & {first, second}]
        slow = [group for group in slow if group not in united] + [set().union(*united)]
    for order in (pairs, pairs[::-1]):
        groups = Groups(N)
        for pair in order:
            groups.unite(np.array(pair))
        assert sorted(map(list, groups.list_groups())) == sorted(map(sorted, slow))
        assert all(groups.are_one(*pair) for pair in pairs)
        for number in range(N):
            assert set(groups.find_others(number)) == set().union(*(group for group in slow if number not in group))
        largest = max(map(len, slow))
        assert groups.find_beside_largest().size == N - largest


def test_of_nothing_there_are_no_groups():
    assert Groups(0).list_groups() == []
