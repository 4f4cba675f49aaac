"""Issues and revokes API keys, with an entry in the ledger for each, and lists them. A token is seen once, here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, or_, select, update

from model.prediction import JsonValue
from service.callers import MAX_RATE, SCOPES
from service.ids import new_id
from service.keys import lock_keys, make_key
from service.ledger.entries import Entry
from service.people.faults import NameTaken, OrderError
from service.tables import api_key
from service.writer import Transaction

MADE: Final = "key.made"
REVOKED: Final = "key.revoked"
# A key of one agency must not see beyond it, whatever its scopes would allow.
_WITHOUT_AGENCY: Final = ("admin", "oversight")


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """The key somebody wants: what it is for, what it may do, until when, how often a minute."""

    name: str
    scopes: tuple[str, ...]
    actor: str
    at: datetime
    agency: str | None = None
    rate: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Revocation:
    """The key somebody takes back."""

    key_id: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as it stands in the store, without what it is known by."""

    id: str
    name: str
    scopes: tuple[str, ...]
    agency: str | None
    rate: int | None
    created_at: datetime
    created_by: str | None
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def to_json(self) -> dict[str, JsonValue]:
        """The key for a program."""
        return {
            "id": self.id,
            "name": self.name,
            "scopes": list(self.scopes),
            "agency": self.agency,
            "rate": self.rate,
            "created_at": self.created_at.isoformat(),
            "created_by": self.created_by,
            "expires_at": _write(self.expires_at),
            "last_used_at": _write(self.last_used_at),
            "revoked_at": _write(self.revoked_at),
        }


@dataclass(frozen=True, slots=True, repr=False)
class IssuedKey:
    """A key that was just made, with its token, which nothing keeps."""

    record: KeyRecord
    token: str


def check_order(order: KeyOrder, agencies: Collection[str]) -> None:
    """Refuse an order that no key should be made for.

    Raises
    ------
    OrderError
        Unknown scopes or agency, scopes that do not go with an agency, an end that is over, a rate out of bounds.
    """
    unknown = sorted(set(order.scopes) - set(SCOPES))
    if unknown or not order.scopes:
        raise OrderError("scopes", f"holds {', '.join(unknown) or 'nothing'}; give some of {', '.join(SCOPES)}")
    if order.agency is not None:
        if order.agency not in agencies:
            raise OrderError("agency", f"{order.agency} is not in the taxonomy; give the slug of an agency")
        beyond = [scope for scope in order.scopes if scope in _WITHOUT_AGENCY]
        if beyond:
            raise OrderError("agency", f"does not go with {', '.join(beyond)}, which reaches beyond one agency")
    if order.rate is not None and not 1 <= order.rate <= MAX_RATE:
        raise OrderError("rate", f"is {order.rate}; give calls a minute from 1 to {MAX_RATE:,}")
    if order.expires_at is not None and order.expires_at <= order.at:
        raise OrderError("expires_at", "is over; give an instant to come")


def issue_keys(transaction: Transaction, orders: Sequence[KeyOrder]) -> list[IssuedKey | NameTaken]:
    """Make keys that `check_order` let through; a name that a key in force bears is refused."""
    lock_keys(transaction.connection)
    return [_issue(transaction, order) for order in orders]


def revoke_keys(transaction: Transaction, revocations: Sequence[Revocation]) -> list[KeyRecord | None]:
    """Take keys back, each once; None where there is no such key."""
    return [_revoke(transaction, revocation) for revocation in revocations]


def list_keys(connection: Connection) -> list[KeyRecord]:
    """All keys that ever were, newest first."""
    rows = connection.execute(select(api_key).order_by(api_key.c.created_at.desc(), api_key.c.id.desc()))
    return [_read(row) for row in rows.mappings()]


def _issue(transaction: Transaction, order: KeyOrder) -> IssuedKey | NameTaken:
    connection = transaction.connection
    if connection.execute(select(api_key.c.id).where(_holds_name(order))).first() is not None:
        return NameTaken(order.name)
    key_id = new_id(order.at)
    token = make_key(
        connection,
        order.name,
        order.scopes,
        order.at,
        key_id=key_id,
        agency=order.agency,
        rate=order.rate,
        expires_at=order.expires_at,
        created_by=order.actor,
    )
    content: dict[str, JsonValue] = {
        "key": key_id,
        "scopes": list[JsonValue](sorted(order.scopes)),
        "agency": order.agency,
        "rate": order.rate,
        "expires_at": _write(order.expires_at),
    }
    transaction.record(Entry(MADE, order.at, order.actor, content=content))
    record = _find(connection, key_id)
    if record is None:
        raise TypeError(f"the key {key_id} was made and is not there.")
    return IssuedKey(record, token)


def _holds_name(order: KeyOrder) -> ColumnElement[bool]:
    columns = api_key.c
    is_running = or_(columns.expires_at.is_(None), columns.expires_at > order.at)
    return and_(columns.name == order.name, columns.revoked_at.is_(None), is_running)


def _revoke(transaction: Transaction, revocation: Revocation) -> KeyRecord | None:
    columns = api_key.c
    in_force = and_(columns.id == revocation.key_id, columns.revoked_at.is_(None))
    changed = transaction.connection.execute(update(api_key).where(in_force).values(revoked_at=revocation.at))
    if changed.rowcount:
        content: dict[str, JsonValue] = {"key": revocation.key_id}
        transaction.record(Entry(REVOKED, revocation.at, revocation.actor, content=content))
    return _find(transaction.connection, revocation.key_id)


def _find(connection: Connection, key_id: str) -> KeyRecord | None:
    row = connection.execute(select(api_key).where(api_key.c.id == key_id)).mappings().one_or_none()
    return _read(row) if row is not None else None


def _read(row: RowMapping) -> KeyRecord:
    names = ("id", "name", "agency", "rate", "created_at", "created_by", "expires_at", "last_used_at", "revoked_at")
    return KeyRecord(**{name: row[name] for name in names}, scopes=tuple(row["scopes"].split()))


def _write(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant is not None else None
