"""The sums of `model.batch` as machine code, by numba; needs the extra ``[fast]``.

Owns nothing but the loop. Numba knows no float16, so the rows are held a second time as float32.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from model.compiled_words import CompiledWords, is_plain
from model.table import Floats, Keys, Table

Slots = NDArray[np.int32]
# Rows and norms of the tokens of the table, then those of forms it does not hold.
_TokenArrays = tuple[Floats, Floats, Floats, Floats]
# Rows and norms of pairs, their keys, the slots that lead to them, and the shift that gives a slot.
_PairArrays = tuple[Floats, Floats, Keys, Slots, int]
_EMPTY = -1
# Fibonacci hashing: multiply by 2**64 over the golden ratio, keep the upper bits.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class CompiledSums:
    """Scores (n, K) from numbered words; the first call compiles, some seconds once a machine."""

    def __init__(self, table: Table) -> None:
        arrays = table.arrays
        keys = np.ascontiguousarray(arrays.pair_keys)
        slots, shift = _hash_keys(keys)
        self._tokens = (arrays.token_rows.astype(np.float32), np.ascontiguousarray(arrays.token_norms))
        self._pairs = (arrays.pair_rows.astype(np.float32), np.ascontiguousarray(arrays.pair_norms), keys, slots, shift)
        self._words = CompiledWords(table)
        self._bias = np.ascontiguousarray(arrays.bias)

    def is_plain(self, text: str) -> bool:
        """Whether `find_words` can read a text."""
        return is_plain(text)

    def find_words(self, texts: Sequence[bytes]) -> tuple[Keys, Keys, Keys]:
        """As `model.compiled_words.CompiledWords.find`."""
        return self._words.find(texts)

    def __call__(self, words: Keys, owners: Keys, n_texts: int, more_rows: Floats, more_norms: Floats) -> Floats:
        """Scores of ``n_texts`` texts: ``words`` numbered as in `model.batch`, ``owners`` ascending text numbers."""
        starts = np.searchsorted(owners, np.arange(n_texts + 1))
        scores = np.empty((n_texts, len(self._bias)), dtype=np.float32)
        _sum_texts(words, starts, (*self._tokens, more_rows, more_norms), self._pairs, self._bias, scores)
        return scores


def _hash_keys(keys: Keys) -> tuple[Slots, int]:
    """Places of the keys in a table of open addressing at most half full, and the shift that gives a slot."""
    bits = max(int(2 * len(keys) + 1).bit_length(), 1)
    slots = np.full(1 << bits, _EMPTY, dtype=np.int32)
    _fill_slots(keys, slots, 64 - bits)
    return slots, 64 - bits


@njit(cache=True, fastmath=True)
def _fill_slots(keys: Keys, slots: Slots, shift: int) -> None:
    for place in range(len(keys)):
        slot = (np.uint64(keys[place]) * _GOLDEN) >> np.uint64(shift)
        while slots[slot] != _EMPTY:
            slot = (slot + np.uint64(1)) & np.uint64(len(slots) - 1)
        slots[slot] = place


@njit(cache=True, fastmath=True)
def _find_pair(key: int, keys: Keys, slots: Slots, shift: int) -> int:
    slot = (np.uint64(key) * _GOLDEN) >> np.uint64(shift)
    while slots[slot] != _EMPTY:
        if keys[slots[slot]] == key:
            return int(slots[slot])
        slot = (slot + np.uint64(1)) & np.uint64(len(slots) - 1)
    return -1


@njit(cache=True, fastmath=True)
def _add_row(row: Floats, weight: np.float32, sums: Floats) -> None:
    for column in range(len(row)):
        sums[column] += weight * row[column]


@njit(cache=True, fastmath=True)
def _damp(count: int) -> np.float32:
    return np.float32(1.0) if count == 1 else np.float32(1.0 + np.log(count))


@njit(cache=True, fastmath=True)
def _sum_tokens(
    words: Keys, rows: Floats, norms: Floats, more_rows: Floats, more_norms: Floats, sums: Floats
) -> tuple[np.float32, np.float32]:
    ordered = np.sort(words)
    word_square, char_square = np.float32(0), np.float32(0)
    start = 0
    while start < len(ordered):
        stop = start + 1
        while stop < len(ordered) and ordered[stop] == ordered[start]:
            stop += 1
        number, weight = ordered[start], _damp(stop - start)
        if number < len(rows):
            _add_row(rows[number], weight, sums)
            word_square += weight * weight * norms[number, 0]
            char_square += weight * weight * norms[number, 1]
        else:
            _add_row(more_rows[number - len(rows)], weight, sums)
            char_square += weight * weight * more_norms[number - len(rows), 1]
        start = stop
    return word_square, char_square


@njit(cache=True, fastmath=True)
def _sum_pairs(words: Keys, n_rows: int, known: _PairArrays, sums: Floats) -> np.float32:
    pair_rows, pair_norms, keys, slots, shift = known
    places = np.empty(max(len(words) - 1, 0), dtype=np.int64)
    n_places = 0
    for place in range(len(words) - 1):
        if words[place] < n_rows and words[place + 1] < n_rows:
            found = _find_pair(words[place] * n_rows + words[place + 1], keys, slots, shift)
            if found >= 0:
                places[n_places] = found
                n_places += 1
    ordered = np.sort(places[:n_places])
    square = np.float32(0)
    start = 0
    while start < n_places:
        stop = start + 1
        while stop < n_places and ordered[stop] == ordered[start]:
            stop += 1
        weight = _damp(stop - start)
        _add_row(pair_rows[ordered[start]], weight, sums)
        square += weight * weight * pair_norms[ordered[start]]
        start = stop
    return square


@njit(cache=True, fastmath=True)
def _sum_texts(
    words: Keys, starts: Keys, known: _TokenArrays, pairs: _PairArrays, bias: Floats, scores: Floats
) -> None:
    rows, norms, more_rows, more_norms = known
    n_labels = len(bias)
    sums = np.empty(2 * n_labels, dtype=np.float32)
    for text in range(len(scores)):
        sums[:] = 0
        of_text = words[starts[text] : starts[text + 1]]
        word_square, char_square = _sum_tokens(of_text, rows, norms, more_rows, more_norms, sums)
        word_square += _sum_pairs(of_text, len(rows), pairs, sums[:n_labels])
        word_root = np.float32(1) / np.sqrt(word_square) if word_square > 0 else np.float32(0)
        char_root = np.float32(1) / np.sqrt(char_square) if char_square > 0 else np.float32(0)
        for label in range(n_labels):
            scores[text, label] = bias[label] + sums[label] * word_root + sums[n_labels + label] * char_root
