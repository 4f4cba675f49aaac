"""Deliveries of one webhook as an administrator sees them: listed, counted, and dead ones sent again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, literal, select, tuple_, update

from service import tables
from service.ledger.entries import Entry
from service.messages.states import DEAD, WAITING
from service.messages.webhooks import find_webhook
from service.writer import Transaction

REPLAYED: Final = "webhook.replayed"


@dataclass(frozen=True, slots=True)
class DeliveryPosition:
    """Where a page of a listing ended: when its last message was made, and its id."""

    made_at: datetime
    message_id: str


@dataclass(frozen=True, slots=True)
class Replay:
    """Dead deliveries to be sent again: one, or all of a webhook."""

    webhook_id: str
    reach: ColumnElement[bool]
    message_id: str | None
    actor: str
    at: datetime


def list_deliveries(
    connection: Connection, webhook_id: str, state: str | None, after: DeliveryPosition | None, limit: int
) -> list[RowMapping]:
    """Deliveries with their messages, newest first."""
    delivery, message = tables.delivery.c, tables.message.c
    query = (
        select(tables.delivery, message.type, message.feedback_id, message.made_at)
        .select_from(tables.delivery.join(tables.message, message.id == delivery.message_id))
        .where(delivery.target == webhook_id)
    )
    if state is not None:
        query = query.where(delivery.state == state)
    if after is not None:
        made_at = literal(after.made_at, tables.Instant)
        query = query.where(tuple_(message.made_at, message.id) < tuple_(made_at, after.message_id))
    ordered = query.order_by(message.made_at.desc(), message.id.desc()).limit(limit)
    return list(connection.execute(ordered).mappings())


def list_of_report(connection: Connection, feedback_id: str) -> list[RowMapping]:
    """What was told of a report, to whom, and what became of it; earliest first."""
    delivery, message = tables.delivery.c, tables.message.c
    query = (
        select(tables.delivery, message.type, message.made_at, tables.webhook.c.url)
        .select_from(
            tables.message.join(tables.delivery, message.id == delivery.message_id).outerjoin(
                tables.webhook, tables.webhook.c.id == delivery.target
            )
        )
        .where(message.feedback_id == feedback_id)
        .order_by(message.made_at, message.id, delivery.target)
    )
    return list(connection.execute(query).mappings())


def count_deliveries(connection: Connection, webhook_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
    """How many deliveries of each webhook stand in each state."""
    columns = tables.delivery.c
    query = select(columns.target, columns.state, func.count()).where(columns.target.in_(webhook_ids))
    counts: dict[str, dict[str, int]] = {webhook_id: {} for webhook_id in webhook_ids}
    for target, state, n in connection.execute(query.group_by(columns.target, columns.state)):
        counts[target][state] = n
    return counts


def replay_dead(transaction: Transaction, replays: Sequence[Replay]) -> list[int | None]:
    """Send dead deliveries again from the first try on; for each their number, None without such a webhook."""
    outcomes: list[int | None] = []
    for replay in replays:
        if find_webhook(transaction.connection, replay.webhook_id, replay.reach) is None:
            outcomes.append(None)
            continue
        columns = tables.delivery.c
        dead = and_(columns.target == replay.webhook_id, columns.state == DEAD)
        if replay.message_id is not None:
            dead = and_(dead, columns.message_id == replay.message_id)
        again = update(tables.delivery).where(dead).values(state=WAITING, n_tries=0, next_at=replay.at)
        n_replayed = transaction.connection.execute(again).rowcount
        if n_replayed:
            told = Entry(
                REPLAYED, replay.at, replay.actor, content={"webhook": replay.webhook_id, "deliveries": n_replayed}
            )
            transaction.record(told)
        outcomes.append(n_replayed)
    return outcomes
