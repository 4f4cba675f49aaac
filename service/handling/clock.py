"""When something is due: the end of the n-th working day, without the days on which the reporter was asked.

Pure: days off are given, nothing is read. A day counts when it is a working day and nobody waited for the reporter
at its end; the day on which the clock starts is day nought.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Final, Protocol

from model.prediction import JsonValue

VERIFICATION: Final = "verification"
HANDLING: Final = "handling"
# Western Indonesia has kept this offset since 1964, without summer time.
WIB: Final = timezone(timedelta(hours=7), "WIB")
_LAST_SECOND = time(23, 59, 59, tzinfo=WIB)
_ONE_DAY = timedelta(days=1)


class Calendar(Protocol):
    """Knows the days off."""

    def name_day_off(self, day: date) -> str | None:
        """None for a working day, else the name of the holiday, empty for a plain weekend."""


@dataclass(frozen=True, slots=True)
class Pause:
    """The reporter was asked at one instant and answered at another; None while the answer is awaited."""

    asked_at: datetime
    completed_at: datetime | None

    def covers(self, instant: datetime) -> bool:
        """Whether an answer was awaited then."""
        return self.asked_at <= instant and (self.completed_at is None or instant < self.completed_at)

    def to_json(self) -> list[JsonValue]:
        """Both instants."""
        return [self.asked_at.isoformat(), self.completed_at.isoformat() if self.completed_at else None]


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a clock runs out, and how that was found.

    ``due_at`` is None where ``n_days`` is (there is no deadline) and while an answer is awaited. ``skipped`` are the
    holidays passed over, weekends left out; ``n_paused_days`` the working days that did not count.
    """

    started_at: datetime
    n_days: int | None
    due_at: datetime | None
    skipped: tuple[tuple[date, str], ...] = ()
    pauses: tuple[Pause, ...] = ()
    n_paused_days: int = 0

    def to_json(self) -> dict[str, JsonValue]:
        """The derivation, as the store keeps it."""
        return {
            "days": self.n_days,
            "skipped": [[day.isoformat(), name] for day, name in self.skipped],
            "pauses": [pause.to_json() for pause in self.pauses],
            "paused_days": self.n_paused_days,
        }


def find_deadline(
    started_at: datetime, n_days: int | None, calendar: Calendar, pauses: Sequence[Pause] = ()
) -> Deadline:
    """The deadline of a clock of ``n_days`` (at least 1) working days; pauses in order of time."""
    pauses = tuple(pause for pause in pauses if pause.completed_at is None or pause.completed_at > started_at)
    if n_days is None:
        return Deadline(started_at, None, None, (), pauses)
    skipped, n_counted, n_paused = [], 0, 0
    due_at = None
    for day in _days_after(local_day(started_at)):
        name = calendar.name_day_off(day)
        if name is not None:
            if name:
                skipped.append((day, name))
            continue
        pause = next((pause for pause in pauses if pause.covers(end_of(day))), None)
        if pause is None:
            n_counted += 1
        elif pause.completed_at is None:
            break
        else:
            n_paused += 1
        if n_counted == n_days:
            due_at = end_of(day)
            break
    return Deadline(started_at, n_days, due_at, tuple(skipped), pauses, n_paused)


def read_deadline(content: str, started_at: datetime, due_at: datetime | None) -> Deadline:
    """The deadline that `Deadline.to_json` wrote."""
    found = json.loads(content)
    instants = [[instant and datetime.fromisoformat(instant) for instant in pause] for pause in found["pauses"]]
    return Deadline(
        started_at,
        found["days"],
        due_at,
        tuple((date.fromisoformat(day), name) for day, name in found["skipped"]),
        tuple(Pause(asked_at, completed_at) for asked_at, completed_at in instants),
        found["paused_days"],
    )


def local_day(instant: datetime) -> date:
    """The day of an instant on the wall calendar."""
    return instant.astimezone(WIB).date()


def end_of(day: date) -> datetime:
    """The last second of a day on the wall calendar."""
    return datetime.combine(day, _LAST_SECOND)


def _days_after(day: date) -> Iterator[date]:
    while True:
        day += _ONE_DAY
        yield day
