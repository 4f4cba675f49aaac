"""Reports over time by topic: plain counts as they were tagged, and which bundle tagged them.

Owns the SQL of series. What the audit corrects is `service.statistics.correction`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

from sqlalchemy import ColumnElement, Connection, func, select

from service import tables
from service.cases.case import AUTO
from service.cases.counting import AGENCY, ALL, DAY, DISTRICT, EVERY_TOPIC, MONTH, WEEK, month_of, week_of
from service.statistics.asking import Period, Reach, list_labels
from service.statistics.sums import fetch

Grain = Literal["day", "week", "month"]
_A_WEEK: Final = timedelta(days=7)
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a series is narrowed to: one agency or one district, and some topics (empty for all)."""

    topics: tuple[str, ...] = ()
    agency: str | None = None
    district: str | None = None


@dataclass(frozen=True, slots=True)
class Tagged:
    """So many reports of a period with this topic, by what it rests on and the bundle that read them."""

    topic: str
    day: date
    basis: str
    bundle: str
    n: int


def list_days(period: Period, grain: Grain) -> list[date]:
    """The first days of all periods of a grain that touch the time asked for."""
    if grain == DAY:
        return [period.start + _ONE_DAY * place for place in range((period.end - period.start).days + 1)]
    day = week_of(period.start) if grain == WEEK else month_of(period.start)
    days = []
    while day <= period.end:
        days.append(day)
        day = day + _A_WEEK if grain == WEEK else month_of(day + timedelta(days=31))
    return days


def read_series(connection: Connection, reach: Reach, wanted: Filter, grain: Grain, period: Period) -> list[Tagged]:
    """Counts by topic, period, basis and bundle."""
    cells = tables.cell_series.c
    columns = (cells.topic, cells.day, cells.basis, cells.bundle)
    conditions = _narrow(reach, wanted, grain, period)
    query = select(*columns, func.sum(cells.n)).where(*conditions).group_by(*columns)
    return [
        Tagged(topic, day, basis, bundle, int(n)) for topic, day, basis, bundle, n in connection.execute(query).all()
    ]


def sum_series(
    connection: Connection, reach: Reach, wanted: Filter, grain: Grain, period: Period
) -> dict[str, dict[date, int]]:
    """Counts by topic and period."""
    cells = tables.cell_series.c
    query = (
        select(cells.topic, cells.day, func.sum(cells.n))
        .where(*_narrow(reach, wanted, grain, period))
        .group_by(cells.topic, cells.day)
    )
    found: dict[str, dict[date, int]] = {}
    for topic, day, n in fetch(connection, query):
        found.setdefault(topic, {})[_read_day(day)] = int(n)
    return found


def sum_automatic(
    connection: Connection, reach: Reach, wanted: Filter, grain: Grain, period: Period
) -> dict[tuple[date, str], int]:
    """What bundles decided alone, of whatever topic, by period and bundle."""
    cells = tables.cell_series.c
    every = replace(wanted, topics=(EVERY_TOPIC,))
    query = (
        select(cells.day, cells.bundle, func.sum(cells.n))
        .where(*_narrow(reach, every, grain, period), cells.basis == AUTO)
        .group_by(cells.day, cells.bundle)
    )
    return {(day, bundle): int(n) for day, bundle, n in connection.execute(query).all()}


def sum_by_topic(connection: Connection, reach: Reach, period: Period) -> dict[str, int]:
    """Reports of a period by topic, from the coarsest cells that fit it."""
    grain: Grain = MONTH if period == period.widen() else DAY
    found = sum_series(connection, reach, Filter(), grain, period)
    return {topic: sum(counts.values()) for topic, counts in found.items()}


@lru_cache(maxsize=4096)
def _read_day(day: str | date) -> date:
    """A day as either store gives it: the weeks of years are some hundreds, their rows thousands."""
    return day if isinstance(day, date) else date.fromisoformat(day)


def _narrow(reach: Reach, wanted: Filter, grain: Grain, period: Period) -> Sequence[ColumnElement[bool]]:
    cells = tables.cell_series.c
    days = list_days(period, grain)
    # Topics are named one by one, so that of each only its own days are walked.
    topics = wanted.topics or (*list_labels("topic"), "")
    scope, key = _find_scope(reach, wanted)
    return (
        cells.scope == scope,
        cells.key == key,
        cells.grain == grain,
        cells.topic.in_(topics),
        cells.day.between(days[0], days[-1]),
        cells.restriction.in_(reach.restrictions),
    )


def _find_scope(reach: Reach, wanted: Filter) -> tuple[str, str]:
    agency = reach.agency or wanted.agency
    if agency is not None:
        return AGENCY, agency
    return (DISTRICT, wanted.district) if wanted.district is not None else (ALL, "")
