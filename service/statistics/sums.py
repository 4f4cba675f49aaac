"""Reads sums of cells; owns the SQL of that. Every sum is narrowed to what its asker may see."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Executable, func, select

from service import tables
from service.cases.counting import CLOCK, DUE, MONTH
from service.statistics.asking import Period, Reach

DUE_SOON: Final = timedelta(days=3)
OUTCOMES: Final = ("n_open", "n_answered", "n_rejected", "n_archived", "n_erased")
_COUNTED: Final = (
    "n",
    *OUTCOMES,
    "n_judged",
    "n_kept",
    "n_misrouted",
    "n_ever_answered",
    "n_reopened",
    "n_rated",
    "n_satisfied",
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted of the cases of one agency, topic or district.

    Of deadlines: all that were judged, over or not; `service.statistics.judging` says what differs as of a day.
    """

    n: int = 0
    n_open: int = 0
    n_answered: int = 0
    n_rejected: int = 0
    n_archived: int = 0
    n_erased: int = 0
    n_judged: int = 0
    n_kept: int = 0
    n_misrouted: int = 0
    n_ever_answered: int = 0
    n_reopened: int = 0
    n_rated: int = 0
    n_satisfied: int = 0

    @property
    def outcomes(self) -> tuple[int, ...]:
        """How many are open, answered, rejected, archived and erased."""
        return tuple(getattr(self, name) for name in OUTCOMES)

    def kept(self) -> tuple[int, int]:
        """Deadlines kept, of those judged."""
        return self.n_kept, self.n_judged

    def reopened(self) -> tuple[int, int]:
        """Reopened, of what was ever answered."""
        return self.n_reopened, self.n_ever_answered

    def satisfied(self) -> tuple[int, int]:
        """Those who were content, of those who rated."""
        return self.n_satisfied, self.n_rated


def name_outcomes(numbers: Iterable[int | None]) -> dict[str, Any]:
    """Numbers in the order of outcomes, by their names."""
    return dict(zip(OUTCOMES, numbers, strict=True))


def add_up(counts: Iterable[Counts]) -> Counts:
    """All of them together."""
    return Counts(*(sum(column) for column in zip(*map(astuple, counts), strict=True)))


@dataclass(frozen=True, slots=True)
class Late:
    """Open cases whose deadline runs: those over it, and those that come to it within so many days."""

    n_overdue: int = 0
    n_due_soon: int = 0


def fetch(connection: Connection, query: Executable) -> list[tuple[Any, ...]]:
    """The rows as the driver gives them, of columns that need no reading: of thousands each costs a half so."""
    result = connection.execute(query)
    cursor = result.cursor
    rows = [] if cursor is None else [tuple(row) for row in cursor.fetchall()]
    result.close()
    return rows


def sum_counts(
    connection: Connection, reach: Reach, scope: str, period: Period, kind: str | None = None
) -> dict[str, Counts]:
    """What is counted in the months of a period, by agency, topic or district."""
    cells = tables.cell_count.c
    conditions = [cells.scope == scope, cells.grain == MONTH, cells.day.between(period.start, period.end)]
    conditions.append(cells.restriction.in_(reach.restrictions))
    if kind is not None:
        conditions.append(cells.kind == kind)
    if scope == "agency" and reach.agency is not None:
        conditions.append(cells.key == reach.agency)
    sums = (func.sum(cells[name]) for name in _COUNTED)
    rows = connection.execute(select(cells.key, *sums).where(*conditions).group_by(cells.key))
    return {row[0]: Counts(*map(int, row[1:])) for row in rows}


def sum_late(
    connection: Connection, reach: Reach, today: date, soon: date, kind: str | None = None
) -> dict[tuple[str, str], Late]:
    """Reports whose clock is over its end or near it, by agency and kind; under no agency those that triage has."""
    cells = tables.cell_open.c
    conditions = [cells.what.in_((DUE, CLOCK)), cells.day <= soon, *narrow_open(reach, kind)]
    is_over = cells.day < today
    n_over = func.sum(cells.n).filter(is_over)
    n_soon = func.sum(cells.n).filter(~is_over)
    query = select(cells.key, cells.kind, n_over, n_soon).where(*conditions).group_by(cells.key, cells.kind)
    return {(row[0], row[1]): Late(int(row[2] or 0), int(row[3] or 0)) for row in connection.execute(query)}


def narrow_open(reach: Reach, kind: str | None) -> Sequence[ColumnElement[bool]]:
    """Which open ones are summed for who asks."""
    cells = tables.cell_open.c
    conditions: list[ColumnElement[bool]] = [cells.restriction.in_(reach.restrictions)]
    if reach.agency is not None:
        conditions.append(cells.key == reach.agency)
    if kind is not None:
        conditions.append(cells.kind == kind)
    return conditions
