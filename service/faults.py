"""Turns what is raised under a route into a problem: framework errors, fields that do not fit, a store that is gone."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route

from service import problems
from service.context import Context, context_of
from service.errors import StoreBusyError, StoreUnavailableError
from service.html import answer_html
from service.open311.formats import answer_problem, is_edge
from service.page_words import Language, words_of
from service.problems import FieldError, ProblemError, ProblemType, respond

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

RETRY_AFTER_S = 2
MAX_ERRORS = 20
_KIND_OF_STATUS = {404: problems.NOT_FOUND, 405: problems.METHOD_NOT_ALLOWED, 413: problems.BODY_TOO_LARGE}
_SHOWN_CHARS = 60


def install(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Let ``app``, which has ``routes``, answer every fault as a problem."""

    async def answer_http(request: "Request", error: Exception) -> "Response":
        return await _answer_http(request, error, routes)

    app.add_exception_handler(HTTPException, answer_http)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(StoreUnavailableError, _answer_store)


async def _answer_http(request: "Request", error: Exception, routes: Sequence[BaseRoute]) -> "Response":
    path = request.url.path
    if isinstance(error, ProblemError):
        return _answer_page(request, error) if _is_for_people(request, error) else answer_fault(path, error)
    if not isinstance(error, HTTPException):
        raise error
    kind = _KIND_OF_STATUS.get(error.status_code, problems.BAD_REQUEST)
    headers = dict(error.headers or {})
    if kind is problems.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed_methods(path, routes))
    return answer_fault(path, ProblemError(kind, _describe(kind, request), headers=headers))


def _is_for_people(request: "Request", problem: ProblemError) -> bool:
    """Whether a browser that asks for a page is told to wait; all other problems are read by programs."""
    wanted = request.headers.get("accept", "")
    is_page = not request.url.path.startswith("/v1/") and not is_edge(request.url.path)
    return problem.kind is problems.TOO_MANY_CALLS and is_page and "text/html" in wanted


def _answer_page(request: "Request", problem: ProblemError) -> "Response":
    language: Language = "en" if request.query_params.get("lang") == "en" else "id"
    template = context_of(request).templates.get_template("wait.html")
    page = template.render(language=language, words=words_of(language))
    return answer_html(page, problem.status_code, problem.headers)


async def _answer_validation(request: "Request", error: Exception) -> "Response":
    if not isinstance(error, RequestValidationError):
        raise error
    return answer_fault(request.url.path, invalid_fields([read_fault(fault) for fault in error.errors()]))


async def _answer_store(request: "Request", error: Exception) -> "Response":
    return answer_fault(request.url.path, explain_store(context_of(request), error))


def answer_fault(path: str, problem: ProblemError) -> "Response":
    """A problem in the shape of the edge that ``path`` belongs to."""
    return answer_problem(path, problem) if is_edge(path) else respond(problem)


def explain_store(context: Context, error: Exception) -> ProblemError:
    """The problem of a store that is busy or away, counted."""
    is_busy = isinstance(error, StoreBusyError)
    context.metrics.count_store_error("busy" if is_busy else "unavailable")
    kind = problems.BUSY if is_busy else problems.STORE_UNAVAILABLE
    return ProblemError(kind, kind.advice, headers={"Retry-After": str(RETRY_AFTER_S)})


def invalid_fields(errors: Sequence[FieldError]) -> ProblemError:
    """The problem that lists fields which cannot be used."""
    count = "A field" if len(errors) == 1 else f"{len(errors):,} fields"
    detail = f"{count} cannot be used: {errors[0].name}: {errors[0].detail}"
    if len(errors) > MAX_ERRORS:
        detail += f" (the first {MAX_ERRORS} are listed)"
    return ProblemError(problems.INVALID_FIELDS, detail, errors=errors[:MAX_ERRORS])


def read_fault(fault: Mapping[str, object]) -> FieldError:
    """One entry of a validation error, without the value that was sent."""
    loc = fault["loc"]
    path = tuple(loc) if isinstance(loc, (tuple, list)) else ()
    detail = _word_fault(fault)
    if path[:1] == ("body",):
        return FieldError("pointer", point_at(path[1:]), detail)
    place = "header" if path[:1] == ("header",) else "parameter"
    return FieldError(place, ".".join(str(part) for part in path[1:]), detail)


def point_at(path: Sequence[object]) -> str:
    """A path into the body as JSON pointer in a fragment (RFC 6901, section 6)."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "#" + "".join(f"/{quote(part, safe='~', errors='backslashreplace')}" for part in parts)


def _word_fault(fault: Mapping[str, object]) -> str:
    kind = str(fault["type"])
    if kind == "extra_forbidden":
        return "unknown field; leave it out or mend its name"
    if kind == "missing":
        return "is required"
    if kind == "string_unicode":
        return "holds half of a surrogate pair, which is no character"
    return _shorten(str(fault["msg"]).removeprefix("Value error, "))


def _shorten(message: str) -> str:
    return message if len(message) <= 4 * _SHOWN_CHARS else message[: 4 * _SHOWN_CHARS] + "…"


def _allowed_methods(path: str, routes: Sequence[BaseRoute]) -> list[str]:
    """All methods an address takes; the framework names those of its first route only."""
    matching = [route for route in routes if isinstance(route, Route) and route.path_regex.match(path)]
    # `/v1/feedback/batch` is no report called batch.
    matching = [route for route in matching if route.path == path] or matching
    methods = {method for route in matching for method in route.methods or ()} or {"GET"}
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)


def _describe(kind: ProblemType, request: "Request") -> str:
    path = request.url.path
    shown = path if len(path) <= _SHOWN_CHARS else path[:_SHOWN_CHARS] + "…"
    if kind is problems.METHOD_NOT_ALLOWED:
        return f"{shown} does not take {request.method}."
    return f"There is nothing at {shown}." if kind is problems.NOT_FOUND else kind.advice
