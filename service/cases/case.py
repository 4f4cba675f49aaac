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
class Clocked:
    """A clock as figures see it: whether it is the one of handling, and the day it ends on."""

    is_handling: bool
    due_day: date | None


@dataclass(frozen=True, slots=True)
class DayOf:
    """What moved a report as figures see it, on a day; ``state`` is the one after it.

    Where it was reopened, ``clock`` is the one that had run until then.
    """

    type: str
    at: date
    agency: str | None
    state: str
    clock: Clocked | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the fold needs of one report: labels as they stand, with an empty string for none.

    ``happenings`` begin with where it lay because it was routed alone. ``clock`` is the one that ran last, None of
    imported history; ``n_days`` are what its kind allows from the receipt, where no clock of handling says it.
    ``runs_to`` is when the clock that runs now ends. ``is_truncated`` says that it was imported with nothing but its
    receipt: what happened before it was stored is not known.
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
    runs_to: date | None
    clock: Clocked | None
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
    is_misrouted: bool
    runs_from: date | None
    kind: str
    topic: str
    urgency: str
    restriction: str


@dataclass(frozen=True, slots=True)
class Case:
    """What figures need to know of one report. Parts in working days, up to the last event while it is open.

    ``due_day`` is when it had to be answered, ``kept_deadline`` whether it was: None while it is open, and where it
    ended otherwise before that day. ``clock`` is the purpose of the clock that runs now up to ``runs_to``.
    """

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
    was_answered: bool
    is_reopened: bool
    kept_deadline: bool | None
    due_day: date | None
    clock: str
    runs_to: date | None
    verification_days: int
    misrouted_days: int
    reporter_days: int
    handling_days: int
    answer_days: int | None
