"""``pilah compare``: whether a challenger may take the place of the champion."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model.bundle import MANIFEST
from model.registry import Registry
from model.shipped import datasets_folder, taxonomy_in_force
from pilah import options

if TYPE_CHECKING:
    from model.classifier import Classifier

_Champion = Annotated[str, typer.Argument(metavar="A", help="The champion: an id of the home, or a bundle folder.")]
_Challenger = Annotated[str, typer.Argument(metavar="B", help="The challenger: an id of the home, or a bundle folder.")]
_RowsFile = Annotated[Path, typer.Option("--data", help="Labelled rows, later than those both bundles learnt from.")]
_Golden = Annotated[
    Path | None, typer.Option("--golden", help="Rows that no bundle learns from; without it the shipped golden set.")
]
_Output = Annotated[Path | None, typer.Option("--output", help="Write the verdict into this file too (JSON).")]


def compare(
    champion: _Champion,
    challenger: _Challenger,
    file: _RowsFile,
    golden: _Golden = None,
    output: _Output = None,
    mapped: options.Mapped = None,
    config: options.Config = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Judge challenger B beside champion A; exit code 1 and every reason where B may not be promoted.

    The verdict is kept in the home, where pilah models promote and the service look for it.
    """
    from model.classifier import load_classifier
    from model.compared import kept_path, write_comparison
    from training.build import config_of
    from training.comparing import compare as compare_bundles
    from training.comparing import digest_rows_file, format_verdict
    from training.progress import choose_progress

    registry, taxonomy = Registry(home / "bundles"), taxonomy_in_force()
    before, after = (load_classifier(_find(registry, name), taxonomy) for name in (champion, challenger))
    mapping = options.parse_mapping(mapped)
    settings = (
        options.read_settings(config, open_labels=True, mapping=mapping) if config else config_of(before, mapping)
    )
    frame, _ = options.read_labelled(file, settings.columns)
    kept = golden or _shipped_golden(before)
    golden_frame = options.read_labelled(kept, {})[0] if kept else None
    verdict = compare_bundles(before, after, frame, golden_frame, settings, progress=choose_progress(is_quiet=as_json))
    content = verdict.to_json(digest_rows_file(file), digest_rows_file(kept) if kept else None)
    if output is not None:
        write_comparison(output, content)
    if verdict.challenger in registry.list_ids():
        write_comparison(kept_path(registry, verdict.challenger), content)
    typer.echo(json.dumps(content, ensure_ascii=False) if as_json else format_verdict(verdict))
    raise typer.Exit(0 if verdict.is_allowed else options.FINDINGS)


def _find(registry: Registry, name: str) -> Path:
    """A bundle folder, or the folder of an id of the home."""
    return Path(name) if (Path(name) / MANIFEST).is_file() else registry.path_of(name)


def _shipped_golden(champion: "Classifier") -> Path | None:
    """The golden set, whose labels are slugs of the taxonomy; None for a bundle of open labels."""
    golden = datasets_folder() / "sawahlunto" / "golden.csv"
    return golden if champion.manifest.get("taxonomy") and golden.exists() else None
