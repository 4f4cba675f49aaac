"""Whether anybody looks at what is shut away: who has the scope ``oversight``, and what waits for them.

Of admins the people count, who see everything on their pages; a key with ``admin`` alone is a tool that reads no queue.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, true

from service.handling.review import Shut, count_shut
from service.tables import account, api_key
from service.upkeep.findings import Finding
from service.visibility import ADMIN, OVERSIGHT

ADVICE: Final = (
    "Give it to an officer: pilah users add LOGIN --role triage --oversight, or PATCH /v1/accounts/LOGIN with "
    '{"scopes": ["oversight"]} (docs/operations.md, "What is shut away").'
)


@dataclass(frozen=True, slots=True)
class Oversight:
    """How many people and programs see what is shut away, and what waits for them."""

    n_overseers: int
    shut: Shut


def look_over(connection: Connection, now: datetime) -> Oversight:
    """How it stands at an instant."""
    return Oversight(_count_people(connection) + _count_keys(connection, now), count_shut(connection, true()))


def look_at_oversight(connection: Connection, now: datetime) -> Finding:
    """The finding of `pilah doctor`."""
    found = look_over(connection, now)
    waiting = describe_waiting(found.shut, now)
    if found.n_overseers == 0:
        return Finding("oversight", "warning", f"nobody active has the scope oversight; {waiting}", ADVICE)
    if found.shut.is_late(now):
        advice = "Let an officer with oversight look at them; one call frees what is no accusation."
        return Finding("oversight", "warning", waiting, advice)
    return Finding("oversight", "ok", f"{found.n_overseers} may see what is shut away; {waiting}")


def describe_waiting(shut: Shut, now: datetime) -> str:
    """What waits, in words."""
    if shut.oldest_at is None:
        return "no report that is shut away waits"
    return f"{shut.n_waiting:,} that are shut away wait, the oldest for {(now - shut.oldest_at).days} days"


def _count_people(connection: Connection) -> int:
    rows = connection.execute(select(account.c.role, account.c.scopes).where(account.c.disabled_at.is_(None)))
    return sum(row.role == ADMIN or OVERSIGHT in row.scopes.split() for row in rows)


def _count_keys(connection: Connection, now: datetime) -> int:
    columns = api_key.c
    rows = connection.execute(select(columns.scopes, columns.expires_at).where(columns.revoked_at.is_(None)))
    # What is seen in the queue is seen with `triage`; either alone shows nothing that is shut away.
    return sum({OVERSIGHT, "triage"} <= set(row.scopes.split()) and not _is_over(row.expires_at, now) for row in rows)


def _is_over(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now
