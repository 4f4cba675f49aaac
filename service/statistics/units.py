"""How agencies handle what reaches them: each beside its own past and what its mix of cases lets expect.

A unit answers for its own part only, and no unit is ranked against another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection

from service.callers import Caller
from service.cases.counting import AGENCY, ALL
from service.cases.sheets import HANDLING, MISROUTED, REPORTER, STINT, VERIFICATION
from service.figures.durations import DurationCounts, Durations, describe_all
from service.figures.intervals import Rate, estimate_rate
from service.figures.pooling import Comparison, compare_units
from service.handling.holidays import read_calendar
from service.handling.policy import read_policy
from service.handling.workdays import WorkingDays
from service.statistics.asking import Answer, Question, Reach, find_reach, list_bundles, list_labels, order_labels
from service.statistics.clocks import read_judged
from service.statistics.hiding import (
    NO_RATE,
    PublicSpan,
    find_public_span,
    hide_count,
    hide_durations,
    hide_rates,
    hide_table,
)
from service.statistics.lengths import count_durations, read_lengths, read_running
from service.statistics.mixes import Mix, Pair, read_mixes, read_past
from service.statistics.sums import DUE_SOON, OUTCOMES, Counts, Late, add_up, name_outcomes, sum_counts, sum_late

_NOT_PUBLIC: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("n", *OUTCOMES, "n_overdue", "n_due_soon", "kept_beside", "given_back_beside", "stint")),
    **dict.fromkeys(("kept", "given_back", "reopened", "satisfied"), NO_RATE),
    "parts": (),
}
PARTS: Final = (VERIFICATION, MISROUTED, HANDLING, REPORTER)


@dataclass(frozen=True, slots=True)
class Part:
    """How long a part of the time of cases that ended was: verification, misrouted, handling or reporter."""

    part: str
    durations: Durations


@dataclass(frozen=True, slots=True)
class Unit:
    """One agency; numbers are None where hidden.

    ``n`` to ``n_erased`` are of cases received in the period that lie there. ``kept`` is of deadlines that fell in
    the period and are over, those that passed without an answer among them; ``given_back`` of stints that began in it
    and ended: given back, or passed on before anything was done; ``kept_beside`` and ``given_back_beside`` stand by the
    unit's past and the expectation of its mix (kind, topic, urgency). ``stint`` is how long the agency's own part took
    until an answer.
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


def agencies(connection: Connection, caller: Caller, question: Question) -> Units:
    """Figures of handling by agency; a caller of one agency gets its own, beside the mix of all."""
    reach = find_reach(caller, is_public=question.is_public)
    period, kind = question.period.widen(), question.kind
    everywhere = Reach(reach.restrictions, None, reach.is_public)
    counts = sum_counts(connection, reach, AGENCY, period, kind)
    late = _sum_late_by_agency(connection, reach, question)
    now = read_mixes(connection, everywhere, period, question)
    then = read_past(connection, everywhere, period.before(), question)
    kept, given_back = (_compare(now[place], then[place]) for place in (0, 1))
    sums = [mix.add_up() for mix in now]
    working_days = WorkingDays(read_calendar(connection))
    clock_days = read_policy(connection).days_of(kind) if kind is not None else None
    running = read_running(connection, reach, STINT, period, question.today, working_days, kind)
    lengths = read_lengths(connection, reach, AGENCY, (STINT, *PARTS), period, kind)
    took = _tell(count_durations(lengths, STINT, running), clock_days)
    parts = {part: _tell(count_durations(lengths, part, {})) for part in PARTS}
    # In public all of them, so that none is told to have something by standing there.
    everybody = set(list_labels(AGENCY)) if reach.is_public else set()
    found = everybody | set(counts) | set(took) | (set(kept) if reach.agency is None else set())
    units = [
        _describe(
            agency,
            counts.get(agency, Counts()),
            late.get(agency, Late()),
            (sums[0].get(agency, (0, 0)), kept.get(agency)),
            (sums[1].get(agency, (0, 0)), given_back.get(agency)),
            took.get(agency),
            tuple(Part(part, parts[part][agency]) for part in PARTS if agency in parts[part]),
        )
        for agency in order_labels(AGENCY, found)
    ]
    n: int | None = sum(one.n for one in counts.values())
    if reach.is_public:
        whole = add_up(sum_counts(connection, reach, ALL, period).values())
        span = find_public_span(period, question.today)
        judged = [sum(column) for column in zip(*read_judged(connection, reach, question).values(), strict=True)]
        units = _publish(units, counts, whole, (judged[0], judged[1]) if judged else (0, 0), span)
        n = hide_count(whole.n) if span == "month" else None
    bundles = list_bundles(connection, reach, period)
    return Units(definition=AGENCY, period=period, n=n, bundles=bundles, suppressed=reach.is_public, units=tuple(units))


def _describe(
    agency: str,
    counts: Counts,
    late: Late,
    kept: tuple[Pair, Comparison | None],
    given_back: tuple[Pair, Comparison | None],
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
        reopened=estimate_rate(*counts.reopened()),
        satisfied=estimate_rate(*counts.satisfied()),
        stint=stint,
        parts=parts,
    )


def _tell(counts: Mapping[str, DurationCounts], clock_days: int | None = None) -> dict[str, Durations]:
    return dict(zip(counts, describe_all(list(counts.values()), clock_days), strict=True))


def _sum_late_by_agency(connection: Connection, reach: Reach, question: Question) -> dict[str, Late]:
    found: dict[str, Late] = {}
    late = sum_late(connection, reach, question.today, question.today + DUE_SOON, question.kind)
    for (agency, _), one in late.items():
        known = found.get(agency, Late())
        found[agency] = Late(known.n_overdue + one.n_overdue, known.n_due_soon + one.n_due_soon)
    return found


def _compare(now: Mix, then: Mapping[str, Pair]) -> dict[str, Comparison]:
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


def _publish(
    units: Sequence[Unit],
    counts: Mapping[str, Counts],
    whole: Counts,
    judged: tuple[int, int],
    span: PublicSpan | None,
) -> list[Unit]:
    """What everybody may see: the counts of a month, or the shares and durations of a year; of today nothing."""
    bare = [replace(unit, **_NOT_PUBLIC) for unit in units]
    own = [counts.get(unit.agency, Counts()) for unit in units]
    if span == "month":
        cells = hide_table([one.outcomes for one in own], whole.outcomes)
        return [replace(unit, n=n, **name_outcomes(row)) for unit, (row, n) in zip(bare, cells, strict=True)]
    if span is None:
        return bare
    kept = hide_rates([(int(unit.kept.k), int(unit.kept.n)) for unit in units], judged)
    given_back = hide_rates([(int(unit.given_back.k), int(unit.given_back.n)) for unit in units])
    reopened = hide_rates([one.reopened() for one in own], whole.reopened())
    satisfied = hide_rates([one.satisfied() for one in own], whole.satisfied())
    return [
        replace(
            unit,
            kept=kept[place],
            kept_beside=_forget_past(units[place].kept_beside, kept[place]),
            given_back=given_back[place],
            given_back_beside=_forget_past(units[place].given_back_beside, given_back[place]),
            reopened=reopened[place],
            satisfied=satisfied[place],
            stint=hide_durations(units[place].stint),
            parts=tuple(
                Part(part.part, durations)
                for part in units[place].parts
                if (durations := hide_durations(part.durations)) is not None
            ),
        )
        for place, unit in enumerate(bare)
    ]


def _forget_past(compared: Comparison | None, rate: Rate) -> Comparison | None:
    """A comparison whose rate is shown, without the past: its rate may be hidden."""
    return None if compared is None or not rate.enough else replace(compared, past_change=None)
