"""Cuts rows into earlier and later ones; nothing in Pilah is ever judged on a random split."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.errors import PilahError

Rows = NDArray[np.int64]


class SplitError(PilahError):
    """Rows cannot be cut into earlier and later ones."""


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


def split_at(frame: pd.DataFrame, start: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows received before ``start`` (an aware instant), and those from it on.

    Raises
    ------
    SplitError
        A row has no time of arrival, or one side is empty.
    """
    if "received_at" not in frame or frame["received_at"].isna().any():
        raise SplitError("Rows can be split by time only when each has received_at; add it, or use --test FILE.")
    is_later = frame["received_at"] >= start
    earlier, later = frame[~is_later], frame[is_later]
    if earlier.empty or later.empty:
        first, last = frame["received_at"].min(), frame["received_at"].max()
        raise SplitError(
            f"No row on one side of {start:%Y-%m-%d}: the rows run from {first:%Y-%m-%d} to {last:%Y-%m-%d}."
        )
    return earlier, later
