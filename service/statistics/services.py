"""Which of the nine elements of service fails where: by the unit complained of, or by the agency that handles it."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, func, select

from service import tables
from service.callers import Caller
from service.cases.counting import AGENCY
from service.statistics.asking import Answer, Question, find_reach, list_bundles, list_labels, order_labels
from service.statistics.hiding import hide_table

By = Literal["about", "agency"]


@dataclass(frozen=True, slots=True)
class Failing:
    """The reports of one unit by aspect, in the order of `Aspects.aspects`; None where hidden."""

    unit: str
    n: int | None
    counts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspects(Answer):
    """Units in the order of the taxonomy; the last of ``aspects`` is empty: no element of service failed."""

    by: By
    aspects: tuple[str, ...]
    units: tuple[Failing, ...]


def aspects(connection: Connection, caller: Caller, question: Question, by: By = "about") -> Aspects:
    """Reports by unit and aspect; a caller of one agency gets its own, by agency."""
    reach = find_reach(caller, is_public=question.is_public)
    period = question.period.widen()
    scope: By = AGENCY if reach.agency is not None else by
    cells = tables.cell_aspect.c
    conditions = [cells.scope == scope, cells.month.between(period.start, period.end)]
    conditions.append(cells.restriction.in_(reach.restrictions))
    if question.kind is not None:
        conditions.append(cells.kind == question.kind)
    if reach.agency is not None:
        conditions.append(cells.key == reach.agency)
    found: dict[str, dict[str, int]] = {}
    query = select(cells.key, cells.aspect, func.sum(cells.n)).where(*conditions).group_by(cells.key, cells.aspect)
    for key, aspect, n in connection.execute(query):
        found.setdefault(key, {})[aspect] = int(n)
    names = (*list_labels("aspect"), "")
    units = order_labels(AGENCY, found)
    rows = [tuple(found[unit].get(name, 0) for name in names) for unit in units]
    totals: list[int | None] = [sum(row) for row in rows]
    total: int | None = sum(sum(row) for row in rows)
    shown: list[tuple[int | None, ...]] = list(rows)
    if reach.is_public:
        shown, totals, total = hide_table(rows)
    return Aspects(
        definition=f"aspect-{scope}",
        period=period,
        n=total,
        bundles=list_bundles(connection, reach, period),
        suppressed=reach.is_public,
        by=scope,
        aspects=names,
        units=tuple(Failing(*row) for row in zip(units, totals, shown, strict=True)),
    )
