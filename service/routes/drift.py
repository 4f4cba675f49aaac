"""``/v1/drift``: whether what comes in, or what people say of it, differs from the months before."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import Field, TypeAdapter
from starlette.responses import Response

from service import problems
from service.api_route import ApiRoute, needs
from service.context import caller_of, context_of
from service.handling.clock import local_day
from service.openapi import declare
from service.requests import Strict
from service.routes.figure_answers import in_both_forms, write_answer
from service.routes.statistics import Day, Form
from service.statistics.drift import Drift, DriftSign, State, drift

router = APIRouter(route_class=ApiRoute, tags=["models"])
_DRIFT: Final[TypeAdapter[Drift]] = TypeAdapter(Drift)


class DriftQuery(Strict):
    """As of which day."""

    day: Annotated[
        Day | None, Field(description="The look of the last whole weeks before this day; without one, today.")
    ] = None
    form: Form = "json"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table of signs."""

    sign: str
    head: str
    state: State
    n: int
    n_reference: int
    change: float | None
    relevant: float
    p: float | None
    threshold: float


@router.get(
    "/v1/drift",
    operation_id="getDrift",
    summary="Signs of drift",
    response_model=None,
    responses=in_both_forms(declare({200: (Drift, "The look, sign by sign.")}, problems.INVALID_FIELDS)),
    openapi_extra=needs("analyse", "audit"),
)
async def get_drift(request: Request, asked: Annotated[DriftQuery, Query()]) -> Response:
    """Tell whether the last whole weeks differ from the half year before.

    The signs are other reports, a bundle less sure of them, more words it does not know, and officers who contradict
    it more often. A look is that of its week, however often it is asked for, so that false alarms keep to their yearly
    number. A sign with too little data is not judged, which is not the same as calm. What a marked event explains
    alarms nobody.
    """
    caller, day = caller_of(request), asked.day or _find_today()
    answer = await context_of(request).reader.read(lambda connection: drift(connection, caller, day))
    return write_answer(_DRIFT, answer, [_line_up(sign, answer.threshold) for sign in answer.signs], asked.form)


def _find_today() -> date:
    return local_day(datetime.now(UTC))


def _line_up(sign: DriftSign, threshold: float) -> Line:
    return Line(
        sign.sign,
        sign.head,
        sign.state,
        sign.n,
        sign.n_reference,
        sign.change,
        sign.relevant,
        sign.p,
        threshold,
    )
