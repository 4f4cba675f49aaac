"""Public tables without small cells: those of 1 to 4 are hidden, and as many others that no hidden one can be found.

What can be found is judged as an attacker would: every total that is shown is an equation, no count is negative, and
since zeros are shown a hidden cell is known to be at least 1. Only one table is judged at a time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from service.figures.counts import Flags, Floats, read_counts
from service.figures.errors import FigureError
from service.figures.paths import Cell, find_way

THRESHOLD = 5  # DESIGN 6: a cell of 1 to 4 reports may point at somebody
_TOTAL_COST = 1e6  # a total is hidden only where no cell can do it
_ZERO_COST = 1e9  # and a zero, last


@dataclass(frozen=True, slots=True)
class HiddenTable:
    """Which cells and totals of a table are hidden; True is hidden.

    ``cells`` has shape (n_rows, n_columns), ``rows`` and ``columns`` are their totals, ``total`` the grand one.
    ``withheld`` says that nothing of the table may be shown.
    """

    cells: Flags
    rows: Flags
    columns: Flags
    total: bool
    withheld: bool


@dataclass(frozen=True, slots=True)
class HiddenRow:
    """Which cells of a row of counts are hidden, shape (n,), and whether its total is."""

    cells: Flags
    total: bool


def hide_in_row(counts: ArrayLike, threshold: int = THRESHOLD) -> HiddenRow:
    """Hide cells of 1 to threshold - 1 of a row whose total is shown, and the smallest others that protect them.

    The hidden cells are at least two, sum to the threshold or more, and are not all 1: their sum is what the rest
    leaves over. Where the cells cannot do that, the total is hidden too.

    Raises
    ------
    FigureError
        A count is negative or no whole number.
    """
    values = _read_whole(counts, 1)
    hidden: Flags = (values > 0) & (values < threshold)
    by_size = [place for place in np.argsort(values, kind="stable") if values[place] >= threshold]
    while hidden.any() and not _is_safe_sum(values[hidden], threshold):
        if not by_size:
            return HiddenRow(hidden, total=True)
        hidden[by_size.pop(0)] = True
    return HiddenRow(hidden, total=False)


def hide_in_table(counts: ArrayLike, threshold: int = THRESHOLD) -> HiddenTable:
    """Hide small cells of a table whose row, column and grand totals are shown, and others that protect them.

    After it, with everything that is shown known: (1) every hidden number can be another one, also when counts must
    be whole and not negative, and so no linear combination of totals gives it; (2) the hidden cells of a row or
    column whose total is shown sum to the threshold or more.

    Source: Cox (1995), J. Am. Stat. Assoc. 90, 1453-1462 (a cell of a two-way table is safe if it lies on a cycle of
    hidden cells along which counts can move); Willenborg & de Waal (2001), Elements of Statistical Disclosure
    Control. The cycles are the cheapest by the counts they hide, one hidden cell after the other: safe, but not
    the fewest cells possible.

    Parameters
    ----------
    counts : array_like of int, shape (n_rows, n_columns)
        Not negative. Zeros are shown, since nobody is in them.
    threshold : int
        The smallest count that is shown.

    Raises
    ------
    FigureError
        A count is negative or no whole number.
    """
    values = _add_totals(_read_whole(counts, 2))
    hidden: Flags = (values > 0) & (values < threshold)
    is_judged = np.zeros_like(hidden)
    while (hidden & ~is_judged).any():
        for row, column in np.argwhere(hidden & ~is_judged):
            cycle = _find_cycle(values, hidden, (int(row), int(column)))
            if cycle is None:
                return _read_hidden(np.ones_like(hidden), withheld=True)
            for cell in cycle:
                hidden[cell] = True
            is_judged[row, column] = True
        _protect_lines(values, hidden, threshold)
        _protect_lines(values.T, hidden.T, threshold)
    return _read_hidden(hidden, withheld=False)


def _read_whole(counts: ArrayLike, n_dimensions: int) -> Floats:
    values = read_counts(counts, "counts", n_dimensions)
    if (values != np.rint(values)).any():
        raise FigureError("A table to hide cells in holds a number that is no count. Give counts, not rates.")
    return values


def _is_safe_sum(values: Floats, threshold: int) -> bool:
    return values.size > 1 and values.sum() >= threshold and values.sum() > values.size


def _add_totals(cells: Floats) -> Floats:
    with_rows = np.column_stack([cells, cells.sum(axis=1)])
    return np.vstack([with_rows, with_rows.sum(axis=0)])


def _find_cycle(values: Floats, hidden: Flags, cell: Cell) -> list[Cell] | None:
    """The cheapest cells to hide so that this one can move up or down by one; empty where it can already.

    Totals enter their row and column with the opposite sign, so that every line sums to 0 and what one entry gains
    another must lose.
    """
    sign = np.ones_like(values)
    sign[:-1, -1] = sign[-1, :-1] = -1
    cost = np.where(hidden, 0.0, np.where(values > 0, values, _ZERO_COST))
    cost = cost + np.where(hidden, 0.0, _TOTAL_COST) * _is_total(values)
    can_fall = values > 1  # a hidden number is at least 1
    up = np.where((sign > 0) | can_fall, cost, np.inf)
    down = np.where((sign < 0) | can_fall, cost, np.inf)
    ways = []
    for own, gain, loss in ((up, up, down), (down, down, up)):
        out, back = loss.copy(), gain.copy()
        out[cell] = back[cell] = np.inf
        price, way = find_way(cell[0], cell[1], out, back)
        ways.append((price + own[cell], way))
    price, way = min(ways, key=lambda found: found[0])
    return way if np.isfinite(price) else None


def _is_total(values: Floats) -> Floats:
    totals = np.zeros_like(values)
    totals[-1], totals[:, -1] = 1.0, 1.0
    return totals


def _protect_lines(values: Floats, hidden: Flags, threshold: int) -> None:
    """Hide more of each row whose total is shown while its hidden cells sum to less than the threshold."""
    for line in range(values.shape[0]):
        while not hidden[line, -1] and 0 < values[line, :-1][hidden[line, :-1]].sum() < threshold:
            is_free = ~hidden[line] & (values[line] > 0)
            price = np.where(is_free, values[line], np.inf)
            price[-1] += _TOTAL_COST
            hidden[line, int(np.argmin(price))] = True


def _read_hidden(hidden: Flags, *, withheld: bool) -> HiddenTable:
    return HiddenTable(hidden[:-1, :-1], hidden[:-1, -1], hidden[-1, :-1], bool(hidden[-1, -1]), withheld)
