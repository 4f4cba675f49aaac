"""Which deliveries are tried next, and what came of each try: the store's side of delivering.

A try is leased first and recorded after, so that one process at a time is at it. A process that dies between the two
leaves a lease that ends; the message then goes out again under the same id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Final

from sqlalchemy import Connection, and_, delete, exists, func, select, tuple_, update

from service import tables
from service.ledger.entries import SYSTEM
from service.messages.payload import Letter, read_letter, select_letters
from service.messages.sending import GONE, Outcome
from service.messages.states import DEAD, MAIL, SENT, WAITING, WITHDRAWN
from service.messages.webhooks import DISABLED, Webhook, disable_webhook, find_webhooks
from service.writer import Transaction

# Before the second try, the third, …; after the last one the delivery is dead.
SCHEDULE_S: Final = (5, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400)
MAX_WAIT_S: Final = 86_400.0
# Longer than a try and its record may take.
LEASE_S: Final = 60
MAX_AT_ONCE: Final = 32
# A receiver that stalls holds so many tries and no more.
MAX_PER_TARGET: Final = 4
KEPT: Final = timedelta(days=90)
FORGOTTEN_AT_ONCE: Final = 1_000
_JITTER: Final = (0.8, 1.2)
_DICE = SystemRandom()
_FAULT_CHARS = 200


@dataclass(frozen=True, slots=True)
class Parcel:
    """One try of one delivery; ``webhook`` is None for mail."""

    letter: Letter
    target: str
    n_tries: int
    webhook: Webhook | None


@dataclass(frozen=True, slots=True)
class Demand:
    """How many tries may begin at ``now``, beside those that run for each target."""

    now: datetime
    n_free: int
    n_running: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a try, and when the next one may be."""

    parcel: Parcel
    outcome: Outcome
    at: datetime
    next_at: datetime | None


def is_due(connection: Connection, now: datetime) -> bool:
    """Whether any delivery waits for a try."""
    columns = tables.delivery.c
    query = select(columns.target).where(columns.state == WAITING, columns.next_at <= now)
    return connection.execute(query.limit(1)).first() is not None


def lease(transaction: Transaction, demands: Sequence[Demand]) -> list[list[Parcel]]:
    """Take deliveries that are due, those that waited longest first, a few of each target."""
    return [_lease(transaction.connection, demand) for demand in demands]


def settle(transaction: Transaction, results: Sequence[Result]) -> list[str]:
    """Record what came of tries; for each the state of its delivery. A lease that ended meanwhile is left alone."""
    return [_settle(transaction, result) for result in results]


def forget_old(transaction: Transaction, instants: Sequence[datetime]) -> list[bool]:
    """Forget what arrived or was withdrawn long ago; dead letters stay. For each instant whether more is left."""
    columns = tables.delivery.c
    outcomes = []
    for now in instants:
        is_old = and_(
            columns.state.in_((SENT, WITHDRAWN)),
            columns.message_id.in_(select(tables.message.c.id).where(tables.message.c.made_at < now - KEPT)),
        )
        some = select(columns.message_id, columns.target).where(is_old).limit(FORGOTTEN_AT_ONCE)
        rows = transaction.connection.execute(some).all()
        if rows:
            here = tuple_(columns.message_id, columns.target).in_([tuple(row) for row in rows])
            transaction.connection.execute(delete(tables.delivery).where(here))
        outcomes.append(len(rows) == FORGOTTEN_AT_ONCE)
    return outcomes


def plan_next(n_tries: int, outcome: Outcome, now: datetime) -> datetime | None:
    """When to try again after ``n_tries``; None when it is over: the message arrived, or it is dead."""
    if outcome.fault is None or outcome.status == GONE or n_tries > len(SCHEDULE_S):
        return None
    wait_s = SCHEDULE_S[n_tries - 1] * _DICE.uniform(*_JITTER)
    return now + timedelta(seconds=min(max(wait_s, outcome.wait_s), MAX_WAIT_S * _JITTER[1]))


def _lease(connection: Connection, demand: Demand) -> list[Parcel]:
    columns = tables.delivery.c
    is_waiting = and_(columns.state == WAITING, columns.next_at <= demand.now)
    longest = select(columns.target).where(is_waiting).group_by(columns.target).order_by(func.min(columns.next_at))
    parcels: list[Parcel] = []
    for target in connection.execute(longest).scalars().all():
        room = min(MAX_PER_TARGET - demand.n_running.get(target, 0), demand.n_free - len(parcels))
        if room <= 0:
            continue
        # What is addressed may be derived a moment later.
        is_made = exists().where(tables.message.c.id == columns.message_id)
        query = select(columns.message_id).where(is_waiting, columns.target == target, is_made)
        oldest = query.order_by(columns.next_at, columns.message_id).limit(room).with_for_update(skip_locked=True)
        ids = list(connection.execute(oldest).scalars())
        parcels += _take(connection, target, ids, demand.now)
    return parcels


def _take(connection: Connection, target: str, ids: Sequence[str], now: datetime) -> list[Parcel]:
    columns = tables.delivery.c
    here = and_(columns.target == target, columns.message_id.in_(ids))
    connection.execute(
        update(tables.delivery)
        .where(here)
        .values(n_tries=columns.n_tries + 1, next_at=now + timedelta(seconds=LEASE_S))
    )
    counts = {row.message_id: row.n_tries for row in connection.execute(select(tables.delivery).where(here))}
    webhook = find_webhooks(connection, [target]).get(target)
    rows = connection.execute(select_letters().where(tables.message.c.id.in_(ids))).mappings()
    parcels = [Parcel(letter, target, counts[letter.id], webhook) for letter in map(read_letter, rows)]
    refusals = {parcel.letter.id: _refuse(parcel) for parcel in parcels}
    for message_id, refusal in refusals.items():
        if refusal is not None:
            gone = and_(columns.target == target, columns.message_id == message_id)
            values = {"state": refusal[0], "next_at": None, "fault": refusal[1]}
            connection.execute(update(tables.delivery).where(gone).values(values))
    return [parcel for parcel in parcels if refusals[parcel.letter.id] is None]


def _refuse(parcel: Parcel) -> tuple[str, str] | None:
    """The state of a delivery that must not go out any more, and why; None when it may."""
    if parcel.target == MAIL:
        return None
    report = parcel.letter.report
    if parcel.webhook is None or not parcel.webhook.may_hear(report):
        return WITHDRAWN, "the report is no longer for this target"
    return (DEAD, DISABLED) if parcel.webhook.disabled_at is not None else None


def _settle(transaction: Transaction, result: Result) -> str:
    parcel, outcome = result.parcel, result.outcome
    columns = tables.delivery.c
    state = SENT if outcome.fault is None else WAITING if result.next_at is not None else DEAD
    leased = and_(
        columns.message_id == parcel.letter.id,
        columns.target == parcel.target,
        columns.state == WAITING,
        columns.n_tries == parcel.n_tries,
    )
    transaction.connection.execute(
        update(tables.delivery)
        .where(leased)
        .values(
            state=state,
            next_at=result.next_at,
            sent_at=result.at if state == SENT else None,
            status=outcome.status,
            fault=(outcome.fault or outcome.note or "")[:_FAULT_CHARS] or None,
        )
    )
    if outcome.status == GONE and parcel.webhook is not None:
        disable_webhook(transaction, parcel.webhook, "its receiver answered 410 Gone", SYSTEM, result.at)
    return state
