"""``/kelola/libur`` and ``/kelola/tenggat``: days off, and how many working days a report may take."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.faults import invalid_fields
from service.pages.asking import ask, read_number, shape
from service.pages.managing import render_fault, render_section
from service.pages.navigation import SETTINGS
from service.pages.visits import PageRoute, Visit, begin_visit
from service.problems import FieldError, ProblemError
from service.routes import terms
from service.routes.terms import HolidayList, HolidayQuery, HolidayRequest, PolicyAnswer, PolicyRequest

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_YEARS: Final = range(2000, 2100)


@router.get("/kelola/libur")
async def show_holidays(request: Request) -> Response:
    """The days off of a year, and the form of one more."""
    visit = await begin_visit(request, SETTINGS)
    return render_section(visit, "libur", await _holidays_of(visit))


@router.post("/kelola/libur")
async def set_holiday(request: Request) -> Response:
    """Declare a day off or a working day, or take back what was declared."""
    visit = await begin_visit(request, SETTINGS)
    fields = await visit.read_form()
    try:
        day = _read_day(fields)
        if fields.get("act") == "remove":
            await ask(request, visit.caller, terms.remove_holiday, day)
            return visit.go_to("/kelola/libur", done="holiday_removed", tahun=str(day.year))
        asked = shape(HolidayRequest, {"name": fields.get("name", ""), "is_off": fields.get("is_off") != "0"})
        await ask(request, visit.caller, terms.set_holiday, day, asked)
    except ProblemError as problem:
        return render_fault(visit, "libur", problem, fields, await _holidays_of(visit))
    return visit.go_to("/kelola/libur", done="holiday_set", tahun=str(day.year))


@router.get("/kelola/tenggat")
async def show_policy(request: Request) -> Response:
    """The days of the clocks, and whether a person of the city confirmed them."""
    visit = await begin_visit(request, SETTINGS)
    return render_section(visit, "tenggat", {"policy": await _policy_of(visit)})


@router.post("/kelola/tenggat")
async def set_policy(request: Request) -> Response:
    """Put days and advice in force for clocks that start from now on."""
    visit = await begin_visit(request, SETTINGS)
    fields = await visit.read_form()
    policy = await _policy_of(visit)
    try:
        asked = shape(PolicyRequest, _read_policy(fields, policy))
        await ask(request, visit.caller, terms.set_policy, asked)
    except ProblemError as problem:
        return render_fault(visit, "tenggat", problem, fields, {"policy": policy})
    return visit.go_to("/kelola/tenggat", done="policy_set")


async def _holidays_of(visit: Visit) -> dict[str, object]:
    written = visit.request.query_params.get("tahun", "")
    year = read_number(written)
    year = year if year in _YEARS else visit.today.year
    found = HolidayList.model_validate_json(
        await ask(visit.request, visit.caller, terms.list_holidays, HolidayQuery(year=year))
    )
    return {"year": year, "holidays": found.holidays}


async def _policy_of(visit: Visit) -> PolicyAnswer:
    return PolicyAnswer.model_validate_json(await ask(visit.request, visit.caller, terms.get_policy))


def _read_day(fields: Mapping[str, str]) -> date:
    try:
        day = date.fromisoformat(fields.get("day", ""))
    except ValueError as error:
        raise invalid_fields([FieldError("pointer", "#/day", "is no day")]) from error
    if day.year not in _YEARS:
        raise invalid_fields([FieldError("pointer", "#/day", "lies outside the years 2000 to 2099")])
    return day


def _read_policy(fields: Mapping[str, str], policy: PolicyAnswer) -> dict[str, object]:
    days = {kind: _read_days(fields.get(f"days_{kind}", "")) for kind in policy.days}
    numbers = [line.strip().partition(" ") for line in fields.get("numbers", "").splitlines() if line.strip()]
    return {
        "verification_days": _read_days(fields.get("verification_days", "")),
        "days": days,
        "advice": fields.get("advice", "").replace("\r\n", "\n"),
        "numbers": [{"number": number, "name": name.strip()} for number, _, name in numbers],
        "is_confirmed": "is_confirmed" in fields,
    }


def _read_days(written: str) -> int | None:
    """A number of days; 0, which no route takes, for what is none."""
    return read_number(written) or 0 if written.strip() else None
