"""``/sandi``: a person gives the own account a new password, with the old one; all other sessions of it end."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from service import problems
from service.context import Context
from service.pages.navigation import PASSWORD
from service.pages.proving import Held, Proof, prove, set_session
from service.pages.visits import PageRoute, Visit, begin_visit
from service.people.accounts import Account, AccountChange, change_accounts, find_account
from service.people.faults import OrderError
from service.people.passwords import check_password
from service.people.sessions import Login, open_sessions
from service.problems import ProblemError

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why the password stays: the field it is about, the word for it, the status of the answer."""

    field: str
    word: str
    status: int = problems.INVALID_FIELDS.status
    retry_after_s: int | None = None


@router.get("/sandi")
async def show_form(request: Request) -> Response:
    """The form."""
    return (await begin_visit(request, PASSWORD)).render("own_password.html", refusal=None)


@router.post("/sandi")
async def change_own(request: Request) -> Response:
    """The new password, and a new session in the place of all there were."""
    visit = await begin_visit(request, PASSWORD)
    fields = await visit.read_form()
    account = await visit.read(lambda connection: find_account(connection, visit.caller.id))
    if account is None:
        raise ProblemError(problems.NOT_FOUND, problems.NOT_FOUND.advice)
    changed = await _change(visit, account, fields)
    if isinstance(changed, _Refusal):
        return _render(visit, changed)
    answer = visit.go_to(PASSWORD.path, done="password_changed")
    set_session(answer, request, changed)
    return answer


async def _change(visit: Visit, account: Account, fields: dict[str, str]) -> str | _Refusal:
    """The token of the new session."""
    new = fields.get("new", "")
    if new != fields.get("again", ""):
        return _Refusal("again", "password_unlike")
    try:
        check_password(new, account.login)
    except OrderError:
        return _Refusal("new", "field_password")
    proof = await prove(visit.request, account.login, fields.get("old", ""))
    if isinstance(proof, Held):
        return _Refusal("old", "password_locked", problems.TOO_MANY_CALLS.status, proof.retry_after_s)
    token = await _write(visit.context, visit.caller.actor, proof, new)
    return token or _Refusal("old", "password_wrong")


async def _write(context: Context, actor: str, proof: Proof, password: str) -> str | None:
    """None where the old password was wrong, or the account changed meanwhile."""
    if proof.account is None:
        return None
    change = AccountChange(proof.account.id, actor, datetime.now(UTC), password=await context.hasher.hash(password))
    changed = await context.writer.write(change_accounts, (change, context.agencies))
    if not isinstance(changed, Account):
        return None
    return await context.writer.write(open_sessions, Login(changed, proof.digest, proof.at))


def _render(visit: Visit, refusal: _Refusal) -> Response:
    minutes = math.ceil((refusal.retry_after_s or 0) / 60)
    answer = visit.render("own_password.html", refusal.status, refusal=refusal, minutes=minutes)
    if refusal.retry_after_s is not None:
        answer.headers["Retry-After"] = str(refusal.retry_after_s)
    return answer
