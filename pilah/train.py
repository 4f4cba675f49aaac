"""``pilah train``: labelled rows in, bundle out."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model.bundle import read_manifest, refuse_foreign_folder
from model.compared import require_comparison
from model.errors import PromotionRefusedError
from model.registry import Registry
from model.shipped import datasets_folder, reference_config, reference_corpus, taxonomy_in_force
from pilah import options

if TYPE_CHECKING:
    from pandas import DataFrame

    from training.build import Trained


_RowsFile = Annotated[
    Path | None,
    typer.Option("--data", help="Labelled rows; without it the shipped reference corpus, with its own training.toml."),
]
_Out = Annotated[Path | None, typer.Option("--out", help="Folder of the new bundle; without it the home's bundles.")]
_Heads = Annotated[str, typer.Option("--heads", help="Heads to train, separated by commas; all that are labelled.")]
_Test = Annotated[Path | None, typer.Option("--test", help="Later rows to judge the bundle on.")]
_TestFrom = Annotated[str, typer.Option("--test-from", help="Keep rows from this day (2026-01-31) for judging.")]
_Promote = Annotated[
    bool,
    typer.Option("--promote", help="Put the bundle in force in the home, where none is; with --force in any case."),
]
_Reason = Annotated[str | None, typer.Option("--reason", help="Why it is forced; it goes to the ledger.")]


def train(
    rows_file: _RowsFile = None,
    out: _Out = None,
    mapped: options.Mapped = None,
    heads: _Heads = "",
    config: options.Config = None,
    open_labels: options.OpenLabels = False,
    test: _Test = None,
    test_from: _TestFrom = "",
    promote: _Promote = False,
    force: options.Force = False,
    reason: _Reason = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Train a bundle and write it with its model card and report; exit code 1 where rows were left out."""
    from training.build import Sources
    from training.build import train as train_bundle
    from training.progress import choose_progress

    if out is not None:
        refuse_foreign_folder(out)
    registry = Registry(home / "bundles")
    _refuse_promotion(registry, promote=promote, force=force, reason=reason)
    chosen, mapping = _split_heads(heads), options.parse_mapping(mapped)
    if rows_file is None:
        config = config or reference_config()
    settings = options.read_settings(config, open_labels=open_labels, heads=chosen, mapping=mapping)
    frame, test_frame, n_rejected = _read_frames(rows_file or reference_corpus(), test, test_from, settings.columns)
    trained = train_bundle(
        frame,
        settings,
        Sources(None if settings.open_labels else taxonomy_in_force(), datasets_folder()),
        (lambda _: out) if out else registry.path_of,
        test=test_frame,
        progress=choose_progress(is_quiet=as_json),
    )
    if promote:
        _promote(registry, trained, reason if force else None)
    _report(trained, n_rejected, as_json=as_json)


def _refuse_promotion(registry: Registry, *, promote: bool, force: bool, reason: str | None) -> None:
    """Refuse before the training what would be refused after it."""
    if force and not (promote and reason and reason.strip()):
        raise typer.BadParameter("--force goes with --promote and a --reason.")
    champion = registry.champion_id()
    if promote and champion is not None and not force:
        raise PromotionRefusedError(
            f"{champion} is in force in {registry.folder}, so --promote is refused. Train without it, then pilah "
            f"compare {champion} ID --data LATER_ROWS.csv and pilah models promote ID; or add --force --reason '…'."
        )


def _promote(registry: Registry, trained: "Trained", reason: str | None) -> None:
    """Put the first bundle in force; over another one by force, with an entry of the ledger."""
    registry.adopt(trained.folder, trained.bundle_id)
    if reason is None:
        require_comparison(registry, trained.bundle_id)  # another one may have come while this one was trained
        registry.promote(trained.bundle_id)
        return
    from pilah.models import put_in_force
    from service.promoting import Grounds
    from service.settings import read_settings

    settings = read_settings().model_copy(update={"home": registry.folder.parent})
    put_in_force(settings, trained.bundle_id, reason, Grounds(is_forced=True))


def _split_heads(heads: str) -> tuple[str, ...]:
    return tuple(head.strip() for head in heads.split(",") if head.strip())


def _read_frames(
    rows_file: Path, test: Path | None, test_from: str, columns: Mapping[str, str]
) -> "tuple[DataFrame, DataFrame | None, int]":
    """Rows to train on, rows to judge on, and how many of the files cannot be used."""
    from training.splitting import split_at

    if test and test_from:
        raise typer.BadParameter("give --test or --test-from, not both.")
    frame, n_rejected = options.read_labelled(rows_file, columns)
    if test_from:
        return *split_at(frame, datetime.combine(_parse_day(test_from), datetime.min.time(), options.WIB)), n_rejected
    if test is None:
        return frame, None, n_rejected
    test_frame, n_more = options.read_labelled(test, columns)
    return frame, test_frame, n_rejected + n_more


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day; write it as 2026-01-31.") from error


def _report(trained: "Trained", n_rejected: int, *, as_json: bool) -> None:
    """Say what was trained; exit code 1 where rows were left out."""
    evaluation = trained.evaluation
    if as_json:
        summary = {"bundle": trained.bundle_id, "folder": str(trained.folder), "rows": len(trained.rows.ids)}
        if evaluation:
            summary |= {"evaluation": evaluation.to_json()}
        typer.echo(json.dumps(summary))
    else:
        typer.echo(f"Bundle {trained.bundle_id} in {trained.folder}, from {len(trained.rows.ids):,} rows.")
        _warn_of_few_rows(trained.folder)
        if evaluation:
            from training.evaluation import format_evaluation

            typer.echo(format_evaluation(evaluation))
    raise typer.Exit(options.FINDINGS if n_rejected else 0)


def _warn_of_few_rows(folder: Path) -> None:
    from training.describing import FEWEST_CALIBRATED, list_uncertain

    uncertain = list_uncertain(read_manifest(folder))
    if uncertain:
        counts = ", ".join(f"{head} {n_rows}" for head, n_rows in uncertain.items())
        typer.echo(
            f"pilah: too few rows: do not trust the confidence of these heads, even where it says 100 %. It was "
            f"compared with later rows: {counts}; {FEWEST_CALIBRATED} or more are wanted.",
            err=True,
        )
