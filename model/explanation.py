"""Which words decided: the exact fall of the margin when a stretch of the text is taken out.

The margin of a head is the score of its chosen label minus that of the runner-up. Taking tokens out lowers their
counts, breaks the pairs around them, joins their neighbours and changes both norms; all of it is recomputed, so a
weight equals the margin of the text minus the margin of the text without the stretch.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.prediction import Evidence
from model.table import Floats, Pair, Parts, Table, damp
from model.tokens import Tokens

N_EXPLAINED_TOKENS = 200
N_STRETCHES = 5
_LEAST_SHARE = 0.1

Doubles = NDArray[np.float64]
Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Rivals:
    """For each of H heads the columns of the chosen label and of its runner-up."""

    chosen: NDArray[np.int64]
    runners_up: NDArray[np.int64]

    def difference(self, rows: Floats) -> Doubles:
        """Rows (n, K) as differences (n, H) of chosen label and runner-up."""
        difference: Doubles = np.subtract(rows[..., self.chosen], rows[..., self.runners_up], dtype=np.float64)
        return difference


class Margins:
    """Margins (H,) of a text, whole or with a stretch of its tokens taken out."""

    def __init__(self, table: Table, forms: list[str], rivals: Rivals, parts: Parts | None = None) -> None:
        self._forms = forms
        self._table = table
        self._rivals = rivals
        self._parts = parts = parts or table.take_apart(forms)
        self._bias = rivals.difference(table.arrays.bias)
        self._words = rivals.difference(parts.word_rows)
        self._characters = rivals.difference(parts.char_rows)
        weights, pair_weights = damp(parts.token_counts), damp(parts.pair_counts)
        self._word_sum = weights @ self._words + pair_weights @ rivals.difference(parts.pair_rows)
        self._char_sum = weights @ self._characters
        squares = (weights * weights) @ parts.token_norms
        self._word_square = float(squares[0] + (pair_weights * pair_weights) @ parts.pair_norms)
        self._char_square = float(squares[1])

    def whole(self) -> Doubles:
        """Margins (H,) of the whole text."""
        squares = np.array([self._word_square]), np.array([self._char_square])
        return self._combine(self._word_sum[None], self._char_sum[None], *squares).ravel()

    def without_each(self, n_tokens: int) -> Doubles:
        """Margins (n_tokens, H) of the text without one of its first tokens at a time, all places at once."""
        counts = np.array(self._parts.token_counts, dtype=np.float64)
        index = self._parts.index_of_token
        rows = np.array([index[form] for form in self._forms[:n_tokens]], dtype=np.int64)
        steps, square_steps = _fall_all(counts, counts - 1)
        word_sum = self._word_sum - steps[rows, None] * self._words[rows]
        char_sum = self._char_sum - steps[rows, None] * self._characters[rows]
        word_square = self._word_square - square_steps[rows] * self._parts.token_norms[rows, 0]
        char_square = self._char_square - square_steps[rows] * self._parts.token_norms[rows, 1]
        self._take_pairs(n_tokens, word_sum, word_square)
        return self._combine(word_sum, char_sum, word_square, char_square)

    def _take_pairs(self, n_tokens: int, word_sum: Doubles, word_square: Doubles) -> None:
        """Take from each sum the pairs around its token, and add the pair that the neighbours then make."""
        changes = [self._changed_pairs(place, place + 1) for place in range(n_tokens)]
        pairs = [pair for change in changes for pair in change]
        places = [place for place, change in enumerate(changes) for _ in change]
        removed = [n_lost for change in changes for n_lost in change.values()]
        known, pair_rows, pair_norms = self._table.look_pairs_up(list(dict.fromkeys(pairs)))
        row_of = {pair: row for row, pair in enumerate(known)}
        rows = np.array([row_of.get(pair, -1) for pair in pairs], dtype=np.int64)
        is_known = rows >= 0
        if not is_known.any():
            return
        count_of = self._parts.count_of_pair
        before = np.array([count_of.get(pair, 0) for pair in pairs], dtype=np.float64)[is_known]
        steps, square_steps = _fall_all(before, before - np.array(removed, dtype=np.float64)[is_known])
        where, rows = np.array(places, dtype=np.int64)[is_known], rows[is_known]
        np.subtract.at(word_sum, where, steps[:, None] * self._rivals.difference(pair_rows)[rows])
        np.subtract.at(word_square, where, square_steps * pair_norms[rows])

    def without(self, stretches: Sequence[Stretch]) -> Doubles:
        """Margins (len(stretches), H) of the text without the tokens ``start`` to ``stop - 1`` of each stretch."""
        word_sum = np.tile(self._word_sum, (len(stretches), 1))
        char_sum = np.tile(self._char_sum, (len(stretches), 1))
        word_square = np.full(len(stretches), self._word_square)
        char_square = np.full(len(stretches), self._char_square)
        places, rows, steps, square_steps = _columns(self._token_falls(stretches))
        np.subtract.at(word_sum, places, steps[:, None] * self._words[rows])
        np.subtract.at(char_sum, places, steps[:, None] * self._characters[rows])
        np.subtract.at(word_square, places, square_steps * self._parts.token_norms[rows, 0])
        np.subtract.at(char_square, places, square_steps * self._parts.token_norms[rows, 1])
        changes = [self._changed_pairs(*stretch) for stretch in stretches]
        pairs = sorted({pair for change in changes for pair in change})
        known, pair_rows, pair_norms = self._table.look_pairs_up(pairs)
        row_of = {pair: row for row, pair in enumerate(known)}
        places, rows, steps, square_steps = _columns(self._pair_falls(changes, row_of))
        np.subtract.at(word_sum, places, steps[:, None] * self._rivals.difference(pair_rows)[rows])
        np.subtract.at(word_square, places, square_steps * pair_norms[rows])
        return self._combine(word_sum, char_sum, word_square, char_square)

    def _token_falls(self, stretches: Sequence[Stretch]) -> Iterator[tuple[int, int, float, float]]:
        counts, index = self._parts.token_counts, self._parts.index_of_token
        for place, (start, stop) in enumerate(stretches):
            for form, removed in Counter(self._forms[start:stop]).items():
                yield place, index[form], *_fall(counts[index[form]], removed)

    def _pair_falls(
        self, changes: Sequence[dict[Pair, int]], row_of: Mapping[Pair, int]
    ) -> Iterator[tuple[int, int, float, float]]:
        counts = self._parts.count_of_pair
        for place, change in enumerate(changes):
            for pair, removed in change.items():
                if removed and pair in row_of:
                    yield place, row_of[pair], *_fall(counts.get(pair, 0), removed)

    def _changed_pairs(self, start: int, stop: int) -> dict[Pair, int]:
        """How often each pair is lost (positive) or newly made (negative) when the stretch is taken out."""
        before, after = max(start - 1, 0), min(stop + 1, len(self._forms))
        changed: dict[Pair, int] = {}
        for pair in pairwise(self._forms[before:after]):
            changed[pair] = changed.get(pair, 0) + 1
        for pair in pairwise(self._forms[before:start] + self._forms[stop:after]):
            changed[pair] = changed.get(pair, 0) - 1
        return changed

    def _combine(self, word_sum: Doubles, char_sum: Doubles, word_square: Doubles, char_square: Doubles) -> Doubles:
        words = word_sum * _inverse_roots(word_square)[:, None]
        return np.asarray(self._bias + words + char_sum * _inverse_roots(char_square)[:, None])


def explain(
    table: Table, text: str, tokens: Tokens, columns: Mapping[str, Sequence[int]], parts: Parts | None = None
) -> dict[str, tuple[Evidence, ...]]:
    """The stretches that speak most for each head's choice, strongest first.

    Parameters
    ----------
    columns
        For each head the column of the chosen label and of the runner-up.
    text, tokens
        The masked text and its tokens; of a long text the first ``N_EXPLAINED_TOKENS`` tokens are looked at.
    parts
        The tokens as the table takes them apart, when somebody has done it already.
    """
    n_tokens = min(len(tokens.forms), N_EXPLAINED_TOKENS)
    if n_tokens == 0 or not columns:
        return dict.fromkeys(columns, ())
    margins = Margins(table, tokens.forms, Rivals(*np.array(list(columns.values()), dtype=np.int64).T), parts)
    whole = margins.whole()
    weights = whole - margins.without_each(n_tokens)
    chosen = [_join_neighbours(weights[:, number]) for number in range(len(columns))]
    falls = {(place, place + 1): fall for place, fall in enumerate(weights)}
    longer = sorted({stretch for of_head in chosen for stretch in of_head} - falls.keys())
    if longer:
        falls |= zip(longer, whole - margins.without(longer), strict=True)
    return {
        head: tuple(sorted((_describe(text, tokens, s, falls[s][number]) for s in chosen[number]), key=_by_weight))
        for number, head in enumerate(columns)
    }


def _join_neighbours(weights: Doubles) -> list[Stretch]:
    """The strongest tokens as stretches (start, stop); neighbours that both count are one stretch."""
    least = max(float(weights.max()) * _LEAST_SHARE, 1e-6)
    stretches: list[list[int]] = []
    for place in np.flatnonzero(weights >= least).tolist():
        if stretches and stretches[-1][1] == place:
            stretches[-1][1] = place + 1
        else:
            stretches.append([place, place + 1])
    stretches.sort(key=lambda stretch: -float(weights[stretch[0] : stretch[1]].sum()))
    return [(start, stop) for start, stop in stretches[:N_STRETCHES]]


def _describe(text: str, tokens: Tokens, stretch: Stretch, weight: float) -> Evidence:
    span = (tokens.starts[stretch[0]], tokens.ends[stretch[1] - 1])
    return Evidence(span, text[span[0] : span[1]], round(float(weight), 4))


def _by_weight(evidence: Evidence) -> tuple[float, int]:
    return -evidence.weight, evidence.span[0]


def _fall(count: int, removed: int) -> tuple[float, float]:
    """Fall of the damped count, and of its square, when ``removed`` of ``count`` occurrences go."""
    before, after = _damp_one(count), _damp_one(count - removed)
    return before - after, before * before - after * after


def _fall_all(before: Doubles, after: Doubles) -> tuple[Doubles, Doubles]:
    """`_fall` of many counts, given before and after."""
    damped, left = (np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0.0) for counts in (before, after))
    return damped - left, damped * damped - left * left


def _damp_one(count: int) -> float:
    return 1 + math.log(count) if count > 0 else 0.0


def _columns(
    falls: Iterator[tuple[int, int, float, float]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], Doubles, Doubles]:
    places, rows, steps, square_steps = tuple(zip(*falls, strict=True)) or ((), (), (), ())
    return (
        np.array(places, dtype=np.int64),
        np.array(rows, dtype=np.int64),
        np.array(steps, dtype=np.float64),
        np.array(square_steps, dtype=np.float64),
    )


def _inverse_roots(squares: Doubles) -> Doubles:
    # What is left of a norm after subtracting its parts may be a rounding error instead of zero.
    return np.asarray(np.where(squares > 1e-6, 1 / np.sqrt(np.maximum(squares, 1e-6)), 0.0))  # noqa: PLR2004  # as just said
