"""Topics with more reports than their season explains, and where: few alarms, and a known number of false ones a year.

Topics are judged first; only the cells (districts, agencies) of a topic that stands out are looked at.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from service.figures.counts import Floats, Places, read_counts
from service.figures.errors import FigureError
from service.figures.exceedance import MINIMUM_HISTORY, Usual, find_mid_p, find_usual

BUDGET_PER_YEAR = 4.0  # false alarms of all topics together that a city accepts in a year
CELL_ERRORS = 0.1  # the share of wrong ones among the cells named
MINIMUM_COUNT = 5  # fewer reports are no burst, however unusual


@dataclass(frozen=True, slots=True)
class Exceedance:
    """The latest count of one series beside what its season lets expect.

    ``expected``, ``dispersion`` (of the negative binomial) and ``mid_p`` are None and ``is_alarm`` False where
    ``enough`` is False: the history is too short to know the usual. ``threshold`` is what mid_p must be below.
    """

    count: int
    expected: float | None
    dispersion: float | None
    mid_p: float | None
    threshold: float
    is_alarm: bool
    enough: bool


def find_emerging(
    history: ArrayLike,
    periods_per_year: int,
    *,
    budget_per_year: float = BUDGET_PER_YEAR,
    exposure: ArrayLike | None = None,
) -> tuple[Exceedance, ...]:
    """Which topics have more reports in the latest period than chance would give within the budget.

    Each of S topics is looked at once a period; an alarm needs mid-p below budget / (periods a year x S), so that the
    expected number of false alarms a year is the budget, however topics depend on each other.

    Source: `find_usual`, `find_mid_p`; a fixed number of expected false alarms: Gordon et al. (2007), Ann. Appl. Stat.
    1, 179-190.

    Parameters
    ----------
    history : array_like, shape (n_topics, n_periods)
        Counts by period, oldest first, empty periods as 0; the last one is judged. Leave out the running period.
    periods_per_year : int
        52 for weeks, 12 for months.
    exposure : array_like, shape (n_periods,), optional
        What counts are in proportion to, such as all reports of the period, where an app came or went.

    Raises
    ------
    FigureError
        A count is negative, an exposure is not above 0 or of another length.
    """
    counts = read_counts(history, "history", 2)
    threshold = budget_per_year / (periods_per_year * max(counts.shape[0], 1))
    mid_p, usual = _judge(counts, periods_per_year, exposure)
    return tuple(_tell(counts, mid_p, usual, topic, threshold) for topic in range(counts.shape[0]))


def find_emerging_cells(
    cells: ArrayLike,
    topic_of_cell: ArrayLike,
    alarmed: ArrayLike,
    periods_per_year: int,
    *,
    exposure: ArrayLike | None = None,
) -> tuple[Exceedance, ...]:
    """In which cells of the alarmed topics the burst is; cells of other topics are never named.

    Among the cells of one alarmed topic Benjamini and Hochberg's step-up at `CELL_ERRORS` x alarmed / topics, which
    keeps the average share of wrong cells over the topics that were selected.

    Source: Benjamini & Bogomolov (2014), J. R. Stat. Soc. B 76, 297-318; Benjamini & Hochberg (1995), 57, 289-300.

    Parameters
    ----------
    cells : array_like, shape (n_cells, n_periods)
        As `history` of `find_emerging`.
    topic_of_cell : array_like of int, shape (n_cells,)
    alarmed : array_like of bool, shape (n_topics,)

    Raises
    ------
    FigureError
        As `find_emerging`, or lengths differ.
    """
    counts = read_counts(cells, "cells", 2)
    topics, is_alarmed = np.asarray(topic_of_cell, dtype=np.int64), np.asarray(alarmed, dtype=bool)
    if topics.shape != (counts.shape[0],):
        raise FigureError("cells and topic_of_cell differ in length. Give the topic of each cell.")
    mid_p, usual = _judge(counts, periods_per_year, exposure)
    threshold = np.zeros(counts.shape[0])
    level = CELL_ERRORS * is_alarmed.mean() if is_alarmed.size else 0.0
    for topic in np.flatnonzero(is_alarmed):
        places = np.flatnonzero(topics == topic)
        threshold[places] = find_cut(mid_p[places], float(level))
    return tuple(_tell(counts, mid_p, usual, cell, float(threshold[cell])) for cell in range(counts.shape[0]))


def find_cut(p_values: Floats, level: float) -> float:
    """The largest p that Benjamini and Hochberg's step-up rejects at the level; 0 where none is."""
    ordered = np.sort(p_values)
    is_below = ordered <= level * np.arange(1, ordered.size + 1) / max(ordered.size, 1)
    return float(ordered[np.flatnonzero(is_below)[-1]]) if is_below.any() else 0.0


def _judge(counts: Floats, periods_per_year: int, exposure: ArrayLike | None) -> tuple[Floats, Usual | None]:
    n_periods = counts.shape[1]
    known = np.ones(n_periods) if exposure is None else read_counts(exposure, "exposure")
    if known.shape != (n_periods,) or (known <= 0).any():
        raise FigureError(f"exposure must hold a number above 0 for each of {n_periods} periods.")
    if n_periods - 1 < MINIMUM_HISTORY or not counts.shape[0]:
        return np.ones(counts.shape[0]), None
    usual = find_usual(counts, known / known.mean(), periods_per_year)
    return find_mid_p(counts[:, -1], usual), usual


def _tell(counts: Floats, mid_p: Floats, usual: Usual | None, place: int | Places, threshold: float) -> Exceedance:
    count = int(counts[place, -1]) if counts.shape[1] else 0
    if usual is None:
        return Exceedance(count, None, None, None, threshold, is_alarm=False, enough=False)
    p = float(mid_p[place])
    is_alarm = p <= threshold and count >= MINIMUM_COUNT
    mean, dispersion = float(usual.mean[place]), float(usual.dispersion[place])
    return Exceedance(count, mean, dispersion, p, threshold, is_alarm, enough=True)
