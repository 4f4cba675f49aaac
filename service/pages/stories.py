"""``/laporan/{id}``: the story of one report, and the forms by which it goes on; what may follow the interface says."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from model.offices import LOCAL_OFFICES
from service import problems
from service.handling.labels import HEADS
from service.pages.asking import ask, shape
from service.pages.faulty import Faults, read_faults
from service.pages.navigation import QUEUE, REPORTS
from service.pages.offices import list_offices
from service.pages.story_view import read_story, summarise
from service.pages.visits import PageRoute, Visit, begin_visit
from service.problems import ProblemError
from service.routes import events, labels
from service.routes.event_shapes import EventRequest
from service.routes.labels import LabelsRequest

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_Id = Annotated[str, Path(max_length=36, pattern=r"^[0-9a-f-]+$")]
_WORKERS: Final = ("triage",)
# Which fields the form of an event has beside its note.
NAMES_AGENCY: Final = ("didisposisi", "koordinasi", "ditolak_bukan_kewenangan")
ANSWERS_REPORTER: Final = ("ditanggapi", "selesai", "ditolak_bukan_kewenangan", "perlu_lengkapi", "arsip")


@router.get("/laporan/{report}")
async def show_story(request: Request, report: _Id) -> Response:
    """All there is to tell of a report to who is logged in."""
    visit = await begin_visit(request, REPORTS)
    return await _render(visit, report)


@router.post("/laporan/{report}/kejadian")
async def add_event(request: Request, report: _Id) -> Response:
    """Say what was done with the report."""
    visit = await _begin_work(request)
    fields = await visit.read_form()
    type_ = fields.get("type", "")
    wanted = ("type", "note", *(("agency",) if type_ in NAMES_AGENCY else ()))
    wanted += ("public_reply",) if type_ in ANSWERS_REPORTER else ()
    sent: dict[str, object] = {name: fields[name] for name in wanted if fields.get(name, "").strip()}
    if type_ == "didisposisi" and fields.get("agency") == LOCAL_OFFICES and fields.get("unit"):
        sent["unit"] = fields["unit"]
    if fields.get("after", "").isdecimal():
        sent["after"] = int(fields["after"][:9])
    try:
        await ask(request, visit.caller, events.add_event, report, shape(EventRequest, sent))
    except ProblemError as problem:
        return await _render(visit, report, problem, fields)
    # What was passed on or given back may be out of sight now.
    return visit.go_to(f"{REPORTS.path}/{report}", done="event")


@router.post("/laporan/{report}/label")
async def add_labels(request: Request, report: _Id) -> Response:
    """Confirm or correct labels of the report."""
    visit = await _begin_work(request)
    fields = await visit.read_form()
    sent: dict[str, object] = {head: fields[head] for head in HEADS if fields.get(head)}
    if fields.get("reason", "").strip():
        sent["reason"] = fields["reason"]
    try:
        await ask(request, visit.caller, labels.add, report, shape(LabelsRequest, sent))
    except ProblemError as problem:
        return await _render(visit, report, problem, fields)
    return visit.go_to(f"{REPORTS.path}/{report}", done="labels")


async def _begin_work(request: Request) -> Visit:
    """The visit of who may change reports."""
    visit = await begin_visit(request, REPORTS)
    if not visit.caller.allows(*_WORKERS):
        raise ProblemError(problems.SCOPE_MISSING, problems.SCOPE_MISSING.advice)
    return visit


async def _render(
    visit: Visit, report: str, problem: ProblemError | None = None, given: Mapping[str, str] | None = None
) -> Response:
    faults = read_faults(visit, problem) if problem is not None else Faults()
    return visit.render(
        "story.html",
        problem.status_code if problem is not None else 200,
        story=await read_story(visit, report),
        faults=faults,
        given=given or {},
        offices=list_offices(visit),
        office_names=dict(list_offices(visit)),
        choices={
            head: [
                (slug, visit.names.label(head, slug))
                for slug, label in labels_.items()
                if label.is_valid_on(visit.today)
            ]
            for head, labels_ in visit.context.taxonomy.heads.items()
        },
        names_agency=NAMES_AGENCY,
        answers_reporter=ANSWERS_REPORTER,
        summarise=summarise,
        can_work=visit.caller.allows(*_WORKERS),
        can_review=QUEUE.is_open_to(visit.caller),
        can_audit=visit.caller.allows("audit"),
    )
