"""How urgent the reports of a period were."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from service import tables
from service.callers import Caller
from service.cases.counting import AGENCY, ALL
from service.statistics.asking import Answer, Question, find_reach, list_bundles, list_labels
from service.statistics.hiding import find_public_span, hide_count, hide_parts


@dataclass(frozen=True, slots=True)
class Urgency:
    """Reports of one urgency; None where hidden."""

    urgency: str
    n: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgencies(Answer):
    """All urgencies, in the order of the taxonomy."""

    urgencies: tuple[Urgency, ...]


def urgencies(connection: Connection, caller: Caller, question: Question) -> Urgencies:
    """Reports that came in by urgency, to the day; for one agency those that lie there or that a person gave it."""
    reach = find_reach(caller, is_public=question.is_public)
    cells, period = tables.cell_urgency.c, question.period
    scope, key = (ALL, "") if reach.agency is None else (AGENCY, reach.agency)
    conditions = [cells.scope == scope, cells.key == key, cells.day.between(period.start, period.end)]
    conditions.append(cells.restriction.in_(reach.restrictions))
    if question.kind is not None:
        conditions.append(cells.kind == question.kind)
    query = select(cells.urgency, func.sum(cells.n)).where(*conditions).group_by(cells.urgency)
    found = {str(urgency): int(n) for urgency, n in connection.execute(query)}
    names = list_labels("urgency")
    counts: tuple[int | None, ...] = tuple(found.get(name, 0) for name in names)
    n: int | None = sum(found.values())
    if reach.is_public:
        total = sum(found.values())
        is_month = find_public_span(period, question.today) == "month"
        counts = hide_parts([found.get(name, 0) for name in names], total) if is_month else (None,) * len(names)
        n = hide_count(total) if is_month else None
    return Urgencies(
        definition="urgency",
        period=period,
        n=n,
        bundles=list_bundles(connection, reach, period),
        suppressed=reach.is_public,
        urgencies=tuple(Urgency(*pair) for pair in zip(names, counts, strict=True)),
    )
