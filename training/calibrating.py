"""Fits the curves that turn scores into probabilities, on scores of rows later than those a fit has seen."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.isotonic import IsotonicRegression

from model.calibration import Calibration, identity, softmax
from training.rehearsing import Rehearsal

Doubles = NDArray[np.float64]
# Below this many rows a monotone curve follows noise; the temperature alone is kept then.
MINIMUM_CURVE_ROWS = 50
# From so many rows on, the slices before the last one give the temperature alone.
MINIMUM_EARLIER_ROWS = 50
_TEMPERATURE_BOUNDS = (0.02, 5.0)


def calibrate(rehearsal: Rehearsal) -> Calibration:
    """Temperature by the slices before the last one, then the monotone curve by all of them.

    The temperature decides which rows are surer than others, and so which ones a threshold decides; it must not have
    seen the slice on which thresholds are looked for (`training.thresholding`).
    """
    earlier = rehearsal.take(~rehearsal.is_last)
    if len(earlier.targets) < MINIMUM_EARLIER_ROWS:
        return fit_calibration(rehearsal.scores, rehearsal.targets)
    return fit_calibration(rehearsal.scores, rehearsal.targets, fit_temperature(earlier.scores, earlier.targets))


def fit_calibration(
    scores: NDArray[np.float32], targets: NDArray[np.int64], temperature: float | None = None
) -> Calibration:
    """Temperature by likelihood, then isotonic regression of "top label is right" on its probability.

    Parameters
    ----------
    scores
        (n, K) scores of later rows.
    targets
        (n,) column of the right label; -1 where the fit did not know that label, which counts as wrong.
    temperature
        Where it is known already.

    Returns
    -------
    Calibration
        The identity with ``n_rows`` 0 where no row is given. Zadrozny & Elkan (2002) for the isotonic curve.
    """
    if len(targets) == 0:
        return identity()
    temperature = fit_temperature(scores, targets) if temperature is None else temperature
    raw = softmax(scores, temperature).max(axis=1)
    is_right = scores.argmax(axis=1) == targets
    if len(targets) < MINIMUM_CURVE_ROWS:
        return Calibration(temperature, (0.0, 1.0), (0.0, 1.0), len(targets))
    knots, values = fit_curve(raw, is_right)
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


def fit_curve(raw: Doubles, is_right: NDArray[np.bool_]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Knots of an isotonic curve and its values: the middle of each flat step, so that nothing changes by jumps."""
    curve = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(raw, is_right.astype(float))
    order = np.argsort(raw, kind="stable")
    levels = curve.predict(raw[order])
    starts = np.flatnonzero(np.diff(levels, prepend=-1.0) > 0)
    stops = np.append(starts[1:], len(levels))
    knots = [float(np.mean(raw[order][start:stop])) for start, stop in zip(starts, stops, strict=True)]
    hits = [int(is_right[order][start:stop].sum()) for start, stop in zip(starts, stops, strict=True)]
    values = [_shrink(hit, stop - start) for hit, start, stop in zip(hits, starts, stops, strict=True)]
    rising = np.maximum.accumulate(values)
    return (
        (0.0, *(round(knot, 6) for knot in knots), 1.0),
        (round(float(rising[0]), 6), *(round(float(value), 6) for value in rising), round(float(rising[-1]), 6)),
    )


def _shrink(n_right: int, n_rows: int) -> float:
    """Share of right answers in a step by the rule of succession: never 0 or 1 on a finite sample."""
    return (n_right + 1) / (n_rows + 2)
