"""Drift: whether what came in last differs from the months before, sign by sign, and what may explain it.

A look is at whole weeks up to a Sunday, so that whoever asks within one week asks about the same reports: 52 looks a
year share the budget of false alarms, however often they are asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from sqlalchemy import Connection

from service.callers import Caller
from service.figures.drift import BUDGET_PER_YEAR, MINIMUM_REPORTS, Sign, share_budget
from service.statistics.asking import Answer, Period
from service.statistics.drift_signs import ACROSS, SIGNS, Compared, Moved, compare
from service.statistics.drift_sums import Sums, count_weeks, read_sums
from service.statistics.marks import list_marks
from service.watching.counting import find_week

LOOKS_PER_YEAR: Final = 52
# The first of these that holds enough reports is looked at: a small city looks at more weeks, never at what it says.
WEEKS: Final = (4, 8, 13)
REFERENCE_WEEKS: Final = 26
_WEEK: Final = timedelta(weeks=1)
_DAY: Final = timedelta(days=1)
_EVENT: Final = "kejadian"
_REORGANISATION: Final = "reorganisasi"
State = Literal["alarm", "known_event", "other_bundle", "calm", "too_little_data"]
Verdict = Literal["alarm", "known_event", "calm", "partly_judged", "too_little_data"]


@dataclass(frozen=True, slots=True)
class Event:
    """A mark that may explain a change."""

    id: str
    day: date
    until: date | None
    type: str
    title: str


@dataclass(frozen=True, slots=True)
class DriftSign:
    """One sign of one head.

    ``change`` counts from ``relevant`` on, and only with a ``p`` up to the threshold of the answer. ``bundle`` is the
    one whose answers are compared, None where those of several are. ``labels`` are those that moved most.
    """

    sign: str
    head: str
    state: State
    n: int
    n_reference: int
    change: float | None
    relevant: float
    p: float | None
    bundle: str | None
    labels: tuple[Moved, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift(Answer):
    """A look: ``period`` beside ``reference``.

    ``verdict`` is an alarm with one sign that alarms, and calm only when every sign could be judged.
    """

    verdict: Verdict
    reference: Period
    bundle: str | None
    threshold: float
    looks_per_year: int
    budget_per_year: float
    events: tuple[Event, ...]
    signs: tuple[DriftSign, ...]


def drift(connection: Connection, caller: Caller, today: date) -> Drift:
    """The look of the last whole weeks before ``today``; restricted reports are left out for everybody."""
    period, reference = _choose(connection, find_week(today))
    found = read_sums(connection, period, reference)
    bundles = _order_bundles(found)
    events = tuple(_list_events(connection, period, reference))
    threshold = share_budget(LOOKS_PER_YEAR, len(SIGNS))
    signs = tuple(
        _tell(compared, shows_labels=caller.agency is None)
        for compared in compare(found, bundles[0] if bundles else None, threshold, is_known=bool(events))
    )
    return Drift(
        definition="drift",
        period=period,
        n=sum(one.n for one in found if one.is_now and one.head == SIGNS[0].head),
        bundles=tuple(bundles),
        verdict=_judge([sign.state for sign in signs]),
        reference=reference,
        bundle=bundles[0] if bundles else None,
        threshold=threshold,
        looks_per_year=LOOKS_PER_YEAR,
        budget_per_year=BUDGET_PER_YEAR,
        events=events,
        signs=signs,
    )


def _choose(connection: Connection, monday: date) -> tuple[Period, Period]:
    """What is looked at, and the half year before it."""
    counts = count_weeks(connection, Period(monday - WEEKS[-1] * _WEEK, monday - _DAY))
    n_weeks = next(
        (n for n in WEEKS if sum(counts.get(monday - k * _WEEK, 0) for k in range(1, n + 1)) >= MINIMUM_REPORTS),
        WEEKS[-1],
    )
    start = monday - n_weeks * _WEEK
    return Period(start, monday - _DAY), Period(start - REFERENCE_WEEKS * _WEEK, start - _DAY)


def _order_bundles(found: Iterable[Sums]) -> list[str]:
    """The bundles that answered lately, the one of most reports first."""
    counts: dict[str, int] = {}
    for one in found:
        if one.is_now:
            counts[one.bundle] = counts.get(one.bundle, 0) + one.n
    return sorted(counts, key=lambda bundle: (-counts[bundle], bundle))


def _list_events(connection: Connection, period: Period, reference: Period) -> Iterator[Event]:
    """Events of the time looked at, and reorganisations since the reference began: before them all was otherwise."""
    for mark in list_marks(connection, Period(reference.start, period.end)):
        lasts = (mark.until or mark.day) >= period.start
        if (mark.type == _EVENT and lasts) or mark.type == _REORGANISATION:
            yield Event(mark.id, mark.day, mark.until, mark.type, mark.title)


def _tell(compared: Compared, *, shows_labels: bool) -> DriftSign:
    sign = compared.sign
    return DriftSign(
        sign=sign.what,
        head=compared.head,
        state=_find_state(sign, compared),
        n=sign.n,
        n_reference=sign.n_reference,
        change=sign.change,
        relevant=compared.relevant,
        p=sign.p,
        bundle=compared.bundle,
        labels=compared.labels if shows_labels else (),
    )


def _find_state(sign: Sign, compared: Compared) -> State:
    if sign.change is None or sign.p is None:
        return "too_little_data"
    if sign.change < compared.relevant or sign.p > sign.threshold:
        return "calm"
    if compared.bundle is None and sign.what in ACROSS:
        return "other_bundle"
    return "known_event" if sign.is_known else "alarm"


def _judge(states: Sequence[State]) -> Verdict:
    if "alarm" in states:
        return "alarm"
    if "known_event" in states:
        return "known_event"
    if all(state == "calm" for state in states):
        return "calm"
    return "too_little_data" if all(state == "too_little_data" for state in states) else "partly_judged"
