"""Deadlines: how many that fell in a period were kept, what is over its deadline now, what comes to it next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select

from service import tables
from service.callers import Caller
from service.cases.counting import AGENCY, ALL, MONTH
from service.figures.intervals import Rate, estimate_rate
from service.handling.policy import read_policy
from service.statistics.asking import Answer, Period, Question, Reach, find_reach, list_bundles, order_labels
from service.statistics.hiding import NO_RATE, PublicSpan, find_public_span, hide_rates, hide_whole
from service.statistics.judging import sum_ahead, sum_missed
from service.statistics.sums import DUE_SOON, Late, sum_late

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Deadline:
    """The deadlines of one agency and kind; both empty for all together.

    ``kept`` is of those that fell in the period and are over: answered in time, among answered ones and those that
    passed without an answer; one that was kept early counts when it is over. ``n_overdue`` and ``n_due_soon`` are of
    now, whenever they came in.
    """

    agency: str
    kind: str
    days: int | None
    kept: Rate
    n_overdue: int | None
    n_due_soon: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines(Answer):
    """All together, by kind, and by agency."""

    whole: Deadline
    kinds: tuple[Deadline, ...]
    agencies: tuple[Deadline, ...]


def deadlines(connection: Connection, caller: Caller, question: Question) -> Deadlines:
    """Deadlines as they were kept; a caller of one agency gets its own."""
    reach = find_reach(caller, is_public=question.is_public)
    period = question.period.widen()
    judged = read_judged(connection, reach, question)
    late = sum_late(connection, reach, question.today, question.today + DUE_SOON, question.kind)
    places = {*judged, *late}
    policy = read_policy(connection)

    def tell(agency: str | None, kind: str | None) -> Deadline:
        own = [one for one in places if agency in {None, one[0]} and kind in {None, one[1]}]
        k, n = (sum(judged[one][place] for one in own if one in judged) for place in (0, 1))
        over, soon = (sum(getattr(late.get(one, Late()), name) for one in own) for name in ("n_overdue", "n_due_soon"))
        days = policy.days_of(kind) if kind else None
        return Deadline(agency or "", kind or "", days, estimate_rate(k, n), over, soon)

    whole = tell(None, None)
    kinds = [tell(None, kind) for kind in order_labels("kind", {one[1] for one in places})]
    # What waits for triage stands under an empty agency.
    agencies = [tell(agency, None) for agency in order_labels(AGENCY, {one[0] for one in places})]
    if reach.is_public:
        span = find_public_span(period, question.today)
        # By agency without those that wait for triage: they are what the agencies leave of the whole.
        agencies = [one for one in agencies if one.agency]
        kinds, agencies = (_publish(rows, whole.kept, span) for rows in (kinds, agencies))
        kept = hide_whole(int(whole.kept.k), int(whole.kept.n)) if span == "year" else NO_RATE
        whole = replace(whole, kept=kept, n_overdue=None, n_due_soon=None)
    return Deadlines(
        definition="deadline",
        period=period,
        n=int(whole.kept.n) if whole.kept.enough or not reach.is_public else None,
        bundles=list_bundles(connection, reach, period),
        suppressed=reach.is_public,
        whole=whole,
        kinds=tuple(kinds),
        agencies=tuple(agencies),
    )


def read_judged(connection: Connection, reach: Reach, question: Question) -> dict[Place, tuple[int, int]]:
    """Kept deadlines and all that were judged, by agency and kind; what lies with no agency under an empty one."""
    period = question.period.widen()
    found: dict[Place, tuple[int, int]] = {}
    whole = _sum(connection, reach, ALL, period, question) if reach.agency is None else {}
    of_agencies = _sum(connection, reach, AGENCY, period, question)
    for (_, kind), (kept, judged) in whole.items():
        with_agency = [counts for (_, of_kind), counts in of_agencies.items() if of_kind == kind]
        found["", kind] = (kept - sum(one[0] for one in with_agency), judged - sum(one[1] for one in with_agency))
    found |= of_agencies
    for (agency, kind, *_), n in sum_missed(connection, reach, period, question.today, question.kind).items():
        kept, judged = found.get((agency, kind), (0, 0))
        found[agency, kind] = (kept, judged + n)
    for (agency, kind, *_), n in sum_ahead(connection, reach, period, question.today, question.kind).items():
        kept, judged = found.get((agency, kind), (0, 0))
        found[agency, kind] = (kept - n, judged - n)
    return found


def _sum(
    connection: Connection, reach: Reach, scope: str, period: Period, question: Question
) -> dict[Place, tuple[int, int]]:
    cells = tables.cell_count.c
    conditions = [cells.scope == scope, cells.grain == MONTH, cells.day.between(period.start, period.end)]
    conditions.append(cells.restriction.in_(reach.restrictions))
    if question.kind is not None:
        conditions.append(cells.kind == question.kind)
    if reach.agency is not None:
        conditions.append(cells.key == reach.agency)
    sums = (func.sum(cells.n_kept), func.sum(cells.n_judged))
    query = select(cells.key, cells.kind, *sums).where(*conditions).group_by(cells.key, cells.kind)
    return {(key, kind): (int(kept), int(judged)) for key, kind, kept, judged in connection.execute(query)}


def _publish(rows: Sequence[Deadline], whole: Rate, span: PublicSpan | None) -> list[Deadline]:
    """The rates of a year without those that tell small numbers; what is late now is not public."""
    rates = [NO_RATE] * len(rows)
    if span == "year":
        rates = hide_rates([(int(one.kept.k), int(one.kept.n)) for one in rows], (int(whole.k), int(whole.n)))
    return [replace(one, kept=rate, n_overdue=None, n_due_soon=None) for one, rate in zip(rows, rates, strict=True)]
