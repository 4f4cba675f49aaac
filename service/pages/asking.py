"""Asks the routes of ``/v1`` in process, as the person who is logged in: a page knows no rule that they do not.

A page that changes something does it through here, so the scopes, checks and jobs are those of the interface.
"""

import sys
from collections.abc import Awaitable, Callable
from functools import cache
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from service import problems
from service.api_route import ApiRoute
from service.callers import Caller
from service.faults import invalid_fields, read_fault
from service.problems import ProblemError

if TYPE_CHECKING:
    from fastapi import APIRouter

_MOST_DIGITS: Final = 9
Fields = ParamSpec("Fields")
Shape = TypeVar("Shape", bound=BaseModel)


async def ask(
    request: Request,
    caller: Caller,
    endpoint: Callable[Concatenate[Request, Fields], Awaitable[Response]],
    *args: Fields.args,
    **fields: Fields.kwargs,
) -> bytes:
    """The body that a route of ``/v1`` answers to ``caller``.

    Raises
    ------
    ProblemError
        As the route; 403 where the caller has none of its scopes.
    """
    if not caller.allows(*_find_scopes(endpoint)):
        raise ProblemError(problems.SCOPE_MISSING, problems.SCOPE_MISSING.advice)
    request.state.caller = caller
    return bytes((await endpoint(request, *args, **fields)).body)


@cache
def _find_scopes(endpoint: Callable[..., Awaitable[Response]]) -> tuple[str, ...]:
    """The scopes of the route that an endpoint answers, which stands in the router of its module."""
    router: APIRouter = vars(sys.modules[endpoint.__module__])["router"]
    return next(route.scopes for route in router.routes if isinstance(route, ApiRoute) and route.endpoint is endpoint)


def read_number(written: str) -> int | None:
    """The whole number that was typed, None for what is none or has more digits than any field takes."""
    written = written.strip()
    return int(written) if len(written) <= _MOST_DIGITS and written.isascii() and written.isdecimal() else None


def shape(kind: type[Shape], fields: object) -> Shape:
    """What was typed into a form as the body a route takes.

    Raises
    ------
    ProblemError
        422: with each field that does not fit, as the route would say it.
    """
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        faults = [read_fault({**fault, "loc": ("body", *fault["loc"])}) for fault in error.errors(include_url=False)]
        raise invalid_fields(faults) from error
