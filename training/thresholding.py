"""Finds from where a head may decide alone, and from where a label that must not be missed alarms.

Fit, curve, threshold and test are four successive slices of time. `find_head_thresholds` says why a curve that was
fitted on all slices leaves a threshold honest that was found on the last one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression

from model.calibration import Calibration, softmax
from model.decisions import HEADS_OF_ALARM
from model.thresholds import DEFAULT_ALARM_CONFIDENCES, AlarmThreshold, HeadThresholds, Threshold, Thresholds
from training.calibrating import MINIMUM_EARLIER_ROWS
from training.config import TrainingConfig
from training.rehearsing import NEVER, Rehearsal

Doubles = NDArray[np.float64]
Mask = NDArray[np.bool_]
# How often a threshold may be returned whose error exceeds the budget, for rows like the slice.
ERROR_OF_TESTS = 0.05
MINIMUM_ROWS = 60
MINIMUM_LABEL_ROWS = 200
MINIMUM_POSITIVES = 20
# Inverse penalty of a logistic curve of two numbers, which needs none but where the labels fall apart wholly.
_FREE = 100.0
# Where walks begin, as shares of the slice, and how they go on. Two beginnings were chosen by rolling origin inside
# January–October 2022 of real reports: of few rows a single error can stop a walk, of many rows more errors are likely.
_FIRST_SHARES = (0.15, 0.25)
_STEP_ROWS = 20


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk down the thresholds ended.

    ``raw`` is the last threshold that keeps the budget, None where the first one does not; ``n_decided`` rows reach it
    (where None: were tried first), ``n_wrong`` of them wrongly, so that the error may be ``limit``. ``is_whole`` when
    every threshold passed.
    """

    raw: float | None
    n_decided: int
    n_wrong: int
    limit: float = 1.0
    is_whole: bool = False


def find_thresholds(
    rehearsals: Mapping[str, Rehearsal], curves: Mapping[str, Calibration], config: TrainingConfig
) -> Thresholds:
    """The thresholds of every head, and of every label that must not be missed and has a head."""
    heads = {
        head: find_head_thresholds(rehearsal, curves[head], config.error_budget.get(head), head)
        for head, rehearsal in rehearsals.items()
    }
    alarms = {
        label: find_alarm_threshold(
            label,
            rehearsals[of_heads[0]],
            curves[of_heads[0]],
            config.recall.get(label),
            config.false_alarms.get(label),
        )
        for label, of_heads in HEADS_OF_ALARM.items()
        if of_heads[0] in rehearsals
    }
    return Thresholds(heads, alarms)


def find_head_thresholds(
    rehearsal: Rehearsal, curve: Calibration, budget: float | None, head: str = "this head"
) -> HeadThresholds:
    """The threshold of a head, and of each label that was given to enough rows of the slice.

    It is looked for on the last slice of the rehearsal, by the probability of the chosen label before the monotone
    curve. Of the calibration only the temperature changes which rows are surer than others, and that comes from the
    slices before (`training.calibrating.calibrate`). So the curve of the bundle may be fitted on all slices, the last
    one too: it moves the number that is shown beside the threshold, never the rows that are decided.

    Such a label is tested by its own rows, and the head's threshold by the rows of the other labels: each keeps the
    budget, so their mixture does. A label whose own test finds nothing is never decided alone. Which labels these are
    is seen from the answers, not from the truth. They share ``ERROR_OF_TESTS`` by `split_holm`.
    """
    if budget is None:
        return HeadThresholds(None, Threshold(reason=f"no error budget is set for {head}: a person confirms"))
    slice_ = rehearsal.take(rehearsal.is_last)
    n_earlier = len(rehearsal.truth) - len(slice_.truth)
    if n_earlier < MINIMUM_EARLIER_ROWS:
        reason = (
            f"{n_earlier} rows of rehearsal lie before the last slice, {MINIMUM_EARLIER_ROWS} are needed for a curve "
            "that has not seen it; everything is suggested"
        )
        return HeadThresholds(budget, Threshold(n_rows=len(slice_.truth), reason=reason))
    raw = softmax(slice_.scores, curve.temperature).max(axis=1)
    is_right = slice_.given == slice_.truth
    labels, n_given = np.unique(slice_.given, return_counts=True)
    own = labels[n_given >= MINIMUM_LABEL_ROWS].tolist()
    groups = {label: slice_.given == label for label in own} | {"": ~np.isin(slice_.given, own)}
    walks = split_holm({name: (raw[rows], is_right[rows]) for name, rows in groups.items()}, budget)
    found = {name: _describe(walks[name], int(rows.sum()), curve, budget, name) for name, rows in groups.items()}
    return HeadThresholds(budget, found.pop(""), found)


def split_holm(
    groups: Mapping[str, tuple[Doubles, Mask]], budget: float, error: float = ERROR_OF_TESTS
) -> dict[str, Walk]:
    """Walk down the thresholds of several groups of rows so that all that is returned holds with 1 - ``error``.

    The m groups begin with ``error`` / m each. A group that passes all its thresholds leaves its share to the others,
    which walk again (Holm 1979; for sequences of tests Bretz et al. 2009).

    Parameters
    ----------
    groups
        For each group the probabilities (n,) of the chosen labels, and whether these are right (n,).
    """
    firsts = {name: choose_firsts(len(raw), budget, error / len(groups)) for name, (raw, _) in groups.items()}
    walks: dict[str, Walk] = {}
    waiting = dict(groups)
    while waiting:
        share = error / len(waiting)
        tried = {name: walk_down_from(firsts[name], *rows, budget, share) for name, rows in waiting.items()}
        walks |= tried
        waiting = {name: rows for name, rows in waiting.items() if not tried[name].is_whole}
        if len(waiting) == len(tried):
            break
    return walks


def choose_firsts(n_rows: int, budget: float, error: float) -> tuple[int, ...]:
    """Numbers of decided rows to begin walks with, each so many that a test without a wrong row can pass."""
    least = _count_least(budget, error / len(_FIRST_SHARES))
    firsts = {max(least, int(share * n_rows)) for share in _FIRST_SHARES}
    return tuple(sorted(firsts)) if len(firsts) > 1 else (_count_least(budget, error),)


def walk_down_from(firsts: Sequence[int], raw: Doubles, is_right: Mask, budget: float, error: float) -> Walk:
    """The walk that decides most of those from several beginnings, which share ``error`` alike."""
    walks = [walk_down(raw, is_right, budget, error / len(firsts), first) for first in firsts]
    passed = [walk for walk in walks if walk.raw is not None]
    if passed:
        best = max(passed, key=lambda walk: walk.n_decided)
        return replace(best, is_whole=all(walk.is_whole for walk in walks))
    return min(walks, key=lambda walk: walk.limit)


def walk_down(raw: Doubles, is_right: Mask, budget: float, error: float, first: int) -> Walk:
    """Lower the threshold step by step while an exact binomial test rejects that the error exceeds the budget.

    Fixed-sequence testing (Angelopoulos et al. 2021, "Learn then Test"): the thresholds and their order do not depend
    on which rows are right, and the walk stops at the first that is not rejected. So with a probability of at most
    ``error`` it returns a threshold whose error among all rows like these exceeds ``budget``.

    Parameters
    ----------
    raw, is_right
        (n,) probability of the chosen label, and whether it is right. Rows of equal probability are decided together.
    first
        Number of decided rows at the first threshold; each next one decides ``_STEP_ROWS`` more.
    """
    order = np.argsort(-raw, kind="stable")
    ordered, n_wrong = raw[order], np.cumsum(~is_right[order])
    passed = Walk(None, 0, 0)
    for n_wanted in _list_steps(len(raw), first):
        threshold = float(ordered[n_wanted - 1])
        n_decided = int(np.searchsorted(-ordered, -threshold, side="right"))
        step = Walk(threshold, n_decided, *_bound(int(n_wrong[n_decided - 1]), n_decided, error))
        if step.limit > budget:
            return replace(step, raw=None) if passed.raw is None else passed
        passed = replace(step, is_whole=n_decided == len(raw))
    return passed


def find_alarm_threshold(
    label: str, rehearsal: Rehearsal, curve: Calibration, recall: float | None, false_alarms: float | None = None
) -> AlarmThreshold:
    """The largest probability that enough of the reports with a label reach, by all slices of the rehearsal.

    The probability is that of the label's own score, that of its detector where it has one, by a logistic curve
    (Platt 1999): on ordinary real reports it raises a third as many alarms as the share of the label in its head, at
    the same recall.
    It is that of the ⌈recall · (n + 1)⌉-th likeliest of n such reports, so that the next one reaches it with the
    probability ``recall`` (split conformal prediction; Vovk et al. 2005). Rows whose fit did not know the label say
    nothing about it and are left out. From where an alarm is urgent is found the same way on the other rows: the next
    one reaches it with a probability of at most ``false_alarms``.
    """
    default = AlarmThreshold(DEFAULT_ALARM_CONFIDENCES[label], recall)
    if recall is None:
        return replace(default, reason=f"no recall is set for {label}; the cautious default")
    if label not in rehearsal.labels:
        return replace(default, reason=f"no fit of the rehearsal knew {label}; the cautious default")
    column = rehearsal.labels.index(label)
    known = rehearsal.take(rehearsal.scores[:, column] > NEVER)
    is_positive = known.truth == label
    own = np.asarray(known.scores[:, column] if known.detected is None else known.detected, np.float64)
    slope, offset, reason = _fit_own_curve(label, own, is_positive, recall)
    if reason is not None:
        shares = curve.probabilities(known.scores)[:, column]
        return _count_alarms(replace(default, reason=f"{reason}; the cautious default"), shares, is_positive)
    curved = replace(default, slope=slope, offset=offset)
    shares = np.array([curved.rate(score, 0.0) for score in own.tolist()])
    place = math.ceil(recall * (len(own[is_positive]) + 1))
    found = float(np.sort(shares[is_positive])[::-1][place - 1])
    urgent = None if false_alarms is None else _find_urgent(shares[~is_positive], false_alarms, found)
    levels = replace(curved, confidence=found, reason=None, urgent=urgent, false_alarms=false_alarms)
    return _count_alarms(levels, shares, is_positive)


def _find_urgent(others: Doubles, false_alarms: float, least: float) -> float | None:
    """The ⌊false_alarms · (n + 1)⌋-th highest of n others; None where even the highest is reached too often."""
    place = math.floor(false_alarms * (len(others) + 1))
    return max(float(np.sort(others)[::-1][place - 1]), least) if place else None


def _fit_own_curve(label: str, own: Doubles, is_positive: Mask, recall: float) -> tuple[float, float, str | None]:
    """Slope and offset of the logistic curve over the scores of a label, or why no threshold can stand on one."""
    n_positive = int(is_positive.sum())
    needed = max(MINIMUM_POSITIVES, _count_positives(recall))
    if n_positive < needed:
        return 0.0, 0.0, f"{n_positive} reports of the rehearsal carry {label}, {needed} are needed"
    if n_positive == len(own):
        return 0.0, 0.0, f"every report of the rehearsal carries {label}, others are needed to tell it from"
    line = LogisticRegression(C=_FREE, max_iter=1_000).fit(own[:, None], is_positive)
    slope, offset = float(line.coef_[0, 0]), float(line.intercept_[0])
    if slope <= 0:
        return 0.0, 0.0, f"reports that carry {label} have no higher scores for it than others"
    return slope, offset, None


def _count_positives(recall: float) -> int:
    """Fewest reports n of a label whose least likely one is reached by the next with the probability ``recall``."""
    n_positive = math.floor(recall / (1 - recall))
    while math.ceil(recall * (n_positive + 1)) > n_positive:
        n_positive += 1
    return n_positive


def _count_least(budget: float, error: float) -> int:
    """Fewest rows of which none wrong proves the budget kept, and at least ``MINIMUM_ROWS``."""
    return max(MINIMUM_ROWS, math.ceil(math.log(error) / math.log1p(-budget)))


def _list_steps(n_rows: int, first: int) -> Sequence[int]:
    return [] if n_rows < first else [*range(first, n_rows, _STEP_ROWS), n_rows]


def _bound(n_wrong: int, n_decided: int, error: float) -> tuple[int, float]:
    """The wrong rows, and the largest error that the exact binomial test does not reject (Clopper & Pearson 1934)."""
    return n_wrong, float(beta.ppf(1 - error, n_wrong + 1, n_decided - n_wrong)) if n_wrong < n_decided else 1.0


def _describe(walk: Walk, n_rows: int, curve: Calibration, budget: float, label: str) -> Threshold:
    """A walk as the threshold of a head, or of a label that has its own, or why there is none."""
    if walk.raw is not None:
        confidence = round(float(curve.confidence(np.array(walk.raw))), 4)
        return Threshold(walk.raw, confidence, n_rows, walk.n_decided, walk.n_wrong, None)
    whose = f"no threshold of its own for {label}" if label else "no threshold"
    if walk.n_decided == 0:
        reason = f"{whose}: {n_rows} rows of the slice are too few to prove a budget of {100 * budget:g}% kept"
    else:
        reason = (
            f"{whose} meets the budget of {100 * budget:g}%: of the {walk.n_decided} surest rows {walk.n_wrong} were "
            f"wrong, so the error may be {walk.limit:.1%}"
        )
    return Threshold(None, None, n_rows, walk.n_decided, walk.n_wrong, f"{reason}; everything is suggested")


def _count_alarms(threshold: AlarmThreshold, shares: Doubles, is_positive: Mask) -> AlarmThreshold:
    reaches = shares >= threshold.confidence
    return replace(
        threshold,
        n_positive=int(is_positive.sum()),
        n_found=int((reaches & is_positive).sum()),
        n_others=int((~is_positive).sum()),
        n_alarms=int((reaches & ~is_positive).sum()),
    )
