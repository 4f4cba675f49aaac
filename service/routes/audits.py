"""``/v1/audits``: the blind audit of what was decided alone, what it says, and where labels are doubtful."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from model.prediction import JsonValue
from service import problems
from service.answers import Described, Share
from service.api_route import ApiRoute, needs
from service.auditing.accuracy import (
    LiveAccuracy,
    list_drawn,
    list_suspects,
    measure_accuracy,
    measure_agreement_of_heads,
)
from service.auditing.blinding import list_heads
from service.context import caller_of, context_of
from service.openapi import declare
from service.requests import Limit, Strict
from service.visibility import visible_to, workable_by

router = APIRouter(route_class=ApiRoute, tags=["audit"])
_READERS = ("triage", "analyse", "audit")


class DrawnReport(Described):
    """A report to label without seeing what was predicted."""

    feedback_id: str
    head: str
    drawn_at: datetime
    text: str


class DrawnPage(Described):
    """Reports that wait for a blind label, earliest first."""

    reports: list[DrawnReport]


class AccuracyAnswer(Described):
    """How right what was decided alone is: of one head, in one quarter, by one bundle."""

    head: str
    quarter: str
    bundle: str
    drawn: int
    judged: Annotated[int, Field(description="Drawn reports with a blind label.")]
    effective: Annotated[float, Field(description="Kish's effective number of the judged, whose weights are unequal.")]
    accuracy: Annotated[Share | None, Field(description="Weighted share that was right; null below 20 judged.")]
    low: Share | None
    high: Share | None


class AccuracyPage(Described):
    """Live accuracy, latest quarter first."""

    accuracies: list[AccuracyAnswer]


class AgreementAnswer(Described):
    """How far officers agree on one head, over reports that two or more labelled."""

    head: str
    n: int
    observed: Annotated[Share | None, Field(description="Share of reports on which the first two are equal.")]
    kappa: Annotated[float | None, Field(description="Cohen's.")]
    alpha: Annotated[float | None, Field(description="Krippendorff's, nominal.")]


class AgreementPage(Described):
    """Agreement of officers by head."""

    heads: list[AgreementAnswer]


class SuspectAnswer(Described):
    """A report that was handed over three times or more."""

    feedback_id: str
    agencies: Annotated[list[str], Field(description="Where it was sent, in order.")]
    agency: Annotated[str | None, Field(description="Where it lies now: the likely right one once work began.")]
    moves: int


class SuspectPage(Described):
    """Reports handed to and fro, the most often moved first."""

    reports: list[SuspectAnswer]


class DrawnQuery(Strict):
    """How many are shown."""

    limit: Limit = 50


@router.get(
    "/v1/audits",
    operation_id="listAudits",
    summary="What waits for a blind label",
    response_model=None,
    responses=declare({200: (DrawnPage, "The earliest drawn reports.")}, problems.INVALID_FIELDS),
    openapi_extra=needs("triage"),
)
async def list_waiting(request: Request, asked: Annotated[DrawnQuery, Query()]) -> Response:
    """List the reports of the blind audit that wait for a person, without what was predicted.

    They are labelled by `POST /v1/feedback/{id}/labels` with `"blind": true`; until then no other call tells you what
    was predicted either. What you have labelled already seeing the suggestion is not shown to you.
    """
    caller = caller_of(request)
    found = await context_of(request).reader.read(
        lambda connection: list_drawn(connection, workable_by(caller), caller.actor, asked.limit, list_heads(caller))
    )
    shown: list[JsonValue] = [{**asdict(one), "drawn_at": one.drawn_at.isoformat()} for one in found]
    return JSONResponse({"reports": shown})


@router.get(
    "/v1/audits/accuracy",
    operation_id="getLiveAccuracy",
    summary="How right automatic decisions are",
    response_model=None,
    responses=declare({200: (AccuracyPage, "By quarter, head and bundle.")}),
    openapi_extra=needs(*_READERS),
)
async def show_accuracy(request: Request) -> Response:
    """Tell how right what was decided alone is, by the blind audit alone: weighted by the inverse of the probability.

    Corrections and confirmations of officers who saw the suggestion do not enter.
    """
    visible = visible_to(caller_of(request))
    found = await context_of(request).reader.read(lambda connection: measure_accuracy(connection, visible))
    return JSONResponse({"accuracies": [_show(one) for one in found]})


@router.get(
    "/v1/audits/agreement",
    operation_id="getAgreement",
    summary="How far officers agree",
    response_model=None,
    responses=declare({200: (AgreementPage, "By head.")}),
    openapi_extra=needs(*_READERS),
)
async def show_agreement(request: Request) -> Response:
    """Tell how far officers agree on reports that two or more of them labelled; of no officer alone."""
    visible = visible_to(caller_of(request))
    found = await context_of(request).reader.read(lambda connection: measure_agreement_of_heads(connection, visible))
    return JSONResponse({"heads": [{"head": head, **asdict(one)} for head, one in sorted(found.items())]})


@router.get(
    "/v1/audits/suspects",
    operation_id="listSuspects",
    summary="Reports handed to and fro",
    response_model=None,
    responses=declare({200: (SuspectPage, "At most a hundred.")}),
    openapi_extra=needs(*_READERS),
)
async def show_suspects(request: Request) -> Response:
    """List reports that were handed over three times or more: their labels are likely wrong, or nobody is in charge."""
    visible = visible_to(caller_of(request))
    found = await context_of(request).reader.read(lambda connection: list_suspects(connection, visible))
    shown: list[JsonValue] = [
        {
            "feedback_id": one.feedback_id,
            "agencies": list(one.agencies),
            "agency": one.agency,
            "moves": one.n_moves,
        }
        for one in found
    ]
    return JSONResponse({"reports": shown})


def _show(one: LiveAccuracy) -> dict[str, JsonValue]:
    estimate = one.estimate
    return {
        "head": one.head,
        "quarter": one.quarter,
        "bundle": one.bundle,
        "drawn": one.n_drawn,
        "judged": estimate.n,
        "effective": round(estimate.n_effective, 2),
        "accuracy": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
    }
