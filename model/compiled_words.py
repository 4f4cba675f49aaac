"""Finds and numbers the words of plain ASCII texts as machine code, by numba; needs the extra ``[fast]``.

Owns a second, equal way to cut and normalise words: what it finds is what `model.tokens` finds, and a test compares
them. Texts with masks or other characters are left to `model.tokens`.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from model.table import Table
from model.tokens import MAX_SCORED_TOKENS, MAX_TOKEN_CHARS

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
_UNKNOWN = -2
_EMPTY = -1
# 64-bit FNV-1a (Fowler, Noll, Vo); a hit is compared byte by byte, so that a collision cannot mistake a word.
_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_LOWER = np.array([code + 32 if 65 <= code <= 90 else code for code in range(256)], dtype=np.uint8)  # noqa: PLR2004  # A-Z
_IS_WORD = np.array([code < 128 and chr(code).isalnum() for code in range(256)])  # noqa: PLR2004  # ASCII
_IS_LETTER = np.array([code < 128 and chr(code).isalpha() for code in range(256)])  # noqa: PLR2004  # ASCII


def is_plain(text: str) -> bool:
    """Whether the words of a text can be found here."""
    return text.isascii() and "[" not in text


class CompiledWords:
    """Numbers the words of plain texts: their row in the table, or -2 with where the word stands in the bytes."""

    def __init__(self, table: Table) -> None:
        forms = [form.encode("ascii") for form in table.row_of if is_plain(form)]
        rows = [row for form, row in table.row_of.items() if is_plain(form)]
        self._letters = np.frombuffer(b"".join(forms) + b"\0", dtype=np.uint8)
        self._ends = np.cumsum([0, *map(len, forms)], dtype=np.int64)
        self._rows = np.array(rows, dtype=np.int64)
        self._slots = np.full(1 << max((2 * len(forms) + 1).bit_length(), 1), _EMPTY, dtype=np.int32)
        _fill(self._letters, self._ends, self._slots)

    def find(self, texts: Sequence[bytes]) -> tuple[Places, Places, Places]:
        """Number of each word (-2: unknown), its start and stop in the joined texts, and how many each text has.

        Returns
        -------
        numbers, spans, lengths
            (n,), (n, 2) and (len(texts),); words beyond ``MAX_SCORED_TOKENS`` of a text are left out.
        """
        joined = np.frombuffer(b"".join(texts) + b" ", dtype=np.uint8)
        ends = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        numbers = np.empty(len(joined) // 2 + len(texts) + 1, dtype=np.int64)
        spans = np.empty((len(numbers), 2), dtype=np.int64)
        lengths = np.empty(len(texts), dtype=np.int64)
        known = (self._letters, self._ends, self._rows, self._slots)
        n_words = _find_words(joined, ends, known, numbers, spans, lengths)
        return numbers[:n_words], spans[:n_words], lengths


@njit(cache=True)
def _hash(letters: Bytes, start: int, stop: int) -> np.uint64:
    code = _FNV_OFFSET
    for place in range(start, stop):
        code = (code ^ np.uint64(letters[place])) * _FNV_PRIME
    return code ^ (code >> np.uint64(29))


@njit(cache=True)
def _fill(letters: Bytes, ends: Places, slots: NDArray[np.int32]) -> None:
    last = np.uint64(len(slots) - 1)
    for place in range(len(ends) - 1):
        slot = _hash(letters, ends[place], ends[place + 1]) & last
        while slots[slot] != _EMPTY:
            slot = (slot + np.uint64(1)) & last
        slots[slot] = place


@njit(cache=True)
def _is_same(letters: Bytes, start: int, word: Bytes, length: int) -> bool:
    for place in range(length):  # noqa: SIM110  # compiled by numba, which knows no generators here
        if letters[start + place] != word[place]:
            return False
    return True


@njit(cache=True)
def _look_up(word: Bytes, length: int, known: tuple[Bytes, Places, Places, NDArray[np.int32]]) -> int:
    letters, ends, rows, slots = known
    last = np.uint64(len(slots) - 1)
    slot = _hash(word, 0, length) & last
    while slots[slot] != _EMPTY:
        place = slots[slot]
        if ends[place + 1] - ends[place] == length and _is_same(letters, ends[place], word, length):
            return rows[place]  # type: ignore[no-any-return]  # numba gives a whole number
        slot = (slot + np.uint64(1)) & last
    return _UNKNOWN


@njit(cache=True)
def _normalise(joined: Bytes, start: int, stop: int, word: Bytes) -> int:
    """Write the lower-case form into ``word``, letters that stand three times or more once; gives its length."""
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
def _find_words(
    joined: Bytes,
    ends: Places,
    known: tuple[Bytes, Places, Places, NDArray[np.int32]],
    numbers: Places,
    spans: Places,
    lengths: Places,
) -> int:
    word = np.empty(MAX_TOKEN_CHARS, dtype=np.uint8)
    n_words = 0
    for text in range(len(lengths)):
        first = n_words
        place = ends[text]
        while place < ends[text + 1] and n_words - first < MAX_SCORED_TOKENS:
            if not _IS_WORD[joined[place]]:
                place += 1
                continue
            start = place
            while place < ends[text + 1] and _IS_WORD[joined[place]]:
                place += 1
            numbers[n_words] = _look_up(word, _normalise(joined, start, place, word), known)
            spans[n_words, 0] = start
            spans[n_words, 1] = place
            n_words += 1
        lengths[text] = n_words - first
    return n_words
