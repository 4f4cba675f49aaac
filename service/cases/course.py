"""Whose the time of a report was, in working days: with triage, with each agency, astray, with the reporter.

Pure. The same rules as `service.handling.time_split`, told by agency: an agency that gives a report back or passes it
on untouched had it by mistake, and who is asked for more stops its time. A report that was routed alone lies with its
agency from the start. An answer that is reopened within ten working days was none: the stint goes on.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from service.cases.case import ANSWERED, ARCHIVED, ERASED, OPEN, REJECTED, RETURNED, TRANSFERRED, Happening
from service.cases.workdays import WorkingDays
from service.handling import states

# An answer that lasts so many working days is one (DESIGN 6).
LASTING_DAYS: Final = 10
_WORK: Final = frozenset({states.IN_PROGRESS, states.ANSWERED, states.DONE})
_END_OF: Final = {
    states.ANSWERED: ANSWERED,
    states.DONE: ANSWERED,
    states.REJECTED: REJECTED,
    states.ARCHIVED: ARCHIVED,
}


@dataclass(slots=True)
class Turn:
    """One agency's time as it grows."""

    agency: str
    started_day: date
    ended_day: date | None = None
    end: str = OPEN
    days: int = 0
    has_worked: bool = False

    @property
    def is_misrouted(self) -> bool:
        """Whether the agency had it by mistake."""
        return self.end == RETURNED or (self.end == TRANSFERRED and not self.has_worked)

    def conclude(self, end: str, day: date) -> None:
        """Let it end, unless it has."""
        if self.end == OPEN:
            self.end, self.ended_day = end, day


class Course:
    """Follows a report from its receipt; ``ended_day`` is since when nobody owes anything."""

    def __init__(self, day: date, sent_to: str | None, working_days: WorkingDays) -> None:
        self._working_days = working_days
        self._last_day = day
        self.turns: list[Turn] = [Turn(sent_to, day)] if sent_to else []
        self._holder: Turn | None = self.turns[0] if self.turns else None
        self._was_returned = False
        self.state = states.NEW
        self.outcome = OPEN
        self.ended_day: date | None = None
        self.n_returns = 0
        self.is_reopened = False
        self.verification = self.reporter = self._astray = 0

    @property
    def last_day(self) -> date:
        """The day of the last thing that happened."""
        return self._last_day

    @property
    def misrouted(self) -> int:
        """Days with agencies that had it by mistake, and until the next one got it."""
        return self._astray + sum(turn.days for turn in self.turns if turn.is_misrouted)

    @property
    def handling(self) -> int:
        """Days of agencies that had it rightly."""
        return sum(turn.days for turn in self.turns if not turn.is_misrouted)

    def find_running(self) -> Turn | None:
        """The turn whose time runs on, None where none does or the reporter is asked."""
        holder = self._holder
        return holder if holder is not None and holder.end == OPEN and self.state != states.ASKED else None

    def take(self, happening: Happening) -> None:
        """Take in the next event."""
        self._pass_until(happening.day)
        day = self._last_day
        if happening.type == states.RETURNED:
            self._give_back(day)
        elif happening.type == states.DISPOSED:
            self._hand_to(happening.agency or "", day)
        elif happening.type == states.REOPENED:
            self._reopen(day)
        elif happening.type == states.VERIFIED:
            self._was_returned = False
        elif happening.type in _WORK and self._holder is not None:
            self._holder.has_worked = True
        self.state = happening.state
        self._note_end(day)

    def erase(self, day: date) -> None:
        """Text and reporter are gone; what was open is over."""
        if self.outcome != OPEN:
            return
        self._pass_until(day)
        self.outcome, self.ended_day = ERASED, self._last_day
        if self._holder is not None:
            self._holder.conclude(ERASED, self._last_day)

    def _pass_until(self, day: date) -> None:
        # History that was imported may be out of order.
        until = max(day, self._last_day)
        n_days = self._working_days.between(self._last_day, until)
        self._last_day = until
        if self.state in states.RESTING:
            return
        if self.state == states.ASKED:
            self.reporter += n_days
        elif self._holder is not None:
            self._holder.days += n_days
        elif self._was_returned:
            self._astray += n_days
        else:
            self.verification += n_days

    def _give_back(self, day: date) -> None:
        self.n_returns += 1
        if self._holder is not None:
            self._holder.conclude(RETURNED, day)
        self._holder, self._was_returned = None, True

    def _hand_to(self, agency: str, day: date) -> None:
        if self._holder is not None:
            if self._holder.agency == agency:
                return
            self._holder.conclude(TRANSFERRED, day)
        self._holder, self._was_returned = Turn(agency, day), False
        self.turns.append(self._holder)

    def _reopen(self, day: date) -> None:
        self.is_reopened = True
        turn = self._holder
        if turn is None or turn.ended_day is None:
            return
        if turn.end == ANSWERED and self._working_days.between(turn.ended_day, day) <= LASTING_DAYS:
            turn.end, turn.ended_day = OPEN, None
        else:
            self._holder = Turn(turn.agency, day)
            self.turns.append(self._holder)

    def _note_end(self, day: date) -> None:
        if self.state not in states.RESTING:
            self.outcome, self.ended_day = OPEN, None
            return
        if self.outcome == OPEN:
            self.outcome, self.ended_day = _END_OF[self.state], day
        if self._holder is not None:
            self._holder.conclude(_END_OF[self.state], day)
