"""``pilah erase`` and ``pilah retention``: takes texts and reporters out of stored reports; figures stay."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from pilah import options


def erase(
    reporter_ref: Annotated[
        str, typer.Option("--reporter-ref", prompt=True, help="The reference as the app sends it; asked for without.")
    ],
    home: options.ServiceHome = None,
    database_url: options.DatabaseUrl = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Erase all that is kept of a reporter (UU 27/2022): texts, notes, replies, links, the reference itself."""
    from sqlalchemy import true

    from service.home import SECRET_FILE, read_secret
    from service.ledger.entries import SYSTEM
    from service.settings import read_settings
    from service.upkeep.erasing import Forget, forget
    from service.upkeep.opening import opened_store
    from service.writer import recording

    settings = read_settings().changed(home=home, database_url=database_url)
    digest = read_secret(settings.home / SECRET_FILE).digest("reporter_ref", reporter_ref)
    if not yes:
        typer.confirm("Erase all reports of this reporter? Nothing but a backup brings them back.", abort=True)
    now = datetime.now(UTC)
    with opened_store(settings) as engine, recording(engine, now) as transaction:
        (n_erased,) = forget(transaction, [Forget(digest, true(), SYSTEM, now)])
    typer.echo(f"{n_erased:,} reports erased.")


def retention(
    days: Annotated[
        int | None, typer.Option("--days", min=1, help="Days a closed report is kept (PILAH_RETENTION_DAYS).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many there are.")] = False,
    home: options.ServiceHome = None,
    database_url: options.DatabaseUrl = None,
) -> None:
    """Erase closed reports to which nothing happened for too long; the service does it every hour when it is set."""
    from service.engine import reading
    from service.ledger.entries import SYSTEM
    from service.settings import read_settings
    from service.upkeep.erasing import BATCH, Retain, find_outdated, retain
    from service.upkeep.opening import opened_store
    from service.writer import recording

    settings = read_settings().changed(home=home, database_url=database_url)
    kept_days = days or settings.retention_days
    if kept_days is None:
        raise typer.BadParameter("say how many --days, or set PILAH_RETENTION_DAYS.")
    now = datetime.now(UTC)
    with opened_store(settings) as engine:
        if dry_run:
            with reading(engine) as connection:
                n_found = len(find_outdated(connection, kept_days, now))
            typer.echo(f"{n_found:,} reports would be erased.")
            return
        n_erased, n_now = 0, BATCH
        while n_now == BATCH:
            with recording(engine, now) as transaction:
                (n_now,) = retain(transaction, [Retain(kept_days, SYSTEM, now)])
            n_erased += n_now
    typer.echo(f"{n_erased:,} reports erased.")
