"""Emergencies: advice for the one who reports, and a second call when nobody acknowledged the first in time.

Pilah is no emergency line, and says so. A row is raised in the transaction that stores the report
(`service.feedback`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, select, update

from model.prediction import JsonValue
from service import tables
from service.handling.policy import Policy
from service.ledger.entries import SYSTEM, Entry
from service.messages.acknowledging import ACKNOWLEDGED, acknowledge, acknowledge_by_ledger
from service.messages.outbox import ESCALATED
from service.writer import Transaction

WAIT: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody has seen the emergency of a report that ``visible`` lets them see."""

    feedback_id: str
    visible: ColumnElement[bool]
    actor: str
    at: datetime


def advise(policy: Policy, contacts: Sequence[tuple[str, str]]) -> dict[str, JsonValue]:
    """What the app shows at once to the one who reports an emergency; ``contacts`` where the policy has none."""
    numbers = policy.numbers or contacts
    return {"text": policy.advice, "numbers": [{"number": number, "name": name} for number, name in numbers]}


def acknowledge_all(transaction: Transaction, acknowledgements: Sequence[Acknowledgement]) -> list[RowMapping | None]:
    """Note who has seen emergencies, the first one each time; None where there is none to be seen."""
    outcomes: list[RowMapping | None] = []
    for asked in acknowledgements:
        if find_emergency(transaction.connection, asked.feedback_id, asked.visible) is None:
            outcomes.append(None)
            continue
        if acknowledge(transaction.connection, asked.feedback_id, asked.actor, asked.at):
            transaction.record(Entry(ACKNOWLEDGED, asked.at, asked.actor, feedback_id=asked.feedback_id))
        outcomes.append(find_emergency(transaction.connection, asked.feedback_id, asked.visible))
    return outcomes


def escalate(transaction: Transaction, instants: Sequence[datetime]) -> list[int]:
    """Tell again what nobody acknowledged in time, once; the number told at each instant."""
    return [_escalate(transaction, now) for now in instants]


def has_late(connection: Connection, now: datetime) -> bool:
    """Whether any emergency waits too long and was not told again."""
    return connection.execute(_late(now).limit(1)).first() is not None


def find_emergency(connection: Connection, feedback_id: str, visible: ColumnElement[bool]) -> RowMapping | None:
    """The emergency of a report, None when there is none to be seen."""
    query = _emergencies().where(tables.emergency.c.feedback_id == feedback_id, visible)
    return connection.execute(query).mappings().first()


def list_open(connection: Connection, visible: ColumnElement[bool], limit: int) -> list[RowMapping]:
    """Emergencies that nobody acknowledged, the longest waiting first."""
    columns = tables.emergency.c
    query = _emergencies().where(columns.acknowledged_at.is_(None), visible)
    ordered = query.order_by(columns.raised_at, columns.feedback_id).limit(limit)
    return list(connection.execute(ordered).mappings())


def _escalate(transaction: Transaction, now: datetime) -> int:
    columns = tables.emergency.c
    n_told = 0
    for feedback_id in transaction.connection.execute(_late(now)).scalars().all():
        if acknowledge_by_ledger(transaction.connection, feedback_id):
            continue
        mine = update(tables.emergency).where(
            columns.feedback_id == feedback_id, columns.acknowledged_at.is_(None), columns.escalated_at.is_(None)
        )
        # Of several processes one changes the row.
        if transaction.connection.execute(mine.values(escalated_at=now)).rowcount == 1:
            transaction.record(Entry(ESCALATED, now, SYSTEM, feedback_id=feedback_id))
            n_told += 1
    return n_told


def _late(now: datetime) -> Select[str]:
    columns = tables.emergency.c
    return select(columns.feedback_id).where(
        columns.acknowledged_at.is_(None), columns.escalated_at.is_(None), columns.raised_at <= now - WAIT
    )


def _emergencies() -> Select[tuple[object, ...]]:
    emergency, feedback = tables.emergency, tables.feedback
    names = ("state", "agency", "unit", "topic", "urgency", "restriction", "village", "district")
    return select(emergency, *(feedback.c[name] for name in names)).select_from(emergency.join(feedback))
