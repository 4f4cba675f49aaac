"""The shapes of what is counted: the record of a report as far as figures need it, its case, its stints.

A field of `Case` and `Stint` is a column of their table. Days are local.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

# What a label or a route rests on.
PERSON: Final = "person"
AUTO: Final = "auto"
SUGGEST: Final = "suggest"


@dataclass(frozen=True, slots=True)
class DayOf:
    """What moved a report as figures see it, on a day; ``state`` is the one after it."""

    type: str
    at: date
    agency: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the fold needs of one report: labels as they stand, with an empty string for none.

    ``happenings`` begin with where it lay because it was routed alone. ``clock_day`` is the end of the clock that ran
    last; without a clock (``has_clock`` False, as of imported history) ``n_days`` are allowed. ``is_truncated`` says
    that it was imported with nothing but its receipt: what happened before it was stored is not known.
    """

    feedback_id: str
    day: date
    stored_day: date
    erased_day: date | None
    kind: str
    agency: str
    topic: str
    urgency: str
    aspect: str
    about: str
    district: str
    topic_basis: str
    agency_basis: str
    bundle: str
    channel: str
    rating: int | None
    restriction: str
    is_truncated: bool
    is_waiting: bool
    is_due: bool
    has_clock: bool
    clock_day: date | None
    n_days: int | None
    has_happened: bool
    happenings: Sequence[DayOf]


@dataclass(frozen=True, slots=True)
class Stint:
    """The time of one agency with one case.

    ``days`` are working days of its own part, up to the last event while it is open. An open one adds each working day
    after ``runs_from``, None once it ended and while the reporter is asked.
    """

    feedback_id: str
    number: int
    agency: str
    started_day: date
    ended_day: date | None
    end: str
    days: int
    runs_from: date | None
    kind: str
    topic: str
    urgency: str
    restriction: str


@dataclass(frozen=True, slots=True)
class Case:
    """What figures need to know of one report. Parts in working days, up to the last event while it is open."""

    feedback_id: str
    day: date
    seen_day: date
    kind: str
    agency: str
    topic: str
    urgency: str
    aspect: str
    about: str
    district: str
    topic_basis: str
    agency_basis: str
    bundle: str
    channel: str
    rating: int | None
    restriction: str
    outcome: str
    is_waiting: bool
    answered_day: date | None
    ended_day: date | None
    last_day: date
    n_returns: int
    is_misrouted: bool
    is_reopened: bool
    kept_deadline: bool | None
    due_day: date | None
    is_due: bool
    verification_days: int
    misrouted_days: int
    reporter_days: int
    handling_days: int
    answer_days: int | None
