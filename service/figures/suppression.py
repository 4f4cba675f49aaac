"""Public tables without small cells: those of 1 to 4 are hidden, and as many others that no hidden one can be found.

What can be found is judged as an attacker would: every total that is shown is an equation, no count is negative, and
since zeros are shown a hidden cell is known to be at least 1. Which others are hidden follows from their places, never
from their sizes, so that knowing the rule tells nothing. Totals that stand in several tables are fixed beforehand.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from service.figures.counts import Flags, Floats, read_counts
from service.figures.errors import FigureError
from service.figures.paths import Cell, find_way

THRESHOLD = 5  # DESIGN 6: a cell of 1 to 4 reports may point at somebody
_CELL_COST = 1.0
_TOTAL_COST = 1e6  # a total is hidden only where no cell can do it
_ZERO_COST = 1e9  # and a zero, last
_FIXED = np.inf  # never


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
    """Hide cells of 1 to threshold - 1 of a row, and others that protect them: the next ones after the first of them.

    The total is shown unless it is itself so small. The hidden cells are at least two, sum to the threshold or more,
    and are not all 1: their sum is what the rest leaves over. Where no cells do that, all are hidden, zeros too.

    Raises
    ------
    FigureError
        A count is negative or no whole number.
    """
    values = _read_whole(counts, 1)
    hidden: Flags = (values > 0) & (values < threshold)
    if not hidden.any() or values.sum() < threshold:
        return HiddenRow(hidden, total=bool(0 < values.sum() < threshold))
    first = int(np.argmax(hidden))
    others = [place for place in np.roll(np.arange(values.size), -first) if values[place] >= threshold]
    while not _is_safe_sum(values[hidden], threshold):
        if not others:
            return HiddenRow(np.ones_like(hidden), total=False)
        hidden[others.pop(0)] = True
    return HiddenRow(hidden, total=False)


def hide_in_table(
    counts: ArrayLike, threshold: int = THRESHOLD, *, rows: Flags | None = None, columns: Flags | None = None
) -> HiddenTable:
    """Hide small cells of a table whose row, column and grand totals are shown, and others that protect them.

    After it, with everything that is shown known: (1) every hidden number can be another one, also when counts must
    be whole and not negative, and so no linear combination of totals gives it; (2) the hidden cells of a row or
    column whose total is shown sum to the threshold or more.

    Source: Cox (1995), J. Am. Stat. Assoc. 90, 1453-1462 (a cell of a two-way table is safe if it lies on a cycle of
    hidden cells along which counts can move); Willenborg & de Waal (2001), Elements of Statistical Disclosure
    Control. The cycles are the shortest by the cells they hide, one hidden cell after the other: safe, but not
    the fewest cells possible.

    Parameters
    ----------
    counts : array_like of int, shape (n_rows, n_columns)
        Not negative. Zeros are shown, since nobody is in them.
    threshold : int
        The smallest count that is shown.
    rows, columns : array_like of bool, shape (n_rows,) and (n_columns,), optional
        Which totals are hidden, where other tables show the same ones; with either the grand total stays as its size
        says. What these leave no way to protect is withheld. Without them totals are hidden where need be.

    Raises
    ------
    FigureError
        A count is negative or no whole number.
    """
    values = _add_totals(_read_whole(counts, 2))
    hidden: Flags = (values > 0) & (values < threshold)
    price = _price(values)
    for line, price_of_line, flags in (
        (hidden[:-1, -1], price[:-1, -1], rows),
        (hidden[-1, :-1], price[-1, :-1], columns),
    ):
        if flags is not None:
            line[:] = flags
            price_of_line[:] = _FIXED
            price[-1, -1] = _FIXED
    fixed = hidden.copy()
    if not _protect(values, hidden, price, threshold):
        hidden[:-1, :-1] = True
        hidden[:-1, -1] = True if rows is None else fixed[:-1, -1]
        hidden[-1, :-1] = True if columns is None else fixed[-1, :-1]
        hidden[-1, -1] |= rows is None and columns is None
        return _read_hidden(hidden, withheld=True)
    return _read_hidden(hidden, withheld=False)


def _protect(values: Floats, hidden: Flags, price: Floats, threshold: int) -> bool:
    """Hide what protects the hidden ones; False where nothing can."""
    is_judged = np.zeros_like(hidden)
    while (hidden & ~is_judged).any():
        for row, column in np.argwhere(hidden & ~is_judged):
            cycle = _find_cycle(values, hidden, price, (int(row), int(column)))
            if cycle is None:
                return False
            for cell in cycle:
                hidden[cell] = True
            is_judged[row, column] = True
        if not (
            _protect_lines(values, hidden, price, threshold) and _protect_lines(values.T, hidden.T, price.T, threshold)
        ):
            return False
    return True


def _price(values: Floats) -> Floats:
    """What hiding a cell costs: totals much, zeros more; among others the earlier is cheaper, whatever its size."""
    price: Floats = np.where(values > 0, _CELL_COST, _ZERO_COST) + np.arange(values.size).reshape(values.shape) * 1e-6
    price[-1] += _TOTAL_COST
    price[:-1, -1] += _TOTAL_COST
    return price


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


def _find_cycle(values: Floats, hidden: Flags, price: Floats, cell: Cell) -> list[Cell] | None:
    """The cheapest cells to hide so that this one can move up or down by one; empty where it can already.

    Totals enter their row and column with the opposite sign, so that every line sums to 0 and what one entry gains
    another must lose.
    """
    sign = np.ones_like(values)
    sign[:-1, -1] = sign[-1, :-1] = -1
    cost = np.where(hidden, 0.0, price)
    can_fall = values > 1  # a hidden number is at least 1
    up = np.where((sign > 0) | can_fall, cost, np.inf)
    down = np.where((sign < 0) | can_fall, cost, np.inf)
    ways = []
    for own, gain, loss in ((up, up, down), (down, down, up)):
        out, back = loss.copy(), gain.copy()
        out[cell] = back[cell] = np.inf
        spent, way = find_way(cell[0], cell[1], out, back)
        ways.append((spent + own[cell], way))
    spent, way = min(ways, key=lambda found: found[0])
    return way if np.isfinite(spent) else None


def _protect_lines(values: Floats, hidden: Flags, price: Floats, threshold: int) -> bool:
    """Hide more of each row whose total is shown while its hidden cells sum to less than the threshold, if they can."""
    for line in range(values.shape[0]):
        while not hidden[line, -1] and 0 < values[line, :-1][hidden[line, :-1]].sum() < threshold:
            cost = np.where(~hidden[line] & (values[line] > 0), price[line], np.inf)
            place = int(np.argmin(cost))
            if not np.isfinite(cost[place]):
                return False
            hidden[line, place] = True
    return True


def _read_hidden(hidden: Flags, *, withheld: bool) -> HiddenTable:
    return HiddenTable(hidden[:-1, :-1], hidden[:-1, -1], hidden[-1, :-1], bool(hidden[-1, -1]), withheld)
