"""Adds to the cells of the store what cases changed, and keeps no row that counts nothing."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from sqlalchemy import Connection, Delete, Table, and_, bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from service import tables
from service.cases.counting import Key, Share

CELLS: Final = (
    tables.cell_series,
    tables.cell_count,
    tables.cell_mix,
    tables.cell_length,
    tables.cell_open,
    tables.cell_aspect,
    tables.cell_bundle,
)


class Change:
    """What is added to rows of cells and taken from them, summed up before the store is asked."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[Key, tuple[int, ...]]] = {}

    def add(self, shares: Iterable[Share], sign: int = 1) -> None:
        """Add shares, or with ``sign`` -1 take them out."""
        for table, key, counts in shares:
            rows = self._rows.setdefault(table, {})
            before = rows.get(key)
            signed = counts if sign > 0 else tuple(-n for n in counts)
            rows[key] = signed if before is None else tuple(map(int.__add__, before, signed))

    def list_rows(self, table: Table) -> list[tuple[str | date | int, ...]]:
        """Rows of a cell that count something, as a store without it before would have them."""
        return [(*key, *counts) for key, counts in self._rows.get(table.name, {}).items() if any(counts)]

    def write(self, connection: Connection) -> None:
        """Bring the store up to it."""
        for table in CELLS:
            changed = {key: counts for key, counts in self._rows.get(table.name, {}).items() if any(counts)}
            if changed:
                _write(connection, table, changed)


def _write(connection: Connection, table: Table, changed: Mapping[Key, tuple[int, ...]]) -> None:
    keys, sums = _KEYS[table.name], _SUMS[table.name]
    dialect = connection.dialect.name
    # In one order everywhere, so that two processes never wait for each other crosswise.
    rows = [dict(zip((*keys, *sums), (*key, *changed[key]), strict=True)) for key in sorted(changed, key=repr)]
    connection.execute(_ADD[dialect, table.name], rows)
    emptied = [
        {f"of_{name}": value for name, value in zip(keys, key, strict=True)}
        for key, counts in changed.items()
        if min(counts) < 0
    ]
    if emptied:
        connection.execute(_DROP[table.name], emptied)


def _build_add(table: Table, dialect: str) -> Insert:
    keys, sums = _KEYS[table.name], _SUMS[table.name]
    added = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    new = {name: table.c[name] + added.excluded[name] for name in sums}
    return added.on_conflict_do_update(index_elements=keys, set_=new)


def _build_drop(table: Table) -> Delete:
    here = [table.c[name] == bindparam(f"of_{name}") for name in _KEYS[table.name]]
    return delete(table).where(and_(*here, *(table.c[name] == 0 for name in _SUMS[table.name])))


_KEYS: Final = {table.name: [column.name for column in table.primary_key.columns] for table in CELLS}
_SUMS: Final = {table.name: [column.name for column in table.c if not column.primary_key] for table in CELLS}
# Written once: to build a statement takes longer than to run it.
_ADD: Final = {
    (dialect, table.name): _build_add(table, dialect) for table in CELLS for dialect in ("sqlite", "postgresql")
}
_DROP: Final = {table.name: _build_drop(table) for table in CELLS}
