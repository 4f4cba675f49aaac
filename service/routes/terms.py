"""``/v1/policy`` and ``/v1/holidays``: how many working days a report may take, and which days are none."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError
from starlette.responses import JSONResponse, Response

from model.cleaning import clean
from model.masking import mask
from model.prediction import JsonValue
from service import problems
from service.answers import Described
from service.api_route import ApiRoute, needs
from service.context import Context, caller_of, context_of
from service.examples import HOLIDAY_EXAMPLES, POLICY_EXAMPLES
from service.faults import invalid_fields, point_at
from service.handling.clock import local_day
from service.handling.holidays import DayOff, HolidayChange, change_holidays, read_calendar
from service.handling.policy import SHIPPED_VERSION, Policy, PolicyChange, change_policy, read_policy
from service.openapi import declare
from service.problems import FieldError
from service.requests import KindSlug, Name, Prose, Strict, unite_numbers

router = APIRouter(route_class=ApiRoute, tags=["deadlines"])
_READERS: Final = ("triage", "analyse", "audit")


def _parse_day(value: object) -> object:
    """The day, written in no other way than one."""
    if isinstance(value, str) and _WRITTEN_DAY.fullmatch(value) is None:
        raise PydanticCustomError("day", "is no day; write it as 2026-08-17")
    return value


_WRITTEN_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_Days = Annotated[int, Field(strict=True, ge=1, le=365), BeforeValidator(unite_numbers)]
_Number = Annotated[str, Field(strict=True, min_length=2, max_length=20, pattern=r"^\+?[0-9][0-9 -]*$")]
_Year = Annotated[int, Field(ge=2000, le=2099)]


class EmergencyNumber(Strict):
    """A number to call."""

    number: _Number
    name: Name


class PolicyRequest(Strict):
    """The rules of the city: days of the clocks, and what is told in an emergency."""

    verification_days: _Days
    days: Annotated[
        dict[KindSlug, _Days | None],
        Field(description="Working days by kind; null for a kind without a deadline. One left out keeps its days."),
    ]
    advice: Annotated[Prose, Field(description="Shown as it is to who reports an emergency; not masked.")]
    numbers: Annotated[
        list[EmergencyNumber], Field(max_length=20, description="Shown with it; empty for those of the settings.")
    ]
    is_confirmed: Annotated[
        bool, Field(strict=True, description="Whether a person has checked days and advice for this city.")
    ]


class PolicyAnswer(Described):
    """The rules in force; version 0 came with Pilah and nobody of the city has confirmed it."""

    version: Annotated[int, Field(ge=0)]
    made_at: datetime | None
    verification_days: int
    days: dict[str, int | None]
    advice: str
    numbers: list[EmergencyNumber]
    is_confirmed: bool


class HolidayRequest(Strict):
    """What the city decided about a day."""

    name: Annotated[Name, Field(description="Shows in the words of deadlines; stored masked.")]
    is_off: Annotated[bool, Field(strict=True, description="False: the city works, whatever else is said.")] = True


class HolidayAnswer(Described):
    """A day that stands out."""

    day: date
    name: str
    source: Annotated[str, Field(description="`library`, or `city` where an admin entered it.")]
    is_off: bool


class HolidayList(Described):
    """The days of a year that stand out, in order; weekends left out."""

    year: int
    holidays: list[HolidayAnswer]


class HolidayQuery(Strict):
    """Which year is asked for."""

    year: Annotated[_Year | None, Field(description="This year, when left out.")] = None


_BODY_PROBLEMS = (
    problems.INVALID_JSON,
    problems.NOT_UTF8,
    problems.BODY_TOO_LARGE,
    problems.WRONG_CONTENT_TYPE,
    problems.INVALID_FIELDS,
    problems.BUSY,
)
_Day = Annotated[
    date,
    BeforeValidator(_parse_day),
    WithJsonSchema({"type": "string", "format": "date"}),
    Path(description="Such as 2026-08-17."),
]


@router.get(
    "/v1/policy",
    operation_id="getPolicy",
    summary="Get the days of the clocks",
    response_model=None,
    responses=declare({200: (PolicyAnswer, "The rules in force.")}),
    openapi_extra=needs(*_READERS),
)
async def get_policy(request: Request) -> Response:
    """Get how many working days a report may take by its kind, and what is told to who reports an emergency."""
    return JSONResponse(_show_policy(await context_of(request).reader.read(read_policy)))


@router.put(
    "/v1/policy",
    operation_id="setPolicy",
    summary="Change the days of the clocks",
    response_model=None,
    responses=declare({200: (PolicyAnswer, "The rules in force now.")}, *_BODY_PROBLEMS),
    openapi_extra=needs("admin"),
)
async def set_policy(
    request: Request, asked: Annotated[PolicyRequest, Body(openapi_examples=POLICY_EXAMPLES)]
) -> Response:
    """Put rules in force for clocks that start from now on; those that run keep theirs.

    Each change is a version of its own. The same rules again change nothing.
    """
    context = context_of(request)
    _check_kinds(context, asked)
    current = await context.reader.read(read_policy)
    policy = Policy(
        SHIPPED_VERSION,
        asked.verification_days,
        {**current.days, **asked.days},
        clean(asked.advice),
        tuple((number.number, number.name) for number in asked.numbers),
        asked.is_confirmed,
    )
    change = PolicyChange(policy, caller_of(request).actor, datetime.now(UTC))
    changed = await context.writer.write(change_policy, change)
    await context.terms.refresh()
    return JSONResponse(_show_policy(changed))


@router.get(
    "/v1/holidays",
    operation_id="listHolidays",
    summary="List the days off of a year",
    response_model=None,
    responses=declare(
        {200: (HolidayList, "Holidays, joint leave, and what the city decided.")}, problems.INVALID_FIELDS
    ),
    openapi_extra=needs(*_READERS),
)
async def list_holidays(request: Request, asked: Annotated[HolidayQuery, Query()]) -> Response:
    """List the public holidays and joint leave of a year, with what the city decided in place of them."""
    year = asked.year or local_day(datetime.now(UTC)).year
    calendar = await context_of(request).reader.read(read_calendar)
    return JSONResponse({"year": year, "holidays": [_show_day(day) for day in calendar.list_year(year)]})


@router.put(
    "/v1/holidays/{day}",
    operation_id="setHoliday",
    summary="Declare a day off, or a working day",
    response_model=None,
    responses=declare({200: (HolidayAnswer, "What holds for the day now.")}, *_BODY_PROBLEMS),
    openapi_extra=needs("admin"),
)
async def set_holiday(
    request: Request, day: _Day, asked: Annotated[HolidayRequest, Body(openapi_examples=HOLIDAY_EXAMPLES)]
) -> Response:
    """Declare that the city does not work on a day, or works on a day that is a holiday elsewhere.

    Clocks that run follow within seconds, each in a new revision beside the old one.
    """
    name = mask(clean(asked.name)).text
    await _change(request, day, name, is_off=asked.is_off)
    return JSONResponse(_show_day(DayOff(day, name, "city", asked.is_off)))


@router.delete(
    "/v1/holidays/{day}",
    operation_id="removeHoliday",
    summary="Take back what was declared about a day",
    response_model=None,
    status_code=204,
    responses={
        204: {"description": "Nothing is declared about it."},
        **declare({}, problems.INVALID_FIELDS, problems.BUSY),
    },
    openapi_extra=needs("admin"),
)
async def remove_holiday(request: Request, day: _Day) -> Response:
    """Let a day be what it is in the whole country again."""
    await _change(request, day, None, is_off=False)
    return Response(status_code=204)


async def _change(request: Request, day: date, name: str | None, *, is_off: bool) -> None:
    context = context_of(request)
    change = HolidayChange(day, name, is_off, caller_of(request).actor, datetime.now(UTC))
    await context.writer.write(change_holidays, change)
    await context.terms.refresh()


def _check_kinds(context: Context, asked: PolicyRequest) -> None:
    kinds = context.taxonomy.heads["kind"]
    errors = [_point(kind, "is no kind of the taxonomy; leave it out") for kind in asked.days if kind not in kinds]
    if errors:
        raise invalid_fields(errors)


def _point(kind: str, detail: str) -> FieldError:
    return FieldError("pointer", point_at(("days", kind)), detail)


def _show_policy(policy: Policy) -> dict[str, JsonValue]:
    return {
        "version": policy.version,
        "made_at": policy.made_at.isoformat() if policy.made_at else None,
        "verification_days": policy.verification_days,
        "days": dict(policy.days),
        "advice": policy.advice,
        "numbers": [{"number": number, "name": name} for number, name in policy.numbers],
        "is_confirmed": policy.is_confirmed,
    }


def _show_day(day: DayOff) -> dict[str, JsonValue]:
    return {"day": day.day.isoformat(), "name": day.name, "source": day.source, "is_off": day.is_off}
