"""``/v1/incidents``: reports that tell of the same thing, counted once as one incident."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from sqlalchemy import ColumnElement, and_, not_
from starlette.responses import JSONResponse, Response

from model.prediction import JsonValue
from service import problems
from service.answers import Described
from service.api_route import ApiRoute, needs
from service.auditing.blinding import is_withheld
from service.callers import Caller
from service.context import caller_of, context_of
from service.cursors import read_cursor, write_cursor
from service.handling.incident_queries import Incident, IncidentPosition, find_incident, list_incidents
from service.openapi import declare
from service.problems import ProblemError
from service.requests import Cursor, Limit, Slug, Strict
from service.visibility import visible_to

router = APIRouter(route_class=ApiRoute, tags=["feedback"])


class IncidentAnswer(Described):
    """Reports of the same thing; what the key may not see is not counted."""

    id: Annotated[str, Field(description="The id of its first report.")]
    topic: str | None
    opened_at: datetime
    last_at: datetime
    reports: Annotated[int, Field(ge=1)]
    reporters: Annotated[
        int, Field(ge=1, description="By `reporter_ref`; a report without one counts as another reporter.")
    ]


class IncidentWithReports(IncidentAnswer):
    """An incident with its reports."""

    feedback: Annotated[list[str], Field(description="Ids of its reports, earliest first.")]


class IncidentPage(Described):
    """A page of incidents, the one with the latest report first."""

    incidents: list[IncidentAnswer]
    next: Annotated[str | None, Field(description="The `cursor` of the next page; null on the last one.")]


class IncidentQuery(Strict):
    """What a listing is narrowed to, and which page of it."""

    topic: Slug | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


@router.get(
    "/v1/incidents",
    operation_id="listIncidents",
    summary="List incidents",
    response_model=None,
    responses=declare({200: (IncidentPage, "A page of incidents.")}, problems.INVALID_FIELDS),
    openapi_extra=needs("triage", "analyse", "audit"),
)
async def list_grouped(request: Request, asked: Annotated[IncidentQuery, Query()]) -> Response:
    """List groups of reports that repeat each other's wording or tell of the same passing trouble at one place and day.

    Groups are proposals by rule, made within seconds after a report is stored. Restricted reports are in none.
    """
    visible = seen_openly(caller_of(request))
    after = IncidentPosition(*read_cursor(asked.cursor)) if asked.cursor is not None else None
    found = await context_of(request).reader.read(
        lambda connection: list_incidents(connection, visible, asked.topic, after, asked.limit + 1)
    )
    page = found[: asked.limit]
    more = write_cursor(page[-1].listed_at, page[-1].id) if len(found) > asked.limit else None
    return JSONResponse({"incidents": [_show(incident) for incident in page], "next": more})


@router.get(
    "/v1/incidents/{id}",
    operation_id="getIncident",
    summary="Get an incident with its reports",
    response_model=None,
    responses=declare({200: (IncidentWithReports, "The incident.")}, problems.NOT_FOUND, problems.INVALID_FIELDS),
    openapi_extra=needs("triage", "analyse", "audit"),
)
async def get_grouped(
    request: Request, incident_id: Annotated[str, Path(alias="id", max_length=36, pattern=r"^[^\u0000]*$")]
) -> Response:
    """Get an incident by its id, which changes when an earlier report joins it."""
    visible = seen_openly(caller_of(request))
    found = await context_of(request).reader.read(lambda connection: find_incident(connection, incident_id, visible))
    if found is None:
        raise ProblemError(problems.NOT_FOUND, "There is no incident with this id that this key may see.")
    incident, ids = found
    return JSONResponse({**_show(incident), "feedback": list(ids)})


def seen_openly(caller: Caller) -> ColumnElement[bool]:
    """What a caller may see as part of an incident, whose topic tells that of its reports."""
    return and_(visible_to(caller), not_(is_withheld(caller)))


def _show(incident: Incident) -> dict[str, JsonValue]:
    return {
        "id": incident.id,
        "topic": incident.topic,
        "opened_at": incident.opened_at.isoformat(),
        "last_at": incident.last_at.isoformat(),
        "reports": incident.n_reports,
        "reporters": incident.n_reporters,
    }
