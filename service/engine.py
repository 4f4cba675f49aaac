"""Opens the store: one engine for SQLite or PostgreSQL, set up so that a commit is on the disk when it returns.

Owns what an unavailable store looks like. Knows no tables.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, DisconnectionError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from service.errors import StoreConflictError, StoreError, StoreUnavailableError

BUSY_TIMEOUT_S = 5
_POOL_SIZE = 6
# A statement of this service takes milliseconds; what takes longer hangs, and must not hold a request for ever.
_POSTGRES_OPTIONS = {
    "connect_timeout": 3,
    "options": "-c statement_timeout=10000 -c lock_timeout=5000",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
}


def open_engine(address: str) -> Engine:
    """An engine for ``sqlite:///…`` or ``postgresql://…``; nothing is connected yet.

    Raises
    ------
    StoreError
        The folder of the file cannot be made.
    """
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args=_POSTGRES_OPTIONS,
        pool_size=_POOL_SIZE,
        pool_timeout=BUSY_TIMEOUT_S,
        pool_pre_ping=True,
        hide_parameters=True,
    )


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes; on SQLite it holds the write lock from its start.

    Raises
    ------
    StoreUnavailableError
        Nothing of the transaction was kept (or, when a connection broke during commit, it is not known).
    """
    with translating(), engine.connect() as connection:
        # On the connection: an engine of its own options, made anew each time, takes longer than a statement.
        connection.execution_options(is_writing=True)
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads; errors as `writing`."""
    with translating(), engine.connect() as connection:
        yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """One transaction that sees the store as it was at its first read, however long it takes; errors as `writing`."""
    is_postgres = engine.dialect.name == "postgresql"
    options = {"isolation_level": "REPEATABLE READ"} if is_postgres else {}
    with translating(), engine.execution_options(**options).connect() as connection:
        if is_postgres:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        yield connection


@contextmanager
def translating() -> Iterator[None]:
    """Tell a store that does not answer now from a statement that is wrong."""
    try:
        yield
    except (OperationalError, InterfaceError, InternalError, PoolTimeoutError) as error:
        # Deadlock, serialization failure (PostgreSQL, class 40).
        is_conflict = str(getattr(getattr(error, "orig", None), "sqlstate", "")).startswith("40")
        raise (StoreConflictError if is_conflict else StoreUnavailableError)(_name(error)) from error
    except DatabaseError as error:
        # SQLite reports a file that is damaged or no database by this class itself; subclasses are faults of ours.
        if type(error) is DatabaseError:
            raise StoreUnavailableError(_name(error)) from error
        raise


def _name(error: Exception) -> str:
    """What happened, without the statement or its values."""
    cause = getattr(error, "orig", None) or error
    return next(iter(str(cause).splitlines()), type(cause).__name__)


def _open_sqlite(url: URL) -> Engine:
    path = Path(url.database or "").absolute()
    if not url.database or path.name == ":memory:":
        raise StoreError("A store in memory would lose every report; name a file: sqlite:///folder/file.db.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreError(f"{error.filename}: {error.strerror}. Name a folder you may write in.") from error
    engine = create_engine(
        # Opened for reading and writing, never made anew: a file that vanished must not come back empty.
        URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "rw", "uri": "true"}),
        connect_args={"timeout": BUSY_TIMEOUT_S},
        pool_size=_POOL_SIZE,
        pool_timeout=BUSY_TIMEOUT_S,
        hide_parameters=True,
    )
    watch = _FileWatch(path)
    event.listen(engine, "connect", watch.note)
    event.listen(engine, "checkout", watch.compare)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@dataclass(frozen=True, slots=True)
class _FileWatch:
    """Gives up connections to a file that was moved, deleted or replaced: what they write, nobody would find again."""

    path: Path

    def note(self, _: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        """Remember which file a connection was opened on."""
        record.info["inode"] = self._inode()

    def compare(self, _: sqlite3.Connection, record: ConnectionPoolEntry, __: object) -> None:
        """Refuse a connection whose file is no longer the one at the path."""
        if self._inode() != record.info["inode"]:
            raise DisconnectionError

    def _inode(self) -> int | None:
        try:
            return self.path.stat().st_ino
        except OSError:
            return None


def _set_up_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # The driver would begin transactions late and not at all for DDL; `_begin_sqlite` does it instead.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")
