"""Who has seen an emergency: an acknowledgement, the claim of that very report, or any event of it ends the waiting."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, get_args

from sqlalchemy import Connection, RowMapping, select, update

from service import tables
from service.handling.review import CLAIMED
from service.handling.states import EventType

ACKNOWLEDGED: Final = "emergency.acknowledged"
# What an officer does that shows that the emergency was seen. Not so `review.taken`: who takes the next twenty of the
# queue has opened none of them.
SIGNS: Final = (ACKNOWLEDGED, CLAIMED, *(f"event.{type_}" for type_ in get_args(EventType)))


def acknowledge(connection: Connection, feedback_id: str, actor: str, at: datetime) -> bool:
    """Note who saw an emergency first; False when somebody had before, or there is none."""
    columns = tables.emergency.c
    waiting = update(tables.emergency).where(columns.feedback_id == feedback_id, columns.acknowledged_at.is_(None))
    return connection.execute(waiting.values(acknowledged_at=at, acknowledged_by=actor)).rowcount == 1


def _note(connection: Connection, entry: RowMapping) -> bool:
    """Note what an entry shows; what came before the emergency was raised, or raised again, shows nothing of it."""
    columns = tables.emergency.c
    waiting = update(tables.emergency).where(
        columns.feedback_id == entry["feedback_id"], columns.acknowledged_at.is_(None), columns.raised_at <= entry["at"]
    )
    seen = {"acknowledged_at": entry["at"], "acknowledged_by": entry["actor"]}
    return connection.execute(waiting.values(seen)).rowcount == 1


def acknowledge_by_entries(connection: Connection, entries: Sequence[RowMapping]) -> None:
    """Note what entries of the ledger show to have been seen."""
    for entry in entries:
        if entry["type"] in SIGNS and entry["feedback_id"] is not None:
            _note(connection, entry)


def acknowledge_by_ledger(connection: Connection, feedback_id: str) -> bool:
    """The same from the ledger itself, for entries that nothing has read yet; whether there is one."""
    columns, emergency = tables.ledger.c, tables.emergency.c
    raised_at = select(emergency.raised_at).where(emergency.feedback_id == feedback_id).scalar_subquery()
    signs = select(tables.ledger).where(
        columns.feedback_id == feedback_id, columns.type.in_(SIGNS), columns.at >= raised_at
    )
    entry = connection.execute(signs.order_by(columns.at).limit(1)).mappings().first()
    return entry is not None and _note(connection, entry)
