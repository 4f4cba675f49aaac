import pytest

from model.name_words import ADDRESSES, GIVEN_NAMES, ORDINARY


@pytest.mark.parametrize("words", [ADDRESSES, GIVEN_NAMES, ORDINARY], ids=["addresses", "given", "ordinary"])
def test_words_are_written_in_small_letters(words: frozenset[str]) -> None:
    assert all(word == word.lower().strip() for word in words)


def test_no_given_name_is_also_an_ordinary_word() -> None:
    assert not GIVEN_NAMES & (ORDINARY | ADDRESSES)
