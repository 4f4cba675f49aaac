"""What is withheld from whoever may still label a report blind: everything that was predicted of it.

One condition for every way in, lists and filters included. Programs are told what they sent themselves, and nothing is
withheld of an emergency: who is called to one needs all there is (DESIGN 1).
"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, and_, exists, false, or_, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from service import tables
from service.auditing.drawing import AUDITED_HEADS
from service.callers import Caller

_URGENT = "urgent"


def list_heads(caller: Caller) -> tuple[str, ...]:
    """The heads a caller may label blind; a caller of one agency knows the agency of all it sees."""
    if not caller.allows("triage"):
        return ()
    return tuple(head for head in AUDITED_HEADS if head != "agency" or caller.agency is None)


def is_withheld(caller: Caller) -> ColumnElement[bool]:
    """The condition under which what was predicted of a row of feedback is withheld from a caller."""
    heads = list_heads(caller)
    if not heads:
        return false()
    feedback, draw = tables.feedback.c, tables.audit_draw.alias("own_draw").c
    waits = exists().where(draw.feedback_id == feedback.id, draw.head.in_(heads), ~_is_said(draw, caller.actor))
    is_calm = or_(feedback.alarm.is_(None), feedback.alarm != _URGENT)
    conditions = [is_calm, feedback.erased_at.is_(None), waits]
    if caller.type == "key":
        conditions.append(feedback.key_id != caller.id)
    return and_(*conditions)


def find_withheld(connection: Connection, caller: Caller, ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Of these reports, those of which a caller is told nothing that was predicted, with the heads to be labelled."""
    wanted = sorted(set(ids))
    if not wanted or not list_heads(caller):
        return {}
    columns = tables.feedback.c
    query = select(columns.id).where(columns.id.in_(wanted), is_withheld(caller))
    return find_waiting(connection, caller, connection.execute(query).scalars().all())


def find_waiting(connection: Connection, caller: Caller, ids: Collection[str]) -> Mapping[str, frozenset[str]]:
    """The heads that were drawn of these reports and that a caller may label blind, emergencies included."""
    draw = tables.audit_draw.alias("own_draw").c
    query = select(draw.feedback_id, draw.head).where(
        draw.feedback_id.in_(sorted(ids)), draw.head.in_(list_heads(caller)), ~_is_said(draw, caller.actor)
    )
    found: dict[str, set[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.feedback_id, set()).add(row.head)
    return {feedback_id: frozenset(heads) for feedback_id, heads in found.items()}


def is_seen(connection: Connection, caller: Caller, feedback_id: str, heads: Collection[str]) -> bool:
    """Whether a caller cannot be blind to one of these heads: not drawn, or labelled by them seeing all."""
    draw, label = tables.audit_draw.c, tables.label.c
    drawn = select(draw.head).where(draw.feedback_id == feedback_id, draw.head.in_(list_heads(caller)))
    seen = select(label.head).where(
        label.feedback_id == feedback_id, label.actor == caller.actor, label.is_blind.is_(False)
    )
    may = set(connection.execute(drawn).scalars()) - set(connection.execute(seen).scalars())
    return not may.issuperset(heads)


def _is_said(draw: ReadOnlyColumnCollection[str, ColumnElement[object]], actor: str) -> ColumnElement[bool]:
    """Whether somebody has labelled the head of a draw blind, or the actor has seen and labelled it."""
    label = tables.label.alias("said").c
    place = and_(label.feedback_id == draw.feedback_id, label.head == draw.head)
    return exists().where(place, or_(label.is_blind.is_(True), label.actor == actor))
