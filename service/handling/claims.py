"""Who holds a report, and how that ends: given back, or freed, nobody does. `review` says how it is claimed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, select

from service import tables
from service.ledger.entries import Entry
from service.writer import Transaction

RELEASED: Final = "review.released"


@dataclass(frozen=True, slots=True)
class Held:
    """Another officer holds the report until then."""

    until: datetime


def find_other_holder(connection: Connection, feedback_id: str, actor: str, at: datetime) -> Held | None:
    """Until when somebody else holds a report; None where nobody else does."""
    columns = tables.claim.c
    query = select(columns.expires_at).where(
        columns.feedback_id == feedback_id, columns.actor != actor, columns.expires_at > at
    )
    until = connection.execute(query).scalar()
    return Held(until) if until is not None else None


def release(transaction: Transaction, feedback_id: str, actor: str, at: datetime) -> None:
    """End the claim of a report, whoever holds it; without one nothing happens."""
    columns = tables.claim.c
    held = delete(tables.claim).where(columns.feedback_id == feedback_id, columns.expires_at > at)
    if transaction.connection.execute(held).rowcount:
        transaction.record(Entry(RELEASED, at, actor, feedback_id=feedback_id))
