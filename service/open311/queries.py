"""Finds the reports that the edge shows, with what it shows of their history.

Owns no rule about who sees what: that is a condition of `service.visibility`, given to every query.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, case, exists, func, literal, select

from service import tables
from service.feedback import is_latest_clock
from service.handling.states import RESTING
from service.open311.services import AUTO

_COLUMNS: Final = (
    "id",
    "state",
    "text",
    "address",
    "district",
    "village",
    "lat",
    "lon",
    "attachments",
    "agency",
    "unit",
    "received_at",
    "stored_at",
    "changed_at",
    "due_at",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a listing is narrowed to; empty where it is not. ``is_closed`` None is both."""

    since: datetime | None = None
    until: datetime | None = None
    ids: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    is_closed: bool | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What is told of the events of a report: the last public reply, and since when it is closed."""

    reply: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of a report, with ``code`` and ``purpose`` of its clock, and its history."""

    row: RowMapping
    history: History


def list_requests(
    connection: Connection, wanted: Wanted, visible: ColumnElement[bool], offset: int, limit: int
) -> list[Shown]:
    """Reports that may be seen, newest first."""
    columns = tables.feedback.c
    code = _code().label("code")
    joined = tables.feedback.outerjoin(tables.clock, is_latest_clock())
    query = select(*(columns[name] for name in _COLUMNS), code, tables.clock.c.purpose).select_from(joined)
    query = query.where(visible, *_conditions(wanted)).order_by(columns.received_at.desc(), columns.id.desc())
    rows = connection.execute(query.offset(offset).limit(limit)).mappings().all()
    histories = _read_histories(connection, [row["id"] for row in rows])
    return [Shown(row, histories.get(row["id"], History())) for row in rows]


def _code() -> ColumnElement[str]:
    """The service of a report: the topic a person gave it, else the sender's word, else the predicted one."""
    columns, labels = tables.feedback.c, tables.label.c
    is_labelled = exists().where(labels.feedback_id == columns.id, labels.head == "topic")
    sent = func.coalesce(columns.sender_topic, columns.topic)
    return func.coalesce(case((is_labelled, columns.topic), else_=sent), AUTO)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    columns = tables.feedback.c
    conditions: list[ColumnElement[bool]] = []
    if wanted.ids:
        conditions.append(columns.id.in_(wanted.ids))
    if wanted.codes:
        conditions.append(_code().in_(wanted.codes))
    if wanted.since is not None:
        conditions.append(columns.received_at >= literal(wanted.since, tables.Instant))
    if wanted.until is not None:
        conditions.append(columns.received_at <= literal(wanted.until, tables.Instant))
    if wanted.is_closed is not None:
        is_closed = columns.state.in_(RESTING)
        conditions.append(is_closed if wanted.is_closed else ~is_closed)
    return conditions


def _read_histories(connection: Connection, ids: Sequence[str]) -> Mapping[str, History]:
    columns = tables.event.c
    query = select(columns.feedback_id, columns.at, columns.state, columns.public_reply)
    ordered = query.where(columns.feedback_id.in_(ids)).order_by(columns.feedback_id, columns.number)
    events: dict[str, list[RowMapping]] = {}
    for event in connection.execute(ordered).mappings():
        events.setdefault(event["feedback_id"], []).append(event)
    return {feedback_id: _tell(found) for feedback_id, found in events.items()}


def _tell(events: Iterable[RowMapping]) -> History:
    reply, closed_at = None, None
    for event in events:
        reply = event["public_reply"] or reply
        if event["state"] not in RESTING:
            closed_at = None
        elif closed_at is None:
            closed_at = event["at"]
    return History(reply, closed_at)
