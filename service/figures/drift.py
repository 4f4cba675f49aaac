"""What has changed in what comes in: other reports, other words, a bundle less sure of the same, other labels for it.

An alarm needs enough reports, a change that matters and a small probability; how many false ones a year there are is
set beforehand. What a known event explains is told, and alarms nobody.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from service.figures.counts import Floats, read_counts
from service.figures.errors import FigureError
from service.figures.special import chdtrc, ndtr

BUDGET_PER_YEAR = 1.0  # false alarms of all signs together
MINIMUM_REPORTS = 200  # on either side
MINIMUM_LABELLED = 100  # on either side
RELEVANT_MIX = 0.1  # a tenth of the reports are of another label than before
RELEVANT_CONFIDENCE = 0.03  # mean confidence lower by three points
RELEVANT_WORDS = 0.02  # two more of a hundred words unknown
RELEVANT_LABELS = 0.05  # people contradict five more of a hundred answers
_LEAST_EXPECTED = 5.0  # labels with fewer are taken together, for the sake of chi-square


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of drift.

    ``change`` is how much of it there is: the share of reports that moved to another label; the fall of confidence;
    the rise of unknown words; the rise of answers contradicted. ``p`` is that of so much by chance. ``is_alarm`` is
    False for a known event. Below the least number of reports ``enough`` is False and ``change`` and ``p`` are None.
    """

    what: str
    change: float | None
    p: float | None
    threshold: float
    n: int
    n_reference: int
    enough: bool
    is_known: bool
    is_alarm: bool


@dataclass(frozen=True, slots=True)
class ByLabel:
    """Number, mean and variance of a measure of reports for each predicted label; shape (n_labels,) each."""

    n: Floats
    mean: Floats
    variance: Floats


@dataclass(frozen=True, slots=True)
class Contradicted:
    """Answers that people looked at, and those they contradicted, for each group of answers; shape (n_groups,) each."""

    n: Floats
    n_contradicted: Floats


def share_budget(looks_per_year: int, n_signs: int, budget_per_year: float = BUDGET_PER_YEAR) -> float:
    """What p of one sign at one look must be below for so many false alarms a year in the mean."""
    return budget_per_year / (looks_per_year * max(n_signs, 1))


def find_mix_change(now: ArrayLike, reference: ArrayLike, threshold: float, *, is_known: bool = False) -> Sign:
    """Whether other labels come in than before: the chi-square test of homogeneity, and the share that moved.

    The share is the total variation distance. Labels too rare for chi-square are taken together.

    Source: Cochran (1954), Biometrics 10, 417-451.

    Parameters
    ----------
    now, reference : array_like, shape (n_labels,)
        Reports by predicted label.
    threshold : float
        From `share_budget`.
    is_known : bool
        Whether a mark explains the time.
    """
    lately, before = read_counts(now, "now"), read_counts(reference, "reference")
    if lately.shape != before.shape:
        raise FigureError("now and reference differ in their labels. Give one count for each label in both.")
    change = p = None
    if _is_enough(lately.sum(), before.sum()):
        change = float(np.abs(lately / lately.sum() - before / before.sum()).sum() / 2)
        p = _find_homogeneity(lately, before)
    counts = (int(lately.sum()), int(before.sum()))
    return _make_sign("mix", change, p, counts, RELEVANT_MIX, threshold, is_known=is_known)


def find_lower_confidence(now: ByLabel, reference: ByLabel, threshold: float, *, is_known: bool = False) -> Sign:
    """Whether the bundle is less sure of reports of the same labels; a change of mix alone is none.

    The mean change within labels, weighted by what comes in now (direct standardisation), against its standard error.

    Source: Kitagawa (1955), J. Am. Stat. Assoc. 50, 1168-1194 (mix and rate apart).
    """
    change, p = _compare(reference, now, now)
    counts = (int(now.n.sum()), int(reference.n.sum()))
    return _make_sign("confidence", change, p, counts, RELEVANT_CONFIDENCE, threshold, is_known=is_known)


def find_unknown_words(now: ByLabel, reference: ByLabel, threshold: float, *, is_known: bool = False) -> Sign:
    """Whether reports of the same labels hold more words the bundle does not know; measured as `find_lower_confidence`.

    The measure of a report is the share of its words that the bundle does not know.
    """
    change, p = _compare(now, reference, now)
    counts = (int(now.n.sum()), int(reference.n.sum()))
    return _make_sign("words", change, p, counts, RELEVANT_WORDS, threshold, is_known=is_known)


def find_other_labels(now: Contradicted, reference: Contradicted, threshold: float, *, is_known: bool = False) -> Sign:
    """Whether people contradict answers of the same group more often than before, so that a change of mix is none.

    The change is the rise of the share within groups, weighted by what people looked at now; p is that of the test of
    Mantel and Haenszel, one-sided and without correction. Groups that one side lacks tell nothing.

    Source: Mantel and Haenszel (1959), J. Natl. Cancer Inst. 22, 719-748.
    """
    counts = (int(now.n.sum()), int(reference.n.sum()))
    if now.n.shape != reference.n.shape:
        raise FigureError("now and reference differ in their groups. Give one row for each group in both.")
    shared = (now.n > 0) & (reference.n > 0)
    n, before = now.n[shared], reference.n[shared]
    change = p = None
    if min(n.sum(), before.sum()) >= MINIMUM_LABELLED:
        hits, hits_before = now.n_contradicted[shared], reference.n_contradicted[shared]
        change = float(n @ (hits / n - hits_before / before) / n.sum())
        p = _find_rise(hits, n, hits_before, before)
    return _make_sign("labels", change, p, counts, RELEVANT_LABELS, threshold, is_known=is_known)


def _find_rise(hits: Floats, n: Floats, hits_before: Floats, before: Floats) -> float:
    """The one-sided p of more hits than the margins of each group lead to expect."""
    both, share = n + before, (hits + hits_before) / (n + before)
    variance = (n * before * share * (1 - share) / np.maximum(both - 1, 1)).sum()
    return float(ndtr(-(hits - n * share).sum() / np.sqrt(variance))) if variance > 0 else 1.0


def _is_enough(n: float, n_reference: float) -> bool:
    return bool(min(n, n_reference) >= MINIMUM_REPORTS)


def _compare(more: ByLabel, less: ByLabel, weights: ByLabel) -> tuple[float | None, float | None]:
    """How much higher the first mean is, over labels that both have twice; and its one-sided p."""
    if not more.n.shape == less.n.shape == weights.n.shape:
        raise FigureError("now and reference differ in their labels. Give one row for each label in both.")
    shared = (more.n > 1) & (less.n > 1)
    if not _is_enough(more.n[shared].sum(), less.n[shared].sum()):
        return None, None
    weight = weights.n[shared] / weights.n[shared].sum()
    change = float(weight @ (more.mean[shared] - less.mean[shared]))
    variance = weight**2 @ (more.variance[shared] / more.n[shared] + less.variance[shared] / less.n[shared])
    error = float(np.sqrt(max(variance, 1e-12)))
    return change, float(ndtr(-change / error))


def _find_homogeneity(lately: Floats, before: Floats) -> float:
    both = lately + before
    share = min(lately.sum(), before.sum()) / both.sum()
    rare = both * share < _LEAST_EXPECTED
    table = np.array([np.append(row[~rare], row[rare].sum()) for row in (lately, before)])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:  # noqa: PLR2004  # one label is no mix
        return 1.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return float(chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))


def _make_sign(
    what: str,
    change: float | None,
    p: float | None,
    counts: tuple[int, int],
    relevant: float,
    threshold: float,
    *,
    is_known: bool,
) -> Sign:
    enough = change is not None and p is not None
    stands_out = change is not None and p is not None and change >= relevant and p <= threshold
    return Sign(what, change, p, threshold, *counts, enough, is_known, stands_out and not is_known)
