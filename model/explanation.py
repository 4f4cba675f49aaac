"""Which words decided: the exact fall of the margin when a stretch of the text is taken out.

The margin of a head is the score of its chosen label minus that of the runner-up. Taking tokens out lowers their
counts, breaks the pairs around them, joins their neighbours and changes both norms; all of it is recomputed, so a
weight equals the margin of the text minus the margin of the text without the stretch.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.prediction import Evidence
from model.table import Floats, Parts, Table, damp
from model.tokens import Tokens

N_EXPLAINED_TOKENS = 200
N_STRETCHES = 5
_LEAST_SHARE = 0.1

Pair = tuple[str, str]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rivals:
    """For each of H heads the columns of the chosen label and of its runner-up."""

    chosen: NDArray[np.int64]
    runners_up: NDArray[np.int64]

    def difference(self, rows: Floats) -> Floats:
        """Rows (n, K) as differences (n, H) of chosen label and runner-up."""
        return rows[..., self.chosen] - rows[..., self.runners_up]


class Margins:
    """Margins (H,) of a text, whole or with a stretch of its tokens taken out."""

    def __init__(self, table: Table, forms: list[str], rivals: Rivals) -> None:
        self._forms = forms
        self._table = table
        self._rivals = rivals
        self._parts = parts = table.take_apart(forms)
        self._bias = rivals.difference(table.arrays.bias)
        self._words = rivals.difference(parts.word_rows)
        self._characters = rivals.difference(parts.char_rows)
        self._pairs = rivals.difference(parts.pair_rows)
        weights, pair_weights = damp(parts.token_counts), damp(parts.pair_counts)
        self._word_sum = (weights @ self._words + pair_weights @ self._pairs).astype(np.float64)
        self._char_sum = (weights @ self._characters).astype(np.float64)
        squares = (weights * weights) @ parts.token_norms
        self._word_square = float(squares[0] + (pair_weights * pair_weights) @ parts.pair_norms)
        self._char_square = float(squares[1])

    def whole(self) -> NDArray[np.float64]:
        """Margins of the whole text."""
        return self._combine(self._word_sum, self._char_sum, self._word_square, self._char_square)

    def without(self, start: int, stop: int) -> NDArray[np.float64]:
        """Margins of the text without the tokens ``start`` to ``stop - 1``."""
        word_sum, word_square = self._word_sum.copy(), self._word_square
        char_sum, char_square = self._char_sum.copy(), self._char_square
        for form, removed in Counter(self._forms[start:stop]).items():
            row = self._parts.index_of_token[form]
            step, step_of_square = _fall(self._parts.token_counts[row], removed)
            word_sum -= step * self._words[row]
            char_sum -= step * self._characters[row]
            word_square -= step_of_square * float(self._parts.token_norms[row, 0])
            char_square -= step_of_square * float(self._parts.token_norms[row, 1])
        for pair, removed in self._changed_pairs(start, stop).items():
            difference, norm, count = self._look_pair_up(pair)
            step, step_of_square = _fall(count, removed)
            word_sum -= step * difference
            word_square -= step_of_square * norm
        return self._combine(word_sum, char_sum, word_square, char_square)

    def _changed_pairs(self, start: int, stop: int) -> Counter[Pair]:
        """How often each pair is lost (positive) or newly made (negative) when the stretch is taken out."""
        before, after = max(start - 1, 0), min(stop + 1, len(self._forms))
        lost = Counter(pairwise(self._forms[before:after]))
        lost.subtract(pairwise(self._forms[before:start] + self._forms[stop:after]))
        return lost

    def _look_pair_up(self, pair: Pair) -> tuple[NDArray[np.float32], float, int]:
        row = self._parts.index_of_pair.get(pair)
        if row is not None:
            return self._pairs[row], float(self._parts.pair_norms[row]), self._parts.pair_counts[row]
        found: Parts = self._table.take_apart(list(pair))
        if not found.pair_counts:
            return np.zeros(len(self._bias), np.float32), 0.0, 0
        return self._rivals.difference(found.pair_rows[0]), float(found.pair_norms[0]), 0

    def _combine(
        self, word_sum: Doubles, char_sum: Doubles, word_square: float, char_square: float
    ) -> NDArray[np.float64]:
        return np.asarray(
            self._bias + word_sum * _inverse_root(word_square) + char_sum * _inverse_root(char_square), np.float64
        )


def explain(
    table: Table, text: str, tokens: Tokens, columns: Mapping[str, Sequence[int]]
) -> dict[str, tuple[Evidence, ...]]:
    """The stretches that speak most for each head's choice, strongest first.

    Parameters
    ----------
    columns
        For each head the column of the chosen label and of the runner-up.
    text, tokens
        The masked text and its tokens; of a long text the first ``N_EXPLAINED_TOKENS`` tokens are looked at.
    """
    rivals = Rivals(*np.array(list(columns.values()), dtype=np.int64).T)
    margins = Margins(table, tokens.forms, rivals)
    whole = margins.whole()
    n_tokens = min(len(tokens.forms), N_EXPLAINED_TOKENS)
    if n_tokens == 0:
        return dict.fromkeys(columns, ())
    weights = whole - np.array([margins.without(place, place + 1) for place in range(n_tokens)])
    explanation = {}
    for number, head in enumerate(columns):
        stretches = _join_neighbours(weights[:, number])
        evidence = (_describe(text, tokens, whole[number] - margins.without(*s)[number], s) for s in stretches)
        explanation[head] = tuple(sorted(evidence, key=lambda stretch: -stretch.weight))
    return explanation


def _join_neighbours(weights: NDArray[np.float64]) -> list[tuple[int, int]]:
    """The strongest tokens as stretches (start, stop); neighbours that both count are one stretch."""
    least = max(float(weights.max()) * _LEAST_SHARE, 1e-6)
    strongest = sorted(int(place) for place in np.argsort(-weights, kind="stable") if weights[place] >= least)
    stretches: list[list[int]] = []
    for place in strongest:
        if stretches and stretches[-1][1] == place:
            stretches[-1][1] = place + 1
        else:
            stretches.append([place, place + 1])
    stretches.sort(key=lambda stretch: -float(weights[stretch[0] : stretch[1]].sum()))
    return [(start, stop) for start, stop in stretches[:N_STRETCHES]]


def _describe(text: str, tokens: Tokens, weight: float, stretch: tuple[int, int]) -> Evidence:
    span = (tokens.starts[stretch[0]], tokens.ends[stretch[1] - 1])
    return Evidence(span, text[span[0] : span[1]], round(float(weight), 4))


def _fall(count: int, removed: int) -> tuple[float, float]:
    """Fall of the damped count, and of its square, when ``removed`` of ``count`` occurrences go."""
    before, after = _damp_one(count), _damp_one(count - removed)
    return before - after, before * before - after * after


def _damp_one(count: int) -> float:
    return 1 + float(np.log(count)) if count > 0 else 0.0


def _inverse_root(square: float) -> float:
    # What is left of a norm after subtracting its parts may be a rounding error instead of zero.
    return float(1 / np.sqrt(square)) if square > 1e-6 else 0.0  # noqa: PLR2004
