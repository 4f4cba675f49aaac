"""Joins short reports of one need into reports of two: people write such ones, and few of the labelled rows are so.

Texts are kept for the fit alone and never leave the training run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from model.tokens import tokenize
from model.units import INSPECTORATE
from training.needed import name_agencies
from training.preparing import PreparedRows

# One joined report for so many rows: their two needs are then about a third of all that teach.
ROWS_FOR_EACH = 20
# A longer report is seldom followed by another in one message.
_MAX_TOKENS = 40
_BETWEEN = (". Selain itu ", ". ", "\n", " dan ", " satu lagi ", ", sekalian ", ". Juga ", ". Terus ")


@dataclass(frozen=True, slots=True)
class Told:
    """A report: its masked text, all agencies it names, and the number of its row, -1 where it is joined of two."""

    text: str
    agencies: frozenset[str]
    row: int


def read_reports(rows: PreparedRows, taken: NDArray[np.int64]) -> list[Told]:
    """Those of the taken rows that name an agency and hold a word."""
    return [
        Told(rows.texts[row], name_agencies(rows, row), row)
        for row in taken.tolist()
        if rows.true_labels["agency"][row] and rows.forms[row]
    ]


def join_reports(reports: Sequence[Told], seed: int) -> list[Told]:
    """One joined report for each ``ROWS_FOR_EACH``, of two short ones with one agency each, drawn at random.

    A report for the inspectorate is left alone: an accusation is told to nobody else.
    """
    short = [
        report
        for report in reports
        if len(report.agencies) == 1
        and INSPECTORATE not in report.agencies
        and len(tokenize(report.text).forms) <= _MAX_TOKENS
    ]
    n_joined = len(reports) // ROWS_FOR_EACH if len(short) > 1 else 0
    draws = np.random.default_rng(seed)
    joined = []
    for _, between in zip(range(n_joined), cycle(_BETWEEN), strict=False):
        first, second = (short[place] for place in draws.choice(len(short), 2, replace=False).tolist())
        text = first.text.rstrip(" .") + between + second.text
        joined.append(Told(text, first.agencies | second.agencies, -1))
    return joined
