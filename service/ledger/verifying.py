"""Whether the ledger is whole: every hash is computed again, from the first entry of each chain to its head.

What a chain named of the others when it began must be in them still: so a chain that was taken away is missed, and
one that was cut or written anew before that.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, select

from service import tables
from service.ledger.entries import FIRST_HASH, OPENED, hash_row


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold: its name, the number of the entry, what is wrong."""

    chain: str
    number: int
    fault: str


class Follower:
    """Follows one chain from its first entry on; ``fault`` is its first broken link, None as long as it holds."""

    def __init__(self, chain: str, witnesses: Mapping[str, str] | None = None) -> None:
        """``witnesses`` are hashes of entries that must be there, each with the chain that says so."""
        self._chain = chain
        self._missing = dict(witnesses or {})
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
        self._missing.pop(self._hash, None)

    def conclude(self, n_entries: int, head: str) -> Break | None:
        """The first broken link of the whole chain, whose list says that it has ``n_entries`` and this head."""
        if self.fault is None and self._n_read != n_entries:
            number = self._n_read + 1
            self.fault = self._break(number, f"entry {number} is not there; {n_entries} were written")
        if self.fault is None and self._hash != head:
            self.fault = self._break(n_entries, "the head of the chain is not its last entry")
        if self.fault is None and self._missing:
            witness = next(iter(self._missing.values()))
            self.fault = self._break(n_entries, f"an entry is not there that chain {witness} named when it began")
        return self.fault

    def _break(self, number: int, fault: str) -> Break:
        return Break(self._chain, number, fault)


def verify_ledger(connection: Connection) -> Iterator[Break]:
    """The first broken link of every chain that has one; nothing when the ledger is whole."""
    known = {row.id: row for row in connection.execute(select(tables.chain).order_by(tables.chain.c.id))}
    witnesses = _read_witnesses(connection)
    for name, head in known.items():
        found = _verify_chain(connection, name, head.number, head.hash, witnesses.pop(name, {}))
        if found is not None:
            yield found
    strays = select(tables.ledger.c.chain).distinct().order_by(tables.ledger.c.chain)
    for name in connection.execute(strays).scalars():
        if name not in known:
            witnesses.pop(name, None)
            yield Break(name, 1, "there are entries of a chain that is not on the list of chains")
    for name, named in witnesses.items():
        yield Break(name, 1, f"the chain is not there, and chain {next(iter(named.values()))} named it when it began")


def _read_witnesses(connection: Connection) -> dict[str, dict[str, str]]:
    """What chains named when they began: for each chain hashes of entries it must have, with who named them."""
    columns = tables.ledger.c
    query = select(columns.chain, columns.content).where(columns.number == 1, columns.type == OPENED)
    found: dict[str, dict[str, str]] = {}
    for row in connection.execute(query.order_by(columns.at, columns.chain)):
        # An entry that was changed says nothing; its own hash tells on it.
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            for name, digest in json.loads(row.content)["heads"].items():
                found.setdefault(name, {})[digest] = row.chain
    return found


def _verify_chain(
    connection: Connection, name: str, n_entries: int, head: str, witnesses: Mapping[str, str]
) -> Break | None:
    columns = tables.ledger.c
    query = select(tables.ledger).where(columns.chain == name).order_by(columns.number)
    follower = Follower(name, witnesses)
    with connection.execute(query.execution_options(yield_per=1000)).mappings() as rows:
        for row in rows:
            follower.take(dict(row))
            if follower.fault is not None:
                break
    return follower.conclude(n_entries, head)
