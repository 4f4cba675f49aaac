"""Adds to the cells and sheets of the store what cases changed, and keeps no row that counts nothing."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Delete, Select, Table, and_, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from service import tables
from service.cases.counting import Key, Share
from service.cases.sheets import LENGTHS, MIXES, add_lines

CELLS: Final = (
    tables.cell_series,
    tables.cell_count,
    tables.cell_kept,
    tables.cell_stratum,
    tables.cell_open,
    tables.cell_aspect,
    tables.cell_urgency,
    tables.cell_bundle,
)
SHEETS: Final[Mapping[Table, np.dtype[np.void]]] = {tables.sheet_mix: MIXES, tables.sheet_length: LENGTHS}
Row = tuple[str | date | int | bytes, ...]
Lines = dict[int, tuple[int, ...]]


class Change:
    """What is added to rows of cells and lines of sheets and taken from them, summed up before the store is asked."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[Key, tuple[int, ...]]] = {}

    def add(self, shares: Iterable[Share], sign: int = 1) -> None:
        """Add shares, or with ``sign`` -1 take them out."""
        for table, key, counts in shares:
            rows = self._rows.setdefault(table, {})
            before = rows.get(key)
            signed = counts if sign > 0 else tuple(-n for n in counts)
            rows[key] = signed if before is None else tuple(map(int.__add__, before, signed))

    def list_rows(self, table: Table) -> list[Row]:
        """Rows that count something, as a store without them before would have them."""
        if table in SHEETS:
            lines = self._list_lines(table)
            return [(*key, add_lines(b"", of_sheet, SHEETS[table])) for key, of_sheet in lines.items()]
        return [(*key, *counts) for key, counts in self._list_changed(table).items()]

    def write(self, connection: Connection) -> None:
        """Bring the store up to it."""
        for table in CELLS:
            if changed := self._list_changed(table):
                _write_cells(connection, table, changed)
        for table in SHEETS:
            if lines := self._list_lines(table):
                _write_sheets(connection, table, lines)

    def _list_changed(self, table: Table) -> dict[Key, tuple[int, ...]]:
        return {key: counts for key, counts in self._rows.get(table.name, {}).items() if any(counts)}

    def _list_lines(self, table: Table) -> dict[Key, Lines]:
        lines: dict[Key, Lines] = {}
        for (*key, code), counts in self._list_changed(table).items():
            lines.setdefault(tuple(key), {})[int(str(code))] = counts
        return lines


def _write_cells(connection: Connection, table: Table, changed: Mapping[Key, tuple[int, ...]]) -> None:
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


def _write_sheets(connection: Connection, table: Table, lines: Mapping[Key, Lines]) -> None:
    """Read the sheets that change, and put those that still hold something in their place."""
    keys = _KEYS[table.name]
    gone, kept = [], []
    for key in sorted(lines, key=repr):
        place = {f"of_{name}": value for name, value in zip(keys, key, strict=True)}
        found = connection.execute(_READ[table.name], place).one_or_none()
        after = add_lines(found[0] if found is not None else b"", lines[key], SHEETS[table])
        if after:
            kept.append(dict(zip((*keys, "lines"), (*key, after), strict=True)))
        else:
            gone.append(place)
    if kept:
        connection.execute(_PUT[connection.dialect.name, table.name], kept)
    if gone:
        connection.execute(_FORGET[table.name], gone)


def _build_add(table: Table, dialect: str) -> Insert:
    added = _insert(table, dialect)
    new = {name: table.c[name] + added.excluded[name] for name in _SUMS[table.name]}
    return added.on_conflict_do_update(index_elements=_KEYS[table.name], set_=new)


def _build_put(table: Table, dialect: str) -> Insert:
    put = _insert(table, dialect)
    return put.on_conflict_do_update(index_elements=_KEYS[table.name], set_={"lines": put.excluded["lines"]})


def _insert(table: Table, dialect: str) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _build_forget(table: Table) -> Delete:
    return delete(table).where(and_(*(table.c[name] == bindparam(f"of_{name}") for name in _KEYS[table.name])))


def _build_drop(table: Table) -> Delete:
    return _build_forget(table).where(and_(*(table.c[name] == 0 for name in _SUMS[table.name])))


def _build_read(table: Table) -> Select[Any]:
    here = and_(*(table.c[name] == bindparam(f"of_{name}") for name in _KEYS[table.name]))
    return select(table.c.lines).where(here).with_for_update()


_KEYS: Final = {table.name: [column.name for column in table.primary_key.columns] for table in (*CELLS, *SHEETS)}
_SUMS: Final = {table.name: [column.name for column in table.c if not column.primary_key] for table in CELLS}
# Written once: to build a statement takes longer than to run it.
_DIALECTS: Final = ("sqlite", "postgresql")
_ADD: Final = {(dialect, table.name): _build_add(table, dialect) for table in CELLS for dialect in _DIALECTS}
_PUT: Final = {(dialect, table.name): _build_put(table, dialect) for table in SHEETS for dialect in _DIALECTS}
_DROP: Final = {table.name: _build_drop(table) for table in CELLS}
_READ: Final = {table.name: _build_read(table) for table in SHEETS}
_FORGET: Final = {table.name: _build_forget(table) for table in SHEETS}
