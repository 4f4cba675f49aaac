"""What somebody must know this morning: what is new, urgent, late, unsure, and what changed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, func, not_, select

from service import tables
from service.auditing.blinding import is_withheld
from service.callers import Caller
from service.cases.counting import DAY, WAITING
from service.figures.intervals import find_wilson
from service.handling.clock import local_day
from service.statistics.asking import Answer, Period, Reach, find_reach, list_bundles
from service.statistics.series import Filter, sum_series
from service.statistics.sums import DUE_SOON, sum_late
from service.visibility import visible_to

_ONE_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
# An incident without a report for so long is told no more.
INCIDENT_LASTS: Final = timedelta(days=7)
_MOST_INCIDENTS: Final = 10
_RECENT: Final = 50
# Of fewer reports in two weeks nobody can say that they changed.
_FEWEST: Final = 8


@dataclass(frozen=True, slots=True)
class TopicChange:
    """Reports of a topic in the last seven days and in the seven before; ``low`` and ``high`` bound the ratio."""

    topic: str
    n: int
    n_before: int
    ratio: float | None
    low: float
    high: float | None


@dataclass(frozen=True, slots=True)
class LiveIncident:
    """Reports of the same thing, with reporters, the latest within a week."""

    id: str
    topic: str | None
    opened_at: datetime
    last_at: datetime
    n_reports: int
    n_reporters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview(Answer):
    """The figures of the morning; ``period`` are the last seven days, ``n`` their reports.

    ``changes`` are of topics whose weekly numbers differ by more than luck, the surest first.
    """

    day: date
    n_today: int
    n_week: int
    n_week_before: int
    n_urgent: int
    n_overdue: int
    n_due_soon: int
    n_waiting: int
    n_incidents: int
    incidents: tuple[LiveIncident, ...]
    changes: tuple[TopicChange, ...]


def overview(connection: Connection, caller: Caller, now: datetime) -> Overview:
    """What is new, urgent, late and unsure now, for who asks."""
    reach = find_reach(caller)
    today = local_day(now)
    period = Period(today - _WEEK + _ONE_DAY, today)
    by_topic = sum_series(connection, reach, Filter(), DAY, Period(today - 2 * _WEEK + _ONE_DAY, today))
    late = sum_late(connection, reach, today, today + DUE_SOON).values()
    weeks = {topic: _split(counts, period.start) for topic, counts in by_topic.items()}
    n_week = sum(week for week, _ in weeks.values())
    incidents = _list_incidents(connection, and_(visible_to(caller), not_(is_withheld(caller))), now)
    return Overview(
        definition="overview",
        period=period,
        n=n_week,
        bundles=list_bundles(connection, reach, period),
        day=today,
        n_today=sum(counts.get(today, 0) for counts in by_topic.values()),
        n_week=n_week,
        n_week_before=sum(before for _, before in weeks.values()),
        n_urgent=_count_urgent(connection, visible_to(caller)),
        n_overdue=sum(one.n_overdue for one in late),
        n_due_soon=sum(one.n_due_soon for one in late),
        n_waiting=_count_waiting(connection, reach),
        n_incidents=len(incidents),
        incidents=tuple(incidents[:_MOST_INCIDENTS]),
        changes=_find_changes(weeks),
    )


def _split(counts: dict[date, int], start: date) -> tuple[int, int]:
    week = sum(n for day, n in counts.items() if day >= start)
    return week, sum(counts.values()) - week


def _find_changes(weeks: dict[str, tuple[int, int]]) -> tuple[TopicChange, ...]:
    """Topics whose share of two weeks lies off a half by more than luck, given how many came in either week.

    Two counts of like length are compared by the share of the first in both, a binomial one; its Wilson interval, as
    odds, bounds the ratio of the two.
    """
    found = []
    for topic, (n, before) in weeks.items():
        if not topic or n + before < _FEWEST:
            continue
        low, high = find_wilson(n, n + before)
        if low <= 1 / 2 <= high:
            continue
        bounds = low / (1 - low), high / (1 - high) if high < 1 else None
        found.append((abs(n - before), TopicChange(topic, n, before, n / before if before else None, *bounds)))
    return tuple(change for _, change in sorted(found, key=lambda pair: (-pair[0], pair[1].topic)))


def _count_urgent(connection: Connection, visible: ColumnElement[bool]) -> int:
    waits = tables.emergency.c.acknowledged_at.is_(None)
    joined = tables.emergency.join(tables.feedback)
    return int(connection.execute(select(func.count()).select_from(joined).where(waits, visible)).scalar_one())


def _count_waiting(connection: Connection, reach: Reach) -> int:
    cells = tables.cell_open.c
    conditions = [cells.what == WAITING, cells.restriction.in_(reach.restrictions)]
    if reach.agency is not None:
        conditions.append(cells.key == reach.agency)
    return int(connection.execute(select(func.coalesce(func.sum(cells.n), 0)).where(*conditions)).scalar_one())


def _list_incidents(connection: Connection, visible: ColumnElement[bool], now: datetime) -> list[LiveIncident]:
    """Incidents of the last days, those with most reporters first; counted over what the caller sees."""
    columns, reports = tables.incident.c, tables.feedback.c
    recent = select(columns.id).where(columns.last_at >= now - INCIDENT_LASTS)
    largest = recent.order_by(columns.n_reporters.desc(), columns.last_at.desc()).limit(_RECENT).subquery()
    reporter = func.coalesce(reports.reporter_digest, reports.id)
    n_reporters = func.count(reporter.distinct())
    first, last = (function(reports.received_at, type_=tables.Instant()) for function in (func.min, func.max))
    query = (
        select(columns.id, columns.topic, first, last, func.count(), n_reporters)
        .select_from(tables.incident.join(tables.incident_member).join(tables.feedback))
        .where(columns.id.in_(select(largest.c.id)), visible)
        .group_by(columns.id, columns.topic)
        .order_by(n_reporters.desc(), last.desc())
    )
    return [LiveIncident(*row) for row in connection.execute(query)]
