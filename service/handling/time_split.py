"""Whose the time of a report was: waiting for verification, misrouted, with each agency, waiting for the reporter.

Pure, and derived from the events alone: nobody types it in. A unit answers for its own part only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.handling.history import Event
from service.handling.states import (
    ANSWERED,
    ASKED,
    DISPOSED,
    DONE,
    IN_PROGRESS,
    RESTING,
    RETURNED,
    VERIFIED,
)

# An agency that did one of these took the report for its own.
_WORK: Final = frozenset({IN_PROGRESS, ANSWERED, DONE})
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


class _Tally:
    """Adds up stretches of time; those since the report came to its holder wait for what becomes of them.

    The holder is the agency that has the report, None while it lies with triage.
    """

    def __init__(self) -> None:
        self.verification = self.misrouted = self.reporter = self.rest = self.held = _NONE
        self.handling: dict[str, timedelta] = {}
        self.holder: str | None = None
        self.has_worked = False
        self.was_returned = False

    def add(self, state: str, stretch: timedelta) -> None:
        """Count a stretch in which the report was in ``state``."""
        if state in RESTING:
            self.rest += stretch
        elif state == ASKED:
            self.reporter += stretch
        else:
            self.held += stretch

    def settle(self, *, is_misrouted: bool) -> None:
        """Count what was held."""
        if is_misrouted:
            self.misrouted += self.held
        elif self.holder is None:
            self.verification += self.held
        else:
            self.handling[self.holder] = self.handling.get(self.holder, _NONE) + self.held
        self.held = _NONE

    def settle_own(self) -> None:
        """Count what was held as the holder's own, with triage after a return as misrouted."""
        self.settle(is_misrouted=self.holder is None and self.was_returned)

    def follow(self, event: Event) -> None:
        """Take in who has the report after an event."""
        if event.type == RETURNED:
            # Without a disposition the classifier had sent it there.
            self.settle(is_misrouted=True)
            self.holder, self.was_returned, self.has_worked = None, True, False
        elif event.type == VERIFIED:
            self.settle_own()
        elif event.type == DISPOSED and event.agency != self.holder:
            self._hand_over()
            self.holder, self.was_returned, self.has_worked = event.agency, False, False
        elif event.type in _WORK:
            if self.holder is None:
                self.settle_own()
                self.holder = event.agency
            self.has_worked = True

    def _hand_over(self) -> None:
        if self.holder is not None and not self.has_worked:
            self.settle(is_misrouted=True)
        else:
            self.settle_own()


def split_time(received_at: datetime, events: Sequence[Event], now: datetime) -> TimeSplit:
    """The parts of the time of a report up to ``now``, or up to the answer or end that still holds; events in order."""
    ended_at = max(received_at, _find_end(events) or max([now, *(event.at for event in events)]))
    tally, state, since = _Tally(), "", received_at
    for event in events:
        # History that was imported may be out of order.
        until = max(since, min(event.at, ended_at))
        tally.add(state, until - since)
        tally.follow(event)
        state, since = event.state, until
    tally.add(state, ended_at - since)
    tally.settle_own()
    return TimeSplit(ended_at, tally.verification, tally.misrouted, tally.handling, tally.reporter, tally.rest)


def _find_end(events: Sequence[Event]) -> datetime | None:
    """When the rest began in which the report still is."""
    began: datetime | None = None
    for event in events:
        if event.state not in RESTING:
            began = None
        elif began is None:
            began = event.at
    return began
