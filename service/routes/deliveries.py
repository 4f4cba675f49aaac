"""What became of the messages to a webhook: list them, send dead ones again, send one for a test."""

import json
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import RowMapping
from starlette.responses import JSONResponse, Response

from model.prediction import JsonValue
from service import problems
from service.api_route import ApiRoute, needs
from service.context import caller_of, context_of
from service.cursors import read_cursor, write_cursor
from service.ids import new_id
from service.messages.listing import DeliveryPosition, Replay, list_deliveries, replay_dead
from service.messages.sending import Sender, sign
from service.openapi import declare
from service.problems import ProblemError
from service.routes.webhook_shapes import (
    DeliveriesQuery,
    DeliveryAnswer,
    DeliveryPage,
    ReplayAnswer,
    ReplayQuery,
    TryAnswer,
)
from service.routes.webhooks import find_stored, missing_webhook, reach_of

router = APIRouter(route_class=ApiRoute, tags=["webhooks"])
TEST_TYPE = "webhook.test"


@router.get(
    "/v1/webhooks/{id}/deliveries",
    operation_id="listDeliveries",
    summary="List the messages of a webhook",
    response_model=None,
    responses=declare(
        {200: (DeliveryPage, "A page of deliveries, newest first.")}, problems.NOT_FOUND, problems.INVALID_FIELDS
    ),
    openapi_extra=needs("admin"),
)
async def list_stored(
    request: Request,
    webhook_id: Annotated[str, Path(alias="id", max_length=36)],
    asked: Annotated[DeliveriesQuery, Query()],
) -> Response:
    """List what was sent, waits, is dead (`state=dead`) or was withdrawn since the report moved, newest first."""
    await find_stored(request, webhook_id)
    after = DeliveryPosition(*read_cursor(asked.cursor)) if asked.cursor is not None else None
    # One row more than asked tells whether there is a next page.
    rows = await context_of(request).reader.read(
        lambda connection: list_deliveries(connection, webhook_id, asked.state, after, asked.limit + 1)
    )
    page = rows[: asked.limit]
    more = write_cursor(page[-1]["made_at"], page[-1]["message_id"]) if len(rows) > asked.limit else None
    return JSONResponse({"deliveries": [_show(row) for row in page], "next": more})


@router.post(
    "/v1/webhooks/{id}/replay",
    operation_id="replayDeliveries",
    summary="Send dead messages again",
    response_model=None,
    responses=declare(
        {200: (ReplayAnswer, "How many wait again.")},
        problems.NOT_FOUND,
        problems.WEBHOOK_DISABLED,
        problems.INVALID_FIELDS,
    ),
    openapi_extra=needs("admin"),
)
async def replay(
    request: Request,
    webhook_id: Annotated[str, Path(alias="id", max_length=36)],
    asked: Annotated[ReplayQuery, Query()],
) -> Response:
    """Send one dead `message` again, or all of them, under the ids they had. Done twice, it sends them once."""
    webhook = await find_stored(request, webhook_id)
    if webhook.disabled_at is not None:
        raise ProblemError(problems.WEBHOOK_DISABLED, f"It was disabled: {webhook.disabled_why}.")
    wanted = Replay(webhook_id, reach_of(request), asked.message, caller_of(request).actor, datetime.now(UTC))
    n_replayed = await context_of(request).writer.write(replay_dead, wanted)
    if n_replayed is None:
        raise missing_webhook()
    return JSONResponse({"n_replayed": n_replayed})


@router.post(
    "/v1/webhooks/{id}/test",
    operation_id="testWebhook",
    summary="Send a message for a test",
    response_model=None,
    responses=declare({200: (TryAnswer, "What came of it.")}, problems.NOT_FOUND, problems.INVALID_FIELDS),
    openapi_extra=needs("admin"),
)
async def test(request: Request, webhook_id: Annotated[str, Path(alias="id", max_length=36)]) -> Response:
    """Send a message of the type `webhook.test` now and say what came of it; it is tried once."""
    context, now = context_of(request), datetime.now(UTC)
    webhook = await find_stored(request, webhook_id)
    body = json.dumps({"type": TEST_TYPE, "timestamp": now.isoformat(), "data": {"webhook": webhook.id}})
    headers = sign(f"test_{new_id(now)}", body, webhook.signers(context.secret, now), now)
    outcome = await Sender(context.settings.listed_hosts).send(webhook.url, headers, body)
    return JSONResponse({"arrived": outcome.fault is None, "status": outcome.status, "fault": outcome.fault})


def _show(row: RowMapping) -> dict[str, JsonValue]:
    return {name: _plain(row[name]) for name in DeliveryAnswer.model_fields}


def _plain(value: object) -> JsonValue:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int | str) else None
