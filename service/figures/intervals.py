"""Rates with intervals: Wilson's, made wider where reports repeat each other, and withheld where they are too few.

A rate is never told without its interval; below the least number it is not told at all ("belum cukup data").
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from service.figures.counts import Floats, Places, check_hits, read_counts
from service.figures.errors import FigureError
from service.figures.special import ndtri, stdtrit

LEVEL = 0.95
MINIMUM_N = 20  # DESIGN 6: below this the page says "belum cukup data"
MINIMUM_CLUSTERS = 10  # with fewer, how much reports repeat each other is itself a guess


@dataclass(frozen=True, slots=True)
class Rate:
    """A share ``k`` of ``n`` with its interval; all in [0, 1].

    ``value``, ``low`` and ``high`` are None where ``enough`` is False. ``design_effect`` is by how much repeated
    reports blow up the variance, at least 1.
    """

    k: float
    n: float
    value: float | None
    low: float | None
    high: float | None
    enough: bool
    design_effect: float = 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """A rate less another one, with its interval; each in [-1, 1]."""

    value: float
    low: float
    high: float


def find_wilson(k: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """The Wilson score interval of ``k`` hits in ``n`` tries, within [0, 1]; n may be an effective number, no integer.

    Source: Wilson (1927), J. Am. Stat. Assoc. 22, 209-212; Brown, Cai & DasGupta (2001), Stat. Sci. 16, 101-133.

    Raises
    ------
    FigureError
        n is not above 0, or k not within [0, n].
    """
    if n <= 0 or not 0 <= k <= n:
        raise FigureError(f"{k} hits in {n} tries is no rate. n must be above 0 and k within [0, n].")
    z = float(ndtri(0.5 + level / 2))
    share = k / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # The ends are exact where there is no hit or no miss; rounding must not leave 1e-17 there.
    low = 0.0 if k == 0 else max(0.0, float(middle - half))
    high = 1.0 if k == n else min(1.0, float(middle + half))
    return low, high


def estimate_rate(
    k: float, n: float, *, design_effect: float = 1.0, level: float = LEVEL, minimum: int = MINIMUM_N
) -> Rate:
    """The rate of ``k`` in ``n`` with its Wilson interval, at an effective number ``n / design_effect``.

    Raises
    ------
    FigureError
        k is not within [0, n], or the design effect is below 1.
    """
    if not 0 <= k <= n:
        raise FigureError(f"{k} hits in {n} tries is no rate. Count hits among the tries only.")
    if design_effect < 1:
        raise FigureError(f"The design effect {design_effect} is below 1. Repeated reports never add certainty.")
    if n < max(minimum, 1):
        return Rate(k, n, None, None, None, enough=False, design_effect=design_effect)
    low, high = find_wilson(k / design_effect, n / design_effect, level)
    return Rate(k, n, k / n, low, high, enough=True, design_effect=design_effect)


def estimate_clustered_rate(
    is_hit: ArrayLike, *clusters: ArrayLike, level: float = LEVEL, minimum: int = MINIMUM_N
) -> Rate:
    """The rate among rows that repeat each other by incident, by reporter, or both.

    Wilson's interval at the effective number of Korn & Graubard: n over the design effect, times a correction for few
    clusters. Two groupings are combined as Cameron, Gelbach & Miller do: the variance by the one, plus by the other,
    less by both together.

    Parameters
    ----------
    is_hit : array_like of bool or 0/1, shape (n,)
    *clusters : array_like, shape (n,)
        One or two groupings: the same value is the same incident, or the same reporter. A row that repeats nobody has
        a value of its own.

    Raises
    ------
    FigureError
        No grouping or more than two, or lengths that differ.

    Notes
    -----
    Source: Korn & Graubard (1998), Survey Methodology 24, 193-201; Franco et al. (2019), J. Surv. Stat. Methodol. 7,
    334-364 (Wilson at that number); Cameron, Gelbach & Miller (2011), J. Bus. Econ. Stat. 29, 238-249. Where all rows
    hit or all miss the rows show no variance; each cluster then counts as if its rows agreed wholly.
    """
    hits = read_counts(is_hit, "is_hit")
    n = float(hits.size)
    k = float(hits.sum())
    codes = _read_clusters(hits, clusters)
    if n == 0:
        return Rate(k, n, None, None, None, enough=False)
    effect = find_design_effect(hits, *codes)
    n_clusters = min(int(code.max()) + 1 for code in codes)
    if n < minimum or n_clusters < MINIMUM_CLUSTERS:
        return Rate(k, n, None, None, None, enough=False, design_effect=effect)
    tail = 0.5 + level / 2
    corrected = min(n, n / effect * float(stdtrit(n - 1, tail) / stdtrit(n_clusters - 1, tail)) ** 2)
    low, high = find_wilson(k / n * corrected, corrected, level)
    return Rate(k, n, k / n, low, high, enough=True, design_effect=effect)


def find_design_effect(is_hit: ArrayLike, *clusters: ArrayLike) -> float:
    """By how much rows that repeat each other blow up the variance of their rate: at least 1, 1 where none repeats.

    Parameters are those of `estimate_clustered_rate`.
    """
    hits = read_counts(is_hit, "is_hit")
    codes = _read_clusters(hits, clusters)
    share = float(hits.mean()) if hits.size else 0.0
    if share in {0.0, 1.0}:
        sizes = [np.bincount(code) for code in codes]
        return max(1.0, *(float((size**2).sum() / max(hits.size, 1)) for size in sizes))
    spread = sum(_spread(hits - share, code) for code in codes)
    if len(codes) > 1:
        spread -= _spread(hits - share, _join(codes[0], codes[1]))
    return max(1.0, float(spread) / (hits.size * share * (1 - share)))


def find_effect_of_sums(k: float, n: float, hits_squared: float, hits_by_size: float, size_squared: float) -> float:
    """The design effect from sums over clusters, which cells can hold: at least 1.

    Parameters
    ----------
    k, n : float
        Hits and rows of all clusters.
    hits_squared, hits_by_size, size_squared : float
        Sums over clusters of hits^2, hits x size and size^2.
    """
    share = k / n if n else 0.0
    if share in {0.0, 1.0}:
        return max(1.0, size_squared / n) if n else 1.0
    spread = hits_squared - 2 * share * hits_by_size + share * share * size_squared
    return max(1.0, spread / (n * share * (1 - share)))


def find_change(k: float, n: float, k_before: float, n_before: float, level: float = LEVEL) -> Change:
    """The rate ``k`` of ``n`` less the rate before, with its interval; both n above 0.

    Source: Newcombe (1998), Stat. Med. 17, 873-890, method 10: from the Wilson interval of each rate.
    """
    now, before = k / n, k_before / n_before
    low, high = find_wilson(k, n, level)
    low_before, high_before = find_wilson(k_before, n_before, level)
    change = now - before
    below = float(np.hypot(now - low, high_before - before))
    above = float(np.hypot(high - now, before - low_before))
    return Change(change, change - below, change + above)


def _read_clusters(hits: Floats, clusters: tuple[ArrayLike, ...]) -> list[Places]:
    if not 1 <= len(clusters) <= 2:  # noqa: PLR2004  # incident and reporter
        raise FigureError(f"{len(clusters)} groupings were given. Give one or two: the incident, the reporter.")
    codes = []
    for labels in clusters:
        _, code = np.unique(np.asarray(labels), return_inverse=True)
        check_hits(np.zeros(code.shape), np.ones(hits.shape), "is_hit and its clusters")
        codes.append(code.astype(np.int64))
    return codes


def _join(one: Places, other: Places) -> Places:
    _, code = np.unique(one * (int(other.max()) + 1) + other, return_inverse=True)
    return np.asarray(code, dtype=np.int64)


def _spread(residuals: Floats, code: Places) -> float:
    """The sum over clusters of their squared sum of residuals, with the usual G / (G - 1)."""
    sums = np.bincount(code, weights=residuals)
    return float((sums**2).sum() * sums.size / max(sums.size - 1, 1))
