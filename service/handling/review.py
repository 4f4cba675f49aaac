"""The review queue: what waits for a person, the most pressing first, and who holds which report.

A claim keeps a report from other officers for a while; it ends when it is released, runs out, or the report no longer
waits. Two officers never hold one report: the row of the claim is taken by one statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite

from service import tables
from service.handling.claims import Held, release
from service.handling.states import NEW, RETURNED, VERIFIED
from service.ledger.entries import Entry
from service.said import has_label, is_doubted
from service.writer import Transaction

CLAIM_LASTS: Final = timedelta(minutes=15)
# An officer opened one report.
CLAIMED: Final = "review.claimed"
# An officer took the next ones, which nobody has read yet.
TAKEN: Final = "review.taken"
# More urgent first; what the taxonomy does not rank comes after.
_URGENCIES: Final = ("darurat", "tinggi", "sedang", "rendah")
_ALARMS: Final = ("urgent", "watch", None)
_DUE_SOON: Final = timedelta(days=1)
# Written into the statement as it stands in the index of the queue, which serves no other.
_UNDISPOSED: Final[BindParameter[list[str]]] = bindparam(
    "undisposed", sorted((NEW, RETURNED, VERIFIED)), expanding=True, literal_execute=True
)
# Where no agency was predicted nothing is surer; written, for the stores sort null on different sides.
_NO_CONFIDENCE: Final = -1.0


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a report stands in the queue of an instant: the sort key of its row."""

    at: datetime
    alarm: int
    clock: int
    urgency: int
    confidence: float
    received_at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report in the queue; ``claimed_by`` holds it until ``claimed_until``. It has a ``rank`` where it is listed."""

    feedback_id: str
    claimed_by: str | None
    claimed_until: datetime | None
    rank: Rank | None = None


@dataclass(frozen=True, slots=True)
class Shut:
    """How many reports of the queue are shut away, since when the oldest waits, and when the first clock runs out."""

    n_waiting: int
    oldest_at: datetime | None
    first_due_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        """Whether any of them waits beyond its clock."""
        return self.first_due_at is not None and self.first_due_at < now


@dataclass(frozen=True, slots=True)
class Taking:
    """An officer takes reports: the one of ``feedback_id``, or the next ``limit`` of the queue.

    With ``is_ahead`` the one is only held for later: nobody has opened it.
    """

    actor: str
    visible: ColumnElement[bool]
    at: datetime
    feedback_id: str | None
    limit: int
    is_ahead: bool = False


@dataclass(frozen=True, slots=True)
class Giving:
    """An officer gives a report back to the queue; ``may_force`` also what another one holds."""

    actor: str
    visible: ColumnElement[bool]
    at: datetime
    feedback_id: str
    may_force: bool


def list_queue(
    connection: Connection,
    visible: ColumnElement[bool],
    now: datetime,
    limit: int,
    *,
    only_free: bool = False,
    after: Rank | None = None,
) -> list[Waiting]:
    """The next reports that wait for a person, the most pressing first, from the one after ``after``.

    Of a page after another one, ``now`` is that of the first.
    """
    found: list[Waiting] = []
    # Alarm by alarm, as the index of the queue is laid out: mostly the first ones are enough.
    for number in range(after.alarm if after is not None else 0, len(_ALARMS)):
        if len(found) < limit:
            query = _select_alarmed(number, visible, now)
            if after is not None and number == after.alarm:
                query = query.where(_come_after(after))
            if only_free:
                query = query.where(tables.claim.c.actor.is_(None))
            rows = connection.execute(query.limit(limit - len(found))).all()
            found += [_read_waiting(row, number, now) for row in rows]
    return found


def _select_alarmed(number: int, visible: ColumnElement[bool], now: datetime) -> Select[*tuple[object, ...]]:
    feedback, claim = tables.feedback.c, tables.claim.c
    is_held = and_(claim.feedback_id == feedback.id, claim.expires_at > now)
    keys = _sort_keys(now)
    return (
        select(*keys, claim.actor, claim.expires_at)
        .select_from(tables.feedback.outerjoin(tables.claim, is_held))
        .where(feedback.alarm == _ALARMS[number], waits_for_a_person(), visible)
        .order_by(*keys)
    )


def _sort_keys(now: datetime) -> tuple[ColumnElement[object], ...]:
    feedback = tables.feedback.c
    clock = case((feedback.due_at <= now, 0), (feedback.due_at <= now + _DUE_SOON, 1), else_=2)
    urgency = case({name: rank for rank, name in enumerate(_URGENCIES)}, value=feedback.urgency, else_=len(_URGENCIES))
    confidence = func.coalesce(feedback.confidence, _NO_CONFIDENCE)
    return (clock.label("clock"), urgency.label("rank"), confidence.label("sure"), feedback.received_at, feedback.id)


def _come_after(after: Rank) -> ColumnElement[bool]:
    clock, urgency, confidence, received_at, feedback_id = _sort_keys(after.at)
    keys = tuple_(clock, urgency, confidence, received_at, feedback_id)
    received = literal(after.received_at, tables.Instant)
    return keys > tuple_(after.clock, after.urgency, after.confidence, received, after.id)


def _read_waiting(row: Row[*tuple[object, ...]], alarm: int, now: datetime) -> Waiting:
    rank = Rank(now, alarm, row.clock, row.rank, row.sure, row.received_at, row.id)
    return Waiting(row.id, row.actor, row.expires_at, rank)


def count_shut(connection: Connection, visible: ColumnElement[bool]) -> Shut:
    """What of the queue is shut away for a possible accusation."""
    feedback = tables.feedback.c
    query = select(func.count(), func.min(feedback.received_at), func.min(feedback.due_at)).where(
        waits_for_a_person(), feedback.restriction.is_not(None), visible
    )
    return Shut(*connection.execute(query).one())


def waits_for_a_person() -> ColumnElement[bool]:
    """The condition under which a report is in the queue.

    It was not disposed of, and it was not routed alone, or was given back, or must not be missed, or somebody said
    blind that it is something else; once a person has said where it belongs it waits no more.
    """
    feedback = tables.feedback.c
    has_agency = has_label("agency")
    is_doubtful = or_(
        feedback.route.is_(None),
        feedback.route != "auto",
        feedback.alarm.is_not(None),
        feedback.state == RETURNED,
        is_doubted(),
    )
    is_open = or_(feedback.state == RETURNED, ~has_agency)
    return and_(feedback.state.in_(_UNDISPOSED), feedback.erased_at.is_(None), is_open, is_doubtful)


def is_waiting(connection: Connection, feedback_id: str, visible: ColumnElement[bool]) -> bool:
    """Whether a report is in the queue for who sees ``visible``."""
    query = select(tables.feedback.c.id).where(tables.feedback.c.id == feedback_id, waits_for_a_person(), visible)
    return connection.execute(query).first() is not None


def take_all(transaction: Transaction, takings: Sequence[Taking]) -> list[list[Waiting] | Held | None]:
    """What each officer holds now of what was asked for; `Held` or None where one report was and cannot be had."""
    return [_take(transaction, taking) for taking in takings]


def is_opened(connection: Connection, feedback_id: str) -> bool:
    """Whether who holds a report has opened it, and did not only take it with others or for later."""
    return CLAIMED in _list_signs(connection, feedback_id)


def give_all(transaction: Transaction, givings: Sequence[Giving]) -> list[bool | Held]:
    """Whether each report was held and is free now; `Held` where another officer holds it."""
    return [_give(transaction, giving) for giving in givings]


def _take(transaction: Transaction, asked: Taking) -> list[Waiting] | Held | None:
    if asked.feedback_id is not None:
        return _take_one(transaction, asked, asked.feedback_id)
    taken: list[Waiting] = []
    # Others may take what was just read; then the next ones are read.
    while len(taken) < asked.limit:
        free = list_queue(transaction.connection, asked.visible, asked.at, asked.limit - len(taken), only_free=True)
        if not free:
            break
        taken += [held for waiting in free if (held := _hold(transaction, asked, waiting.feedback_id)) is not None]
    return taken


def _take_one(transaction: Transaction, asked: Taking, feedback_id: str) -> list[Waiting] | Held | None:
    feedback, claim = tables.feedback.c, tables.claim.c
    seen = select(feedback.id).where(feedback.id == feedback_id, asked.visible)
    if transaction.connection.execute(seen).first() is None:
        return None
    held = _hold(transaction, asked, feedback_id)
    if held is not None:
        return [held]
    until = select(claim.expires_at).where(claim.feedback_id == feedback_id)
    return Held(transaction.connection.execute(until).scalar_one())


def _hold(transaction: Transaction, asked: Taking, feedback_id: str) -> Waiting | None:
    """Take a report that is free, or that the same officer holds; None where another one does."""
    connection, claim = transaction.connection, tables.claim.c
    expires_at = asked.at + CLAIM_LASTS
    had = select(claim.actor).where(claim.feedback_id == feedback_id, claim.expires_at > asked.at)
    type_ = CLAIMED if asked.feedback_id is not None and not asked.is_ahead else TAKEN
    is_renewal = connection.execute(had).scalar() == asked.actor and type_ in _list_signs(connection, feedback_id)
    values = {"feedback_id": feedback_id, "actor": asked.actor, "claimed_at": asked.at, "expires_at": expires_at}
    changed = {name: value for name, value in values.items() if name != "feedback_id"}
    free = or_(claim.expires_at <= asked.at, claim.actor == asked.actor)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(tables.claim).values(values)
    # Told by the row itself: PostgreSQL's driver counts no rows of an insert.
    taken = statement.on_conflict_do_update(index_elements=[claim.feedback_id], set_=changed, where=free)
    if connection.execute(taken.returning(claim.feedback_id)).first() is None:
        return None
    if not is_renewal:
        transaction.record(Entry(type_, asked.at, asked.actor, feedback_id=feedback_id))
    return Waiting(feedback_id, asked.actor, expires_at)


def _list_signs(connection: Connection, feedback_id: str) -> tuple[str, ...]:
    """What the last claim of a report told: one that was taken with others is opened when it is claimed by its id."""
    columns = tables.ledger.c
    last = select(columns.type).where(columns.feedback_id == feedback_id, columns.type.in_((CLAIMED, TAKEN)))
    type_ = connection.execute(last.order_by(columns.at.desc()).limit(1)).scalar()
    return (CLAIMED, TAKEN) if type_ == CLAIMED else (TAKEN,)


def _give(transaction: Transaction, asked: Giving) -> bool | Held:
    connection, feedback, claim = transaction.connection, tables.feedback.c, tables.claim.c
    held = (
        select(claim.actor, claim.expires_at)
        .select_from(tables.claim.join(tables.feedback))
        .where(feedback.id == asked.feedback_id, asked.visible, claim.expires_at > asked.at)
    )
    row = connection.execute(held).one_or_none()
    if row is None:
        return False
    if row.actor != asked.actor and not asked.may_force:
        return Held(row.expires_at)
    release(transaction, asked.feedback_id, asked.actor, asked.at)
    return True
