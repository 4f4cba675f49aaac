import pytest

from model.errors import DatasetError
from model.language import parse_language_words

WORDS = parse_language_words("minang,indonesian,note\nambo,saya,\naia,air,\nalah,sudah,ambiguous\n", "minang.csv")


def test_counts_the_share_of_minang_tokens() -> None:
    assert WORDS.shares(["aia", "mati", "ambo", "alah"]) == {"minang": 0.5}


def test_a_text_without_tokens_has_no_language() -> None:
    assert WORDS.shares([]) == {}


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DatasetError, match="column indonesian, note is missing"):
        parse_language_words("minang\nambo\n", "minang.csv")
