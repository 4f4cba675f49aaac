"""What a drawn sample says of all: weighted accuracy with its interval; how far two people agree. Pure numpy."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from service.figures.intervals import MINIMUM_N, find_wilson

LEAST_JUDGED: Final = MINIMUM_N


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its 95 % interval; all None below `LEAST_JUDGED` rows. ``n_effective`` discounts unequal weights."""

    n: int
    n_effective: float
    value: float | None
    low: float | None
    high: float | None


def estimate_share(hits: ArrayLike, probabilities: ArrayLike) -> Estimate:
    """The share of hits in the population a sample was drawn from.

    Parameters
    ----------
    hits
        0 or 1 for each drawn row, shape (n,).
    probabilities
        With which each was drawn, in (0, 1], shape (n,).

    Returns
    -------
    Estimate
        Hájek's ratio of inverse-probability weighted sums, with Wilson's interval at Kish's effective sample size
        (Kish, Survey Sampling, 1965, section 11.7).

    Raises
    ------
    ValueError
        A probability is outside (0, 1].
    """
    drawn = np.asarray(probabilities, dtype=np.float64)
    if drawn.size and not (drawn.min() > 0 and drawn.max() <= 1):
        raise ValueError(f"probabilities lie in {drawn.min()} to {drawn.max()}; expected above 0 and at most 1.")
    found = np.asarray(hits, dtype=np.float64)
    if drawn.size < LEAST_JUDGED:
        return Estimate(int(drawn.size), float(drawn.size), None, None, None)
    weights = 1 / drawn
    share = float(weights @ found / weights.sum())
    n_effective = float(weights.sum() ** 2 / (weights @ weights))
    low, high = find_wilson(share * n_effective, n_effective)
    return Estimate(int(drawn.size), n_effective, share, low, high)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far people agree on ``n`` reports that two or more labelled; the coefficients are None where undefined."""

    n: int
    observed: float | None
    kappa: float | None
    alpha: float | None


def measure_agreement(ratings: Sequence[Sequence[Hashable]]) -> Agreement:
    """Agreement of those who labelled the same reports.

    Parameters
    ----------
    ratings
        For each report the labels it got, in order of time, from different people; those with one label count for
        nothing.

    Returns
    -------
    Agreement
        ``observed`` is the share of reports whose first two labels are equal and ``kappa`` Cohen's over these pairs
        (Cohen 1960); ``alpha`` Krippendorff's for nominal labels over all of them (Krippendorff 2011, Computing
        Krippendorff's Alpha-Reliability). The people of a pair change from report to report: what kappa takes for two
        people are all first and all second labels.
    """
    paired = [list(labels) for labels in ratings if len(labels) > 1]
    if not paired:
        return Agreement(0, None, None, None)
    codes = {label: place for place, label in enumerate(dict.fromkeys(label for row in paired for label in row))}
    pairs = np.zeros((len(codes), len(codes)))
    coincidences = np.zeros((len(codes), len(codes)))
    for row in paired:
        first, second = codes[row[0]], codes[row[1]]
        pairs[first, second] += 1
        counts = np.bincount([codes[label] for label in row], minlength=len(codes)).astype(float)
        coincidences += (np.outer(counts, counts) - np.diag(counts)) / (len(row) - 1)
    observed = float(np.trace(pairs) / pairs.sum())
    return Agreement(len(paired), observed, _kappa(pairs), _alpha(coincidences))


def _kappa(pairs: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> float | None:
    n = pairs.sum()
    expected = float(pairs.sum(axis=0) @ pairs.sum(axis=1)) / n**2
    return None if expected == 1 else float((np.trace(pairs) / n - expected) / (1 - expected))


def _alpha(coincidences: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> float | None:
    totals = coincidences.sum(axis=1)
    n = totals.sum()
    expected = n**2 - float(totals @ totals)
    if expected == 0:
        return None
    return float(1 - (n - 1) * (n - np.trace(coincidences)) / expected)
