"""Scores many masked texts at once from a table; the answers are those of `model.table.Table`, up to rounding.

Owns the work on batches. The sums run in numpy, or compiled where the caller gives `model.compiled`.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.table import Floats, Keys, Table
from model.tokens import MAX_SCORED_CHARS, MAX_SCORED_TOKENS, find_words, normalise_token

N_TEXTS = 256
# Random words make each a row of its own; so many characters hold some thirty thousand of them.
N_CHARS = 131_072
# As in model.tokens: what is longer than a word people write is not worth remembering.
N_CACHED_WORDS = 65_536
MAX_CACHED_CHARS = 24
_PASSED_OVER = -1


class _Numbers(dict[str, int]):
    """The number of each written word: its row in the table, or V and up for a form the table does not hold.

    -1 stands for a word of which nothing can be read. Bounded: when full it starts anew with the words of the table.
    """

    def __init__(self, table: Table) -> None:
        super().__init__(table.row_of)
        self._row_of = table.row_of
        self._n_rows = len(table.row_of)
        self.unknown: dict[str, int] = {}

    def __missing__(self, word: str) -> int:
        form = normalise_token(word)
        if not form:
            number = _PASSED_OVER
        else:
            number = self._row_of.get(form, -1)
            if number < 0:
                number = self._n_rows + self.unknown.setdefault(form, len(self.unknown))
        if len(word) <= MAX_CACHED_CHARS:
            self[word] = number
        return number

    def is_full(self) -> bool:
        """Whether more words are remembered than wanted."""
        return len(self) > self._n_rows + N_CACHED_WORDS or len(self.unknown) > N_CACHED_WORDS


class Sums(Protocol):
    """What can take the place of the sums in numpy: `model.compiled.CompiledSums`."""

    @property
    def n_remembered(self) -> int:
        """How many forms that the table does not hold are kept for the next texts."""

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Scores (n, K) of masked texts, none of them longer than ``MAX_SCORED_CHARS``."""

    def forget(self) -> None:
        """Keep nothing of the texts that were scored."""


class BatchScorer:
    """Scores masked texts by the rows of a table.

    Parameters
    ----------
    table
        The table of a bundle.
    sums
        Compiled sums of the same table, where numba is installed; without them the sums run in numpy.
    """

    def __init__(self, table: Table, sums: Sums | None = None) -> None:
        self._table = table
        self._sums = sums
        self._start_anew()

    def score(self, texts: Sequence[str]) -> Floats:
        """Scores (n, K) of masked texts, each read as far as `Classifier.classify` reads it."""
        scores = np.empty((len(texts), self._table.n_labels), dtype=np.float32)
        for start, stop in _cut(texts):
            part = [text[:MAX_SCORED_CHARS] for text in texts[start:stop]]
            scores[start:stop] = self._score_part(part) if self._sums is None else self._sums(part)
            if self._is_full():
                self._start_anew()
        return scores

    def _is_full(self) -> bool:
        return self._numbers.is_full() if self._sums is None else self._sums.n_remembered > N_CACHED_WORDS

    def _start_anew(self) -> None:
        if self._sums is not None:
            self._sums.forget()
        self._numbers = _Numbers(self._table)
        self._more_rows = np.zeros((0, 2 * self._table.n_labels), dtype=np.float32)
        self._more_norms = np.zeros((0, 2), dtype=np.float32)

    def _score_part(self, texts: Sequence[str]) -> Floats:
        words, owners = self._number(texts)
        self._add_unknown()
        return self._sum(words, owners, len(texts))

    def _number(self, texts: Sequence[str]) -> tuple[Keys, Keys]:
        """Numbers of the words of all texts, and the text of each."""
        look_up = self._numbers.__getitem__
        found = [list(map(look_up, find_words(text))) for text in texts]
        found = [_read_on(words) if len(words) > MAX_SCORED_TOKENS else words for words in found]
        lengths = np.array([len(words) for words in found], dtype=np.int64)
        words = np.fromiter(chain.from_iterable(found), dtype=np.int64, count=int(lengths.sum()))
        owners = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
        is_read = words >= 0
        return words[is_read], owners[is_read]

    def _add_unknown(self) -> None:
        """Sum the rows of unknown forms that were met for the first time."""
        n_there = len(self._more_rows)
        forms = list(islice(self._numbers.unknown, n_there, None))
        if not forms:
            return
        n_labels = self._table.n_labels
        rows = np.zeros((len(forms), 2 * n_labels), dtype=np.float32)
        norms = np.zeros((len(forms), 2), dtype=np.float32)
        for place, form in enumerate(forms):
            rows[place, n_labels:], norms[place, 1] = self._table.spell_unknown(form)
        self._more_rows = np.vstack([self._more_rows, rows])
        self._more_norms = np.vstack([self._more_norms, norms])

    def _sum(self, words: Keys, owners: Keys, n_texts: int) -> Floats:
        arrays, n_labels = self._table.arrays, self._table.n_labels
        n_rows = len(arrays.tokens)
        texts, tokens, weights = _count(owners, words)
        rows = np.empty((len(tokens), 2 * n_labels), dtype=np.float32)
        norms = np.empty((len(tokens), 2), dtype=np.float32)
        is_known = tokens < n_rows
        rows[is_known], norms[is_known] = arrays.token_rows[tokens[is_known]], arrays.token_norms[tokens[is_known]]
        rows[~is_known] = self._more_rows[tokens[~is_known] - n_rows]
        norms[~is_known] = self._more_norms[tokens[~is_known] - n_rows]
        sums = _add_up(rows * weights[:, None], texts, n_texts)
        squares = _add_up(norms * (weights * weights)[:, None], texts, n_texts)
        pair_sums, pair_squares = self._sum_pairs(words, owners, n_texts)
        word_roots = _inverse_roots(squares[:, 0] + pair_squares)[:, None]
        char_roots = _inverse_roots(squares[:, 1])[:, None]
        scores = arrays.bias + (sums[:, :n_labels] + pair_sums) * word_roots + sums[:, n_labels:] * char_roots
        return np.asarray(scores, dtype=np.float32)

    def _sum_pairs(self, words: Keys, owners: Keys, n_texts: int) -> tuple[Floats, Floats]:
        arrays = self._table.arrays
        n_rows = len(arrays.tokens)
        first, second = words[:-1], words[1:]
        is_pair = (owners[:-1] == owners[1:]) & (first < n_rows) & (second < n_rows)
        keys = first[is_pair] * n_rows + second[is_pair]
        places = np.searchsorted(arrays.pair_keys, keys)
        is_there = places < len(arrays.pair_keys)
        is_there[is_there] = arrays.pair_keys[places[is_there]] == keys[is_there]
        texts, pairs, weights = _count(owners[:-1][is_pair][is_there], places[is_there])
        rows = arrays.pair_rows[pairs].astype(np.float32)
        norms = arrays.pair_norms[pairs] * weights * weights
        return (
            _add_up(rows * weights[:, None], texts, n_texts),
            np.bincount(texts, weights=norms, minlength=n_texts).astype(np.float32),
        )


def _cut(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Stretches of at most ``N_TEXTS`` texts and about ``N_CHARS`` characters."""
    start, n_chars = 0, 0
    for place, text in enumerate(texts):
        if place > start and (place - start == N_TEXTS or n_chars + len(text) > N_CHARS):
            yield start, place
            start, n_chars = place, 0
        n_chars += min(len(text), MAX_SCORED_CHARS)
    if start < len(texts):
        yield start, len(texts)


def _read_on(words: list[int]) -> list[int]:
    return [number for number in words if number >= 0][:MAX_SCORED_TOKENS]


def _count(owners: Keys, numbers: Keys) -> tuple[Keys, Keys, Floats]:
    """Text, number and damped count of each number that stands in a text, ordered by text."""
    width = int(numbers.max()) + 1 if len(numbers) else 1
    both, counts = np.unique(owners * width + numbers, return_counts=True)
    return both // width, both % width, (1 + np.log(counts)).astype(np.float32)


def _add_up(rows: Floats, texts: Keys, n_texts: int) -> Floats:
    """Sums (n_texts, …) of the rows of each text; ``texts`` is ascending."""
    sums = np.zeros((n_texts, rows.shape[1]), dtype=np.float32)
    if len(texts):
        starts = np.flatnonzero(np.r_[True, texts[1:] != texts[:-1]])
        sums[texts[starts]] = np.add.reduceat(rows, starts, axis=0)
    return sums


def _inverse_roots(squares: NDArray[np.float32]) -> Floats:
    roots = np.sqrt(squares)
    return np.divide(1, roots, out=np.zeros_like(roots), where=roots > 0)
