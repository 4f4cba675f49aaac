"""Whether the ledger is whole: every hash is computed again, from the first entry of each chain to its head."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from service import tables
from service.ledger.entries import FIRST_HASH, hash_row


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold: its name, the number of the entry, what is wrong."""

    chain: str
    number: int
    fault: str


def verify_ledger(connection: Connection) -> Iterator[Break]:
    """The first broken link of every chain that has one; nothing when the ledger is whole."""
    known = {row.id: row for row in connection.execute(select(tables.chain).order_by(tables.chain.c.id))}
    for name, head in known.items():
        found = _verify_chain(connection, name, head.number, head.hash)
        if found is not None:
            yield found
    strays = select(tables.ledger.c.chain).distinct().order_by(tables.ledger.c.chain)
    for name in connection.execute(strays).scalars():
        if name not in known:
            yield Break(name, 1, "there are entries of a chain that is not on the list of chains")


def _verify_chain(connection: Connection, name: str, n_entries: int, head: str) -> Break | None:
    columns = tables.ledger.c
    query = select(tables.ledger).where(columns.chain == name).order_by(columns.number)
    before, number = FIRST_HASH, 0
    with connection.execute(query.execution_options(yield_per=1000)).mappings() as rows:
        for row in rows:
            number += 1
            if row["number"] != number:
                return Break(name, number, f"entry {number} is not there; the next is {row['number']}")
            before = hash_row(dict(row), before)
            if before != row["hash"]:
                return Break(name, number, "the entry is not what was written")
    if number != n_entries:
        return Break(name, number + 1, f"entry {number + 1} is not there; {n_entries} were written")
    return None if before == head else Break(name, number, "the head of the chain is not its last entry")
