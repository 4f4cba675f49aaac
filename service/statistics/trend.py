"""How many reports of a topic there were over time, in a way that a better bundle is not printed as a rise.

What people labelled counts as it is; what was decided alone is corrected by the blind audit, on the topic margin alone.
Where the audit is thin, or for one agency or district, raw counts stand with a break where the bundle changed.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, and_, select

from service import tables
from service.callers import Caller
from service.cases import counting
from service.cases.case import AUTO, PERSON
from service.cases.counting import DAY, MONTH, WEEK
from service.figures.series import Audit, TopicSeries, correct_series, read_audit, read_topic_counts
from service.statistics.asking import Answer, Period, Reach, find_reach, list_bundles, list_labels, order_labels
from service.statistics.hiding import find_public_span, hide_count, hide_parts
from service.statistics.series import Filter, Grain, Tagged, list_days, read_series, sum_automatic, sum_series
from service.statistics.sums import fetch

Key = TypeVar("Key")
# How a series of all topics together is named.
EVERY_TOPIC: Final = ""


@dataclass(frozen=True, slots=True)
class TrendQuestion:
    """Which topics are asked for (none: all together), for one agency or district or for all.

    In public (``is_public``) there are months of the whole city alone, those that were over before ``today``.
    """

    period: Period
    grain: Grain = "month"
    topics: tuple[str, ...] = ()
    agency: str | None = None
    district: str | None = None
    is_public: bool = False
    today: date = date.min


@dataclass(frozen=True, slots=True)
class Point:
    """One period: ``n`` reports as they were tagged, and ``value`` with its interval after correction.

    ``n_person``, ``n_auto`` and ``n_suggest`` are by what the topic rests on. ``is_break`` says that the period cannot
    be compared with the one before it: another bundle tagged it.
    """

    day: date
    n: int | None
    value: float | None
    low: float | None
    high: float | None
    n_person: int | None
    n_auto: int | None
    n_suggest: int | None
    is_corrected: bool
    is_break: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """One topic over time; empty for all together. ``has_audit`` says whether the blind audit could correct it."""

    topic: str
    n: int | None
    has_audit: bool
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trends(Answer):
    """Series of topics, in the order of the taxonomy."""

    grain: Grain
    agency: str | None
    district: str | None
    series: tuple[Trend, ...]


@dataclass(frozen=True, slots=True)
class _Audited:
    """What the blind audit found: for each draw the bundle, what it said, what the person said, its probability."""

    bundles: Sequence[str]
    said: NDArray[np.object_]
    found: NDArray[np.object_]
    probability: NDArray[np.float64]


_NOT_AUDITED: Final = _Audited((), np.array([], dtype=object), np.array([], dtype=object), np.zeros(0))


def trends(connection: Connection, caller: Caller, question: TrendQuestion) -> Trends:
    """Series of topics; a caller of one agency gets those of its own reports."""
    reach = find_reach(caller, is_public=question.is_public)
    agency = reach.agency or question.agency
    wanted = Filter(question.topics, agency, None if agency is not None else question.district)
    # Days of districts are not kept.
    grain: Grain = WEEK if wanted.district is not None and question.grain == DAY else question.grain
    if reach.is_public:
        wanted, grain, agency = Filter(question.topics), MONTH, None
    days = list_days(question.period, grain)
    series = _list_series(connection, reach, wanted, grain, question.period, days)
    if reach.is_public:
        shown = _find_public(connection, reach, question, days)
        series = [_publish(one, shown) for one in series]
    counted = [one.n for one in series]
    return Trends(
        definition="trend",
        period=question.period,
        n=None if any(n is None for n in counted) else sum(n or 0 for n in counted),
        bundles=list_bundles(connection, reach, question.period),
        suppressed=reach.is_public,
        grain=grain,
        agency=agency,
        district=wanted.district,
        series=tuple(series),
    )


def _list_series(
    connection: Connection, reach: Reach, wanted: Filter, grain: Grain, period: Period, days: Sequence[date]
) -> list[Trend]:
    if not wanted.topics:
        every = replace(wanted, topics=(counting.EVERY_TOPIC,))
        return [_add_up(read_series(connection, reach, every, grain, period), days)]
    found = read_series(connection, reach, wanted, grain, period)
    automatic = sum_automatic(connection, reach, Filter((), wanted.agency, wanted.district), grain, period)
    is_whole = wanted.agency is None and wanted.district is None
    bundles = sorted({bundle for _, bundle in automatic})
    audited = _read_audited(connection, reach, bundles) if is_whole else _NOT_AUDITED
    by_topic: dict[str, list[Tagged]] = {}
    for one in found:
        by_topic.setdefault(one.topic, []).append(one)
    return [
        _correct(topic, by_topic.get(topic, []), days, automatic, audited)
        for topic in order_labels("topic", dict.fromkeys(wanted.topics))
    ]


def _add_up(found: Sequence[Tagged], days: Sequence[date]) -> Trend:
    """All topics together, which no correction changes."""
    splits = _split(found)
    points = tuple(_describe(day, splits.get(day, (0, 0, 0)), None, 0) for day in days)
    return Trend(EVERY_TOPIC, sum(point.n or 0 for point in points), has_audit=False, points=points)


def _correct(
    topic: str,
    found: Sequence[Tagged],
    days: Sequence[date],
    all_automatic: Mapping[tuple[date, str], int],
    audited: _Audited,
) -> Trend:
    bundles = list(dict.fromkeys(bundle for _, bundle in sorted(all_automatic)))
    place_of_bundle, place_of_day = _number(bundles), _number(days)
    as_they_are = np.zeros(len(days))
    automatic, everything = np.zeros((len(days), len(bundles))), np.zeros((len(days), len(bundles)))
    for (day, bundle), n in all_automatic.items():
        everything[place_of_day[day], place_of_bundle[bundle]] = n
    for one in found:
        if one.basis == AUTO:
            automatic[place_of_day[one.day], place_of_bundle[one.bundle]] += one.n
        else:
            as_they_are[place_of_day[one.day]] += one.n
    corrected = correct_series(
        read_topic_counts(as_they_are, automatic, everything), _read_audit(topic, audited, place_of_bundle)
    )
    splits = _split(found)
    points = tuple(_describe(day, splits.get(day, (0, 0, 0)), corrected, place) for day, place in place_of_day.items())
    has_audit = bool(corrected.is_corrected.any() and everything.any())
    return Trend(topic, sum(point.n or 0 for point in points), has_audit, points)


def _describe(day: date, split: tuple[int, int, int], corrected: TopicSeries | None, place: int) -> Point:
    n = sum(split)
    value = low = high = float(n)
    is_corrected = is_break = False
    if corrected is not None:
        value, low, high = (float(array[place]) for array in (corrected.value, corrected.low, corrected.high))
        is_corrected, is_break = bool(corrected.is_corrected[place]), place in corrected.breaks
    return Point(day, n, value, low, high, *split, is_corrected=is_corrected, is_break=is_break)


def _split(found: Sequence[Tagged]) -> dict[date, tuple[int, int, int]]:
    """Counts by period: those that rest on a person, decided alone, merely suggested."""
    splits: dict[date, tuple[int, int, int]] = {}
    for one in found:
        person, alone, suggested = splits.get(one.day, (0, 0, 0))
        if one.basis == PERSON:
            person += one.n
        elif one.basis == AUTO:
            alone += one.n
        else:
            suggested += one.n
        splits[one.day] = person, alone, suggested
    return splits


def _number(keys: Sequence[Key]) -> dict[Key, int]:
    return {key: place for place, key in enumerate(keys)}


def _read_audited(connection: Connection, reach: Reach, bundles: Sequence[str]) -> _Audited:
    """The first blind label of each draw: later ones may come from people who knew the answer."""
    draw, label, case = tables.audit_draw.c, tables.label.c, tables.feedback_case.c
    is_blind = and_(label.feedback_id == draw.feedback_id, label.head == draw.head, label.is_blind)
    query = (
        select(draw.feedback_id, case.bundle, label.previous, label.value, draw.probability)
        .select_from(
            tables.audit_draw.join(tables.label, is_blind).join(
                tables.feedback_case, case.feedback_id == draw.feedback_id
            )
        )
        .where(draw.head == "topic", case.bundle.in_(bundles), case.restriction.in_(reach.restrictions))
        .order_by(label.at.desc())
    )
    # Latest first, so that the earliest is what stays.
    rows = list({row[0]: row for row in fetch(connection, query)}.values())
    return _Audited(
        [row[1] for row in rows],
        np.array([row[2] or "" for row in rows], dtype=object),
        np.array([row[3] for row in rows], dtype=object),
        np.array([row[4] for row in rows], dtype=np.float64),
    )


def _read_audit(topic: str, audited: _Audited, place_of_bundle: Mapping[str, int]) -> Audit:
    return read_audit(
        [place_of_bundle.get(bundle, -1) for bundle in audited.bundles],
        audited.said == topic,
        audited.found == topic,
        audited.probability,
    )


def _find_public(
    connection: Connection, reach: Reach, question: TrendQuestion, months: Sequence[date]
) -> dict[tuple[str, date], bool]:
    """Which months of which topics everybody may see: the totals of the table of topics of that month."""
    counts = sum_series(connection, reach, Filter(), MONTH, question.period)
    every = sum_series(connection, reach, Filter((counting.EVERY_TOPIC,)), MONTH, question.period)
    topics = list_labels("topic")
    shown: dict[tuple[str, date], bool] = {}
    for month in months:
        last = month.replace(day=monthrange(month.year, month.month)[1])
        whole = every.get(counting.EVERY_TOPIC, {}).get(month, 0)
        parts = hide_parts([counts.get(topic, {}).get(month, 0) for topic in topics], whole)
        is_over = find_public_span(Period(month, last), question.today) is not None
        for topic, n in zip(topics, parts, strict=True):
            shown[topic, month] = is_over and n is not None
        shown[EVERY_TOPIC, month] = is_over and hide_count(whole) is not None
    return shown


def _publish(trend: Trend, shown: Mapping[tuple[str, date], bool]) -> Trend:
    points = []
    for point in trend.points:
        whole = replace(point, n_person=None, n_auto=None, n_suggest=None)
        is_shown = shown.get((trend.topic, point.day), False)
        points.append(whole if is_shown else replace(whole, n=None, value=None, low=None, high=None))
    return replace(trend, n=None, points=tuple(points))
