"""When keys and sessions were last used: noted in memory with each request, written by a chore now and then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import and_, or_, update

from service.tables import api_key, session
from service.writer import Transaction

WRITING_PAUSE_S: Final = 60.0


@dataclass(slots=True)
class Uses:
    """The last use of each key (by id) and session (by digest) since they were taken the last time."""

    keys: dict[str, datetime] = field(default_factory=dict)
    sessions: dict[str, datetime] = field(default_factory=dict)

    def take(self) -> "Uses | None":
        """What was noted, which begins anew; None when nothing was."""
        if not self.keys and not self.sessions:
            return None
        taken = Uses(self.keys, self.sessions)
        self.keys, self.sessions = {}, {}
        return taken


def write_uses(transaction: Transaction, batch: Sequence[Uses]) -> list[None]:
    """Write last uses; what another process wrote later stays."""
    for uses in batch:
        _write_keys(transaction, uses.keys)
        _write_sessions(transaction, uses.sessions)
    return [None] * len(batch)


def _write_keys(transaction: Transaction, uses: Mapping[str, datetime]) -> None:
    columns = api_key.c
    for key_id, at in sorted(uses.items()):
        is_older = or_(columns.last_used_at.is_(None), columns.last_used_at < at)
        here = and_(columns.id == key_id, is_older)
        transaction.connection.execute(update(api_key).where(here).values(last_used_at=at))


def _write_sessions(transaction: Transaction, uses: Mapping[str, datetime]) -> None:
    columns = session.c
    for digest, at in sorted(uses.items()):
        here = and_(columns.digest == digest, columns.seen_at < at)
        transaction.connection.execute(update(session).where(here).values(seen_at=at))
