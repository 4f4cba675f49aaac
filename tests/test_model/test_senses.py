import pytest

from model.senses import HARMLESS_REACH, Reading, SenseWords
from model.spelling import Spelling
from model.tokens import tokenize

WORDS = SenseWords(frozenset({"tidak", "bukan"}), frozenset({"ada", "terjadi"}), frozenset({"jika", "mencegah"}))


def read(text: str) -> Reading:
    return Reading.of(text, tokenize(text), Spelling({"gak": ("tidak",), "kbkr": ("ke", "bakar")}), WORDS)


def is_meant(text: str, word: str = "kebakaran", *harmless: str) -> bool:
    reading = read(text)
    start = reading.forms.index(word)
    return reading.is_meant(start, start + 1, harmless)


@pytest.mark.parametrize("text", ["bukan kebakaran", "gak ada kebakaran", "tidak terjadi kebakaran"])
def test_a_negation_right_before_stops(text: str) -> None:
    assert not is_meant(text)


@pytest.mark.parametrize("text", ["kebakaran", "tidak bisa keluar kebakaran", "tidak. kebakaran", "ada kebakaran"])
def test_a_negation_of_something_else_does_not_stop(text: str) -> None:
    assert is_meant(text)


@pytest.mark.parametrize("text", ["jika suatu saat ada kebakaran", "untuk mencegah kebakaran"])
def test_a_danger_only_thought_of_stops(text: str) -> None:
    assert not is_meant(text)


@pytest.mark.parametrize("text", ["kami tanya jika boleh. kebakaran", "jika boleh kirim orang ke sini lagi kebakaran"])
def test_a_thought_in_another_sentence_or_far_away_does_not_stop(text: str) -> None:
    assert is_meant(text)


def test_a_harmless_phrase_stops_from_either_side_as_far_as_it_reaches() -> None:
    near, far = "lalu " * (HARMLESS_REACH - 2), "lalu " * HARMLESS_REACH
    assert not is_meant(f"tahun dulu {near}kebakaran", "kebakaran", " tahun dulu ")
    assert not is_meant(f"kebakaran {near}tahun dulu", "kebakaran", " tahun dulu ")
    assert is_meant(f"tahun dulu {far}kebakaran", "kebakaran", " tahun dulu ")


def test_a_span_covers_what_was_written() -> None:
    text = "Tolong, KBKR!"
    assert text[slice(*read(text).span(1, 3))] == "KBKR"


def test_a_capital_says_something_only_in_a_text_that_is_not_all_capitals() -> None:
    assert read("dekat Mawar").is_capitalised(1)
    assert not read("DEKAT MAWAR").is_capitalised(1)
    assert not read("dekat mawar").is_capitalised(1)


def test_whether_a_text_is_all_capitals_is_asked_once() -> None:
    class Counted(str):
        __slots__ = ()
        n_asked = 0

        def isupper(self) -> bool:
            Counted.n_asked += 1
            return super().isupper()

    text = Counted("DEKAT MAWAR " * 100)
    reading = Reading.of(text, tokenize(text), Spelling(), WORDS)
    assert not any(reading.is_capitalised(place) for place in range(200))
    assert Counted.n_asked == 1
