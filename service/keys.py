"""API keys: made once, shown once, kept as a hash.

A key is 256 bits of chance, so its plain SHA-256 cannot be guessed back. A key revoked in the store stops within
``MAX_AGE_S`` in every process. Who may make and revoke keys, and what the ledger hears of it, is `service.people`.
"""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, text

from service.callers import Caller
from service.ids import new_id
from service.reader import Reader
from service.tables import api_key

TOKEN_PREFIX = "pilah_"  # noqa: S105  # every token starts so, none is this
MAX_AGE_S = 1.0
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that is not revoked: whom it stands for, until when, and how often a minute it may call."""

    caller: Caller
    digest: str
    expires_at: datetime | None
    rate: int | None


class KeyRing:
    """The valid keys, read again from the store when what is known is old or lacks the key that is asked for."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._by_digest: Mapping[str, ApiKey] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def find(self, token: str) -> ApiKey | None:
        """The key of a token, None when there is none that is valid now.

        Raises
        ------
        StoreUnavailableError
            The store was asked and did not answer.
        """
        asked_at = time.monotonic()
        digest = digest_token(token)
        if self._read_at <= asked_at - MAX_AGE_S:
            await self._read_since(asked_at - MAX_AGE_S)
        if digest not in self._by_digest:
            # It may have been made since.
            await self._read_since(asked_at)
        key = self._look_up(digest)
        return None if key is None or has_expired(key) else key

    def is_expired(self, token: str) -> bool:
        """Whether a token that `find` refused was good once and is past its time."""
        key = self._look_up(digest_token(token))
        return key is not None and has_expired(key)

    def forget(self) -> None:
        """Read the keys anew before the next answer: one was revoked here."""
        self._read_at = float("-inf")

    def _look_up(self, digest: str) -> ApiKey | None:
        key = self._by_digest.get(digest)
        return key if key is not None and hmac.compare_digest(key.digest, digest) else None

    async def _read_since(self, earliest: float) -> None:
        """Make sure that the keys were read after ``earliest``; those who wait together read once."""
        async with self._reading:
            if self._read_at <= earliest:
                started_at = time.monotonic()
                self._by_digest = await self._reader.read(read_valid)
                self._read_at = started_at


def digest_token(token: str) -> str:
    """What the store keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def has_expired(key: ApiKey) -> bool:
    """Whether the time of a key is over."""
    return key.expires_at is not None and key.expires_at <= datetime.now(UTC)


def make_key(
    connection: Connection,
    name: str,
    scopes: Iterable[str],
    now: datetime,
    *,
    key_id: str | None = None,
    agency: str | None = None,
    rate: int | None = None,
    expires_at: datetime | None = None,
    created_by: str | None = None,
) -> str:
    """Make a key and return its token, which nothing keeps."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    connection.execute(
        insert(api_key).values(
            id=key_id or new_id(now),
            name=name,
            digest=digest_token(token),
            scopes=" ".join(sorted(scopes)),
            agency=agency,
            rate=rate,
            created_at=now,
            created_by=created_by,
            expires_at=expires_at,
        )
    )
    return token


def make_first_key(connection: Connection, now: datetime) -> str | None:
    """The token of a new admin key when the store has no key at all, else None."""
    # Of several processes that start at once, one makes the key.
    lock_keys(connection)
    if connection.execute(select(func.count()).select_from(api_key)).scalar_one():
        return None
    return make_key(connection, "first admin key", ["admin"], now)


def lock_keys(connection: Connection) -> None:
    """Let nobody else make or change a key until this transaction ends; on SQLite a writer is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE api_key IN EXCLUSIVE MODE"))


def read_valid(connection: Connection) -> dict[str, ApiKey]:
    """All keys that are not revoked, by their digest."""
    rows = connection.execute(select(api_key).where(api_key.c.revoked_at.is_(None)))
    keys = (
        ApiKey(
            Caller(row.id, "key", row.name, frozenset(row.scopes.split()), row.agency),
            row.digest,
            row.expires_at,
            row.rate,
        )
        for row in rows
    )
    return {key.digest: key for key in keys}
