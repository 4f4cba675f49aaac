"""Whether a store holds demo data: its ledger says so from the first entry on, in a chain of that name.

The mark is in the store itself, so that it goes with every copy and backup, and nobody can take it out unnoticed.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from service import tables
from service.ledger.entries import SYSTEM, Entry, append, open_chain

DEMO_CHAIN: Final = "demo"
ANNOUNCED: Final = "demo.announced"
SILENCE: Final = "This store holds demo data: no mail about emergencies and no message to a webhook leaves it."


def is_demo(connection: Connection) -> bool:
    """Whether what the store holds is made up, or will be."""
    return connection.execute(select(tables.chain.c.id).where(tables.chain.c.id == DEMO_CHAIN)).first() is not None


def announce_demo(connection: Connection, now: datetime) -> None:
    """Mark an empty store as one of demo data, for ever."""
    open_chain(connection, DEMO_CHAIN, now)
    append(connection, DEMO_CHAIN, [Entry(ANNOUNCED, now, SYSTEM)])
