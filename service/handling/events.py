"""Adds an event to a report: checks that it is legal and that nobody came first, then moves the report and its clock.

Every event stands for a person's decision; what may be sent by whom beyond the scope is decided here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, RowMapping, insert, select, update

from model.offices import LOCAL_OFFICES
from service import tables
from service.callers import Caller
from service.handling.clocks import revise_clock
from service.handling.history import Event, find_event, insert_event, read_events
from service.handling.states import (
    ACKNOWLEDGED,
    ARCHIVED,
    DISPOSED,
    IN_PROGRESS,
    NAME_AN_AGENCY,
    REJECTED,
    RESTING,
    RETURNED,
    VERIFIED,
    Position,
    find_resumed,
    list_allowed,
    move,
)
from service.handling.terms import Terms, read_terms
from service.ids import new_id
from service.ledger.entries import Entry
from service.visibility import workable_by
from service.writer import Transaction

# What an agency leaves to triage; it gives a report back instead.
NOT_BY_AGENCY: Final = frozenset({VERIFIED, DISPOSED, REJECTED, ARCHIVED})
URGENT: Final = "urgent"
# No report that people work on has a tenth of it; a program that goes in circles would fill the store.
MAX_EVENTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as it was sent; free text is masked.

    ``needs_unit`` says that the agency has offices of which one must be known; ``n_seen`` is how many events its
    sender knew of, ``identity`` the digest under which it may be sent again.
    """

    feedback_id: str
    type: str
    at: datetime | None
    agency: str | None
    unit: str | None
    needs_unit: bool
    note: str | None
    public_reply: str | None
    caller: Caller
    n_seen: int
    identity: str | None
    body_digest: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """The event is stored: now, or before when it was sent under the same identity (``is_new`` False)."""

    event: Event
    is_new: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """There is no such report that the sender may work on."""


@dataclass(frozen=True, slots=True)
class Illegal:
    """The event is not legal in this state; ``allowed`` are those that are, for this sender."""

    state: str
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TooMany:
    """The report has as many events as it may have; ``allowed`` are those that end it."""

    state: str
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Somebody else's event came first: the report has ``n_events`` now."""

    state: str
    allowed: tuple[str, ...]
    n_events: int


@dataclass(frozen=True, slots=True)
class TooEarly:
    """The event would lie before the one before it."""

    earliest: datetime


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """The report lies with this agency already."""


@dataclass(frozen=True, slots=True)
class NoUnit:
    """The agency has many offices, and none is named or known."""


@dataclass(frozen=True, slots=True)
class NoText:
    """The report was erased: nothing may be written about its reporter any more, least of all in this field."""

    field: str


@dataclass(frozen=True, slots=True)
class OtherBody:
    """The identity stands for another event; nothing was stored."""


Outcome = Happened | Gone | Illegal | TooMany | Overtaken | TooEarly | AlreadyThere | NoUnit | NoText | OtherBody


@dataclass(frozen=True, slots=True)
class _Report:
    """Where a report stands, locked until the transaction ends."""

    row: RowMapping
    events: Sequence[Event]
    position: Position

    @property
    def earliest(self) -> datetime:
        """Before this nothing new can have happened."""
        return self.events[-1].at if self.events else min(self.row["received_at"], self.row["stored_at"])


def add_events(transaction: Transaction, jobs: Sequence[NewEvent]) -> list[Outcome]:
    """Add events in order; of two that were sent from the same knowledge of a report, the first wins."""
    terms = read_terms(transaction.connection)
    _lock(transaction.connection, {job.feedback_id for job in jobs})
    return [_add(transaction, job, terms) for job in jobs]


def find_allowed(connection: Connection, feedback_id: str, caller: Caller) -> tuple[str, ...]:
    """The types of events that a caller may send about a report now."""
    report = _find_report(connection, feedback_id, caller)
    return _list_allowed(report.position, caller) if report is not None else ()


def _lock(connection: Connection, ids: set[str]) -> None:
    """Let nobody else move these reports; in one order everywhere, so that no two wait crosswise."""
    columns = tables.feedback.c
    query = select(columns.id).where(columns.id.in_(sorted(ids))).order_by(columns.id)
    connection.execute(query.with_for_update()).all()


def _add(transaction: Transaction, job: NewEvent, terms: Terms) -> Outcome:
    connection = transaction.connection
    known = _find_known(connection, job)
    if known is not None:
        return known
    report = _find_report(connection, job.feedback_id, job.caller)
    if report is None:
        return Gone()
    refusal = _check(report, job)
    if refusal is not None:
        return refusal
    after = move(report.position, job.type)
    event = _describe(report, job, after)
    insert_event(connection, event)
    if job.identity is not None:
        row = {"name": job.identity, "feedback_id": job.feedback_id, "body_digest": job.body_digest}
        connection.execute(insert(tables.identity).values(row))
    if job.type == ACKNOWLEDGED:
        _acknowledge(connection, report, event)
    _move(transaction, report, event, job, terms)
    return Happened(event, is_new=True)


def _find_known(connection: Connection, job: NewEvent) -> Happened | OtherBody | None:
    if job.identity is None:
        return None
    columns = tables.identity.c
    digest = connection.execute(select(columns.body_digest).where(columns.name == job.identity)).scalar()
    if digest is None:
        return None
    if digest != job.body_digest:
        return OtherBody()
    return Happened(find_event(connection, _name_event(job.identity)), is_new=False)


def _find_report(connection: Connection, feedback_id: str, caller: Caller) -> _Report | None:
    feedback, emergency = tables.feedback, tables.emergency
    names = ("id", "state", "agency", "unit", "is_at_agency", "alarm", "received_at", "stored_at", "erased_at")
    query = select(*(feedback.c[name] for name in names), emergency.c.raised_at, emergency.c.acknowledged_at)
    joined = query.select_from(feedback.outerjoin(emergency))
    row = connection.execute(joined.where(feedback.c.id == feedback_id, workable_by(caller))).mappings().first()
    if row is None:
        return None
    events = read_events(connection, feedback_id)
    resumes = find_resumed(event.state for event in events)
    return _Report(row, events, Position(row["state"], resumes, row["is_at_agency"] is True, _is_alarmed(row, events)))


def _is_alarmed(row: RowMapping, events: Sequence[Event]) -> bool:
    """Whether it is an emergency that no event took in hand: a claim only says that somebody has seen it."""
    if any(event.type == ACKNOWLEDGED for event in events):
        return False
    return row["raised_at"] is not None or row["alarm"] == URGENT


def _list_allowed(position: Position, caller: Caller) -> tuple[str, ...]:
    allowed = list_allowed(position)
    if caller.agency is None:
        return allowed
    return tuple(type_ for type_ in allowed if type_ not in NOT_BY_AGENCY)


def _check(report: _Report, job: NewEvent) -> Outcome | None:
    """Why the event is refused, None when it is not."""
    allowed = _list_allowed(report.position, job.caller)
    if len(report.events) != job.n_seen:
        return Overtaken(report.row["state"], allowed, len(report.events))
    if job.type not in allowed:
        return Illegal(report.row["state"], allowed)
    if len(report.events) >= MAX_EVENTS and not _ends(report.position, job.type):
        ending = tuple(type_ for type_ in allowed if _ends(report.position, type_))
        return TooMany(report.row["state"], ending)
    if job.at is not None and job.at < report.earliest:
        return TooEarly(report.earliest)
    if report.row["erased_at"] is not None and (job.note or job.public_reply):
        return NoText("note" if job.note else "public_reply")
    return _check_place(report, job) if job.type == DISPOSED else None


def _ends(position: Position, type_: str) -> bool:
    """Whether an event ends what is open, or says that an emergency is in hand: these are always let through."""
    return type_ == ACKNOWLEDGED or (position.state not in RESTING and move(position, type_).state in RESTING)


def _check_place(report: _Report, job: NewEvent) -> Outcome | None:
    agency, unit = _find_place(report, job)
    if unit is None and job.needs_unit:
        return NoUnit()
    is_handed_over = report.row["state"] in {DISPOSED, IN_PROGRESS}
    is_there = (agency, unit) == (report.row["agency"], report.row["unit"])
    return AlreadyThere() if is_handed_over and is_there else None


def _find_place(report: _Report, job: NewEvent) -> tuple[str | None, str | None]:
    """Agency and unit where the report lies after the event."""
    row = report.row
    if job.type == RETURNED:
        return None, None
    if job.type != DISPOSED:
        return row["agency"], row["unit"]
    stays = job.agency == LOCAL_OFFICES == row["agency"]
    return job.agency, job.unit or (row["unit"] if stays else None)


def _describe(report: _Report, job: NewEvent, after: Position) -> Event:
    # A clock that went back must not put an event before the one before it.
    latest = max(job.now, report.earliest)
    agency, unit = _find_place(report, job)
    if job.type == RETURNED:
        agency, unit = report.row["agency"], report.row["unit"]
    elif job.type in NAME_AN_AGENCY:
        agency, unit = job.agency, unit if job.type == DISPOSED else None
    return Event(
        id=_name_event(job.identity) if job.identity else new_id(job.now),
        feedback_id=job.feedback_id,
        number=len(report.events) + 1,
        type=job.type,
        at=min(job.at or latest, latest),
        stored_at=job.now,
        actor=job.caller.actor,
        agency=agency,
        unit=unit,
        note=job.note,
        public_reply=job.public_reply,
        state=after.state,
    )


def _move(transaction: Transaction, report: _Report, event: Event, job: NewEvent, terms: Terms) -> None:
    """Bring row, clock and ledger to where the report stands after the event."""
    connection, columns = transaction.connection, tables.feedback.c
    agency, unit = _find_place(report, job)
    changes: dict[str, object] = {"state": event.state, "agency": agency, "unit": unit, "changed_at": job.now}
    if event.type in {DISPOSED, RETURNED}:
        changes["is_at_agency"] = event.type == DISPOSED
    connection.execute(update(tables.feedback).where(columns.id == event.feedback_id).values(changes))
    revise_clock(transaction, event.feedback_id, event.type, job.now, actor=event.actor, terms=terms)
    due_at = connection.execute(select(columns.due_at).where(columns.id == event.feedback_id)).scalar()
    content = {
        "number": event.number,
        "at": event.at.isoformat(),
        "state": event.state,
        "agency": agency,
        "unit": unit,
        "agency_before": report.row["agency"],
        "agency_named": event.agency if event.type in NAME_AN_AGENCY else None,
        "due_at": due_at.isoformat() if due_at is not None else None,
    }
    transaction.record(
        Entry(f"event.{event.type}", job.now, event.actor, feedback_id=event.feedback_id, content=content)
    )


def _acknowledge(connection: Connection, report: _Report, event: Event) -> None:
    seen = {"acknowledged_at": event.at, "acknowledged_by": event.actor}
    if report.row["raised_at"] is None:
        row = {"feedback_id": event.feedback_id, "raised_at": report.row["stored_at"], **seen}
        connection.execute(insert(tables.emergency).values(row))
        return
    columns = tables.emergency.c
    waiting = update(tables.emergency).where(
        columns.feedback_id == event.feedback_id, columns.acknowledged_at.is_(None)
    )
    connection.execute(waiting.values(seen))


def _name_event(identity: str) -> str:
    """The id of the event that an identity stands for."""
    return str(UUID(hex=identity[:32]))
