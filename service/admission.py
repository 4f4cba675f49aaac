"""Who sent a request: a program by its key, or a person by the cookie of a session; and whether it calls too often.

A bearer key wins over a cookie. A cookie alone changes nothing without the token that only pages of this service know.
"""

import hmac
import re
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request

from service import problems
from service.callers import Caller
from service.context import Context, context_of
from service.people.accounts import Account
from service.people.rates import Excess, name_address
from service.people.sessions import Session, derive_form_token, find_session
from service.problems import ProblemError
from service.settings import is_loopback

FORM_TOKEN_HEADER: Final = "X-CSRF-Token"  # noqa: S105  # the name of the header
COOKIE: Final = "pilah_session"
# Browsers take a cookie of this name over TLS only, for this host only.
SECURE_COOKIE: Final = "__Host-pilah_session"
_BEARER: Final = re.compile(r"(?i)bearer +([!-~]{1,200}) *")
_CHALLENGE: Final = 'Bearer realm="pilah"'
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


async def authenticate(request: Request) -> Caller:
    """Who sent a request.

    Raises
    ------
    ProblemError
        401: nobody, or it is not valid. 403: a cookie without the token of its forms. 429: too often.
    """
    context = context_of(request)
    header = request.headers.get("authorization")
    if header is not None:
        return await _admit_key(context, header)
    session = await session_of(request)
    if session is None:
        raise ProblemError(problems.KEY_MISSING, problems.KEY_MISSING.advice, headers={"WWW-Authenticate": _CHALLENGE})
    if request.method not in _SAFE and not is_form_token(request, request.headers.get(FORM_TOKEN_HEADER, "")):
        raise ProblemError(problems.FORM_TOKEN, problems.FORM_TOKEN.advice)
    return _limit(context, session.account.to_caller(), context.settings.rate_per_minute)


async def admit_visitor(request: Request) -> Account | None:
    """The person who is logged in where a request comes from, for pages; whoever it is may not call too often.

    Raises
    ------
    ProblemError
        429: too often.
    """
    session = await session_of(request)
    if session is None:
        admit_address(request)
        return None
    context = context_of(request)
    _limit(context, session.account.to_caller(), context.settings.rate_per_minute)
    return session.account


def admit_address(request: Request) -> None:
    """Count a call without a key by the address it comes from.

    Raises
    ------
    ProblemError
        429: too often.
    """
    context = context_of(request)
    excess = context.addresses.admit(address_of(request), context.settings.address_rate_per_minute)
    if excess is not None:
        raise _refuse(excess)


def address_of(request: Request) -> str:
    """What a call without a key is counted by."""
    return name_address(request.client.host if request.client else None)


async def session_of(request: Request) -> Session | None:
    """The session whose cookie a request carries, when it is open."""
    token = read_session_token(request)
    if not token:
        return None
    context, now = context_of(request), datetime.now(UTC)
    session = await context.reader.read(lambda connection: find_session(connection, token, now))
    if session is not None:
        context.uses.sessions[session.digest] = now
    return session


def read_session_token(request: Request) -> str:
    """The token of the session's cookie, empty without one."""
    return request.cookies.get(cookie_name(request), "")


def form_token_of(request: Request) -> str:
    """The token that forms of the session carry."""
    return derive_form_token(context_of(request).secret, read_session_token(request))


def is_form_token(request: Request, given: str) -> bool:
    """Whether a form or header carried the token of the session."""
    return hmac.compare_digest(form_token_of(request).encode(), given.encode("utf-8", "surrogatepass"))


def is_secure(request: Request) -> bool:
    """Whether browsers reach the service over TLS: then the cookie must not travel without it.

    A browser on this very computer may do without; anywhere else the cookie is only given over TLS.
    """
    public_url = context_of(request).settings.public_url
    if public_url is not None:
        return public_url.startswith("https:") or not is_loopback(request.url.hostname or "")
    return request.url.scheme == "https" or not is_loopback(request.url.hostname or "")


def cookie_name(request: Request) -> str:
    """The name of the session's cookie."""
    return SECURE_COOKIE if is_secure(request) else COOKIE


async def _admit_key(context: Context, header: str) -> Caller:
    match = _BEARER.fullmatch(header)
    key = await context.keys.find(match[1]) if match else None
    if key is None:
        is_expired = match is not None and context.keys.is_expired(match[1])
        kind = problems.KEY_EXPIRED if is_expired else problems.KEY_REFUSED
        raise ProblemError(kind, kind.advice, headers={"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'})
    context.uses.keys[key.caller.id] = datetime.now(UTC)
    return _limit(context, key.caller, context.settings.rate_per_minute if key.rate is None else key.rate)


def _limit(context: Context, caller: Caller, rate: int) -> Caller:
    excess = context.rates.admit(caller.actor, rate)
    if excess is not None:
        raise _refuse(excess)
    return caller


def _refuse(excess: Excess) -> ProblemError:
    seconds = str(excess.retry_after_s)
    return ProblemError(
        problems.TOO_MANY_CALLS,
        f"{excess.limit:,} calls a minute are allowed; the next one in {seconds} s.",
        headers={
            "Retry-After": seconds,
            "RateLimit-Limit": str(excess.limit),
            "RateLimit-Remaining": "0",
            "RateLimit-Reset": seconds,
        },
    )
