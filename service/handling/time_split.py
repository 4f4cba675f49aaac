"""Whose the time of a report was, to the second: `service.handling.holding` in instants, for its story.

Pure, and derived from what moved the report alone: nobody types it in. A unit answers for its own part only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.handling.clock import local_day
from service.handling.holding import Happening, Holding
from service.handling.workdays import WorkingDays

_NONE: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class TimeSplit:
    """The time of a report from its receipt to ``ended_at``, in parts that sum to the whole.

    ``handling`` is the time of each agency; ``misrouted`` the time with an agency that gave it back, or passed it on
    before it had done anything, and until the next one got it; ``reporter`` the wait for the reporter; ``rest`` the
    time after an answer or an end that did not last; ``verification`` all else before an agency had it.
    """

    ended_at: datetime
    verification: timedelta
    misrouted: timedelta
    handling: Mapping[str, timedelta]
    reporter: timedelta
    rest: timedelta

    @property
    def whole(self) -> timedelta:
        """All parts together."""
        parts = (self.verification, self.misrouted, self.reporter, self.rest, *self.handling.values())
        return sum(parts, _NONE)


@dataclass(frozen=True, slots=True)
class _Elapsed:
    """Measures in seconds; whether an answer lasted is told by working days, as everywhere."""

    working_days: WorkingDays
    nothing: timedelta = _NONE

    def between(self, since: datetime, until: datetime) -> timedelta:
        return until - since

    def add(self, one: timedelta, other: timedelta) -> timedelta:
        return one + other

    def lasts(self, since: datetime, until: datetime) -> bool:
        return self.working_days.lasts(local_day(since), local_day(until))


def split_time(
    received_at: datetime,
    happenings: Sequence[Happening[datetime]],
    now: datetime,
    working_days: WorkingDays,
    erased_at: datetime | None = None,
) -> TimeSplit:
    """The parts of the time of a report up to ``now``, or up to the answer or end that still holds; in order."""
    holding: Holding[datetime, timedelta] = Holding(received_at, _Elapsed(working_days))
    for happening in happenings:
        holding.take(happening)
    if erased_at is not None:
        holding.erase(erased_at)
    if holding.rests_since is None:
        holding.pass_until(now)
    handling: dict[str, timedelta] = {}
    for turn in holding.turns:
        if not turn.is_misrouted:
            handling[turn.agency] = handling.get(turn.agency, _NONE) + turn.length
    return TimeSplit(
        holding.rests_since or holding.last,
        holding.verification,
        holding.misrouted,
        handling,
        holding.reporter,
        holding.rest,
    )
