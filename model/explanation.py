"""Which words decided: the exact fall of the margin when a stretch of the text is taken out.

The margin of a head is the score of its chosen label minus that of the runner-up. Taking tokens out lowers their
counts, breaks the pairs around them, joins their neighbours and changes both norms; all of it is recomputed, so a
weight equals the margin of the text minus the margin of the text without the stretch.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
        self._rows = [parts.index_of_token[form] for form in forms]
        n_tokens = len(parts.token_counts)
        self._row_of_pair = {pair: row for row, pair in enumerate(parts.count_of_pair, n_tokens)}
        # The row of each token with its follower, None where the table does not hold the pair.
        self._pair_rows = [self._row_of_pair.get(pair) for pair in pairwise(forms)]
        self._counts = [*parts.token_counts, *parts.pair_counts]
        self._bias = rivals.difference(table.arrays.bias)
        # A row for each token and behind them for each pair, which says nothing of characters.
        self._terms = _stack(
            np.hstack([rivals.difference(parts.word_rows), rivals.difference(parts.char_rows)]),
            rivals.difference(parts.pair_rows),
        )
        self._norms = _stack(parts.token_norms.astype(np.float64), parts.pair_norms[:, None])
        weights = damp(self._counts)
        self._sums = weights @ self._terms
        squares = weights * weights
        word_square, char_square = squares[:n_tokens] @ parts.token_norms
        self._squares = np.array([word_square + squares[n_tokens:] @ parts.pair_norms, char_square], dtype=np.float64)

    def whole(self) -> Doubles:
        """Margins (H,) of the whole text."""
        return self._combine(self._sums[None], self._squares[None]).ravel()

    def without(self, stretches: Sequence[Stretch]) -> Doubles:
        """Margins (len(stretches), H) of the text without the tokens ``start`` to ``stop - 1`` of each stretch."""
        made = [self._find_made(*stretch) for stretch in stretches]
        new = {pair for pair in made if pair is not None and pair not in self._row_of_pair}
        known, new_rows, new_norms = self._table.look_pairs_up(sorted(new))
        row_of, terms, norms = self._row_of_pair, self._terms, self._norms
        if known:
            row_of = row_of | {pair: row for row, pair in enumerate(known, len(terms))}
            terms = _stack(terms, self._rivals.difference(new_rows))
            norms = _stack(norms, new_norms[:, None])
        changes = self._list_changes(stretches, [row_of.get(pair) if pair else None for pair in made])
        places, rows, steps, square_steps = zip(*changes, strict=True)
        falls = np.zeros((2, len(stretches), len(terms)))
        falls[0, places, rows] = steps
        falls[1, places, rows] = square_steps
        return self._combine(self._sums - falls[0] @ terms, self._squares - falls[1] @ norms)

    def _list_changes(
        self, stretches: Sequence[Stretch], made: Sequence[int | None]
    ) -> list[tuple[int, int, float, float]]:
        """Number of a stretch, row of a term, and the falls of its damped count and square, in any order."""
        changes = []
        for place, ((start, stop), new) in enumerate(zip(stretches, made, strict=True)):
            gone = self._rows[start:stop]
            gone += [row for row in self._pair_rows[max(start - 1, 0) : stop] if row is not None]
            if new is None and len(set(gone)) == len(gone):
                changes += [(place, row, *_fall(self._counts[row], 1)) for row in gone]
                continue
            counts = Counter(gone)
            if new is not None:
                counts[new] -= 1
            changes += [(place, row, *_fall(self._count(row), removed)) for row, removed in counts.items() if removed]
        return changes

    def _count(self, row: int) -> int:
        return self._counts[row] if row < len(self._counts) else 0

    def _find_made(self, start: int, stop: int) -> Pair | None:
        """The pair that the neighbours of a stretch make when it is taken out."""
        forms = self._forms
        return (forms[start - 1], forms[stop]) if start > 0 and stop < len(forms) else None

    def _combine(self, sums: Doubles, squares: Doubles) -> Doubles:
        n_heads = len(self._bias)
        roots = _inverse_roots(squares)
        return np.asarray(self._bias + sums[:, :n_heads] * roots[:, :1] + sums[:, n_heads:] * roots[:, 1:])


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
    weights: list[list[float]] = (whole - margins.without([(place, place + 1) for place in range(n_tokens)])).tolist()
    chosen = [_join_neighbours(list(of_head)) for of_head in zip(*weights, strict=True)]
    falls = {(place, place + 1): fall for place, fall in enumerate(weights)}
    longer = sorted({stretch for of_head in chosen for stretch in of_head} - falls.keys())
    if longer:
        falls |= zip(longer, (whole - margins.without(longer)).tolist(), strict=True)
    return {
        head: tuple(sorted((_describe(text, tokens, s, falls[s][number]) for s in chosen[number]), key=_by_weight))
        for number, head in enumerate(columns)
    }


def _join_neighbours(weights: list[float]) -> list[Stretch]:
    """The strongest tokens as stretches (start, stop); neighbours that both count are one stretch."""
    least = max(max(weights) * _LEAST_SHARE, 1e-6)
    stretches: list[list[int]] = []
    for place, weight in enumerate(weights):
        if weight < least:
            continue
        if stretches and stretches[-1][1] == place:
            stretches[-1][1] = place + 1
        else:
            stretches.append([place, place + 1])
    stretches.sort(key=lambda stretch: -sum(weights[stretch[0] : stretch[1]]))
    return [(start, stop) for start, stop in stretches[:N_STRETCHES]]


def _describe(text: str, tokens: Tokens, stretch: Stretch, weight: float) -> Evidence:
    span = (tokens.starts[stretch[0]], tokens.ends[stretch[1] - 1])
    return Evidence(span, text[span[0] : span[1]], round(weight, 4))


def _by_weight(evidence: Evidence) -> tuple[float, int]:
    return -evidence.weight, evidence.span[0]


# Few numbers come back in every text, and two logarithms cost more than a look.
@lru_cache(maxsize=1024)
def _fall(count: int, removed: int) -> tuple[float, float]:
    """Fall of the damped count, and of its square, when ``removed`` of ``count`` occurrences go."""
    before, after = _damp_one(count), _damp_one(count - removed)
    return before - after, before * before - after * after


def _damp_one(count: int) -> float:
    return 1 + math.log(count) if count > 0 else 0.0


def _stack(first: Doubles, second: Doubles | Floats) -> Doubles:
    """Rows below rows; where those below have fewer columns, nought stands in the others."""
    stacked = np.zeros((len(first) + len(second), first.shape[1]))
    stacked[: len(first)] = first
    stacked[len(first) :, : second.shape[1]] = second
    return stacked


def _inverse_roots(squares: Doubles) -> Doubles:
    # What is left of a norm after subtracting its parts may be a rounding error instead of zero.
    return np.asarray(np.where(squares > 1e-6, 1 / np.sqrt(np.maximum(squares, 1e-6)), 0.0))  # noqa: PLR2004  # as just said
