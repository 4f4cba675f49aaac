"""How good answers are: pure arithmetic over true labels, given labels and their confidence.

Every figure comes with an interval where its sample makes it uncertain; a row without a true label is not judged.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.prediction import JsonValue

Doubles = NDArray[np.float64]
Labels = NDArray[np.str_]
N_BINS = 15
N_RESAMPLES = 1_000
_NORMAL_QUANTILE = 1.959963984540054  # of 0.975
COVERAGE_THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(20))


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % interval: Wilson's for accuracy, a percentile bootstrap over rows for the others.

    For macro-F1 with many rare labels the interval covers about nine times in ten instead of nineteen in twenty.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """The figure with its interval: ``0.780 [0.760, 0.802]``."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def to_json(self) -> dict[str, JsonValue]:
        """The figure as it stands in ``metrics.json``."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class LabelJudgement:
    """One label: rows that carry it, rows that were given it, rows where both agree."""

    label: str
    n_true: int
    n_given: int
    n_both: int

    @property
    def precision(self) -> float:
        """Share of the given that is right; 0 where the label was never given."""
        return self.n_both / self.n_given if self.n_given else 0.0

    @property
    def recall(self) -> float:
        """Share of the true that was found; 0 where the label never occurs."""
        return self.n_both / self.n_true if self.n_true else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.n_both / (self.n_true + self.n_given) if self.n_true + self.n_given else 0.0


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Answers of similar confidence: how many, their mean confidence and the share that is right."""

    n_rows: int
    confidence: float
    share_right: float


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """What a threshold would decide alone: share of rows at or above it, and their error (None where no row is)."""

    threshold: float
    coverage: float
    error: float | None
    n_decided: int


@dataclass(frozen=True, slots=True)
class HeadJudgement:
    """Everything measured of one head on n judged rows.

    ``calibration_error`` is the expected calibration error of the confidence over equal-mass bins (Naeini et al. 2015);
    ``excess_calibration_error`` takes off what a perfectly calibrated head would show on n rows. ``confusions`` lists
    (true, given, rows), most frequent first.
    """

    head: str
    n_rows: int
    accuracy: Figure
    macro_f1: Figure
    calibration_error: float
    excess_calibration_error: float
    brier: Figure
    log_loss: Figure
    labels: tuple[LabelJudgement, ...]
    confusions: tuple[tuple[str, str, int], ...]
    reliability: tuple[ReliabilityBin, ...]
    coverage: tuple[CoveragePoint, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """The judgement as it stands in ``metrics.json``."""
        return {
            "n_rows": self.n_rows,
            "accuracy": self.accuracy.to_json(),
            "macro_f1": self.macro_f1.to_json(),
            "calibration_error": self.calibration_error,
            "excess_calibration_error": self.excess_calibration_error,
            "brier": self.brier.to_json(),
            "log_loss": self.log_loss.to_json(),
            "labels": [
                {
                    "label": label.label,
                    "n_true": label.n_true,
                    "n_given": label.n_given,
                    "precision": round(label.precision, 4),
                    "recall": round(label.recall, 4),
                    "f1": round(label.f1, 4),
                }
                for label in self.labels
            ],
            "confusions": [[true, given, n_rows] for true, given, n_rows in self.confusions],
            "reliability": [[b.n_rows, round(b.confidence, 4), round(b.share_right, 4)] for b in self.reliability],
            "coverage": [[p.threshold, round(p.coverage, 4), p.error, p.n_decided] for p in self.coverage],
        }


def judge_head(head: str, truth: Labels, given: Labels, confidence: Doubles, seed: int) -> HeadJudgement:
    """Judge the answers of one head.

    Parameters
    ----------
    truth, given
        (n,) true and given labels; every row has a true label. Macro-F1 is the mean over the labels that occur in
        ``truth``, also those that can never be given.
    confidence
        (n,) probability in [0, 1] of the given label.
    seed
        Of the bootstrap that gives the intervals.

    Raises
    ------
    ValueError
        No row to judge.
    """
    if len(truth) == 0:
        raise ValueError(f"{head}: no row with a true label to judge on")
    names, codes = np.unique(np.concatenate([truth, given]), return_inverse=True)
    true_codes, given_codes = codes[: len(truth)], codes[len(truth) :]
    is_right = true_codes == given_codes
    counts = np.zeros((len(names), len(names)), np.int64)
    np.add.at(counts, (true_codes, given_codes), 1)
    clipped = np.clip(confidence, 1e-6, 1 - 1e-6)
    by_row = (confidence - is_right) ** 2, -np.log(np.where(is_right, clipped, 1 - clipped))
    (brier, log_loss), score = _resample(by_row, true_codes, given_codes, len(names), seed)
    error, excess = measure_calibration(confidence, is_right, seed)
    return HeadJudgement(
        head=head,
        n_rows=len(truth),
        accuracy=judge_share(int(is_right.sum()), len(truth)),
        macro_f1=score,
        calibration_error=round(error, 4),
        excess_calibration_error=round(excess, 4),
        brier=brier,
        log_loss=log_loss,
        labels=_judge_labels(names, counts),
        confusions=_list_confusions(names, counts),
        reliability=bin_reliability(confidence, is_right),
        coverage=tuple(_cover(threshold, confidence, is_right) for threshold in COVERAGE_THRESHOLDS),
    )


def macro_f1(truth: NDArray[np.int64], given: NDArray[np.int64], n_labels: int) -> float:
    """Mean F1 over the labels that occur in ``truth``; labels are column numbers below ``n_labels``."""
    n_true = np.bincount(truth, minlength=n_labels)
    n_given = np.bincount(given, minlength=n_labels)
    n_both = np.bincount(truth[truth == given], minlength=n_labels)
    occurs = n_true > 0
    return float(np.mean(2 * n_both[occurs] / (n_true + n_given)[occurs]))


def judge_share(n_hits: int, n_rows: int) -> Figure:
    """The share of ``n_hits`` in ``n_rows`` > 0 with its interval."""
    low, high = wilson_interval(n_hits, n_rows)
    return Figure(round(n_hits / n_rows, 4), round(low, 4), round(high, 4))


def wilson_interval(n_hits: int, n_rows: int) -> tuple[float, float]:
    """95 % interval of a share of ``n_hits`` in ``n_rows`` > 0 (Wilson 1927)."""
    share, weight = n_hits / n_rows, _NORMAL_QUANTILE**2 / n_rows
    middle = (share + weight / 2) / (1 + weight)
    reach = math.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def bin_reliability(confidence: Doubles, is_right: NDArray[np.bool_]) -> tuple[ReliabilityBin, ...]:
    """Up to ``N_BINS`` bins of equal numbers of rows, from low to high confidence."""
    order = np.argsort(confidence, kind="stable")
    return tuple(
        ReliabilityBin(len(rows), float(confidence[rows].mean()), float(is_right[rows].mean()))
        for rows in np.array_split(order, N_BINS)
        if len(rows)
    )


def measure_calibration(confidence: Doubles, is_right: NDArray[np.bool_], seed: int) -> tuple[float, float]:
    """Calibration error, and what of it exceeds the mean error of perfectly calibrated answers on the same rows."""
    draws = np.random.default_rng(seed)
    by_luck = [_calibration_error(confidence, draws.random(len(confidence)) < confidence) for _ in range(200)]
    error = _calibration_error(confidence, is_right)
    return error, error - float(np.mean(by_luck))


def _calibration_error(confidence: Doubles, is_right: NDArray[np.bool_]) -> float:
    bins = bin_reliability(confidence, is_right)
    return sum(b.n_rows * abs(b.confidence - b.share_right) for b in bins) / len(confidence)


def _resample(
    by_row: tuple[Doubles, ...], truth: NDArray[np.int64], given: NDArray[np.int64], n_labels: int, seed: int
) -> tuple[tuple[Figure, ...], Figure]:
    """Means of values by row, and macro-F1, each with its bootstrap interval; one resample in memory at a time."""
    draws = np.random.default_rng(seed)
    means = np.zeros((N_RESAMPLES, len(by_row)))
    scores = np.zeros(N_RESAMPLES)
    for number in range(N_RESAMPLES):
        rows = draws.integers(0, len(truth), len(truth))
        means[number] = [values[rows].mean() for values in by_row]
        scores[number] = macro_f1(truth[rows], given[rows], n_labels)
    figures = [_interval(float(values.mean()), means[:, place]) for place, values in enumerate(by_row)]
    return tuple(figures), _interval(macro_f1(truth, given, n_labels), scores)


def _interval(value: float, resampled: Doubles) -> Figure:
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Figure(round(value, 4), round(float(low), 4), round(float(high), 4))


def _judge_labels(names: Labels, counts: NDArray[np.int64]) -> tuple[LabelJudgement, ...]:
    rows = zip(names, counts.sum(axis=1), counts.sum(axis=0), counts.diagonal(), strict=True)
    judged = [LabelJudgement(str(name), int(true), int(given), int(both)) for name, true, given, both in rows]
    return tuple(sorted(judged, key=lambda label: (-label.n_true, label.label)))


def _list_confusions(names: Labels, counts: NDArray[np.int64]) -> tuple[tuple[str, str, int], ...]:
    wrong = counts - np.diag(counts.diagonal())
    found = [(str(names[i]), str(names[j]), int(wrong[i, j])) for i, j in np.argwhere(wrong)]
    return tuple(sorted(found, key=lambda confusion: (-confusion[2], confusion)))


def _cover(threshold: float, confidence: Doubles, is_right: NDArray[np.bool_]) -> CoveragePoint:
    decided = confidence >= threshold
    n_decided = int(decided.sum())
    error = round(float(1 - is_right[decided].mean()), 4) if n_decided else None
    return CoveragePoint(threshold, n_decided / len(confidence), error, n_decided)
