"""``/v1/feedback``: stores reports with their tags, and gives them back."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Body, Header, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from model.prediction import JsonValue
from service import problems
from service.answers import FeedbackPage, StoredFeedback
from service.api_route import ApiRoute, needs
from service.auditing.blinding import find_withheld
from service.context import Context, caller_of, context_of
from service.cursors import read_cursor, write_cursor
from service.examples import FEEDBACK_EXAMPLES
from service.feedback import Record, find_feedback, write_json
from service.handling.clocks import find_status, show_clock
from service.listing import Position, list_feedback
from service.messages.emergencies import advise
from service.openapi import declare
from service.problems import ProblemError
from service.requests import ExternalId, FeedbackRequest
from service.routes.feedback_query import FeedbackQuery, narrow_blind, read_filters
from service.storing import store
from service.visibility import visible_to

Found = TypeVar("Found")
router = APIRouter(route_class=ApiRoute, tags=["feedback"])

# No head is withheld.
NOTHING: Final[frozenset[str]] = frozenset()
# What stands in a prediction that is withheld.
_EMPTY: Final[dict[str, JsonValue]] = {
    "heads": {},
    "also": [],
    "about": None,
    "gates": None,
    "rules": [],
    "alarms": [],
    "explanation": {},
}
_IdempotencyKey = Annotated[
    ExternalId | None, Header(description="A name of your choice for this call; sent again, it gives the same answer.")
]


@router.post(
    "/v1/feedback",
    operation_id="addFeedback",
    summary="Store and tag a report",
    response_model=None,
    status_code=201,
    responses=declare(
        {
            200: (StoredFeedback, "The same report was stored before; this is what was stored."),
            201: (StoredFeedback, "The report is stored; `Location` is its address."),
        },
        problems.INVALID_JSON,
        problems.NOT_UTF8,
        problems.BODY_TOO_LARGE,
        problems.TEXT_TOO_LONG,
        problems.WRONG_CONTENT_TYPE,
        problems.INVALID_FIELDS,
        problems.REPLAY_MISMATCH,
        problems.BUSY,
    ),
    openapi_extra=needs("ingest"),
)
async def add(
    request: Request,
    asked: Annotated[FeedbackRequest, Body(openapi_examples=FEEDBACK_EXAMPLES)],
    idempotency_key: _IdempotencyKey = None,
) -> Response:
    """Tag a report and store it durably; the answer is sent when the report is on the disk.

    Sent again with the same `external_id` or the same header `Idempotency-Key`, the same body gives the same report
    with status 200, another body a problem. Only the masked text is stored; the app keeps the original.
    """
    context = context_of(request)
    stored = await store(context, caller_of(request), asked, idempotency_key)
    location = f"/v1/feedback/{stored.record.feedback.id}"
    content = write_feedback(context, stored.record)
    return Response(content, 201 if stored.is_new else 200, {"Location": location}, "application/json")


@router.get(
    "/v1/feedback",
    operation_id="listFeedback",
    summary="List stored reports",
    response_model=None,
    responses=declare({200: (FeedbackPage, "A page of reports, newest first.")}, problems.INVALID_FIELDS),
    openapi_extra=needs("ingest", "triage", "analyse", "audit"),
)
async def list_stored(request: Request, asked: Annotated[FeedbackQuery, Query()]) -> Response:
    """List stored reports by the time they were received, newest first.

    `next` of a page is the `cursor` of the one after it; reports that come in meanwhile shift no later page. A key
    that only sends reports sees its own. What a person may still label blind is no answer to a question for labels.
    """
    context, caller = context_of(request), caller_of(request)
    visible = visible_to(caller)
    filters = read_filters(context, asked, datetime.now(UTC))
    after = Position(*read_cursor(asked.cursor)) if asked.cursor is not None else None

    # One row more than asked tells whether there is a next page.
    def look(connection: Connection) -> tuple[list[Record], Mapping[str, frozenset[str]]]:
        found = list_feedback(connection, filters, narrow_blind(visible, filters, caller), after, asked.limit + 1)
        return found, find_withheld(connection, caller, [record.feedback.id for record in found])

    records, withheld = await context.reader.read(look)
    page = records[: asked.limit]
    shown: list[JsonValue] = [show_feedback(context, one, withheld.get(one.feedback.id, NOTHING)) for one in page]
    return JSONResponse({"feedback": shown, "next": _next_cursor(records, asked.limit)})


@router.get(
    "/v1/feedback/{id}",
    operation_id="getFeedback",
    summary="Get a stored report",
    response_model=None,
    responses=declare({200: (StoredFeedback, "The report.")}, problems.NOT_FOUND, problems.INVALID_FIELDS),
    openapi_extra=needs("ingest", "triage", "analyse", "audit"),
)
async def get(request: Request, feedback_id: Annotated[str, Path(alias="id", max_length=36)]) -> Response:
    """Get a report by the id it was stored under."""
    context, caller = context_of(request), caller_of(request)
    visible = visible_to(caller)

    def look(connection: Connection) -> tuple[Record | None, frozenset[str]]:
        found = find_feedback(connection, feedback_id, visible)
        return found, find_withheld(connection, caller, [feedback_id]).get(feedback_id, NOTHING)

    record, withheld = None, NOTHING
    # PostgreSQL takes no NUL, not even to look for it.
    if "\0" not in feedback_id:
        record, withheld = await context.reader.read(look)
    return Response(write_feedback(context, seen_by(record), withheld), media_type="application/json")


def seen_by(found: Found | None) -> Found:
    """What was found of a report.

    Raises
    ------
    ProblemError
        404: there is none that the caller may see.
    """
    if found is None:
        raise ProblemError(problems.NOT_FOUND, "There is no report with this id that this key may see.")
    return found


def show_feedback(context: Context, record: Record, withheld: Collection[str] = NOTHING) -> dict[str, JsonValue]:
    """A stored report as it is answered, when it is stored and ever after.

    While heads are ``withheld`` for a blind label nothing that was predicted is told, nor where it went by that.
    """
    prediction = record.prediction()
    if withheld:
        prediction |= _EMPTY
    heads: list[JsonValue] = [*sorted(withheld)]
    sent: dict[str, JsonValue] = {**_show_sent(context, record), "withheld": heads}
    return {**sent, "prediction": prediction, **_show_place(record, is_withheld="agency" in withheld)}


def write_feedback(context: Context, record: Record, withheld: Collection[str] = NOTHING) -> bytes:
    """The JSON of `show_feedback`; the prediction goes into it as it is stored, without being read."""
    if withheld:
        return write_json(show_feedback(context, record, withheld)).encode()
    sent, place = write_json({**_show_sent(context, record), "withheld": []}), write_json(_show_place(record))
    return f'{sent[:-1]},"prediction":{record.write_prediction()},{place[1:]}'.encode()


def _show_sent(context: Context, record: Record) -> dict[str, JsonValue]:
    """What was sent, and what to say to its sender."""
    feedback = record.feedback
    return {
        "id": feedback.id,
        "external_id": feedback.external_id,
        "state": feedback.state,
        "received_at": feedback.received_at.isoformat(),
        "stored_at": feedback.stored_at.isoformat(),
        "channel": feedback.channel,
        "district": feedback.district,
        "village": feedback.village,
        "lat": feedback.lat,
        "lon": feedback.lon,
        "address": feedback.address,
        "rating": feedback.rating,
        "about": feedback.about,
        "sender_topic": feedback.sender_topic,
        "attachments": json.loads(feedback.attachments),
        "source_url": feedback.source_url,
        "published_at": feedback.published_at.isoformat() if feedback.published_at else None,
        "title": feedback.title,
        "advice": _advise(context) if feedback.is_emergency else None,
    }


def _show_place(record: Record, *, is_withheld: bool = False) -> dict[str, JsonValue]:
    """Where the report is, and until when."""
    feedback = record.feedback
    if is_withheld:
        nowhere: dict[str, JsonValue] = {"agency": None, "unit": None, "decision": None, "by": "classifier"}
        return {"route": nowhere, "clock": _show_clock(record)}
    return {
        "route": {
            "agency": feedback.agency,
            "unit": feedback.unit,
            "decision": feedback.route,
            "by": "person" if record.is_placed_by_person else "classifier",
        },
        "clock": _show_clock(record),
    }


def _show_clock(record: Record) -> dict[str, JsonValue] | None:
    if record.clock is None:
        return None
    return show_clock(
        record.clock, find_status(record.feedback, record.clock), is_at_agency=record.feedback.is_at_agency
    )


def _next_cursor(records: Sequence[Record], limit: int) -> str | None:
    if len(records) <= limit:
        return None
    last = records[limit - 1].feedback
    return write_cursor(last.received_at, last.id)


def _advise(context: Context) -> dict[str, JsonValue]:
    return advise(context.terms.current.policy, context.settings.emergency_contacts)
