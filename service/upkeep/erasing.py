"""Takes texts and reporters out of stored reports and leaves what is counted: subject access, erasure, retention.

UU 27/2022: who asks is told what is kept of them, and forgotten. Labels, states, times, districts and the digests of
the ledger stay, so that no figure changes; nothing that stays leads back to a person.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, exists, literal, select, tuple_, update

from service import tables
from service.feedback import write_json
from service.handling.incidents import ERASED
from service.handling.states import RESTING
from service.ledger.entries import Entry
from service.listing import Position
from service.writer import Transaction

# What one transaction takes out; others wait for it.
BATCH: Final = 200
_GONE: Final = (
    "external_id",
    "lat",
    "lon",
    "address",
    "source_url",
    "reporter_digest",
    "title",
    "due_at",
    "paused_at",
    "published_at",
)

Why = Literal["asked", "retention"]


@dataclass(frozen=True, slots=True)
class Forget:
    """An order to erase the reports of a reporter that ``visible`` lets the actor see."""

    reporter_digest: str
    visible: ColumnElement[bool]
    actor: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Retain:
    """An order to erase closed reports to which nothing happened for ``days``."""

    days: int
    actor: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of one report: its row, its events and the labels people gave it."""

    report: RowMapping
    events: tuple[RowMapping, ...]
    labels: tuple[RowMapping, ...]


def list_held(
    connection: Connection, reporter_digest: str, visible: ColumnElement[bool], after: Position | None, limit: int
) -> list[Held]:
    """All that is kept of a reporter's reports, earliest first."""
    columns = tables.feedback.c
    query = select(tables.feedback).where(columns.reporter_digest == reporter_digest, visible)
    if after is not None:
        position = tuple_(literal(after.received_at, tables.Instant), after.id)
        query = query.where(tuple_(columns.received_at, columns.id) > position)
    rows = connection.execute(query.order_by(columns.received_at, columns.id).limit(limit)).mappings().all()
    ids = [row["id"] for row in rows]
    events = select(tables.event).where(tables.event.c.feedback_id.in_(ids)).order_by(tables.event.c.number)
    labels = select(tables.label).where(tables.label.c.feedback_id.in_(ids)).order_by(tables.label.c.at)
    parts = [connection.execute(part).mappings().all() for part in (events, labels)]
    return [
        Held(row, *(tuple(part for part in found if part["feedback_id"] == row["id"]) for found in parts))
        for row in rows
    ]


def forget(transaction: Transaction, jobs: Sequence[Forget]) -> list[int]:
    """Erase all reports of reporters; how many of each. Asked again, there is none left."""
    return [_forget(transaction, job) for job in jobs]


def retain(transaction: Transaction, jobs: Sequence[Retain]) -> list[int]:
    """Erase the next closed reports that are older than the retention, at most `BATCH`; how many."""
    return [_retain(transaction, job) for job in jobs]


def find_outdated(connection: Connection, days: int, now: datetime, limit: int | None = None) -> list[str]:
    """Ids of closed reports to which nothing happened for ``days``, oldest first."""
    columns, cutoff = tables.feedback.c, now - timedelta(days=days)
    is_recent = exists().where(tables.event.c.feedback_id == columns.id, tables.event.c.at >= cutoff)
    query = select(columns.id).where(
        columns.received_at < cutoff, columns.state.in_(RESTING), columns.erased_at.is_(None), ~is_recent
    )
    return list(connection.execute(query.order_by(columns.received_at, columns.id).limit(limit)).scalars())


def _forget(transaction: Transaction, job: Forget) -> int:
    columns = tables.feedback.c
    query = select(columns.id).where(columns.reporter_digest == job.reporter_digest, job.visible)
    ids = list(transaction.connection.execute(query.order_by(columns.id).with_for_update()).scalars())
    for start in range(0, len(ids), BATCH):
        _erase(transaction, ids[start : start + BATCH], "asked", job.actor, job.now)
    return len(ids)


def _retain(transaction: Transaction, job: Retain) -> int:
    ids = find_outdated(transaction.connection, job.days, job.now, BATCH)
    # Of several processes one erases a report; what another one moves meanwhile is looked at again.
    columns = tables.feedback.c
    query = select(columns.id).where(columns.id.in_(ids), columns.erased_at.is_(None), columns.state.in_(RESTING))
    locked = list(transaction.connection.execute(query.order_by(columns.id).with_for_update()).scalars())
    _erase(transaction, locked, "retention", job.actor, job.now)
    return len(locked)


def _erase(transaction: Transaction, ids: Sequence[str], why: Why, actor: str, now: datetime) -> None:
    if not ids:
        return
    connection = transaction.connection
    if connection.dialect.name == "sqlite":
        # What is taken out shall not lie in free pages of the file.
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    columns = tables.feedback.c
    gone = {**dict.fromkeys(_GONE), "text": "", "attachments": "[]", "erased_at": now, "changed_at": now}
    connection.execute(update(tables.feedback).where(columns.id.in_(ids)).values(gone))
    events, labels = tables.event, tables.label
    connection.execute(update(events).where(events.c.feedback_id.in_(ids)).values(note=None, public_reply=None))
    connection.execute(update(labels).where(labels.c.feedback_id.in_(ids)).values(reason=None))
    _erase_predictions(connection, ids)
    transaction.record(
        *(Entry(ERASED, now, actor, feedback_id=id_, content={"feedback": [id_], "why": why}) for id_ in ids)
    )


def _erase_predictions(connection: Connection, ids: Sequence[str]) -> None:
    """Take out the words that decided, and the signature by which a text could be recognised."""
    columns = tables.prediction.c
    query = select(columns.feedback_id, columns.content).where(columns.feedback_id.in_(ids))
    for feedback_id, content in connection.execute(query).all():
        left = write_json({**json.loads(content), "explanation": {}})
        here = update(tables.prediction).where(columns.feedback_id == feedback_id)
        connection.execute(here.values(content=left, signature=None))
