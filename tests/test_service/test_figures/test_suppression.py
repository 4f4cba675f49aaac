from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from service.figures.errors import FigureError
from service.figures.suppression import hide_in_row, hide_in_table

TABLES = st.integers(1, 5).flatmap(
    lambda n_columns: st.lists(
        st.lists(st.integers(0, 12), min_size=n_columns, max_size=n_columns), min_size=1, max_size=5
    )
)


def _with_totals(counts):
    wide = np.column_stack([counts, counts.sum(axis=1)])
    return np.vstack([wide, wide.sum(axis=0)])


def _attack(counts, table):
    """What is hidden, the equations the attacker has about it, and the true numbers."""
    values = _with_totals(counts)
    hidden = np.block([[table.cells, table.rows[:, None]], [table.columns[None], np.array([[table.total]])]])
    sign = np.ones_like(values)
    sign[:-1, -1] = sign[-1, :-1] = -1
    places = [tuple(place) for place in np.argwhere(hidden)]
    lines = [np.s_[row, :] for row in range(values.shape[0])] + [np.s_[:, column] for column in range(values.shape[1])]
    equations = np.zeros((len(lines), len(places)))
    for number, line in enumerate(lines):
        mask = np.zeros_like(values)
        mask[line] = 1
        equations[number] = [mask[place] * sign[place] for place in places]
    truth = np.array([values[place] for place in places], dtype=float)
    return places, equations, truth


def _assert_that_nothing_is_found(counts, table):
    if table.withheld:
        return
    places, equations, truth = _attack(counts, table)
    for number in range(len(places)):
        wanted = np.zeros(len(places))
        wanted[number] = 1
        solution, *_ = np.linalg.lstsq(equations.T, wanted, rcond=None)
        assert np.abs(equations.T @ solution - wanted).max() > 1e-6, "linear algebra finds it"
        ends = [
            linprog(way * wanted, A_eq=equations, b_eq=equations @ truth, bounds=(1, None), method="highs").fun
            for way in (1, -1)
        ]
        # -fun of the maximum; None where it is unbounded
        assert ends[1] is None or -ends[1] - ends[0] >= 1 - 1e-6, "the bounds find it"


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_no_hidden_cell_of_a_table_can_be_found(rows):
    counts = np.array(rows)
    table = hide_in_table(counts)
    assert table.cells[(counts > 0) & (counts < 5)].all()
    _assert_that_nothing_is_found(counts, table)


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_what_the_rest_of_a_line_leaves_over_is_no_small_number(rows):
    counts = np.array(rows)
    table = hide_in_table(counts)
    for line, cells, total in [
        *zip(counts, table.cells, table.rows, strict=True),
        *zip(counts.T, table.cells.T, table.columns, strict=True),
    ]:
        if not total and cells.any() and not table.withheld:
            assert cells.sum() > 1
            assert line[cells].sum() >= 5


@given(st.lists(st.integers(0, 12), max_size=8))
def test_no_hidden_cell_of_a_row_can_be_found_by_trying_all(counts):
    counts = np.array(counts, dtype=int)
    row = hide_in_row(counts)
    assert row.cells[(counts > 0) & (counts < 5)].all()
    if row.total or not row.cells.any() or row.cells.sum() > 4:
        return
    left = counts[row.cells].sum()
    possible = [way for way in product(range(1, left + 1), repeat=row.cells.sum()) if sum(way) == left]
    assert all(len(set(values)) > 1 for values in zip(*possible, strict=True))


def test_five_cells_of_one_are_not_protected_by_their_sum():
    row = hide_in_row([1, 1, 1, 1, 1, 7, 9])
    assert row.cells.tolist() == [True] * 6 + [False]


def test_large_tables_lose_little_and_without_small_cells_nothing():
    assert not hide_in_table([[5, 9], [0, 12]]).cells.any()
    assert not hide_in_row([5, 0, 9]).cells.any()
    one = hide_in_table([[3, 20, 30], [40, 50, 60], [70, 80, 90]])
    assert one.cells.sum() == 4
    assert not np.r_[one.rows, one.columns, one.total].any()


def test_a_small_total_is_hidden_too():
    row = hide_in_row([3, 0, 0])
    assert row.total
    table = hide_in_table([[2, 0], [0, 0]])
    assert table.total


def test_an_empty_table_shows_its_zeros():
    assert not hide_in_table(np.zeros((2, 3))).cells.any()
    assert hide_in_row([]).cells.size == 0


def test_rates_are_refused():
    with pytest.raises(FigureError, match="no count"):
        hide_in_row([0.5])
