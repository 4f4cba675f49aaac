"""Hides small numbers of answers that everybody may see, so that no other public answer tells them.

Every number is public in one table of one period alone: counts by calendar month, shares and durations by calendar
year (`find_public_span`). What several tables share, totals by key and by outcome, is hidden by the same rule in each.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final, Literal

import numpy as np

from service.figures.durations import Durations
from service.figures.intervals import Rate, estimate_rate
from service.figures.suppression import THRESHOLD, hide_in_row, hide_in_table
from service.statistics.asking import Period

Hidden = tuple[int | None, ...]
PublicSpan = Literal["month", "year"]
NO_RATE: Final = Rate(0.0, 0.0, None, None, None, enough=False)
_DECEMBER: Final = 12


def find_public_span(period: Period, today: date) -> PublicSpan | None:
    """Whether a period is one calendar month or one calendar year, and over; None where it is neither."""
    last = monthrange(period.end.year, period.end.month)[1]
    if period.end >= today or period.start.day != 1 or period.end.day != last or period.start.year != period.end.year:
        return None
    if period.start.month == period.end.month:
        return "month"
    return "year" if (period.start.month, period.end.month) == (1, _DECEMBER) else None


def hide_count(n: int) -> int | None:
    """A number that stands alone."""
    return None if 0 < n < THRESHOLD else n


def hide_parts(counts: Sequence[int], whole: int) -> Hidden:
    """The parts of a whole that other tables tell too; what they leave over is a part of its own.

    Where they are no parts of it (more than the whole), none is shown.
    """
    rest = whole - sum(counts)
    if rest < 0:
        return (None,) * len(counts)
    hidden = hide_in_row([*counts, rest])
    return tuple(None if hides else n for n, hides in zip(counts, hidden.cells, strict=False))


def hide_table(rows: Sequence[Sequence[int]], whole: Sequence[int]) -> list[tuple[Hidden, int | None]]:
    """The cells of each row and its total; ``whole`` has the sums of the columns, which other tables tell too."""
    if not rows:
        return []
    counts = np.asarray(rows)
    rest = np.asarray(whole) - counts.sum(axis=0)
    if (rest < 0).any():
        return [((None,) * len(row), None) for row in rows]
    values = np.vstack([counts, rest])
    totals, of_columns = hide_in_row(values.sum(axis=1)).cells, hide_in_row(values.sum(axis=0)).cells
    table = hide_in_table(values, rows=totals, columns=of_columns)
    found: list[tuple[Hidden, int | None]] = []
    for place, row in enumerate(rows):
        cells = tuple(None if hides else int(n) for n, hides in zip(row, table.cells[place], strict=True))
        found.append((cells, None if totals[place] else int(sum(row))))
    return found


def hide_rates(pairs: Sequence[tuple[int, int]], whole: tuple[int, int] | None = None) -> list[Rate]:
    """Rates of hits among tries, without those by which few hits or few misses could be found.

    The sums of hits and tries are taken to be known: any table of them shows its own. ``whole`` has them where the
    keys are not all.
    """
    if not pairs:
        return []
    counts = np.array([(k, n - k) for k, n in pairs])
    sums = counts.sum(axis=0) if whole is None else np.array([whole[0], whole[1] - whole[0]])
    rest = sums - counts.sum(axis=0)
    if (counts < 0).any() or (rest < 0).any():
        return [NO_RATE] * len(pairs)
    table = hide_in_table(np.vstack([counts, rest]), columns=np.zeros(2, dtype=bool))
    is_shown = ~(table.cells.any(axis=1) | table.rows)
    rates = [estimate_rate(*pair) for pair in pairs]
    return [rate if shows and rate.enough else NO_RATE for rate, shows in zip(rates, is_shown, strict=False)]


def hide_whole(k: int, n: int) -> Rate:
    """The rate of all together."""
    rate, rest = estimate_rate(k, n), n - k
    return NO_RATE if 0 < k < THRESHOLD or 0 < rest < THRESHOLD or not rate.enough else rate


def hide_durations(durations: Durations | None) -> Durations | None:
    """How long things took without the counts behind it, which stand in other tables, if there are enough."""
    if durations is None or not durations.enough:
        return None
    return replace(durations, n=None, n_ended=None, n_open=None, within_clock=None)
