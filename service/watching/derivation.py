"""The derivation that keeps the cells of drift up with the ledger.

What a report counted by the entries read before is taken out, and what it counts with the new ones is put in. An
erasure changes nothing: an entry holds no text, and counts stay.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import BindParameter, Connection, RowMapping, and_, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from service import tables
from service.handling.clock import local_day
from service.watching.counting import COUNTED_TYPES, Key, Sums, count, find_week

_CELL: Final = tables.cell_watch
_KEYS: Final = [column.name for column in _CELL.primary_key.columns]
_SUMS: Final = [column.name for column in _CELL.c if not column.primary_key]
_OF_REPORTS: BindParameter[str] = bindparam("ids", expanding=True)
_LEDGER, _FEEDBACK, _CURSOR = tables.ledger.c, tables.feedback.c, tables.cursor.c
# Written once: to build a statement takes longer than to run it.
_ENTRIES = select(tables.ledger).where(_LEDGER.feedback_id.in_(_OF_REPORTS), _LEDGER.type.in_(sorted(COUNTED_TYPES)))
_INSTANTS = select(_FEEDBACK.id, _FEEDBACK.received_at).where(_FEEDBACK.id.in_(_OF_REPORTS))
_PLACES = select(_CURSOR.chain, _CURSOR.number).where(_CURSOR.name == bindparam("name"))
_DROP = delete(_CELL).where(and_(*(_CELL.c[name] == bindparam(f"of_{name}") for name in _KEYS), _CELL.c.n == 0))


class Watch:
    """The cells that signs of drift are told from, as a derivation."""

    name = "watch"

    def apply(self, connection: Connection, entries: Sequence[RowMapping]) -> None:
        """Count anew the reports that entries tell of."""
        touched = sorted({entry["feedback_id"] for entry in entries if entry["type"] in COUNTED_TYPES})
        if not touched:
            return
        places = {row.chain: row.number for row in connection.execute(_PLACES, {"name": self.name})}
        new = {(entry["chain"], entry["number"]) for entry in entries}
        weeks = {
            row.id: find_week(local_day(row.received_at)) for row in connection.execute(_INSTANTS, {"ids": touched})
        }
        changed: dict[Key, Sums] = {}
        for feedback_id, own in _group(connection.execute(_ENTRIES, {"ids": touched}).mappings()).items():
            before = [entry for entry in own if entry["number"] <= places.get(entry["chain"], 0)]
            now = [*before, *(entry for entry in own if (entry["chain"], entry["number"]) in new)]
            week = weeks[feedback_id]
            _add(changed, count(week, before), -1)
            _add(changed, count(week, now), 1)
        _write(connection, {key: sums for key, sums in changed.items() if any(sums)})

    def reset(self, connection: Connection) -> None:
        """Empty the cells."""
        connection.execute(delete(_CELL))


def _group(entries: Iterable[RowMapping]) -> dict[str, list[RowMapping]]:
    groups: dict[str, list[RowMapping]] = {}
    for entry in entries:
        groups.setdefault(entry["feedback_id"], []).append(entry)
    return groups


def _add(changed: dict[Key, Sums], counted: Iterable[tuple[Key, Sums]], sign: int) -> None:
    for key, sums in counted:
        before = changed.get(key, (0,) * len(sums))
        a, b, c, d, e, f, g, h = (old + sign * one for old, one in zip(before, sums, strict=True))
        changed[key] = (a, b, c, d, e, f, g, h)


def _write(connection: Connection, changed: Mapping[Key, Sums]) -> None:
    if not changed:
        return
    # In one order everywhere, so that two processes never wait for each other crosswise.
    rows = [dict(zip((*_KEYS, *_SUMS), (*key, *changed[key]), strict=True)) for key in sorted(changed)]
    connection.execute(_ADD[connection.dialect.name], rows)
    emptied = [
        {f"of_{name}": value for name, value in zip(_KEYS, key, strict=True)}
        for key, sums in changed.items()
        if sums[0] < 0
    ]
    if emptied:
        connection.execute(_DROP, emptied)


def _build_add(dialect: str) -> Insert:
    added = postgresql.insert(_CELL) if dialect == "postgresql" else sqlite.insert(_CELL)
    new = {name: _CELL.c[name] + added.excluded[name] for name in _SUMS}
    return added.on_conflict_do_update(index_elements=_KEYS, set_=new)


_ADD: Final = {dialect: _build_add(dialect) for dialect in ("sqlite", "postgresql")}
