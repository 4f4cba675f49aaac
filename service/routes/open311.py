"""``/open311/v2``: reports come in and are told of as GeoReport v2 asks, in XML and JSON.

Not in the description of the interface: GeoReport is one of its own, with other faults and another way to send a key.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeVar

from fastapi import APIRouter, Request
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement
from starlette.responses import Response

from model.prediction import JsonValue
from service import problems
from service.admission import admit_address, authenticate
from service.callers import Caller
from service.context import Context, context_of
from service.faults import invalid_fields, read_fault
from service.feedback import Record
from service.handling.clock import local_day
from service.json_body import read_limited
from service.open311.formats import FORMATS, Format, answer
from service.open311.forms import Addressed, ReportForm, RequestsQuery, collect, parse_form, read_query
from service.open311.queries import Wanted, list_requests
from service.open311.services import (
    define_service,
    discover,
    find_jurisdictions,
    is_offered,
    is_service,
    list_services,
)
from service.open311.showing import Names, show_request, tell_deadline
from service.problems import ProblemError
from service.requests import ExternalId, Strict
from service.storing import store
from service.visibility import READING_SCOPES, visible_to, visible_to_public

router = APIRouter(include_in_schema=False)
SENDING: Final = ("ingest",)
READING: Final = ("ingest", *READING_SCOPES)
_FORM_TYPE = "application/x-www-form-urlencoded"
_IDENTITY: TypeAdapter[str] = TypeAdapter(ExternalId)
_Asked = TypeVar("_Asked", bound=Strict)


@router.get("/open311/discovery.{extension}")
async def show_discovery(request: Request, extension: str) -> Response:
    """Where the edge is to be found and whom to ask."""
    admit_address(request)
    context = context_of(request)
    address = context.settings.public_url or str(request.base_url)
    found = discover(context.taxonomy, context.settings.triage_office, address)
    return answer("discovery", found, _read_format(extension))


@router.get("/open311/v2/services.{extension}")
async def show_services(request: Request, extension: str) -> Response:
    """The services that are offered."""
    admit_address(request)
    wanted, context = _read_format(extension), context_of(request)
    _check_jurisdiction(context, _validate(Addressed, collect(request.query_params.multi_items())))
    return answer("services", list_services(context.taxonomy, local_day(datetime.now(UTC))), wanted)


@router.get("/open311/v2/services/{service_code}.{extension}")
async def show_definition(request: Request, service_code: str, extension: str) -> Response:
    """The definition of a service."""
    admit_address(request)
    wanted, context = _read_format(extension), context_of(request)
    _check_jurisdiction(context, _validate(Addressed, collect(request.query_params.multi_items())))
    _check_services(context, [service_code])
    return answer("service_definition", define_service(service_code), wanted)


@router.post("/open311/v2/requests.{extension}")
async def add(request: Request, extension: str) -> Response:
    """Store a report as `POST /v1/feedback` does; it is on the disk when this is answered."""
    wanted, context = _read_format(extension), context_of(request)
    in_address = list(request.query_params.multi_items())
    caller = await _find_caller(request, dict(in_address).get("api_key"), SENDING)
    fields = collect([*in_address, *parse_form(await _read_body(request))])
    caller = caller or await _find_caller(request, fields.get("api_key"), SENDING)
    if caller is None:
        admit_address(request)
        raise _ask_for_key()
    form = _validate(ReportForm, fields)
    _check_jurisdiction(context, form)
    if not is_offered(context.taxonomy, form.service_code, local_day(datetime.now(UTC))):
        raise _miss_service(form.service_code)
    stored = await store(context, caller, form.to_feedback(), _read_identity(request))
    feedback_id = stored.record.feedback.id
    told: list[JsonValue] = [
        {"service_request_id": feedback_id, "service_notice": _tell(context, stored.record), "account_id": None}
    ]
    location = f"/open311/v2/requests/{feedback_id}.{wanted}"
    return answer("service_requests", told, wanted, 201 if stored.is_new else 200, {"Location": location})


@router.get("/open311/v2/requests.{extension}")
async def show_requests(request: Request, extension: str) -> Response:
    """The reports of a span of 90 days that the key may see, or those that are public."""
    wanted, context = _read_format(extension), context_of(request)
    fields = read_query(request.query_params.multi_items())
    visible = await _find_visible(request, fields.get("api_key"))
    query = _validate(RequestsQuery, fields)
    _check_jurisdiction(context, query)
    _check_services(context, query.service_code)
    offset = (query.page - 1) * query.page_size
    told = await _list(context, _narrow(query), visible, offset, query.page_size)
    return answer("service_requests", [*told], wanted)


@router.get("/open311/v2/requests/{service_request_id}.{extension}")
async def show_one(request: Request, service_request_id: str, extension: str) -> Response:
    """One report, as a list of one."""
    wanted = _read_format(extension)
    return answer("service_requests", [await _find_one(request, service_request_id)], wanted)


@router.get("/open311/v2/tokens/{token}.{extension}")
async def show_token(request: Request, token: str, extension: str) -> Response:
    """The id that a token stands for: they are the same, for every report gets its id at once."""
    wanted = _read_format(extension)
    found = (await _find_one(request, token))["service_request_id"]
    told: list[JsonValue] = [{"service_request_id": found, "token": found}]
    return answer("service_requests", told, wanted)


def _read_format(extension: str) -> Format:
    for format_ in FORMATS:
        if extension == format_:
            return format_
    raise ProblemError(problems.NOT_FOUND, "The address ends in .xml or .json, as the answer shall be.")


async def _find_caller(request: Request, api_key: str | None, scopes: Iterable[str]) -> Caller | None:
    """Who sent a request, by the bearer header or else the ``api_key``; None without a key."""
    asked = request
    if "authorization" not in request.headers:
        if not api_key:
            return None
        header = (b"authorization", b"Bearer " + api_key.encode("utf-8", "replace"))
        asked = Request({**request.scope, "headers": [*request.scope["headers"], header]})
    caller = await authenticate(asked)
    if not caller.allows(*scopes):
        raise ProblemError(problems.SCOPE_MISSING, f"The key needs one of the scopes {', '.join(scopes)}.")
    request.state.caller = caller
    return caller


async def _find_visible(request: Request, api_key: str | None) -> ColumnElement[bool]:
    caller = await _find_caller(request, api_key, READING)
    if caller is not None:
        return visible_to(caller)
    admit_address(request)
    kinds = context_of(request).settings.public_kinds
    if not kinds:
        raise _ask_for_key()
    return visible_to_public(kinds)


async def _find_one(request: Request, sought: str) -> dict[str, JsonValue]:
    fields = read_query(request.query_params.multi_items())
    visible = await _find_visible(request, fields.get("api_key"))
    _check_jurisdiction(context_of(request), _validate(Addressed, fields))
    # PostgreSQL takes no NUL, not even to look for it.
    found = await _list(context_of(request), Wanted(ids=(sought,)), visible, 0, 1) if "\0" not in sought else []
    if not found:
        raise ProblemError(
            problems.NOT_FOUND, "There is no request of this id that may be seen; with a key there may be."
        )
    return found[0]


async def _list(
    context: Context, wanted: Wanted, visible: ColumnElement[bool], offset: int, limit: int
) -> list[dict[str, JsonValue]]:
    names = Names(context.taxonomy, context.router.gazetteer)
    return await context.reader.read(
        lambda connection: [
            show_request(shown, names) for shown in list_requests(connection, wanted, visible, offset, limit)
        ]
    )


def _narrow(query: RequestsQuery) -> Wanted:
    if query.service_request_id:
        return Wanted(ids=tuple(query.service_request_id))
    since, until = query.span()
    statuses = query.statuses()
    return Wanted(since, until, (), tuple(query.service_code), "closed" in statuses if statuses else None)


async def _read_body(request: Request) -> bytes:
    content_type = request.headers.get("content-type", "")
    name, _, parameters = content_type.lower().partition(";")
    charset = parameters.partition("charset=")[2].strip(' "')
    if name.strip() != _FORM_TYPE or charset not in {"", "utf-8", "utf8"}:
        raise ProblemError(
            problems.WRONG_CONTENT_TYPE, f"The content type is {content_type[:80] or 'missing'}; send {_FORM_TYPE}."
        )
    return await read_limited(request, context_of(request).settings.max_body_bytes)


def _read_identity(request: Request) -> str | None:
    header = request.headers.get("idempotency-key")
    try:
        return _IDENTITY.validate_python(header) if header is not None else None
    except ValidationError as error:
        faults = [{**fault, "loc": ("header", "Idempotency-Key")} for fault in error.errors()]
        raise invalid_fields([read_fault(fault) for fault in faults]) from error


def _validate(shape: type[_Asked], fields: Mapping[str, str]) -> _Asked:
    try:
        return shape.model_validate(fields)
    except ValidationError as error:
        faults = [{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors()]
        raise invalid_fields([read_fault(fault) for fault in faults]) from error


def _check_jurisdiction(context: Context, asked: Addressed) -> None:
    known = find_jurisdictions(context.router.gazetteer, context.settings.open311_jurisdiction)
    if asked.jurisdiction_id is not None and asked.jurisdiction_id not in known:
        raise ProblemError(problems.NOT_FOUND, "jurisdiction_id was not found; leave it out, there is only one here.")


def _check_services(context: Context, codes: Iterable[str]) -> None:
    for code in codes:
        if not is_service(context.taxonomy, code):
            raise _miss_service(code)


def _miss_service(code: str) -> ProblemError:
    shown = "".join(character for character in code[:80] if character.isprintable())
    return ProblemError(problems.NOT_FOUND, f"service_code {shown} was not found; services.xml lists all.")


def _ask_for_key() -> ProblemError:
    return ProblemError(problems.KEY_MISSING, "An api_key is needed; discovery.xml says where to get one.")


def _tell(context: Context, record: Record) -> str | None:
    """What the sender may expect; in an emergency, whom to call."""
    feedback, clock = record.feedback, record.clock
    if feedback.alarm == "urgent":
        policy = context.terms.current.policy
        numbers = policy.numbers or context.settings.emergency_contacts
        return f"{policy.advice} {', '.join(f'{name} {number}' for number, name in numbers)}."
    agency = Names(context.taxonomy, context.router.gazetteer).name_agency(feedback.agency, feedback.unit)
    return tell_deadline(feedback.due_at, clock.purpose if clock is not None else None, agency)
