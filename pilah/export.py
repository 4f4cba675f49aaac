"""``pilah export``: stored reports as a file of labelled rows."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from pilah import options

_Since = Annotated[str, typer.Option("--since", help="Received on or after this day (2026-01-31) or instant.")]
_Until = Annotated[str, typer.Option("--until", help="Received before this day or instant.")]


def export(
    output: Annotated[Path, typer.Option("--output", help="The file to write; it is replaced when it is there.")],
    form: Annotated[
        Literal["csv", "ndjson"] | None,
        typer.Option("--format", help="csv or ndjson, for a file of any other ending than .csv, .ndjson or .jsonl."),
    ] = None,
    since: _Since = "",
    until: _Until = "",
    labels: Annotated[
        bool, typer.Option("--labels", help="Only what people said, with who and when: rows to train on.")
    ] = False,
    oversight: Annotated[
        bool, typer.Option("--oversight", help="Restricted reports too: accusations against officials.")
    ] = False,
    home: options.ServiceHome = None,
    database_url: options.DatabaseUrl = None,
    as_json: options.AsJson = False,
) -> None:
    """Write stored reports to a file for pilah train and import or a spreadsheet; erased ones are left out."""
    from service.settings import read_settings
    from service.upkeep.exporting import Selection
    from service.upkeep.exporting import export as write_export
    from service.upkeep.opening import opened_store

    settings = read_settings().changed(home=home, database_url=database_url)
    selection = Selection(options.parse_moment(since), options.parse_moment(until), labels, oversight)
    chosen = form or _read_form(output)
    tell = options.choose_tell(is_quiet=as_json)
    with opened_store(settings) as engine:
        done = write_export(engine, output, chosen, selection, datetime.now(UTC), tell)
    if as_json:
        typer.echo(json.dumps({"file": str(output), "rows": done.n_rows, "restricted": done.n_restricted}))
        return
    typer.echo(f"{done.n_rows:,} reports in {output}.")
    if done.n_restricted:
        typer.echo(f"{done.n_restricted:,} restricted reports are left out; --oversight adds them.", err=True)


def _read_form(output: Path) -> Literal["csv", "ndjson"]:
    forms: dict[str, Literal["csv", "ndjson"]] = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
    if form := forms.get(output.suffix.lower()):
        return form
    message = f"the ending {output.suffix or '(none)'} is not known; use .csv, .ndjson or .jsonl, or give --format."
    raise typer.BadParameter(message, param_hint="--output")
