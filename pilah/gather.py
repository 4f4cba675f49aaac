"""``pilah gather``: corpus, exported labels and history become one training set."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model.shipped import datasets_folder, reference_corpus, taxonomy_in_force
from pilah import options

if TYPE_CHECKING:
    from training.gathering import Gathered
    from training.recipe import Origin, Role

_Output = Annotated[Path, typer.Option("--output", help="The training set: .parquet, .jsonl or .csv.")]
_Labels = Annotated[
    list[Path] | None, typer.Option("--labels", help="What people said: a file of pilah export --labels; repeatable.")
]
_History = Annotated[list[Path] | None, typer.Option("--history", help="Labelled reports of before Pilah; repeatable.")]
_Corpus = Annotated[Path | None, typer.Option("--corpus", help="Written reports; without it the shipped ones.")]
_NoCorpus = Annotated[bool, typer.Option("--no-corpus", help="Leave written reports out.")]
_Until = Annotated[str, typer.Option("--until", help="Leave out what was received or labelled on this day or later.")]
_Weights = Annotated[
    list[str] | None,
    typer.Option(
        "--weight",
        help="How much a row counts by the basis of its labels (given, correction, blind, confirmation, moved) or by "
        "its role (corpus, history, labels), such as --weight confirmation=0.3; repeatable.",
    ),
]
_DroppedFile = Annotated[Path | None, typer.Option("--dropped", help="Write what was left out, and why, here (CSV).")]


def gather(
    output: _Output,
    labels: _Labels = None,
    history: _History = None,
    corpus: _Corpus = None,
    no_corpus: _NoCorpus = False,
    until: _Until = "",
    weights: _Weights = None,
    dropped: _DroppedFile = None,
    mapped: options.Mapped = None,
    open_labels: options.OpenLabels = False,
    as_json: options.AsJson = False,
) -> None:
    """Gather a training set: each text once, masked, weighted, old labels under the units of today.

    What it was made of stands in OUTPUT.json beside it. --map names the columns of the history.
    """
    from training.gathering import write_dropped, write_gathered

    given = _parse_weights(weights)
    written = [] if no_corpus else [corpus or reference_corpus()]
    files: dict[Role, Sequence[Path]] = {"labels": labels or (), "history": history or (), "corpus": written}
    origins = _list_origins(files, options.parse_mapping(mapped), given)
    gathered = _gather(origins, options.parse_moment(until), given, open_labels=open_labels, is_quiet=as_json)
    write_gathered(gathered, output)
    if dropped is not None:
        write_dropped(gathered, dropped)
    typer.echo(json.dumps({**gathered.description, **gathered.counts}) if as_json else _format(gathered, output))


def _gather(
    origins: "Sequence[Origin]",
    until: datetime | None,
    weights: Mapping[str, float],
    *,
    open_labels: bool,
    is_quiet: bool,
) -> "Gathered":
    from training.gathering import gather as gather_rows
    from training.progress import choose_progress
    from training.recipe import Recipe

    taxonomy = None if open_labels else taxonomy_in_force()
    recipe = Recipe(taxonomy, datetime.now(options.WIB).date(), until, weights)
    golden = datasets_folder() / "sawahlunto" / "golden.csv"
    kept_out = golden if golden.exists() else None
    return gather_rows(origins, recipe, kept_out=kept_out, progress=choose_progress(is_quiet=is_quiet))


def _list_origins(
    files: "Mapping[Role, Sequence[Path]]", mapping: Mapping[str, str], weights: dict[str, float]
) -> "list[Origin]":
    """The files with their weights, which are taken out of ``weights``: what stays there are those of bases."""
    from training.recipe import Origin

    origins = [
        Origin(role, path, weights.get(role, 1.0), mapping if role == "history" else {})
        for role, paths in files.items()
        for path in paths
    ]
    if not origins:
        raise typer.BadParameter("nothing to gather; name --labels, --history or --corpus.")
    for role in files:
        weights.pop(role, None)
    return origins


def _parse_weights(pairs: Sequence[str] | None) -> dict[str, float]:
    weights = {}
    for name, written in options.parse_mapping(pairs).items():
        try:
            weights[name] = float(written)
        except ValueError as error:
            raise typer.BadParameter(f"{written!r} is no weight; write --weight {name}=0.5.") from error
    return weights


def _format(gathered: "Gathered", output: Path) -> str:
    lines = [f"{len(gathered.frame):,} rows in {output}, described in {output}.json."]
    for title, counts in gathered.counts.items():
        lines += [f"{title}:", *(f"  {count:>9,}  {name}" for name, count in counts.items())]
    return "\n".join(lines)
