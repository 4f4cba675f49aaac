"""Looks at the record: is the ledger whole and what is derived up with it, do clocks, policy, oversight, backups stand.

Changes nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, text

from service import tables
from service.handling.policy import read_policy
from service.ledger.deriving import count_behind
from service.ledger.verifying import verify_ledger
from service.upkeep.backup import BACKED_UP
from service.upkeep.findings import Finding
from service.upkeep.overseers import look_at_oversight

# Nobody corrects the clock of a machine by more, and two machines that ask the same time server differ by less.
MAX_CLOCK_ERROR = timedelta(minutes=5)
# A running service takes entries up within seconds.
MAX_LAG = timedelta(minutes=1)
MANY_ENTRIES = 10_000
BACKUP_AGE = timedelta(days=7)
# No machine that runs this Pilah lives before it was written.
EARLIEST_YEAR = 2026


def look_at_record(connection: Connection, derivations: Sequence[str], now: datetime) -> Iterator[Finding]:
    """Findings about the record; ``derivations`` are the names of what is derived from the ledger."""
    last_at = connection.execute(select(func.max(tables.ledger.c.at))).scalar()
    yield look_at_clock(connection, last_at, now)
    yield look_at_ledger(connection)
    yield look_at_derivations(connection, derivations, last_at, now)
    yield look_at_policy(connection)
    yield look_at_oversight(connection, now)
    yield look_at_backup(connection, now)


def look_at_clock(connection: Connection, last_at: datetime | None, now: datetime) -> Finding:
    """Whether the clock of the machine can be right."""
    advice = "Set the clock, let the machine keep it by a time server; deadlines and the ledger rest on it."
    if now.year < EARLIEST_YEAR:
        return Finding("clock", "problem", f"this machine lives in {now.year}", advice)
    if last_at is not None and last_at > now + MAX_CLOCK_ERROR:
        return Finding(
            "clock",
            "problem",
            f"it is {now:%Y-%m-%d %H:%M} UTC here, the ledger ends at {last_at:%Y-%m-%d %H:%M}",
            advice,
        )
    if connection.dialect.name == "postgresql":
        elsewhere = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        if abs(elsewhere - now) > MAX_CLOCK_ERROR:
            found = f"it is {now:%H:%M} UTC here, {elsewhere:%H:%M} at the database"
            return Finding("clock", "warning", found, advice)
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC, not before the last entry of the ledger")


def look_at_ledger(connection: Connection) -> Finding:
    """Whether every link of every chain holds; the first that does not is named."""
    broken = list(verify_ledger(connection))
    if broken:
        first = broken[0]
        found = f"broken at entry {first.number} of chain {first.chain}: {first.fault}"
        more = f"; {len(broken) - 1} more chains are broken" if len(broken) > 1 else ""
        advice = "Somebody wrote it beside Pilah. Keep this store, compare it with a backup, tell the auditor."
        return Finding("ledger", "problem", found + more, advice)
    n_chains, n_entries = connection.execute(
        select(func.count(), func.coalesce(func.sum(tables.chain.c.number), 0)).select_from(tables.chain)
    ).one()
    return Finding("ledger", "ok", f"every link of {n_entries:,} entries in {n_chains:,} chains holds")


def look_at_derivations(
    connection: Connection, names: Sequence[str], last_at: datetime | None, now: datetime
) -> Finding:
    """Whether what is derived is up with the ledger."""
    behind = {name: count_behind(connection, name) for name in names}
    late = {name: n_behind for name, n_behind in behind.items() if n_behind}
    is_fresh = last_at is not None and now - last_at <= MAX_LAG and max(late.values(), default=0) < MANY_ENTRIES
    if late and not is_fresh:
        listed = ", ".join(f"{name} by {n_behind:,} entries" for name, n_behind in late.items())
        return Finding(
            "derived", "warning", f"behind the ledger: {listed}", "pilah serve takes them up; if it runs, see its log."
        )
    return Finding("derived", "ok", f"{', '.join(names) or 'nothing'}: up with the ledger")


def look_at_policy(connection: Connection) -> Finding:
    """Whether a person confirmed the days of the deadlines."""
    policy = read_policy(connection)
    if policy.is_confirmed:
        return Finding("policy", "ok", f"version {policy.version} of the deadlines, confirmed by the city")
    return Finding(
        "policy",
        "warning",
        f"version {policy.version} of the deadlines is not confirmed by the city",
        "An admin reads and confirms it; until then every clock says so.",
    )


def look_at_backup(connection: Connection, now: datetime) -> Finding:
    """When the last backup was taken."""
    query = select(func.max(tables.ledger.c.at)).where(tables.ledger.c.type == BACKED_UP)
    taken_at = connection.execute(query).scalar()
    if taken_at is None:
        return Finding("backup", "warning", "none was taken yet", "Run: pilah backup FILE (docs/operations.md).")
    found = f"the last one was taken {taken_at:%Y-%m-%d %H:%M} UTC"
    if now - taken_at > BACKUP_AGE:
        return Finding("backup", "warning", found, "Run: pilah backup FILE, once a day (docs/operations.md).")
    return Finding("backup", "ok", found)
