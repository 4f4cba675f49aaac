"""Which of the nine elements of service fails where: by the unit complained of, or by the agency that handles it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, func, select

from service import tables
from service.callers import Caller
from service.cases.counting import AGENCY
from service.statistics.asking import Answer, Question, find_reach, list_bundles, list_labels, order_labels
from service.statistics.hiding import Hidden, PublicSpan, find_public_span, hide_table

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
    units = order_labels(AGENCY, {*found, *(list_labels(AGENCY) if reach.is_public else ())})
    rows = [tuple(found.get(unit, {}).get(name, 0) for name in names) for unit in units]
    told: list[tuple[Hidden, int | None]] = [(row, sum(row)) for row in rows]
    total: int | None = sum(sum(row) for row in rows)
    if reach.is_public:
        told, total = _publish(rows, find_public_span(period, question.today)), None
    return Aspects(
        definition=f"aspect-{scope}",
        period=period,
        n=total,
        bundles=list_bundles(connection, reach, period),
        suppressed=reach.is_public,
        by=scope,
        aspects=names,
        units=tuple(Failing(unit, n, counts) for unit, (counts, n) in zip(units, told, strict=True)),
    )


def _publish(rows: Sequence[tuple[int, ...]], span: PublicSpan | None) -> list[tuple[Hidden, int | None]]:
    """The counts of a year for everybody: no other public table tells any of them."""
    if span != "year":
        return [((None,) * len(row), None) for row in rows]
    return hide_table(rows, [sum(column) for column in zip(*rows, strict=True)])
