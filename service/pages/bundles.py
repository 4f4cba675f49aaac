"""``/model``: which bundle is in force and how it does, what else there is, and the way to another one and back."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from service import problems
from service.champion import registry_of
from service.pages.asking import ask, shape
from service.pages.bundle_view import BundleView, Measured, list_changes, show_bundle
from service.pages.faulty import Faults, read_faults
from service.pages.navigation import QUALITY
from service.pages.visits import PageRoute, Visit, begin_visit
from service.people.names import name_actors
from service.problems import ProblemError
from service.routes import audits, disagreements, models
from service.routes.audits import AccuracyAnswer, AccuracyPage, AgreementPage
from service.routes.disagreements import Disagreement, DisagreementQuery
from service.routes.models import BundleList, PromoteRequest, RollbackRequest
from service.statistics.asking import Period, find_reach
from service.statistics.coverage import measure_coverage
from service.statistics.drift import drift

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_Id = Annotated[str, Path(max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]
_SHOWN: Final = timedelta(days=365)


@router.get("/model")
async def show_model(request: Request) -> Response:
    """The bundles, how right they are, and how much they decide."""
    return await _render(await begin_visit(request, QUALITY))


@router.post("/model/kembali")
async def roll_back(request: Request) -> Response:
    """Put the bundle before in force again."""
    visit = await _begin_change(request)
    fields = await visit.read_form()
    try:
        await ask(request, visit.caller, models.roll_back, shape(RollbackRequest, _read_reason(fields)))
    except ProblemError as problem:
        return await _render(visit, problem, fields)
    return visit.go_to(QUALITY.path, done="rolled_back")


@router.post("/model/{bundle}/pakai")
async def promote(request: Request, bundle: _Id) -> Response:
    """Put a bundle in force that a comparison allows, or by force with a reason."""
    visit = await _begin_change(request)
    fields = await visit.read_form()
    wanted = {**_read_reason(fields), "force": "force" in fields}
    try:
        await ask(request, visit.caller, models.promote, bundle, shape(PromoteRequest, wanted))
    except ProblemError as problem:
        return await _render(visit, problem, {**fields, "bundle": bundle})
    return visit.go_to(QUALITY.path, done="promoted")


async def _begin_change(request: Request) -> Visit:
    visit = await begin_visit(request, QUALITY)
    if not visit.caller.allows("admin"):
        raise ProblemError(problems.SCOPE_MISSING, problems.SCOPE_MISSING.advice)
    return visit


async def _render(
    visit: Visit, problem: ProblemError | None = None, given: Mapping[str, str] | None = None
) -> Response:
    request, caller = visit.request, visit.caller
    period = Period(visit.today - _SHOWN, visit.today)
    changes = await visit.read(list_changes)
    coverage = await visit.read(lambda connection: measure_coverage(connection, find_reach(caller), period))
    accuracy = AccuracyPage.model_validate_json(await ask(request, caller, audits.show_accuracy)).accuracies
    agreement = AgreementPage.model_validate_json(await ask(request, caller, audits.show_agreement)).heads
    bundles = await _list_bundles(visit)
    shifted = await visit.read(lambda connection: drift(connection, caller, visit.today))
    return visit.render(
        "model.html",
        problem.status_code if problem is not None else 200,
        bundles=bundles,
        champion=next((one for one in bundles if one.summary.champion), None),
        before=_find_before(visit),
        changes=changes,
        actors=await visit.read(lambda connection: name_actors(connection, {one.actor for one in changes})),
        coverage=coverage,
        accuracy=[(one, _measure(one)) for one in accuracy],
        agreement=agreement,
        drift=shifted,
        parted=await _find_disagreement(visit, bundles),
        faults=read_faults(visit, problem) if problem is not None else Faults(),
        detail=problem.detail if problem is not None and problem.kind is problems.BUNDLE_REFUSED else None,
        given=given or {},
        is_fixed=visit.context.settings.bundle is not None,
        can_change=caller.allows("admin"),
        can_audit=caller.allows("audit"),
    )


async def _list_bundles(visit: Visit) -> list[BundleView]:
    """The bundles, the one in force first, then the one that learnt last."""
    body = await ask(visit.request, visit.caller, models.list_bundles)
    registry = registry_of(visit.context.settings)
    found = BundleList.model_validate_json(body).models
    views = await asyncio.to_thread(lambda: [show_bundle(registry, one) for one in found])
    return sorted(views, key=lambda one: (one.summary.champion, one.last_day or date.min), reverse=True)


async def _find_disagreement(visit: Visit, bundles: Sequence[BundleView]) -> Disagreement | None:
    """Where the bundle that the address names parts from the one in force; None where it names none that is there."""
    wanted = visit.state.get("beda")
    if wanted not in {one.summary.bundle for one in bundles} or wanted is None:
        return None
    try:
        body = await ask(
            visit.request, visit.caller, disagreements.show_disagreement, wanted, shape(DisagreementQuery, {})
        )
    except ProblemError:
        # Its own line of the list says what is wrong with it.
        return None
    return Disagreement.model_validate_json(body)


def _find_before(visit: Visit) -> str | None:
    before = registry_of(visit.context.settings).list_before()
    return before[0] if before else None


def _measure(one: AccuracyAnswer) -> Measured:
    return Measured(one.judged, one.accuracy, one.low, one.high)


def _read_reason(fields: Mapping[str, str]) -> dict[str, object]:
    reason = fields.get("reason", "").strip()
    return {"reason": reason} if reason else {}
