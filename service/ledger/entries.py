"""Entries of the ledger and how they are chained: each carries a hash over itself and the entry before it.

A chain belongs to one writer. Its first entry names the last hash of every other chain, so that a chain taken away
whole is missed too. Entries hold labels and digests, never text.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from model.prediction import JsonValue
from service import tables
from service.ids import new_id

OPENED = "chain.opened"
SYSTEM = "system"
# The chain of commands that write beside a running service.
COMMANDS = "commands"
FIRST_HASH = "0" * 64
# Written once: to build a statement takes longer than to run it.
_HEAD = (
    select(tables.chain.c.number, tables.chain.c.hash).where(tables.chain.c.id == bindparam("chain")).with_for_update()
)
_MOVE = (
    update(tables.chain)
    .where(tables.chain.c.id == bindparam("chain"))
    .values(number=bindparam("to_number"), hash=bindparam("to_hash"))
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was decided or done.

    ``actor`` is ``key:…``, ``account:…`` or `SYSTEM`; ``text_digest`` is salted; ``content`` holds labels, decisions
    and states, and no text.
    """

    type: str
    at: datetime
    actor: str
    feedback_id: str | None = None
    bundle: str | None = None
    taxonomy: str | None = None
    policy: int | None = None
    text_digest: str | None = None
    content: Mapping[str, JsonValue] = field(default_factory=dict)


def open_chain(connection: Connection, name: str, now: datetime) -> None:
    """Begin a chain, unless there is one of this name."""
    if connection.execute(select(tables.chain.c.id).where(tables.chain.c.id == name)).first() is not None:
        return
    columns = tables.chain.c
    heads = {row.id: row.hash for row in connection.execute(select(columns.id, columns.hash).order_by(columns.id))}
    connection.execute(insert(tables.chain).values(id=name, opened_at=now, number=0, hash=FIRST_HASH))
    append(connection, name, [Entry(OPENED, now, SYSTEM, content={"heads": dict(heads)})])


def new_chain(connection: Connection, now: datetime) -> str:
    """Begin a chain of its own name and return the name."""
    name = new_id(now)
    open_chain(connection, name, now)
    return name


def append(connection: Connection, chain: str, entries: Sequence[Entry]) -> None:
    """Add entries to a chain, in order; other writers of the same chain wait until this transaction ends."""
    if not entries:
        return
    number, before = connection.execute(_HEAD, {"chain": chain}).one()
    rows = []
    for place, entry in enumerate(entries, number + 1):
        row = _describe(entry, chain, place)
        before = hash_row(row, before)
        rows.append({**row, "hash": before})
    connection.execute(insert(tables.ledger), rows)
    connection.execute(_MOVE, {"chain": chain, "to_number": number + len(rows), "to_hash": before})


def hash_row(row: Mapping[str, object], before: str) -> str:
    """SHA-256 (hex) over the hash before and all columns of a row of the ledger but its own hash."""
    instant = row["at"]
    if not isinstance(instant, datetime):
        raise TypeError(f"at is {instant!r}; expected an instant.")
    parts = [before, row["chain"], row["number"], instant.astimezone(UTC).isoformat(), row["type"]]
    parts += [row[name] for name in ("feedback_id", "actor", "bundle", "taxonomy", "policy", "text_digest", "content")]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def _describe(entry: Entry, chain: str, number: int) -> dict[str, object]:
    return {
        "chain": chain,
        "number": number,
        "at": entry.at,
        "type": entry.type,
        "feedback_id": entry.feedback_id,
        "actor": entry.actor,
        "bundle": entry.bundle,
        "taxonomy": entry.taxonomy,
        "policy": entry.policy,
        "text_digest": entry.text_digest,
        "content": json.dumps(entry.content, ensure_ascii=True, sort_keys=True, separators=(",", ":")),
    }
