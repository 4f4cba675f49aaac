"""Units judged fairly: against what their own mix of cases lets expect, and with luck of small numbers taken out.

It gives no ranks and no scores of persons: a unit stands beside its own past and its own expectation, never beside
another unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from service.figures.counts import Floats, check_hits, read_counts
from service.figures.errors import FigureError
from service.figures.intervals import LEVEL, MINIMUM_N, Change, find_change, find_wilson
from service.figures.mix import RELEVANT, expect_by_mix
from service.figures.special import betainc, betaln, ndtri

_SPREADS = np.exp(np.linspace(np.log(1e-4), np.log(0.9), 40))  # 1 / (1 + precision): how far units differ beyond luck
_LEAST_WEIGHT = 1e-10  # of a precision that is less likely no quantile can tell
_CLOSE, _NARROW = 1e-8, 1e-12  # of the probability and of the place
_NEWTON_ALONE = 8
_MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Comparison:
    """One unit's rate beside its expectation and its own past; intervals are of 95 % unless asked otherwise.

    ``difference`` is the raw rate less the expected one; ``verdict`` is ``above`` or ``below`` where the
    pooled rate is at least `RELEVANT` from the expected one and further than the errors of both explain, with all
    units judged at once (so that of twenty looks at all of them one gives a word to a unit by chance), else
    ``as_expected``, or ``too_few`` (then every rate is None). ``past_change`` is the rate
    now less the unit's own before, with its interval, None where either has too few.
    """

    n: float
    hits: float
    raw: float | None
    raw_low: float | None
    raw_high: float | None
    expected: float | None
    difference: float | None
    pooled: float | None
    pooled_low: float | None
    pooled_high: float | None
    past_change: Change | None
    comparable: float
    verdict: str


@dataclass(frozen=True, slots=True)
class Pooled:
    """Beta-binomial estimates, shape (n_units,) each; ``precision`` is the most likely one: high, units are alike."""

    value: Floats
    low: Floats
    high: Floats
    precision: float


def pool_rates(hits: ArrayLike, cases: ArrayLike, expected: ArrayLike, level: float = LEVEL) -> Pooled:
    """The rate of each unit drawn towards its expectation, the more the fewer its cases; with intervals.

    hits_u ~ Binomial(n_u, r_u), r_u ~ Beta(m e_u, m (1 - e_u)) with the unit's expected rate e_u and one precision m
    for all. m is not taken at its most likely value, which would make intervals too short where units are few: the
    posteriors are mixed over a grid of 1 / (1 + m), uniform on its square root, each weighted by its likelihood.

    Source: Morris (1983), J. Am. Stat. Assoc. 78, 47-65; Kass & Steffey (1989), 84, 717-726 (why to mix); Gelman et
    al., Bayesian Data Analysis, 5.3 (the grid); Gelman (2006), Bayesian Anal. 1, 515-534 (uniform on the deviation).

    Parameters
    ----------
    hits, cases, expected : array_like, shape (n_units,)
        expected within [0, 1]. A unit without cases gets its expectation.

    Raises
    ------
    FigureError
        More hits than cases, lengths that differ, an expectation outside [0, 1].
    """
    found, tries = read_counts(hits, "hits"), read_counts(cases, "cases")
    check_hits(found, tries, "hits by unit")
    rate = read_counts(expected, "expected")
    if rate.shape != tries.shape or (rate > 1).any():
        raise FigureError("expected must hold one rate within [0, 1] for each unit.")
    rate = np.clip(rate, 1e-4, 1 - 1e-4)  # a Beta needs room on both sides
    precision = 1 / _SPREADS - 1
    first = rate[:, None] * precision
    second = (1 - rate)[:, None] * precision
    log_weight = (betaln(first + found[:, None], second + (tries - found)[:, None]) - betaln(first, second)).sum(axis=0)
    weight = np.exp(log_weight - log_weight.max()) * np.sqrt(_SPREADS)  # d sqrt(s) on a grid of even steps of log s
    weight /= weight.sum()
    first, second = first + found[:, None], second + (tries - found)[:, None]
    value = (first / (first + second)) @ weight
    tail = (1 - level) / 2
    low, high = (_find_quantile(first, second, weight, share) for share in (tail, 1 - tail))
    return Pooled(value, low, high, float(precision[np.argmax(log_weight)]))


def compare_units(
    hits: ArrayLike,
    cases: ArrayLike,
    coarser: Sequence[Sequence[int]] = (),
    past: tuple[ArrayLike, ArrayLike] | None = None,
    *,
    level: float = LEVEL,
    minimum: int = MINIMUM_N,
) -> tuple[Comparison, ...]:
    """Each unit beside its own past and its expectation, in the order they were given.

    Parameters
    ----------
    hits, cases, coarser
        As for `expect_by_mix`.
    past : pair of array_like, shape (n_units,) each, optional
        Hits and cases of each unit in its own earlier period.

    Raises
    ------
    FigureError
        As `expect_by_mix` and `pool_rates`.
    """
    mix = expect_by_mix(hits, cases, coarser)
    found, tries = read_counts(hits, "hits", 2).sum(axis=1), read_counts(cases, "cases", 2).sum(axis=1)
    rates = np.nan_to_num(mix.rate)
    pooled = pool_rates(found, tries, np.minimum(rates, 1.0), level)
    before = (np.zeros_like(tries), np.zeros_like(tries)) if past is None else past
    earlier_hits, earlier = read_counts(before[0], "past hits"), read_counts(before[1], "past cases")
    check_hits(earlier_hits, earlier, "hits of the past")
    check_hits(np.zeros(earlier.shape), np.ones(tries.shape), "cases of the past and of now")
    z = float(ndtri(0.5 + level / 2))
    wider = _widen(z, level, int((tries >= max(minimum, 1)).sum()))
    comparisons = []
    for unit in range(tries.size):
        now, then = (float(found[unit]), float(tries[unit])), (float(earlier_hits[unit]), float(earlier[unit]))
        comparable = float(np.nan_to_num(mix.comparable[unit]))
        if now[1] < max(minimum, 1):
            comparisons.append(_withhold(now, comparable))
            continue
        change = find_change(*now, *then, level) if then[1] >= max(minimum, 1) else None
        raw = (now[0] / now[1], *find_wilson(*now, level))
        estimate = (float(pooled.value[unit]), float(pooled.low[unit]), float(pooled.high[unit]))
        expected = float(rates[unit])
        verdict = _judge(estimate, expected, z * float(np.nan_to_num(mix.error[unit])), wider)
        comparisons.append(
            Comparison(now[1], now[0], *raw, expected, raw[0] - expected, *estimate, change, comparable, verdict)
        )
    return tuple(comparisons)


def _find_quantile(first: Floats, second: Floats, weight: Floats, share: float) -> Floats:
    """Where the mixture of Betas of each row reaches the share: by Newton's steps, by halves where they leave it."""
    counts = weight > _LEAST_WEIGHT
    first, second, weight = first[:, counts], second[:, counts], weight[counts] / weight[counts].sum()
    mean = first / (first + second)
    middle = mean @ weight
    variance = (mean * (1 - mean) / (first + second + 1) + (mean - middle[:, None]) ** 2) @ weight
    place = np.clip(middle + float(ndtri(share)) * np.sqrt(variance), 1e-6, 1 - 1e-6)
    log_beta = betaln(first, second)
    low, high = np.zeros(first.shape[0]), np.ones(first.shape[0])
    rows = np.arange(first.shape[0])
    for number in range(_MOST_STEPS):
        over = betainc(first[rows], second[rows], place[rows, None]) @ weight - share
        is_off = (np.abs(over) > _CLOSE) & (high[rows] - low[rows] > _NARROW)
        rows, over = rows[is_off], over[is_off]
        if not rows.size:
            break
        one, other, here = first[rows] - 1, second[rows] - 1, place[rows]
        low[rows], high[rows] = np.where(over < 0, here, low[rows]), np.where(over < 0, high[rows], here)
        log_density = one * np.log(here)[:, None] + other * np.log1p(-here)[:, None] - log_beta[rows]
        step = here - over / np.maximum(np.exp(np.minimum(log_density, 700.0)) @ weight, 1e-300)
        # Between two peaks Newton's steps may go to and fro: later ones take turns with halves.
        is_inside = (step > low[rows]) & (step < high[rows]) & (number < _NEWTON_ALONE or number % 2 > 0)
        place[rows] = np.where(is_inside, step, (low[rows] + high[rows]) / 2)
    return place


def _widen(z: float, level: float, n_units: int) -> float:
    """By how much intervals must be wider for all units together to hold at the level (Bonferroni)."""
    return float(ndtri(1 - (1 - level) / (2 * max(n_units, 1)))) / z


def _judge(estimate: tuple[float, float, float], expected: float, error: float, wider: float) -> str:
    """What the difference says, with the error of both (Newcombe's way to join two intervals)."""
    value, low, high = estimate
    if value - expected >= max(RELEVANT, wider * float(np.hypot(value - low, error))):
        return "above"
    return "below" if expected - value >= max(RELEVANT, wider * float(np.hypot(high - value, error))) else "as_expected"


def _withhold(now: tuple[float, float], comparable: float) -> Comparison:
    return Comparison(now[1], now[0], *(None,) * 8, None, comparable, "too_few")
