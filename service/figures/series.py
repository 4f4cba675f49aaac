"""Series of one topic in which a better bundle is not printed as a rise.

What a person labelled counts as it is. What a bundle decided alone is corrected by what the blind audit found of it;
where the audit is too thin the raw counts stand, with a break at each change of bundle.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from service.figures.counts import Flags, Floats, Places, check_hits, read_counts
from service.figures.errors import FigureError
from service.figures.intervals import LEVEL
from service.figures.special import ndtri

MINIMUM_SAID = 10  # audited rows of a bundle that it gave this topic; fewer, and its precision is a guess
MINIMUM_REST = 50  # audited rows of a bundle that it gave another topic; what it missed is rarer and needs more


@dataclass(frozen=True, slots=True)
class TopicCounts:
    """Reports of one topic by period and bundle.

    Attributes
    ----------
    as_they_are : shape (n_periods,)
        Of this topic by a person's label, or by a suggestion that still waits for one (counted, not corrected).
    automatic : shape (n_periods, n_bundles)
        Decided alone to be of this topic.
    all_automatic : shape (n_periods, n_bundles)
        Decided alone, of whatever topic; `automatic` is part of it.
    """

    as_they_are: Floats
    automatic: Floats
    all_automatic: Floats


@dataclass(frozen=True, slots=True)
class Audit:
    """What the blind audit found of rows decided alone; all of shape (n_audited,).

    ``bundle`` is the column of `TopicCounts`, ``was_said`` whether the bundle gave this topic, ``is_so`` whether the
    person did, ``probability`` that of having been drawn, in (0, 1].
    """

    bundle: Places
    was_said: Flags
    is_so: Flags
    probability: Floats


@dataclass(frozen=True, slots=True)
class TopicSeries:
    """A series by period: ``value`` with its interval, ``raw`` counts, whether corrected; shape (n_periods,) each.

    Where nothing is uncertain or nothing could be corrected ``low`` and ``high`` are the value. ``breaks`` are the
    periods that cannot be compared with the one before them.
    """

    value: Floats
    low: Floats
    high: Floats
    raw: Floats
    is_corrected: Flags
    breaks: tuple[int, ...]


def read_audit(bundle: ArrayLike, was_said: ArrayLike, is_so: ArrayLike, probability: ArrayLike) -> Audit:
    """The audit from arrays of one length.

    Raises
    ------
    FigureError
        Lengths differ, or a probability is not within (0, 1].
    """
    drawn = read_counts(probability, "probability")
    audit = Audit(
        np.asarray(bundle, dtype=np.int64), np.asarray(was_said, dtype=bool), np.asarray(is_so, dtype=bool), drawn
    )
    if not audit.bundle.shape == audit.was_said.shape == audit.is_so.shape == drawn.shape:
        raise FigureError("The columns of the audit differ in length. Give one of each for each audited row.")
    if drawn.size and (drawn.min() <= 0 or drawn.max() > 1):
        raise FigureError(
            "A probability of being drawn is not within (0, 1]. Rows that could not be drawn are no audit."
        )
    return audit


def read_topic_counts(as_they_are: ArrayLike, automatic: ArrayLike, all_automatic: ArrayLike) -> TopicCounts:
    """The counts from arrays, shapes as in `TopicCounts`.

    Raises
    ------
    FigureError
        Shapes do not fit, a count is negative, or more were of this topic than of all.
    """
    counts = TopicCounts(
        read_counts(as_they_are, "as_they_are"),
        read_counts(automatic, "automatic", 2),
        read_counts(all_automatic, "all_automatic", 2),
    )
    check_hits(counts.automatic, counts.all_automatic, "automatic of all_automatic")
    if counts.automatic.shape[0] != counts.as_they_are.size:
        raise FigureError("as_they_are and automatic differ in their periods. Give one row for each period.")
    return counts


def correct_series(counts: TopicCounts, audit: Audit, level: float = LEVEL) -> TopicSeries:
    """How many reports of the topic a person would have counted in each period, had one read them all.

    For each bundle the audit tells, weighted by the inverse probability of having been drawn, which share of the rows
    it gave this topic is of it, and which share of the rows it gave another topic is of it too. Each period's count is
    then what it holds of both, plus what a person labelled: the prediction-powered estimate, stratified by what the
    bundle said. The interval holds what the audit leaves open and the chance of the period itself. Rates of a bundle
    are taken to be the same in all its periods; their error is shared by these periods, so that two periods of one
    bundle differ less surely than their two intervals seem to say, and of two bundles as they say.

    Source: Angelopoulos et al. (2023), Science 382, 669-674; Fisch et al. (2024), arXiv:2406.04291 (stratified);
    Saerndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, 7.6 (post-stratified, with the weights); the
    variances add a success and a failure (Agresti & Coull 1998), so that no slip among few is not taken for none.
    """
    said, rest = counts.automatic, counts.all_automatic - counts.automatic
    n_bundles = said.shape[1]
    raw = counts.as_they_are + said.sum(axis=1)
    rates = [[_find_share(audit, bundle, was_said=flag) for flag in (True, False)] for bundle in range(n_bundles)]
    is_known = np.array([one is not None and other is not None for one, other in rates], dtype=bool)
    is_corrected: Flags = ~((counts.all_automatic > 0) & ~is_known).any(axis=1)
    value, variance = counts.as_they_are.copy(), np.zeros_like(raw)
    for bundle, pair in enumerate(rates):
        for rows, share in zip((said[:, bundle], rest[:, bundle]), pair, strict=True):
            if share is not None:
                value += rows * share[0]
                variance += rows**2 * share[1] + rows * share[2]
    half = float(ndtri(0.5 + level / 2)) * np.sqrt(variance)
    low = np.maximum(value - half, counts.as_they_are)
    high = np.minimum(value + half, counts.as_they_are + counts.all_automatic.sum(axis=1))
    return TopicSeries(
        np.where(is_corrected, value, raw),
        np.where(is_corrected, low, raw),
        np.where(is_corrected, np.maximum(high, value), raw),
        raw,
        is_corrected,
        _find_breaks(counts.all_automatic, is_corrected),
    )


def _find_share(audit: Audit, bundle: int, *, was_said: bool) -> tuple[float, float, float] | None:
    """The share that is of the topic, its variance, and the variance of one row; None where the audit is too thin."""
    rows = (audit.bundle == bundle) & (audit.was_said == was_said)
    if rows.sum() < (MINIMUM_SAID if was_said else MINIMUM_REST):
        return None
    weight = 1 / audit.probability[rows]
    share = float(weight @ audit.is_so[rows] / weight.sum())
    effective = float(weight.sum() ** 2 / (weight @ weight))
    safe = (share * effective + 1) / (effective + 2)
    return share, safe * (1 - safe) / effective, safe * (1 - safe)


def _find_breaks(all_automatic: Floats, is_corrected: Flags) -> tuple[int, ...]:
    """Periods whose main bundle is another than before while either is raw, or which are corrected unlike before."""
    breaks = []
    main, was_corrected = -1, True
    for period, row in enumerate(all_automatic):
        if not row.any():
            continue  # nothing was decided alone here: it can be compared with anything
        bundle = int(np.argmax(row))
        is_raw = not (is_corrected[period] and was_corrected)
        if main >= 0 and is_raw and (bundle != main or is_corrected[period] != was_corrected):
            breaks.append(period)
        main, was_corrected = bundle, bool(is_corrected[period])
    return tuple(breaks)
