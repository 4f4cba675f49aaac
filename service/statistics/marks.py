"""Marks: dated facts somebody entered, such as a new procedure or a flood; owns the SQL of them.

A mark is in the ledger before anybody sees its effect, so that nobody can try dates until one looks well. Its words
are masked, and never in the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final, Literal

from sqlalchemy import Connection, delete, insert, or_, select

from model.prediction import JsonValue
from service import tables
from service.ids import new_id
from service.ledger.entries import Entry
from service.statistics.asking import Period
from service.writer import Transaction

ENTERED: Final = "mark.entered"
REMOVED: Final = "mark.removed"
MarkType = Literal["kebijakan", "kejadian", "reorganisasi"]


@dataclass(frozen=True, slots=True)
class MarkOrder:
    """A mark that somebody enters; ``title`` is masked."""

    day: date
    until: date | None
    title: str
    type: MarkType
    agency: str | None
    topic: str | None
    control_agency: str | None
    control_topic: str | None
    actor: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark, a column of its table for each field; ``agency`` and ``topic`` are what it touched, None for all.

    The control is what it did not touch, to compare with.
    """

    id: str
    day: date
    until: date | None
    title: str
    type: str
    agency: str | None
    topic: str | None
    control_agency: str | None
    control_topic: str | None
    actor: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    """An order to take a mark out; the ledger keeps that it was there."""

    id: str
    actor: str
    now: datetime


_COLUMNS = [tables.mark.c[field.name] for field in fields(Mark)]


def enter_marks(transaction: Transaction, orders: Sequence[MarkOrder]) -> list[Mark]:
    """Enter marks, each with its entry in the ledger; one that the same person has entered already stays one."""
    marks = []
    for order in orders:
        known = _find_same(transaction.connection, order)
        if known is not None:
            marks.append(known)
            continue
        mark = Mark(
            new_id(order.now),
            order.day,
            order.until,
            order.title,
            order.type,
            order.agency,
            order.topic,
            order.control_agency,
            order.control_topic,
            order.actor,
            order.now,
        )
        row = {field.name: getattr(mark, field.name) for field in fields(Mark)}
        transaction.connection.execute(insert(tables.mark).values(row))
        transaction.record(Entry(ENTERED, order.now, order.actor, content=_describe(mark)))
        marks.append(mark)
    return marks


def _find_same(connection: Connection, order: MarkOrder) -> Mark | None:
    """The mark that says the same: what a second click on a form would enter again."""
    columns = tables.mark.c
    named = ("day", "until", "title", "type", "agency", "topic", "control_agency", "control_topic", "actor")
    same = [columns[name].is_not_distinct_from(getattr(order, name)) for name in named]
    row = connection.execute(select(*_COLUMNS).where(*same).limit(1)).first()
    return Mark(*row) if row is not None else None


def remove_marks(transaction: Transaction, removals: Sequence[Removal]) -> list[Mark | None]:
    """Take marks out; each as it was, None where there was none."""
    outcomes = []
    for removal in removals:
        mark = find_mark(transaction.connection, removal.id)
        if mark is not None:
            transaction.connection.execute(delete(tables.mark).where(tables.mark.c.id == removal.id))
            transaction.record(Entry(REMOVED, removal.now, removal.actor, content=_describe(mark)))
        outcomes.append(mark)
    return outcomes


def find_mark(connection: Connection, mark_id: str) -> Mark | None:
    """The mark of an id."""
    row = connection.execute(select(*_COLUMNS).where(tables.mark.c.id == mark_id)).first()
    return Mark(*row) if row is not None else None


def list_marks(connection: Connection, period: Period | None = None, agency: str | None = None) -> list[Mark]:
    """Marks in the order of their days; of those of one agency also what touched all."""
    columns = tables.mark.c
    query = select(*_COLUMNS).order_by(columns.day, columns.id)
    if period is not None:
        last = or_(columns.day >= period.start, columns.until >= period.start)
        query = query.where(columns.day <= period.end, last)
    if agency is not None:
        query = query.where(or_(columns.agency.is_(None), columns.agency == agency))
    return [Mark(*row) for row in connection.execute(query)]


def _describe(mark: Mark) -> dict[str, JsonValue]:
    """What the ledger keeps of a mark: all but its words."""
    return {
        "mark": mark.id,
        "day": mark.day.isoformat(),
        "until": mark.until.isoformat() if mark.until else None,
        "type": mark.type,
        "agency": mark.agency,
        "topic": mark.topic,
        "control_agency": mark.control_agency,
        "control_topic": mark.control_topic,
    }
