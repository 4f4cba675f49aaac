"""``/kelola/webhook``: which programs hear of reports, their secrets, and messages that did not arrive.

A new secret is shown by the answer to its form and nowhere else.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from service import problems
from service.pages.asking import ask, shape
from service.pages.managing import list_agencies, render_fault, render_section
from service.pages.navigation import SETTINGS
from service.pages.visits import PageRoute, Visit, begin_visit
from service.problems import ProblemError
from service.routes import deliveries, webhooks
from service.routes.webhook_shapes import (
    ALL_TYPES,
    DeliveriesQuery,
    DeliveryPage,
    ReplayQuery,
    RotationQuery,
    TryAnswer,
    WebhookChange,
    WebhookList,
    WebhookRequest,
    WebhookWithSecret,
)

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_Id = Annotated[str, Path(max_length=36, pattern=r"^[0-9a-f-]+$")]
_PATH: Final = "/kelola/webhook"
_HEARING: Final = ("oversight", "admin")
_N_DEAD: Final = 20


@router.get("/kelola/webhook")
async def show_webhooks(request: Request) -> Response:
    """All webhooks with their dead messages, and the form of a new one."""
    visit = await begin_visit(request, SETTINGS)
    return render_section(visit, "webhook", await _webhooks_of(visit))


@router.post("/kelola/webhook")
async def add_webhook(request: Request) -> Response:
    """Let a program hear of reports, and show its secret this once."""
    visit = await begin_visit(request, SETTINGS)
    fields = await visit.read_form()
    wanted: dict[str, object] = {
        "url": fields.get("url", "").strip(),
        "events": [type_ for type_ in ALL_TYPES if type_ in fields],
        "scopes": [scope for scope in _HEARING if f"scope_{scope}" in fields],
        "agency": fields.get("agency") or None,
    }
    try:
        body = await ask(request, visit.caller, webhooks.add, shape(WebhookRequest, wanted))
    except ProblemError as problem:
        return render_fault(visit, "webhook", problem, fields, await _webhooks_of(visit))
    return await _render_secret(visit, body)


@router.post("/kelola/webhook/{webhook}")
async def change_webhook(request: Request, webhook: _Id) -> Response:
    """Stop, resume, remove or test a webhook, give it a new secret, or send its dead messages again."""
    visit = await begin_visit(request, SETTINGS)
    fields = await visit.read_form()
    try:
        return await _act(visit, webhook, fields)
    except ProblemError as problem:
        if problem.kind is problems.NOT_FOUND:
            raise
        return render_fault(visit, "webhook", problem, {**fields, "webhook": webhook}, await _webhooks_of(visit))


async def _act(visit: Visit, webhook: str, fields: Mapping[str, str]) -> Response:
    request, caller, act = visit.request, visit.caller, fields.get("act")
    if act == "rotate":
        hours = fields.get("overlap_hours", "")
        asked = shape(RotationQuery, {"overlap_hours": hours} if hours else {})
        return await _render_secret(visit, await ask(request, caller, webhooks.rotate, webhook, asked))
    if act == "test":
        tried = TryAnswer.model_validate_json(await ask(request, caller, deliveries.test, webhook))
        return visit.go_to(_PATH, done="webhook_arrived" if tried.arrived else "webhook_failed")
    if act in {"disable", "enable"}:
        await ask(request, caller, webhooks.change, webhook, WebhookChange(disabled=act == "disable"))
    elif act == "replay":
        await ask(request, caller, deliveries.replay, webhook, ReplayQuery())
    elif act == "remove":
        await ask(request, caller, webhooks.remove, webhook)
    else:
        raise ProblemError(problems.INVALID_FIELDS, problems.INVALID_FIELDS.advice)
    return visit.go_to(_PATH, done=f"webhook_{act}")


async def _render_secret(visit: Visit, body: bytes) -> Response:
    made = WebhookWithSecret.model_validate_json(body)
    return render_section(visit, "webhook", {**await _webhooks_of(visit), "made": made})


async def _webhooks_of(visit: Visit) -> dict[str, object]:
    request, caller = visit.request, visit.caller
    found = WebhookList.model_validate_json(await ask(request, caller, webhooks.list_all)).webhooks
    dead = {}
    for one in found:
        if one.deliveries.get("dead"):
            asked = DeliveriesQuery(state="dead", limit=_N_DEAD)
            page = await ask(request, caller, deliveries.list_stored, one.id, asked)
            dead[one.id] = DeliveryPage.model_validate_json(page).deliveries
    return {"webhooks": found, "dead": dead, "types": ALL_TYPES, "hearing": _HEARING, "agencies": list_agencies(visit)}
