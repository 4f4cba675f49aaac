"""The hours in which offices of the demo work: eight to four on working days, by the calendar of deadlines."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from service.handling.clock import WIB, Calendar

_OPENS: Final = time(8, 0, tzinfo=WIB)
_CLOSES: Final = time(16, 0, tzinfo=WIB)
_DAY: Final = timedelta(hours=8)
_NOTHING: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Worktime:
    """Counts time in which somebody works."""

    calendar: Calendar
    _works: dict[date, bool] = field(default_factory=dict)

    def after(self, start: datetime, n_days: float) -> datetime:
        """The moment ``n_days`` working days of eight hours after ``start``."""
        left = _DAY * n_days
        moment = self._open(start.astimezone(WIB))
        while (until_closing := datetime.combine(moment.date(), _CLOSES) - moment) < left:
            left -= until_closing
            moment = self._open(datetime.combine(moment.date() + timedelta(days=1), _OPENS))
        return moment + max(left, _NOTHING)

    def _open(self, moment: datetime) -> datetime:
        """The first moment from ``moment`` on in which offices are open."""
        day = moment.date()
        if moment.timetz() >= _CLOSES:
            day += timedelta(days=1)
        while not self._is_working(day):
            day += timedelta(days=1)
        return max(moment, datetime.combine(day, _OPENS))

    def _is_working(self, day: date) -> bool:
        if day not in self._works:
            self._works[day] = self.calendar.name_day_off(day) is None
        return self._works[day]
