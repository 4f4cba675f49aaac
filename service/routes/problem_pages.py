"""``/problems``: a short page for each type of problem, where the ``type`` of an answer leads."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from service import problems
from service.admission import admit_address
from service.context import context_of
from service.html import answer_html
from service.problems import PROBLEM_TYPES, ProblemError

router = APIRouter(prefix="/problems", include_in_schema=False)


@router.get("")
async def list_problems(request: Request) -> Response:
    """All types of problems."""
    return _render(request, "Problems", PROBLEM_TYPES)


@router.get("/{slug}")
async def show_problem(request: Request, slug: str) -> Response:
    """One type of problem."""
    kind = next((kind for kind in PROBLEM_TYPES if kind.slug == slug), None)
    if kind is None:
        raise ProblemError(problems.NOT_FOUND, "There is no problem of this type; /problems lists all.")
    return _render(request, kind.title, (kind,))


def _render(request: Request, title: str, kinds: tuple[problems.ProblemType, ...]) -> Response:
    admit_address(request)
    template = context_of(request).templates.get_template("problems.html")
    return answer_html(template.render(language="en", title=title, kinds=kinds))
