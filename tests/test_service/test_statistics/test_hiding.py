"""What everybody may see, attacked with all public tables of one period at once."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from service.figures.durations import Durations, Quantile
from service.figures.intervals import estimate_rate
from service.statistics.asking import Period
from service.statistics.hiding import (
    NO_RATE,
    find_public_span,
    hide_durations,
    hide_parts,
    hide_rates,
    hide_table,
    hide_whole,
)

N_OUTCOMES = 3
# Each report: its topic, its agency (the last: with none), its outcome; few at a time, so that small cells abound.
REPORTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, N_OUTCOMES - 1)), max_size=60)


def count(reports, place, n_keys):
    table = np.zeros((n_keys, N_OUTCOMES), dtype=int)
    for report in reports:
        table[report[place], report[2]] += 1
    return table


class Attacker:
    """Knows the rule, all that is shown, and that no count is negative."""

    def __init__(self):
        self.lower, self.equations, self.known = [], [], []

    def add(self, lower):
        self.lower.append(lower)
        return len(self.lower) - 1

    def say(self, terms, known):
        self.equations.append(terms)
        self.known.append(known)

    def bound(self, unknown):
        matrix = np.zeros((len(self.equations), len(self.lower)))
        for row, terms in enumerate(self.equations):
            for place, weight in terms:
                matrix[row, place] += weight
        goal = np.zeros(len(self.lower))
        goal[unknown] = 1
        bounds = [(low, None) for low in self.lower]
        ends = [linprog(way * goal, A_eq=matrix, b_eq=self.known, bounds=bounds, method="highs") for way in (1, -1)]
        assert all(end.status in {0, 3} for end in ends), "what is shown contradicts itself"
        return ends[0].fun, np.inf if ends[1].status == 3 else -ends[1].fun  # unbounded


def look_at(attacker, shown, columns, whole, counts):
    """One public table: rows of cells with their totals, sums by column as unknowns; the cells of 1 to 4."""
    is_withheld = all(cell is None for cells, _ in shown for cell in cells)
    hidden = []
    sums = [[] for _ in columns]
    for (cells, total), truth in zip(shown, counts, strict=True):
        row = []
        for column, (cell, n) in enumerate(zip(cells, truth, strict=True)):
            place = attacker.add(0 if is_withheld or total is None else 1)
            row.append((place, 1.0))
            sums[column].append((place, 1.0))
            if 0 < n < 5:
                hidden.append(place)
            elif cell is not None:
                attacker.lower[place] = 0
                attacker.say([(place, 1.0)], cell)
        if total is not None:
            attacker.say(row, total)
    # What the keys leave over is a row of its own, of which nothing is told.
    for column, terms in zip(columns, sums, strict=True):
        rest = attacker.add(0)
        attacker.say([*terms, (rest, 1.0), (column, -1.0)], 0)
    attacker.say([(column, 1.0) for column in columns], whole)
    return hidden


@settings(max_examples=120, deadline=None)
@given(REPORTS)
def test_two_tables_of_one_month_together_tell_no_hidden_number(reports):
    by_topic, by_agency = count(reports, 0, 4), count(reports, 1, 4)[:3]
    whole = by_topic.sum(axis=0)
    attacker = Attacker()
    columns = [attacker.add(0) for _ in range(N_OUTCOMES)]
    hidden = []
    for table in (by_topic, by_agency):
        shown = hide_table(table.tolist(), whole.tolist())
        for (cells, total), counts in zip(shown, table, strict=True):
            assert all(cell is None or cell == n for cell, n in zip(cells, counts, strict=True))
            assert all(cell is None for cell, n in zip(cells, counts, strict=True) if 0 < n < 5)
            assert total is None or total == counts.sum()
            assert not 0 < (total or 0) < 5
        hidden += look_at(attacker, shown, columns, int(whole.sum()), table)
    for place in hidden:
        low, high = attacker.bound(place)
        assert high - low >= 1 - 1e-6


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), min_size=1, max_size=5), st.booleans())
def test_rates_and_the_rate_of_all_together_tell_no_few_hits_or_misses(pairs, has_rest):
    pairs = [(min(pair), max(pair)) for pair in pairs]
    own = pairs[:-1] if has_rest and len(pairs) > 1 else pairs
    whole = tuple(sum(column) for column in zip(*pairs, strict=True))
    rates = hide_rates(own, whole)
    attacker = Attacker()
    sums = [[], []]
    hidden = []
    for (k, n), rate in zip(own, rates, strict=True):
        hit, miss = attacker.add(0), attacker.add(0)
        sums[0].append((hit, 1.0))
        sums[1].append((miss, 1.0))
        if rate is NO_RATE:
            hidden += [hit] if 0 < k < 5 else []
            hidden += [miss] if 0 < n - k < 5 else []
        else:
            assert not 0 < k < 5
            assert not 0 < n - k < 5
            attacker.say([(hit, 1.0)], k)
            attacker.say([(miss, 1.0)], n - k)
    # Sums that are small themselves are shown nowhere.
    is_known = not any(0 < known < 5 for known in (whole[0], whole[1] - whole[0]))
    for terms, known in zip(sums, (whole[0], whole[1] - whole[0]), strict=True) if is_known else ():
        attacker.say([*terms, *([(attacker.add(0), 1.0)] if own is not pairs else [])], known)
    for place in hidden:
        low, high = attacker.bound(place)
        assert high - low >= 1 - 1e-6
    told = hide_whole(*whole)
    assert told is NO_RATE or told == estimate_rate(*whole)


def test_the_parts_of_a_month_are_hidden_alike_wherever_they_stand():
    counts = [[3, 0, 2], [9, 9, 9], [20, 1, 30], [0, 0, 0]]
    whole = [sum(column) for column in zip(*counts, strict=True)]
    totals = [total for _, total in hide_table(counts, whole)]
    assert totals == list(hide_parts([sum(row) for row in counts], sum(whole)))
    assert hide_parts([4, 5], 8) == (None, None)
    assert hide_table([[1, 9]], [0, 9]) == [((None, None), None)]
    assert hide_table([], [1]) == []


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        ("2026-10-01", "2026-10-31", "month"),
        ("2024-02-01", "2024-02-29", "month"),
        ("2025-01-01", "2025-12-31", "year"),
        ("2026-11-01", "2026-11-30", None),  # runs
        ("2026-09-01", "2026-10-31", None),  # two months
        ("2026-10-02", "2026-10-31", None),
        ("2025-02-01", "2026-01-31", None),  # twelve months that overlap two years
        ("2024-01-01", "2025-12-31", None),
    ],
)
def test_what_is_public_is_one_whole_month_or_year_that_is_over(start, end, span):
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    assert find_public_span(period, date(2026, 11, 24)) == span


def test_durations_are_told_without_the_counts_behind_them():
    quantile = Quantile(0.5, 4, 3, 6)
    told = hide_durations(Durations(40, 30, 3, quantile, quantile, estimate_rate(30, 40), enough=True))
    assert told == Durations(None, None, None, quantile, quantile, None, enough=True)
    assert hide_durations(Durations(9, 9, 0, None, None, None, enough=False)) is None
