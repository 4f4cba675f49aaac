"""Series of a report over two years, what emerges, and marks: answers of trends as rows of charts."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from service.charts import Row
from service.figures.exceedance import MINIMUM_HISTORY
from service.handling.clock import end_of
from service.reporting.asking import Asked
from service.reporting.document import Figure
from service.reporting.view import query, shift
from service.statistics import Burst, Period, Point, TrendQuestion, emerging, list_marks, trends

N_MONTHS: Final = 24


def list_series(asked: Asked) -> tuple[Row, ...]:
    """All reports by month, from the first month that has any."""
    return _ask(asked)[""]


def list_topic_series(asked: Asked, topics: Sequence[str]) -> tuple[Row, ...]:
    """Reports by topic and month, corrected by the audit; none for everybody: parts of a whole may be small."""
    if asked.is_public or not topics:
        return ()
    found = _ask(asked, topics=tuple(topics))
    return tuple({"topic": topic, **row} for topic in topics for row in found.get(topic, ()))


def list_unit_series(asked: Asked, units: Sequence[str]) -> dict[str, tuple[Row, ...]]:
    """The reports of each unit by month; none for everybody."""
    return {} if asked.is_public else {unit: _ask(asked, agency=unit)[""] for unit in units}


def list_mark_rows(asked: Asked) -> tuple[Row, ...]:
    """Marks of the two years."""
    marks = list_marks(asked.connection, _period(asked), asked.caller.agency)
    return tuple({"day": mark.day, "until": mark.until, "title": mark.title} for mark in marks)


def find_emerging(asked: Asked) -> tuple[dict[str, Figure], tuple[Row, ...], Period]:
    """How many topics stand out in the last whole week, those that do, and that week."""
    until = end_of(asked.window.as_of) + timedelta(days=1)
    answer = emerging(asked.connection, asked.caller, until, is_public=asked.is_public)
    address = query("/v1/trends/emerging", public="true" if asked.is_public else None)
    is_known = any(burst.enough for burst in answer.topics)
    alarms = [burst for burst in answer.topics if burst.is_alarm]
    alarms.sort(key=lambda burst: burst.mid_p if burst.mid_p is not None else 1.0)
    figures = {
        "n_emerging": Figure("n_emerging", len(alarms) if is_known else None, "count", "emerging", address),
        "least_weeks": Figure("least_weeks", MINIMUM_HISTORY, "count", "emerging", address),
    }
    return figures, tuple(_tell_burst(burst) for burst in alarms), answer.period


def _tell_burst(burst: Burst) -> Row:
    return {
        "label": burst.topic,
        "observed": burst.observed,
        "expected": burst.expected,
        "low": burst.low,
        "high": burst.high,
    }


def _period(asked: Asked) -> Period:
    return Period(shift(asked.window.month, 1 - N_MONTHS), asked.window.end)


def _ask(asked: Asked, topics: tuple[str, ...] = (), agency: str | None = None) -> dict[str, tuple[Row, ...]]:
    question = TrendQuestion(
        _period(asked), "month", topics, agency, is_public=asked.is_public, today=asked.question("month").today
    )
    answer = trends(asked.connection, asked.caller, question)
    return {one.topic: _tell(one.points) for one in answer.series}


def _tell(points: Sequence[Point]) -> tuple[Row, ...]:
    """Points from the first with a report; an interval only where there is one."""
    first = next((place for place, point in enumerate(points) if point.n != 0), None)
    if first is None:
        return ()
    rows: list[Row] = []
    for point in points[first:]:
        is_exact = point.low == point.high
        low, high = (None, None) if is_exact else (point.low, point.high)
        rows.append({"day": point.day, "n": point.value, "low": low, "high": high})
    return tuple(rows)
