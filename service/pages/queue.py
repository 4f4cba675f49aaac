"""``/antrian``: the review queue, one report at a time; everything works by plain forms, the script only saves time.

An officer holds the report they see and the next one, which nobody has opened until its page is asked for. Which
reports were skipped is kept in the address.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from model.offices import DISTRICT_KIND, LOCAL_OFFICES, VILLAGE_KINDS
from service import problems
from service.feedback import Record, load_feedback
from service.handling.desk import is_held_by_another, list_held, list_ready
from service.handling.states import ARCHIVED, DISPOSED, RETURNED, EventType
from service.pages.asking import ask, shape
from service.pages.boards import Board, find_blind_heads, list_free, read_board
from service.pages.faulty import Faults, read_faults
from service.pages.navigation import QUEUE
from service.pages.review_cards import HEADS, is_other_kind
from service.pages.visits import PageRoute, Visit, begin_visit
from service.problems import ProblemError
from service.routes import events, labels, review
from service.routes.event_shapes import EventRequest
from service.routes.labels import LabelsRequest
from service.routes.review import ClaimRequest, ReleaseRequest
from service.routing import ACCUSATION
from service.visibility import OVERSIGHT, workable_by

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# The report on the desk and the one after it.
_N_HELD: Final = 2
_MAX_SKIPPED: Final = 30
_OTHER: Final = "lainnya"
# Set by the script, which shows the next report by itself, and asks for its page before anybody sees it.
_SCRIPT_HEADER: Final = "Pilah-Desk"
_Id = Annotated[str, Path(max_length=36, pattern=r"^[0-9a-f-]+$")]
_Asked = Annotated[str | None, Query(alias="laporan", max_length=36, pattern=r"^[0-9a-f-]+$")]


@router.get("/antrian")
async def show_queue(request: Request, asked: _Asked = None) -> Response:
    """The desk: the report that is held, or what may be claimed."""
    visit = await begin_visit(request, QUEUE)
    is_ahead = _SCRIPT_HEADER in request.headers or "sec-purpose" in request.headers
    board = await read_board(visit, asked, is_blind=_is_blind(visit))
    return _render(visit, board if is_ahead else await _open(visit, board))


async def _open(visit: Visit, board: Board) -> Board:
    """Write down that the report of the page is seen now: from here on nobody else is called to it."""
    if board.card is not None and not board.is_opened:
        await ask(visit.request, visit.caller, review.claim, shape(ClaimRequest, {"feedback_id": board.card.id}))
    return board


@router.post("/antrian/ambil")
async def take(request: Request) -> Response:
    """Claim the report that was asked for, or the next ones."""
    visit = await begin_visit(request, QUEUE)
    fields = await visit.read_form()
    asked = fields.get("laporan")
    if asked:
        await ask(request, visit.caller, review.claim, ClaimRequest(feedback_id=asked))
    await _hold_ahead(visit, _read_skipped(fields))
    return _go_on(visit, fields, laporan=asked or "")


@router.post("/antrian/teruskan")
async def send_on(request: Request) -> Response:
    """Send what was decided to its agencies: one report, or all that are ready."""
    visit = await begin_visit(request, QUEUE)
    fields = await visit.read_form()
    ids = [fields["laporan"]] if fields.get("laporan") else []
    ready = await visit.read(
        lambda connection: list_ready(connection, workable_by(visit.caller), visit.caller.actor, visit.now, ids)
    )
    n_left = 0
    for one in ready:
        try:
            await _send_on(visit, one.feedback_id, one.agency, one.unit, _find_end(visit, one.kind))
        except ProblemError:
            # It stays in the list; an office must be named, or somebody else was faster.
            n_left += 1
    return _go_on(visit, fields, done="sent_some" if n_left else "sent")


@router.post("/antrian/batal")
async def take_back(request: Request) -> Response:
    """Take back what was decided last; its report is on the desk again."""
    visit = await begin_visit(request, QUEUE)
    fields = await visit.read_form()
    report = fields.get("laporan", "")
    await ask(request, visit.caller, labels.retract, report)
    await ask(request, visit.caller, review.claim, ClaimRequest(feedback_id=report))
    return _go_on(visit, fields, done="taken_back", laporan=report)


@router.post("/antrian/{report}")
async def decide(request: Request, report: _Id) -> Response:
    """Keep what was said of a report, and go on to the next one."""
    visit = await begin_visit(request, QUEUE)
    fields = await visit.read_form()
    record, blind = await visit.read(lambda connection: _look(connection, visit, report))
    try:
        await _say(visit, record, fields, blind)
        is_sent = await _send_decided(visit, record, fields)
    except ProblemError as problem:
        faults = read_faults(visit, problem)
        board = await _open(visit, await read_board(visit, report, is_blind=_is_blind(visit)))
        return _render(visit, board, faults, fields, status=problem.status_code)
    await _hold_ahead(visit, _read_skipped(fields))
    return _go_on(visit, fields, done="decided_sent" if is_sent else "decided")


@router.post("/antrian/{report}/lewati")
async def skip(request: Request, report: _Id) -> Response:
    """Leave a report to others and go on; it is not offered again while the address keeps it."""
    visit = await begin_visit(request, QUEUE)
    fields = await visit.read_form()
    skipped = [*_read_skipped(fields), report]
    # First the next ones: released before, it would be the next one again.
    await _hold_ahead(visit, skipped)
    await ask(request, visit.caller, review.release, ReleaseRequest(feedback_id=report))
    return _go_on(visit, {**fields, "lewat": " ".join(skipped)}, done="skipped")


@router.post("/antrian/{report}/lepas")
async def stop(request: Request, report: _Id) -> Response:
    """Give back everything that is held."""
    visit = await begin_visit(request, QUEUE)
    fields = await visit.read_form()
    held = await visit.read(lambda connection: _list_held(connection, visit))
    for one in {*held, report}:
        await ask(request, visit.caller, review.release, ReleaseRequest(feedback_id=one))
    return _go_on(visit, fields, done="released")


def _look(connection: Connection, visit: Visit, report: str) -> tuple[Record, frozenset[str]]:
    found = load_feedback(connection, [report], workable_by(visit.caller))
    if not found:
        raise ProblemError(problems.NOT_FOUND, problems.NOT_FOUND.advice)
    if is_held_by_another(connection, report, visit.caller.actor, visit.now):
        raise ProblemError(problems.CLAIMED, problems.CLAIMED.advice)
    return found[0], find_blind_heads(connection, visit, report)


async def _say(visit: Visit, record: Record, fields: Mapping[str, str], blind: frozenset[str]) -> None:
    """What the form says of the labels, as the route of labels takes it."""
    chosen = {head: value for head in HEADS if (value := _read_choice(fields, head))}
    if fields.get("act") == "no_accusation":
        kind = chosen.get("kind", "")
        chosen = {"kind": kind if kind and is_other_kind(kind) else "pengaduan"}
    elif blind:
        chosen = {head: value for head, value in chosen.items() if head in blind}
    said: dict[str, object] = {**chosen, "blind": bool(blind)}
    if fields.get("reason", "").strip():
        said["reason"] = fields["reason"]
    await ask(visit.request, visit.caller, labels.add, record.feedback.id, shape(LabelsRequest, said))


def _read_choice(fields: Mapping[str, str], head: str) -> str:
    chosen = fields.get(head, "")
    return fields.get(f"{head}_{_OTHER}", "") if chosen in {"", _OTHER} else chosen


async def _send_decided(visit: Visit, record: Record, fields: Mapping[str, str]) -> bool:
    """Hand the report over where the officer asks for it, and where it was given back: a label alone lets it wait."""
    agency = _read_choice(fields, "agency")
    if _read_choice(fields, "kind") == ACCUSATION and not visit.caller.allows(OVERSIGHT):
        # It is shut away from this officer now, who sends it nowhere.
        return False
    wants = fields.get("act") == "send" or (record.feedback.state == RETURNED and fields.get("act") == "save")
    if not wants or not agency:
        return False
    if record.feedback.is_at_agency and record.feedback.agency == agency:
        return True
    kind = _read_choice(fields, "kind") or record.feedback.kind
    await _send_on(
        visit, record.feedback.id, agency, fields.get("unit") or record.feedback.unit, _find_end(visit, kind)
    )
    return True


async def _send_on(visit: Visit, report: str, agency: str, unit: str | None, type_: EventType) -> None:
    event: dict[str, object] = {"type": type_}
    if type_ == DISPOSED:
        event["agency"] = agency
    if type_ == DISPOSED and agency == LOCAL_OFFICES and unit:
        event["unit"] = unit
    await ask(visit.request, visit.caller, events.add_event, report, shape(EventRequest, event))


def _find_end(visit: Visit, kind: str | None) -> EventType:
    """What becomes of a decided report: what no agency needs is put away."""
    label = visit.context.taxonomy.heads["kind"].get(kind or "")
    return ARCHIVED if label is not None and label.details.get("needs_routing") == "false" else DISPOSED


async def _hold_ahead(visit: Visit, skipped: list[str]) -> None:
    """Claim what the desk lacks; what another officer took meanwhile is passed over."""
    is_blind = _is_blind(visit)
    held = await visit.read(lambda connection: _list_held(connection, visit))
    n_wanted = _N_HELD - len([one for one in held if one not in skipped])
    if n_wanted <= 0:
        return
    passed = [*skipped, *held]
    free = await visit.read(lambda connection: list_free(connection, visit, passed, n_wanted + 3, is_blind=is_blind))
    for one in free:
        if n_wanted <= 0:
            return
        try:
            await ask(visit.request, visit.caller, review.claim, ClaimRequest(feedback_id=one, ahead=True))
            n_wanted -= 1
        except ProblemError as problem:
            if problem.kind is not problems.CLAIMED:
                raise


def _list_held(connection: Connection, visit: Visit) -> list[str]:
    drawn = list_free(connection, visit, (), 200, is_blind=True) if _is_blind(visit) else None
    return list_held(connection, visit.caller.actor, workable_by(visit.caller), visit.now, drawn)


def _is_blind(visit: Visit) -> bool:
    return visit.request.query_params.get("cara") == "buta"


def _read_skipped(fields: Mapping[str, str]) -> list[str]:
    return fields.get("lewat", "").split()[-_MAX_SKIPPED:]


def _go_on(visit: Visit, fields: Mapping[str, str], **more: str) -> Response:
    state = {"cara": "buta" if _is_blind(visit) else "", "lewat": " ".join(_read_skipped(fields)), **more}
    answer = visit.go_to(QUEUE.path, **{name: value for name, value in state.items() if value})
    if _SCRIPT_HEADER in visit.request.headers:
        return Response(status_code=204, headers={_SCRIPT_HEADER: answer.headers["location"]})
    return answer


def _render(
    visit: Visit, board: Board, faults: Faults | None = None, given: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    return visit.render(
        "queue.html",
        status,
        board=board,
        is_blind=_is_blind(visit),
        offices=list_offices(visit),
        local_offices=LOCAL_OFFICES,
        faults=faults or Faults(),
        given=given or {},
        script=True,
    )


def list_offices(visit: Visit) -> list[tuple[str, str]]:
    """Codes and names of the village and district offices."""
    entries = visit.context.router.gazetteer.entries.values()
    offices = [one for one in entries if one.kind in {*VILLAGE_KINDS, DISTRICT_KIND}]
    return sorted(((one.code, one.name) for one in offices), key=lambda office: office[1])
