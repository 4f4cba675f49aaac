"""``/laporan-bulanan``: a monthly report is asked for, and shown how far it is until it can be fetched."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from service import problems
from service.pages.asking import ask, shape
from service.pages.faulty import Faults, read_faults
from service.pages.navigation import MONTHLY
from service.pages.visits import PageRoute, Visit, begin_visit
from service.problems import ProblemError
from service.report_jobs import Form, month_before
from service.routes import monthly_reports
from service.routes.monthly_reports import ReportJob, ReportRequest

router = APIRouter(route_class=PageRoute, include_in_schema=False)
FORMS: Final[tuple[Form, ...]] = ("pdf", "xlsx", "html")
_N_MONTHS: Final = 24


@router.get("/laporan-bulanan")
async def show_form(request: Request) -> Response:
    """The form, and how far the report is that the address names."""
    visit = await begin_visit(request, MONTHLY)
    job, faults = None, Faults()
    if asked := visit.state.get("kerja"):
        try:
            job = await _find(visit, asked)
        except ProblemError as problem:
            faults = read_faults(visit, problem)
    return _render(visit, job, faults)


@router.post("/laporan-bulanan")
async def make(request: Request) -> Response:
    """Let a report be written."""
    visit = await begin_visit(request, MONTHLY)
    fields = await visit.read_form()
    asked = {
        "month": fields.get("bulan", ""),
        "format": fields.get("bentuk", ""),
        "language": visit.language,
        "public": fields.get("umum") == "1",
    }
    try:
        made = await ask(request, visit.caller, monthly_reports.make, shape(ReportRequest, asked))
    except ProblemError as problem:
        return _render(visit, None, read_faults(visit, problem), fields, problem.status_code)
    return visit.go_to(MONTHLY.path, kerja=ReportJob.model_validate_json(made).id)


async def _find(visit: Visit, asked: str) -> ReportJob:
    """The report of an address, whose form the route checks of a call from outside alone.

    Raises
    ------
    ProblemError
        404: there is none for who asks.
    """
    if re.fullmatch(monthly_reports.JOB_ID, asked) is None:
        raise ProblemError(problems.NOT_FOUND, problems.NOT_FOUND.advice)
    return ReportJob.model_validate_json(await ask(visit.request, visit.caller, monthly_reports.get, asked))


def _render(
    visit: Visit, job: ReportJob | None, faults: Faults, given: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    return visit.render(
        "monthly.html",
        status,
        job=job,
        is_going=job is not None and job.state in {"waiting", "running"},
        job_month=date.fromisoformat(f"{job.month}-01") if job is not None else None,
        months=_list_months(visit.today),
        usual=month_before(visit.today),
        forms=FORMS,
        faults=faults,
        given=given or {},
    )


def _list_months(today: date) -> list[date]:
    """The first days of this month and those before it, latest first."""
    months = [today.replace(day=1)]
    while len(months) < _N_MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months
