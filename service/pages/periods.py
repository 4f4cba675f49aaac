"""The period a page tells of: two days of its address, else the last months up to today; and a few periods at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2100, 12, 31)
_MONTHS_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``start`` to ``end``, both within; ``fault`` is the word for what was wrong with the address."""

    start: date
    end: date
    fault: str | None = None

    @property
    def n_days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1


def read_period(state: Mapping[str, str], today: date) -> Period:
    """The period that ``dari`` and ``sampai`` say, the last twelve months where they are missing or senseless.

    It begins in 2000 at the earliest and ends with next year at the latest: beyond it there are no reports.
    """
    usual = Period(begin_month(today, 1 - _MONTHS_SHOWN), today)
    start, end = _read_day(state.get("dari"), usual.start), _read_day(state.get("sampai"), usual.end)
    if start is None or end is None:
        return Period(usual.start, usual.end, "period_fault_day")
    if start > end:
        return Period(usual.start, usual.end, "period_fault_order")
    start, end = max(start, EARLIEST), min(end, date(today.year + 1, 12, 31), LATEST)
    return Period(start, end) if start <= end else Period(usual.start, usual.end, "period_fault_day")


def list_presets(today: date) -> tuple[tuple[str, Period], ...]:
    """Periods people ask for, each with the name of its word."""
    month = begin_month(today)
    last = begin_month(today, -1)
    return (
        ("period_month", Period(month, today)),
        ("period_last_month", Period(last, month - timedelta(days=1))),
        ("period_year", Period(date(today.year, 1, 1), today)),
        ("period_12_months", Period(begin_month(today, 1 - _MONTHS_SHOWN), today)),
        ("period_3_years", Period(begin_month(today, 1 - 3 * _MONTHS_SHOWN), today)),
    )


def begin_month(day: date, months: int = 0) -> date:
    """The first day of the month so many months after that of ``day``."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _read_day(written: str | None, usual: date) -> date | None:
    if not written:
        return usual
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
