"""``/kelola/kunci`` and ``/kelola/akun``: keys of programs and accounts of people.

A new key is the one answer that does not lead on to another page: its token is shown there and nowhere else.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from service.answers_people import Account, Accounts, Keys, NewKey
from service.callers import LIAISON, SCOPES, SCOPES_OF_ROLE
from service.faults import invalid_fields
from service.pages.asking import ask, read_number, shape
from service.pages.formats import ZONE
from service.pages.managing import list_agencies, render_fault, render_section
from service.pages.navigation import SETTINGS
from service.pages.visits import PageRoute, Visit, begin_visit
from service.problems import FieldError, ProblemError
from service.requests_people import AccountChangeRequest, AccountRequest, KeyRequest
from service.routes import accounts, keys

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_Id = Annotated[str, Path(max_length=40, pattern=r"^[0-9a-f-]+$")]
_CHANGES = {
    "disable": {"disabled": True},
    "enable": {"disabled": False},
    "unlock": {"locked": False},
}


@router.get("/kelola/kunci")
async def show_keys(request: Request) -> Response:
    """All keys, and the form of a new one."""
    visit = await begin_visit(request, SETTINGS)
    return render_section(visit, "kunci", await _keys_of(visit))


@router.post("/kelola/kunci")
async def make_key(request: Request) -> Response:
    """Make a key and show its token this once."""
    visit = await begin_visit(request, SETTINGS)
    fields = await visit.read_form()
    try:
        body = await ask(request, visit.caller, keys.make, shape(KeyRequest, _read_key(fields)))
    except ProblemError as problem:
        return render_fault(visit, "kunci", problem, fields, await _keys_of(visit))
    return render_section(visit, "kunci", {**await _keys_of(visit), "made": NewKey.model_validate_json(body)})


@router.post("/kelola/kunci/{key}/cabut")
async def revoke_key(request: Request, key: _Id) -> Response:
    """Take a key back."""
    visit = await begin_visit(request, SETTINGS)
    await visit.read_form()
    await ask(request, visit.caller, keys.revoke, key)
    return visit.go_to("/kelola/kunci", done="key_revoked")


@router.get("/kelola/akun")
async def show_accounts(request: Request) -> Response:
    """All accounts, and the form of a new one."""
    visit = await begin_visit(request, SETTINGS)
    return render_section(visit, "akun", await _accounts_of(visit))


@router.post("/kelola/akun")
async def make_account(request: Request) -> Response:
    """Give a person an account."""
    visit = await begin_visit(request, SETTINGS)
    fields = await visit.read_form()
    wanted: dict[str, object] = {name: fields.get(name, "").strip() for name in ("login", "name", "role")}
    wanted |= {"password": fields.get("password", ""), **_read_duties(fields)}
    try:
        await ask(request, visit.caller, accounts.add, shape(AccountRequest, wanted))
    except ProblemError as problem:
        return render_fault(visit, "akun", problem, fields, await _accounts_of(visit))
    return visit.go_to("/kelola/akun", done="account_made")


@router.post("/kelola/akun/{account}")
async def change_account(request: Request, account: _Id) -> Response:
    """Change what a person may do, their password, or whether they may log in."""
    visit = await begin_visit(request, SETTINGS)
    fields = await visit.read_form()
    act = fields.get("act", "")
    wanted: dict[str, object] = dict(_CHANGES.get(act, {}))
    if act == "password":
        wanted["password"] = fields.get("password", "")
    elif act == "duties":
        wanted |= {"role": fields.get("role", ""), **_read_duties(fields)}
    try:
        await ask(request, visit.caller, accounts.change, account, shape(AccountChangeRequest, wanted))
    except ProblemError as problem:
        given = {**fields, "account": account}
        return render_fault(visit, "akun", problem, given, await _accounts_of(visit))
    return visit.go_to("/kelola/akun", done="account_changed")


async def _keys_of(visit: Visit) -> dict[str, object]:
    found = Keys.model_validate_json(await ask(visit.request, visit.caller, keys.list_all)).keys
    return {
        "keys": sorted(found, key=lambda one: one.revoked_at is not None),
        "scopes": SCOPES,
        "agencies": list_agencies(visit),
    }


async def _accounts_of(visit: Visit) -> dict[str, object]:
    found: list[Account] = Accounts.model_validate_json(
        await ask(visit.request, visit.caller, accounts.list_all)
    ).accounts
    return {
        "accounts": sorted(found, key=lambda one: (one.disabled_at is not None, one.login)),
        "roles": tuple(SCOPES_OF_ROLE),
        "agencies": list_agencies(visit),
    }


def _read_key(fields: Mapping[str, str]) -> dict[str, object]:
    wanted: dict[str, object] = {
        "name": fields.get("name", "").strip(),
        "scopes": [scope for scope in SCOPES if f"scope_{scope}" in fields],
    }
    if fields.get("agency"):
        wanted["agency"] = fields["agency"]
    if fields.get("rate", "").strip():
        wanted["rate"] = read_number(fields["rate"]) or 0
    if fields.get("expires_at"):
        wanted["expires_at"] = _read_end(fields["expires_at"]).isoformat()
    return wanted


def _read_end(written: str) -> datetime:
    """The end of a day here."""
    try:
        return datetime.combine(date.fromisoformat(written), time.max, tzinfo=ZONE)
    except ValueError as error:
        raise invalid_fields([FieldError("pointer", "#/expires_at", "is no day")]) from error


def _read_duties(fields: Mapping[str, str]) -> dict[str, object]:
    """Agency and further scopes; only a liaison has an agency, whatever stands in the form."""
    duties: dict[str, object] = {"scopes": ["oversight"] if "oversight" in fields else []}
    if fields.get("role") == LIAISON and fields.get("agency"):
        duties["agency"] = fields["agency"]
    return duties
