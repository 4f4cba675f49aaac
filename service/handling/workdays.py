"""Counts working days between days: a day counts when it is one, the first of the two never.

Pure: days off are given. Counts add up, so that parts of a time sum to the whole.
"""

from bisect import bisect_left
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from service.handling.clock import Calendar
from service.handling.holding import LASTING_DAYS

# Whole years are counted at once, so that one report costs no walk over days.
_ONE_DAY: Final = timedelta(days=1)


class WorkingDays:
    """The working days of a calendar, counted from a first day on; years are taken in as they are asked for."""

    nothing: Final = 0

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._counts: dict[int, list[int]] = {}
        self._before: dict[int, int] = {}

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and with ``end``; 0 where the end is not later."""
        return max(0, self._index(end) - self._index(start)) if end > start else 0

    def add(self, one: int, other: int) -> int:
        """Both numbers together."""
        return one + other

    def lasts(self, start: date, end: date) -> bool:
        """Whether an answer of the first day was not contradicted by the other so soon that it was none."""
        return self.between(start, end) > LASTING_DAYS

    def after(self, start: date, n_days: int) -> date:
        """The first day up to which ``n_days`` working days lie after ``start``; before it when negative."""
        wanted = self._index(start) + n_days
        year = start.year
        while self._before_year(year + 1) < wanted:
            year += 1
        while self._before_year(year) >= wanted:
            year -= 1
        return date(year, 1, 1) + timedelta(days=bisect_left(self._counts_of(year), wanted - self._before_year(year)))

    def _index(self, day: date) -> int:
        """Working days from an arbitrary but fixed day up to and with this one."""
        return self._before_year(day.year) + self._counts_of(day.year)[day.timetuple().tm_yday - 1]

    def _before_year(self, year: int) -> int:
        if not self._before:
            self._before[year] = 0
        first, last = min(self._before), max(self._before)
        for known in range(last, year):
            self._before[known + 1] = self._before[known] + self._counts_of(known)[-1]
        for known in range(first, year, -1):
            self._before[known - 1] = self._before[known] - self._counts_of(known - 1)[-1]
        return self._before[year]

    def _counts_of(self, year: int) -> list[int]:
        if year not in self._counts:
            n_days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
            days = (date(year, 1, 1) + _ONE_DAY * place for place in range(n_days))
            self._counts[year] = list(accumulate(int(self._calendar.name_day_off(day) is None) for day in days))
        return self._counts[year]
