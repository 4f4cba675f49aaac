"""``/v1/review``: the reports that wait for a person, and who holds which."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BeforeValidator, Field
from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from model.prediction import JsonValue
from service import problems
from service.answers import Described, StoredFeedback
from service.api_route import ApiRoute, needs
from service.auditing.blinding import find_withheld
from service.callers import Caller
from service.context import Context, caller_of, context_of
from service.cursors import read_rank, write_rank
from service.feedback import Record, load_feedback
from service.handling.claims import Held
from service.handling.review import (
    Giving,
    Shut,
    Taking,
    Waiting,
    count_shut,
    give_all,
    list_queue,
    take_all,
)
from service.openapi import declare
from service.requests import Line, Strict, unite_numbers
from service.routes.claim_faults import refuse_held
from service.routes.feedback import NOTHING, seen_by, show_feedback
from service.visibility import OVERSIGHT, workable_by

router = APIRouter(route_class=ApiRoute, tags=["handling"])
QUEUE_CURSOR_FORMAT = "pilah-queue-cursor"
_MAX_TAKEN = 50


class ReviewItem(Described):
    """A report that waits for a person."""

    feedback: StoredFeedback
    claimed_by: Annotated[str | None, Field(description="Who holds it; null where nobody does.")]
    claimed_until: datetime | None


class ShutAway(Described):
    """What of the queue is shut away because it may be an accusation."""

    waiting: Annotated[int, Field(ge=0)]
    oldest_at: Annotated[datetime | None, Field(description="When the one that waits longest was received.")]


class ReviewPage(Described):
    """Reports that wait for a person, the most pressing first."""

    reports: list[ReviewItem]
    shut_away: Annotated[
        ShutAway | None, Field(description="For callers with `oversight`: they alone can free these. Else null.")
    ]
    next: Annotated[str | None, Field(description="The `cursor` of the next page; null on the last one.")]


class Claimed(Described):
    """Reports that are yours now, for a quarter of an hour."""

    reports: list[ReviewItem]


class Released(Described):
    """Whether a report was held and is free now."""

    released: bool


class ReviewQuery(Strict):
    """How much of the queue is shown."""

    limit: Annotated[int, Field(ge=1, le=_MAX_TAKEN)] = 20
    cursor: Annotated[
        str | None,
        Field(
            max_length=200, description="`next` of the page before.", json_schema_extra={"format": QUEUE_CURSOR_FORMAT}
        ),
    ] = None


class ClaimRequest(Strict):
    """Which report is claimed, or how many of the next ones."""

    feedback_id: Annotated[Line | None, Field(description="The report; the next ones of the queue without it.")] = None
    limit: Annotated[
        int,
        Field(strict=True, ge=1, le=_MAX_TAKEN, description="How many of the next ones."),
        BeforeValidator(unite_numbers),
    ] = 1
    ahead: Annotated[
        bool,
        Field(
            strict=True,
            description="The report of `feedback_id` is only held for later, nobody sees it yet: an emergency is not "
            "acknowledged by it. Claim it again without this when it is opened.",
        ),
    ] = False


class ReleaseRequest(Strict):
    """Which report is given back."""

    feedback_id: Line


_PROBLEMS = (
    problems.INVALID_JSON,
    problems.NOT_UTF8,
    problems.BODY_TOO_LARGE,
    problems.WRONG_CONTENT_TYPE,
    problems.INVALID_FIELDS,
    problems.NOT_FOUND,
    problems.CLAIMED,
    problems.BUSY,
)


@router.get(
    "/v1/review",
    operation_id="listReview",
    summary="What waits for a person",
    response_model=None,
    responses=declare({200: (ReviewPage, "The head of the queue.")}, problems.INVALID_FIELDS),
    openapi_extra=needs("triage"),
)
async def list_waiting(request: Request, asked: Annotated[ReviewQuery, Query()]) -> Response:
    """List the reports that wait for a person: possible emergencies first, then what is due, urgent, uncertain.

    `next` of a page is the `cursor` of the one after it; what comes in or is dealt with meanwhile shifts no later page.
    """
    context, caller = context_of(request), caller_of(request)
    visible = workable_by(caller)
    after = read_rank(asked.cursor) if asked.cursor is not None else None
    now = after.at if after is not None else datetime.now(UTC)
    # One row more than asked tells whether there is a next page.
    waiting = await context.reader.read(
        lambda connection: list_queue(connection, visible, now, asked.limit + 1, after=after)
    )
    page = waiting[: asked.limit]
    found = await context.reader.read(lambda connection: _load(context, connection, page, caller))
    last = page[-1].rank if len(waiting) > asked.limit else None
    shut = None
    if caller.agency is None and caller.allows(OVERSIGHT):
        shut = _show_shut(await context.reader.read(lambda connection: count_shut(connection, visible)))
    return JSONResponse({"reports": found, "shut_away": shut, "next": write_rank(last) if last is not None else None})


@router.post(
    "/v1/review/claim",
    operation_id="claimReview",
    summary="Hold reports of the queue",
    response_model=None,
    responses=declare({200: (Claimed, "What you hold now; nothing where the queue is empty.")}, *_PROBLEMS),
    openapi_extra=needs("triage"),
)
async def claim(request: Request, asked: ClaimRequest) -> Response:
    """Hold one report, or the next ones of the queue, for a quarter of an hour; two officers never hold the same.

    Claimed again by who holds it, the time begins anew.
    """
    context, caller = context_of(request), caller_of(request)
    visible = workable_by(caller)
    taking = Taking(caller.actor, visible, datetime.now(UTC), asked.feedback_id, asked.limit, asked.ahead)
    outcome = await context.writer.write(take_all, taking)
    if isinstance(outcome, Held):
        raise refuse_held(outcome)
    held = seen_by(outcome)
    found = await context.reader.read(lambda connection: _load(context, connection, held, caller))
    return JSONResponse({"reports": found})


@router.post(
    "/v1/review/release",
    operation_id="releaseReview",
    summary="Give a report back to the queue",
    response_model=None,
    responses=declare({200: (Released, "Whether it was held.")}, *_PROBLEMS),
    openapi_extra=needs("triage"),
)
async def release(request: Request, asked: ReleaseRequest) -> Response:
    """Give a report back to the queue; an admin also one that another officer holds."""
    context, caller = context_of(request), caller_of(request)
    giving = Giving(
        caller.actor, workable_by(caller), datetime.now(UTC), asked.feedback_id, may_force=caller.allows("admin")
    )
    outcome = await context.writer.write(give_all, giving)
    if isinstance(outcome, Held):
        raise refuse_held(outcome)
    return JSONResponse({"released": outcome})


def _show_shut(shut: Shut) -> dict[str, JsonValue]:
    return {"waiting": shut.n_waiting, "oldest_at": shut.oldest_at.isoformat() if shut.oldest_at else None}


def _load(context: Context, connection: Connection, waiting: list[Waiting], caller: Caller) -> list[JsonValue]:
    records: dict[str, Record] = {
        record.feedback.id: record
        for record in load_feedback(connection, [item.feedback_id for item in waiting], workable_by(caller))
    }
    withheld = find_withheld(connection, caller, records)
    return [
        {
            "feedback": show_feedback(context, records[item.feedback_id], withheld.get(item.feedback_id, NOTHING)),
            "claimed_by": item.claimed_by,
            "claimed_until": item.claimed_until.isoformat() if item.claimed_until else None,
        }
        for item in waiting
        if item.feedback_id in records
    ]
