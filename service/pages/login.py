"""``/masuk`` and ``/keluar``: a person logs in with a password and out again, without script.

What is answered, and after how long, does not tell whether there is an account of a login.
"""

import math
import re
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service import problems
from service.admission import cookie_name, is_form_token, is_secure, read_session_token, session_of
from service.context import Context, context_of
from service.errors import StoreUnavailableError
from service.forms import read_form
from service.page_words import Language, translate
from service.pages.navigation import find_start
from service.pages.proving import Held, prove, set_cookie, set_session
from service.pages.rendering import Frame, render
from service.pages.visitors import Lang, choose_language, find_visitor
from service.people.sessions import Login, close_sessions, derive_form_token, open_sessions
from service.problems import ProblemError

router = APIRouter(include_in_schema=False)
_VISIT_COOKIE: Final = "pilah_visit"
LOGIN_PATH: Final = "/masuk"
_OWN_ADDRESS: Final = re.compile(r"/(?![/\\])[^\\\x00-\x20]{0,1000}")


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why nobody is logged in, in the words of the page."""

    words: str
    status: int
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class _Opened:
    """A new session, and the page its person starts on."""

    token: str
    start: str


@router.get("/masuk")
async def show_login(request: Request, lang: Lang = "id") -> Response:
    """The form; who is logged in already goes on."""
    language = choose_language(lang)
    visitor = await find_visitor(request)
    if visitor is not None:
        return _go_on(language, _find_goal(request) or find_start(visitor.caller, visitor.role).path)
    return _render(request, language, login="")


@router.post("/masuk")
async def log_in(request: Request, lang: Lang = "id") -> Response:
    """A new session, or the form again with what is wrong."""
    language = choose_language(lang)
    try:
        fields = await read_form(request)
    except ProblemError as error:
        words = "error_site" if error.kind is problems.CROSS_SITE else "error_form"
        return _render(request, language, login="", refusal=_Refusal(words, error.status_code))
    login = fields.get("login", "").strip().lower()
    if not secrets.compare_digest(_visit_token(request).encode(), fields.get("token", "").encode()):
        return _render(request, language, login, _Refusal("error_form", problems.FORM_TOKEN.status))
    try:
        tried = await _try_login(request, login, fields.get("password", ""))
    except StoreUnavailableError:
        tried = _Refusal("error_away", problems.STORE_UNAVAILABLE.status)
    if isinstance(tried, _Refusal):
        return _render(request, language, login, tried)
    answer = _go_on(language, _find_goal(request) or tried.start)
    set_session(answer, request, tried.token)
    return answer


@router.post("/keluar")
async def log_out(request: Request, lang: Lang = "id") -> Response:
    """The end of the session; where there is none, nothing happens."""
    fields = await read_form(request)
    if await session_of(request) is not None:
        if not is_form_token(request, fields.get("token", "")):
            raise ProblemError(problems.FORM_TOKEN, problems.FORM_TOKEN.advice)
        await context_of(request).writer.write(close_sessions, read_session_token(request))
    answer = _go_on(choose_language(lang), "/")
    answer.delete_cookie(cookie_name(request), secure=is_secure(request), httponly=True, samesite="lax")
    return answer


async def _try_login(request: Request, login: str, password: str) -> _Opened | _Refusal:
    """A new session, or why there is none."""
    context = context_of(request)
    proof = await prove(request, login, password)
    if isinstance(proof, Held):
        if not proof.is_address:
            context.metrics.count_login("locked")
        words = "error_often" if proof.is_address else "error_locked"
        return _Refusal(words, problems.TOO_MANY_CALLS.status, proof.retry_after_s)
    account = proof.account
    token = await context.writer.write(open_sessions, Login(account, proof.digest, proof.at)) if account else None
    context.metrics.count_login("accepted" if token else "refused")
    if account is None or token is None:
        return _Refusal("error_login", problems.KEY_REFUSED.status)
    return _Opened(token, find_start(account.to_caller(), account.role).path)


def _find_goal(request: Request) -> str | None:
    """The page somebody wanted before logging in: an address of this service, never of another."""
    wanted = request.query_params.get("ke", "")
    return wanted if _OWN_ADDRESS.fullmatch(wanted) else None


def _go_on(language: Language, path: str) -> RedirectResponse:
    parted = urlsplit(path)
    query = [pair for pair in parse_qsl(parted.query) if pair[0] != "lang"] + [("lang", language)]
    return RedirectResponse(f"{parted.path}?{urlencode(query)}", 303, {"Cache-Control": "no-store"})


def _render(request: Request, language: Language, login: str, refusal: _Refusal | None = None) -> Response:
    context = context_of(request)
    visit = request.cookies.get(_VISIT_COOKIE) or secrets.token_urlsafe()
    headers = {"Retry-After": str(refusal.retry_after_s)} if refusal and refusal.retry_after_s is not None else {}
    answer = render(
        Frame(request, language, None, None),
        "login.html",
        refusal.status if refusal else 200,
        headers,
        form_token=derive_form_token(context.secret, visit),
        login=login,
        error=_word(refusal, language) if refusal else None,
        is_login=True,
        is_private=not is_secure(request) or _has_tls(request, context),
    )
    set_cookie(answer, request, _VISIT_COOKIE, visit)
    return answer


def _word(refusal: _Refusal, language: Language) -> str:
    minutes = math.ceil((refusal.retry_after_s or 0) / 60)
    return translate(refusal.words, language).replace("{minutes}", str(minutes))


def _visit_token(request: Request) -> str:
    """What the form of a browser without a session carries: bound to a cookie of its own."""
    return derive_form_token(context_of(request).secret, request.cookies.get(_VISIT_COOKIE) or secrets.token_urlsafe())


def _has_tls(request: Request, context: Context) -> bool:
    return request.url.scheme == "https" or (context.settings.public_url or "").startswith("https:")
