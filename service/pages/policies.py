"""``/kebijakan``: marks a date first, then shows what changed after it: one plain sentence, the plot and its table.

A mark is in the ledger before anybody sees its effect, so nobody can try dates until one looks well.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final, get_args

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from service import problems
from service.pages.asking import ask, shape
from service.pages.drawing import draw
from service.pages.effects import draw_effect, list_weeks, say_effect
from service.pages.faulty import Faults, read_faults
from service.pages.navigation import POLICIES
from service.pages.visits import PageRoute, Visit, begin_visit
from service.problems import ProblemError
from service.routes.marks import MarkRequest, enter, remove
from service.statistics import Measure, effect, list_marks
from service.statistics.marks import MarkType

router = APIRouter(route_class=PageRoute, include_in_schema=False)
MarkId = Annotated[str, Path(max_length=36, pattern=r"^[0-9a-f-]+$")]
CHANGING: Final = ("analyse",)
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
# What the form calls the fields of the route.
_FIELDS: Final[Mapping[str, str]] = {
    "judul": "title",
    "jenis": "type",
    "instansi": "agency",
    "topik": "topic",
    "pembanding_instansi": "control_agency",
    "pembanding_topik": "control_topic",
}
_DAYS: Final[Mapping[str, str]] = {"mulai": "day", "selesai": "until"}


@router.get("/kebijakan")
async def show_marks(request: Request) -> Response:
    """All marks, and the form for another."""
    visit = await begin_visit(request, POLICIES)
    return await _render(visit, {}, Faults())


@router.post("/kebijakan")
async def enter_mark(request: Request) -> Response:
    """Enter a mark and go to its effect, or the form again with what is wrong."""
    visit = await _begin_change(request)
    fields = await visit.read_form()
    try:
        asked = shape(MarkRequest, _read_order(fields))
        entered = await ask(request, visit.caller, enter, asked)
    except ProblemError as problem:
        if problem.kind is not problems.INVALID_FIELDS:
            raise
        return await _render(visit, fields, read_faults(visit, problem))
    return visit.go_to(f"/kebijakan/{json.loads(entered)['id']}", done="mark_made")


@router.get("/kebijakan/{mark}")
async def show_effect(request: Request, mark: MarkId) -> Response:
    """What changed at a mark, by one measure."""
    visit = await begin_visit(request, POLICIES)
    wanted = visit.state.get("ukuran")
    measure = next((one for one in MEASURES if one == wanted), MEASURES[0])
    answer = await visit.read(lambda connection: effect(connection, visit.caller, mark, measure, visit.now))
    if answer is None:
        raise ProblemError(problems.NOT_FOUND, "There is no mark of this id that this account may see.")
    return visit.render(
        "policy.html",
        answer=answer,
        mark=answer.mark,
        measures=[(one, visit.words[f"measure_{one}"]) for one in MEASURES],
        sentence=say_effect(answer, visit.words, visit.language),
        pictures=await draw({"effect": lambda: draw_effect(answer, visit.names, visit.words)}),
        weeks=list_weeks(answer),
        may_change=visit.caller.allows(*CHANGING),
    )


@router.post("/kebijakan/{mark}/hapus")
async def remove_mark(request: Request, mark: MarkId) -> Response:
    """Take a mark out; the ledger keeps that it was there."""
    visit = await _begin_change(request)
    await visit.read_form()
    await ask(request, visit.caller, remove, mark)
    return visit.go_to("/kebijakan", done="mark_removed")


async def _begin_change(request: Request) -> Visit:
    """A visit of somebody who may enter and remove marks; auditors see them only."""
    visit = await begin_visit(request, POLICIES)
    if not visit.caller.allows(*CHANGING):
        raise ProblemError(problems.SCOPE_MISSING, problems.SCOPE_MISSING.advice)
    return visit


async def _render(visit: Visit, given: Mapping[str, str], faults: Faults) -> Response:
    marks = await visit.read(lambda connection: list_marks(connection, agency=visit.caller.agency))
    taxonomy = visit.context.taxonomy
    return visit.render(
        "policies.html",
        422 if faults.general else 200,
        marks=marks[::-1],
        given=given,
        faults=faults,
        types=[(one, visit.words[f"mark_{one}"]) for one in get_args(MarkType)],
        agencies=[(slug, visit.names.label("agency", slug)) for slug in taxonomy.slugs("agency")],
        topics=[(slug, visit.names.label("topic", slug)) for slug in taxonomy.slugs("topic")],
        may_change=visit.caller.allows(*CHANGING),
    )


def _read_order(fields: Mapping[str, str]) -> dict[str, object]:
    """The body of the route from the fields of the form; what is left empty is not said."""
    order: dict[str, object] = {
        field: fields[name].strip() for name, field in _FIELDS.items() if fields.get(name, "").strip()
    }
    for name, field in _DAYS.items():
        written = fields.get(name, "").strip()
        if written:
            order[field] = _read_day(written)
    return order


def _read_day(written: str) -> object:
    """The day, or what was written where it is none, which the route refuses."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return written
