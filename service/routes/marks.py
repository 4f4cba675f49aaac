"""``/v1/marks``: dated facts that series are looked at beside: a new procedure, a flood, a reorganisation."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import JSONResponse, Response

from model.cleaning import clean
from model.masking import mask
from model.prediction import JsonValue
from service import problems
from service.answers import Described
from service.api_route import ApiRoute, needs
from service.context import Context, caller_of, context_of
from service.faults import invalid_fields
from service.openapi import declare
from service.problems import FieldError, ProblemError
from service.requests import AgencySlug, Name, Strict, TopicSlug
from service.routes.statistics import Day
from service.statistics.marks import (
    Mark,
    MarkOrder,
    MarkType,
    Removal,
    enter_marks,
    find_mark,
    list_marks,
    remove_marks,
)
from service.visibility import READING_SCOPES

router = APIRouter(route_class=ApiRoute, tags=["statistics"])


class MarkRequest(Strict):
    """A mark to be entered."""

    day: Annotated[Day, Field(description="On which it began, in local time.")]
    until: Annotated[Day | None, Field(description="Its last day, where it passed or took a while to settle.")] = None
    title: Annotated[Name, Field(description="In a few words; masked like all text.")]
    type: MarkType = "kebijakan"
    agency: Annotated[AgencySlug | None, Field(description="Which it touched; null for all.")] = None
    topic: Annotated[TopicSlug | None, Field(description="Which it touched; null for all.")] = None
    control_agency: Annotated[AgencySlug | None, Field(description="Which it did not touch, to compare with.")] = None
    control_topic: Annotated[TopicSlug | None, Field(description="Which it did not touch, to compare with.")] = None

    @model_validator(mode="after")
    def _check_days(self) -> "MarkRequest":
        if self.until is not None and self.until < self.day:
            raise PydanticCustomError("range", "until lies before the day; send a later one")
        return self


class MarkAnswer(Described):
    """A mark."""

    id: str
    day: date
    until: date | None
    title: str
    type: MarkType
    agency: str | None
    topic: str | None
    control_agency: str | None
    control_topic: str | None
    actor: Annotated[str, Field(description="Who entered it.")]
    made_at: datetime


class MarkList(Described):
    """All marks, in the order of their days."""

    marks: list[MarkAnswer]


@router.get(
    "/v1/marks",
    operation_id="listMarks",
    summary="List marks",
    response_model=None,
    responses=declare({200: (MarkList, "The marks.")}),
    openapi_extra=needs(*READING_SCOPES),
)
async def get_marks(request: Request) -> Response:
    """List what was entered, earliest day first; a key of one agency gets what touched it or all."""
    agency = caller_of(request).agency
    found = await context_of(request).reader.read(lambda connection: list_marks(connection, agency=agency))
    return JSONResponse({"marks": [_show(mark) for mark in found]})


@router.post(
    "/v1/marks",
    operation_id="enterMark",
    summary="Enter a mark",
    response_model=None,
    status_code=201,
    responses=declare(
        {201: (MarkAnswer, "The mark, in the ledger.")},
        problems.INVALID_JSON,
        problems.NOT_UTF8,
        problems.BODY_TOO_LARGE,
        problems.WRONG_CONTENT_TYPE,
        problems.INVALID_FIELDS,
        problems.BUSY,
    ),
    openapi_extra=needs("analyse"),
)
async def enter(request: Request, asked: MarkRequest) -> Response:
    """Enter what happened on a day. It is in the ledger before its effect can be seen, so that nobody tries dates.

    A key of one agency enters marks of that agency.
    """
    context, caller = context_of(request), caller_of(request)
    _check_slugs(context, asked)
    agency = caller.agency or asked.agency
    title = mask(clean(asked.title)).text
    further = (asked.topic, asked.control_agency, asked.control_topic)
    order = MarkOrder(asked.day, asked.until, title, asked.type, agency, *further, caller.actor, datetime.now(UTC))
    return JSONResponse(_show(await context.writer.write(enter_marks, order)), 201)


@router.delete(
    "/v1/marks/{id}",
    operation_id="removeMark",
    summary="Remove a mark",
    response_model=None,
    responses=declare(
        {200: (MarkAnswer, "The mark as it was.")}, problems.NOT_FOUND, problems.INVALID_FIELDS, problems.BUSY
    ),
    openapi_extra=needs("analyse"),
)
async def remove(
    request: Request, mark_id: Annotated[str, Path(alias="id", max_length=36, pattern=r"^[^\u0000]*$")]
) -> Response:
    """Take a mark out. The ledger keeps that it was entered and that it was removed."""
    context, caller = context_of(request), caller_of(request)
    found = await context.reader.read(lambda connection: find_mark(connection, mark_id))
    if found is None or (caller.agency is not None and found.agency != caller.agency):
        raise ProblemError(problems.NOT_FOUND, "There is no mark with this id that this key may remove.")
    removed = await context.writer.write(remove_marks, Removal(mark_id, caller.actor, datetime.now(UTC)))
    return JSONResponse(_show(removed or found))


def _check_slugs(context: Context, asked: MarkRequest) -> None:
    errors = []
    for head in ("agency", "topic"):
        for field in (head, f"control_{head}"):
            value = getattr(asked, field)
            if value is not None and value not in context.taxonomy.heads[head]:
                errors.append(FieldError("pointer", f"#/{field}", f"is no {head} of the taxonomy; send a slug of it"))
    if errors:
        raise invalid_fields(errors)


def _show(mark: Mark) -> dict[str, JsonValue]:
    shown: dict[str, JsonValue] = {}
    for name, value in asdict(mark).items():
        shown[name] = value.isoformat() if isinstance(value, date) else value
    return shown
