"""What one case adds to the cells: pure, so that what was counted can be taken out again.

A row of a cell is named by its table and key; its counts are in the order of the columns. Of a sheet the last part of
the key is the code of the line.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from service.cases.case import AUTO, PERSON, Case, Stint
from service.cases.sheets import (
    ANSWER,
    HANDLING,
    MISROUTED,
    REPORTER,
    STINT,
    VERIFICATION,
    code_length,
    code_stratum,
)
from service.handling import clock
from service.handling.holding import ANSWERED, ARCHIVED, ERASED, OPEN, REJECTED

DAY: Final = "day"
WEEK: Final = "week"
MONTH: Final = "month"
ALL: Final = "all"
AGENCY: Final = "agency"
TOPIC: Final = "topic"
DISTRICT: Final = "district"
ABOUT: Final = "about"
# All topics together, so that a series of all reports is not summed from those of sixty topics.
EVERY_TOPIC: Final = "*"
# The clock that runs, where it ends when the answer is due; it alone; and the day of an answer without such a clock.
DUE: Final = "due"
CLOCK: Final = "clock"
OWED: Final = "owed"
OWED_THERE: Final = "owed_there"
WAITING: Final = "waiting"
_SATISFIED: Final = 4

Key = tuple[str | date | int, ...]


class Share(NamedTuple):
    """What a case adds to one row of a cell."""

    table: str
    key: Key
    counts: tuple[int, ...]


def count(case: Case, stints: Sequence[Stint]) -> Iterator[Share]:
    """All that a case and its stints add."""
    yield from _count_series(case)
    yield from _count_outcomes(case)
    yield from _count_deadlines(case, _liable_agency(case, stints))
    yield from _count_mix(case, stints)
    yield from _count_lengths(case, stints)
    yield from _count_open(case, stints)
    yield from _count_due(case, _liable_agency(case, stints))
    yield from _count_aspects(case)
    yield from _count_urgency(case)
    yield Share("cell_bundle", (month_of(case.day), case.bundle, case.restriction), (1,))


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def _answerable_agency(case: Case) -> str:
    """The agency where a case lies or where a person said it belongs; empty for one that is merely suggested."""
    return case.agency if case.agency_basis in {PERSON, AUTO} else ""


def _liable_agency(case: Case, stints: Sequence[Stint]) -> str:
    """The agency that owes the answer; empty where none ever had the report, and triage owes it."""
    return _answerable_agency(case) if stints else ""


def _list_scopes(case: Case) -> list[tuple[str, str]]:
    """For whom a case counts; for an agency only where it lies there or a person said so."""
    scopes = [(ALL, "")]
    if agency := _answerable_agency(case):
        scopes.append((AGENCY, agency))
    if case.district:
        scopes.append((DISTRICT, case.district))
    return scopes


def _count_series(case: Case) -> Iterator[Share]:
    grains = ((DAY, case.day), (WEEK, week_of(case.day)), (MONTH, month_of(case.day)))
    rest = (case.topic_basis, case.bundle, case.restriction)
    for scope, key in _list_scopes(case):
        # So few reports of one topic come from one district on a day that nobody asks, and such cells would be most.
        for grain, day in grains[1:] if scope == DISTRICT else grains:
            for topic in (case.topic, EVERY_TOPIC):
                yield Share("cell_series", (scope, key, grain, topic, day, *rest), (1,))


def _count_outcomes(case: Case) -> Iterator[Share]:
    scopes = _list_scopes(case)
    if case.topic:
        scopes.append((TOPIC, case.topic))
    outcomes = tuple(int(case.outcome == outcome) for outcome in (OPEN, ANSWERED, REJECTED, ARCHIVED, ERASED))
    rating = case.rating
    rated = (0, 0) if rating is None else (1, int(rating >= _SATISFIED))
    marks = (int(case.is_misrouted), int(case.was_answered), int(case.is_reopened))
    for scope, key in scopes:
        for grain, first in ((WEEK, week_of), (MONTH, month_of)):
            place = (scope, grain, first(case.day), key, case.kind, case.restriction)
            yield Share("cell_count", place, (1, *outcomes, 0, 0, *marks, *rated))


def _count_deadlines(case: Case, agency: str) -> Iterator[Share]:
    """Whether a deadline was kept: by when it fell, and not when the case began."""
    if case.kept_deadline is None or case.due_day is None:
        return
    scopes = [(ALL, ""), (AGENCY, agency), (DISTRICT, case.district), (TOPIC, case.topic)]
    judged = (0, 0, 0, 0, 0, 0, 1, int(case.kept_deadline), 0, 0, 0, 0, 0)
    for scope, key in scopes:
        for grain, first in ((WEEK, week_of), (MONTH, month_of)):
            if scope == ALL or key:
                place = (scope, grain, first(case.due_day), key, case.kind, case.restriction)
                yield Share("cell_count", place, judged)
    if case.kept_deadline:
        # By day, since one that is not over yet counts for nothing: of these there are only kept ones.
        stratum = (case.kind, case.topic, case.urgency)
        yield Share("cell_kept", (case.due_day, AGENCY, agency, *stratum, case.restriction), (1,))
        if case.district:
            yield Share("cell_kept", (case.due_day, DISTRICT, case.district, case.kind, "", "", case.restriction), (1,))


def _count_mix(case: Case, stints: Sequence[Stint]) -> Iterator[Share]:
    stratum = (case.kind, case.topic, case.urgency)
    code = code_stratum(*stratum)
    agency = _liable_agency(case, stints)
    if case.kept_deadline is not None and case.due_day is not None and agency:
        yield Share("cell_stratum", (code, *stratum), (1,))
        place = (month_of(case.due_day), agency, case.restriction, code)
        yield Share("sheet_mix", place, (0, 0, 1, int(case.kept_deadline)))
    for one in stints:
        if one.end not in {OPEN, ERASED}:
            yield Share("cell_stratum", (code, *stratum), (1,))
            place = (month_of(one.started_day), one.agency, case.restriction, code)
            yield Share("sheet_mix", place, (1, int(one.is_misrouted), 0, 0))


def _count_lengths(case: Case, stints: Sequence[Stint]) -> Iterator[Share]:
    for one in stints:
        # One that runs on is counted by when it began, up to the present when somebody asks.
        if one.runs_from is None:
            yield from _length(case, AGENCY, one.agency, STINT, one.started_day, one.end, one.days)
    if case.answer_days is None or case.seen_day != case.day:
        return
    for scope, key in _list_answerable(case):
        yield from _length(case, scope, key, ANSWER, case.day, case.outcome, case.answer_days)
    parts = (
        (VERIFICATION, case.verification_days),
        (MISROUTED, case.misrouted_days),
        (REPORTER, case.reporter_days),
        (HANDLING, case.handling_days),
    )
    for scope, key in _list_scopes(case):
        if scope != DISTRICT:
            for part, n_days in parts:
                yield from _length(case, scope, key, part, case.day, "", n_days)


def _length(case: Case, scope: str, key: str, part: str, day: date, end: str, n_days: int) -> Iterator[Share]:
    code = code_length(part, end, n_days)
    for kind in dict.fromkeys(("", case.kind)):
        yield Share("sheet_length", (scope, kind, month_of(day), key, case.restriction, code), (1,))


def _count_open(case: Case, stints: Sequence[Stint]) -> Iterator[Share]:
    rest = (case.kind, "", "", case.restriction)
    for one in stints:
        if one.runs_from is not None:
            yield Share("cell_open", (STINT, month_of(one.started_day), one.runs_from, one.agency, *rest), (1,))
    if case.outcome != OPEN:
        return
    month = month_of(case.day)
    if case.is_waiting:
        yield Share("cell_open", (WAITING, month, case.day, _answerable_agency(case), *rest), (1,))
    if case.seen_day == case.day:
        for scope, key in _list_answerable(case):
            yield Share("cell_open", (scope, month, case.day, key, *rest), (1,))


def _count_due(case: Case, agency: str) -> Iterator[Share]:
    """The clock that runs, and when the answer is due: mostly one day, and then one row.

    The clock of verification is triage's, and after a late reopening the answer was given already.
    """
    month = month_of(case.day)
    stratum = (case.kind, case.topic, case.urgency, case.restriction)
    is_owed = case.outcome == OPEN and case.due_day is not None
    is_one = is_owed and case.clock == clock.HANDLING
    if case.runs_to is not None:
        key = agency if case.clock == clock.HANDLING else ""
        yield Share("cell_open", (DUE if is_one else CLOCK, month, case.runs_to, key, *stratum), (1,))
    if is_owed and case.due_day is not None:
        if not is_one:
            yield Share("cell_open", (OWED, month, case.due_day, agency, *stratum), (1,))
        if case.district:
            place = (OWED_THERE, month, case.due_day, case.district, case.kind, "", "", case.restriction)
            yield Share("cell_open", place, (1,))


def _list_answerable(case: Case) -> list[tuple[str, str]]:
    """By what times to an answer are kept."""
    scopes = ((ALL, ""), (TOPIC, case.topic), (DISTRICT, case.district))
    return [(scope, key) for scope, key in scopes if scope == ALL or key]


def _count_aspects(case: Case) -> Iterator[Share]:
    for scope, key in ((ABOUT, case.about), (AGENCY, _answerable_agency(case))):
        if key:
            place = (scope, month_of(case.day), key, case.aspect, case.kind, case.restriction)
            yield Share("cell_aspect", place, (1,))


def _count_urgency(case: Case) -> Iterator[Share]:
    for scope, key in _list_scopes(case):
        if scope != DISTRICT:
            yield Share("cell_urgency", (scope, key, case.day, case.kind, case.urgency, case.restriction), (1,))
