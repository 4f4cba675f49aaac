"""The outermost layer: measures, counts and logs every request, and answers what nothing below could.

An unexpected fault becomes a 500 with an id that stands in the log too; the log says where it arose, the answer
does not.
"""

import time
from dataclasses import dataclass
from secrets import token_hex

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import problems
from service.faults import answer_fault
from service.logs import Log, describe_fault
from service.metrics import Metrics
from service.open311.formats import is_edge
from service.problems import ProblemError

_UNMATCHED = "(none)"
_STATIC = "/static/"


@dataclass(slots=True)
class _Answer:
    """What is known of the answer so far."""

    status: int = 0


class RequestLog:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics, log: Log) -> None:
        self._app = app
        self._metrics = metrics
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        answer = _Answer()

        async def note_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                _harden(scope, message)
            await send(message)

        try:
            await self._app(scope, receive, note_and_send)
        except Exception as error:  # noqa: BLE001  # whatever it is, the caller gets an answer and the log a line
            await self._answer_fault(error, answer, scope, receive, note_and_send)
        self._note(scope, answer.status, time.perf_counter() - started)

    async def _answer_fault(
        self, error: Exception, answer: _Answer, scope: Scope, receive: Receive, send: Send
    ) -> None:
        fault_id = token_hex(8)
        self._log.error("fault", id=fault_id, route=_route_of(scope), where=describe_fault(error))
        if answer.status:
            return
        problem = ProblemError(problems.INTERNAL, problems.INTERNAL.advice, more={"id": fault_id})
        await answer_fault(scope["path"], problem)(scope, receive, send)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route_of(scope)
        self._metrics.count_request(route, scope["method"], status, seconds)
        caller = scope.get("state", {}).get("caller")
        self._log.info(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            seconds=round(seconds, 6),
            caller=caller.actor if caller is not None else None,
        )


def _route_of(scope: Scope) -> str:
    """The template of the route, so that neither ids nor guesses of strangers become labels."""
    if scope["path"].startswith(_STATIC):
        return _STATIC
    return getattr(scope.get("route"), "path", _UNMATCHED)


def _harden(scope: Scope, message: Message) -> None:
    headers = MutableHeaders(scope=message)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if scope["path"].startswith("/v1/") or is_edge(scope["path"]):
        headers.setdefault("Cache-Control", "no-store")
