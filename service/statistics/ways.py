"""In which ways the stints of each agency ended, and within how many working days: competing ends beside each other."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import Connection

from service.callers import Caller
from service.cases.counting import AGENCY
from service.cases.sheets import STINT
from service.figures.durations import find_incidence, read_histogram
from service.figures.intervals import MINIMUM_N
from service.handling.holding import ANSWERED, ARCHIVED, ERASED, OPEN, REJECTED, RETURNED, TRANSFERRED
from service.handling.holidays import read_calendar
from service.handling.policy import read_policy
from service.handling.workdays import WorkingDays
from service.statistics.asking import Answer, Question, find_reach, list_bundles, order_labels
from service.statistics.lengths import list_endings, read_lengths, read_running

ENDS: Final = (ANSWERED, TRANSFERRED, RETURNED, REJECTED, ARCHIVED, ERASED)
# Most reports are complaints: without a kind asked for, theirs is the clock that is drawn.
_USUAL_KIND: Final = "pengaduan"
# Ages beyond which nothing is drawn.
MOST_DAYS: Final = 60
# Where nobody is open any more a curve is drawn so far beyond the clock.
_BEYOND: Final = 6


@dataclass(frozen=True, slots=True)
class Way:
    """The share of an agency's stints that ended so up to each working day from 0, with its 95 % interval."""

    agency: str
    end: str
    n: int
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways(Answer):
    """All ways of all agencies that have enough stints; ``deadline_days`` is the clock of the kind."""

    deadline_days: int | None
    ways: tuple[Way, ...]


def ways(connection: Connection, caller: Caller, question: Question) -> Ways:
    """How stints that began in the period ended; open ones count as far as they are seen.

    In public there are no curves: their steps tell of single reports.
    """
    reach = find_reach(caller, is_public=question.is_public)
    period = question.period.widen()
    working_days = WorkingDays(read_calendar(connection))
    found = {}
    if not reach.is_public:
        running = read_running(connection, reach, STINT, period, question.today, working_days, question.kind)
        lengths = read_lengths(connection, reach, AGENCY, (STINT,), period, question.kind)
        found = list_endings(lengths, STINT, running)
    deadline_days = read_policy(connection).days_of(question.kind or _USUAL_KIND)
    n_days = (deadline_days or 0) + _BEYOND
    told = [way for agency in order_labels(AGENCY, found) if agency for way in _follow(agency, found[agency], n_days)]
    n = sum({way.agency: way.n for way in told}.values())
    return Ways(
        definition="ways",
        period=period,
        n=n,
        bundles=list_bundles(connection, reach, period),
        suppressed=reach.is_public,
        deadline_days=deadline_days,
        ways=tuple(told),
    )


def _follow(agency: str, lengths: dict[str, dict[int, int]], least_days: int) -> list[Way]:
    """The ways of one agency; where none is open any more, up to ``least_days`` at least."""
    ends = [end for end in ENDS if lengths.get(end)]
    n_days = max((day for counts in lengths.values() for day in counts), default=0) + 1
    n_days = n_days if lengths.get(OPEN) else max(n_days, least_days)
    events, waiting = np.zeros((max(len(ends), 1), n_days)), np.zeros(n_days)
    for row, end in enumerate(ends):
        for day, n in lengths[end].items():
            events[row, day] = n
    for day, n in lengths.get(OPEN, {}).items():
        waiting[day] = n
    counts = read_histogram(events, waiting)
    if counts.n < MINIMUM_N:
        return []
    told = []
    for row, end in enumerate(ends):
        course = find_incidence(counts, row)
        share, low, high = (
            tuple(float(value) for value in values[: MOST_DAYS + 1])
            for values in (course.value, course.low, course.high)
        )
        told.append(Way(agency, end, counts.n, share, low, high))
    return told
