"""``/tren``: how topics go over time, where they come from, what emerges; each figure leads to its reports."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from model.offices import DISTRICT_KIND
from service.charts import Picture
from service.csv_cells import neutralise_cell
from service.pages.drawing import draw
from service.pages.navigation import TRENDS
from service.pages.periods import Period, list_presets, read_period
from service.pages.series import draw_bursts, draw_places, draw_series, draw_strips, list_steps
from service.pages.visits import PageRoute, Visit, begin_visit
from service.statistics import (
    Burst,
    Emerging,
    ProposedTopics,
    Question,
    TrendQuestion,
    Trends,
    districts,
    emerging,
    proposed,
    topics,
    trends,
)
from service.statistics import Period as Days
from service.statistics.marks import Mark, list_marks
from service.statistics.series import Grain

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# What the address calls them.
_GRAINS: Final[dict[str, Grain]] = {"hari": "day", "minggu": "week", "bulan": "month"}
_N_STRIPS: Final = 12
# A longer series by day or week is one nobody reads.
_MOST_DAYS: Final = {"day": 92, "week": 800, "month": 40_000}


@dataclass(frozen=True, slots=True)
class _Asked:
    """The state of the page."""

    period: Period
    unit: str
    topic: str | None
    agency: str | None
    district: str | None
    fault: str | None = None

    @property
    def grain(self) -> Grain:
        """How long a point of the series is."""
        return _GRAINS[self.unit]

    def question(
        self, topics: tuple[str, ...], grain: Grain | None = None, district: str | None = None
    ) -> TrendQuestion:
        """A question to the series of the period."""
        days = Days(self.period.start, self.period.end)
        return TrendQuestion(days, grain or self.grain, topics, self.agency, district or self.district)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the store answers."""

    main: Trends
    strips: Trends | None
    places: Sequence[tuple[str, int]]
    emerging: Emerging
    proposed: ProposedTopics
    marks: Sequence[Mark]


@router.get("/tren")
async def show_trends(request: Request) -> Response:
    """The series of what was asked for, the topics beside each other, places, and what emerges."""
    visit = await begin_visit(request, TRENDS)
    asked = _read(visit)
    seen = await visit.read(lambda connection: _ask(connection, visit, asked))
    series = seen.main.series[0]
    return visit.render(
        "trends.html",
        asked=asked,
        presets=list_presets(visit.today),
        choices=_list_choices(visit),
        answer=seen.main,
        steps=list_steps(series, asked.grain, asked.period),
        emerging=seen.emerging,
        proposed=seen.proposed,
        alarms=[burst for burst in (*seen.emerging.topics, *seen.emerging.cells) if burst.is_alarm],
        places=seen.places,
        strips=seen.strips,
        strips_csv=_link_strips(asked, seen.strips),
        places_csv=_link_places(seen.places),
        name_key=lambda burst: _name_key(visit, burst),
        pictures=await draw(_list_pictures(visit, asked, seen)),
    )


def _read(visit: Visit) -> _Asked:
    state, taxonomy = visit.state, visit.context.taxonomy
    period = read_period(state, visit.today)
    unit = state.get("satuan", "bulan")
    unit, fault = (unit, None) if unit in _GRAINS else ("bulan", None)
    if period.n_days > _MOST_DAYS[_GRAINS[unit]]:
        unit, fault = "bulan", "trends_too_long"
    topic, agency = state.get("topik"), visit.caller.agency or state.get("instansi")
    district = state.get("kecamatan") if visit.caller.agency is None else None
    return _Asked(
        period,
        unit,
        topic if topic in taxonomy.slugs("topic") else None,
        agency if agency in taxonomy.slugs("agency") else None,
        district if district in dict(_list_districts(visit)) else None,
        fault,
    )


def _ask(connection: Connection, visit: Visit, asked: _Asked) -> _Seen:
    caller = visit.caller
    chosen = (asked.topic,) if asked.topic else ()
    strips = None if asked.topic else _ask_strips(connection, visit, asked)
    return _Seen(
        trends(connection, caller, asked.question(chosen)),
        strips,
        _count_places(connection, visit, asked, chosen),
        emerging(connection, caller, visit.now),
        proposed(connection, caller, visit.today),
        list_marks(connection, Days(asked.period.start, asked.period.end), asked.agency),
    )


def _ask_strips(connection: Connection, visit: Visit, asked: _Asked) -> Trends | None:
    """The series of the topics with most reports."""
    groups = topics(connection, visit.caller, Question(Days(asked.period.start, asked.period.end), visit.today)).groups
    largest = sorted((one for one in groups if one.key and one.n), key=lambda one: -(one.n or 0))[:_N_STRIPS]
    if not largest:
        return None
    grain: Grain = "month" if asked.period.n_days > _MOST_DAYS["day"] else "week"
    return trends(connection, visit.caller, asked.question(tuple(one.key for one in largest), grain))


def _count_places(
    connection: Connection, visit: Visit, asked: _Asked, chosen: tuple[str, ...]
) -> list[tuple[str, int]]:
    """Reports by district, of what was asked for; of one agency they are not kept."""
    if asked.agency is not None or asked.district is not None:
        return []
    if not chosen:
        days = Days(asked.period.start, asked.period.end)
        found = districts(connection, visit.caller, Question(days, visit.today)).groups
        return [(one.key, one.n or 0) for one in found if one.key]
    counted = []
    for code, _ in _list_districts(visit):
        answer = trends(connection, visit.caller, asked.question(chosen, "month", code))
        counted.append((code, sum(one.n or 0 for one in answer.series)))
    return counted


def _link_strips(asked: _Asked, strips: Trends | None) -> str:
    """Where the interface gives the same topics as a table."""
    if strips is None:
        return ""
    named = {"start": asked.period.start, "end": asked.period.end, "agency": asked.agency, "district": asked.district}
    filters = [(name, str(value)) for name, value in named.items() if value is not None]
    topics_of = [("topic", one.topic) for one in strips.series]
    return "/v1/trends?" + urlencode([("format", "csv"), ("grain", strips.grain), *filters, *topics_of])


def _link_places(places: Sequence[tuple[str, int]]) -> str:
    """The table itself as an address: the interface has no places of one topic."""
    written = StringIO()
    csv.writer(written).writerows([("district", "n"), *((neutralise_cell(code), n) for code, n in places)])
    return "data:text/csv;charset=utf-8," + quote(written.getvalue())


def _list_choices(visit: Visit) -> dict[str, list[tuple[str, str]]]:
    taxonomy = visit.context.taxonomy
    return {
        "topic": [(slug, visit.names.label("topic", slug)) for slug in taxonomy.slugs("topic")],
        "agency": [(slug, visit.names.label("agency", slug)) for slug in taxonomy.slugs("agency")],
        "district": _list_districts(visit),
        "unit": [(unit, visit.words[f"trends_{unit}"]) for unit in _GRAINS],
    }


def _list_districts(visit: Visit) -> list[tuple[str, str]]:
    entries = visit.context.router.gazetteer.entries.values()
    return [(one.code, one.name) for one in entries if one.kind == DISTRICT_KIND]


def _list_pictures(visit: Visit, asked: _Asked, seen: _Seen) -> dict[str, Callable[[], Picture | None]]:
    names, series, bundles = visit.names, seen.main.series[0], seen.main.bundles
    places = [(visit.name_place(code), n) for code, n in seen.places]
    return {
        "main": lambda: draw_series(series, names, asked.grain, _name(visit, asked), seen.marks, bundles),
        "strips": lambda: draw_strips(seen.strips, names) if seen.strips else None,
        "places": lambda: draw_places(places, names),
        "emerging": lambda: draw_bursts(seen.emerging.topics, names),
    }


def _name(visit: Visit, asked: _Asked) -> str:
    """What the series is of, in words."""
    parts = [visit.names.label("topic", asked.topic)] if asked.topic else [visit.words["trends_all"]]
    parts += [visit.names.label("agency", asked.agency)] if asked.agency else []
    parts += [visit.name_place(asked.district)] if asked.district else []
    return ", ".join(parts)


def _name_key(visit: Visit, burst: Burst) -> str:
    """The topic, district or agency of a burst."""
    if burst.scope == "agency":
        return visit.names.label("agency", burst.key)
    return visit.name_place(burst.key) if burst.scope == "district" else visit.names.label("topic", burst.topic)
