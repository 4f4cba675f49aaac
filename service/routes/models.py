"""``/v1/models``: the bundles of this installation, and which one is in force."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path as FolderPath
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from model.cleaning import clean
from model.errors import BundleError
from model.masking import mask
from model.prediction import JsonValue
from model.registry import Registry
from service import problems
from service.answers import Described
from service.api_route import ApiRoute, needs
from service.bundle_summaries import summarise_all
from service.champion import describe_adoption, registry_of
from service.context import Context, caller_of, context_of
from service.openapi import declare
from service.problems import ProblemError
from service.promoting import Grounds, plan, promote_all
from service.requests import Prose, Strict
from service.writer import record_all

router = APIRouter(route_class=ApiRoute, tags=["models"])


class BundleSummary(Described):
    """A bundle of the registry; what it was trained on and how it did is in its card and report."""

    bundle: str
    champion: Annotated[bool, Field(description="Whether it is in force.")]
    serving: Annotated[bool, Field(description="Whether this process answers with it now.")]
    taxonomy: str | None
    heads: Annotated[dict[str, int], Field(description="Number of labels of each head.")]
    rows: Annotated[int | None, Field(description="Labelled rows it was trained on.")]


class BundleList(Described):
    """The bundles of this installation, by id."""

    models: list[BundleSummary]


class InForce(Described):
    """The bundle in force after the call."""

    bundle: str


class RollbackRequest(Strict):
    """Why a bundle is put in force; it goes to the ledger."""

    reason: Annotated[Prose | None, Field(description="Stored masked.")] = None


class PromoteRequest(RollbackRequest):
    """As for a rollback; force needs a reason."""

    force: Annotated[
        bool,
        Field(strict=True, description="Put in force what no comparison allows; the ledger keeps that it was forced."),
    ] = False


# Of the bundles that are there, when one is asked for that is not.
_N_LISTED: Final = 20
_PROBLEMS = (
    problems.INVALID_JSON,
    problems.NOT_UTF8,
    problems.BODY_TOO_LARGE,
    problems.WRONG_CONTENT_TYPE,
    problems.INVALID_FIELDS,
    problems.BUNDLE_REFUSED,
    problems.BUSY,
)


@router.get(
    "/v1/models",
    operation_id="listModels",
    summary="List bundles",
    response_model=None,
    responses=declare({200: (BundleList, "All bundles that are there.")}),
    openapi_extra=needs("analyse", "audit"),
)
async def list_bundles(request: Request) -> Response:
    """List the bundles of this installation and say which one is in force."""
    context = context_of(request)
    return JSONResponse({"models": await asyncio.to_thread(_list_all, context)})


@router.post(
    "/v1/models/{id}/promote",
    operation_id="promoteModel",
    summary="Put a bundle in force",
    response_model=None,
    responses=declare(
        {200: (InForce, "It is in force; every process takes it over within seconds.")}, problems.NOT_FOUND, *_PROBLEMS
    ),
    openapi_extra=needs("admin"),
)
async def promote(
    request: Request,
    bundle_id: Annotated[str, Path(alias="id", max_length=80, pattern=r"^[A-Za-z0-9_-]+$")],
    asked: PromoteRequest,
) -> Response:
    """Put a bundle in force: it is loaded and verified first, no request is lost, each answer names its bundle.

    It must have been compared with the bundle in force (`pilah compare`) and allowed, or is forced with a reason.
    """
    context = context_of(request)
    _check_free(context)
    folder = await asyncio.to_thread(find_bundle_folder, registry_of(context.settings), bundle_id)
    await _check(context, folder)
    return await _put_in_force(request, bundle_id, asked.reason, Grounds(is_forced=asked.force))


@router.post(
    "/v1/models/rollback",
    operation_id="rollBackModel",
    summary="Put the bundle before in force again",
    response_model=None,
    responses=declare({200: (InForce, "The bundle before is in force.")}, *_PROBLEMS),
    openapi_extra=needs("admin"),
)
async def roll_back(request: Request, asked: RollbackRequest) -> Response:
    """Put the bundle in force that was before the present one: loaded and verified first, as one that is promoted."""
    context = context_of(request)
    _check_free(context)
    try:
        before = await asyncio.to_thread(registry_of(context.settings).previous_id)
    except BundleError as error:
        raise _refuse(error) from error
    await _check(context, registry_of(context.settings).path_of(before))
    return await _put_in_force(request, None, asked.reason)


async def _check(context: Context, folder: FolderPath) -> None:
    try:
        await asyncio.to_thread(context.champion.load, folder)
    except BundleError as error:
        raise _refuse(error) from error


async def _put_in_force(
    request: Request, bundle_id: str | None, reason: str | None, grounds: Grounds | None = None
) -> Response:
    context = context_of(request)
    _check_free(context)
    why = mask(clean(reason)).text if reason else None
    registry, actor = registry_of(context.settings), caller_of(request).actor
    try:
        promotion = plan(registry, bundle_id, actor, datetime.now(UTC), why, grounds)
        in_force = await context.writer.write(promote_all, promotion)
    except BundleError as error:
        raise _refuse(error) from error
    if await context.champion.follow() is not None:
        await context.writer.write(record_all, describe_adoption(context.champion.bundle_id))
    return JSONResponse({"bundle": in_force})


def find_bundle_folder(registry: Registry, bundle_id: str) -> FolderPath:
    """The folder of a bundle that is there.

    Raises
    ------
    ProblemError
        404 with those there are.
    """
    known = registry.list_ids()
    if bundle_id not in known:
        raise _miss(bundle_id, known)
    return registry.path_of(bundle_id)


def _check_free(context: Context) -> None:
    if context.settings.bundle is not None:
        detail = "PILAH_BUNDLE names the bundle of this service; take the setting out to let bundles be promoted."
        raise ProblemError(problems.BUNDLE_REFUSED, detail)


def _miss(bundle_id: str, known: Sequence[str]) -> ProblemError:
    listed = ", ".join(known[:_N_LISTED]) + (", …" if len(known) > _N_LISTED else "")
    what = f"there are {listed}" if known else "there is none; pilah train makes one"
    more: dict[str, JsonValue] = {"known": [*known[:_N_LISTED]]}
    return ProblemError(problems.NOT_FOUND, f"There is no bundle {bundle_id} here: {what}.", more=more)


def _refuse(error: BundleError) -> ProblemError:
    return ProblemError(problems.BUNDLE_REFUSED, str(error))


def _list_all(context: Context) -> list[JsonValue]:
    serving = context.champion.bundle_id
    return [{**summary, "serving": summary["bundle"] == serving} for summary in summarise_all(context.settings)]
