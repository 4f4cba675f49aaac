"""``/ringkasan``: what somebody must know this morning; each figure leads to the reports behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from fastapi import APIRouter, Request
from sqlalchemy import Connection, RowMapping
from starlette.responses import Response

from service import charts
from service.cases.counting import DAY
from service.charts import Picture
from service.messages.emergencies import list_open
from service.pages.drawing import draw
from service.pages.navigation import OVERVIEW, QUEUE
from service.pages.visits import PageRoute, Visit, begin_visit
from service.statistics.asking import Period, find_reach
from service.statistics.series import Filter, list_days, sum_series
from service.statistics.today import Overview, overview
from service.visibility import visible_to

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_MOST_EMERGENCIES: Final = 5
_WEEKS_DRAWN: Final = 26


@dataclass(frozen=True, slots=True)
class _Morning:
    """What the store answers."""

    overview: Overview
    emergencies: Sequence[RowMapping]
    days: Mapping[date, int]


@router.get("/ringkasan")
async def show_overview(request: Request) -> Response:
    """The figures of today, open emergencies, incidents, and topics that changed."""
    visit = await begin_visit(request, OVERVIEW)
    seen = await visit.read(lambda connection: _ask(connection, visit))
    return visit.render(
        "overview.html",
        answer=seen.overview,
        emergencies=seen.emergencies,
        pictures=await draw({"calendar": lambda: _draw(visit, seen.days)}),
        days=list(seen.days.items()),
        has_queue=QUEUE.is_open_to(visit.caller),
        is_empty=not sum(seen.days.values()) and not seen.overview.n_week_before,
    )


def _ask(connection: Connection, visit: Visit) -> _Morning:
    visible = visible_to(visit.caller)
    return _Morning(
        overview(connection, visit.caller, visit.now),
        list_open(connection, visible, _MOST_EMERGENCIES),
        _count_days(connection, visit),
    )


def _count_days(connection: Connection, visit: Visit) -> dict[date, int]:
    start = visit.today - timedelta(weeks=_WEEKS_DRAWN - 1, days=visit.today.weekday())
    period = Period(start, visit.today)
    counted = sum_series(connection, find_reach(visit.caller), Filter(), DAY, period)
    return {day: sum(counts.get(day, 0) for counts in counted.values()) for day in list_days(period, DAY)}


def _draw(visit: Visit, days: Mapping[date, int]) -> Picture:
    return charts.intake_calendar([{"day": day, "n": n} for day, n in days.items()], visit.names)
