"""Ends claims: a report that is given back, or freed, is held by nobody. How reports are claimed is `review`."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete

from service import tables
from service.ledger.entries import Entry
from service.writer import Transaction

RELEASED: Final = "review.released"


def release(transaction: Transaction, feedback_id: str, actor: str, at: datetime) -> None:
    """End the claim of a report, whoever holds it; without one nothing happens."""
    columns = tables.claim.c
    held = delete(tables.claim).where(columns.feedback_id == feedback_id, columns.expires_at > at)
    if transaction.connection.execute(held).rowcount:
        transaction.record(Entry(RELEASED, at, actor, feedback_id=feedback_id))
