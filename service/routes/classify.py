"""``POST /v1/classify``: tags texts and stores nothing."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import JSONResponse, Response

from model.prediction import JsonValue, Prediction
from service import problems
from service.answers import Classified, Predictions
from service.api_route import ApiRoute, needs
from service.context import Context, context_of
from service.examples import CLASSIFY_EXAMPLES
from service.faults import invalid_fields, read_fault
from service.messages.emergencies import advise
from service.openapi import declare
from service.problems import ProblemError
from service.requests import ClassifyRequest, Words
from service.routing import find_alarm
from service.tagging import tag

router = APIRouter(route_class=ApiRoute, tags=["classify"])
_WORDS: TypeAdapter[str] = TypeAdapter(Words)


@router.post(
    "/v1/classify",
    operation_id="classify",
    summary="Tag one text or many",
    response_model=None,
    responses=declare(
        {200: (Classified | Predictions, "A prediction for `text`; `predictions` for `texts`.")},
        problems.INVALID_JSON,
        problems.NOT_UTF8,
        problems.BODY_TOO_LARGE,
        problems.TEXT_TOO_LONG,
        problems.WRONG_CONTENT_TYPE,
        problems.INVALID_FIELDS,
    ),
    openapi_extra=needs("classify"),
)
async def classify(
    request: Request, asked: Annotated[ClassifyRequest, Body(openapi_examples=CLASSIFY_EXAMPLES)]
) -> Response:
    """Tag one `text` or up to 1,000 `texts` with kind, agency, topic, urgency and aspect. Nothing is stored.

    Personal data are masked first; all that is answered is about the masked text. In a list, a text that cannot be
    read gets a problem in its place and the others their predictions.
    """
    context = context_of(request)
    if "texts" not in asked.model_fields_set:
        prediction = await tag(context, asked.text, asked.title, explain=asked.explain)
        return JSONResponse(_show(context, prediction))
    entries = []
    for place, text in enumerate(asked.texts):
        entries.append(await _tag_entry(context, place, text, explain=asked.explain))
        # Others get their turn between two texts.
        await asyncio.sleep(0)
    return JSONResponse({"predictions": entries})


async def _tag_entry(context: Context, place: int, text: object, *, explain: bool) -> dict[str, JsonValue]:
    pointer = f"#/texts/{place}"
    try:
        prediction = await tag(context, _WORDS.validate_python(text), explain=explain, pointer=pointer)
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", "texts", place)} for fault in error.errors()]
        return invalid_fields([read_fault(fault) for fault in faults]).to_json()
    except ProblemError as problem:
        return problem.to_json()
    return _show(context, prediction)


def _show(context: Context, prediction: Prediction) -> dict[str, JsonValue]:
    is_urgent = find_alarm(prediction) == "urgent"
    return {**prediction.to_json(), "advice": _advise(context) if is_urgent else None}


def _advise(context: Context) -> dict[str, JsonValue]:
    return advise(context.terms.current.policy, context.settings.emergency_contacts)
