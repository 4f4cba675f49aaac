"""Lists stored feedback: what a listing is narrowed to, and where one of its pages ended.

Words are looked for row by row (`LIKE`), so whoever asks for them bounds the time.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, literal, or_, select, tuple_

from service import tables
from service.feedback import Record, read_record, select_records

_PLACED = ("person", "auto")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a listing is narrowed to; None or empty where it is not.

    ``not_due_at``: no clock had run out then. ``district`` is one as cases know it; of ``words`` the masked text holds
    each, in capital or small letters. ``is_unseen``: an emergency nobody acknowledged. ``open_states`` and
    ``is_placed`` are as figures count: nothing ended it, and its agency has it or was said by a person.
    """

    agency: str | None = None
    topic: str | None = None
    urgency: str | None = None
    kind: str | None = None
    external_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    states: tuple[str, ...] = ()
    alarm: str | None = None
    unit: str | None = None
    due_before: datetime | None = None
    not_due_at: datetime | None = None
    district: str | None = None
    incident: str | None = None
    proposal: str | None = None
    words: tuple[str, ...] = ()
    is_unseen: bool = False
    open_states: tuple[str, ...] = ()
    is_placed: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page of a listing ended: the sort key of its last row."""

    received_at: datetime
    id: str


def list_feedback(
    connection: Connection, filters: Filters, visible: ColumnElement[bool], after: Position | None, limit: int
) -> list[Record]:
    """Records newest first, from the one after ``after``; a record added meanwhile shifts no later page."""
    columns = tables.feedback.c
    # The page is found first: what hangs on each row of it is not looked up for all rows that are sorted.
    narrowed = select(columns.id).where(visible, *_conditions(filters))
    if after is not None:
        position = tuple_(columns.received_at, columns.id)
        narrowed = narrowed.where(position < tuple_(_bound(after.received_at), after.id))
    order = (columns.received_at.desc(), columns.id.desc())
    page = narrowed.order_by(*order).limit(limit).subquery()
    query = select_records().where(columns.id.in_(select(page.c.id))).order_by(*order)
    return [read_record(row) for row in connection.execute(query).mappings()]


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    columns = tables.feedback.c
    wanted = {
        columns.agency: filters.agency,
        columns.topic: filters.topic,
        columns.urgency: filters.urgency,
        columns.kind: filters.kind,
        columns.external_id: filters.external_id,
        columns.alarm: filters.alarm,
        columns.unit: filters.unit,
    }
    conditions = [column == value for column, value in wanted.items() if value is not None]
    if filters.since is not None:
        conditions.append(columns.received_at >= filters.since)
    if filters.until is not None:
        conditions.append(columns.received_at < filters.until)
    return [*conditions, *_conditions_of_clock(filters), *_conditions_of_content(filters)]


def _conditions_of_clock(filters: Filters) -> list[ColumnElement[bool]]:
    columns = tables.feedback.c
    conditions: list[ColumnElement[bool]] = []
    if filters.states:
        conditions.append(columns.state.in_(filters.states))
    if filters.due_before is not None:
        conditions.append(columns.due_at < filters.due_before)
    if filters.not_due_at is not None:
        conditions.append(or_(columns.due_at.is_(None), columns.due_at >= filters.not_due_at))
    return conditions


def _conditions_of_content(filters: Filters) -> list[ColumnElement[bool]]:
    """What the text says, what it is part of, and where it counts."""
    columns = tables.feedback.c
    conditions = [columns.text.icontains(word, autoescape=True) for word in filters.words]
    if filters.incident is not None:
        member = tables.incident_member.c
        conditions.append(exists().where(member.feedback_id == columns.id, member.incident_id == filters.incident))
    if filters.is_unseen:
        raised = tables.emergency.c
        conditions.append(exists().where(raised.feedback_id == columns.id, raised.acknowledged_at.is_(None)))
    if filters.open_states:
        conditions += [columns.state.in_(filters.open_states), columns.erased_at.is_(None)]
    if filters.is_placed:
        counted = tables.feedback_case.c
        is_there = counted.agency_basis.in_(_PLACED)
        conditions.append(exists().where(counted.feedback_id == columns.id, is_there))
    if filters.proposal is not None:
        behind = tables.proposed_topic_report.c
        conditions.append(
            exists().where(behind.feedback_id == columns.id, behind.proposed_topic_id == filters.proposal)
        )
    if filters.district is not None:
        of_case = tables.feedback_case.c
        conditions.append(exists().where(of_case.feedback_id == columns.id, of_case.district == filters.district))
    return conditions


def _bound(instant: datetime) -> ColumnElement[datetime]:
    return literal(instant, tables.Instant)
