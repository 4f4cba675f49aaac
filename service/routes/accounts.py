"""``/v1/accounts``: an admin gives people accounts, changes what they may do and ends them."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Path, Request
from starlette.responses import JSONResponse, Response

from model.prediction import JsonValue
from service import answers_people, problems
from service.answers_people import Accounts
from service.api_route import ApiRoute, needs
from service.context import Context, caller_of, context_of
from service.examples import ACCOUNT_CHANGE_EXAMPLES, ACCOUNT_EXAMPLES
from service.faults import invalid_fields
from service.openapi import declare
from service.people.accounts import (
    Account,
    AccountChange,
    AccountOrder,
    add_accounts,
    change_accounts,
    check_duties,
    find_account,
    list_accounts,
)
from service.people.attempts import find_locks, unlock
from service.people.faults import NameTaken, OrderError, Refused
from service.people.passwords import check_password
from service.problems import FieldError, ProblemError
from service.requests_people import AccountChangeRequest, AccountRequest

router = APIRouter(route_class=ApiRoute, tags=["people"])
_BODY_PROBLEMS = (
    problems.INVALID_JSON,
    problems.NOT_UTF8,
    problems.BODY_TOO_LARGE,
    problems.WRONG_CONTENT_TYPE,
    problems.INVALID_FIELDS,
    problems.BUSY,
)


@router.get(
    "/v1/accounts",
    operation_id="listAccounts",
    summary="List accounts",
    response_model=None,
    responses=declare({200: (Accounts, "All accounts, also those that are disabled.")}),
    openapi_extra=needs("admin"),
)
async def list_all(request: Request) -> Response:
    """List the accounts of people by their login."""
    accounts = await context_of(request).reader.read(list_accounts)
    return JSONResponse({"accounts": await _show_all(context_of(request), accounts)})


@router.post(
    "/v1/accounts",
    operation_id="addAccount",
    summary="Add an account",
    response_model=None,
    status_code=201,
    responses=declare({201: (answers_people.Account, "The person can log in.")}, problems.NAME_TAKEN, *_BODY_PROBLEMS),
    openapi_extra=needs("admin"),
)
async def add(request: Request, asked: Annotated[AccountRequest, Body(openapi_examples=ACCOUNT_EXAMPLES)]) -> Response:
    """Give a person an account. A login is given once and for ever, so sent twice the second call is refused."""
    context = context_of(request)
    try:
        check_duties(asked.role, asked.agency, asked.scopes, context.agencies)
        check_password(asked.password, asked.login)
    except OrderError as error:
        raise _point_at(error) from error
    order = AccountOrder(
        asked.login,
        asked.name,
        await context.hasher.hash(asked.password),
        asked.role,
        caller_of(request).actor,
        datetime.now(UTC),
        asked.agency,
        tuple(asked.scopes),
    )
    made = await context.writer.write(add_accounts, order)
    if isinstance(made, NameTaken):
        raise ProblemError(problems.NAME_TAKEN, "The login is taken, perhaps by an account that is disabled.")
    return JSONResponse((await _show_all(context, [made]))[0], 201)


@router.patch(
    "/v1/accounts/{id}",
    operation_id="changeAccount",
    summary="Change an account",
    response_model=None,
    responses=declare(
        {200: (answers_people.Account, "The account as it is now.")}, problems.NOT_FOUND, *_BODY_PROBLEMS
    ),
    openapi_extra=needs("admin"),
)
async def change(
    request: Request,
    account_id: Annotated[str, Path(alias="id", max_length=40)],
    asked: Annotated[AccountChangeRequest, Body(openapi_examples=ACCOUNT_CHANGE_EXAMPLES)],
) -> Response:
    """Change name, password, role, agency or scopes of an account, disable or unlock it; `id` may be the login.

    A new password, and disabling, log the person out everywhere. The last admin cannot be taken away.
    """
    context = context_of(request)
    found = None
    if "\0" not in account_id:
        found = await context.reader.read(lambda connection: find_account(connection, account_id))
    if found is None:
        raise ProblemError(problems.NOT_FOUND, "There is no account with this id or login.")
    try:
        changed = await _change(context, found, asked, caller_of(request).actor)
    except OrderError as error:
        raise _point_at(error) from error
    if asked.locked is False:
        await context.writer.write(unlock, context.secret.digest("login", found.login))
    return JSONResponse((await _show_all(context, [changed]))[0])


async def _change(context: Context, found: Account, asked: AccountChangeRequest, actor: str) -> Account:
    hashed = None
    if asked.password is not None:
        check_password(asked.password, found.login)
        hashed = await context.hasher.hash(asked.password)
    change = AccountChange(
        found.id,
        actor,
        datetime.now(UTC),
        asked.name,
        asked.role,
        asked.agency,
        tuple(asked.scopes) if asked.scopes is not None else None,
        hashed,
        asked.disabled,
    )
    changed = await context.writer.write(change_accounts, (change, context.agencies))
    if isinstance(changed, Refused):
        raise changed.to_error()
    return changed or found


async def _show_all(context: Context, accounts: list[Account]) -> list[dict[str, JsonValue]]:
    locks = await context.reader.read(lambda connection: find_locks(connection, datetime.now(UTC)))
    shown = []
    for account in accounts:
        until = locks.get(context.secret.digest("login", account.login))
        shown.append({**account.to_json(), "locked_until": until.isoformat() if until else None})
    return shown


def _point_at(error: OrderError) -> ProblemError:
    return invalid_fields([FieldError("pointer", f"#/{error.field}", error.detail)])
