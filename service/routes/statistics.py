"""``/v1/statistics``: figures of agencies, topics, districts, elements of service and deadlines."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import Field, TypeAdapter
from starlette.responses import Response

from service import problems
from service.api_route import ApiRoute, needs
from service.context import Context, caller_of, context_of
from service.faults import invalid_fields
from service.handling.clock import local_day
from service.openapi import declare
from service.problems import FieldError
from service.requests import KindSlug, Strict
from service.routes.figure_answers import Format, in_both_forms, write_answer
from service.statistics import (
    Aspects,
    Deadlines,
    Groups,
    Period,
    Question,
    Units,
    agencies,
    aspects,
    deadlines,
    districts,
    topics,
)
from service.statistics.hiding import find_public_span
from service.statistics.services import By
from service.visibility import READING_SCOPES

router = APIRouter(route_class=ApiRoute, tags=["statistics"])

EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2100, 12, 31)
Day = Annotated[date, Field(ge=EARLIEST, le=LATEST)]
Form = Annotated[Format, Field(alias="format", description="`csv`: a table for a spreadsheet.")]
Public = Annotated[
    bool,
    Field(
        description="`true`: what everybody may see; numbers of 1 to 4 and what tells them are null. Counts are told "
        "of one calendar month (without a period the last one), shares, durations and aspects of one calendar year; "
        "both must be over."
    ),
]
_UNITS: Final[TypeAdapter[Units]] = TypeAdapter(Units)
_GROUPS: Final[TypeAdapter[Groups]] = TypeAdapter(Groups)
_ASPECTS: Final[TypeAdapter[Aspects]] = TypeAdapter(Aspects)
_DEADLINES: Final[TypeAdapter[Deadlines]] = TypeAdapter(Deadlines)


class StatisticsQuery(Strict):
    """The period, widened to whole months; without one the last twelve months, this one included."""

    start: Annotated[Day | None, Field(description="The first day, in local time.")] = None
    end: Annotated[Day | None, Field(description="The last day, in local time.")] = None
    kind: KindSlug | None = None
    public: Public = False
    form: Form = "json"


class AspectsQuery(StatisticsQuery):
    """Also by what units are told apart."""

    by: Annotated[By, Field(description="`about`: the unit complained of; `agency`: who handles it.")] = "about"


@dataclass(frozen=True, slots=True)
class Failure:
    """A line of the table of aspects."""

    unit: str
    aspect: str
    n: int | None


@router.get(
    "/v1/statistics/agencies",
    operation_id="getAgencyStatistics",
    summary="Figures of handling by agency",
    response_model=None,
    responses=in_both_forms(
        declare({200: (Units, "The agencies, in the order of the taxonomy.")}, problems.INVALID_FIELDS)
    ),
    openapi_extra=needs(*READING_SCOPES),
)
async def get_agencies(request: Request, asked: Annotated[StatisticsQuery, Query()]) -> Response:
    """Tell how agencies handle what reaches them: each beside its own past and what its mix of cases lets expect.

    A key of one agency gets its own figures. Nobody is ranked; below 20 cases a rate is not told.
    """
    question, caller = read_question(context_of(request), asked), caller_of(request)
    answer = await context_of(request).reader.read(lambda connection: agencies(connection, caller, question))
    return write_answer(_UNITS, answer, answer.units, asked.form)


@router.get(
    "/v1/statistics/topics",
    operation_id="getTopicStatistics",
    summary="Figures by topic",
    response_model=None,
    responses=in_both_forms(
        declare({200: (Groups, "The topics, in the order of the taxonomy.")}, problems.INVALID_FIELDS)
    ),
    openapi_extra=needs(*READING_SCOPES),
)
async def get_topics(request: Request, asked: Annotated[StatisticsQuery, Query()]) -> Response:
    """Tell how many reports there were of each topic, how they ended, and how long an answer took.

    A key of one agency gets the numbers of its own reports alone.
    """
    question, caller = read_question(context_of(request), asked), caller_of(request)
    answer = await context_of(request).reader.read(lambda connection: topics(connection, caller, question))
    return write_answer(_GROUPS, answer, answer.groups, asked.form)


@router.get(
    "/v1/statistics/districts",
    operation_id="getDistrictStatistics",
    summary="Figures by district",
    response_model=None,
    responses=in_both_forms(
        declare({200: (Groups, "The districts: codes of known ones, else as sent.")}, problems.INVALID_FIELDS)
    ),
    openapi_extra=needs(*READING_SCOPES),
)
async def get_districts(request: Request, asked: Annotated[StatisticsQuery, Query()]) -> Response:
    """Tell the same of each district, as its senders named it or a place in the text told.

    A key of one agency gets none.
    """
    question, caller = read_question(context_of(request), asked), caller_of(request)
    answer = await context_of(request).reader.read(lambda connection: districts(connection, caller, question))
    return write_answer(_GROUPS, answer, answer.groups, asked.form)


@router.get(
    "/v1/statistics/aspects",
    operation_id="getAspectStatistics",
    summary="Elements of service that failed, by unit",
    response_model=None,
    responses=in_both_forms(declare({200: (Aspects, "Units and elements of service.")}, problems.INVALID_FIELDS)),
    openapi_extra=needs(*READING_SCOPES),
)
async def get_aspects(request: Request, asked: Annotated[AspectsQuery, Query()]) -> Response:
    """Tell which element of service failed where: by the unit complained of, or by the agency that handles it."""
    question, caller = read_question(context_of(request), asked), caller_of(request)
    answer = await context_of(request).reader.read(lambda connection: aspects(connection, caller, question, asked.by))
    rows = [
        Failure(unit.unit, aspect, n)
        for unit in answer.units
        for aspect, n in zip(answer.aspects, unit.counts, strict=True)
    ]
    return write_answer(_ASPECTS, answer, rows, asked.form)


@router.get(
    "/v1/statistics/deadlines",
    operation_id="getDeadlineStatistics",
    summary="Deadlines kept, passed and near",
    response_model=None,
    responses=in_both_forms(
        declare({200: (Deadlines, "All together, by kind and by agency.")}, problems.INVALID_FIELDS)
    ),
    openapi_extra=needs(*READING_SCOPES),
)
async def get_deadlines(request: Request, asked: Annotated[StatisticsQuery, Query()]) -> Response:
    """Tell how many deadlines that fell in the period were kept, and what is over its deadline or near it now."""
    question, caller = read_question(context_of(request), asked), caller_of(request)
    answer = await context_of(request).reader.read(lambda connection: deadlines(connection, caller, question))
    return write_answer(_DEADLINES, answer, (answer.whole, *answer.kinds, *answer.agencies), asked.form)


def read_question(context: Context, asked: StatisticsQuery) -> Question:
    """What is asked, as of today.

    Raises
    ------
    ProblemError
        The kind is unknown, or the period ends before it starts.
    """
    if asked.kind is not None and asked.kind not in context.taxonomy.heads["kind"]:
        raise invalid_fields([FieldError("parameter", "kind", "is no kind of the taxonomy; send a slug of it")])
    today = local_day(datetime.now(UTC))
    if asked.public:
        return Question(read_public_period(asked, today), today, None, is_public=True)
    return Question(read_period(asked.start, asked.end, today), today, asked.kind)


def read_public_period(asked: StatisticsQuery, today: date) -> Period:
    """The calendar month or year asked for; without one the month before this one.

    Raises
    ------
    ProblemError
        It is neither, is not over, or a kind is asked for: what overlaps would tell what is hidden.
    """
    if asked.kind is not None:
        reason = "is not told in public: kinds beside all together would tell hidden numbers; leave it out"
        raise invalid_fields([FieldError("parameter", "kind", reason)])
    if asked.start is None and asked.end is None:
        return Period(today, today).widen().before()
    period = read_period(asked.start, asked.end, today)
    if find_public_span(period, today) is None:
        reason = "gives no public period; ask for one calendar month or one calendar year that is over, to the day"
        raise invalid_fields([FieldError("parameter", "start", reason)])
    return period


def read_period(start: date | None, end: date | None, today: date) -> Period:
    """The period asked for; without a start the twelve months up to its end.

    Raises
    ------
    ProblemError
        It ends before it starts.
    """
    last = end or (start if start is not None and start > today else today)
    first = start
    if first is None:
        # Eleven months back and this one; the first of a month is in every year.
        month = last.year * 12 + last.month - 12
        first = date(month // 12, month % 12 + 1, 1)
    if first > last:
        raise invalid_fields([FieldError("parameter", "end", "lies before the start")])
    if end is None:
        last = last.replace(day=monthrange(last.year, last.month)[1])
    return Period(first, last)
