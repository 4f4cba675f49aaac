"""What the gate asks of a challenger, as arithmetic over paired answers of champion and challenger to the same rows.

Every question must be answered well (docs/adr/0012-the-gate.md); too few rows to tell is no good answer.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from model.prediction import JsonValue
from training.judging import bin_reliability, macro_f1, measure_calibration

Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]
Labels = NDArray[np.str_]
Measure = Callable[[NDArray[np.int64]], Doubles]
Outcome = Literal["holds", "lost", "too few rows to tell"]


@dataclass(frozen=True, slots=True)
class Gate:
    """Margins of the gate: how much worse a challenger may be, and how surely it must be shown not to be.

    A challenger passes where all checks hold, each with the full ``confidence``: an intersection-union test, which
    needs no correction for their number (Berger 1982). A margin is one of non-inferiority: what a retrain may lose by
    luck without a reader of the figures seeing it; the values are judgements of this project, not of a norm.

    Attributes
    ----------
    confidence
        One-sided, of every bound.
    accuracy_margin, macro_f1_margin, brier_margin
        Of each head. Macro-F1 hangs on its rarest labels and so gets more. The Brier score is that of the chosen label,
        which a head right in half of its answers can raise by being right more often; its margin is as wide as
        accuracy's.
    calibration_margin, calibration_bar
        The calibration error may rise by the margin; a challenger whose excess error is within the bar is calibrated,
        whatever the champion was.
    minimum_rows
        A head with fewer later rows is judged on these and the golden set together; with fewer of both, it cannot be.
    alarm_margin
        Upper bound (Clopper and Pearson 1934) of the share of emergencies or accusations that the challenger newly
        misses; 0.08 takes 36 rows of which none is. More missed than found in exchange is a loss at any number.
    false_alarm_margin
        How much the share of ordinary rows that alarm may rise.
    agency_rows, agency_fall
        The recall of an agency with so many rows may not be shown to have fallen by more than this.
    golden_fall
        Accuracy and macro-F1 on the golden set may not fall by more, measured without a bound: the set is fixed.
    n_resamples, seed
        Of the paired bootstrap (Efron and Tibshirani 1993).
    """

    confidence: float = 0.95
    accuracy_margin: float = 0.02
    macro_f1_margin: float = 0.03
    brier_margin: float = 0.02
    calibration_margin: float = 0.02
    calibration_bar: float = 0.015
    minimum_rows: int = 100
    alarm_margin: float = 0.08
    false_alarm_margin: float = 0.01
    agency_rows: int = 20
    agency_fall: float = 0.05
    golden_fall: float = 0.05
    n_resamples: int = 1_000
    seed: int = 20261124


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the gate: a figure of champion and challenger on ``n_rows``, and the bounds of its change.

    ``low`` and ``high`` are each one-sided; None where the change is taken as it is measured.
    """

    what: str
    n_rows: int
    before: float
    after: float
    low: float | None
    high: float | None
    allowed: str
    outcome: Outcome

    def __str__(self) -> str:
        """The check as a line: what, from what to what, on how many rows, and what came of it."""
        bounds = "" if self.low is None or self.high is None else f" [{self.low:+.3f}, {self.high:+.3f}]"
        return (
            f"{self.what}: {self.before:.3f} → {self.after:.3f}, change {self.after - self.before:+.3f}{bounds} on "
            f"{self.n_rows:,} rows; allowed: {self.allowed}; {self.outcome}"
        )

    def to_json(self) -> dict[str, JsonValue]:
        """The check as it stands in the file of a comparison."""
        plain: dict[str, JsonValue] = asdict(self)
        return plain


@dataclass(frozen=True, slots=True)
class PairedAnswers:
    """True labels of one head (n,), the labels that champion and challenger gave, and their confidence."""

    truth: Labels
    before: Labels
    after: Labels
    confidence_before: Doubles
    confidence_after: Doubles


def check_head(head: str, answers: PairedAnswers, gate: Gate) -> Iterator[Check]:
    """Accuracy, macro-F1, Brier score and calibration error of a head, by one paired bootstrap over its rows."""
    truth, before, after, n_labels = _encode(answers)
    right_before, right_after = truth == before, truth == after
    brier_before = (answers.confidence_before - right_before) ** 2
    brier_after = (answers.confidence_after - right_after) ** 2

    def measure(rows: NDArray[np.int64]) -> Doubles:
        return np.array(
            [
                (right_before[rows].mean(), right_after[rows].mean()),
                (macro_f1(truth[rows], before[rows], n_labels), macro_f1(truth[rows], after[rows], n_labels)),
                (brier_before[rows].mean(), brier_after[rows].mean()),
                (
                    _calibration_error(answers.confidence_before[rows], right_before[rows]),
                    _calibration_error(answers.confidence_after[rows], right_after[rows]),
                ),
            ]
        )

    figures, low, high = _resample(measure, len(truth), gate)
    enough = len(truth) >= gate.minimum_rows
    _, excess = measure_calibration(answers.confidence_after, right_after, gate.seed)
    kept = (
        -low[0] <= gate.accuracy_margin,
        -low[1] <= gate.macro_f1_margin,
        high[2] <= gate.brier_margin,
        high[3] <= gate.calibration_margin or excess <= gate.calibration_bar,
    )
    names = ("accuracy", "macro-F1", "Brier score", "calibration error")
    margins = (gate.accuracy_margin, gate.macro_f1_margin, gate.brier_margin, gate.calibration_margin)
    for place, (name, margin) in enumerate(zip(names, margins, strict=True)):
        sign = -1 if place < 2 else 1  # noqa: PLR2004  # of accuracy and macro-F1 more is better, of errors less
        loss = sign * (figures[place, 1] - figures[place, 0])
        yield Check(
            f"{name} of {head}",
            len(truth),
            *_plain(figures[place, 0], figures[place, 1], low[place], high[place]),
            f"{sign * margin:+.3f}",
            _decide(is_kept=bool(kept[place]) and enough, is_lost=bool(loss > margin)),
        )


def check_agency(agency: str, right_before: Flags, right_after: Flags, gate: Gate) -> Check:
    """Whether the recall of an agency is shown to have fallen: flags of its n rows, right or not."""
    figures, low, high = _compare_shares(right_before, right_after, gate)
    return Check(
        f"recall of {agency}",
        len(right_before),
        *_plain(*figures, low, high),
        f"{-gate.agency_fall:+.3f}",
        "lost" if high < -gate.agency_fall else "holds",
    )


def check_alarm(label: str, found_before: Flags, found_after: Flags, gate: Gate) -> Check:
    """Whether reports that must not be missed are found as before: flags of the n rows that carry the label."""
    n_rows = len(found_before)
    n_missed = int((found_before & ~found_after).sum())
    n_gained = int((~found_before & found_after).sum())
    bound = bound_share(n_missed, n_rows, gate.confidence)
    is_lost = n_missed > n_gained
    is_kept = bound <= gate.alarm_margin and not is_lost
    return Check(
        f"recall of {label} ({n_missed} newly missed, {n_gained} newly found; up to {bound:.3f} newly missed)",
        n_rows,
        *((float(found_before.mean()), float(found_after.mean())) if n_rows else (0.0, 0.0)),
        None,
        None,
        f"no loss, up to {gate.alarm_margin:.3f} newly missed",
        _decide(is_kept=is_kept, is_lost=is_lost),
    )


def check_false_alarms(label: str, raised_before: Flags, raised_after: Flags, gate: Gate) -> Check:
    """Whether more ordinary reports raise the alarm: flags of the n rows without the label."""
    if len(raised_before) == 0:
        return Check(f"false alarms of {label}", 0, 0.0, 0.0, None, None, "–", "too few rows to tell")
    figures, low, high = _compare_shares(raised_before, raised_after, gate)
    rise = figures[1] - figures[0]
    return Check(
        f"false alarms of {label}",
        len(raised_before),
        *_plain(*figures, low, high),
        f"{gate.false_alarm_margin:+.3f}",
        _decide(is_kept=bool(high <= gate.false_alarm_margin), is_lost=bool(rise > gate.false_alarm_margin)),
    )


def check_golden(head: str, answers: PairedAnswers, gate: Gate) -> Iterator[Check]:
    """Accuracy and macro-F1 of a head on the golden set, as measured: a fall over ``golden_fall`` is a veto."""
    truth, before, after, n_labels = _encode(answers)
    figures = {
        "accuracy": (float((truth == before).mean()), float((truth == after).mean())),
        "macro-F1": (macro_f1(truth, before, n_labels), macro_f1(truth, after, n_labels)),
    }
    for name, (old, new) in figures.items():
        outcome: Outcome = "lost" if old - new > gate.golden_fall else "holds"
        what = f"golden set: {name} of {head}"
        yield Check(what, len(truth), old, new, None, None, f"{-gate.golden_fall:+.3f}", outcome)


def check_golden_alarm(label: str, found_before: Flags, found_after: Flags) -> Check:
    """Whether fewer of the golden reports that must not be missed are found: one fewer is a veto."""
    old, new = (float(found.mean()) if len(found) else 0.0 for found in (found_before, found_after))
    outcome: Outcome = "lost" if new < old else "holds"
    return Check(f"golden set: recall of {label}", len(found_before), old, new, None, None, "no loss", outcome)


def bound_share(n_hits: int, n_rows: int, confidence: float) -> float:
    """One-sided upper bound of a share (Clopper and Pearson 1934); 1 where there is no row."""
    return 1.0 if n_hits >= n_rows else float(beta.ppf(confidence, n_hits + 1, n_rows - n_hits))


def _decide(*, is_kept: bool, is_lost: bool) -> Outcome:
    if is_kept:
        return "holds"
    return "lost" if is_lost else "too few rows to tell"


def _encode(answers: PairedAnswers) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], int]:
    names, codes = np.unique(np.concatenate([answers.truth, answers.before, answers.after]), return_inverse=True)
    truth, before, after = np.split(codes.astype(np.int64), 3)
    return truth, before, after, len(names)


def _calibration_error(confidence: Doubles, is_right: Flags) -> float:
    bins = bin_reliability(confidence, is_right)
    return sum(b.n_rows * abs(b.confidence - b.share_right) for b in bins) / len(confidence)


def _compare_shares(before: Flags, after: Flags, gate: Gate) -> tuple[Doubles, float, float]:
    figures, low, high = _resample(
        lambda rows: np.array([[before[rows].mean(), after[rows].mean()]]), len(before), gate
    )
    return figures[0], float(low[0]), float(high[0])


def _resample(measure: Measure, n_rows: int, gate: Gate) -> tuple[Doubles, Doubles, Doubles]:
    """Figures (k, 2) of champion and challenger, and the bounds (k,) of their differences by a paired bootstrap."""
    draws = np.random.default_rng(gate.seed)
    differences = [np.diff(measure(draws.integers(0, n_rows, n_rows)), axis=1)[:, 0] for _ in range(gate.n_resamples)]
    low, high = np.quantile(differences, [1 - gate.confidence, gate.confidence], axis=0)
    return measure(np.arange(n_rows)), low, high


def _plain(*numbers: float) -> tuple[float, float, float, float]:
    before, after, low, high = (round(float(number), 4) for number in numbers)
    return before, after, low, high
