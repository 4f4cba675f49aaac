"""``pilah export``: stored reports as a file of labelled rows, or cases without a word of them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pilah import options

if TYPE_CHECKING:
    from service.settings import Settings
    from service.upkeep.exporting import Selection

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
    cases: Annotated[
        bool, typer.Option("--cases", help="What figures are summed from, without texts: a .zip for the notebooks.")
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
    if cases:
        _refuse_beside_cases(output, form, labels=labels)
        _export_cases(settings, output, selection, as_json=as_json)
        return
    chosen = form or _read_form(output)
    with opened_store(settings) as engine:
        tell = options.choose_tell(is_quiet=as_json)
        done = write_export(engine, output, chosen, selection, datetime.now(UTC), tell)
    _say(output, {"rows": done.n_rows, "restricted": done.n_restricted}, "reports", as_json=as_json)


def _export_cases(settings: "Settings", output: Path, selection: "Selection", *, as_json: bool) -> None:
    from service.cases.exporting import Span, export_cases
    from service.handling.clock import local_day
    from service.upkeep.opening import opened_store

    since, until = (local_day(moment) if moment else None for moment in (selection.since, selection.until))
    span = Span(since, until, selection.with_restricted)
    with opened_store(settings) as engine:
        done = export_cases(engine, output, span, datetime.now(UTC), options.choose_tell(is_quiet=as_json))
    _say(output, {"cases": done.n_cases, "restricted": done.n_restricted}, "cases", as_json=as_json)


def _say(output: Path, counts: dict[str, int], what: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"file": str(output), **counts}))
        return
    n_written, n_restricted = counts.values()
    typer.echo(f"{n_written:,} {what} in {output}.")
    if n_restricted:
        typer.echo(f"{n_restricted:,} restricted {what} are left out; --oversight adds them.", err=True)


def _refuse_beside_cases(output: Path, form: str | None, *, labels: bool) -> None:
    if labels or form is not None:
        raise typer.BadParameter("--cases has a form of its own; leave out --labels and --format.")
    if output.suffix.lower() != ".zip":
        raise typer.BadParameter(f"cases are a .zip of CSV files; {output} has another ending.", param_hint="--output")


def _read_form(output: Path) -> Literal["csv", "ndjson"]:
    forms: dict[str, Literal["csv", "ndjson"]] = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
    if form := forms.get(output.suffix.lower()):
        return form
    message = f"the ending {output.suffix or '(none)'} is not known; use .csv, .ndjson or .jsonl, or give --format."
    raise typer.BadParameter(message, param_hint="--output")
