"""``/v1/emergencies`` and the acknowledgement of one: who has seen a report that cannot wait."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import RowMapping
from starlette.responses import JSONResponse, Response

from model.prediction import JsonValue
from service import problems
from service.api_route import ApiRoute, needs
from service.context import caller_of, context_of
from service.messages.emergencies import Acknowledgement, acknowledge_all, list_open
from service.openapi import declare
from service.problems import ProblemError
from service.routes.webhook_shapes import EmergenciesQuery, EmergencyAnswer, EmergencyList
from service.visibility import visible_to, workable_by

router = APIRouter(route_class=ApiRoute, tags=["emergencies"])


@router.get(
    "/v1/emergencies",
    operation_id="listEmergencies",
    summary="List emergencies nobody acknowledged",
    response_model=None,
    responses=declare({200: (EmergencyList, "The longest waiting first.")}, problems.INVALID_FIELDS),
    openapi_extra=needs("triage"),
)
async def list_emergencies(request: Request, asked: Annotated[EmergenciesQuery, Query()]) -> Response:
    """List the emergencies that nobody has acknowledged, the longest waiting first."""
    visible = visible_to(caller_of(request))
    rows = await context_of(request).reader.read(lambda connection: list_open(connection, visible, asked.limit))
    return JSONResponse({"emergencies": [_show(row) for row in rows]})


@router.post(
    "/v1/feedback/{id}/acknowledge",
    operation_id="acknowledgeEmergency",
    summary="Say that an emergency was seen",
    response_model=None,
    responses=declare({200: (EmergencyAnswer, "Who saw it first.")}, problems.NOT_FOUND, problems.INVALID_FIELDS),
    openapi_extra=needs("triage"),
)
async def acknowledge(request: Request, feedback_id: Annotated[str, Path(alias="id", max_length=36)]) -> Response:
    """Say that somebody has seen the emergency, so that no second call goes out. Done twice, the first stands."""
    context, caller = context_of(request), caller_of(request)
    asked = Acknowledgement(feedback_id, workable_by(caller), caller.actor, datetime.now(UTC))
    row = None if "\0" in feedback_id else await context.writer.write(acknowledge_all, asked)
    if row is None:
        raise ProblemError(problems.NOT_FOUND, "There is no emergency of this report that this key may see.")
    return JSONResponse(_show(row))


def _show(row: RowMapping) -> dict[str, JsonValue]:
    return {name: _plain(row[name]) for name in EmergencyAnswer.model_fields}


def _plain(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None else str(value)
