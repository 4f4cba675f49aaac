"""Answers as frames: a row for each point, topic, agency or week, intervals beside their values."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Final, cast

import pandas as pd

from service.figures.durations import Durations
from service.figures.intervals import Rate
from service.figures.pooling import Comparison
from service.pages.effects import Week, list_weeks
from service.statistics import Burst, EffectAnswer, Emerging, Group, Groups, Point, Trends, Unit, Units
from service.statistics.ways import Ways

Answered = Trends | Emerging | Groups | Units | Ways | EffectAnswer
Cells = dict[str, object]


def tabulate(answer: Answered) -> pd.DataFrame:
    """A frame of what was answered; what is not known, or of too few, is missing."""
    rows = _ROWS[type(answer)](answer)
    frame = pd.DataFrame(rows) if rows else pd.DataFrame(columns=_COLUMNS[type(answer)])
    return frame.assign(day=pd.to_datetime(frame["day"])) if "day" in frame else frame


def _list_points(answer: Trends) -> list[Cells]:
    return [{"topic": one.topic, **asdict(point)} for one in answer.series for point in one.points]


def _list_bursts(answer: Emerging) -> list[Cells]:
    return [asdict(burst) for burst in (*answer.topics, *answer.cells)]


def _list_groups(answer: Groups) -> list[Cells]:
    return [_describe_group(group) for group in answer.groups]


def _describe_group(group: Group) -> Cells:
    plain: Cells = {
        name: getattr(group, name)
        for name in ("key", "n", "n_before", "n_open", "n_answered", "n_rejected", "n_archived", "n_erased")
    }
    for name in ("kept", "reopened", "satisfied"):
        plain |= _spread_rate(name, getattr(group, name))
    return plain | _spread_durations("answer", group.answer)


def _list_units(answer: Units) -> list[Cells]:
    return [_describe_unit(unit) for unit in answer.units if unit.agency]


def _describe_unit(unit: Unit) -> Cells:
    plain: Cells = {
        name: getattr(unit, name)
        for name in ("agency", "n", "n_open", "n_answered", "n_rejected", "n_archived", "n_overdue", "n_due_soon")
    }
    for name in ("kept", "given_back", "reopened", "satisfied"):
        plain |= _spread_rate(name, getattr(unit, name))
    for name in ("kept", "given_back"):
        plain |= _spread_comparison(name, getattr(unit, f"{name}_beside"))
    plain |= _spread_durations("stint", unit.stint)
    for part in unit.parts:
        found = part.durations
        plain[f"{part.part}_median"] = found.median.value if found.enough and found.median is not None else None
    return plain


def _list_courses(answer: Ways) -> list[Cells]:
    return [
        {"agency": way.agency, "outcome": way.end, "n": way.n, "days": days, "share": share, "low": low, "high": high}
        for way in answer.ways
        for days, (share, low, high) in enumerate(zip(way.share, way.low, way.high, strict=True))
    ]


def _list_effect(answer: EffectAnswer) -> list[Cells]:
    return [asdict(week) for week in list_weeks(answer)]


def _spread_rate(name: str, rate: Rate | None) -> Cells:
    """A rate, its interval and what it is of; without a value where that is too little."""
    if rate is None:
        return {f"{name}_n": None, name: None, f"{name}_low": None, f"{name}_high": None}
    return {f"{name}_n": rate.n, name: rate.value, f"{name}_low": rate.low, f"{name}_high": rate.high}


def _spread_comparison(name: str, beside: Comparison | None) -> Cells:
    columns = ("expected", "pooled", "pooled_low", "pooled_high", "comparable", "verdict")
    return {f"{name}_{column}": None if beside is None else getattr(beside, column) for column in columns}


def _spread_durations(name: str, found: Durations | None) -> Cells:
    median = found.median if found is not None else None
    ninetieth = found.ninetieth if found is not None else None
    return {
        f"{name}_n": None if found is None else found.n,
        f"{name}_median": None if median is None else median.value,
        f"{name}_median_low": None if median is None else median.low,
        f"{name}_median_high": None if median is None else median.high,
        f"{name}_ninetieth": None if ninetieth is None else ninetieth.value,
    }


_ROWS: Final = cast(
    "Mapping[type[Answered], Callable[[Answered], list[Cells]]]",
    {
        Trends: _list_points,
        Emerging: _list_bursts,
        Groups: _list_groups,
        Units: _list_units,
        Ways: _list_courses,
        EffectAnswer: _list_effect,
    },
)
_NO_RATE: Final = Rate(0.0, 0.0, None, None, None, enough=False)
_NOTHING: Final = ("", *(None,) * 8, _NO_RATE, None, _NO_RATE, None, _NO_RATE, _NO_RATE, None, ())
# What an answer without rows has as columns.
_COLUMNS: Final[Mapping[type[Answered], list[str]]] = {
    Trends: ["topic", *(field.name for field in fields(Point))],
    Emerging: [field.name for field in fields(Burst)],
    Groups: list(_describe_group(Group("", None, None))),
    Units: list(_describe_unit(Unit(*_NOTHING))),
    Ways: ["agency", "outcome", "n", "days", "share", "low", "high"],
    EffectAnswer: [field.name for field in fields(Week)],
}
