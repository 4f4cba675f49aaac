"""Builds a bundle from labelled rows: fit, calibrate on later rows, refit on all, compile, judge, write."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.bundle import read_bundle, to_json_bytes, write_bundle
from model.calibration import Calibration
from model.classifier import CALIBRATION_FILE, MINANG_FILE, PLACES_FILE, Classifier
from model.errors import PilahError
from model.prediction import JsonValue
from model.table import TableArrays
from model.taxonomy import FILE_OF_HEAD, VERSION_FILE, Taxonomy
from training.calibrating import fit_calibration
from training.config import TrainingConfig, parse_config
from training.evaluation import Evaluation, evaluate
from training.fitting import HeadTask, LinearHead, compile_table, fit_heads
from training.preparing import PreparedRows, count_labels, prepare_rows
from training.progress import Progress, Silence
from training.provenance import digest_code, digest_lock, digest_rows, name_bundle, package_versions
from training.splitting import Fold, roll_forward
from training.vectors import Vocabulary, build_vocabulary, vectorise

_SHIPPED_LEXICONS = (PLACES_FILE, MINANG_FILE)


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
        No head has two labels with enough rows.
    """
    progress = progress or Silence()
    progress.step(f"reading {len(frame):,} rows")
    rows = prepare_rows(frame, config)
    heads = _choose_heads(rows, config)
    calibrations = _calibrate(rows, heads, config, progress)
    progress.step(f"fitting {', '.join(heads)} on all {len(rows.ids):,} rows")
    every_row = np.arange(len(rows.ids), dtype=np.int64)
    vocabulary, fitted = _fit(rows, heads, every_row, config)
    arrays = compile_table(vocabulary, [fitted[head] for head in heads])
    manifest = _describe(rows, fitted, config, sources)
    files = _collect_files(calibrations, config, sources)
    evaluation = None
    if test is not None:
        prepared = prepare_rows(test, config, drop_rare=False)
        evaluation = evaluate(_load_draft(manifest, arrays, files), prepared, progress, config.seed)
        files["metrics.json"] = to_json_bytes(evaluation.to_json())
    bundle_id = str(manifest["bundle"])
    folder = place(bundle_id)
    progress.step(f"writing {folder}")
    write_bundle(folder, manifest, arrays, files)
    return Trained(folder, bundle_id, rows, evaluation)


def config_of(classifier: Classifier, columns: Mapping[str, str]) -> TrainingConfig:
    """The settings a bundle was trained with, for reading further rows; ``columns`` overrule its own."""
    kept = classifier.manifest["config"]
    if not isinstance(kept, dict):
        raise TrainingError(f"Bundle {classifier.bundle_id} keeps no training settings; name them with --config.")
    config = parse_config(kept, "manifest.json")
    return replace(config, columns={**config.columns, **columns})


def _choose_heads(rows: PreparedRows, config: TrainingConfig) -> list[str]:
    heads = [head for head, labels in rows.labels.items() if len(count_labels(labels)) > 1]
    missing = [head for head in config.heads if head not in heads]
    if missing or not heads:
        raise TrainingError(
            f"{', '.join(missing) or 'No head'} has two labels with at least {config.minimum_rows} rows each "
            f"among {len(rows.ids)} rows. Add labelled rows, lower minimum_rows, or leave the head out (heads = […])."
        )
    return heads


def _fit(
    rows: PreparedRows, heads: list[str], taken: NDArray[np.int64], config: TrainingConfig
) -> tuple[Vocabulary, dict[str, LinearHead]]:
    forms = rows.take(taken)
    vocabulary = build_vocabulary(
        forms,
        minimum_token_rows=config.minimum_token_rows,
        minimum_pair_rows=config.minimum_pair_rows,
        minimum_ngram_rows=config.minimum_ngram_rows,
        reporters=rows.take_reporters(taken),
    )
    vectors = vectorise(vocabulary, forms)
    tasks = {
        head: HeadTask(
            vectors,
            rows.labels[head][taken],
            rows.weights[taken],
            config.penalty,
            config.class_weight_power,
            config.seed,
        )
        for head in heads
        if len(count_labels(rows.labels[head][taken])) > 1
    }
    return vocabulary, fit_heads(tasks)


def _calibrate(
    rows: PreparedRows, heads: list[str], config: TrainingConfig, progress: Progress
) -> dict[str, Calibration]:
    """Curves from pooled answers of fits on earlier rows to later ones; the final fit keeps them.

    The final fit has seen more rows than any of these fits, so its confidence errs, if at all, on the low side.
    """
    tops: dict[str, list[tuple[NDArray[np.float32], NDArray[np.int64]]]] = {head: [] for head in heads}
    folds = list(roll_forward(len(rows.ids), config.calibration_folds, config.calibration_share))
    for number, fold in enumerate(folds, start=1):
        progress.step(f"calibrating on later rows, slice {number} of {len(folds)} ({len(fold.later):,} rows)")
        vocabulary, fitted = _fit(rows, heads, fold.earlier, config)
        vectors = vectorise(vocabulary, rows.take(fold.later))
        for head, linear in fitted.items():
            tops[head].append(_score_fold(linear, linear.score(vectors), rows.labels[head], fold))
    return {head: _fit_curve(pooled) for head, pooled in tops.items()}


def _score_fold(
    linear: LinearHead, scores: NDArray[np.float64], labels: NDArray[np.object_], fold: Fold
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    column = {label: place for place, label in enumerate(linear.labels)}
    truth = labels[fold.later]
    is_labelled = truth != ""
    targets = np.array([column.get(label, -1) for label in truth[is_labelled]], dtype=np.int64)
    return scores[is_labelled].astype(np.float32), targets


def _fit_curve(pooled: list[tuple[NDArray[np.float32], NDArray[np.int64]]]) -> Calibration:
    """One curve of all slices; earlier fits may know fewer labels, so scores are padded with what never wins."""
    width = max((scores.shape[1] for scores, _ in pooled), default=1)
    padded = [
        np.pad(scores, ((0, 0), (0, width - scores.shape[1])), constant_values=-1e3).astype(np.float32)
        for scores, _ in pooled
    ]
    if not padded:
        return fit_calibration(np.zeros((0, width), np.float32), np.zeros(0, np.int64))
    return fit_calibration(np.vstack(padded), np.concatenate([targets for _, targets in pooled]))


def _describe(
    rows: PreparedRows, fitted: Mapping[str, LinearHead], config: TrainingConfig, sources: Sources
) -> dict[str, JsonValue]:
    taxonomy = sources.taxonomy
    origin: dict[str, JsonValue] = {
        "dataset": {"digest": digest_rows(rows), "n_rows": len(rows.ids)},
        "config": config.to_json(),
        "code": digest_code(),
        "lock": digest_lock(),
        "taxonomy": None if taxonomy is None else {"version": taxonomy.version, "digest": taxonomy.digest},
    }
    heads: list[JsonValue] = [
        {
            "name": head,
            "labels": list(linear.labels),
            "n_rows": dict(count_labels(rows.labels[head])),
            "left_out": dict(rows.left_out[head]),
        }
        for head, linear in fitted.items()
    ]
    return {"bundle": name_bundle(origin), **origin, "packages": package_versions(), "heads": heads}


def _collect_files(
    calibrations: Mapping[str, Calibration], config: TrainingConfig, sources: Sources
) -> dict[str, bytes]:
    files = {CALIBRATION_FILE: to_json_bytes({head: curve.to_json() for head, curve in calibrations.items()})}
    for name in _SHIPPED_LEXICONS:
        files[name] = (sources.datasets / name).read_bytes()
    if sources.taxonomy is not None:
        for name in (*FILE_OF_HEAD.values(), VERSION_FILE):
            files[f"taxonomy/{name}"] = (sources.datasets / "taxonomy" / name).read_bytes()
    files["config.json"] = json.dumps(config.to_json(), indent=2, sort_keys=True).encode() + b"\n"
    return files


def _load_draft(manifest: Mapping[str, JsonValue], arrays: TableArrays, files: Mapping[str, bytes]) -> Classifier:
    """The bundle as a service would load it, before it has its report."""
    with TemporaryDirectory() as folder:
        draft = Path(folder) / "draft"
        write_bundle(draft, manifest, arrays, files)
        return Classifier(read_bundle(draft))
