"""What lies on the desk of an officer: how much waits, what they hold, and what was decided and is not sent on yet.

Reads only; what an officer does is in `service.handling.review`, `labels` and `events`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from service import tables
from service.handling.review import CLAIM_LASTS, waits_for_a_person
from service.handling.states import NEW, VERIFIED
from service.said import RETRACTION, find_doubts, has_label

_MAX_READY: Final = 50


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many reports wait for a person; of these, possible emergencies, overdue ones, accusations, held by others."""

    n_waiting: int
    n_alarmed: int
    n_overdue: int
    n_restricted: int
    n_held: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A report whose agency a person named and that lies with none yet."""

    feedback_id: str
    kind: str | None
    agency: str
    unit: str | None
    text: str
    decided_at: datetime
    is_mine: bool


def count_queue(connection: Connection, visible: ColumnElement[bool], actor: str, now: datetime) -> QueueCounts:
    """How full the queue is for who sees ``visible``."""
    feedback, claim = tables.feedback.c, tables.claim.c
    is_held = and_(claim.feedback_id == feedback.id, claim.expires_at > now, claim.actor != actor)
    query = (
        select(
            func.count(),
            _count(feedback.alarm.is_not(None)),
            _count(feedback.due_at <= now),
            _count(feedback.restriction.is_not(None)),
            _count(claim.actor.is_not(None)),
        )
        .select_from(tables.feedback.outerjoin(tables.claim, is_held))
        .where(waits_for_a_person(), visible)
    )
    return QueueCounts(*(int(n or 0) for n in connection.execute(query).one()))


def list_held(
    connection: Connection, actor: str, visible: ColumnElement[bool], now: datetime, drawn: Iterable[str] | None = None
) -> list[str]:
    """Ids of the reports of the queue that an officer holds, the one claimed first leading; of ``drawn`` with it."""
    claim = tables.claim.c
    query = (
        select(claim.feedback_id)
        .select_from(tables.claim.join(tables.feedback))
        .where(claim.actor == actor, claim.expires_at > now, visible)
    )
    query = query.where(waits_for_a_person() if drawn is None else claim.feedback_id.in_(set(drawn)))
    return list(connection.execute(query.order_by(claim.claimed_at, claim.feedback_id)).scalars())


def is_held_by_another(connection: Connection, feedback_id: str, actor: str, now: datetime) -> bool:
    """Whether another officer holds a report."""
    claim = tables.claim.c
    held = select(claim.actor).where(claim.feedback_id == feedback_id, claim.expires_at > now, claim.actor != actor)
    return connection.execute(held).first() is not None


def mark_standing(connection: Connection, feedback_id: str, actor: str) -> str:
    """How far others have got with a report: another mark than before says that what was seen of it stands no more.

    What the officer did themself is no news to them, so that a second click does no harm.
    """
    label, event = tables.label.c, tables.event.c
    n_labels = select(func.count()).where(label.feedback_id == feedback_id, label.actor != actor)
    n_events = select(func.count()).where(event.feedback_id == feedback_id, event.actor != actor)
    found = (connection.execute(count).scalar_one() for count in (n_labels, n_events))
    return "-".join(map(str, found))


def read_doubts(connection: Connection, feedback_id: str) -> dict[str, str]:
    """What was said blind of a report that differs and that nobody has settled, by head."""
    columns = tables.label.c
    query = select(tables.label).where(columns.feedback_id == feedback_id).order_by(columns.at)
    return find_doubts(connection.execute(query).mappings())


def list_ready(
    connection: Connection, visible: ColumnElement[bool], actor: str, now: datetime, ids: Iterable[str] = ()
) -> list[Ready]:
    """Reports that were decided and may be sent on, the latest first: one's own at once, others' after a while.

    With ``ids`` these alone.
    """
    feedback, label = tables.feedback.c, tables.label.c
    query = (
        select(feedback.id, feedback.kind, feedback.agency, feedback.unit, feedback.text, label.actor, label.at)
        .select_from(tables.feedback.join(tables.label))
        .where(
            feedback.state.in_((NEW, VERIFIED)),
            feedback.is_at_agency.is_(False),
            feedback.agency.is_not(None),
            feedback.erased_at.is_(None),
            label.head == "agency",
            label.basis != RETRACTION,
            label.is_blind.is_(False),
            has_label("agency"),
            visible,
        )
    )
    wanted = set(ids)
    if wanted:
        query = query.where(feedback.id.in_(wanted))
    found: dict[str, Ready] = {}
    for row in connection.execute(query.order_by(label.at.desc()).limit(2 * _MAX_READY)):
        is_mine = row.actor == actor
        if row.id not in found and (is_mine or row.at <= now - CLAIM_LASTS):
            found[row.id] = Ready(row.id, row.kind, row.agency, row.unit, row.text, row.at, is_mine)
    return list(found.values())[:_MAX_READY]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
