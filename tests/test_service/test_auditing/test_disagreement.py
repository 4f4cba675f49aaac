import pytest

from service.auditing.disagreement import find_disagreement


def answers(*labels, is_auto=False):
    return [{"topic": (label, is_auto)} for label in labels]


def test_the_most_frequent_pairs_are_told_and_few_reports_in_sum():
    before = answers(*["sampah"] * 30)
    after = answers(*["sampah"] * 17, *["lampu"] * 9, *["banjir"] * 4)
    [head] = find_disagreement(before, after)
    assert (head.head, head.rate.value) == ("topic", pytest.approx(13 / 30))
    assert [(pair.champion, pair.challenger, pair.n) for pair in head.pairs] == [("sampah", "lampu", 9)]
    assert head.n_other == 4


def test_what_both_would_decide_alone_otherwise_is_counted_apart():
    before = answers(*["sampah"] * 20, is_auto=True)
    after = [*answers(*["lampu"] * 3, is_auto=True), *answers(*["lampu"] * 17)]
    [head] = find_disagreement(before, after)
    assert (head.n_auto, head.n_auto_differ) == ((20, 3), 3)


def test_no_report_is_no_disagreement():
    assert find_disagreement([], []) == []


def test_below_twenty_reports_no_share_is_told():
    [head] = find_disagreement(answers(*["sampah"] * 19), answers(*["lampu"] * 19))
    assert (head.rate.k, head.rate.value) == (19, None)
