"""``/v1/trends``: topics over time, what emerges, and what changed at a mark."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
from service.problems import FieldError, ProblemError
from service.requests import AgencySlug, Strict, TopicSlug
from service.routes.figure_answers import in_both_forms, write_answer
from service.routes.statistics import Day, Form, Public, read_period
from service.statistics import (
    EffectAnswer,
    Emerging,
    Measure,
    Period,
    ProposedTopics,
    TrendQuestion,
    Trends,
    effect,
    emerging,
    proposed,
    trends,
)
from service.statistics.series import Grain
from service.statistics.trend import Point
from service.visibility import READING_SCOPES

router = APIRouter(route_class=ApiRoute, tags=["statistics"])

MAX_TOPICS: Final = 20
# A longer series by day is one nobody reads.
MAX_DAYS: Final = 400
MAX_YEARS: Final = 30
_DAYS_OF_YEAR: Final = 366
_TRENDS: Final[TypeAdapter[Trends]] = TypeAdapter(Trends)
_EMERGING: Final[TypeAdapter[Emerging]] = TypeAdapter(Emerging)
_PROPOSALS: Final[TypeAdapter[ProposedTopics]] = TypeAdapter(ProposedTopics)
_EFFECT: Final[TypeAdapter[EffectAnswer]] = TypeAdapter(EffectAnswer)
DistrictName = Annotated[str, Field(strict=True, max_length=80, pattern=r"^[^\u0000]*$")]
MarkId = Annotated[str, Field(max_length=36, pattern=r"^[^\u0000]*$")]


class TrendsQuery(Strict):
    """Which series, of which time; without a topic all reports together."""

    start: Annotated[Day | None, Field(description="The first day, in local time.")] = None
    end: Annotated[Day | None, Field(description="The last day, in local time.")] = None
    grain: Grain = "month"
    topic: Annotated[
        list[TopicSlug],
        Field(max_length=MAX_TOPICS, description="May be given several times.", default_factory=list),
    ]
    agency: AgencySlug | None = None
    district: Annotated[DistrictName | None, Field(description="As `/v1/statistics/districts` names it.")] = None
    public: Public = False
    form: Form = "json"


class EmergingQuery(Strict):
    """In which form, and for whom to see."""

    public: Public = False
    form: Form = "json"


class ProposalsQuery(Strict):
    """In which form."""

    form: Form = "json"


class EffectQuery(Strict):
    """Which mark, and what is measured."""

    mark: Annotated[MarkId, Field(description="The id of a mark.")]
    measure: Measure = "reports"
    form: Form = "json"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table of trends."""

    topic: str
    point: Point


@router.get(
    "/v1/trends",
    operation_id="getTrends",
    summary="Topics over time",
    response_model=None,
    responses=in_both_forms(declare({200: (Trends, "A series for each topic.")}, problems.INVALID_FIELDS)),
    openapi_extra=needs(*READING_SCOPES),
)
async def get_trends(request: Request, asked: Annotated[TrendsQuery, Query()]) -> Response:
    """Tell how many reports of a topic there were over time, so that a better bundle is not printed as a rise.

    What people labelled counts as it is; what was decided alone is corrected by the blind audit, with an interval. For
    one agency or district, or where the audit is thin, raw counts stand, with `is_break` where the bundle changed.
    """
    question, caller = _read_question(context_of(request), asked), caller_of(request)
    answer = await context_of(request).reader.read(lambda connection: trends(connection, caller, question))
    rows = [Line(series.topic, point) for series in answer.series for point in series.points]
    return write_answer(_TRENDS, answer, rows, asked.form)


@router.get(
    "/v1/trends/emerging",
    operation_id="getEmerging",
    summary="Topics with more reports than usual",
    response_model=None,
    responses=in_both_forms(
        declare({200: (Emerging, "Topics, and where those that stand out come from.")}, problems.INVALID_FIELDS)
    ),
    openapi_extra=needs(*READING_SCOPES),
)
async def get_emerging(request: Request, asked: Annotated[EmergingQuery, Query()]) -> Response:
    """Tell which topics had more reports in the last whole week than their season explains, and where.

    All topics together give about four false alarms a year.
    """
    now, caller = datetime.now(UTC), caller_of(request)
    answer = await context_of(request).reader.read(
        lambda connection: emerging(connection, caller, now, is_public=asked.public)
    )
    return write_answer(_EMERGING, answer, (*answer.topics, *answer.cells), asked.form)


@router.get(
    "/v1/trends/proposals",
    operation_id="getProposals",
    summary="Topics that new words propose",
    response_model=None,
    responses=in_both_forms(
        declare({200: (ProposedTopics, "Proposed topics with their words.")}, problems.INVALID_FIELDS)
    ),
    openapi_extra=needs(*READING_SCOPES),
)
async def get_proposals(request: Request, asked: Annotated[ProposalsQuery, Query()]) -> Response:
    """Tell which words are new in the reports of the last four weeks beside the year before, grouped to topics.

    A word counts when three reporters or more wrote it, and is no name, place or number. Its id lasts while enough of
    its words do; `GET /v1/feedback?proposal=` lists the reports behind it. People decide whether it becomes a topic.
    """
    caller, today = caller_of(request), local_day(datetime.now(UTC))
    answer = await context_of(request).reader.read(lambda connection: proposed(connection, caller, today))
    return write_answer(_PROPOSALS, answer, answer.topics, asked.form)


@router.get(
    "/v1/trends/effect",
    operation_id="getEffect",
    summary="What changed at a mark",
    response_model=None,
    responses=in_both_forms(
        declare(
            {200: (EffectAnswer, "The change, and the course for a plot.")}, problems.NOT_FOUND, problems.INVALID_FIELDS
        )
    ),
    openapi_extra=needs(*READING_SCOPES),
)
async def get_effect(request: Request, asked: Annotated[EffectQuery, Query()]) -> Response:
    """Tell what changed at a mark, by week: two years before and after it at most.

    With fewer than 24 weeks on a side the verdict is `too_short`. The mark was in the ledger before its effect could
    be seen.
    """
    now, caller = datetime.now(UTC), caller_of(request)
    answer = await context_of(request).reader.read(
        lambda connection: effect(connection, caller, asked.mark, asked.measure, now)
    )
    if answer is None:
        raise ProblemError(problems.NOT_FOUND, "There is no mark with this id that this key may see.")
    return write_answer(_EFFECT, answer, answer.points, asked.form)


def _read_question(context: Context, asked: TrendsQuery) -> TrendQuestion:
    """What is asked.

    Raises
    ------
    ProblemError
        A slug is unknown, or the time is too long for its grain.
    """
    heads = context.taxonomy.heads
    if asked.public and (asked.agency is not None or asked.district is not None or asked.grain != "month"):
        reason = "is of the whole city by month; leave agency, district and grain out"
        raise invalid_fields([FieldError("parameter", "public", reason)])
    wrong = [("topic", topic) for topic in asked.topic if topic not in heads["topic"]]
    if asked.agency is not None and asked.agency not in heads["agency"]:
        wrong.append(("agency", asked.agency))
    if wrong:
        raise invalid_fields(
            [FieldError("parameter", head, f"is no {head} of the taxonomy; send a slug of it") for head, _ in wrong]
        )
    today = local_day(datetime.now(UTC))
    if asked.start is None and asked.grain == "day":
        last = asked.end or today
        period = Period(last - timedelta(days=27), last)
    else:
        period = read_period(asked.start, asked.end, today)
    if asked.grain == "day" and (period.end - period.start).days >= MAX_DAYS:
        raise invalid_fields([FieldError("parameter", "grain", f"gives days; ask for {MAX_DAYS} at most, or weeks")])
    if (period.end - period.start).days > _DAYS_OF_YEAR * MAX_YEARS:
        raise invalid_fields([FieldError("parameter", "start", f"lies more than {MAX_YEARS} years before the end")])
    topics = tuple(asked.topic)
    return TrendQuestion(period, asked.grain, topics, asked.agency, asked.district, asked.public, today)
