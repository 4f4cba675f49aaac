"""Scores tokens that a table does not hold by their n-grams, as machine code, by numba; needs the extra ``[fast]``.

Owns a second, equal way to do what `model.table.Table.spell_unknown` does; a test compares them.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from model.compiled_keys import Slots, find_key, hash_keys
from model.table import Floats, Keys, Table
from model.tokens import LONGEST_NGRAM, MAX_TOKEN_CHARS, NGRAM_BASE, SHORTEST_NGRAM, ngram_digit

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
# Rows and weights of n-grams, their keys, the slots that lead to them, and the shift that gives a slot.
_NgramArrays = tuple[Floats, Floats, Keys, Slots, int]
_DIGITS = np.array([ngram_digit(chr(code)) for code in range(256)], dtype=np.int64)
_BORDER = ngram_digit(" ")
_MASK_START = ord("[")


class CompiledNgrams:
    """Spells tokens from the n-grams of a table."""

    def __init__(self, table: Table) -> None:
        arrays = table.arrays
        keys = np.ascontiguousarray(arrays.ngram_keys)
        slots, shift = hash_keys(keys)
        rows, weights = arrays.ngram_rows.astype(np.float32), np.ascontiguousarray(arrays.ngram_weights)
        self._known: _NgramArrays = (rows, weights, keys, slots, shift)

    def spell(self, letters: Bytes, ends: Places, rows: Floats, norms: Floats) -> None:
        """Write the character row (K,) and squared norm of each form ``letters[ends[i]:ends[i + 1]]``."""
        _spell(letters, ends, self._known, rows, norms)


@njit(cache=True)
def _code_ngrams(letters: Bytes, codes: Places) -> int:
    """As `model.tokens.ngram_codes`; gives how many there are."""
    if letters[0] == _MASK_START:
        return 0
    n_codes = 0
    length = len(letters) + 2
    for start in range(length):
        code = 0
        for place in range(start, min(start + LONGEST_NGRAM, length)):
            digit = _BORDER if place in (0, length - 1) else _DIGITS[letters[place - 1]]
            code = code * NGRAM_BASE + digit
            if place - start + 1 >= SHORTEST_NGRAM:
                codes[n_codes] = code
                n_codes += 1
    return n_codes


@njit(cache=True, fastmath=True)
def _spell(letters: Bytes, ends: Places, known: _NgramArrays, rows: Floats, norms: Floats) -> None:
    ngram_rows, ngram_weights, keys, slots, shift = known
    codes = np.empty((MAX_TOKEN_CHARS + 2) * (LONGEST_NGRAM - SHORTEST_NGRAM + 1), dtype=np.int64)
    for form in range(len(norms)):
        rows[form, :] = 0
        norms[form] = 0
        n_codes = _code_ngrams(letters[ends[form] : ends[form + 1]], codes)
        ordered = np.sort(codes[:n_codes])
        start = 0
        while start < n_codes:
            stop = start + 1
            while stop < n_codes and ordered[stop] == ordered[start]:
                stop += 1
            place = find_key(ordered[start], keys, slots, shift)
            if place >= 0:
                count = np.float32(stop - start)
                for label in range(rows.shape[1]):
                    rows[form, label] += count * ngram_rows[place, label]
                norms[form] += (count * ngram_weights[place]) ** 2
            start = stop
