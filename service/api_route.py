"""The way into every route of ``/v1``: the caller and its scopes, then the body within its limits, then the fields.

A route without a scope cannot be made.
"""

from collections.abc import Callable, Coroutine

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from model.prediction import JsonValue
from service import problems
from service.admission import authenticate
from service.callers import SCOPES, Caller
from service.context import context_of
from service.json_body import check_content_encoding, check_content_type, parse_json, read_limited
from service.problems import ProblemError

SECURITY_SCHEME = "key"
SESSION_SCHEME = "session"


def needs(*scopes: str) -> dict[str, object]:
    """What a route is given as ``openapi_extra`` to be open to callers with one of ``scopes`` (and to ``admin``)."""
    unknown = set(scopes) - set(SCOPES)
    if unknown or not scopes:
        raise ValueError(f"{scopes} are no scopes; give some of {', '.join(SCOPES)}.")
    return {"security": [{SECURITY_SCHEME: list(scopes)}, {SESSION_SCHEME: list(scopes)}]}


class ApiRoute(APIRoute):
    """A route that checks who calls before it reads the body."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes of which a caller needs one."""
        return self._read_scopes()

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        """Wrap the handler of the framework."""
        scopes = self._read_scopes()
        handle = super().get_route_handler()

        async def check_and_handle(request: Request) -> Response:
            request.state.caller = await _authorise(request, scopes)
            return await handle(_StrictRequest(request.scope, request.receive))

        return check_and_handle

    def _read_scopes(self) -> tuple[str, ...]:
        try:
            return tuple((self.openapi_extra or {})["security"][0][SECURITY_SCHEME])
        except KeyError as error:
            raise TypeError(f"{self.path} names no scope; give it openapi_extra=needs(…).") from error


class _StrictRequest(Request):
    """A request whose body is read within the limit and parsed strictly."""

    async def body(self) -> bytes:
        """The body, refused when it is too long or of another type."""
        if not hasattr(self, "_body"):
            check_content_type(self.headers.get("content-type"))
            check_content_encoding(self.headers.get("content-encoding"))
            self._body = await read_limited(self, context_of(self).settings.max_body_bytes)
            if not self._body:
                raise ProblemError(
                    problems.INVALID_JSON, "The body is empty; send a JSON object.", more={"line": 1, "column": 1}
                )
        return self._body

    async def json(self) -> JsonValue:
        """The value of the body."""
        return parse_json(await self.body())


async def _authorise(request: Request, scopes: tuple[str, ...]) -> Caller:
    caller = await authenticate(request)
    if not caller.allows(*scopes):
        raise ProblemError(problems.SCOPE_MISSING, f"Needed is one of: {', '.join((*scopes, 'admin'))}.")
    return caller
