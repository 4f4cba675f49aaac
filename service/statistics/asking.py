"""What every question shares: its period, who asks and so what is summed, and what every answer carries.

Restricted reports stand in cells of their own, so that who may not see them sums without them.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, select

from model.shipped import taxonomy_in_force
from service import tables
from service.callers import Caller
from service.visibility import ADMIN, OVERSIGHT

EVERYBODY: Final = ("",)
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from ``start`` to ``end``, both within."""

    start: date
    end: date

    def widen(self) -> "Period":
        """The whole months that it lies in: cells of units are kept by month."""
        last = monthrange(self.end.year, self.end.month)[1]
        return Period(self.start.replace(day=1), self.end.replace(day=last))

    def before(self) -> "Period":
        """As many months before it; as many days where it is not of whole months."""
        if self != self.widen():
            length = self.end - self.start + _ONE_DAY
            return Period(self.start - length, self.start - _ONE_DAY)
        n_months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
        place = self.start.year * 12 + self.start.month - 1 - n_months
        return Period(date(place // 12, place % 12 + 1, 1), self.start - _ONE_DAY)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: for which period, as of which day, of which kind; for everybody to see (``is_public``) or not."""

    period: Period
    today: date
    kind: str | None = None
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """What is summed for who asks: the restrictions it may see, and the only agency (None for all)."""

    restrictions: tuple[str, ...]
    agency: str | None
    is_public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What every answer carries beside its figures.

    ``definition`` is the key of the words that define it; ``n`` is how many reports it rests on, None where hidden;
    ``bundles`` are those that tagged them; ``suppressed`` says whether small numbers are hidden.
    """

    definition: str
    period: Period
    n: int | None
    bundles: tuple[str, ...]
    suppressed: bool = False


def find_reach(caller: Caller, *, is_public: bool = False) -> Reach:
    """What is summed for a caller; for everybody (``is_public``) nothing that is restricted, and the same for all."""
    if is_public or caller.agency is not None:
        return Reach(EVERYBODY, None if is_public else caller.agency, is_public)
    if caller.allows(ADMIN):
        return Reach(("", OVERSIGHT, ADMIN), None)
    return Reach(("", OVERSIGHT) if caller.allows(OVERSIGHT) else EVERYBODY, None)


def list_bundles(connection: Connection, reach: Reach, period: Period) -> tuple[str, ...]:
    """The bundles that tagged the reports of the months of a period, in the order in which they came."""
    cells = tables.cell_bundle.c
    whole = period.widen()
    rows = connection.execute(
        select(cells.bundle, cells.day)
        .where(cells.day.between(whole.start, whole.end), cells.restriction.in_(reach.restrictions))
        .order_by(cells.day)
    )
    return tuple(dict.fromkeys(row.bundle for row in rows))


def order_labels(head: str, found: Iterable[str]) -> list[str]:
    """Labels in the order of the taxonomy, those it does not know behind: figures rank nobody."""
    places = _places_of(head)
    return sorted(found, key=lambda label: (places.get(label, len(places)), label))


def list_labels(head: str) -> Sequence[str]:
    """All labels of a head, in the order of the taxonomy."""
    return tuple(_places_of(head))


@lru_cache(maxsize=8)
def _places_of(head: str) -> dict[str, int]:
    return {slug: place for place, slug in enumerate(taxonomy_in_force().heads[head])}
