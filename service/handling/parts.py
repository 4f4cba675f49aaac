"""Runs statements with any number of ids: a store takes only so many values in one statement."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, Delete, Row, Select

# A statement names them ``ids``.
IDS_AT_ONCE: Final = 1_000
Values = Mapping[str, object]


def read_parts(
    connection: Connection, query: Select[tuple[object, ...]], ids: Sequence[object], more: Values | None = None
) -> Iterator[Row[tuple[object, ...]]]:
    """The rows of a query, asked as often as ids do not fit; of each id they must be those of one statement."""
    for part in _cut(ids):
        yield from connection.execute(query, {"ids": part, **(more or {})})


def execute_parts(connection: Connection, statement: Delete, ids: Sequence[object]) -> None:
    """Run a statement for all ids."""
    for part in _cut(ids):
        connection.execute(statement, {"ids": part})


def _cut(ids: Sequence[object]) -> Iterator[Sequence[object]]:
    return (ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE))
