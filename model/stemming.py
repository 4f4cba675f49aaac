"""Roots of Indonesian words, by Sastrawi with its list of 29,932 roots turned into a set.

Owns the only use of Sastrawi, for grouping the keywords of a report on a bundle; classifying needs no roots and
must not import this. Sastrawi's code is MIT, its word list (kata-dasar) CC BY-NC-SA 3.0: the list never enters a
bundle; what a bundle shows are its own words, in the order the roots gave them.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib import import_module
from typing import Protocol

from model.errors import PilahError

# Beyond this a word is noise, and Sastrawi's time grows faster than its length.
MAX_WORD_CHARS = 40
REMEMBERED_WORDS = 50_000

# Never a hyphen: Sastrawi's patterns for doubled words take quadratic time on a run of them.
_STEMMABLE = re.compile(rf"[a-z0-9]{{1,{MAX_WORD_CHARS}}}")


class _WordStemmer(Protocol):
    """What is used of Sastrawi's stemmer."""

    def stem_word(self, word: str) -> str: ...


class _RootSet:
    """Sastrawi's dictionary interface over a set; as shipped, every look-up reads a list from its start."""

    def __init__(self, roots: Iterable[str]) -> None:
        self._roots = frozenset(root for root in roots if root.strip())

    def contains(self, word: str) -> bool:
        return word in self._roots

    def count(self) -> int:
        return len(self._roots)


class Stemmer:
    """Finds the root of a word: ``Stemmer().stem("perbaikan") == "baik"``.

    The results are Sastrawi's own, word for word; the last ``REMEMBERED_WORDS`` are remembered.

    Raises
    ------
    PilahError
        When Sastrawi is not installed.
    """

    def __init__(self) -> None:
        self._stem = lru_cache(REMEMBERED_WORDS)(_load_sastrawi().stem_word)

    def stem(self, word: str) -> str:
        """The root of a token of `model.tokens`; a word too long or not of ``[a-z0-9]`` is returned as it is."""
        return self._stem(word) if _STEMMABLE.fullmatch(word) else word


def _load_sastrawi() -> _WordStemmer:
    try:
        factory = import_module("Sastrawi.Stemmer.StemmerFactory").StemmerFactory()
        stemmer: _WordStemmer = import_module("Sastrawi.Stemmer.Stemmer").Stemmer(_RootSet(factory.get_words()))
    except ImportError as error:
        raise PilahError(
            "Sastrawi, which finds the roots of words, is not installed. It is part of the training tools: "
            "install pilah[training]."
        ) from error
    return stemmer
