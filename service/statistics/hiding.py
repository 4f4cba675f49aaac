"""Hides small numbers of answers that everybody may see: cells of 1 to 4, and others by which they could be found."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from service.figures.durations import Durations
from service.figures.intervals import Rate
from service.figures.suppression import THRESHOLD, hide_in_row, hide_in_table

Hidden = tuple[int | None, ...]
_NO_RATE: Final = Rate(0.0, 0.0, None, None, None, enough=False)


def hide_table(rows: Sequence[Sequence[int]]) -> tuple[list[Hidden], list[int | None], int | None]:
    """The rows, their totals and the sum of all, with None where a number is hidden."""
    if not rows:
        return [], [], 0
    values = np.asarray(rows)
    hidden = hide_in_table(values)
    shown = [
        tuple(None if hides else int(n) for n, hides in zip(row, mask, strict=True))
        for row, mask in zip(values, hidden.cells, strict=True)
    ]
    totals = [None if hides else int(n) for n, hides in zip(values.sum(axis=1), hidden.rows, strict=True)]
    return shown, totals, None if hidden.total else int(values.sum())


def hide_row(counts: Sequence[int]) -> tuple[Hidden, int | None]:
    """The counts and their sum, with None where a number is hidden."""
    if not counts:
        return (), 0
    hidden = hide_in_row(counts)
    shown = tuple(None if hides else n for n, hides in zip(counts, hidden.cells, strict=True))
    return shown, None if hidden.total else sum(counts)


def hide_count(n: int) -> int | None:
    """A number that stands alone."""
    return None if 0 < n < THRESHOLD else n


def hide_rate(rate: Rate) -> Rate:
    """A rate without its numbers where few are in it, or few are not."""
    k, rest = rate.k, rate.n - rate.k
    return _NO_RATE if 0 < k < THRESHOLD or 0 < rest < THRESHOLD else rate


def hide_durations(durations: Durations | None) -> Durations | None:
    """Durations, unless few stand behind any of their counts."""
    if durations is None or not durations.enough:
        return None
    n_other = durations.n - durations.n_ended - durations.n_open
    counts = (durations.n, durations.n_ended, durations.n_open, n_other)
    return None if any(hide_count(n) is None for n in counts) else durations
