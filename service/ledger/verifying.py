"""Whether the ledger is whole: every hash is computed again, from the first entry of each chain to its head."""

from collections.abc import Iterator, Mapping
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


class Follower:
    """Follows one chain from its first entry on; ``fault`` is its first broken link, None as long as it holds."""

    def __init__(self, chain: str) -> None:
        self._chain = chain
        self._hash = FIRST_HASH
        self._n_read = 0
        self.fault: Break | None = None

    def take(self, row: Mapping[str, object]) -> None:
        """Read the next entry there is."""
        if self.fault is not None:
            return
        self._n_read += 1
        if row["number"] != self._n_read:
            self.fault = self._break(self._n_read, f"entry {self._n_read} is not there; the next is {row['number']}")
            return
        self._hash = hash_row(row, self._hash)
        if self._hash != row["hash"]:
            self.fault = self._break(self._n_read, "the entry is not what was written")

    def conclude(self, n_entries: int, head: str) -> Break | None:
        """The first broken link of the whole chain, whose list says that it has ``n_entries`` and this head."""
        if self.fault is None and self._n_read != n_entries:
            number = self._n_read + 1
            self.fault = self._break(number, f"entry {number} is not there; {n_entries} were written")
        if self.fault is None and self._hash != head:
            self.fault = self._break(n_entries, "the head of the chain is not its last entry")
        return self.fault

    def _break(self, number: int, fault: str) -> Break:
        return Break(self._chain, number, fault)


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
    follower = Follower(name)
    with connection.execute(query.execution_options(yield_per=1000)).mappings() as rows:
        for row in rows:
            follower.take(dict(row))
            if follower.fault is not None:
                break
    return follower.conclude(n_entries, head)
