"""What is derived from the ledger: read in order, each entry once, and rebuilt from its beginning when wanted.

A derivation writes tables of its own. Where it stands is kept with what it wrote, in one transaction, so that no entry
is read twice and none is left out, however often a process dies.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, text, update

from service import tables

MAX_ENTRIES = 1_000
_LOCK = 0x70696C61
# Written once: to build a statement takes longer than to run it.
_HEADS = select(tables.chain.c.id, tables.chain.c.number)
_PLACES = select(tables.cursor.c.chain, tables.cursor.c.number).where(tables.cursor.c.name == bindparam("name"))
_NEXT = (
    select(tables.ledger)
    .where(tables.ledger.c.chain == bindparam("chain"), tables.ledger.c.number > bindparam("number"))
    .order_by(tables.ledger.c.number)
    .limit(bindparam("most"))
)
_MOVE = (
    update(tables.cursor)
    .where(tables.cursor.c.name == bindparam("of_name"), tables.cursor.c.chain == bindparam("of_chain"))
    .values(number=bindparam("to_number"))
)
_N_WRITTEN = select(func.coalesce(func.sum(tables.chain.c.number), 0)).scalar_subquery()
_N_READ = select(func.coalesce(func.sum(tables.cursor.c.number), 0)).where(tables.cursor.c.name == bindparam("name"))
_TRY = text("SELECT pg_try_advisory_xact_lock(:key)")
_WAIT = text("SELECT pg_advisory_xact_lock(:key)")
_BEHIND = select(_N_WRITTEN - _N_READ.scalar_subquery())


class Derivation(Protocol):
    """Something derived from the ledger.

    Entries of one chain come in their order. Those of several chains come by their instants as far as they are known:
    a process that commits late is read late, and on a rebuild earlier.
    """

    @property
    def name(self) -> str:
        """Under which its place in the ledger is kept."""

    def apply(self, connection: Connection, entries: Sequence[RowMapping]) -> None:
        """Take in entries of the ledger, earlier ones first."""

    def reset(self, connection: Connection) -> None:
        """Empty what it wrote."""


@dataclass(frozen=True, slots=True, order=True)
class _Dated:
    """An entry with what it is sorted by among those of other chains."""

    at: datetime
    chain: str
    number: int
    entry: RowMapping = field(compare=False)


def derive(connection: Connection, derivation: Derivation, limit: int = MAX_ENTRIES) -> int:
    """Take in the next entries and return their number; 0 when all were, or another process is at it."""
    if connection.dialect.name == "postgresql" and not connection.execute(_TRY, _name_lock(derivation.name)).scalar():
        return 0
    places = _read_places(connection, derivation.name)
    entries = [dated.entry for dated in _read_entries(connection, places, limit)]
    if not entries:
        return 0
    derivation.apply(connection, entries)
    _move(connection, derivation.name, places, entries)
    return len(entries)


def rebuild(connection: Connection, derivation: Derivation) -> int:
    """Empty what a derivation wrote and derive it anew from the whole ledger; the number of entries read.

    Waits for a process that is at it: what that one has written and not committed yet could not be emptied.
    """
    if connection.dialect.name == "postgresql":
        # Nobody waits for an answer of it, and it may take minutes.
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(_WAIT, _name_lock(derivation.name))
    derivation.reset(connection)
    connection.execute(delete(tables.cursor).where(tables.cursor.c.name == derivation.name))
    n_read = 0
    while n := derive(connection, derivation):
        n_read += n
    return n_read


def count_behind(connection: Connection, name: str) -> int:
    """How many entries of the ledger a derivation has not read yet."""
    return int(connection.execute(_BEHIND, {"name": name}).scalar_one())


def _name_lock(name: str) -> dict[str, int]:
    """What processes that derive the same hold against each other, until their transaction ends."""
    return {"key": _LOCK << 16 | sum(name.encode())}


def _read_places(connection: Connection, name: str) -> dict[str, int]:
    rows = connection.execute(_PLACES, {"name": name})
    return {row.chain: row.number for row in rows}


def _read_entries(connection: Connection, places: Mapping[str, int], limit: int) -> list[_Dated]:
    heads = connection.execute(_HEADS)
    behind = {row.id: places.get(row.id, 0) for row in heads if row.number > places.get(row.id, 0)}
    if not behind:
        return []
    return list(islice(heapq.merge(*(_read_chain(connection, *place, limit) for place in behind.items())), limit))


def _read_chain(connection: Connection, chain: str, number: int, limit: int) -> Iterator[_Dated]:
    """The next entries of a chain in their order, each with an instant that never falls, though a clock may."""
    after = {"chain": chain, "number": number, "most": limit}
    latest = datetime.min.replace(tzinfo=UTC)
    for entry in connection.execute(_NEXT, after).mappings().all():
        latest = max(latest, entry["at"])
        yield _Dated(latest, chain, entry["number"], entry)


def _move(connection: Connection, name: str, places: Mapping[str, int], entries: Sequence[RowMapping]) -> None:
    reached = {entry["chain"]: entry["number"] for entry in entries}
    for chain, number in reached.items():
        if chain in places:
            connection.execute(_MOVE, {"of_name": name, "of_chain": chain, "to_number": number})
        else:
            connection.execute(insert(tables.cursor), {"name": name, "chain": chain, "number": number})
