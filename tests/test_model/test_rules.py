from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import DatasetError
from model.phrases import Cue
from model.prediction import EFFECT_ACCUSATION, EFFECT_DARURAT, EFFECT_TINGGI, RuleHit
from model.rules import MAX_GAP, MAX_TRIES, Rules, parse_accusations, parse_hazards, urgency_floor
from model.senses import Reading, SenseWords
from model.spelling import Spelling
from model.tokens import tokenize

HAZARDS = (
    "name,pattern_words,effect,harmless_sense\n"
    "api,kebakaran + <orang>;rumah terbakar,darurat,film\n"
    "pohon,pohon miring,tinggi,\n"
)
NAMED: dict[str, Cue] = {"orang": frozenset({("anak",), ("ibu",)})}
WORDS = SenseWords(frozenset({"tidak", "bukan"}), frozenset({"ada"}), frozenset({"jika"}))
ALL_WORDS = ("kebakaran", "anak", "ibu", "rumah", "terbakar", "pohon", "miring", "film", "jika", "bukan", "lalu", ".")


def find(text: str) -> tuple[RuleHit, ...]:
    rules = Rules(parse_hazards(HAZARDS, "hazards.csv", NAMED, Spelling()))
    return rules.find(Reading.of(text, tokenize(text), Spelling(), WORDS))


def names(text: str) -> list[str]:
    return [hit.name for hit in find(text)]


@pytest.mark.parametrize("text", ["kebakaran, ada anak", "Anak kami di dalam, kebakaran!", "rumah terbakar"])
def test_a_rule_holds_where_all_cues_of_a_pattern_stand_near(text: str) -> None:
    assert names(text) == ["api"]


@pytest.mark.parametrize(
    "text", ["kebakaran", "anak", "kebakaran " + "lalu " * (MAX_GAP + 1) + "anak", "rumah lalu terbakar"]
)
def test_a_rule_does_not_hold_for_part_of_a_pattern_or_cues_far_apart(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize("text", ["film rumah terbakar", "bukan rumah terbakar", "jika rumah terbakar"])
def test_a_rule_is_stopped_where_it_is_not_meant(text: str) -> None:
    assert names(text) == []


def test_a_rule_that_is_stopped_at_one_place_may_hold_at_a_later_one() -> None:
    text = "jika rumah terbakar kami takut. Kini rumah terbakar"
    assert [text[: hit.span[0]].count(".") for hit in find(text)] == [1]


def test_a_rule_is_given_once_at_its_first_place() -> None:
    text = "rumah terbakar, kebakaran, anak di dalam, rumah terbakar"
    assert [text[slice(*hit.span)] for hit in find(text)] == ["rumah terbakar"]


def test_rules_come_in_reading_order_with_what_they_demand() -> None:
    hits = find("pohon miring dan rumah terbakar")
    assert [(hit.name, hit.effect) for hit in hits] == [("pohon", EFFECT_TINGGI), ("api", EFFECT_DARURAT)]


def test_a_danger_named_and_denied_too_often_is_given_up() -> None:
    denied = "bukan rumah terbakar. " * MAX_TRIES
    assert names(denied + "rumah terbakar") == []
    assert names(denied[len("bukan rumah terbakar. ") :] + "rumah terbakar") == ["api"]


@given(st.lists(st.sampled_from(ALL_WORDS), max_size=40))
def test_spans_lie_in_the_text_and_hold_a_cue_whatever_the_order_of_words(words: list[str]) -> None:
    text = " ".join(words)
    for hit in find(text):
        stretch = text[slice(*hit.span)]
        assert stretch.split()
        assert {"kebakaran", "terbakar", "miring"} & set(stretch.split())


@given(st.lists(st.sampled_from(ALL_WORDS), max_size=20), st.lists(st.sampled_from(("lalu", "pagi", "."))))
def test_words_of_no_rule_after_the_end_change_nothing(words: list[str], more: list[str]) -> None:
    text = " ".join(words)
    assert find(" ".join([*words, *more])) == find(text)


def test_the_floor_is_the_highest_urgency_that_a_rule_demands() -> None:
    effects = {"darurat": EFFECT_DARURAT, "tinggi": EFFECT_TINGGI, None: EFFECT_ACCUSATION}
    hits = {urgency: RuleHit("x", effect, (0, 1)) for urgency, effect in effects.items()}
    assert [urgency_floor([hit]) for hit in hits.values()] == list(hits)
    assert urgency_floor([hits["tinggi"], hits["darurat"]]) == "darurat"
    assert urgency_floor([]) is None


def test_an_accusation_asks_for_a_person() -> None:
    (rule,) = parse_accusations("name,pattern_words,harmless_sense\nsuap,suap,\n", "accusations.csv", {}, Spelling())
    assert (rule.effect, rule.harmless) == (EFFECT_ACCUSATION, ())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name,effect\n", "column pattern_words, harmless_sense is missing"),
        ("name,pattern_words,effect,harmless_sense\napi,api,besar,\n", "api: the effect 'besar' is none of darurat, t"),
    ],
)
def test_broken_hazards_are_refused(content: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        parse_hazards(content, "hazards.csv", {}, Spelling())


def test_without_rules_nothing_holds() -> None:
    assert Rules().find(Reading.of("api", tokenize("api"), Spelling(), WORDS)) == ()


def test_every_word_of_a_pattern_is_looked_for() -> None:
    rules = parse_hazards(HAZARDS, "hazards.csv", NAMED, Spelling())
    phrases = set(chain.from_iterable(cue for rule in rules for pattern in rule.patterns for cue in pattern))
    assert phrases == {("kebakaran",), ("anak",), ("ibu",), ("rumah", "terbakar"), ("pohon", "miring")}


@pytest.mark.parametrize("text", ["ibu dan balita terkunci", "terkunci ibu, balita", "balita dan ibu terkunci"])
def test_a_word_of_two_cues_does_not_displace_the_other_one_beside_itself(text: str) -> None:
    named = {"orang": frozenset({("ibu",), ("balita",)})}
    hazards = "name,pattern_words,effect,harmless_sense\nterkunci,terkunci + <orang> + balita,darurat,\n"
    rules = Rules(parse_hazards(hazards, "hazards.csv", named, Spelling()))
    assert [hit.name for hit in rules.find(Reading.of(text, tokenize(text), Spelling(), WORDS))] == ["terkunci"]
