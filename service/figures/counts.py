"""Reads arrays of counts, and refuses by name what cannot be counts. It computes no figure."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from service.figures.errors import FigureError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


def read_counts(values: ArrayLike, name: str, n_dimensions: int = 1) -> Floats:
    """The values as an array of floats, finite, not below 0, of so many dimensions."""
    counts = np.asarray(values, dtype=np.float64)
    if counts.ndim != n_dimensions:
        raise FigureError(f"{name} has {counts.ndim} dimensions instead of {n_dimensions}. Give one for each axis.")
    if counts.size and (not np.isfinite(counts).all() or counts.min() < 0):
        raise FigureError(f"{name} holds a negative or missing number. Counts are 0 or more.")
    return counts


def check_hits(hits: Floats, tries: Floats, name: str) -> None:
    """Refuse hits of another shape than the tries, or more of them than tries."""
    if hits.shape != tries.shape:
        raise FigureError(f"{name}: shapes {hits.shape} and {tries.shape} differ. Give both for the same cells.")
    if (hits > tries).any():
        raise FigureError(f"{name}: more hits than tries. Count hits among the tries only.")
