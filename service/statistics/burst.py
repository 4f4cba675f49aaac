"""Topics with more reports in the last whole week than their season explains, and where those came from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from service import tables
from service.callers import Caller
from service.cases.counting import AGENCY, DISTRICT, WEEK, week_of
from service.figures.emerging import Exceedance, find_emerging, find_emerging_cells
from service.figures.special import betainc
from service.handling.clock import local_day
from service.statistics.asking import Answer, Period, Reach, find_reach, list_bundles, order_labels
from service.statistics.series import Filter, list_days, sum_series

WEEKS: Final = 156
WEEKS_PER_YEAR: Final = 52
_A_WEEK: Final = timedelta(days=7)
_TAIL: Final = 0.025


@dataclass(frozen=True, slots=True)
class Burst:
    """The last whole week of one topic (``scope`` topic), or of one of its districts or agencies (``key``).

    ``low`` to ``high`` is what 95 of 100 such weeks would have if nothing were new; None with too short a history
    (``enough`` False).
    """

    topic: str
    scope: str
    key: str
    observed: int | None
    expected: float | None
    low: int | None
    high: int | None
    mid_p: float | None
    is_alarm: bool
    enough: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Emerging(Answer):
    """All topics in the order of the taxonomy, then cells of those that stand out."""

    topics: tuple[Burst, ...]
    cells: tuple[Burst, ...]


def emerging(connection: Connection, caller: Caller, now: datetime, *, is_public: bool = False) -> Emerging:
    """What emerges, in the last whole week and by up to three years before it."""
    reach = find_reach(caller, is_public=is_public)
    start = week_of(local_day(now)) - _A_WEEK
    period = Period(start, start + _A_WEEK - timedelta(days=1))
    counts = sum_series(connection, reach, Filter(), WEEK, Period(start - _A_WEEK * (WEEKS - 1), start))
    topics = order_labels("topic", (topic for topic in counts if topic))
    weeks = list_days(Period(_find_first(counts, start), start), WEEK)
    history = np.array([[counts[topic].get(week, 0) for week in weeks] for topic in topics], dtype=np.float64)
    judged = find_emerging(history, WEEKS_PER_YEAR) if topics else ()
    ranges = _find_ranges(judged)
    bursts = [
        _describe(topic, "topic", topic, one, ranges[place])
        for place, (topic, one) in enumerate(zip(topics, judged, strict=True))
    ]
    alarmed = [topic for topic, one in zip(topics, judged, strict=True) if one.is_alarm]
    cells = _list_cells(connection, reach, alarmed, len(topics), weeks) if alarmed and reach.agency is None else []
    observed = sum(burst.observed or 0 for burst in bursts)
    if reach.is_public:
        bursts, cells = [_publish(burst) for burst in bursts], []
    return Emerging(
        definition="emerging",
        period=period,
        n=None if reach.is_public else observed,
        bundles=list_bundles(connection, reach, period),
        suppressed=reach.is_public,
        topics=tuple(bursts),
        cells=tuple(cells),
    )


def _find_first(counts: dict[str, dict[date, int]], start: date) -> date:
    return min((day for days in counts.values() for day in days), default=start)


def _list_cells(
    connection: Connection, reach: Reach, alarmed: list[str], n_topics: int, weeks: list[date]
) -> list[Burst]:
    """Districts and agencies of the topics that stand out."""
    cells = tables.cell_series.c
    query = (
        select(cells.scope, cells.key, cells.topic, cells.day, func.sum(cells.n))
        .where(
            cells.scope.in_((AGENCY, DISTRICT)),
            cells.grain == WEEK,
            cells.topic.in_(alarmed),
            cells.day.between(weeks[0], weeks[-1]),
            cells.restriction.in_(reach.restrictions),
        )
        .group_by(cells.scope, cells.key, cells.topic, cells.day)
    )
    found: dict[tuple[str, str, str], dict[date, int]] = {}
    for scope, key, topic, day, n in connection.execute(query):
        found.setdefault((topic, scope, key), {})[day] = int(n)
    places = sorted(place for place, days in found.items() if days.get(weeks[-1], 0) > 0)
    if not places:
        return []
    history = np.array([[found[place].get(week, 0) for week in weeks] for place in places], dtype=np.float64)
    # Of all topics that were looked at these stand out: what is wrong among their cells is counted over all.
    flags = np.arange(n_topics) < len(alarmed)
    judged = find_emerging_cells(history, [alarmed.index(topic) for topic, _, _ in places], flags, WEEKS_PER_YEAR)
    ranges = _find_ranges(judged)
    return [
        _describe(*place, one, ranges[number])
        for number, (place, one) in enumerate(zip(places, judged, strict=True))
        if one.is_alarm
    ]


def _find_ranges(judged: Sequence[Exceedance]) -> list[tuple[int, int] | None]:
    """The range of 95 of 100 latest weeks of each series if nothing were new; None with too short a history."""
    known = [
        (one.expected, one.dispersion) for one in judged if one.expected is not None and one.dispersion is not None
    ]
    if len(known) < len(judged) or not known:
        return [None] * len(judged)
    mean, dispersion = np.array(known).T
    size = 1 / np.maximum(dispersion, 1e-9)
    share = size / (size + mean)
    bounds = [_find_quantiles(size, share, tail) for tail in (_TAIL, 1 - _TAIL)]
    return [(int(low), int(high)) for low, high in zip(*bounds, strict=True)]


def _find_quantiles(size: NDArray[np.float64], share: NDArray[np.float64], tail: float) -> NDArray[np.int64]:
    """The least count up to which a negative binomial has at least ``tail`` of its probability, by bisection."""
    low, high = np.full(size.shape, -1, dtype=np.int64), np.full(size.shape, 1 << 24, dtype=np.int64)
    while (high - low > 1).any():
        middle = (low + high) // 2
        is_reached = betainc(size, np.maximum(middle, 0) + 1.0, share) >= tail
        low, high = np.where(is_reached, low, middle), np.where(is_reached, middle, high)
    return high


def _describe(topic: str, scope: str, key: str, one: Exceedance, bounds: tuple[int, int] | None) -> Burst:
    low, high = bounds if bounds is not None and one.enough else (None, None)
    return Burst(topic, scope, key, one.count, one.expected, low, high, one.mid_p, one.is_alarm, one.enough)


def _publish(burst: Burst) -> Burst:
    """That a topic stands out, without its number: weeks and months together would tell more than either."""
    return replace(burst, observed=None, expected=None, low=None, high=None, mid_p=None)
