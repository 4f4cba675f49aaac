"""Logins that fail: counted by login whether or not there is such an account, and locked for growing minutes.

An attempt is counted before its password is looked at, so that many at the same time get no more guesses than one
after the other. The table holds keyed digests, for people type passwords into the field of the login too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, text, update

from service.people.accounts import Account, find_account
from service.tables import account, login_failure
from service.writer import Transaction

MAX_FAILURES: Final = 5
FIRST_LOCK: Final = timedelta(minutes=1)
LONGEST_LOCK: Final = timedelta(minutes=60)
# After a day without a failure the count begins anew.
MEMORY: Final = timedelta(days=1)
_MAX_DOUBLINGS: Final = 6


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who wants to log in; ``digest`` is of the login."""

    login: str
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lock:
    """The login cannot be tried before ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """The attempt may go on: with an account, or with nobody, which is answered alike."""

    account: Account | None


def begin_attempts(transaction: Transaction, attempts: Sequence[Attempt]) -> list[Lock | Candidate]:
    """Count attempts and find whom they are for, or until when the login is locked."""
    _lock(transaction.connection, [attempt.digest for attempt in attempts])
    return [_begin(transaction.connection, attempt) for attempt in attempts]


def clear_failures(connection: Connection, digest: str) -> None:
    """Forget the failures of a login."""
    connection.execute(delete(login_failure).where(login_failure.c.digest == digest))


def unlock(transaction: Transaction, digests: Sequence[str]) -> list[None]:
    """Let logins be tried again at once."""
    for digest in digests:
        clear_failures(transaction.connection, digest)
    return [None] * len(digests)


def note_login(connection: Connection, account_id: str, at: datetime) -> None:
    """Remember when a person logged in."""
    connection.execute(update(account).where(account.c.id == account_id).values(last_login_at=at))


def find_locks(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Until when which logins (by digest) are locked."""
    columns = login_failure.c
    rows = connection.execute(select(columns.digest, columns.locked_until).where(columns.locked_until > now))
    return {row.digest: row.locked_until for row in rows}


def forget_failures(connection: Connection, now: datetime) -> None:
    """Drop what no longer counts, so that guesses of strangers do not fill the store."""
    connection.execute(delete(login_failure).where(login_failure.c.failed_at < now - MEMORY))


def _lock(connection: Connection, digests: Iterable[str]) -> None:
    """Keep other processes from counting the same logins; in sorted order, so that two never wait crosswise."""
    if connection.dialect.name == "postgresql":
        for number in sorted({int(digest[:15], 16) for digest in digests}):
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _begin(connection: Connection, attempt: Attempt) -> Lock | Candidate:
    columns = login_failure.c
    query = select(columns.n_failed, columns.failed_at, columns.locked_until).where(columns.digest == attempt.digest)
    row = connection.execute(query).one_or_none()
    if row is not None and row.locked_until is not None and row.locked_until > attempt.at:
        return Lock(row.locked_until)
    is_fresh = row is not None and row.failed_at > attempt.at - MEMORY
    n_failed = (row.n_failed if row is not None and is_fresh else 0) + 1
    values = {"n_failed": n_failed, "failed_at": attempt.at, "locked_until": _lock_until(n_failed, attempt.at)}
    if row is None:
        connection.execute(insert(login_failure).values(digest=attempt.digest, **values))
    else:
        connection.execute(update(login_failure).where(columns.digest == attempt.digest).values(**values))
    return Candidate(find_account(connection, attempt.login))


def _lock_until(n_failed: int, at: datetime) -> datetime | None:
    """From the fifth failure on the login is locked, each time twice as long."""
    if n_failed < MAX_FAILURES:
        return None
    doubled: timedelta = FIRST_LOCK * (1 << min(n_failed - MAX_FAILURES, _MAX_DOUBLINGS))
    return at + min(doubled, LONGEST_LOCK)
