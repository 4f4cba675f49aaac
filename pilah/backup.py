"""``pilah backup`` and ``pilah restore``: the whole installation in one file, and back."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pilah import options


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, such as pilah-2026-10-05.tar.gz.")],
    home: options.ServiceHome = None,
    database_url: options.DatabaseUrl = None,
    as_json: options.AsJson = False,
) -> None:
    """Write store, secret, bundles and the one in force into one file while the service runs, and verify it."""
    from service.settings import read_settings
    from service.upkeep.backup import back_up

    settings = read_settings().changed(home=home, database_url=database_url)
    done = back_up(settings, file, datetime.now(UTC), options.choose_tell(is_quiet=as_json))
    if as_json:
        described = {"file": str(file), "bytes": done.n_bytes, "sha256": done.digest, "tables": done.contents.tables}
        typer.echo(json.dumps(described))
    else:
        typer.echo(f"{file}: {done.contents.n_rows:,} rows, {done.n_bytes / 1e6:,.1f} MB, verified.")
        typer.echo(f"SHA-256 {done.digest}")


def restore(
    file: Annotated[Path, typer.Argument(help="What pilah backup wrote.")],
    home: options.ServiceHome = None,
    database_url: options.DatabaseUrl = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace a home and a store in use; SQLite and secret are kept, moved aside."),
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Verify a backup and put it into a home and a store, SQLite or PostgreSQL; stop the service first."""
    from service.settings import read_settings
    from service.upkeep.restore import restore as restore_backup

    settings = read_settings().changed(home=home, database_url=database_url)
    tell = options.choose_tell(is_quiet=as_json)
    done = restore_backup(file, settings, datetime.now(UTC), tell, force=force)
    if as_json:
        moved = [str(path) for path in done.moved]
        typer.echo(
            json.dumps({"made_at": done.contents.made_at.isoformat(), "rows": done.contents.n_rows} | {"moved": moved})
        )
        return
    typer.echo(
        f"{done.contents.n_rows:,} rows of {done.contents.made_at:%Y-%m-%d %H:%M} UTC restored; the ledger is whole."
    )
    for path in done.moved:
        typer.echo(f"What stood there before: {path}")
