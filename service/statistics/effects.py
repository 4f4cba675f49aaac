"""What changed at a mark: one measure, week by week, before and after it, beside what it did not touch.

Window and measure are fixed beforehand: two years before the mark and two after, nothing chosen by its result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from service import tables
from service.callers import Caller
from service.cases.counting import AGENCY, ALL, EVERY_TOPIC, TOPIC, WEEK, week_of
from service.figures.effect import Effect, Estimate, estimate_effect
from service.handling.clock import local_day
from service.statistics.asking import Answer, Period, Reach, find_reach, list_bundles
from service.statistics.judging import sum_missed_by_week
from service.statistics.marks import Mark, find_mark
from service.statistics.series import Filter, list_days, sum_series

Measure = Literal["reports", "kept", "answered", "misrouted", "reopened", "satisfied"]
WEEKS: Final = 104
WEEKS_PER_YEAR: Final = 52
_A_WEEK: Final = timedelta(days=7)
# Hits and tries of a share.
_SHARES: Final = {
    "kept": ("n_kept", "n_judged"),
    "answered": ("n_answered", "n"),
    "misrouted": ("n_misrouted", "n"),
    "reopened": ("n_reopened", "n_ever_answered"),
    "satisfied": ("n_satisfied", "n_rated"),
}
# So many weeks at the end are left out, since what began in them is mostly not over: the longest clock is 60 working
# days, and an answer lasts when ten more have passed.
_UNRIPE: Final[Mapping[Measure, int]] = {"answered": 12, "satisfied": 12, "reopened": 14, "misrouted": 4}
# With more weeks without any try the rest tells too little of the course.
_MOST_EMPTY: Final = 0.2


@dataclass(frozen=True, slots=True)
class EffectPoint:
    """One week: the measure, the fitted course, and the earlier course continued (None before the mark)."""

    day: date
    value: float | None
    control: float | None
    fitted: float | None
    counterfactual: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectAnswer(Answer):
    """What changed; ``verdict`` is rose, fell, no_change_seen or too_short ("belum dapat disimpulkan").

    ``scale`` is ``log`` where numbers of unlike size are compared with a control: effects are then differences of
    logarithms, and fitted courses those of the difference. ``is_wider`` says that the mark has a topic and an agency,
    and the measure is of all topics of the agency.
    """

    mark: Mark
    measure: Measure
    scale: Literal["plain", "log"]
    is_share: bool
    is_wider: bool
    verdict: str
    mean: Estimate | None
    level: Estimate | None
    slope: Estimate | None
    n_before: int
    n_after: int
    has_season: bool
    has_control: bool
    points: tuple[EffectPoint, ...]


def effect(
    connection: Connection, caller: Caller, mark_id: str, measure: Measure, now: datetime
) -> EffectAnswer | None:
    """What changed at a mark; None where there is none, or it is not for who asks.

    Shares are kept by agency or by topic: of a mark with both they are those of the agency.
    """
    reach = find_reach(caller)
    mark = find_mark(connection, mark_id)
    if mark is None or (reach.agency is not None and mark.agency not in {None, reach.agency}):
        return None
    weeks = _list_weeks(connection, mark, measure, now)
    period = Period(weeks[0], weeks[-1] + _A_WEEK - timedelta(days=1)) if weeks else Period(mark.day, mark.day)
    values, n = _read(connection, reach, measure, weeks, (reach.agency or mark.agency, mark.topic))
    has_control = (mark.control_agency or mark.control_topic) is not None and reach.agency is None
    control = None
    if has_control:
        control, _ = _read(connection, reach, measure, weeks, (mark.control_agency, mark.control_topic))
    is_log = measure == "reports" and control is not None
    found = _estimate(weeks, mark, _scale(values, is_log=is_log), _scale(control, is_log=is_log))
    return EffectAnswer(
        definition=f"effect-{measure}",
        period=period,
        n=n,
        bundles=list_bundles(connection, reach, period),
        mark=mark,
        measure=measure,
        scale="log" if is_log else "plain",
        is_share=measure != "reports",
        is_wider=measure != "reports" and mark.topic is not None and (reach.agency or mark.agency) is not None,
        verdict=found.verdict,
        mean=found.mean,
        level=found.level,
        slope=found.slope,
        n_before=found.n_before,
        n_after=found.n_after,
        has_season=found.has_season,
        has_control=found.has_control,
        points=_draw(weeks, values, control, found),
    )


def _list_weeks(connection: Connection, mark: Mark, measure: Measure, now: datetime) -> list[date]:
    """Whole weeks around a mark: from the first that the store knows, up to the last whose reports are mostly over."""
    known = connection.execute(select(func.min(tables.feedback_case.c.day))).scalar()
    first = week_of(mark.day) - WEEKS * _A_WEEK
    if known is not None:
        # The first week is not whole.
        first = max(first, week_of(known) + _A_WEEK)
    last = min(
        week_of(mark.until or mark.day) + WEEKS * _A_WEEK,
        week_of(local_day(now)) - _A_WEEK * (1 + _UNRIPE.get(measure, 0)),
    )
    return list_days(Period(first, last), WEEK) if last >= first else []


def _read(
    connection: Connection, reach: Reach, measure: Measure, weeks: list[date], of: tuple[str | None, str | None]
) -> tuple[NDArray[np.float64], int]:
    """The measure by week, nan where nothing was tried, and how many reports it rests on."""
    if not weeks:
        return np.zeros(0), 0
    agency, topic = of
    period = Period(weeks[0], weeks[-1])
    if measure == "reports":
        wanted = Filter((topic if topic is not None else EVERY_TOPIC,), agency)
        series = sum_series(connection, reach, wanted, WEEK, period).values()
        counts = np.array([sum(days.get(week, 0) for days in series) for week in weeks], dtype=np.float64)
        return counts, int(counts.sum())
    hits, tries = _read_share(connection, reach, measure, period, of)
    values = [hits.get(week, 0) / tries[week] if tries.get(week) else np.nan for week in weeks]
    return np.array(values), sum(tries.values())


def _read_share(
    connection: Connection, reach: Reach, measure: Measure, period: Period, of: tuple[str | None, str | None]
) -> tuple[dict[date, int], dict[date, int]]:
    cells = tables.cell_count.c
    agency, topic = of
    scope, key = (AGENCY, agency) if agency is not None else (TOPIC, topic) if topic is not None else (ALL, "")
    columns = [func.sum(cells[name]) for name in _SHARES[measure]]
    query = (
        select(cells.day, *columns)
        .where(
            cells.scope == scope,
            cells.grain == WEEK,
            cells.day.between(period.start, period.end),
            cells.key == key,
            cells.restriction.in_(reach.restrictions),
        )
        .group_by(cells.day)
    )
    rows = connection.execute(query).all()
    hits, tries = {row[0]: int(row[1]) for row in rows}, {row[0]: int(row[2]) for row in rows}
    if measure == "kept":
        # All weeks are over, and so are their deadlines; those of open cases were missed.
        over = period.end + _A_WEEK
        for week, n in sum_missed_by_week(connection, reach, Period(period.start, over), over, scope, key).items():
            tries[week] = tries.get(week, 0) + n
    return hits, tries


def _scale(values: NDArray[np.float64] | None, *, is_log: bool) -> NDArray[np.float64] | None:
    return np.log(values + 0.5) if values is not None and is_log else values


def _estimate(
    weeks: list[date], mark: Mark, values: NDArray[np.float64] | None, control: NDArray[np.float64] | None
) -> Effect:
    before = sum(week < week_of(mark.day) for week in weeks)
    resumes = sum(week <= week_of(mark.until) for week in weeks) if mark.until is not None else before
    series = _fill(values)
    other = _fill(control) if control is not None else None
    if series is None or not series.size or (control is not None and other is None):
        n_after = len(weeks) - resumes
        return Effect("too_short", *(None,) * 5, before, n_after, has_season=False, has_control=control is not None)
    return estimate_effect(series, before, resumes=resumes, control=other, periods_per_year=WEEKS_PER_YEAR)


def _fill(values: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """The course without what lies before its first week, gaps of it bridged; None where too many are empty."""
    if values is None or not values.size:
        return values
    is_known = ~np.isnan(values)
    if is_known.sum() < (1 - _MOST_EMPTY) * values.size or not is_known.any():
        return None
    places = np.arange(values.size)
    return np.asarray(np.interp(places, places[is_known], values[is_known]), dtype=np.float64)


def _draw(
    weeks: list[date], values: NDArray[np.float64], control: NDArray[np.float64] | None, found: Effect
) -> tuple[EffectPoint, ...]:
    def read(array: NDArray[np.float64] | None, place: int) -> float | None:
        return None if array is None or np.isnan(array[place]) else float(array[place])

    return tuple(
        EffectPoint(
            week,
            read(values, place),
            read(control, place),
            read(found.fitted, place),
            read(found.without, place) if place >= found.n_before else None,
        )
        for place, week in enumerate(weeks)
    )
