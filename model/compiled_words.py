"""Finds and numbers the words of ASCII texts as machine code, by numba; needs the extra ``[fast]``.

Owns a second, equal way to cut and normalise words: what it finds is what `model.tokens` finds, and a test compares
them. Other texts are put into ASCII by `to_plain`, with the same words.
"""

import re
from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from model.compiled_keys import EMPTY, Slots
from model.table import Table
from model.tokens import MASK_KINDS, MAX_SCORED_TOKENS, MAX_TOKEN_CHARS, find_forms

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
# Letters of all forms one after the other, where each begins and the last ends, and the slots that lead to them.
_Forms = tuple[Bytes, Places, Slots]
_UNKNOWN = -2
# 64-bit FNV-1a (Fowler, Noll, Vo); a hit is compared byte by byte, so that a collision cannot mistake a word.
_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_LOWER = np.array([code + 32 if 65 <= code <= 90 else code for code in range(256)], dtype=np.uint8)  # noqa: PLR2004  # A-Z
_IS_WORD = np.array([code < 128 and chr(code).isalnum() for code in range(256)])  # noqa: PLR2004  # ASCII
_IS_LETTER = np.array([code < 128 and chr(code).isalpha() for code in range(256)])  # noqa: PLR2004  # ASCII
_MASK_START = ord("[")
_MASKS = np.frombuffer("".join(f"[{kind}]" for kind in MASK_KINDS).encode("ascii"), dtype=np.uint8)
_MASK_ENDS = np.cumsum([0, *(len(kind) + 2 for kind in MASK_KINDS)], dtype=np.int64)
_FOREIGN_LETTER = re.compile(r"[^\W\x00-\x7f]")


def to_plain(text: str) -> bytes:
    """A text in ASCII with the same tokens; most texts are so already, or but for punctuation and emoji."""
    if not text.isascii() and _FOREIGN_LETTER.search(text):
        text = " ".join(find_forms(text))
    return text.encode("ascii", "replace")


class CompiledWords:
    """Numbers the words of ASCII texts: their row in the table, or V and up for forms that were learnt after it."""

    def __init__(self, table: Table) -> None:
        forms = [form.encode("ascii") for form in table.row_of]
        self._n_table = self.n_forms = len(forms)
        self.letters = np.frombuffer(b"".join(forms) + b"\0", dtype=np.uint8).copy()
        self.ends = np.cumsum([0, *map(len, forms)], dtype=np.int64)
        self._fill_slots(len(forms))

    def find(self, texts: Sequence[bytes]) -> tuple[Places, Places, Places]:
        """Number of each word (-2: unknown), its start and stop in the joined texts, and how many each text has.

        Returns
        -------
        numbers, spans, lengths
            (n,), (n, 2) and (len(texts),); words beyond ``MAX_SCORED_TOKENS`` of a text are left out.
        """
        return self._find(_join(texts), texts)

    def number(self, texts: Sequence[bytes]) -> tuple[Places, Places]:
        """Number of each word, and how many each text has; unknown forms are learnt, and get the numbers that follow.

        ``letters[ends[number] : ends[number + 1]]`` is the form of a number, ``n_forms`` how many there are.
        """
        joined = _join(texts)
        numbers, spans, lengths = self._find(joined, texts)
        unknown = np.flatnonzero(numbers == _UNKNOWN)
        if len(unknown):
            self._make_room(len(unknown))
            forms = (self.letters, self.ends, self._slots)
            self.n_forms = _learn(joined, spans, unknown, forms, self.n_forms, numbers)
        return numbers, lengths

    def forget(self) -> None:
        """Keep the forms of the table only."""
        self.n_forms = self._n_table
        self.letters = self.letters[: self.ends[self.n_forms] + 1].copy()
        self.ends = self.ends[: self.n_forms + 1].copy()
        self._fill_slots(self.n_forms)

    def _find(self, joined: Bytes, texts: Sequence[bytes]) -> tuple[Places, Places, Places]:
        ends = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        numbers = np.empty(len(joined) // 2 + len(texts) + 1, dtype=np.int64)
        spans = np.empty((len(numbers), 2), dtype=np.int64)
        lengths = np.empty(len(texts), dtype=np.int64)
        n_words = _find_words(joined, ends, (self.letters, self.ends, self._slots), numbers, spans, lengths)
        return numbers[:n_words], spans[:n_words], lengths

    def _make_room(self, n_more: int) -> None:
        """For so many more forms of any length; doubled each time, so that growing costs little."""
        n_wanted = self.n_forms + n_more
        n_letters = int(self.ends[self.n_forms]) + n_more * MAX_TOKEN_CHARS
        if n_letters > len(self.letters):
            self.letters = np.concatenate([self.letters, np.zeros(n_letters, dtype=np.uint8)])
        if n_wanted >= len(self.ends):
            self.ends = np.concatenate([self.ends, np.zeros(n_wanted, dtype=np.int64)])
        if 2 * n_wanted > len(self._slots):
            self._fill_slots(2 * n_wanted)

    def _fill_slots(self, n_wanted: int) -> None:
        self._slots = np.full(1 << max((2 * n_wanted + 1).bit_length(), 1), EMPTY, dtype=np.int32)
        _fill(self.letters, self.ends, self.n_forms, self._slots)


def _join(texts: Sequence[bytes]) -> Bytes:
    return np.frombuffer(b"".join(texts) + b" ", dtype=np.uint8)


@njit(cache=True)
def _hash(letters: Bytes, start: int, stop: int) -> np.uint64:
    code = _FNV_OFFSET
    for place in range(start, stop):
        code = (code ^ np.uint64(letters[place])) * _FNV_PRIME
    return code ^ (code >> np.uint64(29))


@njit(cache=True)
def _fill(letters: Bytes, ends: Places, n_forms: int, slots: Slots) -> None:
    last = np.uint64(len(slots) - 1)
    for place in range(n_forms):
        slot = _hash(letters, ends[place], ends[place + 1]) & last
        while slots[slot] != EMPTY:
            slot = (slot + np.uint64(1)) & last
        slots[slot] = place


@njit(cache=True)
def _is_same(letters: Bytes, start: int, word: Bytes, length: int) -> bool:
    for place in range(length):  # noqa: SIM110  # compiled by numba, which knows no generators here
        if letters[start + place] != word[place]:
            return False
    return True


@njit(cache=True)
def _find_slot(word: Bytes, length: int, forms: _Forms) -> np.uint64:
    """The slot of a form, or the empty one where it belongs."""
    letters, ends, slots = forms
    last = np.uint64(len(slots) - 1)
    slot = _hash(word, 0, length) & last
    while slots[slot] != EMPTY:
        place = slots[slot]
        if ends[place + 1] - ends[place] == length and _is_same(letters, ends[place], word, length):
            break
        slot = (slot + np.uint64(1)) & last
    return slot


@njit(cache=True)
def _measure_mask(joined: Bytes, start: int, stop: int) -> int:
    """The length of the mask that begins at ``start``; 0 where none does."""
    for kind in range(len(_MASK_ENDS) - 1):
        length = _MASK_ENDS[kind + 1] - _MASK_ENDS[kind]
        if length <= stop - start and _is_same(_MASKS, _MASK_ENDS[kind], joined[start : start + length], length):
            return length  # type: ignore[no-any-return]  # numba gives a whole number
    return 0


@njit(cache=True)
def _normalise(joined: Bytes, start: int, stop: int, word: Bytes) -> int:
    """Write the form into ``word``, letters that stand three times or more once; gives its length."""
    if joined[start] == _MASK_START:
        word[: stop - start] = joined[start:stop]
        return stop - start
    length = 0
    place = start
    while place < stop and length < MAX_TOKEN_CHARS:
        letter = _LOWER[joined[place]]
        after = place + 1
        while after < stop and _LOWER[joined[after]] == letter:
            after += 1
        repeats = after - place
        if repeats > 2 and _IS_LETTER[letter]:  # noqa: PLR2004  # as model.tokens
            repeats = 1
        for _ in range(min(repeats, MAX_TOKEN_CHARS - length)):
            word[length] = letter
            length += 1
        place = after
    return length


@njit(cache=True)
def _learn(joined: Bytes, spans: Places, unknown: Places, forms: _Forms, n_forms: int, numbers: Places) -> int:
    """Number the words at the places ``unknown``, adding each form once; gives how many forms there are then."""
    letters, ends, slots = forms
    word = np.empty(MAX_TOKEN_CHARS, dtype=np.uint8)
    for place in unknown:
        length = _normalise(joined, spans[place, 0], spans[place, 1], word)
        slot = _find_slot(word, length, forms)
        if slots[slot] == EMPTY:
            slots[slot] = n_forms
            ends[n_forms + 1] = ends[n_forms] + length
            letters[ends[n_forms] : ends[n_forms + 1]] = word[:length]
            n_forms += 1
        numbers[place] = slots[slot]
    return n_forms


@njit(cache=True)
def _find_words(joined: Bytes, ends: Places, forms: _Forms, numbers: Places, spans: Places, lengths: Places) -> int:
    slots = forms[2]
    word = np.empty(MAX_TOKEN_CHARS, dtype=np.uint8)
    n_words = 0
    for text in range(len(lengths)):
        first, place, stop = n_words, ends[text], ends[text + 1]
        while place < stop and n_words - first < MAX_SCORED_TOKENS:
            start = place
            if joined[place] == _MASK_START:
                place += _measure_mask(joined, place, stop)
            else:
                while place < stop and _IS_WORD[joined[place]]:
                    place += 1
            if place == start:
                place += 1
                continue
            number = slots[_find_slot(word, _normalise(joined, start, place, word), forms)]
            numbers[n_words] = number if number != EMPTY else _UNKNOWN
            spans[n_words, 0] = start
            spans[n_words, 1] = place
            n_words += 1
        lengths[text] = n_words - first
    return n_words
