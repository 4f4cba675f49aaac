"""How long things take, fairly: cumulative incidence with competing ends, open ones counted as far as they are seen.

Days are working days from 0. Never a mean of those that ended: what is still open would be left out of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from service.figures.counts import Flags, Floats, read_counts
from service.figures.errors import FigureError
from service.figures.intervals import LEVEL, MINIMUM_N, Rate
from service.figures.special import ndtri


@dataclass(frozen=True, slots=True)
class DurationCounts:
    """How many ended, were still open, and came under observation, at each age in working days.

    Attributes
    ----------
    events : shape (n_causes, n_days)
        Ended at this age, by cause; the first row is the cause that is asked for, unless said otherwise.
    still_open : shape (n_days,)
        Open when last looked at, by the age they had then (administrative censoring only).
    entered : shape (n_days,)
        Came under observation at this age: 0 for what was seen from its start, more for imported history that is
        known only from some day on (left truncation).
    """

    events: Floats
    still_open: Floats
    entered: Floats

    @property
    def n(self) -> int:
        """How many were observed."""
        return int(self.entered.sum())


@dataclass(frozen=True, slots=True)
class Incidence:
    """The share that ended by one cause up to each age, with its pointwise interval; all of shape (n_days,)."""

    value: Floats
    low: Floats
    high: Floats
    at_risk: Floats
    survival: Floats
    n: int
    n_events: int


@dataclass(frozen=True, slots=True)
class Quantile:
    """The age by which a share has ended, in working days; None where that share was not reached.

    ``high`` is None where the interval is open to above: with what was seen, nobody can say how late it may be.
    """

    share: float
    value: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Durations:
    """What a page tells of durations; figures are None where ``enough`` is False, counts where they are hidden."""

    n: int | None
    n_ended: int | None
    n_open: int | None
    median: Quantile | None
    ninetieth: Quantile | None
    within_clock: Rate | None
    enough: bool


def count_rows(
    days: ArrayLike, causes: ArrayLike, n_causes: int, entry_days: ArrayLike | None = None
) -> DurationCounts:
    """Counts from rows, one a stint or case.

    Parameters
    ----------
    days : array_like of int, shape (n,)
        The age at its end, or when last looked at.
    causes : array_like of int, shape (n,)
        0 .. n_causes - 1 for how it ended, -1 for still open.
    entry_days : array_like of int, shape (n,), optional
        The age at which it came under observation; 0 without.

    Raises
    ------
    FigureError
        Lengths differ, a cause is unknown, or an end lies before its entry.
    """
    ends = read_counts(days, "days").astype(np.int64)
    cause = np.asarray(causes, dtype=np.int64)
    entries = np.zeros_like(ends) if entry_days is None else read_counts(entry_days, "entry_days").astype(np.int64)
    if not ends.shape == cause.shape == entries.shape:
        raise FigureError("days, causes and entry_days differ in length. Give one of each for each row.")
    if cause.size and (cause.min() < -1 or cause.max() >= n_causes):
        raise FigureError(f"A cause is not within -1 .. {n_causes - 1}. -1 is still open.")
    if (entries > ends).any():
        raise FigureError("A row ended before it came under observation. Leave out what nobody could have seen.")
    n_days = int(ends.max(initial=0)) + 1
    events = np.zeros((n_causes, n_days))
    ended = cause >= 0
    np.add.at(events, (cause[ended], ends[ended]), 1)
    still_open = np.bincount(ends[~ended], minlength=n_days).astype(np.float64)
    return DurationCounts(events, still_open, np.bincount(entries, minlength=n_days).astype(np.float64))


def read_histogram(
    events: ArrayLike, still_open: ArrayLike | None = None, entered: ArrayLike | None = None
) -> DurationCounts:
    """Counts from histograms, as cells hold them; arrays of different lengths are filled up with zeros.

    Parameters
    ----------
    events : array_like, shape (n_causes, n_days)
    still_open : array_like, shape (any,), optional
    entered : array_like, shape (any,), optional
        Without, all were seen from their start.

    Raises
    ------
    FigureError
        A count is negative, or as many did not enter as left.
    """
    ended = read_counts(events, "events", 2)
    waiting = read_counts([] if still_open is None else still_open, "still_open")
    entries = read_counts([ended.sum() + waiting.sum()] if entered is None else entered, "entered")
    n_days = max(ended.shape[1], waiting.size, entries.size, 1)
    counts = DurationCounts(_fill(ended, n_days), _fill(waiting, n_days), _fill(entries, n_days))
    if not np.isclose(counts.entered.sum(), counts.events.sum() + counts.still_open.sum()):
        raise FigureError(
            f"{counts.entered.sum():g} came under observation, but {counts.events.sum() + counts.still_open.sum():g} "
            "ended or are open. Count each once in both."
        )
    return counts


def find_incidence(counts: DurationCounts, cause: int = 0, level: float = LEVEL) -> Incidence:
    """The Aalen-Johansen cumulative incidence of one cause, the others competing with it.

    At age d are at risk those that entered at d or before and have not left before d; what is open at d leaves after
    the events of d. The variance is the delta-method one of Dinse & Larson; the interval is taken on the scale
    log(-log(1 - F)), and Wilson's where F is 0 or 1.

    Source: Aalen & Johansen (1978), Scand. J. Stat. 5, 141-150; Dinse & Larson (1986), Biometrika 73, 379-386;
    Marubini & Valsecchi (1995), Analysing Survival Data, ch. 10.
    """
    return _find_incidences([counts], cause, level)[0]


def find_quantile(incidence: Incidence, share: float) -> Quantile:
    """The age by which ``share`` of all had ended by the cause, with the interval that inverts the pointwise one.

    Source: Brookmeyer & Crowley (1982), Biometrics 38, 29-41, on the cumulative incidence (Peng & Fine 2007).
    """
    return Quantile(
        share, _first(incidence.value >= share), _first(incidence.high >= share), _first(incidence.low >= share)
    )


def find_share_within(incidence: Incidence, days: int, minimum: int = MINIMUM_N) -> Rate:
    """The share that ended by the cause within so many working days; beyond what was seen it is not told.

    ``k`` of the answer is the share times n, and no count, since open ones stand in it as far as they were seen.
    """
    n = incidence.n
    if n < minimum or days < 0 or not _is_seen(incidence, days):
        return Rate(0.0, n, None, None, None, enough=False)
    place = min(days, incidence.value.size - 1)
    value = float(incidence.value[place])
    return Rate(value * n, n, value, float(incidence.low[place]), float(incidence.high[place]), enough=True)


def describe_durations(
    counts: DurationCounts, clock_days: int | None = None, cause: int = 0, minimum: int = MINIMUM_N
) -> Durations:
    """Median, 90th percentile and share within the clock of one cause, or only how many where they are too few."""
    return describe_all([counts], clock_days, cause, minimum)[0]


def describe_all(
    many: Sequence[DurationCounts], clock_days: int | None = None, cause: int = 0, minimum: int = MINIMUM_N
) -> tuple[Durations, ...]:
    """As `describe_durations` tells each; of a hundred together, since one by one takes ten times as long."""
    enough = [counts for counts in many if counts.n >= minimum]
    incidences = _find_incidences(enough, cause)
    medians, ninetieths = _find_quantiles(incidences, 0.5), _find_quantiles(incidences, 0.9)
    described = iter(zip(incidences, medians, ninetieths, strict=True))
    told = []
    for counts in many:
        ends = (counts.n, int(counts.events[cause].sum()), int(counts.still_open.sum()))
        if counts.n < minimum:
            told.append(Durations(*ends, None, None, None, enough=False))
            continue
        incidence, median, ninetieth = next(described)
        within = None if clock_days is None else find_share_within(incidence, clock_days, minimum)
        told.append(Durations(*ends, median, ninetieth, within, enough=True))
    return tuple(told)


def _find_incidences(many: Sequence[DurationCounts], cause: int, level: float = LEVEL) -> list[Incidence]:
    """The incidence of each, filled up to the longest."""
    if not many:
        return []
    n_days = max(counts.entered.size for counts in many)
    ended = np.stack([_fill(counts.events.sum(axis=0), n_days) for counts in many])
    events = np.stack([_fill(counts.events[cause], n_days) for counts in many])
    still_open = np.stack([_fill(counts.still_open, n_days) for counts in many])
    entered = np.stack([_fill(counts.entered, n_days) for counts in many])
    left = np.cumsum(ended + still_open, axis=1) - (ended + still_open)
    at_risk = np.cumsum(entered, axis=1) - left
    if (at_risk < ended).any():
        raise FigureError("More ended at an age than were at risk. Check the days of entry.")
    hazard = np.divide(ended, at_risk, out=np.zeros_like(ended), where=at_risk > 0)
    survival = np.cumprod(1 - hazard, axis=1)
    before = np.concatenate([np.ones((len(many), 1)), survival[:, :-1]], axis=1)
    share = np.divide(events, at_risk, out=np.zeros_like(events), where=at_risk > 0)
    value = np.minimum(np.cumsum(before * share, axis=1), 1.0)
    variance = _find_variance(value, before, events, ended, at_risk)
    low, high = _find_interval(value, variance, np.maximum.accumulate(at_risk, axis=1), level)
    found = []
    for row, counts in enumerate(many):
        own = (row, slice(counts.entered.size))
        columns = (value[own], low[own], high[own], at_risk[own], survival[own])
        found.append(Incidence(*columns, counts.n, int(events[row].sum())))
    return found


def _find_quantiles(incidences: Sequence[Incidence], share: float) -> list[Quantile]:
    return [find_quantile(incidence, share) for incidence in incidences]


def _fill(counts: Floats, n_days: int) -> Floats:
    filled: Floats = np.zeros((*counts.shape[:-1], n_days))
    filled[..., : counts.shape[-1]] = counts
    return filled


def _find_variance(value: Floats, before: Floats, events: Floats, ended: Floats, at_risk: Floats) -> Floats:
    """Dinse & Larson's variance at every age, from running sums: (F(t) - F(j))^2 is multiplied out."""
    safe = np.where(at_risk > 0, at_risk, 1.0)
    rest = np.where(at_risk > ended, at_risk - ended, np.inf)  # nothing is left after j: F(t) - F(j) is 0 from there on
    greenwood = ended / (safe * rest)
    own = before**2 * (safe - events) * events / safe**3
    shared = before * events / safe**2
    total = (
        value**2 * np.cumsum(greenwood, axis=-1)
        - 2 * value * np.cumsum(value * greenwood, axis=-1)
        + np.cumsum(value**2 * greenwood + own, axis=-1)
        - 2 * (value * np.cumsum(shared, axis=-1) - np.cumsum(value * shared, axis=-1))
    )
    return np.asarray(np.maximum(total, 0.0), dtype=np.float64)


def _find_interval(value: Floats, variance: Floats, seen: Floats, level: float) -> tuple[Floats, Floats]:
    z = float(ndtri(0.5 + level / 2))
    inside: Flags = (value > 0) & (value < 1)
    middle = np.where(inside, value, 0.5)
    log_rest = np.log1p(-middle)
    half = z * np.sqrt(variance) / ((1 - middle) * np.abs(log_rest))
    low = 1 - np.exp(log_rest * np.exp(-half))
    # Of next to nothing the interval is so wide that its exponent overflows; it is 1 long before.
    high = 1 - np.exp(log_rest * np.exp(np.minimum(half, 700.0)))
    # At 0 and 1 Wilson's interval, which there is n or z^2 over n + z^2.
    seen_of = np.maximum(seen, 1.0)
    is_none, is_all = (value <= 0) & (seen > 0), (value >= 1) & (seen > 0)
    low = np.where(is_all, seen_of / (seen_of + z * z), np.where(is_none, 0.0, low))
    high = np.where(is_none, z * z / (seen_of + z * z), np.where(is_all, 1.0, high))
    return low, high


def _first(flags: Flags) -> int | None:
    place = int(flags.argmax()) if flags.size else 0
    return place if flags.size and flags[place] else None


def _is_seen(incidence: Incidence, days: int) -> bool:
    """Whether somebody was still watched at that age, or nobody is left who could end later."""
    if days < incidence.at_risk.size and incidence.at_risk[days] > 0:
        return True
    last = min(days, incidence.survival.size - 1)
    return bool(incidence.survival[last] <= 1e-12)  # noqa: PLR2004  # zero but for rounding
