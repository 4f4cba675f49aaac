"""``/v1/feedback/{id}/events``: what people did with a report, and what they do now."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Body, Header, Path, Request
from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from model.cleaning import clean
from model.masking import mask
from model.offices import DISTRICT_KIND, LOCAL_OFFICES, VILLAGE_KINDS
from model.places import GazetteerEntry
from model.prediction import JsonValue
from service import problems
from service.api_route import ApiRoute, needs
from service.auditing.blinding import find_withheld
from service.callers import Caller
from service.context import Context, caller_of, context_of
from service.examples import EVENT_EXAMPLES
from service.faults import invalid_fields
from service.feedback import Clock, Feedback, Record, find_feedback
from service.handling.clock import local_day
from service.handling.clocks import find_status, list_clocks, show_clock
from service.handling.events import (
    MAX_EVENTS,
    NOT_BY_AGENCY,
    AlreadyThere,
    Gone,
    Happened,
    Illegal,
    NewEvent,
    NoText,
    NoUnit,
    OtherBody,
    Outcome,
    Overtaken,
    TooEarly,
    TooMany,
    add_events,
    find_allowed,
)
from service.handling.history import Event, count_events, read_events
from service.handling.holding import ROUTED
from service.handling.sending import Moved, trace_report
from service.handling.states import DISPOSED, NAME_AN_AGENCY
from service.handling.terms import Terms
from service.handling.time_split import TimeSplit, split_time
from service.handling.workdays import WorkingDays
from service.openapi import declare
from service.problems import FieldError, ProblemError
from service.requests import ExternalId
from service.routes.event_shapes import EventAnswer, EventList, EventRequest
from service.visibility import visible_to

router = APIRouter(route_class=ApiRoute, tags=["events"])
# Who reads what officers write among themselves.
_INSIDE = ("triage", "audit")

# Of an event of a report whose agency the caller may still label blind.
_WITHHELD: Final[dict[str, JsonValue]] = {"agency": None, "unit": None, "note": None, "public_reply": None}
_NO_NUL = r"^[^\u0000]*$"
_IdempotencyKey = Annotated[
    ExternalId | None, Header(description="A name of your choice for this call; sent again, it gives the same answer.")
]


@router.post(
    "/v1/feedback/{id}/events",
    operation_id="addEvent",
    summary="Say what was done with a report",
    response_model=None,
    status_code=201,
    responses=declare(
        {
            200: (EventAnswer, "The same event was stored before; this is what was stored."),
            201: (EventAnswer, "The event is stored."),
        },
        problems.INVALID_JSON,
        problems.NOT_UTF8,
        problems.BODY_TOO_LARGE,
        problems.WRONG_CONTENT_TYPE,
        problems.NOT_BY_AGENCY,
        problems.NOT_FOUND,
        problems.ILLEGAL_EVENT,
        problems.OVERTAKEN,
        problems.TOO_MANY_EVENTS,
        problems.INVALID_FIELDS,
        problems.REPLAY_MISMATCH,
        problems.BUSY,
    ),
    openapi_extra=needs("triage"),
)
async def add_event(
    request: Request,
    feedback_id: Annotated[str, Path(alias="id", max_length=36, pattern=_NO_NUL)],
    asked: Annotated[EventRequest, Body(openapi_examples=EVENT_EXAMPLES)],
    idempotency_key: _IdempotencyKey = None,
) -> Response:
    """Say what a person did with a report: verified, disposed, answered, closed, and so on.

    An event that is not legal in the state of the report is refused, with those that are in `allowed`. Of two sent at
    the same moment one wins. Sent again with the same `Idempotency-Key`, the answer is the same.
    """
    context, caller, now = context_of(request), caller_of(request), datetime.now(UTC)
    errors = _check_place(context, asked, now)
    if errors:
        raise invalid_fields(errors)
    n_seen = asked.after
    if n_seen is None:
        # Who sends no `after` knows the report as it is while the call comes in.
        n_seen = await context.reader.read(lambda connection: count_events(connection, feedback_id))
    job = _describe_job(context, caller, feedback_id, asked, n_seen, idempotency_key, now)
    outcome = await context.writer.write(add_events, job)
    if not isinstance(outcome, Happened):
        raise _explain(outcome, asked, caller)
    return JSONResponse(_show_event(outcome.event, is_inside=True), 201 if outcome.is_new else 200)


@router.get(
    "/v1/feedback/{id}/events",
    operation_id="listEvents",
    summary="List what was done with a report",
    response_model=None,
    responses=declare({200: (EventList, "Its events.")}, problems.NOT_FOUND, problems.INVALID_FIELDS),
    openapi_extra=needs("ingest", "triage", "analyse", "audit"),
)
async def list_events(
    request: Request, feedback_id: Annotated[str, Path(alias="id", max_length=36, pattern=_NO_NUL)]
) -> Response:
    """List the events of a report, what may follow, whose its time was, and all revisions of its clock.

    While you may still label its agency blind, no agency is named, and nothing that was written.
    """
    context, caller, now = context_of(request), caller_of(request), datetime.now(UTC)
    terms = context.terms.current
    found = await context.reader.read(lambda connection: _find_events(connection, feedback_id, caller, now, terms))
    if found is None:
        raise ProblemError(problems.NOT_FOUND, "There is no report with this id that this key may see.")
    return JSONResponse(found)


def _find_events(
    connection: Connection, feedback_id: str, caller: Caller, now: datetime, terms: Terms
) -> dict[str, JsonValue] | None:
    record = find_feedback(connection, feedback_id, visible_to(caller))
    if record is None:
        return None
    feedback, events = record.feedback, read_events(connection, feedback_id)
    clocks = list_clocks(connection, feedback_id)
    statuses = ["replaced"] * len(clocks)
    if clocks:
        statuses[-1] = find_status(feedback, clocks[-1])
    is_inside = caller.allows(*_INSIDE)
    is_withheld = "agency" in find_withheld(connection, caller, [feedback_id]).get(feedback_id, ())
    moved = trace_report(connection, record, events)
    return {
        "events": [
            {**_show_event(event, is_inside=is_inside), **(_WITHHELD if is_withheld else {})} for event in events
        ],
        "allowed": list(find_allowed(connection, feedback_id, caller)),
        "time": _show_time(_split_time(record, moved, now, terms), is_withheld=is_withheld),
        "clocks": [
            show_clock(clock, status, is_at_agency=is_lying)
            for clock, status, is_lying in zip(clocks, statuses, _list_lying(feedback, moved, clocks), strict=True)
        ],
    }


def _split_time(record: Record, moved: Sequence[Moved], now: datetime, terms: Terms) -> TimeSplit:
    feedback = record.feedback
    received_at = min(feedback.received_at, feedback.stored_at)
    return split_time(received_at, moved, now, WorkingDays(terms.calendar), feedback.erased_at)


def _list_lying(feedback: Feedback, moved: Sequence[Moved], clocks: Sequence[Clock]) -> list[bool]:
    """Of each clock, whether the report lay with an agency when it was made: the last one is as the report is now."""
    was_routed = bool(moved) and moved[0].type == ROUTED
    return [*([was_routed] * (len(clocks) - 1)), feedback.is_at_agency][-len(clocks) :] if clocks else []


def _check_place(context: Context, asked: EventRequest, now: datetime) -> list[FieldError]:
    """What is wrong with agency and unit."""
    errors = []
    if asked.agency is not None and asked.type not in NAME_AN_AGENCY:
        errors.append(_point("agency", f"goes with {', '.join(sorted(NAME_AN_AGENCY))} only; leave it out"))
    elif asked.agency is None and asked.type == DISPOSED:
        errors.append(_point("agency", "is required with didisposisi: where the report goes"))
    elif asked.agency is not None:
        label = context.taxonomy.heads["agency"].get(asked.agency)
        if label is None:
            errors.append(_point("agency", "is no agency of the taxonomy; send its slug"))
        elif not label.is_valid_on(local_day(now)):
            instead = f"; send {label.merged_into}" if label.merged_into else ""
            errors.append(_point("agency", f"is no longer an agency{instead}"))
    return [*errors, *_check_unit(context, asked)]


def _check_unit(context: Context, asked: EventRequest) -> list[FieldError]:
    if asked.unit is None:
        return []
    if asked.type != DISPOSED or asked.agency != LOCAL_OFFICES:
        return [_point("unit", f"goes with didisposisi to {LOCAL_OFFICES} only; leave it out")]
    entry = context.router.gazetteer.entries.get(asked.unit)
    if entry is None or not _is_office(entry):
        return [_point("unit", "is no code of a village or district office")]
    return []


def _is_office(entry: GazetteerEntry) -> bool:
    return entry.kind in {*VILLAGE_KINDS, DISTRICT_KIND}


def _describe_job(
    context: Context,
    caller: Caller,
    feedback_id: str,
    asked: EventRequest,
    n_seen: int,
    idempotency_key: str | None,
    now: datetime,
) -> NewEvent:
    secret = context.secret
    identity = None
    if idempotency_key is not None:
        identity = secret.digest("event idempotency", f"{caller.id} {feedback_id} {idempotency_key}")
    return NewEvent(
        feedback_id=feedback_id,
        type=asked.type,
        at=asked.at,
        agency=asked.agency,
        unit=asked.unit,
        needs_unit=asked.agency == LOCAL_OFFICES and any(map(_is_office, context.router.gazetteer.entries.values())),
        note=_mask(asked.note),
        public_reply=_mask(asked.public_reply),
        caller=caller,
        n_seen=n_seen,
        identity=identity,
        body_digest=secret.digest("body", asked.model_dump_json(exclude_none=True)),
        now=now,
    )


def _mask(text: str | None) -> str | None:
    return mask(clean(text)).text if text is not None else None


def _explain(outcome: Outcome, asked: EventRequest, caller: Caller) -> ProblemError:
    if isinstance(outcome, Gone):
        return ProblemError(problems.NOT_FOUND, "There is no report with this id that this key may work on.")
    if isinstance(outcome, Illegal | TooMany | Overtaken):
        return _explain_conflict(outcome, asked, caller)
    if isinstance(outcome, OtherBody):
        detail = "stands for an event that was sent with another body"
        error = FieldError("header", "Idempotency-Key", detail)
        return ProblemError(problems.REPLAY_MISMATCH, f"Idempotency-Key {detail}; nothing was stored.", errors=[error])
    return invalid_fields([_word_refusal(outcome)])


def _explain_conflict(outcome: Illegal | TooMany | Overtaken, asked: EventRequest, caller: Caller) -> ProblemError:
    more: dict[str, JsonValue] = {"state": outcome.state, "allowed": list(outcome.allowed)}
    if isinstance(outcome, TooMany):
        detail = f"The report has {MAX_EVENTS:,} events and is {outcome.state}; nothing was stored."
        return ProblemError(problems.TOO_MANY_EVENTS, detail, more=more)
    if isinstance(outcome, Overtaken):
        detail = f"The report has {outcome.n_events} events and is {outcome.state} now; nothing was stored."
        return ProblemError(problems.OVERTAKEN, detail, more={**more, "events": outcome.n_events})
    if caller.agency is not None and asked.type in NOT_BY_AGENCY:
        return ProblemError(problems.NOT_BY_AGENCY, f"{asked.type} is left to the triage office.", more=more)
    detail = f"{asked.type} is not legal while the report is {outcome.state}."
    return ProblemError(problems.ILLEGAL_EVENT, detail, more=more)


def _word_refusal(outcome: Outcome) -> FieldError:
    if isinstance(outcome, TooEarly):
        return _point("at", f"lies before what happened last; the earliest is {outcome.earliest.isoformat()}")
    if isinstance(outcome, NoUnit):
        return _point("unit", f"is required with {LOCAL_OFFICES}: the code of the village or district office")
    if isinstance(outcome, NoText):
        return _point(outcome.field, "is not kept of a report that was erased; leave it out")
    if isinstance(outcome, AlreadyThere):
        return _point("agency", "has the report already; name another one")
    raise TypeError(f"{outcome!r} is no refusal that is known here.")


def _point(field: str, detail: str) -> FieldError:
    return FieldError("pointer", f"#/{field}", detail)


def _show_event(event: Event, *, is_inside: bool) -> dict[str, JsonValue]:
    return {
        "id": event.id,
        "feedback": event.feedback_id,
        "number": event.number,
        "type": event.type,
        "at": event.at.isoformat(),
        "stored_at": event.stored_at.isoformat(),
        "actor": event.actor if is_inside else None,
        "agency": event.agency,
        "unit": event.unit,
        "note": event.note if is_inside else None,
        "public_reply": event.public_reply,
        "state": event.state,
    }


def _show_time(split: TimeSplit, *, is_withheld: bool) -> dict[str, JsonValue]:
    handling: dict[str, JsonValue] = {agency: time.total_seconds() for agency, time in split.handling.items()}
    if is_withheld and handling:
        handling = {"withheld": sum(time.total_seconds() for time in split.handling.values())}
    return {
        "ended_at": split.ended_at.isoformat(),
        "whole_s": split.whole.total_seconds(),
        "verification_s": split.verification.total_seconds(),
        "misrouted_s": split.misrouted.total_seconds(),
        "handling_s": handling,
        "reporter_s": split.reporter.total_seconds(),
        "rest_s": split.rest.total_seconds(),
    }
