"""Builds a bundle from labelled rows: rehearse, calibrate, fit on all, compile, judge, describe, write."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from model.bundle import Manifest, read_bundle, to_json_bytes, write_bundle
from model.bundle_contents import NEED_CURVE_FILE, UNITS_FILE
from model.calibration import Calibration
from model.classifier import CALIBRATION_FILE, MINANG_FILE, PLACES_FILE, Classifier
from model.elsewhere import REGIONS_FILE
from model.errors import PilahError
from model.needs import NeedCurve
from model.rulebook import RULEBOOK_FILES
from model.stemming import Stemmer
from model.table import TableArrays
from model.taxonomy import FILE_OF_HEAD, VERSION_FILE, Taxonomy
from model.thresholds import THRESHOLDS_FILE, Thresholds
from model.units import parse_units
from training.calibrating import calibrate
from training.card import CARD_FILE, render_card
from training.config import TrainingConfig, parse_config
from training.describing import describe, read_facts
from training.evaluation import Evaluation, evaluate
from training.fitting import compile_table
from training.keywords import KEYWORDS_FILE, find_keywords, keywords_to_json
from training.needed import fit_needed
from training.needs import NeedRehearsal, fit_needs
from training.portrait import Portrait
from training.preparing import PreparedRows, count_labels, prepare_rows
from training.progress import Progress, Silence
from training.rehearsing import fit_rows, judge_rehearsals, rehearse
from training.report import METRICS_FILE, REPORT_FILE, render_report, summarise_metrics, write_metrics
from training.thresholding import find_thresholds

_SHIPPED_LEXICONS = (PLACES_FILE, MINANG_FILE, UNITS_FILE, REGIONS_FILE, *RULEBOOK_FILES)


class TrainingError(PilahError):
    """Rows and settings that no bundle can be trained from."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A bundle that was written, and what was learnt on the way."""

    folder: Path
    bundle_id: str
    rows: PreparedRows
    evaluation: Evaluation | None


@dataclass(frozen=True, slots=True)
class Sources:
    """What a bundle is made of beside rows: the taxonomy (None for open labels) and the folder of shipped data."""

    taxonomy: Taxonomy | None
    datasets: Path


@dataclass(frozen=True, slots=True)
class Answering:
    """How scores become answers: the curve of each head, and the thresholds."""

    curves: Mapping[str, Calibration]
    thresholds: Thresholds


_N_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Draft:
    """A bundle without what people read about it; ``labels`` of each head in the order of the table's columns."""

    labels: dict[str, tuple[str, ...]]
    manifest: Manifest
    arrays: TableArrays
    files: Mapping[str, bytes]


def train(
    frame: pd.DataFrame,
    config: TrainingConfig,
    sources: Sources,
    place: Callable[[str], Path],
    test: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Train a bundle on ``frame``, judge it on ``test`` (later rows), and write it where ``place`` says for its id.

    Raises
    ------
    TrainingError
        A label is none of the taxonomy, or no head has two labels with enough rows.
    """
    progress = progress or Silence()
    progress.step(f"reading {len(frame):,} rows")
    rows = prepare_rows(frame, config)
    _refuse_foreign_labels(rows, sources.taxonomy)
    heads = _choose_heads(rows, config)
    needs = NeedRehearsal(
        rows, parse_units((sources.datasets / UNITS_FILE).read_text(encoding="utf-8"), UNITS_FILE), config.seed
    )
    rehearsals = rehearse(rows, heads, config, progress, needs.watch)
    curves = {head: calibrate(answered) for head, answered in rehearsals.items()}
    answering = Answering(curves, find_thresholds(rehearsals, curves, config))
    progress.step(f"fitting {', '.join(heads)} on all {len(rows.ids):,} rows")
    draft = _make_draft(rows, heads, answering, fit_needs(needs.pool()), config, sources)
    evaluation = None if test is None else _judge(draft, test, config, progress)
    portrait = Portrait(
        facts=read_facts(draft.manifest),
        name=_name_labels(sources.taxonomy),
        keywords=find_keywords(draft.arrays, draft.labels, Stemmer().stem),
        evaluation=evaluation,
        rehearsal=judge_rehearsals(rehearsals, curves, config.seed),
    )
    folder = place(portrait.facts.bundle_id)
    progress.step(f"writing {folder}")
    manifest = {**draft.manifest, "metrics": summarise_metrics(evaluation)}
    write_bundle(folder, manifest, draft.arrays, {**draft.files, **_write_portrait(portrait)})
    return Trained(folder, portrait.facts.bundle_id, rows, evaluation)


def config_of(classifier: Classifier, columns: Mapping[str, str]) -> TrainingConfig:
    """The settings a bundle was trained with, for reading further rows; ``columns`` overrule its own."""
    kept = classifier.manifest["config"]
    if not isinstance(kept, dict):
        raise TrainingError(f"Bundle {classifier.bundle_id} keeps no training settings; name them with --config.")
    config = parse_config(kept, "manifest.json")
    return replace(config, columns={**config.columns, **columns})


def _refuse_foreign_labels(rows: PreparedRows, taxonomy: Taxonomy | None) -> None:
    if taxonomy is None:
        return
    foreign = [
        f"{head} {label!r} ({n_rows} rows)"
        for head, labels in rows.true_labels.items()
        for label, n_rows in count_labels(labels).items()
        if label not in taxonomy.heads[head]
    ]
    if foreign:
        more = f" and {len(foreign) - _N_NAMED} more" if len(foreign) > _N_NAMED else ""
        are = "label is" if len(foreign) == 1 else "labels are"
        raise TrainingError(
            f"{len(foreign)} {are} none of the taxonomy: {', '.join(foreign[:_N_NAMED])}{more}. Merge into its labels "
            f"([merge.{foreign[0].split()[0]}] in --config), or train on the labels as they are with --open-labels."
        )


def _choose_heads(rows: PreparedRows, config: TrainingConfig) -> list[str]:
    heads = [head for head, labels in rows.labels.items() if len(count_labels(labels)) > 1]
    missing = [head for head in config.heads if head not in heads]
    if missing or not heads:
        raise TrainingError(
            f"{', '.join(missing) or 'No head'} has two labels with at least {config.minimum_rows} rows each "
            f"among {len(rows.ids)} rows. Add labelled rows, lower minimum_rows, or leave the head out (heads = […])."
        )
    return heads


def _make_draft(
    rows: PreparedRows,
    heads: list[str],
    answering: Answering,
    curve: NeedCurve | None,
    config: TrainingConfig,
    sources: Sources,
) -> _Draft:
    all_rows = np.arange(len(rows.ids), dtype=np.int64)
    vocabulary, fitted = fit_rows(rows, heads, all_rows, config)
    further = [] if curve is None else [fit_needed(rows, vocabulary, fitted["agency"].labels, all_rows)]
    labels = {head: linear.labels for head, linear in fitted.items()}
    n_calibrated = {head: curve.n_rows for head, curve in answering.curves.items()}
    described = describe(rows, labels, n_calibrated, config, sources.taxonomy)
    return _Draft(
        labels=labels,
        manifest={
            **described,
            "thresholds": answering.thresholds.to_json(),
            "detectors": [head for head, linear in fitted.items() if linear.detector is not None],
        },
        arrays=compile_table(vocabulary, [*fitted.values(), *further]),
        files={**_collect_files(answering, config, sources), **_write_needs(curve)},
    )


def _collect_files(answering: Answering, config: TrainingConfig, sources: Sources) -> dict[str, bytes]:
    files = {
        CALIBRATION_FILE: to_json_bytes({head: curve.to_json() for head, curve in answering.curves.items()}),
        THRESHOLDS_FILE: to_json_bytes(answering.thresholds.to_json()),
    }
    for name in _SHIPPED_LEXICONS:
        files[name] = (sources.datasets / name).read_bytes()
    if sources.taxonomy is not None:
        for name in (*FILE_OF_HEAD.values(), VERSION_FILE):
            files[f"taxonomy/{name}"] = (sources.datasets / "taxonomy" / name).read_bytes()
    files["config.json"] = json.dumps(config.to_json(), indent=2, sort_keys=True).encode() + b"\n"
    return files


def _write_needs(curve: NeedCurve | None) -> dict[str, bytes]:
    return {} if curve is None else {NEED_CURVE_FILE: to_json_bytes(curve.to_json())}


def _judge(draft: _Draft, test: pd.DataFrame, config: TrainingConfig, progress: Progress) -> Evaluation:
    """Judge the bundle as a service would load it, before it has its report."""
    prepared = prepare_rows(test, config, drop_rare=False)
    with TemporaryDirectory() as parent:
        folder = Path(parent) / "draft"
        write_bundle(folder, draft.manifest, draft.arrays, draft.files)
        return evaluate(Classifier(read_bundle(folder)), prepared, progress, config.seed)


def _name_labels(taxonomy: Taxonomy | None) -> Callable[[str, str], str]:
    return (lambda _, label: label) if taxonomy is None else taxonomy.name


def _write_portrait(portrait: Portrait) -> dict[str, bytes]:
    """The files of a bundle that people read, and the figures for programs."""
    return {
        CARD_FILE: render_card(portrait).encode(),
        REPORT_FILE: render_report(portrait).encode(),
        METRICS_FILE: write_metrics(portrait),
        KEYWORDS_FILE: keywords_to_json(portrait.keywords),
    }
