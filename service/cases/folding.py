"""Folds the record of a report into its case and stints. Pure: the working days are given."""

from datetime import date

from service.cases.case import ANSWERED, OPEN, Case, Facts, Stint
from service.cases.course import Course
from service.cases.workdays import WorkingDays


def fold(facts: Facts, working_days: WorkingDays) -> tuple[Case, tuple[Stint, ...]]:
    """The case and stints of a report, as its record stands."""
    seen_day = max(facts.day, facts.stored_day) if facts.is_truncated else facts.day
    course = Course(seen_day, facts.sent_to, working_days)
    for happening in facts.happenings:
        course.take(happening)
    if facts.erased_day is not None:
        course.erase(facts.erased_day)
    return _describe(facts, seen_day, course, working_days), _list_stints(facts, course, working_days)


def _describe(facts: Facts, seen_day: date, course: Course, working_days: WorkingDays) -> Case:
    ended_day = course.ended_day
    due_day = _find_due_day(facts, working_days)
    is_answered = course.outcome == ANSWERED and ended_day is not None
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
        outcome=course.outcome,
        is_waiting=facts.is_waiting,
        answered_day=ended_day if is_answered else None,
        ended_day=ended_day,
        last_day=course.last_day,
        n_returns=course.n_returns,
        is_misrouted=any(turn.is_misrouted for turn in course.turns),
        is_reopened=course.is_reopened,
        kept_deadline=ended_day <= due_day if is_answered and ended_day and due_day else None,
        due_day=due_day,
        is_due=facts.is_due and course.outcome == OPEN,
        verification_days=course.verification,
        misrouted_days=course.misrouted,
        reporter_days=course.reporter,
        handling_days=course.handling,
        answer_days=working_days.between(seen_day, ended_day) if ended_day is not None else None,
    )


def _find_due_day(facts: Facts, working_days: WorkingDays) -> date | None:
    if facts.has_clock:
        return facts.clock_day
    return working_days.after(facts.day, facts.n_days) if facts.n_days is not None and facts.happenings else None


def _list_stints(facts: Facts, course: Course, working_days: WorkingDays) -> tuple[Stint, ...]:
    running = course.find_running()
    return tuple(
        Stint(
            feedback_id=facts.feedback_id,
            number=number,
            agency=turn.agency,
            started_day=turn.started_day,
            ended_day=turn.ended_day,
            end=turn.end,
            days=turn.days,
            runs_from=working_days.after(course.last_day, -turn.days) if turn is running else None,
            kind=facts.kind,
            topic=facts.topic,
            urgency=facts.urgency,
            restriction=facts.restriction,
        )
        for number, turn in enumerate(course.turns, start=1)
    )
