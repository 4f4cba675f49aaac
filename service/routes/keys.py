"""``/v1/keys``: an admin makes keys for programs, looks them over and takes them back."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Path, Request
from starlette.responses import JSONResponse, Response

from service import problems
from service.answers_people import Key, Keys, NewKey
from service.api_route import ApiRoute, needs
from service.context import caller_of, context_of
from service.examples import KEY_EXAMPLES
from service.faults import invalid_fields
from service.openapi import declare
from service.people.faults import NameTaken, OrderError
from service.people.issuing import KeyOrder, Revocation, check_order, issue_keys, list_keys, revoke_keys
from service.problems import FieldError, ProblemError
from service.requests_people import KeyRequest

router = APIRouter(route_class=ApiRoute, tags=["people"])


@router.get(
    "/v1/keys",
    operation_id="listKeys",
    summary="List keys",
    response_model=None,
    responses=declare({200: (Keys, "All keys, also those that are over.")}),
    openapi_extra=needs("admin"),
)
async def list_all(request: Request) -> Response:
    """List all keys that ever were, newest first, with when they were last used (to the minute)."""
    keys = await context_of(request).reader.read(list_keys)
    return JSONResponse({"keys": [key.to_json() for key in keys]})


@router.post(
    "/v1/keys",
    operation_id="makeKey",
    summary="Make a key",
    response_model=None,
    status_code=201,
    responses=declare(
        {201: (NewKey, "The key works at once; `token` is shown this once.")},
        problems.INVALID_JSON,
        problems.NOT_UTF8,
        problems.BODY_TOO_LARGE,
        problems.WRONG_CONTENT_TYPE,
        problems.INVALID_FIELDS,
        problems.NAME_TAKEN,
        problems.BUSY,
    ),
    openapi_extra=needs("admin"),
)
async def make(request: Request, asked: Annotated[KeyRequest, Body(openapi_examples=KEY_EXAMPLES)]) -> Response:
    """Make a key for a program. The answer holds its token, which is kept nowhere.

    Sent twice, the second call is refused, since the name is taken.
    """
    context = context_of(request)
    order = KeyOrder(
        asked.name,
        tuple(asked.scopes),
        caller_of(request).actor,
        datetime.now(UTC),
        asked.agency,
        asked.rate,
        asked.expires_at,
    )
    try:
        check_order(order, context.agencies)
    except OrderError as error:
        raise invalid_fields([FieldError("pointer", f"#/{error.field}", error.detail)]) from error
    made = await context.writer.write(issue_keys, order)
    if isinstance(made, NameTaken):
        raise ProblemError(problems.NAME_TAKEN, "A key in force bears this name.")
    return JSONResponse({**made.record.to_json(), "token": made.token}, 201)


@router.delete(
    "/v1/keys/{id}",
    operation_id="revokeKey",
    summary="Revoke a key",
    response_model=None,
    responses=declare(
        {200: (Key, "The key is revoked, now or before.")},
        problems.NOT_FOUND,
        problems.INVALID_FIELDS,
        problems.BUSY,
    ),
    openapi_extra=needs("admin"),
)
async def revoke(request: Request, key_id: Annotated[str, Path(alias="id", max_length=36)]) -> Response:
    """Take a key back. It is refused at once here, and within a second by every other process."""
    context = context_of(request)
    revoked = None
    if "\0" not in key_id:
        revocation = Revocation(key_id, caller_of(request).actor, datetime.now(UTC))
        revoked = await context.writer.write(revoke_keys, revocation)
    if revoked is None:
        raise ProblemError(problems.NOT_FOUND, "There is no key with this id.")
    context.keys.forget()
    return JSONResponse(revoked.to_json())
