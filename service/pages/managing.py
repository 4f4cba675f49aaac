"""``/kelola``: what an admin looks after, one page for each thing; taxonomy and privacy are here.

Each page asks the routes of ``/v1`` and shows what they say of a form beside its fields.
"""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from service import problems
from service.faults import invalid_fields
from service.pages.asking import ask
from service.pages.faulty import Faults, read_faults
from service.pages.navigation import SETTINGS
from service.pages.visits import PageRoute, Visit, begin_visit
from service.problems import FieldError, ProblemError
from service.requests import ExternalId
from service.routes import reporters
from service.routes.reporters import Forgotten, ReporterAnswer, ReporterQuery

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# In the order in which they stand beside each page.
SECTIONS: Final = ("kunci", "akun", "webhook", "taksonomi", "libur", "tenggat", "privasi")
_REFERENCE: Final = TypeAdapter[str](ExternalId)
_HEADS: Final = ("agency", "kind", "topic", "urgency", "aspect")


@router.get("/kelola")
async def show_sections(request: Request) -> Response:
    """What there is to look after."""
    visit = await begin_visit(request, SETTINGS)
    return render_section(visit, "", {"n_unverified": len(visit.context.taxonomy.unverified())})


@router.get("/kelola/taksonomi")
async def show_taxonomy(request: Request) -> Response:
    """All labels; the units that the city has not confirmed are marked."""
    visit = await begin_visit(request, SETTINGS)
    taxonomy = visit.context.taxonomy
    return render_section(
        visit,
        "taksonomi",
        {
            "heads": {head: tuple(taxonomy.heads[head].values()) for head in _HEADS},
            "version": taxonomy.version,
            "digest": taxonomy.digest,
            "n_unverified": len(taxonomy.unverified()),
        },
    )


@router.get("/kelola/privasi")
async def show_privacy(request: Request) -> Response:
    """The form that asks for a reporter."""
    return render_section(await begin_visit(request, SETTINGS), "privasi")


@router.post("/kelola/privasi")
async def answer_reporter(request: Request) -> Response:
    """What is kept of a reporter, or that it is erased; the reference stays in the form, out of every address."""
    visit = await begin_visit(request, SETTINGS)
    fields = await visit.read_form()
    reference = fields.get("ref", "").strip()
    try:
        _check_reference(reference)
        if fields.get("act") == "forget":
            answer = await ask(request, visit.caller, reporters.forget_reporter, reference)
            n_erased = Forgotten.model_validate_json(answer).erased
            return render_section(visit, "privasi", {"n_erased": n_erased})
        body = await ask(request, visit.caller, reporters.get_reporter, reference, ReporterQuery(limit=200))
    except ProblemError as problem:
        return render_fault(visit, "privasi", problem, fields)
    return render_section(visit, "privasi", {"held": ReporterAnswer.model_validate_json(body)}, given=fields)


def render_section(
    visit: Visit,
    section: str,
    values: Mapping[str, object] | None = None,
    *,
    status: int = 200,
    faults: Faults | None = None,
    given: Mapping[str, str] | None = None,
) -> Response:
    """The page of a section; with no name, the page of all of them."""
    return visit.render(
        f"manage_{section}.html" if section else "manage.html",
        status,
        section=section,
        sections=SECTIONS,
        faults=faults or Faults(),
        given=given or {},
        **{"n_erased": None, "held": None, "made": None, **(values or {})},
    )


def render_fault(
    visit: Visit,
    section: str,
    problem: ProblemError,
    given: Mapping[str, str],
    values: Mapping[str, object] | None = None,
) -> Response:
    """The page of a section again, with what is wrong with its form and what was typed."""
    kept = {name: value for name, value in given.items() if name not in {"password", "token"}}
    faults = read_faults(visit, problem)
    return render_section(visit, section, values, status=problem.status_code, faults=faults, given=kept)


def list_agencies(visit: Visit) -> list[tuple[str, str]]:
    """Slugs and names of the agencies, for a choice."""
    return [(slug, visit.names.label("agency", slug)) for slug in visit.context.agencies]


def _check_reference(reference: str) -> None:
    try:
        _REFERENCE.validate_python(reference)
    except ValidationError as error:
        raise invalid_fields([FieldError("pointer", "#/ref", "is no reference of a reporter")]) from error
    if not reference:
        raise ProblemError(problems.INVALID_FIELDS, problems.INVALID_FIELDS.advice)
