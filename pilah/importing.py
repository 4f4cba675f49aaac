"""``pilah import``: history into the store, from the files that training reads."""

import json
import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as RichProgress

from model.classifier import load_classifier
from model.errors import PilahError
from model.shipped import taxonomy_in_force
from pilah import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from service.settings import Settings
    from service.upkeep.history_rows import HistoryRow
    from service.upkeep.importing import Importer, Taken
    from training.streaming import RefusedRow, RefusedRows, StreamedRow

_LABELS = ("kind", "agency", "topic", "urgency", "aspect", "also", "about")
_N_NOTES = 20
_LINE_ROWS = 20_000

_Source = Annotated[
    str,
    typer.Option("--source", help="Where the reports come from; the column source, or else the file's name."),
]
_Rejects = Annotated[
    Path | None, typer.Option("--rejects", help="Where rows go that cannot be used (FILE.rejects.csv, here).")
]
_Archive = Annotated[
    bool, typer.Option("--archive", help="Archive what the file tells no answer of, instead of queueing it.")
]


def import_history(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, JSONL, Parquet, XLSX or a SP4N-LAPOR! export.")],
    mapped: options.Mapped = None,
    source: _Source = "",
    rejects: _Rejects = None,
    archive: _Archive = False,
    home: options.ServiceHome = None,
    database_url: options.DatabaseUrl = None,
    bundle: options.Bundle = None,
    as_json: options.AsJson = False,
) -> None:
    """Put reports of the past into the store, masked and tagged; begun again, it goes on. Exit code 1: rejects."""
    from service.opening import opened_store
    from service.settings import read_settings
    from training.streaming import RefusedRows, open_rows

    settings = read_settings().changed(home=home, database_url=database_url, bundle=bundle)
    refused = RefusedRows(rejects or Path(f"{file.name}.rejects.csv"))
    tally = _Tally()
    with opened_store(settings) as engine, open_rows(file, options.parse_mapping(mapped)) as stream:
        if "received_at" not in stream.columns:
            raise PilahError(f'{file} has no column "received_at"; name the right one: --map received_at="…".')
        importer = _make_importer(settings, engine, archives_unanswered=archive)
        with refused.writing(), _show_progress(is_quiet=as_json) as show:
            for batch in _batch(_hand_over(stream.rows, refused, source, file.stem)):
                tally.add(importer.take(batch, datetime.now(UTC)), refused)
                show(tally)
    _report(tally, refused, rejects or Path(f"{file.name}.rejects.csv"), as_json=as_json)
    raise typer.Exit(options.FINDINGS if refused.n_rows else 0)


@dataclass(slots=True)
class _Tally:
    """How far an import has come."""

    n_new: int = 0
    n_known: int = 0
    notes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    started_at: float = field(default_factory=time.monotonic)

    def add(self, taken: "Taken", refused: "RefusedRows") -> None:
        self.n_new += taken.n_new
        self.n_known += taken.n_known
        self.notes.update((note.column, note.value, note.reason) for note in taken.notes)
        for reject in taken.rejects:
            refused.add(reject)

    @property
    def n_rows(self) -> int:
        return self.n_new + self.n_known

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.n_rows / max(time.monotonic() - self.started_at, 1e-9)


def _make_importer(settings: "Settings", engine: "Engine", *, archives_unanswered: bool) -> "Importer":
    from service.champion import find_bundle
    from service.home import open_home
    from service.routing import Router
    from service.upkeep.history import Historian
    from service.upkeep.importing import Importer, list_vocabulary

    taxonomy = taxonomy_in_force()
    classifier = load_classifier(find_bundle(settings), taxonomy)
    router = Router(classifier.gazetteer, taxonomy.external_agencies(), settings.triage_office)
    historian = Historian(router, open_home(settings.home), list_vocabulary(taxonomy, classifier), archives_unanswered)
    return Importer(engine, classifier, historian)


def _hand_over(
    rows: "Iterable[StreamedRow | RefusedRow]", refused: "RefusedRows", source: str, name: str
) -> Iterator["HistoryRow"]:
    """Rows of the file as the store takes them; those that cannot be used go to the rejects."""
    from training.streaming import RefusedRow

    for row in rows:
        if isinstance(row, RefusedRow):
            refused.add(row)
        else:
            yield _convert(row, source, name)


def _convert(row: "StreamedRow", source: str, name: str) -> "HistoryRow":
    from service.upkeep.history_rows import HistoryRow
    from training.preparing import join_title

    values = row.values
    words = {key: value for key, value in values.items() if isinstance(value, str)}
    times = {key: value for key, value in values.items() if isinstance(value, datetime)}
    rating = values.get("rating")
    title = words.get("title", "")
    return HistoryRow(
        row.number,
        source or words.get("source") or name,
        words["id"],
        join_title(title, words["text"]),
        title,
        times.get("received_at"),
        times.get("responded_at"),
        times.get("closed_at"),
        words.get("channel", ""),
        words.get("district", ""),
        words.get("village", ""),
        words.get("reporter_ref", ""),
        rating if isinstance(rating, float) else math.nan,
        {head: words[head] for head in _LABELS if words.get(head)},
    )


def _batch(rows: Iterator["HistoryRow"]) -> Iterator[list["HistoryRow"]]:
    from service.upkeep.importing import BATCH_ROWS

    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


@contextmanager
def _show_progress(*, is_quiet: bool) -> Iterator["Callable[[_Tally], None]"]:
    """A line redrawn in place on a terminal, a line now and then elsewhere, nothing when a program reads."""
    console = Console(stderr=True)
    if is_quiet:
        yield lambda _: None
    elif console.is_terminal:
        with RichProgress(TextColumn("{task.description}"), BarColumn(), console=console, transient=True) as bar:
            task = bar.add_task("reading", total=None)
            yield lambda tally: bar.update(task, description=_describe(tally))
    else:
        n_told = 0

        def tell(tally: _Tally) -> None:
            nonlocal n_told
            if tally.n_rows // _LINE_ROWS > n_told:
                n_told = tally.n_rows // _LINE_ROWS
                typer.echo(_describe(tally), err=True)

        yield tell


def _describe(tally: _Tally) -> str:
    return f"{tally.n_new:,} stored, {tally.n_known:,} there before, {tally.rate:,.0f} rows/s"


def _report(tally: _Tally, refused: "RefusedRows", rejects: Path, *, as_json: bool) -> None:
    listed = [
        {"column": column, "value": value, "reason": reason, "rows": n_rows}
        for (column, value, reason), n_rows in tally.notes.most_common()
    ]
    if as_json:
        found = {"stored": tally.n_new, "known": tally.n_known, "rejected": refused.n_rows, "left_out": listed}
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(f"{_describe(tally)}.")
    if refused.n_rows:
        typer.echo(f"{refused.n_rows:,} rows cannot be used: {rejects}", err=True)
    for note in listed[:_N_NOTES]:
        shown = f" {note['value']!r}" if note["value"] else ""
        typer.echo(f"left out: {note['column']}{shown} {note['reason']} ({note['rows']:,} rows)", err=True)
    if len(listed) > _N_NOTES:
        typer.echo(f"left out: {len(listed) - _N_NOTES:,} more kinds; --json lists them all", err=True)
