"""A visit: one person who is logged in opens one page; what the page asks the store and how it is answered.

Who is not logged in is sent to ``/masuk`` and from there back; who may not open the page, and every fault, gets a page
that says so.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from secrets import token_hex
from typing import TypeVar
from urllib.parse import urlencode

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from model.errors import PilahError
from service import problems
from service.admission import is_form_token
from service.callers import Caller
from service.cases.derivation import Cases
from service.charts import Words, words_in
from service.context import Context, context_of
from service.errors import StoreUnavailableError
from service.faults import explain_store
from service.forms import read_form
from service.ledger.deriving import count_behind
from service.logs import describe_fault
from service.page_words import Language
from service.pages.formats import today
from service.pages.login import LOGIN_PATH
from service.pages.navigation import Entry
from service.pages.rendering import Frame, render
from service.pages.visitors import Visitor, choose_language, find_visitor, know_visitor
from service.pages.wording import words_of
from service.problems import ProblemError

_T = TypeVar("_T")
# So many entries are read in a second or two; with more, after an upgrade or a large import, figures say so.
MANY_BEHIND = 500
# What went wrong in words for whoever reads the page; anything else is "error_other".
_WORDS_OF_STATUS = {401: "login", 403: "denied", 404: "missing", 409: "late", 422: "fields", 429: "often", 503: "away"}


class LoginNeededError(PilahError):
    """Nobody is logged in where a page was asked for."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who opened which page in which language, and when; ``n_behind`` entries are not in its figures yet."""

    request: Request
    entry: Entry
    visitor: Visitor
    language: Language
    now: datetime
    n_behind: int = 0

    @property
    def context(self) -> Context:
        """The parts of the service."""
        return context_of(self.request)

    @property
    def caller(self) -> Caller:
        """Who asks the store."""
        return self.visitor.caller

    @property
    def today(self) -> date:
        """The day it is here."""
        return today(self.now)

    @property
    def names(self) -> Words:
        """What labels are called in the language of the page, and in which order they stand."""
        return words_in(self.language, self.context.taxonomy)

    @property
    def words(self) -> Mapping[str, str]:
        """The words of the pages in the language of this one."""
        return words_of(self.language)

    @property
    def state(self) -> Mapping[str, str]:
        """The state of the page as its address holds it."""
        return self.request.query_params

    def name_place(self, code: str) -> str:
        """The name of a place, which reports may hold as a code; what is no code stays."""
        known = self.context.router.gazetteer.entries.get(code)
        return known.name if known is not None else code

    def name_unit(self, unit: str) -> str:
        """The name of an agency, or of a village office, which is known by the code of its place."""
        return self.names.label("agency", unit) if unit in self.context.agencies else self.name_place(unit)

    async def read(self, ask: Callable[[Connection], _T]) -> _T:
        """What the store answers."""
        return await self.context.reader.read(ask)

    async def read_form(self) -> dict[str, str]:
        """The fields of a form of this session.

        Raises
        ------
        ProblemError
            403: from another site, or without the token of the session.
        """
        fields = await read_form(self.request)
        if not is_form_token(self.request, fields.get("token", "")):
            raise ProblemError(problems.FORM_TOKEN, problems.FORM_TOKEN.advice)
        return fields

    def render(self, template: str, status: int = 200, **values: object) -> Response:
        """The page from its template, with what it is given and what every page is given."""
        frame = Frame(self.request, self.language, self.entry, self.visitor)
        n_behind = self.n_behind if self.n_behind > MANY_BEHIND else 0
        usual = {
            "n_behind": n_behind,
            "now": self.now,
            "today": self.today,
            "names": self.names,
            "place": self.name_place,
        }
        return render(frame, template, status, None, **{**usual, **values})

    def go_to(self, path: str, **parameters: str) -> Response:
        """Send the browser on after a form; ``done="made"`` lets the next page say the word ``done_made``."""
        more = {"lang": "en"} if self.language == "en" else {}
        query = urlencode({**parameters, **more})
        return RedirectResponse(f"{path}?{query}" if query else path, 303, {"Cache-Control": "no-store"})


async def begin_visit(request: Request, entry: Entry) -> Visit:
    """Who is here to see the page.

    Raises
    ------
    LoginNeededError
        Nobody is logged in.
    ProblemError
        403: the page is not for this person. 429: too often.
    StoreUnavailableError
        Who is here is not known: to be sent to log in, where nobody can, would help nobody.
    """
    visitor = await know_visitor(request)
    if visitor is None:
        raise LoginNeededError("Nobody is logged in here.")
    if not entry.is_open_to(visitor.caller):
        raise ProblemError(problems.SCOPE_MISSING, f"{entry.path} is not open to the role {visitor.role}.")
    language = choose_language(request.query_params.get("lang", ""))
    n_behind = 0
    if entry.shows_figures:
        n_behind = await context_of(request).reader.read(lambda connection: count_behind(connection, Cases.name))
    return Visit(request, entry, visitor, language, datetime.now(UTC), n_behind)


class PageRoute(APIRoute):
    """A route whose faults are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        """Wrap the handler of the framework."""
        handle = super().get_route_handler()

        async def handle_for_people(request: Request) -> Response:
            try:
                return await handle(request)
            except LoginNeededError:
                return _send_to_login(request)
            except ProblemError as error:
                return await _render_fault(request, error)
            except StoreUnavailableError as error:
                return await _render_fault(request, explain_store(context_of(request), error))
            except RequestValidationError:
                return await _render_fault(request, ProblemError(problems.INVALID_FIELDS, "The address does not fit."))
            except HTTPException:
                raise
            except Exception as error:  # noqa: BLE001  # whatever it is, the person gets a page and the log a line
                return await _render_defect(request, error)

        return handle_for_people


def _send_to_login(request: Request) -> Response:
    language = choose_language(request.query_params.get("lang", ""))
    parameters = {"lang": language}
    # A form that was sent is lost either way: its page is opened anew.
    back = request.url.path + (f"?{request.url.query}" if request.url.query and request.method == "GET" else "")
    address = f"{LOGIN_PATH}?{urlencode({**parameters, 'ke': back})}"
    headers = {"Cache-Control": "no-store"}
    if "hx-request" in request.headers:
        # A part of a page cannot hold the way in; the script loads the whole page.
        return Response(status_code=200, headers={**headers, "HX-Redirect": address})
    return RedirectResponse(address, 303, headers)


async def _render_defect(request: Request, error: Exception) -> Response:
    """The page of a defect of ours, with the id under which the log says where it arose."""
    fault_id = token_hex(8)
    route = getattr(request.scope.get("route"), "path", "")
    context_of(request).log.error("fault", id=fault_id, route=route, where=describe_fault(error))
    return await _render_fault(request, ProblemError(problems.INTERNAL, problems.INTERNAL.advice), fault_id)


async def _render_fault(request: Request, error: ProblemError, fault_id: str = "") -> Response:
    try:
        visitor = await find_visitor(request)
    except (ProblemError, StoreUnavailableError):
        visitor = None
    word = _WORDS_OF_STATUS.get(error.status_code, "other")
    frame = Frame(request, choose_language(request.query_params.get("lang", "")), None, visitor)
    return render(frame, "fault.html", error.status_code, error.headers, word=word, fault_id=fault_id)
