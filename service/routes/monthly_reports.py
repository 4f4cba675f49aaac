"""``/v1/reports``: the monthly report, written by a process of its own while the caller asks how far it is."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import FileResponse, JSONResponse, Response

from model.prediction import JsonValue
from service import problems
from service.answers import Described
from service.api_route import ApiRoute, needs
from service.callers import Caller
from service.context import caller_of, context_of
from service.handling.clock import local_day
from service.openapi import declare
from service.problems import ProblemError
from service.report_jobs import (
    MAX_WAITING,
    MEDIA_TYPES,
    RETRY_AFTER_S,
    Form,
    Job,
    Order,
    State,
    TooManyReportsError,
    file_of,
    read_job,
)
from service.requests import Strict

router = APIRouter(route_class=ApiRoute, tags=["reports"])

JOB_ID: Final = r"^[0-9a-f]{24}$"


class ReportRequest(Strict):
    """Which report is to be written."""

    month: Annotated[
        str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", examples=["2026-10"], description="A month that has begun.")
    ]
    format: Form = "pdf"
    language: Literal["id", "en"] = "id"
    public: Annotated[
        bool, Field(strict=True, description="For everybody: small cells withheld, with those that would tell them.")
    ] = False


class ReportJob(Described):
    """A report that is being written, or is done."""

    id: str
    month: str
    format: Form
    language: Literal["id", "en"]
    public: bool
    state: State
    stage: Annotated[str, Field(description="What its process said last, or why it failed.")]
    file: Annotated[str | None, Field(description="Where to fetch it, once it is done.")]


_NOT_THERE = "No report of this id was asked for with this key, or it is older than 30 days."


@router.post(
    "/v1/reports",
    operation_id="makeReport",
    summary="Let a monthly report be written",
    response_model=None,
    status_code=202,
    responses=declare(
        {202: (ReportJob, "It is being written; `Location` says how far it is.")},
        problems.INVALID_JSON,
        problems.NOT_UTF8,
        problems.BODY_TOO_LARGE,
        problems.WRONG_CONTENT_TYPE,
        problems.INVALID_FIELDS,
        problems.NOT_FOUND,
    ),
    openapi_extra=needs("analyse"),
)
async def make(request: Request, asked: ReportRequest) -> Response:
    """Begin a report. A key of one agency gets that agency's; the same asked twice is written once."""
    context, caller = context_of(request), caller_of(request)
    if asked.month > local_day(datetime.now(UTC)).strftime("%Y-%m"):
        raise ProblemError(problems.NOT_FOUND, f"{asked.month} has not begun.")
    order = Order(asked.month, asked.format, asked.language, asked.public, None if asked.public else caller.agency)
    try:
        job = context.reports.start(context.settings, order, caller.actor)
    except TooManyReportsError as error:
        raise _refuse() from error
    return JSONResponse(_tell(job), 202, {"Location": f"/v1/reports/{job.id}"})


@router.get(
    "/v1/reports/{id}",
    operation_id="getReport",
    summary="Say how far a report is",
    response_model=None,
    responses=declare({200: (ReportJob, "How far it is.")}, problems.NOT_FOUND, problems.INVALID_FIELDS),
    openapi_extra=needs("analyse"),
)
async def get(request: Request, job_id: Annotated[str, Path(alias="id", pattern=JOB_ID)]) -> Response:
    """Say how far a report is; only who asked for it, or an admin, hears of it."""
    return JSONResponse(_tell(await _find(request, job_id)))


@router.get(
    "/v1/reports/{id}/file",
    operation_id="getReportFile",
    summary="Fetch a report",
    response_model=None,
    responses=declare(
        {200: (None, "The report, as PDF, workbook or webpage.")}, problems.NOT_FOUND, problems.INVALID_FIELDS
    ),
    openapi_extra=needs("analyse"),
)
async def fetch(request: Request, job_id: Annotated[str, Path(alias="id", pattern=JOB_ID)]) -> Response:
    """Fetch a report that is done."""
    job = await _find(request, job_id)
    path = file_of(context_of(request).settings.home, job)
    if job.state != "done" or not await asyncio.to_thread(path.is_file):
        raise ProblemError(problems.NOT_FOUND, f"The report is not there yet: {job.state}.")
    return FileResponse(path, media_type=MEDIA_TYPES[job.order.form], filename=job.file_name)


def _refuse() -> ProblemError:
    seconds = str(RETRY_AFTER_S)
    told = {"RateLimit-Limit": str(MAX_WAITING), "RateLimit-Remaining": "0", "RateLimit-Reset": seconds}
    detail = f"{MAX_WAITING} reports are being written; ask again in {seconds} s."
    return ProblemError(problems.TOO_MANY_CALLS, detail, headers={"Retry-After": seconds, **told})


async def _find(request: Request, job_id: str) -> Job:
    job = await asyncio.to_thread(read_job, context_of(request).settings.home, job_id)
    if job is None or not _may_see(caller_of(request), job):
        raise ProblemError(problems.NOT_FOUND, _NOT_THERE)
    return job


def _may_see(caller: Caller, job: Job) -> bool:
    return job.actor == caller.actor or (caller.allows("admin") and caller.agency is None)


def _tell(job: Job) -> dict[str, JsonValue]:
    return {
        "id": job.id,
        "month": job.order.month,
        "format": job.order.form,
        "language": job.order.language,
        "public": job.order.is_public,
        "state": job.state,
        "stage": job.stage,
        "file": f"/v1/reports/{job.id}/file" if job.state == "done" else None,
    }
