"""The chores of a service: what is derived, clocks, messages on their way, late emergencies, what is over; figures."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Final, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from service.auditing.drawing import Audits
from service.background import Chore
from service.cases.derivation import Cases
from service.champion import FOLLOWING_PAUSE_S, describe_adoption
from service.context import Context
from service.errors import StoreUnavailableError
from service.handling.clock import local_day
from service.handling.clocks import find_stale, revise_stale
from service.handling.incidents import Incidents
from service.ledger.deriving import Derivation, count_behind, derive
from service.ledger.entries import SYSTEM
from service.measuring import measure
from service.messages.delivering import Deliverer
from service.messages.emergencies import escalate, has_late
from service.messages.leasing import forget_old as forget_old_deliveries
from service.messages.mail import Postman
from service.messages.outbox import Dispatch, Outbox
from service.messages.sending import Sender
from service.people.sessions import FORGETTING_PAUSE_S, forget_old
from service.people.uses import WRITING_PAUSE_S, write_uses
from service.report_jobs import Form, Order, ReportFailedError, claim_month, month_before, monthly_file, write_report
from service.upkeep.erasing import BATCH, Retain, retain
from service.vocabulary.looking import Look
from service.vocabulary.proposals import find_latest, keep_outcomes, list_remembered
from service.watching.derivation import Watch
from service.writer import Transaction, record_all

# A change shows in what is derived within two seconds (DESIGN 4.6).
DERIVING_PAUSE_S: Final = 0.5
# Entries in one transaction: some take milliseconds, and reports that come in wait for it.
DERIVED_AT_ONCE: Final = 200
MEASURING_PAUSE_S: Final = 10.0
REVISING_PAUSE_S: Final = 2.0
REVISED_AT_ONCE: Final = 100
# Longer than a report may wait for its commit.
SEARCHING_S: Final = 60.0
RESTING_S: Final = 300.0
RETENTION_PAUSE_S: Final = 3_600.0
DELIVERING_PAUSE_S: Final = 0.5
FORGETTING_DELIVERIES_PAUSE_S: Final = 3_600.0
REPORTING_PAUSE_S: Final = 600.0
# At night, when nobody waits for the machine.
REPORTING_HOUR: Final = 1
_ZONE: Final = ZoneInfo("Asia/Jakarta")
# In the order of their tables: a rebuild goes through them one by one.
DERIVATIONS: Final[tuple[Derivation, ...]] = (Incidents(), Outbox(), Cases(), Watch())
# A page of a look for new words, and the rest after it in which others have the machine.
LOOKING_REST_S: Final = 0.05
LOOKING_PAUSE_S: Final = 600.0
# An emergency is told again within this time after its fifteen minutes.
ESCALATING_PAUSE_S: Final = 10.0


def list_chores(context: Context, derivations: Iterable[Derivation]) -> list[Chore]:
    """All chores of a service."""
    retention = [Chore("erase what is too old", RETENTION_PAUSE_S, partial(_erase_outdated, context))]
    settings = context.settings
    has_mail = settings.mail_server is not None and bool(settings.emergency_recipients)
    deliverer = Deliverer(context, Sender(settings.listed_hosts), Postman(settings.mail_server))
    derived = [*derivations, Dispatch(has_mail), Audits(context.secret)]
    return [
        Chore("follow the champion", FOLLOWING_PAUSE_S, partial(_follow, context)),
        Chore("revise clocks", REVISING_PAUSE_S, StaleClocks(context).run),
        *_derive_all(context, derived),
        Chore("escalate", ESCALATING_PAUSE_S, partial(_escalate, context)),
        Chore("forget old deliveries", FORGETTING_DELIVERIES_PAUSE_S, partial(_forget_deliveries, context)),
        Chore("deliver", DELIVERING_PAUSE_S, deliverer.run, deliverer.close),
        *(retention if settings.retention_days is not None else []),
        *([Chore("monthly report", REPORTING_PAUSE_S, partial(_report, context))] if settings.monthly_forms else []),
        Chore("look for new words", LOOKING_PAUSE_S, NewWords(context).run),
        Chore("measure", MEASURING_PAUSE_S, partial(_measure, context, [derivation.name for derivation in derived])),
        Chore("write last uses", WRITING_PAUSE_S, partial(_write_uses, context)),
        Chore("forget old sessions", FORGETTING_PAUSE_S, partial(_forget_old, context)),
    ]


def _derive_all(context: Context, derivations: Iterable[Derivation]) -> list[Chore]:
    return [
        Chore(f"derive {derivation.name}", DERIVING_PAUSE_S, partial(_derive, context, derivation))
        for derivation in derivations
    ]


class StaleClocks:
    """Keeps the known terms up to date, lets clocks follow a calendar that changed, and starts those that are missing.

    Another process may add a report by the old calendar a little later, so that the search goes on for a while; a
    command may import open reports, so that it comes back.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._calendar: str | None = None
        self._search_until = 0.0
        self._next_at = 0.0

    async def run(self) -> bool:
        """Revise some clocks; whether there may be more."""
        terms = await self._context.terms.refresh()
        version, now = terms.calendar.version, time.monotonic()
        if version != self._calendar:
            self._calendar, self._search_until = version, now + SEARCHING_S
        if self._search_until < now < self._next_at:
            return False
        self._next_at = now + RESTING_S
        ids = await self._context.reader.read(lambda connection: find_stale(connection, version, REVISED_AT_ONCE))
        if ids:
            self._search_until = now + SEARCHING_S
            await self._context.writer.write(revise_stale, (ids, datetime.now(UTC)))
        return len(ids) == REVISED_AT_ONCE


class NewWords:
    """Looks for new words once a day, a page of reports at a time."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._look: Look | None = None

    async def run(self) -> bool:
        """Read a page more of today's look; whether there is more."""
        read = self._context.reader.read
        if self._look is None:
            self._look = await read(self._begin)
        look = self._look
        if look is None:
            return False
        try:
            goes_on = await read(look.step)
        except Exception:
            # What was read by half is begun anew.
            self._look = None
            raise
        if goes_on:
            await asyncio.sleep(LOOKING_REST_S)
            return True
        self._look = None
        if look.outcome is not None:
            await self._context.writer.write(keep_outcomes, look.outcome)
        return False

    def _begin(self, connection: Connection) -> Look | None:
        today, latest = local_day(datetime.now(UTC)), find_latest(connection)
        if latest is not None and latest.day >= today:
            return None
        return Look(today, self._context.router.gazetteer, list_remembered(connection))


async def _follow(context: Context) -> bool:
    bundle_id = await context.champion.follow()
    if bundle_id is not None:
        await context.writer.write(record_all, describe_adoption(bundle_id))
    return False


async def _erase_outdated(context: Context) -> bool:
    days = context.settings.retention_days
    if days is None:
        return False
    return await context.writer.write(retain, Retain(days, SYSTEM, datetime.now(UTC))) == BATCH


async def _report(context: Context) -> bool:
    """Write the report of the month before, in the first night after it or as soon as there is a service."""
    now = datetime.now(_ZONE)
    if now.day == 1 and now.hour < REPORTING_HOUR:
        return False
    settings = context.settings
    for form in settings.monthly_forms:
        order = Order(month_before(now.date()), cast("Form", form))
        if claim_month(settings.home, order):
            try:
                await write_report(settings, order, monthly_file(settings.home, order), lambda _: None)
            except ReportFailedError as error:
                context.log.warning("monthly report failed", month=order.month, form=form, fault=str(error))
    return False


async def write_last_uses(context: Context) -> None:
    """Write what is not written yet of last uses, when the service stops; a store that is away loses a minute of it."""
    with suppress(StoreUnavailableError):
        await _write_uses(context)


async def _derive(context: Context, derivation: Derivation) -> bool:
    # A look needs no transaction that writes, and mostly there is nothing.
    if await context.reader.read(lambda connection: count_behind(connection, derivation.name)) == 0:
        return False
    # One that read all there was rests, so that under load the next one finds many entries: of two it takes as many
    # statements as of two hundred.
    return await context.writer.write(_derive_next, derivation) >= DERIVED_AT_ONCE


async def _forget_deliveries(context: Context) -> bool:
    return await context.writer.write(forget_old_deliveries, datetime.now(UTC))


async def _escalate(context: Context) -> bool:
    now = datetime.now(UTC)
    if await context.reader.read(lambda connection: has_late(connection, now)):
        await context.writer.write(escalate, now)
    return False


async def _measure(context: Context, derivations: Sequence[str]) -> bool:
    home = context.settings.home
    context.metrics.show_figures(await context.reader.read(lambda connection: measure(connection, derivations, home)))
    return False


def _derive_next(transaction: Transaction, derivations: Sequence[Derivation]) -> list[int]:
    return [derive(transaction.connection, derivation, DERIVED_AT_ONCE) for derivation in derivations]


async def _write_uses(context: Context) -> bool:
    uses = context.uses.take()
    if uses is not None:
        await context.writer.write(write_uses, uses)
    return False


async def _forget_old(context: Context) -> bool:
    return await context.writer.write(forget_old, datetime.now(UTC))
