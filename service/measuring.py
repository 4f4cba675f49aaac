"""Counts in the store what an operator watches; cheap queries, now and then, so that no scrape waits for the store."""

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, select, true

from service import tables
from service.handling.review import count_shut
from service.handling.states import OPEN
from service.ledger.deriving import count_behind
from service.messages.states import DEAD, WAITING
from service.metrics import Figures

# What is sent or withdrawn is history, which only grows; `pilah_deliveries_total` counts it as it happens.
_OPEN_DELIVERIES = (WAITING, DEAD)


def measure(connection: Connection, derivations: Iterable[str], home: Path) -> Figures:
    """The figures of now."""
    now = datetime.now(UTC)
    shut = count_shut(connection, true())
    return Figures(
        at=now,
        lag={name: count_behind(connection, name) for name in derivations},
        deliveries=_count_deliveries(connection),
        n_emergencies=_count_emergencies(connection),
        n_overdue=_count_overdue(connection, now),
        n_restricted=shut.n_waiting,
        oldest_restricted_at=shut.oldest_at,
        free_bytes=shutil.disk_usage(home).free,
    )


def _count_deliveries(connection: Connection) -> dict[str, int]:
    columns = tables.delivery.c
    query = select(columns.state, func.count()).where(columns.state.in_(_OPEN_DELIVERIES)).group_by(columns.state)
    return dict.fromkeys(_OPEN_DELIVERIES, 0) | {row[0]: row[1] for row in connection.execute(query)}


def _count_emergencies(connection: Connection) -> int:
    columns = tables.emergency.c
    query = select(func.count()).select_from(tables.emergency).where(columns.acknowledged_at.is_(None))
    return connection.execute(query).scalar_one()


def _count_overdue(connection: Connection, now: datetime) -> int:
    columns = tables.feedback.c
    query = select(func.count()).select_from(tables.feedback).where(columns.state.in_(OPEN), columns.due_at < now)
    return connection.execute(query).scalar_one()
