import pytest

from model.errors import DatasetError
from model.phrases import Cue, PhraseIndex, parse_cues, parse_pattern
from model.spelling import Spelling

NAMED: dict[str, Cue] = {"orang": frozenset({("anak",), ("orang", "tua")})}


def parse(pattern: str) -> tuple[Cue, ...]:
    return parse_pattern(pattern, NAMED, Spelling({"rmh": ("rumah",)}))


def find(patterns: str, text: str) -> list[str]:
    index = PhraseIndex()
    for pattern in patterns.split(";"):
        for phrase in parse(pattern)[0]:
            index.add(phrase, 0)
    forms = text.split()
    return [" ".join(forms[start:stop]) for start, stop, _ in index.find(forms)]


def test_alternatives_are_multiplied_out() -> None:
    assert parse("a|b_c d") == (frozenset({("a", "d"), ("b", "c", "d")}),)


def test_cues_are_joined_by_a_plus_and_named_cues_put_in() -> None:
    assert parse("api + <orang>|bayi") == (frozenset({("api",)}), frozenset({("anak",), ("orang", "tua"), ("bayi",)}))


def test_an_owner_may_hang_on_a_word() -> None:
    assert {("rumah",), ("rumahnya",), ("rumahku",), ("rumahnyo",)} <= parse("rumah~")[0]


def test_the_words_of_a_pattern_are_spelled_as_those_of_a_text() -> None:
    assert parse("rmh roboh") == (frozenset({("rumah", "roboh")}),)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("rumah roboh", ["rumah roboh"]),
        ("kejang*", ["kejangnya"]),
        ("anak kejang*", ["anak kejangnya"]),
        ("kejang* tadi", ["kejangnya tadi"]),
        ("rumah terbakar", []),
        ("roboh anak;rumah", ["rumah", "roboh anak"]),
        ("tadi malam", []),
    ],
)
def test_phrases_are_found_in_their_order(pattern: str, found: list[str]) -> None:
    assert find(pattern, "rumah roboh anak kejangnya tadi") == found


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("api + <wong>", "cue <wong> is not in cues.csv; there are orang"),
        ("api + ", "has no word"),
        ("api + !", "has no word"),
        ("api*", "shorter than 4 letters"),
    ],
)
def test_a_broken_pattern_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        parse(pattern)


def test_a_named_cue_may_call_one_that_comes_later() -> None:
    named = parse_cues("name,words\na,<b> sadar;pingsan\nb,tidak;tak\n", "cues.csv", Spelling())
    assert named["a"] == {("tidak", "sadar"), ("tak", "sadar"), ("pingsan",)}


@pytest.mark.parametrize(
    ("content", "message"),
    [("name\n", "column words is missing"), ("name,words\na,<b>\nb,<a>\n", "a, b call each other")],
)
def test_broken_cues_are_refused(content: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        parse_cues(content, "cues.csv", Spelling())
