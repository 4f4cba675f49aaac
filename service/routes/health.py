"""``/healthz``, ``/readyz`` and ``/metrics``: whether the service lives, can work, and how much it does."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import insert, update
from starlette.responses import JSONResponse, Response

from model.errors import PilahError
from service import problems
from service.admission import admit_address
from service.answers import Health, Readiness
from service.context import Context, context_of
from service.errors import StoreUnavailableError
from service.faults import RETRY_AFTER_S
from service.logs import describe_fault
from service.openapi import declare_open
from service.probing import OK, Checks
from service.problems import ProblemError
from service.tables import pulse
from service.writer import Transaction

router = APIRouter(tags=["operation"])


@router.get(
    "/healthz",
    operation_id="getHealth",
    summary="Whether the process lives",
    response_model=None,
    responses=declare_open({200: (Health, "It does.")}),
)
async def get_health() -> Response:
    """Say that the process answers; nothing else is looked at."""
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Whether the service can do its work",
    response_model=None,
    responses=declare_open({200: (Readiness, "It can.")}, problems.TOO_MANY_CALLS, problems.NOT_READY),
)
async def get_readiness(request: Request) -> Response:
    """Classify a word and write to the store; a problem names the check that failed.

    What went well within the last second is answered again without trying anew, whoever asks.
    """
    admit_address(request)
    context = context_of(request)
    checks = await context.probe.look(partial(_check, context))
    if set(checks.values()) != {OK}:
        failed = ", ".join(name for name, found in checks.items() if found != OK)
        raise ProblemError(
            problems.NOT_READY,
            f"Not ready: {failed}.",
            more={"checks": dict(checks)},
            headers={"Retry-After": str(RETRY_AFTER_S)},
        )
    return JSONResponse({"status": "ready", "bundle": context.classifier.bundle_id, "checks": dict(checks)})


@router.get("/metrics", include_in_schema=False)
async def get_metrics(request: Request) -> Response:
    """Counters for Prometheus; they hold no text and no label that grows."""
    context = context_of(request)
    context.metrics.waiting.set(context.writer.n_waiting)
    return Response(context.metrics.format(), media_type=CONTENT_TYPE_LATEST)


async def _check(context: Context) -> Checks:
    return {"bundle": _check_bundle(context), "store": await _check_store(context)}


def _check_bundle(context: Context) -> str:
    try:
        context.classifier.classify("jalan", with_explanation=False)
    except (PilahError, OSError, ValueError) as error:
        return f"cannot classify ({type(error).__name__})"
    return OK


async def _check_store(context: Context) -> str:
    try:
        await context.writer.write(_beat, datetime.now(UTC))
    except StoreUnavailableError as error:
        # What the driver says may name hosts and users; it goes to the log, and the answer to anybody.
        context.log.error("store away", where=describe_fault(error))  # noqa: TRY400  # the log takes no messages
        return "cannot write"
    return OK


def _beat(transaction: Transaction, instants: Sequence[datetime]) -> list[None]:
    """Write the last instant into the one row of the table."""
    connection = transaction.connection
    written = connection.execute(update(pulse).where(pulse.c.id == 1).values(beaten_at=instants[-1]))
    if written.rowcount == 0:
        connection.execute(insert(pulse).values(id=1, beaten_at=instants[-1]))
    return [None] * len(instants)
