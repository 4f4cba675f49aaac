"""``/laporan``: the stored reports, narrowed by what the address says, a page at a time, and as CSV."""

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from model.offices import DISTRICT_KIND
from service.answers import StoredClock
from service.auditing.blinding import find_withheld, list_heads
from service.csv_cells import neutralise_cell
from service.cursors import read_cursor, write_cursor
from service.feedback import Feedback, Record
from service.handling.clocks import find_status, show_clock
from service.handling.states import STATES
from service.listing import Position, list_feedback
from service.pages.asking import shape
from service.pages.faulty import Faults, read_faults
from service.pages.formats import ZONE, today
from service.pages.navigation import REPORTS
from service.pages.review_cards import HEADS, count_days_left
from service.pages.visits import PageRoute, Visit, begin_visit
from service.problems import ProblemError
from service.routes.feedback_query import FeedbackQuery, narrow_blind, read_filters
from service.visibility import visible_to

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_N_SHOWN: Final = 50
_N_DOWNLOADED: Final = 5_000
_N_AT_ONCE: Final = 500
EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2099, 12, 31)
_SEARCHED: Final = timedelta(days=90)
# What the address calls the fields of the route.
_NAMES: Final[Mapping[str, str]] = {
    "instansi": "agency",
    "topik": "topic",
    "jenis": "kind",
    "kegentingan": "urgency",
    "keadaan": "state",
    "darurat": "alarm",
    "kecamatan": "district",
    "insiden": "incident",
    "usulan": "proposal",
    "kata": "words",
    "kursor": "cursor",
}
# What figures count and no field of the form asks for: name and value in the address, and the field of the route.
_COUNTED: Final = (("darurat", "belum", "unacknowledged"), ("selesai", "belum", "open"), ("letak", "pasti", "placed"))
_LESS_USED: Final = frozenset({"instansi", "topik", "jenis", "kegentingan", "kecamatan"})
_OF_LABELS: Final = frozenset({"instansi", "topik", "jenis", "kegentingan", "insiden"})
_COLUMNS: Final = (
    "id",
    "received_at",
    "channel",
    "state",
    "kind",
    "agency",
    "topic",
    "urgency",
    "aspect",
    "due_at",
    "district",
    "village",
    "text",
)


@dataclass(frozen=True, slots=True)
class Line:
    """A report as a line of the list; ``days_left`` is None where no deadline runs.

    Of one that ``is_withheld`` the labels are not shown: the visitor may still label it blind.
    """

    feedback: Feedback
    clock: StoredClock | None
    days_left: int | None
    is_withheld: bool


@router.get("/laporan")
async def show_reports(request: Request) -> Response:
    """A page of the list, and what narrows it."""
    visit = await begin_visit(request, REPORTS)
    state = _read_state(visit)
    records: Sequence[Record] = ()
    withheld: Collection[str] = ()
    faults, cursor = Faults(), None
    try:
        records, withheld = await _list(visit, state, _N_SHOWN + 1)
        cursor = _next_cursor(records)
    except ProblemError as problem:
        faults = read_faults(visit, problem)
    return visit.render(
        "reports.html",
        422 if faults.general else 200,
        lines=[_show(visit, one, is_withheld=one.feedback.id in withheld) for one in records[:_N_SHOWN]],
        hides_drawn=bool(list_heads(visit.caller)) and not _OF_LABELS.isdisjoint(state),
        faults=faults,
        chosen=state,
        cursor=cursor,
        counted=[f"{name}_{value}" for name, value, _ in _COUNTED if state.get(name) == value],
        choices=_list_choices(visit),
        n_downloaded=_N_DOWNLOADED,
        has_more=not _LESS_USED.isdisjoint(state),
        kept={name: value for name, value in state.items() if name not in {"kursor", "lang"}},
    )


@router.get("/laporan/unduh")
async def download(request: Request) -> Response:
    """The reports of the list as CSV, at most five thousand."""
    visit = await begin_visit(request, REPORTS)
    state = _read_state(visit)
    rows: list[Record] = []
    hidden: set[str] = set()
    while len(rows) < _N_DOWNLOADED:
        records, withheld = await _list(visit, state, _N_AT_ONCE)
        rows += records
        hidden |= set(withheld)
        if len(records) < _N_AT_ONCE:
            break
        last = records[-1].feedback
        state = {**state, "kursor": write_cursor(last.received_at, last.id)}
    headers = {
        "Content-Disposition": f'attachment; filename="laporan-{today(visit.now)}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(
        _write_csv(rows, hidden, visit.words["withheld"]), media_type="text/csv; charset=utf-8", headers=headers
    )


async def _list(visit: Visit, state: Mapping[str, str], limit: int) -> tuple[list[Record], Collection[str]]:
    """The reports that the state of the page asks for, as the route would list them, and which of them are withheld.

    Raises
    ------
    ProblemError
        422: as the route.
    """
    asked = shape(FeedbackQuery, _ask(visit, state))
    filters = read_filters(visit.context, asked, visit.now)
    after = Position(*read_cursor(asked.cursor)) if asked.cursor is not None else None
    visible = narrow_blind(visible_to(visit.caller), filters, visit.caller)

    def look(connection: Connection) -> tuple[list[Record], Collection[str]]:
        found = list_feedback(connection, filters, visible, after, limit)
        return found, find_withheld(connection, visit.caller, [record.feedback.id for record in found])

    return await visit.read(look)


def _read_state(visit: Visit) -> dict[str, str]:
    """What the address says, with a first day where words are looked for."""
    state = {name: value.strip() for name, value in visit.request.query_params.items() if value.strip()}
    if "kata" in state and "dari" not in state:
        end = _read_day(state.get("sampai")) or today(visit.now)
        state["dari"] = (end - _SEARCHED).isoformat()
    return state


def _ask(visit: Visit, state: Mapping[str, str]) -> dict[str, object]:
    """The query of the route."""
    counted: dict[str, object] = {field: True for name, value, field in _COUNTED if state.get(name) == value}
    names = {name: field for name, field in _NAMES.items() if name in state and state[name] != "belum"}
    asked: dict[str, object] = {**{field: state[name] for name, field in names.items()}, **counted}
    if state.get("tenggat") in {"lewat", "belum"}:
        asked["overdue"] = state["tenggat"] == "lewat"
    first, last = _read_day(state.get("dari")), _read_day(state.get("sampai"))
    if first is not None:
        asked["since"] = _begin(first)
    if last is not None:
        asked["until"] = min(_begin(last + timedelta(days=1)), max(visit.now, _begin(last)))
    return asked


def _read_day(written: str | None) -> date | None:
    try:
        found = date.fromisoformat(written or "")
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZONE)


def _next_cursor(records: Sequence[Record]) -> str | None:
    if len(records) <= _N_SHOWN:
        return None
    last = records[_N_SHOWN - 1].feedback
    return write_cursor(last.received_at, last.id)


def _show(visit: Visit, record: Record, *, is_withheld: bool) -> Line:
    clock = None
    if record.clock is not None:
        status = find_status(record.feedback, record.clock)
        clock = StoredClock.model_validate(show_clock(record.clock, status, is_at_agency=record.feedback.is_at_agency))
    return Line(record.feedback, clock, count_days_left(clock, visit.now), is_withheld)


def _list_choices(visit: Visit) -> dict[str, list[tuple[str, str]]]:
    """What may be chosen of each filter; a liaison has one agency only."""
    heads = visit.context.taxonomy.heads
    names = {"instansi": "agency", "topik": "topic", "jenis": "kind", "kegentingan": "urgency"}
    choices = {name: [(slug, visit.names.label(head, slug)) for slug in heads[head]] for name, head in names.items()}
    entries = visit.context.router.gazetteer.entries.values()
    choices["kecamatan"] = [(one.code, one.name) for one in entries if one.kind == DISTRICT_KIND]
    choices["keadaan"] = [(state, state) for state in STATES]
    if visit.caller.agency is not None:
        del choices["instansi"]
    return choices


def _write_csv(records: Sequence[Record], hidden: Collection[str], word: str) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(_COLUMNS)
    for record in records:
        is_hidden = record.feedback.id in hidden
        cells = [word if is_hidden and name in HEADS else getattr(record.feedback, name) for name in _COLUMNS]
        writer.writerow(
            [
                neutralise_cell(cell.astimezone(ZONE).isoformat() if isinstance(cell, datetime) else cell)
                for cell in cells
            ]
        )
    return stream.getvalue()
