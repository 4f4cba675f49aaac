"""The scores of `model.batch` as machine code, by numba; needs the extra ``[fast]``.

Owns the loop over texts. Numba knows no float16, so the rows are held a second time as float32.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit

from model.compiled_keys import Slots, find_key, hash_keys
from model.compiled_ngrams import CompiledNgrams
from model.compiled_words import CompiledWords, to_plain
from model.table import Floats, Keys, Table

# Rows and norms of the tokens of the table, then character rows and norms of forms it does not hold.
_TokenArrays = tuple[Floats, Floats, Floats, Floats]
# Rows and norms of pairs, their keys, the slots that lead to them, and the shift that gives a slot.
_PairArrays = tuple[Floats, Floats, Keys, Slots, int]


class CompiledSums:
    """Scores (n, K) of masked texts; the first call compiles, some seconds once a machine. Not for many threads."""

    def __init__(self, table: Table) -> None:
        arrays = table.arrays
        keys = np.ascontiguousarray(arrays.pair_keys)
        slots, shift = hash_keys(keys)
        self._tokens = (arrays.token_rows.astype(np.float32), np.ascontiguousarray(arrays.token_norms))
        self._pairs = (arrays.pair_rows.astype(np.float32), np.ascontiguousarray(arrays.pair_norms), keys, slots, shift)
        self._words = CompiledWords(table)
        self._ngrams = CompiledNgrams(table)
        self._bias = np.ascontiguousarray(arrays.bias)
        self.forget()

    @property
    def n_remembered(self) -> int:
        """How many forms that the table does not hold are kept for the next texts."""
        return self._words.n_forms - len(self._tokens[0])

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Scores of texts, none of them longer than ``MAX_SCORED_CHARS``."""
        words, lengths = self._words.number([to_plain(text) for text in texts])
        self._spell()
        starts = np.cumsum([0, *lengths.tolist()], dtype=np.int64)
        scores = np.empty((len(texts), len(self._bias)), dtype=np.float32)
        _sum_texts(words, starts, (*self._tokens, self._rows, self._norms), self._pairs, self._bias, scores)
        return scores

    def forget(self) -> None:
        """Keep nothing of the texts that were scored."""
        self._words.forget()
        self._rows = np.empty((0, len(self._bias)), dtype=np.float32)
        self._norms = np.empty(0, dtype=np.float32)
        self._n_spelled = 0

    def _spell(self) -> None:
        """Rows and norms of the forms that were met for the first time."""
        n_before, n_now, n_table = self._n_spelled, self.n_remembered, len(self._tokens[0])
        if n_now > len(self._norms):
            self._rows = np.concatenate([self._rows, np.empty((n_now, len(self._bias)), dtype=np.float32)])
            self._norms = np.concatenate([self._norms, np.empty(n_now, dtype=np.float32)])
        if n_now > n_before:
            ends = self._words.ends[n_table + n_before : n_table + n_now + 1]
            self._ngrams.spell(self._words.letters, ends, self._rows[n_before:n_now], self._norms[n_before:n_now])
        self._n_spelled = n_now


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
            _add_row(more_rows[number - len(rows)], weight, sums[more_rows.shape[1] :])
            char_square += weight * weight * more_norms[number - len(rows)]
        start = stop
    return word_square, char_square


@njit(cache=True, fastmath=True)
def _sum_pairs(words: Keys, n_rows: int, known: _PairArrays, sums: Floats) -> np.float32:
    pair_rows, pair_norms, keys, slots, shift = known
    places = np.empty(max(len(words) - 1, 0), dtype=np.int64)
    n_places = 0
    for place in range(len(words) - 1):
        if words[place] < n_rows and words[place + 1] < n_rows:
            found = find_key(words[place] * n_rows + words[place + 1], keys, slots, shift)
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
