"""Fits the heads and compiles them into the one table of `model.table`.

Each head is the sum of two linear one-against-rest fits over the rows of `training.vectors`, a support vector machine
and a ridge regression; labels weigh by a power of their rarity. Fits are independent, so they run side by side. A label
that must not be missed has a detector beside its head: a column of its own, which tells it from everything else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from model.table import TableArrays
from training.ridge import fit_ridge
from training.vectors import Vocabulary, spell

Doubles = NDArray[np.float64]
# Rows' numbers times labels: some two seconds of work. Below it, starting worker processes costs more than they save.
# Threads would not do: liblinear draws from one random state, which they would share.
_WORK_FOR_PROCESSES = 100_000_000
# Of the ridge, whatever the support vector machine weighs labels by: chosen with it, bench/quality.py --choose.
RIDGE_CLASS_WEIGHT_POWER = 0.5
# Inverse penalty of a detector; figures stand still from 3 to 30 (bench/alarms.py --separation).
DETECTOR_PENALTY = 10.0


@dataclass(frozen=True, slots=True)
class Detector:
    """A fitted column that tells one label from all others: ``slopes`` (features,), ``offset``."""

    label: str
    slopes: Doubles
    offset: float

    def score(self, rows: sparse.csr_matrix) -> Doubles:
        """Scores (n,) of vectorised texts."""
        return np.asarray(rows @ self.slopes + self.offset)


@dataclass(frozen=True, slots=True)
class LinearHead:
    """A fitted head: ``labels`` sorted, ``coefficients`` (features, labels), ``bias`` (labels,), and its detector."""

    labels: tuple[str, ...]
    coefficients: Doubles
    bias: Doubles
    detector: Detector | None = None

    def score(self, rows: sparse.csr_matrix) -> Doubles:
        """Scores (n, labels) of vectorised texts."""
        return np.asarray(rows @ self.coefficients + self.bias)


@dataclass(frozen=True, slots=True)
class HeadTask:
    """What to fit: the rows and the label of each ('' where a row does not teach this head), row weights > 0.

    ``ridge_share`` is how much of the ridge is added to the support vector machine; 0 leaves it out. ``detected`` is
    the label that gets a detector, where it is among the labels.
    """

    rows: sparse.csr_matrix
    labels: NDArray[np.object_]
    weights: Doubles
    penalty: float
    class_weight_power: float
    seed: int
    ridge_penalty: float = 2.0
    ridge_share: float = 1.0
    detected: str | None = None


def fit_heads(tasks: Mapping[str, HeadTask]) -> dict[str, LinearHead]:
    """Fit every task, side by side where it pays; the order of work does not change the result."""
    work = sum(task.rows.nnz * len(set(task.labels)) for task in tasks.values())
    n_jobs = -1 if work > _WORK_FOR_PROCESSES else 1
    fitted = Parallel(n_jobs=n_jobs)(delayed(fit_head)(task) for task in tasks.values())
    return dict(zip(tasks, fitted, strict=True))


def fit_head(task: HeadTask) -> LinearHead:
    """Fit one head on the rows that carry a label.

    Raises
    ------
    ValueError
        Fewer than two labels are left to tell apart.
    """
    is_labelled = task.labels != ""
    labels, targets = np.unique(task.labels[is_labelled].astype(str), return_inverse=True)
    if len(labels) < 2:  # noqa: PLR2004  # one label leaves nothing to tell apart
        raise ValueError(f"a head needs two labels to tell apart, found {len(labels)}")
    rows = task.rows[is_labelled]
    weights = task.weights[is_labelled] * weigh_labels(targets, task.class_weight_power)
    # A looser stop than scikit-learn's own changes no figure of bench/quality.py --choose and saves a seventh.
    machine = LinearSVC(C=task.penalty, dual=True, max_iter=2_000, tol=1e-2, random_state=task.seed)
    machine.fit(rows, targets, sample_weight=weights)
    coefficients, bias = machine.coef_.T, machine.intercept_
    if len(labels) == 2:  # noqa: PLR2004  # scikit-learn keeps one column for two labels
        coefficients, bias = np.hstack([-coefficients, coefficients]), np.array([-bias[0], bias[0]])
    if task.ridge_share:
        weights = task.weights[is_labelled] * weigh_labels(targets, RIDGE_CLASS_WEIGHT_POWER)
        slopes, offsets = fit_ridge(rows, targets, weights, task.ridge_penalty)
        coefficients, bias = coefficients + task.ridge_share * slopes, bias + task.ridge_share * offsets
    detector = None if task.detected not in labels else _fit_detector(task, rows, labels[targets] == task.detected)
    return LinearHead(tuple(labels.tolist()), coefficients, bias, detector)


def _fit_detector(task: HeadTask, rows: sparse.csr_matrix, is_positive: NDArray[np.bool_]) -> Detector:
    """A logistic regression on whether a row carries the label.

    Beside the same recall it alarms on half as many ordinary reports as the column of the label in its head: that one
    is pushed apart from the neighbouring labels too, and leans on fewer, stronger words.
    """
    fitted = LogisticRegression(
        C=DETECTOR_PENALTY, solver="liblinear", dual=True, max_iter=1_000, tol=1e-3, random_state=task.seed
    )
    fitted.fit(rows, is_positive, sample_weight=task.weights[task.labels != ""])
    return Detector(str(task.detected), fitted.coef_[0].astype(np.float64), float(fitted.intercept_[0]))


def weigh_labels(targets: NDArray[np.int64], power: float) -> Doubles:
    """Weight of each row: (n / (labels * rows of its label)) ** power, scikit-learn's "balanced" at power 1."""
    n_rows = np.bincount(targets)
    weights: Doubles = (len(targets) / (len(n_rows) * n_rows)) ** power
    return weights[targets]


def compile_table(
    vocabulary: Vocabulary, heads: Sequence[LinearHead], row_type: type[np.float16 | np.float32] = np.float16
) -> TableArrays:
    """Fold idf and coefficients into rows, so that prediction is a lookup and a sum.

    The columns are those of the heads, then one for each detector. Bundles keep rows as float16; with float32 the table
    scores as the heads do, to 1e-5.
    """
    detectors = [head.detector for head in heads if head.detector is not None]
    columns = [*(head.coefficients for head in heads), *(detector.slopes[:, None] for detector in detectors)]
    coefficients = np.hstack(columns)
    n_tokens, n_words = len(vocabulary.tokens), vocabulary.n_words
    ngram_rows = coefficients[n_words:]
    spelling = spell(vocabulary, list(vocabulary.tokens))
    token_rows = np.hstack([coefficients[:n_tokens] * vocabulary.token_idf[:, None], spelling @ ngram_rows])
    squares = np.asarray(spelling.multiply(spelling).sum(axis=1)).ravel()
    keys = np.array(
        [vocabulary.tokens[first] * n_tokens + vocabulary.tokens[second] for first, second in vocabulary.pairs],
        dtype=np.int64,
    )
    return TableArrays(
        tokens=tuple(vocabulary.tokens),
        token_rows=token_rows.astype(row_type),
        token_norms=np.column_stack([vocabulary.token_idf**2, squares]).astype(np.float32),
        pair_keys=keys,
        pair_rows=(coefficients[n_tokens:n_words] * vocabulary.pair_idf[:, None]).astype(row_type),
        pair_norms=(vocabulary.pair_idf**2).astype(np.float32),
        ngram_keys=np.array(list(vocabulary.ngrams), dtype=np.int64),
        ngram_rows=(ngram_rows * vocabulary.ngram_idf[:, None]).astype(row_type),
        ngram_weights=vocabulary.ngram_idf.astype(np.float32),
        bias=np.array(
            [*(offset for head in heads for offset in head.bias), *(detector.offset for detector in detectors)],
            dtype=np.float32,
        ),
    )
