"""The clocks of stored reports: the first one when a report comes in, and each revision after it.

A revision is never changed: a correction of the kind, of a holiday, or an event makes a new one beside it. Days and
policy stay those the clock started with.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from model.prediction import JsonValue
from service import tables
from service.feedback import CLOCK_FIELDS, Clock, Feedback, insert_clocks, is_latest_clock
from service.handling.clock import VERIFICATION, WIB, find_deadline, read_deadline
from service.handling.clock_words import explain
from service.handling.history import Course, read_events, trace_course
from service.handling.policy import Policy, read_policy
from service.handling.states import OPEN, RESTING
from service.handling.terms import Terms, read_terms
from service.ledger.entries import SYSTEM, Entry
from service.writer import Transaction

REVISED: Final = "clock.revised"
# Causes of a revision beside the types of events.
RECEIVED: Final = "diterima"
KIND_CORRECTED: Final = "jenis_dikoreksi"
CALENDAR_CHANGED: Final = "kalender_berubah"


# Written once: to build a statement takes longer than to run it.
_CLOCKS = (
    select(*(tables.clock.c[name] for name in CLOCK_FIELDS))
    .where(tables.clock.c.feedback_id == bindparam("feedback_id"))
    .order_by(tables.clock.c.revision)
)
_FEEDBACK = tables.feedback.c
_REPORT = (
    select(_FEEDBACK.kind, _FEEDBACK.received_at, _FEEDBACK.stored_at, _FEEDBACK.erased_at)
    .where(_FEEDBACK.id == bindparam("feedback_id"))
    .with_for_update()
)
_FOLLOW = (
    update(tables.feedback)
    .where(_FEEDBACK.id == bindparam("feedback_id"))
    .values(due_at=bindparam("due"), paused_at=bindparam("paused"))
)


@dataclass(frozen=True, slots=True)
class _Days:
    """How long a clock runs, and what says so."""

    kind: str | None
    n_days: int | None
    policy: int
    is_confirmed: bool


def start_clock(received_at: datetime, stored_at: datetime, terms: Terms) -> Clock:
    """The first clock of a report that comes in: the one of verification."""
    # The clock of the sender may be ahead.
    course = Course(VERIFICATION, min(received_at, stored_at), (), is_running=True)
    policy = terms.policy
    days = _Days(None, policy.verification_days, policy.version, policy.is_confirmed)
    return _make_revision(course, days, terms, RECEIVED, stored_at, 1)


def revise_clock(
    transaction: Transaction,
    feedback_id: str,
    cause: str,
    now: datetime,
    *,
    actor: str = SYSTEM,
    terms: Terms | None = None,
) -> Clock | None:
    """Let the clock of a report follow its events, kind and calendar as they are now; the latest revision.

    A report that was erased keeps the clocks it had, and gets no other one: nobody can be answered any more.

    ``cause`` is an event's type, `KIND_CORRECTED` or `CALENDAR_CHANGED`. Where nothing differs no revision is made.
    The row of the report is brought up to date and stays locked until the transaction ends.
    """
    connection = transaction.connection
    terms = terms or read_terms(connection)
    row = connection.execute(_REPORT, {"feedback_id": feedback_id}).mappings().one()
    if row["erased_at"] is not None:
        return find_clock(connection, feedback_id)
    course = trace_course(min(row["received_at"], row["stored_at"]), read_events(connection, feedback_id))
    latest = find_clock(connection, feedback_id)
    days = _find_days(connection, course, row["kind"], latest, terms.policy)
    if latest is None and cause == CALENDAR_CHANGED:
        cause = RECEIVED
    revision = _make_revision(course, days, terms, cause, now, latest.revision + 1 if latest else 1)
    due_at = revision.due_at if course.is_running else None
    if latest is not None and _says_as(revision, latest):
        revision = _note_calendar(connection, feedback_id, latest, terms)
    else:
        insert_clocks(connection, {feedback_id: revision})
        transaction.record(_describe_entry(feedback_id, revision, due_at, actor))
    connection.execute(_FOLLOW, {"feedback_id": feedback_id, "due": due_at, "paused": course.paused_at})
    return revision


def find_clock(connection: Connection, feedback_id: str) -> Clock | None:
    """The latest revision of the clock of a report."""
    revisions = list_clocks(connection, feedback_id)
    return revisions[-1] if revisions else None


def list_clocks(connection: Connection, feedback_id: str) -> list[Clock]:
    """All revisions of the clock of a report, oldest first."""
    return [Clock(*row) for row in connection.execute(_CLOCKS, {"feedback_id": feedback_id})]


def find_stale(connection: Connection, calendar: str, limit: int) -> list[str]:
    """The ids of open reports whose clock follows another calendar than this version, or that have none."""
    joined = tables.feedback.outerjoin(tables.clock, is_latest_clock())
    is_stale = or_(tables.clock.c.calendar.is_(None), tables.clock.c.calendar != calendar)
    is_open = and_(tables.feedback.c.state.in_(OPEN), tables.feedback.c.erased_at.is_(None))
    query = select(tables.feedback.c.id).select_from(joined).where(is_open, is_stale)
    return list(connection.execute(query.limit(limit)).scalars())


def revise_stale(transaction: Transaction, jobs: Sequence[tuple[Sequence[str], datetime]]) -> list[int]:
    """Let the clocks of reports follow the calendar as it is now; how many were looked at."""
    terms = read_terms(transaction.connection)
    for ids, now in jobs:
        # In one order everywhere, so that two processes never wait for each other crosswise.
        for feedback_id in sorted(ids):
            revise_clock(transaction, feedback_id, CALENDAR_CHANGED, now, terms=terms)
    return [len(ids) for ids, _ in jobs]


def find_status(feedback: Feedback, clock: Clock) -> str:
    """What the latest revision does now: stopped, paused, running, or nothing where there is no deadline."""
    if feedback.state in RESTING or feedback.erased_at is not None:
        return "stopped"
    if feedback.paused_at is not None:
        return "paused"
    return "running" if clock.due_at is not None else "none"


def show_clock(clock: Clock, status: str, *, is_at_agency: bool) -> dict[str, JsonValue]:
    """A revision as it is answered, with its derivation in words; ``is_at_agency``: whose the time is, an agency's."""
    deadline = read_deadline(clock.content, clock.started_at, clock.due_at)
    is_confirmed: bool = json.loads(clock.content)["confirmed"]
    return {
        "revision": clock.revision,
        "status": status,
        "purpose": clock.purpose,
        "kind": clock.kind,
        "working_days": deadline.n_days,
        "started_at": clock.started_at.astimezone(WIB).isoformat(),
        "due_at": clock.due_at.astimezone(WIB).isoformat() if clock.due_at else None,
        "paused_working_days": deadline.n_paused_days,
        "is_confirmed": is_confirmed,
        "explanation": explain(deadline, clock.purpose, is_confirmed=is_confirmed, is_at_agency=is_at_agency),
        "cause": clock.cause,
        "made_at": clock.made_at.isoformat(),
        "policy": clock.policy,
    }


def _find_days(connection: Connection, course: Course, kind: str | None, latest: Clock | None, now: Policy) -> _Days:
    is_same = latest is not None and (latest.purpose, latest.started_at) == (course.purpose, course.started_at)
    policy = read_policy(connection, latest.policy) if latest is not None and is_same else now
    if course.purpose == VERIFICATION:
        days = _Days(None, policy.verification_days, policy.version, policy.is_confirmed)
    else:
        days = _Days(kind, policy.days_of(kind), policy.version, policy.is_confirmed)
    if latest is not None and is_same and latest.kind == days.kind:
        content = json.loads(latest.content)
        return _Days(latest.kind, content["days"], latest.policy, content["confirmed"])
    return days


def _make_revision(course: Course, days: _Days, terms: Terms, cause: str, now: datetime, number: int) -> Clock:
    deadline = find_deadline(course.started_at, days.n_days, terms.calendar, course.pauses)
    content = json.dumps({**deadline.to_json(), "confirmed": days.is_confirmed})
    return Clock(
        revision=number,
        purpose=course.purpose,
        kind=days.kind,
        started_at=course.started_at,
        due_at=deadline.due_at.astimezone(UTC) if deadline.due_at else None,
        content=content,
        made_at=now,
        cause=cause,
        policy=days.policy,
        calendar=terms.calendar.version,
    )


def _says_as(one: Clock, other: Clock) -> bool:
    """Whether two revisions differ in nothing but when, why and after which calendar they were made."""
    return _say(one) == _say(other)


def _say(clock: Clock) -> tuple[object, ...]:
    return (clock.purpose, clock.kind, clock.started_at, clock.due_at, clock.content)


def _note_calendar(connection: Connection, feedback_id: str, clock: Clock, terms: Terms) -> Clock:
    """Let a revision that a new calendar does not touch be known to follow it."""
    if clock.calendar == terms.calendar.version:
        return clock
    columns = tables.clock.c
    row = update(tables.clock).where(columns.feedback_id == feedback_id, columns.revision == clock.revision)
    connection.execute(row.values(calendar=terms.calendar.version))
    return replace(clock, calendar=terms.calendar.version)


def _describe_entry(feedback_id: str, clock: Clock, due_at: datetime | None, actor: str) -> Entry:
    content: dict[str, JsonValue] = {
        "revision": clock.revision,
        "purpose": clock.purpose,
        "kind": clock.kind,
        "started_at": clock.started_at.isoformat(),
        "due_at": due_at.isoformat() if due_at else None,
        "cause": clock.cause,
    }
    return Entry(REVISED, clock.made_at, actor, feedback_id=feedback_id, policy=clock.policy, content=content)
