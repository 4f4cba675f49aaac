"""How agencies handle what reaches them: each beside its own past and what its mix of cases lets expect.

A unit answers for its own part only, and no unit is ranked against another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, ColumnElement, Connection, func, select

from service import tables
from service.callers import Caller
from service.cases.counting import AGENCY, HANDLING, MISROUTED, REPORTER, STINT, VERIFICATION
from service.figures.durations import Durations, describe_durations
from service.figures.intervals import Rate, estimate_rate
from service.figures.pooling import Comparison, compare_units
from service.handling.holidays import read_calendar
from service.handling.policy import read_policy
from service.handling.workdays import WorkingDays
from service.statistics.asking import Answer, Period, Question, Reach, find_reach, list_bundles, order_labels
from service.statistics.hiding import hide_count, hide_durations, hide_rate, hide_table
from service.statistics.sums import Counts, Late, fetch, read_durations, read_parts, sum_counts, sum_late, sum_missed

PARTS: Final = (VERIFICATION, MISROUTED, HANDLING, REPORTER)
DUE_SOON: Final = timedelta(days=3)
Stratum = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """How long a part of the time of cases that ended was: verification, misrouted, handling or reporter."""

    part: str
    durations: Durations


@dataclass(frozen=True, slots=True)
class Unit:
    """One agency; numbers are None where hidden.

    ``n`` to ``n_erased`` are of cases received in the period that lie there. ``kept`` is of deadlines that fell in
    the period, those that passed without an answer among them; ``given_back`` of stints that began in it and ended;
    ``kept_beside`` and ``given_back_beside`` stand by the unit's past and the expectation of its mix (kind, topic,
    urgency). ``stint`` is how long the agency's own part took until an answer.
    """

    agency: str
    n: int | None
    n_open: int | None
    n_answered: int | None
    n_rejected: int | None
    n_archived: int | None
    n_erased: int | None
    n_overdue: int | None
    n_due_soon: int | None
    kept: Rate
    kept_beside: Comparison | None
    given_back: Rate
    given_back_beside: Comparison | None
    reopened: Rate
    satisfied: Rate
    stint: Durations | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Units(Answer):
    """All agencies that have anything, in the order of the taxonomy."""

    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class _Mix:
    """Hits and cases, shape (n_agencies, n_strata) each."""

    agencies: tuple[str, ...]
    strata: tuple[Stratum, ...]
    hits: NDArray[np.float64]
    cases: NDArray[np.float64]

    def add_up(self) -> dict[str, tuple[int, int]]:
        """Hits and cases of each agency."""
        pairs = zip(self.hits.sum(axis=1), self.cases.sum(axis=1), strict=True)
        return {agency: (int(k), int(n)) for agency, (k, n) in zip(self.agencies, pairs, strict=True)}


def agencies(connection: Connection, caller: Caller, question: Question) -> Units:
    """Figures of handling by agency; a caller of one agency gets its own, beside the mix of all."""
    reach = find_reach(caller, is_public=question.is_public)
    period, kind = question.period.widen(), question.kind
    everywhere = Reach(reach.restrictions, None, reach.is_public)
    counts = sum_counts(connection, reach, AGENCY, period, kind)
    late = _sum_late_by_agency(connection, reach, question)
    now = _read_mixes(connection, everywhere, period, question)
    then = _read_past(connection, everywhere, period.before(), question)
    kept, given_back = (_compare(now[place], then[place]) for place in (0, 1))
    sums = [mix.add_up() for mix in now]
    working_days = WorkingDays(read_calendar(connection))
    clock_days = read_policy(connection).days_of(kind) if kind is not None else None
    took = read_durations(connection, reach, AGENCY, STINT, period, question.today, working_days, kind)
    parts = {part: read_parts(connection, reach, part, period, kind) for part in PARTS}
    found = set(counts) | set(took) | (set(kept) if reach.agency is None else set())
    units = [
        _describe(
            agency,
            counts.get(agency, Counts()),
            late.get(agency, Late()),
            (sums[0].get(agency, (0, 0)), kept.get(agency)),
            (sums[1].get(agency, (0, 0)), given_back.get(agency)),
            describe_durations(took[agency], clock_days) if agency in took else None,
            tuple(Part(part, describe_durations(parts[part][agency])) for part in PARTS if agency in parts[part]),
        )
        for agency in order_labels(AGENCY, found)
    ]
    n: int | None = sum(one.n for one in counts.values())
    if reach.is_public:
        units, n = _hide(units)
    bundles = list_bundles(connection, reach, period)
    return Units(definition=AGENCY, period=period, n=n, bundles=bundles, suppressed=reach.is_public, units=tuple(units))


def _describe(
    agency: str,
    counts: Counts,
    late: Late,
    kept: tuple[tuple[int, int], Comparison | None],
    given_back: tuple[tuple[int, int], Comparison | None],
    stint: Durations | None,
    parts: tuple[Part, ...],
) -> Unit:
    return Unit(
        agency=agency,
        n=counts.n,
        n_open=counts.n_open,
        n_answered=counts.n_answered,
        n_rejected=counts.n_rejected,
        n_archived=counts.n_archived,
        n_erased=counts.n_erased,
        n_overdue=late.n_overdue,
        n_due_soon=late.n_due_soon,
        kept=estimate_rate(*kept[0]),
        kept_beside=kept[1],
        given_back=estimate_rate(*given_back[0]),
        given_back_beside=given_back[1],
        reopened=estimate_rate(counts.n_reopened, max(counts.n_answered, counts.n_reopened)),
        satisfied=estimate_rate(counts.n_satisfied, counts.n_rated),
        stint=stint,
        parts=parts,
    )


def _sum_late_by_agency(connection: Connection, reach: Reach, question: Question) -> dict[str, Late]:
    found: dict[str, Late] = {}
    late = sum_late(connection, reach, question.today, question.today + DUE_SOON, question.kind)
    for (agency, _), one in late.items():
        known = found.get(agency, Late())
        found[agency] = Late(known.n_overdue + one.n_overdue, known.n_due_soon + one.n_due_soon)
    return found


def _read_mixes(connection: Connection, reach: Reach, period: Period, question: Question) -> tuple[_Mix, _Mix]:
    """Deadlines kept, and stints given back, by agency and stratum."""
    cells = tables.cell_mix.c
    columns = (cells.kind, cells.topic, cells.urgency, cells.agency)
    found = _sum_mixes(connection, reach, period, question, columns)
    missed = sum_missed(connection, reach, period, question.today, question.kind)
    found += [(*stratum, agency, 0, n, 0, 0) for (agency, *stratum), n in missed.items()]
    agencies_ = [agency for agency in order_labels(AGENCY, {row[3] for row in found}) if agency]
    strata = sorted({row[:3] for row in found})
    place_of_agency = {agency: place for place, agency in enumerate(agencies_)}
    place_of_stratum = {stratum: place for place, stratum in enumerate(strata)}
    rows = [row for row in found if row[3]]
    places = ([place_of_agency[row[3]] for row in rows], [place_of_stratum[row[:3]] for row in rows])
    sums = np.zeros((4, len(agencies_), len(strata)))
    for sum_, counts in zip(sums, ([row[place] for row in rows] for place in range(4, 8)), strict=True):
        np.add.at(sum_, places, counts)
    return (
        _Mix(tuple(agencies_), tuple(strata), sums[0], sums[1]),
        _Mix(tuple(agencies_), tuple(strata), sums[2], sums[3]),
    )


def _read_past(
    connection: Connection, reach: Reach, period: Period, question: Question
) -> tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]]:
    """The same of a period before, by agency alone: hits and cases."""
    kept, given_back = {}, {}
    missed: dict[str, int] = {}
    for (agency, *_), n in sum_missed(connection, reach, period, question.today, question.kind).items():
        missed[agency] = missed.get(agency, 0) + n
    for agency, n_kept, n_judged, n_back, n in _sum_mixes(
        connection, reach, period, question, (tables.cell_mix.c.agency,)
    ):
        kept[agency] = (int(n_kept), int(n_judged) + missed.get(agency, 0))
        given_back[agency] = (int(n_back), int(n))
    return kept, given_back


def _sum_mixes(
    connection: Connection, reach: Reach, period: Period, question: Question, columns: Sequence[Column[str]]
) -> list[tuple[Any, ...]]:
    cells = tables.cell_mix.c
    sums = (func.sum(cells.n_kept), func.sum(cells.n_judged), func.sum(cells.n_given_back), func.sum(cells.n))
    conditions: list[ColumnElement[bool]] = [cells.month.between(period.start, period.end)]
    conditions.append(cells.restriction.in_(reach.restrictions))
    conditions += [cells.kind == question.kind] if question.kind is not None else []
    query = select(*columns, *sums).where(*conditions).group_by(*columns)
    return fetch(connection, query)


def _compare(now: _Mix, then: Mapping[str, tuple[int, int]]) -> dict[str, Comparison]:
    """Each agency that has cases beside what its mix lets expect; coarser are kind, and kind with topic."""
    has_cases, is_met = now.cases.sum(axis=1) > 0, now.cases.sum(axis=0) > 0
    if not has_cases.any():
        return {}
    units = [agency for agency, has in zip(now.agencies, has_cases, strict=True) if has]
    strata = [stratum for stratum, is_one in zip(now.strata, is_met, strict=True) if is_one]
    wanted = np.ix_(has_cases, is_met)
    past = [then.get(agency, (0, 0)) for agency in units]
    coarser = [_number([stratum[:length] for stratum in strata]) for length in (1, 2)]
    hits, cases = now.hits[wanted], now.cases[wanted]
    compared = compare_units(hits, cases, coarser, ([k for k, _ in past], [n for _, n in past]))
    return dict(zip(units, compared, strict=True))


def _number(names: Sequence[tuple[str, ...]]) -> list[int]:
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return [places[name] for name in names]


def _hide(units: Sequence[Unit]) -> tuple[list[Unit], int | None]:
    outcomes = [
        tuple(n or 0 for n in (one.n_open, one.n_answered, one.n_rejected, one.n_archived, one.n_erased))
        for one in units
    ]
    shown, totals, total = hide_table(outcomes)
    found = []
    for unit, cells, n in zip(units, shown, totals, strict=True):
        n_open, n_answered, n_rejected, n_archived, n_erased = cells
        kept, given_back = hide_rate(unit.kept), hide_rate(unit.given_back)
        found.append(
            replace(
                unit,
                n=n,
                n_open=n_open,
                n_answered=n_answered,
                n_rejected=n_rejected,
                n_archived=n_archived,
                n_erased=n_erased,
                n_overdue=hide_count(unit.n_overdue or 0),
                n_due_soon=hide_count(unit.n_due_soon or 0),
                kept_beside=unit.kept_beside if kept.enough else None,
                given_back_beside=unit.given_back_beside if given_back.enough else None,
                stint=hide_durations(unit.stint) if n is not None else None,
                parts=tuple(part for part in unit.parts if n is not None and hide_durations(part.durations)),
                kept=kept,
                given_back=given_back,
                reopened=hide_rate(unit.reopened),
                satisfied=hide_rate(unit.satisfied),
            )
        )
    return found, total
