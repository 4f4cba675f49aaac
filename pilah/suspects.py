"""``pilah suspects``: labels of a file that are likely wrong, with the likely right one."""

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pilah import options

if TYPE_CHECKING:
    from collections.abc import Hashable

_Output = Annotated[Path | None, typer.Option("--output", help="Write all suspects into this file (CSV).")]
_Heads = Annotated[str, typer.Option("--heads", help="Heads to look at, separated by commas; all that are labelled.")]
_N_SHOWN = 20


def suspects(
    file: Annotated[Path, typer.Argument(help="Labelled rows of any format that is read.")],
    output: _Output = None,
    heads: _Heads = "",
    mapped: options.Mapped = None,
    config: options.Config = None,
    open_labels: options.OpenLabels = False,
    as_json: options.AsJson = False,
) -> None:
    """List labels that are likely wrong, the most doubtful first; exit code 1 where there are any.

    A suspicion is for a person to look at: nothing is changed.
    """
    from training.progress import choose_progress
    from training.suspects import find_suspects

    mapping = options.parse_mapping(mapped)
    settings = options.read_settings(config, open_labels=open_labels, mapping=mapping)
    frame, _ = options.read_labelled(file, settings.columns)
    chosen = tuple(head.strip() for head in heads.split(",") if head.strip())
    asked = {"heads": chosen} if chosen else {}
    found = find_suspects(frame, settings, progress=choose_progress(is_quiet=as_json), **asked)
    if output is not None:
        _write(found.to_dict("records"), list(found.columns), output)
    if as_json:
        typer.echo(json.dumps(found.to_dict("records")))
    else:
        counts = ", ".join(f"{head} {n:,}" for head, n in found["head"].value_counts().items()) or "none"
        typer.echo(f"{len(frame):,} rows; suspect labels: {counts}.")
        if len(found):
            shown = found.sort_values("quality", kind="stable").head(_N_SHOWN)
            typer.echo(shown.round({"quality": 3, "confidence": 3}).to_string(index=False))
    raise typer.Exit(options.FINDINGS if len(found) else 0)


def _write(rows: "list[dict[Hashable, Any]]", names: list[str], output: Path) -> None:
    from training.rejects import neutralise_cell
    from training.writers import open_output

    with open_output(output) as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        for row in rows:
            writer.writerow([neutralise_cell(str(row[name])) for name in names])
