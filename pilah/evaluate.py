"""``pilah evaluate``: how good a bundle is on labelled rows."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model.errors import PilahError
from model.shipped import is_golden_set, taxonomy_in_force
from pilah import options

if TYPE_CHECKING:
    from model.classifier import Classifier
    from training.preparing import PreparedRows


def evaluate(
    file: Annotated[Path, typer.Option("--data", help="Labelled rows, later than those the bundle was trained on.")],
    bundle: options.Bundle = None,
    mapped: options.Mapped = None,
    config: options.Config = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write report.html and metrics.json into this folder.")
    ] = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Judge a bundle: accuracy, macro-F1, calibration, and whether what it decides alone keeps its error budgets."""
    from model.classifier import load_classifier
    from training.build import config_of
    from training.evaluation import evaluate as evaluate_bundle
    from training.evaluation import format_evaluation
    from training.portrait import read_portrait
    from training.preparing import prepare_rows
    from training.progress import choose_progress
    from training.report import write_report

    folder = options.find_bundle(bundle, home)
    classifier = load_classifier(folder, taxonomy_in_force())
    settings = (
        options.read_settings(config, open_labels=True, mapping=options.parse_mapping(mapped)) if config else None
    )
    settings = settings or config_of(classifier, options.parse_mapping(mapped))
    frame, n_rejected = options.read_labelled(file, settings.columns)
    rows = prepare_rows(frame, settings, drop_rare=False)
    if not is_golden_set(file):
        _warn_of_seen_rows(classifier, rows)
    evaluation = evaluate_bundle(classifier, rows, choose_progress(is_quiet=as_json), settings.seed)
    if not evaluation.heads:
        known = ", ".join(head.name for head in classifier.heads)
        raise PilahError(f"No row of {file} has a label of {known}; map the columns of the labels with --map.")
    if report is not None:
        write_report(report, read_portrait(folder, classifier, evaluation))
    typer.echo(json.dumps(evaluation.to_json()) if as_json else format_evaluation(evaluation))
    raise typer.Exit(options.FINDINGS if n_rejected else 0)


def _warn_of_seen_rows(classifier: "Classifier", rows: "PreparedRows") -> None:
    learnt_from = classifier.manifest.get("dataset")
    last_day = learnt_from.get("last_day") if isinstance(learnt_from, dict) else None
    if rows.days is not None and isinstance(last_day, str) and rows.days[0].isoformat() <= last_day:
        typer.echo(
            f"pilah: the bundle learnt from rows up to {last_day}, these begin on {rows.days[0]}: on rows it may have "
            "seen, figures flatter. Judge it on later rows.",
            err=True,
        )
