"""``/v1/reporters``: what is kept of one reporter, and forgetting it (UU 27/2022)."""

import json
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from sqlalchemy import RowMapping
from starlette.responses import JSONResponse, Response

from model.prediction import JsonValue
from model.taxonomy import HEADS
from service import problems
from service.answers import Described
from service.api_route import ApiRoute, needs
from service.context import Context, caller_of, context_of
from service.cursors import read_cursor, write_cursor
from service.listing import Position
from service.openapi import declare
from service.requests import Cursor, ExternalId, Limit, Strict
from service.upkeep.erasing import Forget, Held, forget, list_held
from service.visibility import visible_to

router = APIRouter(route_class=ApiRoute, tags=["reporters"])

# A reference may hold a slash.
_PATH = "/v1/reporters/{ref:path}"
_Reference = Annotated[ExternalId, Path(min_length=1, description="The `reporter_ref` as the app sends it.")]
_AS_THEY_ARE = ("id", "external_id", "state", "channel", "district", "village", "lat", "lon", "address", "rating")
_AND_THESE = ("about", "sender_topic", "source_url", "title", "text", *HEADS)


class ReporterQuery(Strict):
    """Which page is asked for."""

    cursor: Cursor | None = None
    limit: Limit = 50


class HeldEvent(Described):
    """Something that happened to the report."""

    type: str
    at: datetime
    agency: str | None
    note: str | None
    public_reply: str | None


class HeldLabel(Described):
    """A label a person gave the report."""

    head: str
    value: str
    basis: str
    at: datetime
    reason: str | None


class HeldReport(Described):
    """All that is kept of a report; the text is the masked one."""

    id: str
    external_id: str | None
    state: str
    received_at: datetime
    stored_at: datetime
    channel: str | None
    district: str | None
    village: str | None
    lat: float | None
    lon: float | None
    address: str | None
    rating: int | None
    about: str | None
    sender_topic: str | None
    attachments: list[str]
    source_url: str | None
    title: str | None
    text: str
    kind: str | None
    agency: str | None
    topic: str | None
    urgency: str | None
    aspect: str | None
    events: list[HeldEvent]
    labels: list[HeldLabel]


class ReporterAnswer(Described):
    """A page of a reporter's reports, earliest first; none where nothing is kept."""

    reports: list[HeldReport]
    next: Annotated[str | None, Field(description="The `cursor` of the next page; null on the last one.")]


class Forgotten(Described):
    """What was erased."""

    erased: Annotated[int, Field(ge=0, description="Reports that were erased now; 0 when asked again.")]


@router.get(
    _PATH,
    operation_id="getReporter",
    summary="See what is kept of a reporter",
    response_model=None,
    # An address with a line break in it leads nowhere.
    responses=declare(
        {200: (ReporterAnswer, "A page of the reporter's reports.")}, problems.INVALID_FIELDS, problems.NOT_FOUND
    ),
    openapi_extra=needs("admin"),
)
async def get_reporter(request: Request, ref: _Reference, asked: Annotated[ReporterQuery, Query()]) -> Response:
    """See all that is kept of a reporter: every report with its events and the labels people gave it."""
    context, visible = context_of(request), visible_to(caller_of(request))
    digest = _digest(context, ref)
    after = Position(*read_cursor(asked.cursor)) if asked.cursor is not None else None
    held = await context.reader.read(lambda connection: list_held(connection, digest, visible, after, asked.limit + 1))
    page = held[: asked.limit]
    last = page[-1].report if len(held) > asked.limit else None
    return JSONResponse(
        {
            "reports": [_show(report) for report in page],
            "next": write_cursor(last["received_at"], last["id"]) if last is not None else None,
        }
    )


@router.delete(
    _PATH,
    operation_id="forgetReporter",
    summary="Erase what is kept of a reporter",
    response_model=None,
    responses=declare(
        {200: (Forgotten, "It is erased; there is no way back but a backup.")},
        problems.INVALID_FIELDS,
        problems.NOT_FOUND,
        problems.BUSY,
    ),
    openapi_extra=needs("admin"),
)
async def forget_reporter(request: Request, ref: _Reference) -> Response:
    """Erase texts, addresses, notes, replies, links and the reference from all reports of a reporter.

    Labels, states, times, districts and villages stay, so that figures do not change. The ledger notes each report,
    without the reference. Asked again, nothing is left to erase.
    """
    context, caller = context_of(request), caller_of(request)
    job = Forget(_digest(context, ref), visible_to(caller), caller.actor, datetime.now(UTC))
    return JSONResponse({"erased": await context.writer.write(forget, job)})


def _digest(context: Context, ref: str) -> str:
    return context.secret.digest("reporter_ref", ref)


def _show(held: Held) -> dict[str, JsonValue]:
    report = held.report
    return {
        **{name: report[name] for name in (*_AS_THEY_ARE, *_AND_THESE)},
        "received_at": report["received_at"].isoformat(),
        "stored_at": report["stored_at"].isoformat(),
        "attachments": json.loads(report["attachments"]),
        "events": [_pick(event, ("type", "agency", "note", "public_reply")) for event in held.events],
        "labels": [_pick(label, ("head", "value", "basis", "reason")) for label in held.labels],
    }


def _pick(row: RowMapping, names: tuple[str, ...]) -> dict[str, JsonValue]:
    return {**{name: row[name] for name in names}, "at": row["at"].isoformat()}
