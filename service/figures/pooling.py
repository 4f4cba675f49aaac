"""Units judged fairly: against what their own mix of cases lets expect, and with luck of small numbers taken out.

It gives no ranks and no scores of persons: a unit stands beside its own past and its own expectation, never beside
another unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaln

from service.figures.counts import Floats, check_hits, read_counts
from service.figures.errors import FigureError
from service.figures.intervals import LEVEL, MINIMUM_N, Change, find_change, find_wilson

RELEVANT = 0.05  # a smaller difference of rates is not worth a word, however sure it is
PRIOR_CASES = 20.0  # cases of the coarser grouping that stand behind a stratum few others have
_SPREADS = np.exp(np.linspace(np.log(1e-4), np.log(0.9), 60))  # 1 / (1 + precision): how far units differ beyond luck
_BISECTIONS = 40


@dataclass(frozen=True, slots=True)
class Expected:
    """What a unit's mix lets expect: of shape (n_units,) each.

    ``hits`` is the expected number, ``rate`` the same over n (nan where n is 0), ``comparable`` the share of a unit's
    cases that lie in strata where other units have at least `PRIOR_CASES`. A low ``comparable`` says that nobody else
    does this work, and the expectation rests on work of another kind.
    """

    hits: Floats
    rate: Floats
    comparable: Floats


@dataclass(frozen=True, slots=True)
class Comparison:
    """One unit's rate beside its expectation and its own past; intervals are of 95 % unless asked otherwise.

    ``difference`` is the raw rate less the expected one; ``verdict`` is ``above`` or ``below`` where the
    pooled interval leaves out the expected rate and the pooled rate is at least `RELEVANT` from it, else
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


def expect_by_mix(hits: ArrayLike, cases: ArrayLike, coarser: Sequence[Sequence[int]] = ()) -> Expected:
    """The number of hits of each unit if each of its strata went as it does for all other units.

    Indirect standardisation. The rate of a stratum is that of the *other* units, so that a big unit is not its own
    yardstick; where they have few cases in it, it leans on the coarser grouping with the weight of `PRIOR_CASES`
    cases, that on the next coarser, and the coarsest on all cases of the others (without others: on all).

    Source: Breslow & Day (1987), Statistical Methods in Cancer Research II, ch. 2; shrinkage of strata as in
    Spiegelhalter, Abrams & Myles (2004).

    Parameters
    ----------
    hits, cases : array_like, shape (n_units, n_strata)
        For each unit and stratum (kind x topic x urgency): cases, and hits among them.
    coarser : sequence of int sequences, each of shape (n_strata,)
        The group of each stratum, the coarsest grouping first: say by kind, then by kind and urgency.

    Raises
    ------
    FigureError
        More hits than cases, or a grouping of another length.
    """
    found, tries = read_counts(hits, "hits", 2), read_counts(cases, "cases", 2)
    check_hits(found, tries, "hits by unit and stratum")
    others_found, others = found.sum(axis=0) - found, tries.sum(axis=0) - tries
    total = float(found.sum() / tries.sum()) if tries.sum() else 0.0
    rate = _shrink(others_found.sum(axis=1), others.sum(axis=1), np.full(tries.shape[0], total))[:, None]
    rate = np.broadcast_to(rate, tries.shape)
    for grouping in coarser:
        groups = np.asarray(grouping, dtype=np.int64)
        if groups.shape != (tries.shape[1],):
            raise FigureError(
                f"A grouping has shape {groups.shape}; give one group for each of {tries.shape[1]} strata."
            )
        belongs = np.equal.outer(groups, np.arange(groups.max(initial=0) + 1)).astype(np.float64)
        rate = _shrink((others_found @ belongs)[:, groups], (others @ belongs)[:, groups], rate)
    rate = _shrink(others_found, others, rate)
    n = tries.sum(axis=1)
    expected = (tries * rate).sum(axis=1)
    comparable = (tries * (others >= PRIOR_CASES)).sum(axis=1)
    empty = np.full_like(n, np.nan)
    return Expected(
        expected,
        np.divide(expected, n, out=empty.copy(), where=n > 0),
        np.divide(comparable, n, out=empty.copy(), where=n > 0),
    )


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
        verdict = _judge(estimate, expected)
        comparisons.append(
            Comparison(now[1], now[0], *raw, expected, raw[0] - expected, *estimate, change, comparable, verdict)
        )
    return tuple(comparisons)


def _shrink(hits: Floats, cases: Floats, towards: Floats) -> Floats:
    return np.asarray((hits + PRIOR_CASES * towards) / (cases + PRIOR_CASES), dtype=np.float64)


def _find_quantile(first: Floats, second: Floats, weight: Floats, share: float) -> Floats:
    """Where the mixture of Betas of each row reaches the share, by bisection."""
    low, high = np.zeros(first.shape[0]), np.ones(first.shape[0])
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        is_below: NDArray[np.bool_] = betainc(first, second, middle[:, None]) @ weight < share
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return (low + high) / 2


def _judge(estimate: tuple[float, float, float], expected: float) -> str:
    value, low, high = estimate
    if abs(value - expected) < RELEVANT or low <= expected <= high:
        return "as_expected"
    return "above" if low > expected else "below"


def _withhold(now: tuple[float, float], comparable: float) -> Comparison:
    return Comparison(now[1], now[0], *(None,) * 8, None, comparable, "too_few")
