"""Rows of a store as lines of JSON, whatever its revision and database: the tables are read from the store itself."""

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import Column, Connection, MetaData, Table, insert, select
from sqlalchemy.types import Date, DateTime, LargeBinary

from service.tables import metadata

# Who was logged in logs in again; the revision stands beside the rows.
_REVISION = "alembic_version"
_LEFT_OUT: Final = frozenset({_REVISION, "session"})
_N_ROWS = 1_000


def read_tables(connection: Connection) -> list[Table]:
    """The tables of a store that are kept, each after those it refers to."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: is_ours(name))
    return [table for table in found.sorted_tables if table.name not in _LEFT_OUT]


def is_ours(table: str) -> bool:
    """Whether a table is one of Pilah's; a database may hold others, which are left alone."""
    return table in metadata.tables or table == _REVISION


def read_lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """All rows of a table in the order of their keys, each a line of JSON."""
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_N_ROWS)
    with connection.execute(query).mappings() as rows:
        for row in rows:
            fields = {name: _encode(value) for name, value in row.items()}
            yield json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def insert_lines(connection: Connection, table: Table, lines: Sequence[bytes]) -> None:
    """Put rows into a table as they were."""
    is_sqlite = connection.dialect.name == "sqlite"
    rows = [
        {name: _decode(table.c[name], value, is_sqlite=is_sqlite) for name, value in json.loads(line).items()}
        for line in lines
    ]
    for start in range(0, len(rows), _N_ROWS):
        connection.execute(insert(table), rows[start : start + _N_ROWS])


def _encode(value: object) -> object:
    if isinstance(value, datetime):
        # SQLite knows no zones and holds UTC.
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _decode(column: Column[object], value: object, *, is_sqlite: bool) -> object:
    if not isinstance(value, str):
        return value
    if isinstance(column.type, DateTime):
        instant = datetime.fromisoformat(value)
        return instant.replace(tzinfo=None) if is_sqlite else instant
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return base64.b64decode(value) if isinstance(column.type, LargeBinary) else value
