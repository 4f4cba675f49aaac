"""Fits the curves that turn scores into probabilities, on scores of rows later than those a fit has seen."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from model.calibration import Calibration, identity, softmax
from training.rehearsing import Rehearsal

Doubles = NDArray[np.float64]
# Below this many rows a monotone curve follows noise; the temperature alone is kept then.
MINIMUM_CURVE_ROWS = 50
# From so many rows on, the slices before the last one give the temperature alone.
MINIMUM_EARLIER_ROWS = 50
# What a row weighs beside one of the next slice: what came lately says most of what comes next. Chosen with the mean of
# two curves by bench/quality.py --choose (docs/method.md).
SLICE_DECAY = 0.5
_TEMPERATURE_BOUNDS = (0.02, 5.0)
# A curve is kept at so many quantiles beside the steps of the isotonic one; logarithms are taken from this share on.
_N_QUANTILES = 33
_LEAST_SHARE = 1e-4
Curve = tuple[tuple[float, ...], tuple[float, ...]]


def calibrate(rehearsal: Rehearsal) -> Calibration:
    """Temperature by the slices before the last one, then the monotone curve by all of them, later ones weighing more.

    The temperature decides which rows are surer than others, and so which ones a threshold decides; it must not have
    seen the slice on which thresholds are looked for (`training.thresholding`).
    """
    earlier = rehearsal.take(~rehearsal.is_last)
    if len(earlier.targets) < MINIMUM_EARLIER_ROWS:
        return fit_calibration(rehearsal.scores, rehearsal.targets)
    temperature = fit_temperature(earlier.scores, earlier.targets)
    weights = SLICE_DECAY ** (rehearsal.slices.max() - rehearsal.slices)
    return fit_calibration(rehearsal.scores, rehearsal.targets, temperature, weights)


def fit_calibration(
    scores: NDArray[np.float32],
    targets: NDArray[np.int64],
    temperature: float | None = None,
    weights: Doubles | None = None,
) -> Calibration:
    """Temperature by likelihood, then a rising curve from the probability of the top label to "it is right".

    Parameters
    ----------
    scores
        (n, K) scores of later rows.
    targets
        (n,) column of the right label; -1 where the fit did not know that label, which counts as wrong.
    temperature
        Where it is known already.
    weights
        (n,) of the rows in the curve; alike where not given.

    Returns
    -------
    Calibration
        The identity with ``n_rows`` 0 where no row is given.
    """
    if len(targets) == 0:
        return identity()
    temperature = fit_temperature(scores, targets) if temperature is None else temperature
    raw = softmax(scores, temperature).max(axis=1)
    is_right = scores.argmax(axis=1) == targets
    if len(targets) < MINIMUM_CURVE_ROWS:
        return Calibration(temperature, (0.0, 1.0), (0.0, 1.0), len(targets))
    knots, values = fit_curve(raw, is_right, weights)
    return Calibration(temperature, knots, values, len(targets))


def fit_temperature(scores: NDArray[np.float32], targets: NDArray[np.int64]) -> float:
    """The temperature > 0 under which the right labels are likeliest; 1 where no right label was known."""
    known = targets >= 0
    if not known.any():
        return 1.0

    def surprise(log_temperature: float) -> float:
        probabilities = softmax(scores[known], float(np.exp(log_temperature)))
        chosen = probabilities[np.arange(int(known.sum())), targets[known]]
        return -float(np.mean(np.log(np.maximum(chosen, 1e-12))))

    best = minimize_scalar(surprise, bounds=np.log(_TEMPERATURE_BOUNDS), method="bounded")
    return round(float(np.exp(best.x)), 6)


def fit_curve(raw: Doubles, is_right: NDArray[np.bool_], weights: Doubles | None = None) -> Curve:
    """Knots of a rising curve and its values: the mean of an isotonic and a beta curve.

    The isotonic one (Zadrozny & Elkan 2002) follows any shape and jumps; the beta one (Kull, Silva Filho & Flach 2017)
    has three numbers and does not. Where all rows are right, or all wrong, the first stands alone.
    """
    weights = np.ones(len(raw)) if weights is None else weights
    steps, levels = _fit_steps(raw, is_right, weights)
    knots = np.unique(np.round([0.0, *steps, *np.quantile(raw, np.linspace(0, 1, _N_QUANTILES)), 1.0], 6))
    values = np.interp(knots, steps, levels)
    if 0 < is_right.sum() < len(is_right):
        values = (values + _fit_beta(raw, is_right, weights, knots)) / 2
    rising = np.maximum.accumulate(values)
    return tuple(knots.tolist()), tuple(round(float(value), 6) for value in rising)


def _fit_steps(raw: Doubles, is_right: NDArray[np.bool_], weights: Doubles) -> tuple[Doubles, Doubles]:
    """An isotonic curve: the middle of each flat step, so that nothing changes by jumps, and its level."""
    curve = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    curve.fit(raw, is_right.astype(float), sample_weight=weights)
    order = np.argsort(raw, kind="stable")
    levels = curve.predict(raw[order])
    starts = np.flatnonzero(np.diff(levels, prepend=-1.0) > 0)
    n_rows = np.add.reduceat(weights[order], starts)
    n_right = np.add.reduceat((weights * is_right)[order], starts)
    knots = np.add.reduceat(raw[order], starts) / np.diff(np.append(starts, len(order)))
    # The rule of succession: never 0 or 1 on a finite sample. It lifts a short step over a long one behind it, so the
    # steps are levelled once more.
    return knots, IsotonicRegression().fit_transform(knots, (n_right + 1) / (n_rows + 2), sample_weight=n_rows)


def _fit_beta(raw: Doubles, is_right: NDArray[np.bool_], weights: Doubles, knots: Doubles) -> Doubles:
    """A beta curve at ``knots``; a half of it that would fall is left out."""
    kept = [True, True]
    for _ in range(2):
        machine = LogisticRegression(C=1e3, max_iter=1_000).fit(_logs(raw, kept), is_right, sample_weight=weights)
        if (machine.coef_[0] >= 0).all():
            return np.asarray(machine.predict_proba(_logs(knots, kept))[:, 1])
        kept = [bool(slope >= 0) for slope in machine.coef_[0]] if all(kept) else [False, False]
        if not any(kept):
            break
    return np.full(len(knots), np.average(is_right, weights=weights))


def _logs(shares: Doubles, kept: list[bool]) -> Doubles:
    odds = [np.log(np.maximum(shares, _LEAST_SHARE)), -np.log(np.maximum(1 - shares, _LEAST_SHARE))]
    return np.column_stack([half for half, is_kept in zip(odds, kept, strict=True) if is_kept])
