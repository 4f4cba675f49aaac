"""What `import training` offers to notebooks and scripts: read rows, train, evaluate, compare, and tables of both.

Holds no arithmetic of its own; each function is a call with defaults to the module that does the work.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from model.classifier import Classifier, load_classifier
from model.shipped import datasets_folder, taxonomy_in_force
from training import build, comparing, evaluation, reading
from training.build import Sources, Trained, config_of
from training.comparing import GateVerdict
from training.config import TrainingConfig
from training.evaluation import Evaluation
from training.gate import Gate
from training.preparing import prepare_rows
from training.progress import choose_progress
from training.reading import RowSet

Bundle = Path | Classifier


def read_rows(path: Path | str, columns: Mapping[str, str] | None = None) -> RowSet:
    """Read a file of labelled rows: ``frame`` holds those that can be used, ``rejects`` the others with the reason.

    Parameters
    ----------
    columns
        Our column name, and the name it has in the file.

    Raises
    ------
    ReadingError
        The file cannot be read as a table.
    """
    return reading.read_rows(Path(path), columns or {})


def train(
    frame: pd.DataFrame, folder: Path | str, config: TrainingConfig | None = None, test: pd.DataFrame | None = None
) -> Trained:
    """Train a bundle on rows of `read_rows`, write it into ``folder``, and judge it on ``test`` (later rows).

    Raises
    ------
    TrainingError
        A label is none of the taxonomy, or no head has two labels with enough rows.
    """
    config = config or TrainingConfig()
    sources = Sources(None if config.open_labels else taxonomy_in_force(), datasets_folder())
    progress = choose_progress(is_quiet=False)
    return build.train(frame, config, sources, lambda _: Path(folder), test, progress)


def evaluate(bundle: Bundle | str, frame: pd.DataFrame) -> Evaluation:
    """Judge a bundle, or the folder of one, on labelled rows that are later than those it learnt from."""
    classifier = _load(bundle)
    config = config_of(classifier, {})
    rows = prepare_rows(frame, config, drop_rare=False)
    return evaluation.evaluate(classifier, rows, choose_progress(is_quiet=False), config.seed)


def compare(
    champion: Bundle | str,
    challenger: Bundle | str,
    frame: pd.DataFrame,
    golden: pd.DataFrame | None = None,
    gate: Gate | None = None,
) -> GateVerdict:
    """Compare two bundles, or folders of such, on rows later than both fits; ``reasons`` say why not to promote.

    Raises
    ------
    ComparisonError
        A bundle does not say up to which day it learnt, or no row is later.
    """
    progress = choose_progress(is_quiet=False)
    return comparing.compare(_load(champion), _load(challenger), frame, golden, None, gate, progress)


def tabulate(judged: Evaluation | GateVerdict) -> pd.DataFrame:
    """A row for each head of an evaluation, with its figures and intervals, or for each check of a comparison."""
    if isinstance(judged, GateVerdict):
        return pd.DataFrame([check.to_json() for check in judged.checks])
    return pd.DataFrame([_flatten(judged, head) for head in judged.heads])


def _flatten(judged: Evaluation, head: str) -> dict[str, float | int | str]:
    figures = judged.heads[head]
    row: dict[str, float | int | str] = {"head": head, "n_rows": figures.n_rows}
    for name in ("accuracy", "macro_f1", "brier", "log_loss"):
        figure = getattr(figures, name)
        row |= {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return row | {"excess_calibration_error": figures.excess_calibration_error}


def _load(bundle: Bundle | str) -> Classifier:
    return bundle if isinstance(bundle, Classifier) else load_classifier(Path(bundle))
