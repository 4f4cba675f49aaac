"""The days on which the city does not work: weekends, the holidays of Indonesia, and what the city decided itself.

Public holidays and joint leave come from the library `holidays`, changes of the city from the table ``holiday``.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from importlib.metadata import version
from typing import Final

import holidays as library
from sqlalchemy import Connection, delete, insert, select, text

from service import tables
from service.ledger.entries import Entry
from service.writer import Transaction

COUNTRY: Final = "ID"
LIBRARY: Final = "library"
CITY: Final = "city"
CHANGED: Final = "holiday.changed"
REMOVED: Final = "holiday.removed"
_CATEGORIES = ("public", "government")
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day that stands out: a holiday, or (``is_off`` False) a day on which the city works against the library."""

    day: date
    name: str
    source: str
    is_off: bool


@dataclass(frozen=True, slots=True)
class CityCalendar:
    """The days off with the changes of the city; two of the same ``version`` have the same days off."""

    changes: Mapping[date, DayOff] = field(default_factory=dict)
    version: str = ""

    def name_day_off(self, day: date) -> str | None:
        """None for a working day, else the name of the holiday, empty for a plain weekend."""
        change = self.changes.get(day)
        if change is not None:
            return change.name if change.is_off else None
        if day.weekday() >= _SATURDAY:
            return ""
        return find_holidays(day.year).get(day)

    def list_year(self, year: int) -> list[DayOff]:
        """All days of a year that stand out, in order; weekends left out."""
        found = {day: DayOff(day, name, LIBRARY, is_off=True) for day, name in find_holidays(year).items()}
        found |= {day: change for day, change in self.changes.items() if day.year == year}
        return [found[day] for day in sorted(found)]


@dataclass(frozen=True, slots=True)
class HolidayChange:
    """What an admin decides about a day; ``name`` None gives it back to the library."""

    day: date
    name: str | None
    is_off: bool
    actor: str
    now: datetime


@lru_cache(maxsize=64)
def find_holidays(year: int) -> Mapping[date, str]:
    """The public holidays and joint leave of a year, named in Indonesian."""
    return dict(library.country_holidays(COUNTRY, years=year, categories=_CATEGORIES, language="id"))


def read_calendar(connection: Connection) -> CityCalendar:
    """The calendar as it is now."""
    columns = tables.holiday.c
    rows = connection.execute(select(columns.day, columns.name, columns.is_off).order_by(columns.day))
    changes = {row.day: DayOff(row.day, row.name, CITY, bool(row.is_off)) for row in rows}
    return CityCalendar(changes, _name_version(changes))


def change_holidays(transaction: Transaction, changes: Sequence[HolidayChange]) -> list[None]:
    """Enter what was decided about days, each in place of what was decided before; the same again changes nothing."""
    connection, columns = transaction.connection, tables.holiday.c
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE holiday IN EXCLUSIVE MODE"))
    for change in changes:
        of_day = columns.day == change.day
        row = connection.execute(select(columns.name, columns.is_off).where(of_day)).first()
        wanted = (change.name, int(change.is_off)) if change.name is not None else None
        if wanted == (tuple(row) if row is not None else None):
            continue
        connection.execute(delete(tables.holiday).where(of_day))
        if change.name is not None:
            connection.execute(insert(tables.holiday).values(_describe(change, change.name)))
        transaction.record(_describe_entry(change))
    return [None] * len(changes)


@lru_cache(maxsize=1)
def _library_version() -> str:
    """Of the library of holidays; to read it anew for each event takes longer than to store the event."""
    return version(library.__name__)


def _name_version(changes: Mapping[date, DayOff]) -> str:
    content = json.dumps([[day.isoformat(), off.name, off.is_off] for day, off in sorted(changes.items())])
    return f"{_library_version()} {hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _describe(change: HolidayChange, name: str) -> dict[str, object]:
    return {
        "day": change.day,
        "name": name,
        "source": CITY,
        "is_off": int(change.is_off),
        "actor": change.actor,
        "made_at": change.now,
    }


def _describe_entry(change: HolidayChange) -> Entry:
    day = change.day.isoformat()
    if change.name is None:
        return Entry(REMOVED, change.now, change.actor, content={"day": day})
    return Entry(CHANGED, change.now, change.actor, content={"day": day, "is_off": change.is_off})
