"""What of a masked text may be a new word: words and pairs of words, without places, numbers, masks and names.

Pure. Words are those of the text layer. A name that no cue announced is told by its capital letter in mid-sentence;
that a word is mostly written so is seen only over many texts, so that what was seen is handed on with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from model.name_words import ADDRESSES, GIVEN_NAMES
from model.places import Gazetteer
from model.tokens import Tokens, tokenize

_SHORTEST: Final = 3
_ENDS: Final = frozenset(".!?:;\n\"'()-")
# Who capitalises more words than this tells nothing by it.
_SHOUTED: Final = 0.5
_LEAST_JUDGED: Final = 4


@dataclass(frozen=True, slots=True)
class Terms:
    """The words and pairs of one text, and which words stood in mid-sentence there, small and with a capital."""

    words: frozenset[str]
    pairs: frozenset[str]
    small: frozenset[str]
    capital: frozenset[str]


def read_terms(text: str, gazetteer: Gazetteer) -> Terms:
    """The terms of a masked text, each once; a pair is two of its words beside each other."""
    tokens = tokenize(text)
    placed = _find_placed(tokens, gazetteer)
    usable = [place not in placed and _is_usable(form) for place, form in enumerate(tokens.forms)]
    small, capital = _read_case(text, tokens)
    pairs = {
        f"{one} {other}"
        for place, (one, other) in enumerate(zip(tokens.forms, tokens.forms[1:], strict=False))
        if usable[place] and usable[place + 1] and text[tokens.ends[place] : tokens.starts[place + 1]].isspace()
    }
    words = {form for form, may in zip(tokens.forms, usable, strict=True) if may}
    return Terms(frozenset(words), frozenset(pairs), frozenset(small & words), frozenset(capital & words))


def _is_usable(form: str) -> bool:
    return len(form) >= _SHORTEST and form.isalpha() and form not in GIVEN_NAMES and form not in ADDRESSES


def _find_placed(tokens: Tokens, gazetteer: Gazetteer) -> set[int]:
    """The tokens that name a place."""
    spans = [place.span for place in gazetteer.find(tokens)]
    starts = enumerate(tokens.starts)
    return {place for place, start in starts if any(first <= start < last for first, last in spans)} if spans else set()


def _read_case(text: str, tokens: Tokens) -> tuple[set[str], set[str]]:
    """Words in mid-sentence that begin small, and those that begin with a capital and go on small."""
    small, capital = set(), set()
    for form, word in _list_mid_sentence(text, tokens):
        if word.islower():
            small.add(form)
        elif word[0].isupper() and word[1:].islower():
            capital.add(form)
    n_read = len(small) + len(capital)
    is_shouted = n_read >= _LEAST_JUDGED and len(capital) > _SHOUTED * n_read
    return (set(), set()) if is_shouted else (small, capital)


def _list_mid_sentence(text: str, tokens: Tokens) -> Iterator[tuple[str, str]]:
    for form, start, end in zip(tokens.forms, tokens.starts, tokens.ends, strict=True):
        before = text[:start].rstrip(" ")[-1:] if start else ""
        if before and before not in _ENDS:
            yield form, text[start:end]
