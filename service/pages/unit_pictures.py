"""Pictures of units: what was kept beside what was expected, and whose the time was; of no unit with too few cases."""

from collections.abc import Sequence
from typing import Final

from service import charts
from service.charts import Picture, Row, Words
from service.figures.durations import Durations
from service.figures.pooling import Comparison
from service.statistics.units import Unit

_TOO_FEW: Final = "too_few"


def draw_kept(units: Sequence[Unit], names: Words, title: str) -> Picture:
    """Deadlines kept by each unit: as counted, as its mix of cases lets expect, and weighed."""
    beside = [(one.agency, one.kept_beside) for one in units if one.kept_beside is not None]
    return draw_beside(beside, names, title)


def draw_beside(beside: Sequence[tuple[str, Comparison]], names: Words, title: str) -> Picture:
    """Each unit's rate beside its expectation, in the order they are given."""
    rows = [_compare_one(agency, found) for agency, found in beside if found.verdict != _TOO_FEW]
    return charts.observed_expected(rows, names, title=title)


def draw_split(units: Sequence[Unit], names: Words) -> Picture:
    """The median working days of each part of the time of each unit."""
    return charts.time_split(_split_time(units), names)


def _compare_one(agency: str, comparison: Comparison) -> Row:
    return {
        "label": agency,
        "n": int(comparison.n),
        "observed": comparison.raw,
        "expected": comparison.expected,
        "pooled": comparison.pooled,
        "low": comparison.pooled_low,
        "high": comparison.pooled_high,
    }


def _split_time(units: Sequence[Unit]) -> list[Row]:
    """The median working days of each part; a unit with too few cases has none."""
    return [
        {"label": unit.agency, "part": part.part, "days": _median(part.durations), "n": part.durations.n}
        for unit in units
        for part in unit.parts
        if _median(part.durations) is not None
    ]


def _median(durations: Durations) -> int | None:
    return durations.median.value if durations.enough and durations.median is not None else None
