"""``/v1/statistics/urgencies`` and ``/endings``: how urgent reports were, and in which ways they ended."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from service import problems
from service.api_route import ApiRoute, needs
from service.context import caller_of, context_of
from service.openapi import declare
from service.routes.figure_answers import in_both_forms, write_answer
from service.routes.statistics import StatisticsQuery, read_question
from service.statistics.urgencies import Urgencies, urgencies
from service.statistics.ways import Ways, ways
from service.visibility import READING_SCOPES

router = APIRouter(route_class=ApiRoute, tags=["statistics"])

_URGENCIES: Final[TypeAdapter[Urgencies]] = TypeAdapter(Urgencies)
_WAYS: Final[TypeAdapter[Ways]] = TypeAdapter(Ways)


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the table of endings."""

    agency: str
    end: str
    days: int
    share: float
    low: float
    high: float


@router.get(
    "/v1/statistics/urgencies",
    operation_id="getUrgencyStatistics",
    summary="Reports by urgency",
    response_model=None,
    responses=in_both_forms(declare({200: (Urgencies, "All urgencies, the lowest first.")}, problems.INVALID_FIELDS)),
    openapi_extra=needs(*READING_SCOPES),
)
async def get_urgencies(request: Request, asked: Annotated[StatisticsQuery, Query()]) -> Response:
    """Tell how urgent the reports were that came in; the period counts to the day."""
    question, caller = read_question(context_of(request), asked), caller_of(request)
    answer = await context_of(request).reader.read(lambda connection: urgencies(connection, caller, question))
    return write_answer(_URGENCIES, answer, answer.urgencies, asked.form)


@router.get(
    "/v1/statistics/endings",
    operation_id="getEndingStatistics",
    summary="In which ways reports ended, and when",
    response_model=None,
    responses=in_both_forms(declare({200: (Ways, "Curves of agencies with enough reports.")}, problems.INVALID_FIELDS)),
    openapi_extra=needs(*READING_SCOPES),
)
async def get_endings(request: Request, asked: Annotated[StatisticsQuery, Query()]) -> Response:
    """Tell the share of each agency's reports that ended in each way up to each working day, competing ways apart.

    Open ones count as far as they are seen. In public there are none: steps of a curve tell of single reports.
    """
    question, caller = read_question(context_of(request), asked), caller_of(request)
    answer = await context_of(request).reader.read(lambda connection: ways(connection, caller, question))
    rows = [
        Step(way.agency, way.end, days, *values)
        for way in answer.ways
        for days, values in enumerate(zip(way.share, way.low, way.high, strict=True))
    ]
    return write_answer(_WAYS, answer, rows, asked.form)
