"""``POST /v1/feedback/batch``: stores many reports in one call, a result for each."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import ValidationError
from starlette.responses import Response, StreamingResponse

from model.prediction import JsonValue
from service import problems
from service.api_route import ApiRoute, needs
from service.callers import Caller
from service.context import Context, caller_of, context_of
from service.errors import StoreBusyError, StoreUnavailableError
from service.faults import explain_store, invalid_fields, read_fault
from service.json_body import parse_json
from service.ndjson import CONTENT_TYPES, Line, read_lines
from service.openapi import declare
from service.problems import ProblemError
from service.requests import ExternalId, FeedbackRequest
from service.storing import Stored, store

router = APIRouter(route_class=ApiRoute, tags=["feedback"])
# Rows that wait for one commit together; others get their turn between them.
_N_TOGETHER = 50

_IdempotencyKey = Annotated[
    ExternalId | None,
    Header(description="A name of your choice for this call; sent again with it, each line gets the same report."),
]


@router.post(
    "/v1/feedback/batch",
    operation_id="addFeedbackBatch",
    summary="Store and tag many reports",
    response_class=StreamingResponse,
    response_model=None,
    responses={
        **declare({}, problems.BODY_TOO_LARGE, problems.WRONG_CONTENT_TYPE, problems.INVALID_FIELDS),
        200: {
            "description": "A result for each line that is not empty, in their order, one JSON object a line.",
            "content": {CONTENT_TYPES[0]: {"schema": {"$ref": "#/components/schemas/BatchRow"}}},
        },
    },
    openapi_extra={
        **needs("ingest"),
        "requestBody": {
            "required": True,
            "content": {CONTENT_TYPES[0]: {"schema": {"$ref": "#/components/schemas/FeedbackRequest"}}},
        },
    },
)
async def add_many(request: Request, idempotency_key: _IdempotencyKey = None) -> Response:
    """Store up to 10,000 reports (16 MiB), one JSON object of `POST /v1/feedback` a line.

    Each line is stored and answered on its own: a wrong one spoils no other. When the call is broken off, send it again
    with the same `Idempotency-Key`, or with an `external_id` in each line: what was stored is found again.
    """
    lines = await read_lines(request)
    answered = _answer_all(context_of(request), caller_of(request), lines, idempotency_key)
    return StreamingResponse(answered, media_type=CONTENT_TYPES[0])


async def _answer_all(
    context: Context, caller: Caller, lines: list[Line], idempotency_key: str | None
) -> AsyncIterator[str]:
    for start in range(0, len(lines), _N_TOGETHER):
        together = lines[start : start + _N_TOGETHER]
        rows = await asyncio.gather(*(_answer(context, caller, line, idempotency_key) for line in together))
        yield "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


async def _answer(context: Context, caller: Caller, line: Line, idempotency_key: str | None) -> dict[str, JsonValue]:
    key = f"{idempotency_key} {line.number}" if idempotency_key is not None else None
    try:
        # Classifying holds the event loop; others get their turn between two lines.
        await asyncio.sleep(0)
        return _show(line, await store(context, caller, _read(line), key))
    except ProblemError as problem:
        return _show_problem(line, problem)
    except (StoreBusyError, StoreUnavailableError) as error:
        return _show_problem(line, explain_store(context, error))


def _read(line: Line) -> FeedbackRequest:
    value = parse_json(line.content, first_line=line.number)
    try:
        return FeedbackRequest.model_validate(value)
    except ValidationError as error:
        faults: list[Mapping[str, object]] = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise invalid_fields([read_fault(fault) for fault in faults]) from error


def _show(line: Line, stored: Stored) -> dict[str, JsonValue]:
    feedback = stored.record.feedback
    return {
        "line": line.number,
        "status": 201 if stored.is_new else 200,
        "id": feedback.id,
        "external_id": feedback.external_id,
        "route": feedback.route,
        "agency": feedback.agency,
        "unit": feedback.unit,
        "topic": feedback.topic,
        "urgency": feedback.urgency,
        "kind": feedback.kind,
        "alarm": feedback.alarm,
    }


def _show_problem(line: Line, problem: ProblemError) -> dict[str, JsonValue]:
    return {"line": line.number, "status": problem.status_code, "problem": problem.to_json()}
