import pytest

from service.statistics.drift_signs import SIGNS, compare
from service.statistics.drift_sums import Sums

THRESHOLD = 1 / 364


def sums(is_now, label, n, *, bundle="new", head="topic", confidence=0.8, unknown=0.1, labelled=(0, 0), is_auto=False):
    tenths = [round(n * share * 10_000) for share in (confidence, unknown)]
    # So that each has a variance of 0.01.
    squares = [round(n * (share**2 + 0.01) * 10_000**2) for share in (confidence, unknown)]
    measured = (n, tenths[0], squares[0], n, tenths[1], squares[1])
    return Sums(is_now, head, bundle, label, is_auto, *measured, *labelled)


def find(found, what, head="topic", bundle="new"):
    signs = compare(found, bundle, THRESHOLD, is_known=False)
    return next(one for one in signs if (one.sign.what, one.head) == (what, head))


def test_confidence_is_compared_within_one_bundle():
    found = [sums(True, "sampah", 500, confidence=0.7), sums(False, "sampah", 900, bundle="old", confidence=0.9)]
    assert not find(found, "confidence").sign.enough
    lower = find([*found, sums(False, "sampah", 300)], "confidence")
    assert lower.sign.change == pytest.approx(0.1)
    assert lower.sign.is_alarm
    assert (lower.bundle, lower.sign.n_reference) == ("new", 300)


def test_words_are_those_of_the_reports_whatever_the_head():
    found = [sums(True, "dinas-pupr", 500, head="agency", unknown=0.2), sums(False, "dinas-pupr", 500, head="agency")]
    words = find(found, "words", "agency")
    assert words.sign.change == pytest.approx(0.1)
    assert sum(one.what == "words" for one in SIGNS) == 1


def test_the_mix_is_that_of_one_bundle_where_it_can_be():
    found = [
        *(sums(True, "sampah", 250), sums(True, "lampu", 50), sums(False, "sampah", 250), sums(False, "lampu", 50)),
        sums(False, "lampu", 5_000, bundle="old"),
    ]
    assert find(found, "mix").bundle == "new"
    assert find(found, "mix").sign.change == pytest.approx(0)
    across = find([*found[:2], found[-1]], "mix")
    assert across.bundle is None
    assert across.sign.change > 0.5


def test_people_contradict_whichever_bundle_was_in_force():
    found = [
        sums(True, "sampah", 200, labelled=(200, 80)),
        sums(False, "sampah", 900, bundle="old", labelled=(900, 90)),
    ]
    labels = find(found, "labels")
    assert labels.sign.is_alarm
    assert [(one.label, one.share, one.reference) for one in labels.labels] == [("sampah", 0.4, 0.1)]


def test_what_was_decided_alone_is_a_group_apart():
    """Of what was decided alone people see mostly the errors: more of it is no sign."""
    found = [
        sums(True, "sampah", 300, labelled=(300, 270), is_auto=True),
        sums(True, "sampah", 100, labelled=(100, 10)),
        sums(False, "sampah", 100, labelled=(100, 90), is_auto=True),
        sums(False, "sampah", 900, labelled=(900, 90)),
    ]
    assert find(found, "labels").sign.change == pytest.approx(0)
