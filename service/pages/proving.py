"""Whether who gives a password is who they say, for the pages that ask for one; guesses are counted before each look.

What is answered, and after how long, does not tell whether there is an account of a login.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from service.admission import address_of, cookie_name, is_secure
from service.context import context_of
from service.people.accounts import Account
from service.people.attempts import Attempt, Lock, begin_attempts
from service.people.sessions import LONGEST

# From one address, in this process; behind a proxy that does not say who asks, from all together.
ATTEMPTS_PER_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing was looked at: the login is locked, or (``is_address``) too many tries came from one address."""

    retry_after_s: int
    is_address: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """Whose the password is, None where it is wrong; ``digest`` is of the login whose failures were counted."""

    account: Account | None
    digest: str
    at: datetime


async def prove(request: Request, login: str, password: str) -> Proof | Held:
    """Whether a login and a password belong together.

    Raises
    ------
    StoreUnavailableError
        It cannot be said now.
    """
    context, now = context_of(request), datetime.now(UTC)
    excess = context.addresses.admit(f"login from {address_of(request)}", ATTEMPTS_PER_MINUTE)
    if excess is not None:
        return Held(excess.retry_after_s, is_address=True)
    digest = context.secret.digest("login", login.encode("utf-8", "surrogatepass"))
    # PostgreSQL takes no NUL, not even to look for it; no login has one.
    found = await context.writer.write(begin_attempts, Attempt(login.replace("\0", " "), digest, now))
    if isinstance(found, Lock):
        return Held(math.ceil((found.until - now).total_seconds()), is_address=False)
    account = found.account
    is_right = await context.hasher.verify(account.password if account else None, password)
    return Proof(account if is_right else None, digest, now)


def set_cookie(answer: Response, request: Request, name: str, token: str) -> None:
    """Give the browser a cookie that scripts cannot read."""
    answer.set_cookie(
        name,
        token,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


def set_session(answer: Response, request: Request, token: str) -> None:
    """Give the browser the cookie of a session."""
    set_cookie(answer, request, cookie_name(request), token)
