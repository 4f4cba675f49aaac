"""What hangs together by pairs; knows only numbers."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.intp]


class Groups:
    """Groups of the numbers below ``n``, each at first in one of its own."""

    def __init__(self, n: int) -> None:
        self._labels: Numbers = np.arange(n)

    def unite(self, numbers: Numbers) -> None:
        """Let numbers, and all that hang together with one of them, be one group."""
        old = np.unique(self._labels[numbers])
        if old.size > 1:
            self._labels[np.isin(self._labels, old)] = old[0]

    def are_one(self, first: int, second: int) -> bool:
        """Whether two numbers are in one group."""
        return bool(self._labels[first] == self._labels[second])

    def find_others(self, number: int) -> Numbers:
        """All that are in another group than a number."""
        return np.flatnonzero(self._labels != self._labels[number])

    def find_beside_largest(self) -> Numbers:
        """All that are in another group than the one with most numbers."""
        return np.flatnonzero(self._labels != np.bincount(self._labels).argmax())

    def list_groups(self) -> list[Numbers]:
        """All groups, their numbers rising."""
        order = np.argsort(self._labels, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(self._labels[order])) + 1) if order.size else []
