"""Questions to the ledger: its entries in the order of their instants.

Knows no HTTP; which entries may be seen is given by the caller as a condition.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, literal, select, tuple_

from service import tables


@dataclass(frozen=True, slots=True)
class Question:
    """Which entries are asked for; None where it does not matter. ``until`` is included."""

    feedback_id: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a page ended: the sort key of its last entry."""

    at: datetime
    chain: str
    number: int


def list_entries(
    connection: Connection, question: Question, visible: ColumnElement[bool], after: Place | None, limit: int | None
) -> list[RowMapping]:
    """Entries as they are stored, earliest first; ``visible`` is about rows of the ledger joined with feedback."""
    columns = tables.ledger.c
    joined = tables.ledger.outerjoin(tables.feedback, tables.feedback.c.id == columns.feedback_id)
    query = select(tables.ledger).select_from(joined).where(visible, *_conditions(question))
    if after is not None:
        position = tuple_(columns.at, columns.chain, columns.number)
        query = query.where(position > tuple_(literal(after.at, tables.Instant), after.chain, after.number))
    return list(connection.execute(query.order_by(columns.at, columns.chain, columns.number).limit(limit)).mappings())


def _conditions(question: Question) -> Sequence[ColumnElement[bool]]:
    columns = tables.ledger.c
    conditions = []
    if question.feedback_id is not None:
        conditions.append(columns.feedback_id == question.feedback_id)
    if question.type is not None:
        conditions.append(columns.type == question.type)
    if question.since is not None:
        conditions.append(columns.at >= question.since)
    if question.until is not None:
        conditions.append(columns.at <= question.until)
    return conditions
