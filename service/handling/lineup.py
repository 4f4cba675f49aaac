"""Reports side by side in arrays: whether two belong together, asked of one and many others at once.

The one place that says when two reports tell of the same thing. The relation is symmetric, and has no other operations
than such as give the same to the last bit for a pair and among thousands.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import cos, radians
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.signature import stack
from service.handling.groups import Groups, Numbers
from service.handling.likeness import (
    COPY_FROM,
    COPY_WINDOW,
    HASHES_A_BAND,
    N_BANDS,
    PASSING_TOPICS,
    PLACE_WINDOW,
    Report,
)

NEAR_M: Final = 500
FAR_M: Final = 2_000
_METRES_A_DEGREE: Final = 111_195
# Degrees of longitude are taken to be at least as wide as at 60°, so that what is near lies in cells side by side.
_LEAST_WIDTH: Final = 0.5
_NO_TOPIC: Final = -1


class Lineup:
    """Reports by their numbers from 0, compared with each other.

    Two belong together when one repeats the wording of the other within `COPY_WINDOW`, or when both tell of the same
    passing trouble within `PLACE_WINDOW` at a place that both name or within `NEAR_M` of each other. What is written
    alike of two places is two things: where both name places for certain and none in common, or stand more than
    `FAR_M` apart, the wording counts for nothing.
    """

    def __init__(self, reports: Sequence[Report]) -> None:
        self.reports = reports
        self._received_us = np.array([report.received_us for report in reports], dtype=np.int64)
        self._signatures = stack([report.signature for report in reports])
        self._bands = self._signatures.hashes[: N_BANDS * HASHES_A_BAND]
        topics = {topic: number for number, topic in enumerate(sorted(PASSING_TOPICS))}
        self._topics = np.array([topics.get(report.topic or "", _NO_TOPIC) for report in reports], dtype=np.int64)
        self._places = _tabulate([report.places for report in reports])
        self._has_places = np.asarray(self._places.any(axis=1))
        nowhere = (np.nan, np.nan)
        positions = np.array([report.position or nowhere for report in reports], dtype=np.float64).reshape(-1, 2)
        self._north, self._east = positions[:, 0], positions[:, 1]
        self._widths = np.array([max(cos(radians(north)), _LEAST_WIDTH) for north in self._north], dtype=np.float64)

    def find_alike(self, number: int, others: Numbers) -> Numbers:
        """Those of ``others`` that belong with a report."""
        apart_us = np.abs(self._received_us[others] - self._received_us[number])
        copies = self._find_copies(number, others[apart_us <= _count_us(COPY_WINDOW)])
        if self._topics[number] == _NO_TOPIC:
            return copies
        same = others[(apart_us <= _count_us(PLACE_WINDOW)) & (self._topics[others] == self._topics[number])]
        return np.union1d(copies, same[self._share_place(number, same) | self._are_near(number, same)])

    def _find_copies(self, number: int, others: Numbers) -> Numbers:
        alike = others[self._signatures.estimate_jaccards(number, others) >= COPY_FROM]
        if alike.size == 0:
            return alike
        equal = np.equal(self._bands[:, alike], self._bands[:, number, None])
        alike = alike[equal.reshape(N_BANDS, HASHES_A_BAND, -1).all(axis=1).any(axis=0)]
        elsewhere = self._has_places[alike] & self._has_places[number] & ~self._share_place(number, alike)
        return np.asarray(alike[~(elsewhere | self._are_far(number, alike))])

    def _share_place(self, number: int, others: Numbers) -> NDArray[np.bool_]:
        return np.asarray((self._places[others] & self._places[number]).any(axis=1))

    def _are_near(self, number: int, others: Numbers) -> NDArray[np.bool_]:
        return np.asarray(self._measure(number, others) <= (NEAR_M / _METRES_A_DEGREE) ** 2)

    def _are_far(self, number: int, others: Numbers) -> NDArray[np.bool_]:
        return np.asarray(self._measure(number, others) > (FAR_M / _METRES_A_DEGREE) ** 2)

    def _measure(self, number: int, others: Numbers) -> NDArray[np.float64]:
        """Squares of distances in degrees; not a number, and so neither near nor far, where one has no position.

        On so few metres the earth is flat; a degree is 111.2 km, east and west less with latitude.
        """
        width = (self._widths[others] + self._widths[number]) / 2
        across = (self._east[others] - self._east[number]) * width
        return np.asarray((self._north[others] - self._north[number]) ** 2 + across**2)


def unite_alike(lineup: Lineup, groups: Groups, numbers: Iterable[int]) -> None:
    """Let each of these numbers be one group with all that belong with it."""
    for number in numbers:
        others = groups.find_others(number)
        if others.size:
            groups.unite(np.append(lineup.find_alike(number, others), number))


def hang_together(reports: Sequence[Report]) -> list[list[Report]]:
    """Reports in groups of those that hang together by pairs that belong together."""
    if not reports:
        return []
    lineup, groups = Lineup(reports), Groups(len(reports))
    compared = np.zeros(len(reports), dtype=np.bool_)
    # Of a pair one must be compared with the other; what the largest group holds need not be, once all others were.
    while (waiting := (beside := groups.find_beside_largest())[~compared[beside]]).size:
        unite_alike(lineup, groups, waiting[:1])
        compared[waiting[0]] = True
    return [[reports[number] for number in numbers] for numbers in groups.list_groups()]


def _tabulate(sets: Sequence[frozenset[str]]) -> NDArray[np.bool_]:
    """A row for each set and a column for each of their members."""
    columns = {name: column for column, name in enumerate(sorted(frozenset().union(*sets)))}
    table = np.zeros((len(sets), len(columns)), dtype=np.bool_)
    for row, names in enumerate(sets):
        for name in names:
            table[row, columns[name]] = True
    return table


def _count_us(window: timedelta) -> int:
    return window // timedelta(microseconds=1)
