"""Webhooks: addresses of other programs that hear of reports, what they may hear, and the secrets that sign for them.

Owns the SQL of webhooks. A signing secret is made from the secret of the home and a salt; the store holds only salts.
"""

import base64
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, insert, select, text, true, update

from service import tables
from service.home import Secret
from service.ids import new_id
from service.ledger.entries import Entry
from service.messages.states import DEAD, WAITING
from service.visibility import ADMIN, OVERSIGHT
from service.writer import Transaction

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # every signing secret starts so, none is this
# Rotated more often within one overlap, the oldest stops early.
MAX_SECRETS: Final = 5
DISABLED: Final = "the webhook is disabled"
_LOCK = 0x70696C61_77
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Salt:
    """What one signing secret is made from; it signs until ``expires_at``."""

    value: str
    made_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that hears of reports: of which changes, of one agency only, of which restricted reports."""

    id: str
    url: str
    events: tuple[str, ...]
    agency: str | None
    scopes: tuple[str, ...]
    salts: tuple[Salt, ...]
    created_at: datetime
    created_by: str
    disabled_at: datetime | None = None
    disabled_why: str | None = None

    def may_hear(self, report: Mapping[str, object]) -> bool:
        """Whether it may hear of a report: that of one agency only of what lies there, not of what is proposed."""
        restriction = report["restriction"]
        if restriction is None:
            return self.agency is None or bool(report["is_at_agency"] and self.agency == report["agency"])
        if self.agency is not None:
            return False
        return ADMIN in self.scopes or (restriction == OVERSIGHT and OVERSIGHT in self.scopes)

    def reveal(self, secret: Secret, salt: Salt) -> str:
        """The signing secret of a salt, as its receiver keeps it."""
        key = bytes.fromhex(secret.digest("webhook", f"{self.id} {salt.value}"))
        return SECRET_PREFIX + base64.b64encode(key).decode()

    def signers(self, secret: Secret, now: datetime) -> list[str]:
        """The signing secrets that are valid, newest first."""
        return [self.reveal(secret, salt) for salt in self.salts if salt.expires_at is None or salt.expires_at > now]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a webhook; None leaves a part as it is."""

    webhook_id: str
    reach: ColumnElement[bool]
    actor: str
    at: datetime
    url: str | None = None
    events: tuple[str, ...] | None = None
    scopes: tuple[str, ...] | None = None
    is_disabled: bool | None = None


@dataclass(frozen=True, slots=True)
class Rotation:
    """A new secret at ``at``; those before sign until ``until``."""

    webhook_id: str
    reach: ColumnElement[bool]
    actor: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    """A webhook to be taken away."""

    webhook_id: str
    reach: ColumnElement[bool]
    actor: str
    at: datetime


def new_salt(now: datetime) -> Salt:
    """A salt that does not expire."""
    return Salt(secrets.token_hex(_SALT_BYTES), now, None)


def new_webhook(
    url: str, events: Sequence[str], agency: str | None, scopes: Sequence[str], actor: str, now: datetime
) -> Webhook:
    """A webhook that is not stored yet."""
    return Webhook(new_id(now), url, tuple(events), agency, tuple(scopes), (new_salt(now),), now, actor)


def in_reach(agency: str | None) -> ColumnElement[bool]:
    """The condition under which a caller of one agency, or of all, may see and change a webhook."""
    return true() if agency is None else tables.webhook.c.agency == agency


def add_webhooks(transaction: Transaction, webhooks: Sequence[Webhook]) -> list[str | None]:
    """Add webhooks; for each the id of one that is already there with the same address and agency, else None."""
    connection = transaction.connection
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    outcomes: list[str | None] = []
    for webhook in webhooks:
        columns = tables.webhook.c
        agency = columns.agency.is_(None) if webhook.agency is None else columns.agency == webhook.agency
        found = connection.execute(select(columns.id).where(columns.url == webhook.url, agency)).scalar()
        if found is None:
            connection.execute(insert(tables.webhook).values(_to_row(webhook)))
            transaction.record(_entry("webhook.created", webhook, webhook.created_by, webhook.created_at))
        outcomes.append(found)
    return outcomes


def change_webhooks(transaction: Transaction, changes: Sequence[Change]) -> list[Webhook | None]:
    """Change webhooks; None for one that is not there."""
    return [_change(transaction, change) for change in changes]


def rotate_secrets(transaction: Transaction, rotations: Sequence[Rotation]) -> list[Webhook | None]:
    """Give webhooks a new secret; None for one that is not there."""
    return [_rotate(transaction, rotation) for rotation in rotations]


def remove_webhooks(transaction: Transaction, removals: Sequence[Removal]) -> list[bool]:
    """Take webhooks away with their deliveries; False for one that is not there."""
    outcomes = []
    for removal in removals:
        webhook = _lock(transaction.connection, removal.webhook_id, removal.reach)
        if webhook is not None:
            connection = transaction.connection
            connection.execute(delete(tables.delivery).where(tables.delivery.c.target == webhook.id))
            connection.execute(delete(tables.webhook).where(tables.webhook.c.id == webhook.id))
            transaction.record(_entry("webhook.removed", webhook, removal.actor, removal.at))
        outcomes.append(webhook is not None)
    return outcomes


def find_webhook(connection: Connection, webhook_id: str, reach: ColumnElement[bool]) -> Webhook | None:
    """The webhook of an id, None when there is none in reach."""
    row = connection.execute(select(tables.webhook).where(tables.webhook.c.id == webhook_id, reach)).mappings().first()
    return _from_row(row) if row is not None else None


def list_webhooks(connection: Connection, reach: ColumnElement[bool]) -> list[Webhook]:
    """All webhooks in reach, oldest first."""
    rows = connection.execute(select(tables.webhook).where(reach).order_by(tables.webhook.c.id))
    return [_from_row(row) for row in rows.mappings()]


def read_enabled(connection: Connection) -> list[Webhook]:
    """All webhooks that are not disabled."""
    return list_webhooks(connection, tables.webhook.c.disabled_at.is_(None))


def find_webhooks(connection: Connection, ids: Iterable[str]) -> dict[str, Webhook]:
    """Webhooks by their ids."""
    return {found.id: found for found in list_webhooks(connection, tables.webhook.c.id.in_(sorted(ids)))}


def disable_webhook(transaction: Transaction, webhook: Webhook, why: str, actor: str, at: datetime) -> None:
    """Send it nothing more; what waits for it is dead and can be replayed when it is enabled again."""
    connection = transaction.connection
    columns = tables.webhook.c
    values = {"disabled_at": at, "disabled_why": why}
    enabled = update(tables.webhook).where(columns.id == webhook.id, columns.disabled_at.is_(None)).values(values)
    if connection.execute(enabled).rowcount == 0:
        return
    here = and_(tables.delivery.c.target == webhook.id, tables.delivery.c.state == WAITING)
    stopped = update(tables.delivery).where(here)
    connection.execute(stopped.values(state=DEAD, next_at=None, fault=DISABLED))
    transaction.record(_entry("webhook.disabled", webhook, actor, at))


def _change(transaction: Transaction, change: Change) -> Webhook | None:
    before = _lock(transaction.connection, change.webhook_id, change.reach)
    if before is None:
        return None
    after = replace(
        before,
        url=before.url if change.url is None else change.url,
        events=before.events if change.events is None else change.events,
        scopes=before.scopes if change.scopes is None else change.scopes,
    )
    if after != before:
        _store(transaction.connection, after)
        transaction.record(_entry("webhook.changed", after, change.actor, change.at))
    if change.is_disabled and before.disabled_at is None:
        disable_webhook(transaction, after, "by an administrator", change.actor, change.at)
    if change.is_disabled is False and before.disabled_at is not None:
        _store(transaction.connection, replace(after, disabled_at=None, disabled_why=None))
        transaction.record(_entry("webhook.enabled", after, change.actor, change.at))
    return find_webhook(transaction.connection, after.id, true())


def _rotate(transaction: Transaction, rotation: Rotation) -> Webhook | None:
    before = _lock(transaction.connection, rotation.webhook_id, rotation.reach)
    if before is None:
        return None
    valid = [salt for salt in before.salts if salt.expires_at is None or salt.expires_at > rotation.at]
    ending = [replace(salt, expires_at=min(salt.expires_at or rotation.until, rotation.until)) for salt in valid]
    after = replace(before, salts=(new_salt(rotation.at), *ending)[:MAX_SECRETS])
    _store(transaction.connection, after)
    transaction.record(_entry("webhook.rotated", after, rotation.actor, rotation.at))
    return after


def _lock(connection: Connection, webhook_id: str, reach: ColumnElement[bool]) -> Webhook | None:
    query = select(tables.webhook).where(tables.webhook.c.id == webhook_id, reach).with_for_update()
    row = connection.execute(query).mappings().first()
    return _from_row(row) if row is not None else None


def _store(connection: Connection, webhook: Webhook) -> None:
    row = _to_row(webhook)
    connection.execute(update(tables.webhook).where(tables.webhook.c.id == webhook.id).values(row))


def _entry(type_: str, webhook: Webhook, actor: str, at: datetime) -> Entry:
    """Without the address, which may hold a token."""
    return Entry(
        type_,
        at,
        actor,
        content={
            "webhook": webhook.id,
            "events": list(webhook.events),
            "agency": webhook.agency,
            "scopes": list(webhook.scopes),
        },
    )


def _to_row(webhook: Webhook) -> dict[str, object]:
    salts = [
        {
            "salt": salt.value,
            "made_at": salt.made_at.isoformat(),
            "expires_at": salt.expires_at.isoformat() if salt.expires_at else None,
        }
        for salt in webhook.salts
    ]
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": " ".join(webhook.events),
        "agency": webhook.agency,
        "scopes": " ".join(webhook.scopes),
        "secrets": json.dumps(salts),
        "created_at": webhook.created_at,
        "created_by": webhook.created_by,
        "disabled_at": webhook.disabled_at,
        "disabled_why": webhook.disabled_why,
    }


def _from_row(row: RowMapping) -> Webhook:
    salts = tuple(
        Salt(
            salt["salt"],
            datetime.fromisoformat(salt["made_at"]),
            datetime.fromisoformat(salt["expires_at"]) if salt["expires_at"] else None,
        )
        for salt in json.loads(row["secrets"])
    )
    return Webhook(
        row["id"],
        row["url"],
        tuple(row["events"].split()),
        row["agency"],
        tuple(row["scopes"].split()),
        salts,
        row["created_at"],
        row["created_by"],
        row["disabled_at"],
        row["disabled_why"],
    )
