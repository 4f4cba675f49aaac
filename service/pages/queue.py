"""``/antrian``: the review queue, one report at a time; everything works by plain forms, the script only saves time.

An officer holds the report they see and the next one, which nobody has opened until its page is asked for. Which
reports were skipped is kept in the address.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from model.offices import LOCAL_OFFICES
from service import problems
from service.faults import invalid_fields
from service.handling.desk import Ready, list_held, list_ready
from service.pages.asking import ask, shape
from service.pages.boards import Board, list_free, read_board, waits
from service.pages.deciding import find_end, is_blind_desk, keep, make_event, read_decision, read_fields
from service.pages.faulty import Faults, read_faults
from service.pages.navigation import QUEUE
from service.pages.offices import list_offices
from service.pages.visits import PageRoute, Visit, begin_visit
from service.problems import FieldError, ProblemError
from service.routes import events, labels, review
from service.routes.review import ClaimRequest, ReleaseRequest
from service.visibility import workable_by

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# The report on the desk and the one after it.
_N_HELD: Final = 2
_MAX_SKIPPED: Final = 30
# Set by the script, which shows the next report by itself, and asks for its page before anybody sees it.
_SCRIPT_HEADER: Final = "Pilah-Desk"
_Id = Annotated[str, Path(max_length=36, pattern=r"^[0-9a-f-]+$")]
_Asked = Annotated[str | None, Query(alias="laporan", max_length=36, pattern=r"^[0-9a-f-]+$")]


@router.get("/antrian")
async def show_queue(request: Request, asked: _Asked = None) -> Response:
    """The desk: the report that is held, or what may be claimed."""
    visit = await begin_visit(request, QUEUE)
    is_ahead = _SCRIPT_HEADER in request.headers or "sec-purpose" in request.headers
    board = await read_board(visit, asked, is_blind=is_blind_desk(visit))
    return _render(visit, board if is_ahead else await _open(visit, board))


async def _open(visit: Visit, board: Board) -> Board:
    """Write down that the report of the page is seen now: from here on nobody else is called to it."""
    if board.card is not None and not board.is_opened:
        await _claim(visit, board.card.id)
    return board


@router.post("/antrian/ambil")
async def take(request: Request) -> Response:
    """Claim the report that was asked for, or the next ones."""
    visit = await begin_visit(request, QUEUE)
    fields = await read_fields(visit)
    asked = fields.get("laporan", "").strip()
    if not asked or await _claim_waiting(visit, asked):
        await _hold_ahead(visit, _read_skipped(fields))
    return _go_on(visit, fields, laporan=asked)


@router.post("/antrian/teruskan")
async def send_on(request: Request) -> Response:
    """Send what was decided to its agencies: one report, or all that are ready."""
    visit = await begin_visit(request, QUEUE)
    fields = await read_fields(visit)
    shown = dict(one.split(":") for one in fields.get("kirim", "").split())
    if not shown:
        raise invalid_fields([FieldError("pointer", "#/kirim", "names the reports to be sent on, as the page does")])
    ready = await visit.read(
        lambda connection: list_ready(connection, workable_by(visit.caller), visit.caller.actor, visit.now, shown)
    )
    n_sent = 0
    for one in ready:
        # Nothing goes where the officer did not see it go.
        if shown[one.feedback_id] == one.agency:
            n_sent += await _send_on(visit, one)
    return _go_on(visit, fields, done="sent" if n_sent == len(shown) else "sent_some")


@router.post("/antrian/batal")
async def take_back(request: Request) -> Response:
    """Take back what was decided last; its report is on the desk again."""
    visit = await begin_visit(request, QUEUE)
    fields = await read_fields(visit)
    report = fields.get("laporan", "").strip()
    await ask(request, visit.caller, labels.retract, report)
    await _claim_waiting(visit, report)
    return _go_on(visit, fields, done="taken_back", laporan=report)


@router.post("/antrian/{report}")
async def decide(request: Request, report: _Id) -> Response:
    """Keep what was said of a report, and go on to the next one."""
    visit = await begin_visit(request, QUEUE)
    fields = await read_fields(visit)
    try:
        decision = await read_decision(visit, report, fields)
        await keep(visit, decision)
    except ProblemError as problem:
        if problem.kind is problems.NOT_FOUND:
            raise  # a report that is not theirs to see is answered as one that is not there
        faults = read_faults(visit, problem)
        board = await _open(visit, await read_board(visit, report, is_blind=is_blind_desk(visit)))
        # What was chosen before somebody else decided is not to be sent by one more click.
        given = {} if problem.kind is problems.OVERTAKEN else fields
        return _render(visit, board, faults, given, status=problem.status_code)
    await _hold_ahead(visit, _read_skipped(fields))
    done = ("decided", "sent" if decision.is_sent else "", "freed" if decision.frees else "")
    return _go_on(visit, fields, done="_".join(filter(None, done)))


@router.post("/antrian/{report}/lewati")
async def skip(request: Request, report: _Id) -> Response:
    """Leave a report to others and go on; it is not offered again while the address keeps it."""
    visit = await begin_visit(request, QUEUE)
    fields = await read_fields(visit)
    skipped = [*_read_skipped(fields), report]
    # First the next ones: released before, it would be the next one again.
    await _hold_ahead(visit, skipped)
    await ask(request, visit.caller, review.release, shape(ReleaseRequest, {"feedback_id": report}))
    return _go_on(visit, {**fields, "lewat": " ".join(skipped)}, done="skipped")


@router.post("/antrian/{report}/lepas")
async def stop(request: Request, report: _Id) -> Response:
    """Give back everything that is held."""
    visit = await begin_visit(request, QUEUE)
    fields = await read_fields(visit)
    held = await visit.read(lambda connection: _list_held(connection, visit))
    for one in {*held, report}:
        await ask(request, visit.caller, review.release, shape(ReleaseRequest, {"feedback_id": one}))
    return _go_on(visit, fields, done="released")


async def _claim(visit: Visit, report: str) -> None:
    await ask(visit.request, visit.caller, review.claim, shape(ClaimRequest, {"feedback_id": report}))


async def _claim_waiting(visit: Visit, report: str) -> bool:
    """Claim a report where it waits for a person: what was decided is nobody's to hold."""
    is_waiting = await visit.read(lambda connection: waits(connection, visit, report, is_blind=is_blind_desk(visit)))
    if is_waiting:
        await _claim(visit, report)
    return is_waiting


async def _send_on(visit: Visit, one: Ready) -> bool:
    """Whether a decided report went on; it stays where an office must be named, or somebody else was faster."""
    event = make_event(one.agency, one.unit, find_end(visit, one.kind))
    try:
        await ask(visit.request, visit.caller, events.add_event, one.feedback_id, event)
    except ProblemError:
        return False
    return True


async def _hold_ahead(visit: Visit, skipped: list[str]) -> None:
    """Claim what the desk lacks; what another officer took meanwhile is passed over."""
    is_blind = is_blind_desk(visit)
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
            await ask(
                visit.request, visit.caller, review.claim, shape(ClaimRequest, {"feedback_id": one, "ahead": True})
            )
            n_wanted -= 1
        except ProblemError as problem:
            if problem.kind is not problems.CLAIMED:
                raise


def _list_held(connection: Connection, visit: Visit) -> list[str]:
    drawn = list_free(connection, visit, (), 200, is_blind=True) if is_blind_desk(visit) else None
    return list_held(connection, visit.caller.actor, workable_by(visit.caller), visit.now, drawn)


def _read_skipped(fields: Mapping[str, str]) -> list[str]:
    return fields.get("lewat", "").split()[-_MAX_SKIPPED:]


def _go_on(visit: Visit, fields: Mapping[str, str], **more: str) -> Response:
    state = {"cara": "buta" if is_blind_desk(visit) else "", "lewat": " ".join(_read_skipped(fields)), **more}
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
        is_blind=is_blind_desk(visit),
        offices=list_offices(visit),
        local_offices=LOCAL_OFFICES,
        faults=faults or Faults(),
        given=given or {},
        script=True,
    )
