"""The description of the interface (OpenAPI 3.1): what every route may answer, problems and keys included."""

from collections.abc import Mapping

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from service import problems
from service.admission import FORM_TOKEN_HEADER, SECURE_COOKIE
from service.answers import BatchRow, Problem
from service.api_route import SECURITY_SCHEME, SESSION_SCHEME
from service.problems import MEDIA_TYPE, ProblemType

INTERFACE_VERSION = "1"
_REFERENCE = "#/components/schemas/{model}"
_DESCRIPTION = (
    "Pilah reads what citizens write to their government, in Indonesian as they really write it, and says which "
    "agency must act, what it is about and how fast. It advises, people decide, and it is no emergency line.\n\n"
    "Errors are problems after RFC 9457; their `type` opens a page that says what to do."
)
_KEY_PROBLEMS = (
    problems.KEY_MISSING,
    problems.KEY_REFUSED,
    problems.KEY_EXPIRED,
    problems.SCOPE_MISSING,
    problems.FORM_TOKEN,
    problems.TOO_MANY_CALLS,
    problems.STORE_UNAVAILABLE,
    problems.INTERNAL,
)
_RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait before the next try."}}
_HEADERS: Mapping[int, Mapping[str, object]] = {
    problems.TOO_MANY_CALLS.status: {
        **_RETRY_AFTER,
        "RateLimit-Limit": {"schema": {"type": "integer"}, "description": "Calls a minute that are allowed."},
        "RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "Calls that are left now: none."},
        "RateLimit-Reset": {"schema": {"type": "integer"}, "description": "Seconds until the next call is allowed."},
    },
    problems.BUSY.status: _RETRY_AFTER,
}

Answers = Mapping[int, tuple[object, str]]


def declare(answers: Answers, *kinds: ProblemType) -> dict[int | str, dict[str, object]]:
    """The ``responses`` of a route that needs a key: models with their meaning, and problems."""
    return {**_declare_answers(answers), **declare_problems(*kinds, *_KEY_PROBLEMS)}


def declare_open(answers: Answers, *kinds: ProblemType) -> dict[int | str, dict[str, object]]:
    """The ``responses`` of a route that needs no key."""
    return {**_declare_answers(answers), **declare_problems(*kinds, problems.INTERNAL)}


def declare_problems(*kinds: ProblemType) -> dict[int | str, dict[str, object]]:
    """Problems by status; those that share one are listed together."""
    declared: dict[int | str, dict[str, object]] = {}
    for status in sorted({kind.status for kind in kinds}):
        listed = [kind for kind in kinds if kind.status == status]
        answer: dict[str, object] = {
            "description": "; ".join(f"{kind.title} (`{kind.uri}`)" for kind in listed),
            "content": {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(model="Problem")}}},
        }
        if status in _HEADERS:
            answer["headers"] = _HEADERS[status]
        declared[status] = answer
    return declared


def describe(app: FastAPI) -> dict[str, object]:
    """The description of ``app``, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _complete(
            get_openapi(
                title="Pilah",
                version=INTERFACE_VERSION,
                summary="Tags and stores what citizens report",
                description=_DESCRIPTION,
                routes=app.routes,
            )
        )
    return app.openapi_schema


def _declare_answers(answers: Answers) -> dict[int | str, dict[str, object]]:
    return {status: {"model": shape, "description": meaning} for status, (shape, meaning) in answers.items()}


def _complete(described: dict[str, dict[str, dict[str, object]]]) -> dict[str, object]:
    _, definitions = models_json_schema(
        [(Problem, "serialization"), (BatchRow, "serialization")], ref_template=_REFERENCE
    )
    components = described.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.update(definitions.get("$defs", {}))
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {
        SECURITY_SCHEME: {"type": "http", "scheme": "bearer", "bearerFormat": "pilah_…", "description": "An API key."},
        SESSION_SCHEME: {
            "type": "apiKey",
            "in": "cookie",
            "name": SECURE_COOKIE,
            "description": "The session of a person who logged in at `/masuk`; what changes something needs the header "
            f"`{FORM_TOKEN_HEADER}` too.",
        },
    }
    return dict(described)
