"""Cuts rows into earlier and later ones; nothing in Pilah is ever judged on a random split."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fold:
    """Row numbers to fit on and the later ones to score."""

    earlier: Rows
    later: Rows


def roll_forward(n_rows: int, n_folds: int, share: float) -> Iterator[Fold]:
    """Folds over rows in order of time: the last ``share`` in ``n_folds`` slices, each scored by all before it.

    Too few rows for a slice of at least one row on each side give no fold.
    """
    first = n_rows - round(n_rows * share)
    cuts = np.linspace(first, n_rows, n_folds + 1).round().astype(int)
    for start, stop in pairwise(cuts):
        if 0 < start < stop:
            yield Fold(np.arange(start, dtype=np.int64), np.arange(start, stop, dtype=np.int64))
