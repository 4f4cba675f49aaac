"""Finds labels that are likely wrong, and the likely right one: confident learning over answers of cross-validation.

A suspicion is for a person to look at; nothing here changes a label.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from model.calibration import softmax
from model.taxonomy import HEADS
from training.calibrating import fit_temperature
from training.config import TrainingConfig
from training.preparing import PreparedRows, prepare_rows
from training.progress import Progress, Silence
from training.rehearsing import NEVER, fit_rows
from training.vectors import vectorise

N_FOLDS = 5
# Below it the fit is unsure itself, and on hard reports that says more of the fit than of the label.
LEAST_CONFIDENCE = 0.9
SUSPECT_COLUMNS = ("id", "head", "label", "likely", "quality", "confidence")


def find_suspects(
    frame: pd.DataFrame,
    config: TrainingConfig | None = None,
    heads: Sequence[str] = HEADS,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Rows whose label is likely wrong, the most doubtful of each head first.

    Every row is answered by a fit on four fifths of the others. A label is suspect when confident learning says so
    (Northcutt, Jiang and Chuang 2021), pruning by class and by noise
    rate at once, and the fit is sure of another one.

    Parameters
    ----------
    frame
        Labelled rows as `training.read_rows` gives them; rare labels are not looked at, see ``minimum_rows``.
    heads
        Which heads are looked at; those without two labels are passed over.

    Returns
    -------
    pandas.DataFrame
        ``id``, ``head``, ``label``, ``likely`` (the right one, if the suspicion is), ``quality`` (the probability of
        the label as it stands, 0 to 1) and ``confidence`` (that of the likely one).
    """
    config, progress = config or TrainingConfig(), progress or Silence()
    rows = prepare_rows(frame, config)
    answers = _answer(rows, [head for head in heads if head in rows.labels], config, progress)
    found = [_suspect(rows, head, *answer) for head, answer in answers.items()]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(SUSPECT_COLUMNS))


_Answer = tuple[tuple[str, ...], NDArray[np.float64]]


def _answer(rows: PreparedRows, heads: Sequence[str], config: TrainingConfig, progress: Progress) -> dict[str, _Answer]:
    """Labels of each head, and the scores (rows, labels) of each row by a fit that has not seen it."""
    n_rows = len(rows.ids)
    answers: dict[str, _Answer] = {}
    for head in heads:
        labels = tuple(sorted({str(label) for label in rows.labels[head]} - {""}))
        if len(labels) > 1:
            answers[head] = (labels, np.full((n_rows, len(labels)), NEVER))
    if not answers:
        return {}
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=config.seed % 2**32)
    strata = rows.labels[next(iter(answers))].astype(str)
    for earlier, held_out in progress.track(list(folds.split(np.zeros(n_rows), strata)), "cross-validate"):
        vocabulary, fitted = fit_rows(rows, list(answers), earlier, config)
        vectors = vectorise(vocabulary, rows.take(held_out))
        for head, linear in fitted.items():
            labels, scores = answers[head]
            columns = [labels.index(label) for label in linear.labels]
            scores[np.ix_(held_out, columns)] = linear.score(vectors)
    return answers


def _suspect(rows: PreparedRows, head: str, labels: tuple[str, ...], scores: NDArray[np.float64]) -> pd.DataFrame:
    given = rows.labels[head].astype(str)
    taught = np.flatnonzero(given != "")
    column = {label: place for place, label in enumerate(labels)}
    targets = np.array([column[label] for label in given[taught]])
    held = scores[taught].astype(np.float32)
    shares = softmax(held, fit_temperature(held, targets)).astype(np.float64)
    shares /= shares.sum(axis=1, keepdims=True)
    # Both ways of pruning must agree: a hard row is not yet a wrong one.
    ranked = "self_confidence"
    issues = find_label_issues(targets, shares, filter_by="both", return_indices_ranked_by=ranked, n_jobs=1)
    issues = issues[shares[issues].max(axis=1) >= LEAST_CONFIDENCE]
    quality = get_label_quality_scores(targets, shares, method="self_confidence")
    likely = shares.argmax(axis=1)
    return pd.DataFrame(
        {
            "id": [rows.ids[row] for row in taught[issues]],
            "head": head,
            "label": given[taught][issues],
            "likely": [labels[place] for place in likely[issues]],
            "quality": quality[issues],
            "confidence": shares[issues, likely[issues]],
        }
    )
