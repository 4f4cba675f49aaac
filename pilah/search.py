"""``pilah search``: settings of training, tried on later rows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from pilah import options

_N_SHOWN = 10


def search(
    file: Annotated[Path, typer.Option("--data", help="Labelled rows; keep the rows you judge on out of them.")],
    output: Annotated[Path | None, typer.Option("--output", help="Write the table of all settings here (CSV).")] = None,
    heads: Annotated[str, typer.Option("--heads", help="Heads to look at, separated by commas.")] = "",
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help="How long to search.")] = 10.0,
    n_settings: Annotated[int, typer.Option("--settings", min=1, help="How many settings at most.")] = 100,
    n_jobs: Annotated[int, typer.Option("--jobs", help="How many at a time; -1 for one a core.")] = 1,
    mapped: options.Mapped = None,
    config: options.Config = None,
    open_labels: options.OpenLabels = False,
    scheduler: options.Scheduler = "",
    as_json: options.AsJson = False,
) -> None:
    """Rehearse settings drawn at random on later rows, those of --config first, and print a table, best first."""
    if n_jobs == 0:
        raise typer.BadParameter("0 is no number of jobs; give 1 or more, or -1 for one a core.", param_hint="--jobs")
    from training.progress import choose_progress
    from training.searching import Budget
    from training.searching import search as search_settings

    chosen = tuple(head.strip() for head in heads.split(",") if head.strip())
    mapping = options.parse_mapping(mapped)
    settings = options.read_settings(config, open_labels=open_labels, heads=chosen, mapping=mapping)
    frame, _ = options.read_labelled(file, settings.columns)
    budget = Budget(minutes, n_settings, n_jobs)
    if output is not None and not output.parent.is_dir():
        raise typer.BadParameter(f"{output.parent} is no folder; make it first.", param_hint="--output")
    elsewhere = _on_cluster(scheduler) if scheduler else nullcontext()
    table = search_settings(frame, settings, budget, choose_progress(is_quiet=as_json), elsewhere)
    if output is not None:
        table.to_csv(output, index=False)
    if as_json:
        typer.echo(json.dumps(table.to_dict("records")))
    else:
        typer.echo(table.head(_N_SHOWN).round(4).to_string(index=False))
        typer.echo("Chosen on these rows, the best looks better than it is: judge it on others (pilah compare).")


@contextmanager
def _on_cluster(scheduler: str) -> Iterator[None]:
    import joblib

    from training.clusters import connected

    with connected(scheduler), joblib.parallel_config("dask"):
        yield
