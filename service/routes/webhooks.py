"""``/v1/webhooks``: who hears of reports, with which secret, and what became of each message."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request
from sqlalchemy import ColumnElement, Connection
from starlette.responses import JSONResponse, Response

from model.prediction import JsonValue
from service import problems
from service.api_route import ApiRoute, needs
from service.context import Context, caller_of, context_of
from service.faults import invalid_fields
from service.messages.addresses import AddressRefusedError, check_url
from service.messages.listing import count_deliveries
from service.messages.webhooks import (
    Change,
    Removal,
    Rotation,
    Webhook,
    add_webhooks,
    change_webhooks,
    find_webhook,
    in_reach,
    list_webhooks,
    new_webhook,
    remove_webhooks,
    rotate_secrets,
)
from service.openapi import declare
from service.problems import FieldError, ProblemError
from service.routes.webhook_shapes import (
    RotationQuery,
    WebhookAnswer,
    WebhookChange,
    WebhookList,
    WebhookRequest,
    WebhookWithSecret,
)

router = APIRouter(route_class=ApiRoute, tags=["webhooks"])
BODY_PROBLEMS = (
    problems.INVALID_JSON,
    problems.NOT_UTF8,
    problems.BODY_TOO_LARGE,
    problems.WRONG_CONTENT_TYPE,
    problems.INVALID_FIELDS,
)
EXAMPLES = {
    "all": {"summary": "Everything", "value": {"url": "https://aplikasi.example.id/pilah"}},
    "agency": {
        "summary": "Of one agency",
        "value": {
            "url": "https://pupr.example.id/pilah",
            "agency": "dinas-pupr",
            "events": ["feedback.routed", "feedback.changed"],
        },
    },
}


@router.post(
    "/v1/webhooks",
    operation_id="addWebhook",
    summary="Let a program hear of reports",
    response_model=None,
    status_code=201,
    responses=declare(
        {201: (WebhookWithSecret, "The webhook; its secret is shown this once.")},
        problems.WEBHOOK_EXISTS,
        *BODY_PROBLEMS,
    ),
    openapi_extra=needs("admin"),
)
async def add(request: Request, asked: Annotated[WebhookRequest, Body(openapi_examples=EXAMPLES)]) -> Response:
    """Let a program hear of reports by the Standard Webhooks specification. The `secret` is shown this once."""
    context, caller = context_of(request), caller_of(request)
    _check_address(context, asked.url)
    if caller.agency is not None and asked.agency != caller.agency:
        raise invalid_fields([FieldError("pointer", "#/agency", f"must be {caller.agency}, as that of the key")])
    events, scopes = tuple(dict.fromkeys(asked.events)), tuple(dict.fromkeys(asked.scopes))
    webhook = new_webhook(asked.url, events, asked.agency, scopes, caller.actor, datetime.now(UTC))
    found = await context.writer.write(add_webhooks, webhook)
    if found is not None:
        detail = f"The webhook {found} has this address and agency; nothing was made."
        raise ProblemError(problems.WEBHOOK_EXISTS, detail, more={"webhook": found})
    body = {**show_webhook(webhook, {}), "secret": webhook.reveal(context.secret, webhook.salts[0])}
    return JSONResponse(body, 201, {"Location": f"/v1/webhooks/{webhook.id}"})


@router.get(
    "/v1/webhooks",
    operation_id="listWebhooks",
    summary="List webhooks",
    response_model=None,
    responses=declare({200: (WebhookList, "All webhooks, oldest first.")}),
    openapi_extra=needs("admin"),
)
async def list_all(request: Request) -> Response:
    """List all webhooks, without their secrets."""
    reach = reach_of(request)

    def query(connection: Connection) -> list[dict[str, JsonValue]]:
        webhooks = list_webhooks(connection, reach)
        counts = count_deliveries(connection, [webhook.id for webhook in webhooks])
        return [show_webhook(webhook, counts[webhook.id]) for webhook in webhooks]

    return JSONResponse({"webhooks": await context_of(request).reader.read(query)})


@router.get(
    "/v1/webhooks/{id}",
    operation_id="getWebhook",
    summary="Get a webhook",
    response_model=None,
    responses=declare({200: (WebhookAnswer, "The webhook.")}, problems.NOT_FOUND, problems.INVALID_FIELDS),
    openapi_extra=needs("admin"),
)
async def get(request: Request, webhook_id: Annotated[str, Path(alias="id", max_length=36)]) -> Response:
    """Get a webhook, without its secrets."""
    return JSONResponse(await _show_stored(request, webhook_id))


@router.patch(
    "/v1/webhooks/{id}",
    operation_id="changeWebhook",
    summary="Change, stop or resume a webhook",
    response_model=None,
    responses=declare({200: (WebhookAnswer, "The webhook as it is now.")}, problems.NOT_FOUND, *BODY_PROBLEMS),
    openapi_extra=needs("admin"),
)
async def change(
    request: Request,
    webhook_id: Annotated[str, Path(alias="id", max_length=36)],
    asked: Annotated[WebhookChange, Body()],
) -> Response:
    """Change what is given and leave the rest. A webhook that is stopped hears of nothing until it is resumed."""
    context = context_of(request)
    given = asked.model_fields_set
    if "url" in given:
        _check_address(context, asked.url)
    before = await find_stored(request, webhook_id)
    if asked.scopes and before.agency is not None:
        detail = "a webhook of one agency hears of no restricted report"
        raise invalid_fields([FieldError("pointer", "#/scopes", detail)])
    wanted = Change(
        webhook_id,
        reach_of(request),
        caller_of(request).actor,
        datetime.now(UTC),
        url=asked.url if "url" in given else None,
        events=tuple(dict.fromkeys(asked.events)) if "events" in given else None,
        scopes=tuple(dict.fromkeys(asked.scopes)) if "scopes" in given else None,
        is_disabled=asked.disabled if "disabled" in given else None,
    )
    if await context.writer.write(change_webhooks, wanted) is None:
        raise missing_webhook()
    return JSONResponse(await _show_stored(request, webhook_id))


@router.delete(
    "/v1/webhooks/{id}",
    operation_id="removeWebhook",
    summary="Remove a webhook",
    response_model=None,
    status_code=204,
    responses=declare({}, problems.NOT_FOUND, problems.INVALID_FIELDS),
    openapi_extra=needs("admin"),
)
async def remove(request: Request, webhook_id: Annotated[str, Path(alias="id", max_length=36)]) -> Response:
    """Remove a webhook with its secrets and deliveries."""
    check_id(webhook_id)
    removal = Removal(webhook_id, reach_of(request), caller_of(request).actor, datetime.now(UTC))
    if not await context_of(request).writer.write(remove_webhooks, removal):
        raise missing_webhook()
    return Response(status_code=204)


@router.post(
    "/v1/webhooks/{id}/rotate",
    operation_id="rotateWebhook",
    summary="Give a webhook a new secret",
    response_model=None,
    responses=declare(
        {200: (WebhookWithSecret, "The webhook; its new secret is shown this once.")},
        problems.NOT_FOUND,
        problems.INVALID_FIELDS,
    ),
    openapi_extra=needs("admin"),
)
async def rotate(
    request: Request,
    webhook_id: Annotated[str, Path(alias="id", max_length=36)],
    asked: Annotated[RotationQuery, Query()],
) -> Response:
    """Give a webhook a new secret. Those before sign too for `overlap_hours`, so that no message goes unverified."""
    context, now = context_of(request), datetime.now(UTC)
    check_id(webhook_id)
    until = now + timedelta(hours=asked.overlap_hours)
    rotation = Rotation(webhook_id, reach_of(request), caller_of(request).actor, now, until)
    webhook = await context.writer.write(rotate_secrets, rotation)
    if webhook is None:
        raise missing_webhook()
    shown = await _show_stored(request, webhook_id)
    return JSONResponse({**shown, "secret": webhook.reveal(context.secret, webhook.salts[0])})


def reach_of(request: Request) -> ColumnElement[bool]:
    """Which webhooks the caller may see and change."""
    return in_reach(caller_of(request).agency)


async def find_stored(request: Request, webhook_id: str) -> Webhook:
    """The webhook of an id; a problem when there is none in reach."""
    check_id(webhook_id)
    reach = reach_of(request)
    webhook = await context_of(request).reader.read(lambda connection: find_webhook(connection, webhook_id, reach))
    if webhook is None:
        raise missing_webhook()
    return webhook


def check_id(webhook_id: str) -> None:
    """PostgreSQL takes no NUL, not even to look for it."""
    if "\0" in webhook_id:
        raise missing_webhook()


def missing_webhook() -> ProblemError:
    """The problem that there is no such webhook."""
    return ProblemError(problems.NOT_FOUND, "There is no webhook with this id that this key may see.")


def show_webhook(webhook: Webhook, counts: Mapping[str, int]) -> dict[str, JsonValue]:
    """A webhook without its secrets."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": list(webhook.events),
        "agency": webhook.agency,
        "scopes": list(webhook.scopes),
        "secrets": [
            {
                "made_at": salt.made_at.isoformat(),
                "expires_at": salt.expires_at.isoformat() if salt.expires_at else None,
            }
            for salt in webhook.salts
        ],
        "created_at": webhook.created_at.isoformat(),
        "created_by": webhook.created_by,
        "disabled_at": webhook.disabled_at.isoformat() if webhook.disabled_at else None,
        "disabled_why": webhook.disabled_why,
        "deliveries": dict(counts),
    }


async def _show_stored(request: Request, webhook_id: str) -> dict[str, JsonValue]:
    webhook = await find_stored(request, webhook_id)
    counts = await context_of(request).reader.read(lambda connection: count_deliveries(connection, [webhook_id]))
    return show_webhook(webhook, counts[webhook_id])


def _check_address(context: Context, url: str) -> None:
    try:
        check_url(url, context.settings.listed_hosts)
    except AddressRefusedError as error:
        raise invalid_fields([FieldError("pointer", "#/url", str(error))]) from error
