"""Folds the record of a report into its case and stints. Pure: the working days are given."""

from datetime import date, timedelta
from typing import Final

from service.cases.case import Case, Clocked, DayOf, Facts, Stint
from service.handling.clock import HANDLING, VERIFICATION
from service.handling.holding import ANSWERED, Holding
from service.handling.states import ASKED
from service.handling.workdays import WorkingDays

_ONE_DAY: Final = timedelta(days=1)


def fold(facts: Facts, working_days: WorkingDays) -> tuple[Case, tuple[Stint, ...]]:
    """The case and stints of a report, as its record stands."""
    seen_day = max(facts.day, facts.stored_day) if facts.is_truncated else facts.day
    holding: Holding[date, int] = Holding(seen_day, working_days)
    due = _Due(facts, working_days)
    for happening in facts.happenings:
        was_settled = holding.is_settled
        holding.take(happening)
        if holding.is_settled and not was_settled:
            due.settle(happening.clock)
        due.take(happening)
    if facts.erased_day is not None:
        holding.erase(facts.erased_day)
    return _describe(facts, seen_day, holding, due.find(), working_days), _list_stints(facts, holding, working_days)


class _Due:
    """Until when a report had to be answered: by its clock of handling, else by what its kind allows from the receipt.

    What nobody verified, disposed of or took up has none of handling. Days on which the reporter was asked do not
    count; asking after the last day changes nothing, as with clocks.
    """

    def __init__(self, facts: Facts, working_days: WorkingDays) -> None:
        self._facts, self._working_days = facts, working_days
        self._asked: date | None = None
        self._latest = facts.day
        self._is_settled = False
        self._settled: date | None = None
        is_counted = facts.n_days is not None and (facts.clock is not None or facts.has_happened)
        self._without_clock = working_days.after(facts.day, facts.n_days or 0) if is_counted else None

    def take(self, happening: DayOf) -> None:
        """Take in the next thing that moved the report."""
        self._latest = max(self._latest, happening.at)
        if happening.state == ASKED:
            self._asked = self._asked or self._latest
        elif self._asked is not None:
            self._extend(self._asked, self._latest)
            self._asked = None

    def settle(self, clock: Clocked | None) -> None:
        """Keep the deadline of the answer that lasted; ``clock`` is the one that had run until then."""
        self._is_settled, self._settled = True, self._find(clock)

    def find(self) -> date | None:
        """The last day; None where there is no deadline, and while the reporter is asked."""
        return self._settled if self._is_settled else self._find(self._facts.clock)

    def _find(self, clock: Clocked | None) -> date | None:
        if clock is not None and clock.is_handling:
            return clock.due_day
        is_stopped = self._asked is not None and self._without_clock is not None and self._asked <= self._without_clock
        return None if is_stopped else self._without_clock

    def _extend(self, asked: date, completed: date) -> None:
        due = self._without_clock
        if due is not None and asked <= due:
            # As with clocks, a day counts when nobody waited for the reporter at its end.
            n_days = self._working_days.between(asked - _ONE_DAY, completed - _ONE_DAY)
            self._without_clock = self._working_days.after(due, n_days)


def _describe(
    facts: Facts, seen_day: date, holding: Holding[date, int], due_day: date | None, working_days: WorkingDays
) -> Case:
    ended_day, parts = holding.ended, holding.parts
    return Case(
        feedback_id=facts.feedback_id,
        day=facts.day,
        seen_day=seen_day,
        kind=facts.kind,
        agency=facts.agency,
        topic=facts.topic,
        urgency=facts.urgency,
        aspect=facts.aspect,
        about=facts.about,
        district=facts.district,
        topic_basis=facts.topic_basis,
        agency_basis=facts.agency_basis,
        bundle=facts.bundle,
        channel=facts.channel,
        rating=facts.rating,
        restriction=facts.restriction,
        outcome=holding.outcome,
        is_waiting=facts.is_waiting,
        answered_day=ended_day if holding.outcome == ANSWERED else None,
        ended_day=ended_day,
        last_day=holding.last,
        n_returns=holding.n_returns,
        is_misrouted=any(turn.is_misrouted for turn in holding.turns),
        was_answered=holding.was_answered,
        is_reopened=holding.is_reopened,
        kept_deadline=_judge(holding.outcome, ended_day, due_day),
        due_day=due_day,
        clock=_name_clock(facts, holding),
        runs_to=facts.runs_to if holding.rests_since is None else None,
        verification_days=parts.verification,
        misrouted_days=parts.misrouted,
        reporter_days=parts.reporter,
        handling_days=parts.handling,
        answer_days=working_days.between(seen_day, ended_day) if ended_day is not None else None,
    )


def _judge(outcome: str, ended_day: date | None, due_day: date | None) -> bool | None:
    """Whether a deadline was kept; one that passed before the case ended otherwise was not."""
    if ended_day is None or due_day is None:
        return None
    if ended_day > due_day:
        return False
    return True if outcome == ANSWERED else None


def _name_clock(facts: Facts, holding: Holding[date, int]) -> str:
    if facts.runs_to is None or facts.clock is None or holding.rests_since is not None:
        return ""
    return HANDLING if facts.clock.is_handling else VERIFICATION


def _list_stints(facts: Facts, holding: Holding[date, int], working_days: WorkingDays) -> tuple[Stint, ...]:
    running = holding.find_running()
    return tuple(
        Stint(
            feedback_id=facts.feedback_id,
            number=number,
            agency=turn.agency,
            started_day=turn.started,
            ended_day=turn.ended,
            end=turn.end,
            days=turn.length,
            is_misrouted=turn.is_misrouted,
            runs_from=working_days.after(holding.last, -turn.length) if turn is running else None,
            kind=facts.kind,
            topic=facts.topic,
            urgency=facts.urgency,
            restriction=facts.restriction,
        )
        for number, turn in enumerate(holding.turns, start=1)
    )
