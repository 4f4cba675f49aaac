"""API keys: made once, shown once, kept as a hash.

A key is 256 bits of chance, so its plain SHA-256 cannot be guessed back. A key revoked in the store stops within
``MAX_AGE_S`` in every process.
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
        """The key of a token, None when there is none that is valid.

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
        key = self._by_digest.get(digest)
        if key is None or not hmac.compare_digest(key.digest, digest):
            return None
        return key if key.expires_at is None or key.expires_at > datetime.now(UTC) else None

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


def make_key(connection: Connection, name: str, scopes: Iterable[str], now: datetime) -> str:
    """Make a key and return its token, which nothing keeps."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    connection.execute(
        insert(api_key).values(
            id=new_id(now), name=name, digest=digest_token(token), scopes=" ".join(sorted(scopes)), created_at=now
        )
    )
    return token


def make_first_key(connection: Connection, now: datetime) -> str | None:
    """The token of a new admin key when the store has no key at all, else None."""
    if connection.dialect.name == "postgresql":
        # Of several processes that start at once, one makes the key.
        connection.execute(text("LOCK TABLE api_key IN EXCLUSIVE MODE"))
    if connection.execute(select(func.count()).select_from(api_key)).scalar_one():
        return None
    return make_key(connection, "first admin key", ["admin"], now)


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
