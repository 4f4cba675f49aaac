"""``/kinerja``: how units handle what reaches them, in the order of the taxonomy and never ranked; and one alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from service import charts, problems
from service.charts import Picture, Row
from service.pages.drawing import draw
from service.pages.navigation import PERFORMANCE
from service.pages.periods import Period, list_presets, read_period
from service.pages.unit_pictures import draw_kept, draw_split
from service.pages.visits import PageRoute, Visit, begin_visit
from service.problems import ProblemError
from service.statistics.asking import Period as Months
from service.statistics.asking import Question
from service.statistics.services import Aspects, aspects
from service.statistics.units import Unit, Units, agencies

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The state of the page."""

    period: Period
    kind: str | None
    question: Question


@router.get("/kinerja")
async def show_units(request: Request) -> Response:
    """All units of the city, each beside what its cases let expect."""
    visit = await begin_visit(request, PERFORMANCE)
    asked = _read(visit)
    answer = await visit.read(lambda connection: agencies(connection, visit.caller, asked.question))
    failing = await visit.read(lambda connection: aspects(connection, visit.caller, asked.question))
    return visit.render(
        "performance.html",
        asked=asked,
        presets=list_presets(visit.today),
        kinds=_list_kinds(visit),
        answer=answer,
        told=[unit for unit in answer.units if unit.agency and _is_told(unit)],
        untold=[unit for unit in answer.units if unit.agency and not _is_told(unit)],
        failing=failing,
        name_unit=visit.name_unit,
        pictures=await draw(_list_pictures(visit, answer, failing)),
    )


@router.get("/kinerja/{agency}")
async def show_unit(request: Request, agency: Annotated[str, Path(max_length=80)]) -> Response:
    """One unit: its deadlines, its own part of the time, what was given back, and what failed there."""
    visit = await begin_visit(request, PERFORMANCE)
    if agency not in visit.context.agencies or visit.caller.agency not in {None, agency}:
        raise ProblemError(problems.NOT_FOUND, "There is no agency of this name that this account may see.")
    asked = _read(visit)
    answer = await visit.read(lambda connection: agencies(connection, visit.caller, asked.question))
    failing = await visit.read(lambda connection: aspects(connection, visit.caller, asked.question))
    unit = next((one for one in answer.units if one.agency == agency), None)
    return visit.render(
        "performance_unit.html",
        asked=asked,
        presets=list_presets(visit.today),
        kinds=_list_kinds(visit),
        answer=answer,
        agency=agency,
        unit=unit,
        pictures=await draw({"split": lambda: draw_split([unit] if unit else [], visit.names)}),
        failing=_pick_failing(failing, agency),
    )


def _read(visit: Visit) -> _Asked:
    period = read_period(visit.state, visit.today)
    kind = visit.state.get("jenis")
    kind = kind if kind in visit.context.taxonomy.slugs("kind") else None
    return _Asked(period, kind, Question(Months(period.start, period.end), visit.today, kind))


def _list_kinds(visit: Visit) -> list[tuple[str, str]]:
    return [(slug, visit.names.label("kind", slug)) for slug in visit.context.taxonomy.slugs("kind")]


def _list_pictures(visit: Visit, answer: Units, failing: Aspects) -> dict[str, Callable[[], Picture]]:
    names, title = visit.names, visit.words["performance_kept_title"]
    return {
        "kept": lambda: draw_kept(answer.units, names, title),
        "split": lambda: draw_split(answer.units, names),
        "aspects": lambda: charts.aspect_heat(_spread(visit, failing), names),
    }


def _is_told(unit: Unit) -> bool:
    """Whether there are reports enough for a figure of the unit."""
    is_timed = unit.stint is not None and unit.stint.enough
    return unit.kept.enough or unit.given_back.enough or is_timed


def _spread(visit: Visit, failing: Aspects) -> list[Row]:
    return [
        {"about": _name_office(visit, unit.unit), "aspect": aspect, "n": n}
        for unit in failing.units
        if unit.unit
        for aspect, n in zip(failing.aspects, unit.counts, strict=True)
        if aspect
    ]


def _name_office(visit: Visit, unit: str) -> str:
    """An agency by its slug, which the chart knows; a village office by its name."""
    return unit if unit in visit.context.agencies else visit.name_place(unit)


def _pick_failing(failing: Aspects, agency: str) -> list[tuple[str, int | None]]:
    """The aspects that failed at a unit, most often first."""
    unit = next((one for one in failing.units if one.unit == agency), None)
    pairs = zip(failing.aspects, unit.counts, strict=True) if unit is not None else ()
    return sorted(((aspect, n) for aspect, n in pairs if aspect and n), key=lambda pair: -(pair[1] or 0))
