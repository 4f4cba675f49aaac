"""``/v1/feedback/{id}/publish``: an officer opens a report to everybody on the public edge, and takes it back."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Body, Path, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from service import problems
from service.answers import Described
from service.api_route import ApiRoute, needs
from service.context import Context, caller_of, context_of
from service.handling.publishing import Masked, Publication, Shut, Standing, Withdrawal, publish, withdraw
from service.openapi import declare
from service.problems import ProblemError
from service.requests import Strict
from service.routes.feedback import seen_by
from service.visibility import workable_by

router = APIRouter(route_class=ApiRoute, tags=["handling"])
_EXAMPLES: Final = {"read": {"summary": "After a person read it", "value": {"confirm": True}}}
_WHY: Final = {
    "restricted": "The report is shut away; it is not for everybody.",
    "accusation": "The report is or may be an accusation; a person must say its kind first.",
    "erased": "The report was erased; there is nothing to show.",
}


class PublishRequest(Strict):
    """How a report is opened to everybody."""

    confirm: Annotated[
        bool,
        Field(
            strict=True,
            description="A person read the report and found nothing in it that points to somebody; needed where "
            "personal data were masked.",
        ),
    ] = False


class Publicity(Described):
    """Whether everybody may see a report."""

    id: str
    published_at: datetime | None
    visible: Annotated[bool, Field(description="Whether the public edge shows it now: the setting names its kind.")]


@router.post(
    "/v1/feedback/{id}/publish",
    operation_id="publishFeedback",
    summary="Open a report to everybody",
    response_model=None,
    responses=declare(
        {200: (Publicity, "The report is published, now or before.")},
        problems.INVALID_JSON,
        problems.NOT_UTF8,
        problems.BODY_TOO_LARGE,
        problems.WRONG_CONTENT_TYPE,
        problems.INVALID_FIELDS,
        problems.NOT_FOUND,
        problems.NOT_FOR_ALL,
        problems.CONFIRMATION_NEEDED,
        problems.BUSY,
    ),
    openapi_extra=needs("triage"),
)
async def open_to_all(
    request: Request,
    feedback_id: Annotated[str, Path(alias="id", max_length=36, pattern=r"^[^\u0000]*$")],
    asked: Annotated[PublishRequest, Body(openapi_examples=_EXAMPLES)],
) -> Response:
    """Let everybody see a report on the Open311 edge: its masked text, place, picture, agency, dates and reply.

    A report that is shut away, an accusation or erased is refused. One in which personal data were masked needs
    `confirm`, for what no rule found may stand beside them. When the report is shut away later, it is taken back.
    """
    context, caller = context_of(request), caller_of(request)
    job = Publication(feedback_id, workable_by(caller), caller.actor, datetime.now(UTC), asked.confirm)
    outcome = await context.writer.write(publish, job)
    if isinstance(outcome, Shut):
        raise ProblemError(problems.NOT_FOR_ALL, _WHY[outcome.why], more={"why": outcome.why})
    if isinstance(outcome, Masked):
        raise ProblemError(
            problems.CONFIRMATION_NEEDED,
            f"Personal data were masked in it ({', '.join(outcome.kinds)}); read it and send confirm.",
            more={"masks": list(outcome.kinds)},
        )
    return _answer(context, feedback_id, seen_by(outcome))


@router.delete(
    "/v1/feedback/{id}/publish",
    operation_id="withdrawFeedback",
    summary="Take a report back from the public",
    response_model=None,
    responses=declare(
        {200: (Publicity, "The report is not published, now or before.")},
        problems.INVALID_FIELDS,
        problems.NOT_FOUND,
        problems.BUSY,
    ),
    openapi_extra=needs("triage"),
)
async def take_back(
    request: Request, feedback_id: Annotated[str, Path(alias="id", max_length=36, pattern=r"^[^\u0000]*$")]
) -> Response:
    """Let nobody without a key see a report any more."""
    context, caller = context_of(request), caller_of(request)
    job = Withdrawal(feedback_id, workable_by(caller), caller.actor, datetime.now(UTC))
    return _answer(context, feedback_id, seen_by(await context.writer.write(withdraw, job)))


def _answer(context: Context, feedback_id: str, standing: Standing) -> Response:
    published_at = standing.published_at
    return JSONResponse(
        {
            "id": feedback_id,
            "published_at": published_at.isoformat() if published_at else None,
            "visible": published_at is not None and standing.kind in context.settings.public_kinds,
        }
    )
