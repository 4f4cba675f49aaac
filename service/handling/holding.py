"""Whose the time of a report was: with triage, with each agency, astray, with the reporter, at rest.

Pure, and the one rule, in whatever a `Measure` counts. What was routed alone lies with its agency from the start; one
that gives it back, or passes it on untouched, had it by mistake; who is asked stops the time. An answer reopened within
ten working days was none: the turn goes on. One that lasted ends the case; what comes later is a turn of its own.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, Protocol, TypeVar

from service.handling import states

OPEN: Final = "open"
ANSWERED: Final = "answered"
REJECTED: Final = "rejected"
ARCHIVED: Final = "archived"
ERASED: Final = "erased"
TRANSFERRED: Final = "transferred"
RETURNED: Final = "returned"
# No event of a person: the report came to lie with an agency because it was routed alone, or named anew while it did.
ROUTED: Final = "dirutekan"
# An answer that lasts so many working days is one (DESIGN 6).
LASTING_DAYS: Final = 10
_WORK: Final = frozenset({states.IN_PROGRESS, states.ANSWERED, states.DONE})
_END_OF: Final = {
    states.ANSWERED: ANSWERED,
    states.DONE: ANSWERED,
    states.REJECTED: REJECTED,
    states.ARCHIVED: ARCHIVED,
}

# An instant or a day, and a length of time between two of them.
MomentT = TypeVar("MomentT", bound=date)
MomentT_contra = TypeVar("MomentT_contra", bound=date, contravariant=True)
MomentT_co = TypeVar("MomentT_co", bound=date, covariant=True)
SpanT = TypeVar("SpanT")


class Happening(Protocol[MomentT_co]):
    """One thing that moved a report; ``state`` is the one after it."""

    @property
    def type(self) -> str:
        """That of an event, or `ROUTED`."""

    @property
    def at(self) -> MomentT_co:
        """When it happened."""

    @property
    def agency(self) -> str | None:
        """The agency it names."""

    @property
    def state(self) -> str:
        """Where the report stood after it."""


class Measure(Protocol[MomentT_contra, SpanT]):
    """Measures time."""

    @property
    def nothing(self) -> SpanT:
        """No time."""

    def between(self, since: MomentT_contra, until: MomentT_contra) -> SpanT:
        """How long it is from one to the other."""

    def add(self, one: SpanT, other: SpanT) -> SpanT:
        """Both together."""

    def lasts(self, since: MomentT_contra, until: MomentT_contra) -> bool:
        """Whether what was said at first was not soon contradicted."""


@dataclass(slots=True)
class Turn(Generic[MomentT, SpanT]):
    """One agency's time as it grows."""

    agency: str
    started: MomentT
    length: SpanT
    ended: MomentT | None = None
    end: str = OPEN
    has_worked: bool = False

    @property
    def is_misrouted(self) -> bool:
        """Whether the agency had it by mistake."""
        return self.end == RETURNED or (self.end == TRANSFERRED and not self.has_worked)

    def conclude(self, end: str, at: MomentT) -> None:
        """Let it end, unless it has."""
        if self.end == OPEN:
            self.end, self.ended = end, at


@dataclass(frozen=True, slots=True)
class Parts(Generic[SpanT]):
    """Whose the time of a case was."""

    verification: SpanT
    misrouted: SpanT
    reporter: SpanT
    handling: SpanT


class Holding(Generic[MomentT, SpanT]):
    """Follows a report from its receipt.

    ``outcome`` and ``ended`` are those of its case: the first answer that lasted stays, whatever follows
    (``is_settled``). ``rests_since`` is since when nobody owes anything now, ``rest`` the time after an answer or an
    end that was followed by more. ``is_reopened`` says that an answer did not last, ``was_answered`` that there ever
    was one.
    """

    def __init__(self, start: MomentT, measure: Measure[MomentT, SpanT]) -> None:
        self._measure = measure
        self._last = start
        self.turns: list[Turn[MomentT, SpanT]] = []
        self._holder: Turn[MomentT, SpanT] | None = None
        self._was_returned = False
        self.state = states.NEW
        self.outcome = OPEN
        self.ended: MomentT | None = None
        self.rests_since: MomentT | None = None
        self._settled: Parts[SpanT] | None = None
        self.n_returns = 0
        self.is_reopened = self.was_answered = False
        self.verification = self.reporter = self.rest = self._astray = self._resting = measure.nothing

    @property
    def last(self) -> MomentT:
        """When the last thing happened."""
        return self._last

    @property
    def misrouted(self) -> SpanT:
        """Time with agencies that had it by mistake, and until the next one got it."""
        return self._add_up(self._astray, is_misrouted=True)

    @property
    def handling(self) -> SpanT:
        """Time of agencies that had it rightly."""
        return self._add_up(self._measure.nothing, is_misrouted=False)

    @property
    def is_settled(self) -> bool:
        """Whether it was reopened after an answer that had lasted."""
        return self._settled is not None

    @property
    def parts(self) -> Parts[SpanT]:
        """The time of its case: up to the answer that lasted, where it was reopened after one."""
        return self._settled or Parts(self.verification, self.misrouted, self.reporter, self.handling)

    def find_running(self) -> Turn[MomentT, SpanT] | None:
        """The turn whose time runs on, None where none does or the reporter is asked."""
        holder = self._holder
        return holder if holder is not None and holder.end == OPEN and self.state != states.ASKED else None

    def take(self, happening: Happening[MomentT]) -> None:
        """Take in the next thing that moved it."""
        self.pass_until(happening.at)
        at = self._last
        if happening.type == states.RETURNED:
            self._give_back(at)
        elif happening.type in {states.DISPOSED, ROUTED}:
            self._hand_to(happening.agency or "", at)
        elif happening.type == states.REOPENED:
            self._reopen(at)
        elif happening.type in _WORK and self._holder is not None:
            self._holder.has_worked = True
        self.state = happening.state
        self._note_end(at)

    def erase(self, at: MomentT) -> None:
        """Text and reporter are gone; what was open is over."""
        if self.rests_since is not None:
            return
        self.pass_until(at)
        self.rests_since = self._last
        if self.outcome == OPEN:
            self.outcome, self.ended = ERASED, self._last
        if self._holder is not None:
            self._holder.conclude(ERASED, self._last)

    def pass_until(self, at: MomentT) -> None:
        """Let time pass."""
        # History that was imported may be out of order.
        until = max(at, self._last)
        span = self._measure.between(self._last, until)
        self._last = until
        add = self._measure.add
        if self.state in states.RESTING:
            self._resting = add(self._resting, span)
        elif self.state == states.ASKED:
            self.reporter = add(self.reporter, span)
        elif self._holder is not None:
            self._holder.length = add(self._holder.length, span)
        elif self._was_returned:
            self._astray = add(self._astray, span)
        else:
            self.verification = add(self.verification, span)

    def _add_up(self, total: SpanT, *, is_misrouted: bool) -> SpanT:
        for turn in self.turns:
            if turn.is_misrouted == is_misrouted:
                total = self._measure.add(total, turn.length)
        return total

    def _give_back(self, at: MomentT) -> None:
        self.n_returns += 1
        if self._holder is not None:
            self._holder.conclude(RETURNED, at)
        self._holder, self._was_returned = None, True

    def _hand_to(self, agency: str, at: MomentT) -> None:
        if self._holder is not None:
            if self._holder.agency == agency:
                return
            self._holder.conclude(TRANSFERRED, at)
        self._was_returned = False
        self._begin(agency, at)

    def _begin(self, agency: str, at: MomentT, *, has_worked: bool = False) -> None:
        self._holder = Turn(agency, at, self._measure.nothing, has_worked=has_worked)
        self.turns.append(self._holder)

    def _reopen(self, at: MomentT) -> None:
        self.rest, self._resting = self._measure.add(self.rest, self._resting), self._measure.nothing
        if self.outcome == ANSWERED and self.ended is not None and not self.is_settled:
            if self._measure.lasts(self.ended, at):
                self._settled = self.parts
            else:
                self.is_reopened = True
        turn = self._holder
        if turn is None or turn.ended is None:
            return
        if turn.end == ANSWERED and not self._measure.lasts(turn.ended, at):
            turn.end, turn.ended = OPEN, None
        else:
            # Who worked on it before did not get it by mistake.
            self._begin(turn.agency, at, has_worked=turn.has_worked)

    def _note_end(self, at: MomentT) -> None:
        if self.state not in states.RESTING:
            self.rests_since = None
            if not self.is_settled:
                self.outcome, self.ended = OPEN, None
            return
        if self.rests_since is None:
            self.rests_since = at
        self.was_answered = self.was_answered or _END_OF[self.state] == ANSWERED
        if self.outcome == OPEN:
            self.outcome, self.ended = _END_OF[self.state], at
        if self._holder is not None:
            self._holder.conclude(_END_OF[self.state], at)
