"""Fits how far a text needs each agency, whether as the first or as a further one: scores that do not compete.

The scores of the head ``agency`` do: the more one of two agencies fits, the less the other.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.fitting import LinearHead
from training.preparing import PreparedRows
from training.ridge import fit_signs
from training.vectors import Vocabulary, vectorise

PENALTY = 2.0


def fit_needed(
    rows: PreparedRows, vocabulary: Vocabulary, agencies: Sequence[str], taken: NDArray[np.int64]
) -> LinearHead:
    """A ridge regression for each agency on the taken rows that have one, +1 where a row names it at all.

    Parameters
    ----------
    agencies
        Labels of the head ``agency`` in the order of its columns.
    """
    labelled = taken[rows.true_labels["agency"][taken] != ""]
    signs = np.full((len(labelled), len(agencies)), -1, dtype=np.float32)
    column_of = {agency: column for column, agency in enumerate(agencies)}
    for place, row in enumerate(labelled.tolist()):
        for agency in name_agencies(rows, row):
            if agency in column_of:
                signs[place, column_of[agency]] = 1
    vectors = vectorise(vocabulary, rows.take(labelled))
    return LinearHead(tuple(agencies), *fit_signs(vectors, signs, rows.weights[labelled], PENALTY))


def name_agencies(rows: PreparedRows, row: int) -> frozenset[str]:
    """All agencies that a row names, the first and the further ones."""
    further = rows.also[row] if rows.also else frozenset[str]()
    return further | {rows.true_labels["agency"][row]}
