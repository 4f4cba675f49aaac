"""What signs of drift are told from, summed over the weeks looked at and over those of the reference."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, case, func, select

from service import tables
from service.statistics.asking import Period
from service.watching.counting import WATCHED_HEADS

_CELLS = tables.cell_watch.c
_SUMMED = (
    *("n", "confidence", "confidence_squares", "n_read", "unknown", "unknown_squares"),
    *("n_labelled", "n_contradicted"),
)


@dataclass(frozen=True, slots=True)
class Sums:
    """Answers of one head by one bundle with one label, decided alone or not: counts, sums and sums of squares.

    Confidence and shares of unknown words are in ten-thousandths.
    """

    is_now: bool
    head: str
    bundle: str
    label: str
    is_auto: bool
    n: int
    confidence: int
    confidence_squares: int
    n_read: int
    unknown: int
    unknown_squares: int
    n_labelled: int
    n_contradicted: int


def count_weeks(connection: Connection, period: Period) -> dict[date, int]:
    """Reports by week; a period is of whole weeks."""
    query = (
        select(_CELLS.week, func.sum(_CELLS.n))
        .where(_CELLS.week.between(period.start, period.end), _CELLS.head == WATCHED_HEADS[0])
        .group_by(_CELLS.week)
    )
    return {week: int(n) for week, n in connection.execute(query)}


def read_sums(connection: Connection, now: Period, reference: Period) -> list[Sums]:
    """The sums of now and of the reference, which ends where now begins."""
    is_now = case((_CELLS.week >= now.start, 1), else_=0)
    keys = (is_now, _CELLS.head, _CELLS.bundle, _CELLS.label, _CELLS.is_auto)
    query = (
        select(*keys, *(func.sum(_CELLS[name]) for name in _SUMMED))
        .where(_CELLS.week.between(reference.start, now.end))
        .group_by(*keys)
    )
    return [
        Sums(bool(row[0]), row[1], row[2], row[3], bool(row[4]), *(int(one) for one in row[5:]))
        for row in connection.execute(query)
    ]
