"""What the page of trends draws and lists: points with the days they are of, and pictures of series, places, bursts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from service import charts
from service.charts import Picture, Row, Words
from service.pages.periods import Period, begin_month
from service.statistics import Burst, Mark, Point, Trend, Trends
from service.statistics.series import Grain


@dataclass(frozen=True, slots=True)
class Step:
    """A point of a series, with the days of the period that it is of."""

    first: date
    last: date
    point: Point


def list_steps(series: Trend, grain: Grain, period: Period) -> list[Step]:
    """The points of a series, the last first."""
    steps = [Step(max(one.day, period.start), min(_end(one.day, grain), period.end), one) for one in series.points]
    return steps[::-1]


def draw_series(
    series: Trend, names: Words, grain: Grain, name: str, marks: Sequence[Mark], bundles: Sequence[str]
) -> Picture:
    """One series with its band, marks, and where another bundle began to read reports."""
    breaks = [point.day for point in series.points if point.is_break]
    # A break is where another bundle reads; the last breaks are of the last bundles.
    changes: list[Row] = [
        {"day": day, "bundle": bundle} for day, bundle in zip(breaks[::-1], bundles[::-1], strict=False)
    ]
    return charts.topic_series(
        [_point(point) for point in series.points] if series.n else [],
        names,
        name=name,
        grain=grain,
        marks=[{"day": one.day, "until": one.until, "title": one.title} for one in marks],
        bundle_changes=changes,
    )


def draw_strips(answer: Trends, names: Words) -> Picture:
    """Many topics beside each other."""
    rows: list[Row] = [
        {"topic": one.topic, "day": point.day, "n": point.value} for one in answer.series for point in one.points
    ]
    return charts.small_multiples(rows, names)


def draw_places(counts: Sequence[tuple[str, int]], names: Words) -> Picture | None:
    """Tiles of districts, none where there is nothing."""
    rows: list[Row] = [{"district": name, "n": n} for name, n in counts]
    return charts.district_tiles(rows, names) if any(n for _, n in counts) else None


def draw_bursts(bursts: Sequence[Burst], names: Words) -> Picture | None:
    """Topics above what is usual, none where no topic is."""
    rows: list[Row] = [
        {"label": one.topic, "observed": one.observed, "expected": one.expected, "low": one.low, "high": one.high}
        for one in bursts
        if one.is_alarm
    ]
    return charts.emerging(rows, names) if rows else None


def _point(point: Point) -> Row:
    if not point.is_corrected:
        return {"day": point.day, "n": point.value}
    return {"day": point.day, "n": point.value, "low": point.low, "high": point.high}


def _end(first: date, grain: Grain) -> date:
    if grain == "day":
        return first
    return first + timedelta(days=6) if grain == "week" else begin_month(first, 1) - timedelta(days=1)
