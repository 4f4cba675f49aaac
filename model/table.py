"""The compiled classifier: what each known token adds to the score of every label of every head.

The linear model over words, word pairs and in-word character n-grams is additive per token once both blocks are
divided by a token-orthogonal norm, ``N² = Σ_t w_t² ‖φ(t)‖²`` with ``w_t = 1 + ln(count)``, so a text is a weighted
sum of rows. Rows are for reading only.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache, partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.tokens import ngram_codes

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Keys = NDArray[np.int64]
Pair = tuple[str, str]
N_CACHED_TOKENS = 8192


@dataclass(frozen=True, slots=True)
class TableArrays:
    """The arrays of a table with V tokens, B token pairs, G n-grams and K labels (all heads side by side).

    ``token_rows`` (V, 2K): left half the word block, right half the character block, tf-idf folded in.
    ``token_norms`` (V, 2): squared norms of the two blocks. ``pair_keys`` (B,) ascending, ``first * V + second``.
    ``ngram_keys`` (G,) ascending codes of `model.tokens.ngram_codes`; ``ngram_weights`` (G,) their idf.
    """

    tokens: tuple[str, ...]
    token_rows: Halves
    token_norms: Floats
    pair_keys: Keys
    pair_rows: Halves
    pair_norms: Floats
    ngram_keys: Keys
    ngram_rows: Halves
    ngram_weights: Floats
    bias: Floats


_ARRAY_NAMES = tuple(entry.name for entry in fields(TableArrays) if entry.name != "tokens")


@dataclass(frozen=True, slots=True)
class Parts:
    """A text taken apart: n distinct tokens and m distinct known pairs with their rows.

    ``word_rows``, ``char_rows`` (n, K), ``token_norms`` (n, 2), ``pair_rows`` (m, K), ``pair_norms`` (m,);
    ``index_of_token`` gives the row of a token, ``token_counts`` and ``count_of_pair`` (in row order) how often.
    """

    index_of_token: dict[str, int]
    token_counts: list[int]
    word_rows: Floats
    char_rows: Floats
    token_norms: Floats
    count_of_pair: dict[Pair, int]
    pair_rows: Floats
    pair_norms: Floats

    @property
    def pair_counts(self) -> list[int]:
        """How often each pair stands in the text, in row order."""
        return list(self.count_of_pair.values())


class Table:
    """Scores texts from the arrays of a bundle; safe to share between threads."""

    def __init__(self, arrays: TableArrays) -> None:
        # Plain views: indexing a memory map itself costs some microseconds each time, for what nobody asks of it.
        views = {name: np.asarray(getattr(arrays, name)) for name in _ARRAY_NAMES}
        self.arrays = replace(arrays, **views)  # type: ignore[arg-type]  # the tokens are not among them
        self.n_labels = len(arrays.bias)
        self.row_of = {token: row for row, token in enumerate(arrays.tokens)}
        # Of the arrays, not of this table: what holds itself waits for a search for garbage when it is replaced.
        self._remembered = lru_cache(maxsize=N_CACHED_TOKENS)(partial(_sum_ngrams, self.arrays))

    @property
    def n_cached_tokens(self) -> int:
        """How many unknown tokens are kept for the next text, at most ``N_CACHED_TOKENS``."""
        return self._remembered.cache_info().currsize

    def spell_unknown(self, form: str) -> tuple[Floats, float]:
        """Character row (K,) and squared norm of a token that the table does not hold, kept for the next text."""
        return self._remembered(form)

    def knows_any(self, forms: Sequence[str]) -> bool:
        """Whether a token is in the vocabulary; the others are scored by their n-grams alone."""
        return any(form in self.row_of for form in forms)

    def share_unknown(self, forms: Sequence[str]) -> float:
        """The share in [0, 1] of tokens that are not in the vocabulary; 0 of none."""
        row_of = self.row_of
        return sum(form not in row_of for form in forms) / len(forms) if forms else 0.0

    def score(self, forms: list[str]) -> Floats:
        """Scores (K,) of a text given as its token forms; the bias alone where no token is known."""
        return self.sum_parts(self.take_apart(forms))

    def sum_parts(self, parts: Parts) -> Floats:
        """Scores (K,) of a text taken apart."""
        weights = damp(parts.token_counts)
        pair_weights = damp(parts.pair_counts)
        squares = (weights * weights) @ parts.token_norms
        word_norm = squares[0] + (pair_weights * pair_weights) @ parts.pair_norms
        words = weights @ parts.word_rows + pair_weights @ parts.pair_rows
        characters = weights @ parts.char_rows
        scores = self.arrays.bias + words * _inverse_root(word_norm) + characters * _inverse_root(squares[1])
        return scores.astype(np.float32, copy=False)

    def take_apart(self, forms: list[str]) -> Parts:
        """Look the tokens and token pairs of a text up."""
        counts = Counter(forms)
        index_of_token = {form: row for row, form in enumerate(counts)}
        word_rows, char_rows, norms = self._look_tokens_up(list(counts))
        pair_counts = Counter(pairwise(forms))
        known, pair_rows, pair_norms = self.look_pairs_up(list(pair_counts))
        count_of_pair = {pair: pair_counts[pair] for pair in known}
        return Parts(
            index_of_token, list(counts.values()), word_rows, char_rows, norms, count_of_pair, pair_rows, pair_norms
        )

    def look_pairs_up(self, pairs: Sequence[Pair]) -> tuple[list[Pair], Floats, Floats]:
        """Those of the (distinct) pairs that the table holds, their rows (m, K) and squared norms (m,)."""
        keys, row_of, n_tokens = self.arrays.pair_keys, self.row_of, len(self.row_of)
        candidates = [pair for pair in pairs if pair[0] in row_of and pair[1] in row_of]
        wanted = np.array([row_of[first] * n_tokens + row_of[second] for first, second in candidates], dtype=np.int64)
        rows = np.searchsorted(keys, wanted)
        is_known = rows < len(keys)
        is_known[is_known] = keys[rows[is_known]] == wanted[is_known]
        rows = rows[is_known]
        known = [pair for pair, is_there in zip(candidates, is_known.tolist(), strict=True) if is_there]
        return known, self.arrays.pair_rows[rows].astype(np.float32), self.arrays.pair_norms[rows]

    def _look_tokens_up(self, forms: list[str]) -> tuple[Floats, Floats, Floats]:
        rows = np.array([self.row_of.get(form, -1) for form in forms], dtype=np.int64)
        if not self.row_of:
            both = np.zeros((len(forms), 2 * self.n_labels), np.float32)
            norms = np.zeros((len(forms), 2), np.float32)
        else:
            both = self.arrays.token_rows[rows].astype(np.float32)
            norms = self.arrays.token_norms[rows]
        for place in np.flatnonzero(rows < 0):
            both[place, : self.n_labels] = 0
            both[place, self.n_labels :], norms[place, 1] = self.spell_unknown(forms[place])
            norms[place, 0] = 0
        return both[:, : self.n_labels], both[:, self.n_labels :], norms


def damp(counts: list[int]) -> Floats:
    """Damped counts ``1 + ln(count)`` (sublinear term frequency)."""
    return (1 + np.log(np.array(counts, dtype=np.float32))).astype(np.float32)


def _inverse_root(square: np.float32) -> np.float32:
    return np.float32(1 / np.sqrt(square)) if square > 0 else np.float32(0)


def _sum_ngrams(arrays: TableArrays, form: str) -> tuple[Floats, float]:
    """Character row (K,) and squared norm of a token that the table does not hold."""
    keys = arrays.ngram_keys
    codes, counts = np.unique(np.array(ngram_codes(form), dtype=np.int64), return_counts=True)
    rows = np.searchsorted(keys, codes)
    is_known = rows < len(keys)
    is_known[is_known] = keys[rows[is_known]] == codes[is_known]
    rows = rows[is_known]
    weights = counts[is_known].astype(np.float32)
    norm = float(np.sum((weights * arrays.ngram_weights[rows]) ** 2))
    return (weights @ arrays.ngram_rows[rows]).astype(np.float32), norm
