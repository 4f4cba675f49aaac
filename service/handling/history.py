"""What happened to one report: its events as they are stored, and the course they give its clock.

Owns the SQL of the table ``event``.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select

from service import tables
from service.handling.clock import HANDLING, VERIFICATION, Pause
from service.handling.states import ASKED, DISPOSED, IN_PROGRESS, REOPENED, RESTING, VERIFIED

_END_VERIFICATION: Final = frozenset({VERIFIED, DISPOSED, IN_PROGRESS})


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a report, a column of the table for each field; ``state`` is the one after it.

    ``agency`` and ``unit`` are those the sender named, ``note`` and ``public_reply`` are masked.
    """

    id: str
    feedback_id: str
    number: int
    type: str
    at: datetime
    stored_at: datetime
    actor: str
    agency: str | None
    unit: str | None
    note: str | None
    public_reply: str | None
    state: str


# Written once: to build a statement takes longer than to run it.
_EVENTS = (
    select(*(tables.event.c[field.name] for field in fields(Event)))
    .where(tables.event.c.feedback_id == bindparam("feedback_id"))
    .order_by(tables.event.c.number)
)
_INSERT = insert(tables.event)


@dataclass(frozen=True, slots=True)
class Course:
    """Which clock the events of a report started, when, and its pauses; it is stopped while nobody owes an answer."""

    purpose: str
    started_at: datetime
    pauses: tuple[Pause, ...]
    is_running: bool

    @property
    def paused_at(self) -> datetime | None:
        """Since when an answer of the reporter is awaited."""
        last = self.pauses[-1] if self.pauses else None
        return last.asked_at if last is not None and last.completed_at is None else None


def trace_course(received_at: datetime, events: Sequence[Event]) -> Course:
    """The course of a report; events in order.

    A person who verifies, disposes or takes it up ends the verification; a report that is reopened starts anew.
    """
    purpose, started_at, is_running = VERIFICATION, received_at, True
    pauses: list[Pause] = []
    asked_at: datetime | None = None
    for event in events:
        if asked_at is not None and event.state != ASKED:
            pauses.append(Pause(asked_at, event.at))
            asked_at = None
        elif asked_at is None and event.state == ASKED:
            asked_at = event.at
        if event.type == REOPENED or (purpose == VERIFICATION and event.type in _END_VERIFICATION):
            purpose, started_at = HANDLING, event.at
        is_running = event.state not in RESTING
    if asked_at is not None:
        pauses.append(Pause(asked_at, None))
    return Course(purpose, started_at, tuple(pauses), is_running)


def read_events(connection: Connection, feedback_id: str) -> list[Event]:
    """All events of a report, oldest first."""
    return [Event(*row) for row in connection.execute(_EVENTS, {"feedback_id": feedback_id})]


def find_event(connection: Connection, event_id: str) -> Event:
    """The event of an id, which must be there."""
    columns = [tables.event.c[field.name] for field in fields(Event)]
    return Event(**connection.execute(select(*columns).where(tables.event.c.id == event_id)).mappings().one())


def count_events(connection: Connection, feedback_id: str) -> int:
    """How many events a report has."""
    query = select(func.count()).where(tables.event.c.feedback_id == feedback_id)
    return connection.execute(query).scalar_one()


def insert_event(connection: Connection, event: Event) -> None:
    """Store an event."""
    connection.execute(_INSERT, asdict(event))
