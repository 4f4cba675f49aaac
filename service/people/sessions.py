"""Sessions of people who are logged in: opened with a login, found by the token of a cookie, closed by leaving.

The store keeps the digest of a token. The token that forms carry (CSRF) is derived from the session's, so that it
holds for this session only and needs no place of its own.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select

from service.home import Secret
from service.keys import digest_token
from service.people.accounts import Account, read_account
from service.people.attempts import clear_failures, forget_failures, note_login
from service.tables import account, session
from service.writer import Transaction

IDLE: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=12)
FORGETTING_PAUSE_S: Final = 600.0
_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Login:
    """A person whose password was right; ``attempt_digest`` is of the login whose failures are forgotten."""

    account: Account
    attempt_digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is open now, and whose it is."""

    digest: str
    account: Account


def open_sessions(transaction: Transaction, logins: Sequence[Login]) -> list[str | None]:
    """Open sessions and give their tokens; None where the account was disabled or got another password meanwhile."""
    return [_open(transaction.connection, login) for login in logins]


def close_sessions(transaction: Transaction, tokens: Sequence[str]) -> list[None]:
    """Close the sessions of tokens; one that is closed stays so."""
    digests = [digest_token(token) for token in tokens]
    transaction.connection.execute(delete(session).where(session.c.digest.in_(digests)))
    return [None] * len(tokens)


def find_session(connection: Connection, token: str, now: datetime) -> Session | None:
    """The session of a token, None when it is not open or its account is disabled."""
    digest = digest_token(token)
    is_open = (session.c.digest == digest, ~_is_over(now), account.c.disabled_at.is_(None))
    row = connection.execute(select(account).join(session).where(*is_open)).mappings().one_or_none()
    return Session(digest, read_account(row)) if row is not None else None


def forget_old(transaction: Transaction, instants: Sequence[datetime]) -> list[bool]:
    """Drop sessions that are over, and failures that no longer count."""
    connection = transaction.connection
    connection.execute(delete(session).where(_is_over(instants[-1])))
    forget_failures(connection, instants[-1])
    return [False] * len(instants)


def derive_form_token(secret: Secret, token: str) -> str:
    """What the forms of a session carry, and nobody without its cookie and this installation's secret can know."""
    return secret.digest("form", token)


def _open(connection: Connection, login: Login) -> str | None:
    columns = account.c
    unchanged = (
        columns.id == login.account.id,
        columns.password == login.account.password,
        columns.disabled_at.is_(None),
    )
    if connection.execute(select(columns.id).where(*unchanged).with_for_update()).first() is None:
        return None
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    connection.execute(
        insert(session).values(
            digest=digest_token(token),
            account_id=login.account.id,
            created_at=login.at,
            seen_at=login.at,
            expires_at=login.at + LONGEST,
        )
    )
    clear_failures(connection, login.attempt_digest)
    note_login(connection, login.account.id, login.at)
    return token


def _is_over(now: datetime) -> ColumnElement[bool]:
    return or_(session.c.expires_at <= now, session.c.seen_at <= now - IDLE)
