"""``/v1/models/{id}/disagreement``: where a challenger and the bundle in force part on the reports that came last."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from model.classifier import Classifier
from model.errors import BundleError
from model.prediction import JsonValue
from service import problems
from service.answers import Described, Share
from service.api_route import ApiRoute, needs
from service.auditing.disagreement import (
    MAX_COMPARED,
    Answer,
    HeadDisagreement,
    answer_texts,
    find_disagreement,
    list_recent,
)
from service.champion import registry_of
from service.context import Context, caller_of, context_of
from service.openapi import declare
from service.problems import ProblemError
from service.requests import Strict
from service.routes.models import find_bundle_folder
from service.visibility import visible_to

router = APIRouter(route_class=ApiRoute, tags=["models"])
# So many texts are classified at once; between them others get their turn.
_AT_ONCE: Final = 100
_DEFAULT: Final = 500


class PairAnswer(Described):
    """Reports that the two bundles label otherwise."""

    champion: str
    challenger: str
    n: int


class HeadAnswer(Described):
    """How the two bundles part on one head."""

    head: str
    n: int
    differ: Annotated[int, Field(description="Reports labelled otherwise.")]
    share: Annotated[Share | None, Field(description="Of all compared; null below 20.")]
    low: Share | None
    high: Share | None
    pairs: Annotated[list[PairAnswer], Field(description="The most frequent, of five reports and more.")]
    other: Annotated[int, Field(description="Reports labelled otherwise that are in none of `pairs`.")]
    auto_champion: Annotated[int, Field(description="Reports the bundle in force would decide alone.")]
    auto_challenger: int
    auto_differ: Annotated[int, Field(description="Reports both would decide alone, otherwise.")]


class Disagreement(Described):
    """Where two bundles part on recent reports."""

    champion: str
    challenger: str
    n: Annotated[int, Field(description="Reports compared: those that came last.")]
    since: Annotated[datetime | None, Field(description="When the earliest of them came.")]
    heads: list[HeadAnswer]


class DisagreementQuery(Strict):
    """How many reports are compared."""

    limit: Annotated[int, Field(ge=1, le=MAX_COMPARED)] = _DEFAULT


@router.get(
    "/v1/models/{id}/disagreement",
    operation_id="getDisagreement",
    summary="Where a bundle and the one in force part",
    response_model=None,
    responses=declare(
        {200: (Disagreement, "By head.")},
        problems.NOT_FOUND,
        problems.INVALID_FIELDS,
        problems.BUNDLE_REFUSED,
    ),
    openapi_extra=needs("analyse", "audit"),
)
async def show_disagreement(
    request: Request,
    bundle_id: Annotated[str, Path(alias="id", max_length=80)],
    asked: Annotated[DisagreementQuery, Query()],
) -> Response:
    """Tell on how many of the reports that came last a bundle gives another label than the bundle in force, and which.

    Both are asked anew about the masked texts that the caller may see; what is erased or shut away is left out. Pairs
    of labels with fewer than five reports are told in sum only. Who asks meanwhile waits for the comparison before.
    """
    context = context_of(request)
    folder = await asyncio.to_thread(find_bundle_folder, registry_of(context.settings), bundle_id)
    async with context.comparing:
        try:
            challenger = (await asyncio.to_thread(context.champion.load, folder)).classifier
        except BundleError as error:
            raise ProblemError(problems.BUNDLE_REFUSED, str(error)) from error
        return JSONResponse(await _compare(request, context, challenger, asked.limit))


async def _compare(request: Request, context: Context, challenger: Classifier, limit: int) -> dict[str, JsonValue]:
    champion, visible = context.classifier, visible_to(caller_of(request))
    recent = await context.reader.read(lambda connection: list_recent(connection, visible, limit))
    texts = [one.text for one in recent]
    heads = find_disagreement(await _answer(champion, texts), await _answer(challenger, texts))
    shown: list[JsonValue] = [_show(one) for one in heads]
    return {
        "champion": champion.bundle_id,
        "challenger": challenger.bundle_id,
        "n": len(texts),
        "since": recent[-1].received_at.isoformat() if recent else None,
        "heads": shown,
    }


async def _answer(classifier: Classifier, texts: Sequence[str]) -> list[Answer]:
    answers: list[Answer] = []
    for start in range(0, len(texts), _AT_ONCE):
        answers += await asyncio.to_thread(answer_texts, classifier, texts[start : start + _AT_ONCE])
    return answers


def _show(one: HeadDisagreement) -> dict[str, JsonValue]:
    pairs: list[JsonValue] = [
        {"champion": pair.champion, "challenger": pair.challenger, "n": pair.n} for pair in one.pairs
    ]
    return {
        "head": one.head,
        "n": int(one.rate.n),
        "differ": int(one.rate.k),
        "share": one.rate.value,
        "low": one.rate.low,
        "high": one.rate.high,
        "pairs": pairs,
        "other": one.n_other,
        "auto_champion": one.n_auto[0],
        "auto_challenger": one.n_auto[1],
        "auto_differ": one.n_auto_differ,
    }
