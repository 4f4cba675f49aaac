"""Folds the record of a report into its case and stints. Pure: the working days are given."""

from datetime import date

from service.cases.case import Case, Facts, Stint
from service.handling.holding import ANSWERED, OPEN, Holding
from service.handling.workdays import WorkingDays


def fold(facts: Facts, working_days: WorkingDays) -> tuple[Case, tuple[Stint, ...]]:
    """The case and stints of a report, as its record stands."""
    seen_day = max(facts.day, facts.stored_day) if facts.is_truncated else facts.day
    holding: Holding[date, int] = Holding(seen_day, working_days)
    for happening in facts.happenings:
        holding.take(happening)
    if facts.erased_day is not None:
        holding.erase(facts.erased_day)
    return _describe(facts, seen_day, holding, working_days), _list_stints(facts, holding, working_days)


def _describe(facts: Facts, seen_day: date, holding: Holding[date, int], working_days: WorkingDays) -> Case:
    ended_day = holding.ended
    due_day = _find_due_day(facts, working_days)
    is_answered = holding.outcome == ANSWERED and ended_day is not None
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
        answered_day=ended_day if is_answered else None,
        ended_day=ended_day,
        last_day=holding.last,
        n_returns=holding.n_returns,
        is_misrouted=any(turn.is_misrouted for turn in holding.turns),
        is_reopened=holding.is_reopened,
        kept_deadline=ended_day <= due_day if is_answered and ended_day and due_day else None,
        due_day=due_day,
        is_due=facts.is_due and holding.outcome == OPEN,
        verification_days=holding.verification,
        misrouted_days=holding.misrouted,
        reporter_days=holding.reporter,
        handling_days=holding.handling,
        answer_days=working_days.between(seen_day, ended_day) if ended_day is not None else None,
    )


def _find_due_day(facts: Facts, working_days: WorkingDays) -> date | None:
    if facts.has_clock:
        return facts.clock_day
    return working_days.after(facts.day, facts.n_days) if facts.n_days is not None and facts.has_happened else None


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
            runs_from=working_days.after(holding.last, -turn.length) if turn is running else None,
            kind=facts.kind,
            topic=facts.topic,
            urgency=facts.urgency,
            restriction=facts.restriction,
        )
        for number, turn in enumerate(holding.turns, start=1)
    )
