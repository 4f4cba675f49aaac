"""``pilah report``: the monthly report as a file."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from model.errors import PilahError
from pilah import options

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_Form = Literal["pdf", "xlsx", "html"]


def report(
    month: Annotated[str, typer.Option("--month", help="The month, such as 2026-10.")],
    form: Annotated[_Form, typer.Option("--format", help="For print, for a spreadsheet, or for a browser.")] = "pdf",
    output: Annotated[Path | None, typer.Option("--out", help="The file to write (pilah-MONTH-LANG.FORMAT).")] = None,
    language: Annotated[Literal["id", "en"], typer.Option("--lang", help="Indonesian or English.")] = "id",
    public: Annotated[
        bool, typer.Option("--public", help="For everybody: small cells withheld, with those that would tell them.")
    ] = False,
    agency: Annotated[str | None, typer.Option("--agency", help="Only the reports of one agency, by its slug.")] = None,
    oversight: Annotated[
        bool, typer.Option("--oversight", help="Count restricted reports too: accusations against officials.")
    ] = False,
    appendix: Annotated[
        Path | None, typer.Option("--appendix", help="Write every sentence, number, definition and address as JSON.")
    ] = None,
    home: options.ServiceHome = None,
    database_url: options.DatabaseUrl = None,
    as_json: options.AsJson = False,
) -> None:
    """Write the report of a month: a page for the mayor, one for each unit, one on method."""
    if _MONTH.fullmatch(month) is None:
        raise typer.BadParameter(f"{month!r} is no month; write it as 2026-10.", param_hint="--month")
    if public and oversight:
        raise PilahError("--public and --oversight exclude each other: what everybody may read counts no accusation.")
    from service.reporting.writing import Wish, write
    from service.settings import read_settings
    from service.upkeep.opening import opened_store

    settings = read_settings().changed(home=home, database_url=database_url)
    wish = Wish(date.fromisoformat(f"{month}-01"), form, language, public, agency, oversight)
    path = output or Path(f"pilah-{month}{'-umum' if public else ''}-{language}.{form}")
    tell = options.choose_tell(is_quiet=as_json)
    with opened_store(settings) as engine:
        n_pages = write(engine, wish, path, appendix, datetime.now(UTC), tell)
    if as_json:
        typer.echo(json.dumps({"file": str(path), "pages": n_pages, "month": month, "public": public}))
    else:
        typer.echo(f"{path}: {n_pages} pages.")
