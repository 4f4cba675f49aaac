import pytest
from scipy.stats import binom

from service.figures.errors import FigureError
from service.figures.newcomers import NewWord, Proposal, find_new_words, group_words, name_proposals


def _new(word, n):
    return NewWord(word, n, 0.5, 1e-9)


def test_words_that_came_lately_are_found_and_usual_ones_are_not():
    recent = {"jalan": 100, "antraks": 12, "sapi": 15, "air": 50, "langka": 4}
    reference = {"jalan": 1050, "sapi": 6, "air": 480}
    found = find_new_words(recent, reference, 400, 4000)
    assert [new.word for new in found] == ["antraks", "sapi"]
    assert found[1].expected == pytest.approx(0.65)


def test_mid_p_is_that_of_scipys_binomial():
    found = find_new_words({"sapi": 15}, {"sapi": 6}, 400, 4000)
    share = 400 / 4400
    assert found[0].mid_p == pytest.approx(binom.sf(15, 21, share) + binom.pmf(15, 21, share) / 2, rel=1e-9)
    only = find_new_words({"sapi": 15}, {}, 400, 4000)
    assert only[0].mid_p == pytest.approx(binom.pmf(15, 15, share) / 2, rel=1e-9)


def test_no_words_are_no_find():
    assert find_new_words({}, {}, 10, 10) == ()
    assert group_words([], {}) == ()
    assert name_proposals([]) == ()


def test_words_of_the_same_reports_are_one_topic():
    words = [_new("antraks", 12), _new("sapi", 15), _new("parkir", 20), _new("karcis", 10)]
    together = {("antraks", "sapi"): 10, ("karcis", "parkir"): 9, ("sapi", "parkir"): 2}
    groups = group_words(words, together)
    assert [[new.word for new in group] for group in groups] == [["parkir", "karcis"], ["sapi", "antraks"]]


def test_a_chain_of_words_is_not_pulled_into_one_topic():
    words = [_new(word, 10) for word in "abcdef"]
    together = dict.fromkeys(zip("abcde", "bcdef", strict=True), 5)
    assert len(group_words(words, together)) > 1


def test_an_id_survives_a_refit_with_more_reports_and_some_other_words():
    first = name_proposals([[_new("sapi", 15), _new("antraks", 12)]])
    again = name_proposals([[_new("parkir", 40)], [_new("sapi", 60), _new("antraks", 50), _new("ternak", 20)]], first)
    assert again[1].id == first[0].id
    assert again[0].id != first[0].id


def test_the_greater_part_of_a_split_topic_keeps_the_id():
    old = Proposal("baru-1", (("sapi", 20), ("antraks", 15), ("karcis", 5)))
    small, great = [_new("karcis", 5), _new("sapi", 6)], [_new("antraks", 15), _new("sapi", 14)]
    named = name_proposals([small, great], [old])
    assert named[1].id == "baru-1"
    assert named[0].id != "baru-1"


def test_a_merged_topic_has_the_id_of_the_greater_overlap_and_the_same_find_the_same_id():
    old = [Proposal("baru-1", (("sapi", 5),)), Proposal("baru-2", (("parkir", 20), ("karcis", 15)))]
    merged = [_new("sapi", 5), _new("parkir", 20), _new("karcis", 15)]
    assert name_proposals([merged], old)[0].id == "baru-2"
    assert name_proposals([merged])[0].id == name_proposals([merged[::-1]])[0].id


def test_a_new_topic_never_takes_the_id_of_another():
    group = [_new("sapi", 5)]
    taken = name_proposals([group])[0].id
    changed = [Proposal(taken, (("kucing", 9),))]
    assert name_proposals([group], changed)[0].id != taken


def test_counts_that_cannot_be_are_refused():
    with pytest.raises(FigureError, match="no reports"):
        find_new_words({}, {}, 0, 10)
    with pytest.raises(FigureError, match="more reports than"):
        find_new_words({"sapi": 15}, {}, 10, 10)
