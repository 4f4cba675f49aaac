"""What an officer says on the card of a report: read from its form, looked at as a whole, and kept whole or not at all.

Owns what the fields of the desk mean; the labels and the event themselves are kept by the routes of ``/v1``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from model.offices import LOCAL_OFFICES
from service import problems
from service.auditing.blinding import list_heads
from service.faults import invalid_fields
from service.feedback import Record, load_feedback
from service.handling.desk import is_held_by_another, mark_standing
from service.handling.events import find_allowed
from service.handling.states import ARCHIVED, DISPOSED, RETURNED, EventType
from service.pages.asking import ask, shape
from service.pages.boards import find_blind_heads
from service.pages.offices import list_offices
from service.pages.review_cards import HEADS, is_other_kind
from service.pages.visits import Visit
from service.problems import FieldError, ProblemError
from service.routes import events, labels
from service.routes.event_shapes import EventRequest
from service.routes.labels import LabelsRequest
from service.routing import ACCUSATION
from service.visibility import OVERSIGHT, workable_by

_OTHER: Final = "lainnya"
_ACTS: Final = frozenset({"", "save", "send", "no_accusation"})
# No field of the desk is longer, but the list of what is sent on, and the reason, whose length its route knows.
_MAX_LENGTH: Final = 2_000
_LONG_FIELDS: Final[Mapping[str, int]] = {"kirim": 10_000, "reason": 100_000}
_ID: Final = r"[0-9a-f-]{1,36}"
# What each field holds that is no label: ids, and with an agency where it is to go.
_SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "buta": re.compile(r"[a-z ]*"),
    "laporan": re.compile(f"(?:{_ID})?"),
    "lewat": re.compile(rf"(?:{_ID}(?: {_ID})*)?"),
    "kirim": re.compile(rf"(?:{_ID}:[a-z0-9-]{{1,80}}(?: {_ID}:[a-z0-9-]{{1,80}})*)?"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a form says of a report whose heads of ``blind`` were hidden: labels, and the event that is to follow."""

    record: Record
    labels: LabelsRequest
    event: EventRequest | None

    @property
    def frees(self) -> bool:
        """Whether it opens a report that was shut away."""
        kind = self.labels.kind
        return self.record.feedback.restriction is not None and kind is not None and is_other_kind(kind)

    @property
    def is_sent(self) -> bool:
        """Whether the report goes on by it, or lies where it is to go."""
        return self.event is not None


def is_blind_desk(visit: Visit) -> bool:
    """Whether the desk is that of the blind audit, which shows nothing of what was predicted."""
    return visit.request.query_params.get("cara") == "buta"


async def read_fields(visit: Visit) -> dict[str, str]:
    """The fields of a form of the desk.

    Raises
    ------
    ProblemError
        422: one is longer than any of the desk, holds what no text does, or is no list of reports.
    """
    fields = await visit.read_form()
    wrong = [
        name
        for name, value in fields.items()
        if "\0" in value
        or len(value) > _LONG_FIELDS.get(name, _MAX_LENGTH)
        or (name in _SHAPES and not _SHAPES[name].fullmatch(value.strip()))
        or (name == "act" and value not in _ACTS)
    ]
    if wrong:
        raise invalid_fields([FieldError("pointer", f"#/{name}", "is not what the page sends") for name in wrong])
    return fields


async def read_decision(visit: Visit, report: str, fields: Mapping[str, str]) -> Decision:
    """What a form says of a report, while it stands as it was shown.

    Raises
    ------
    ProblemError
        404: no such report. 409: another officer holds it, was faster, or it cannot be sent on. 422: what does not fit.
    """
    record, waiting, mark = await visit.read(lambda connection: _look(connection, visit, report))
    if fields.get("mark", mark) != mark:
        raise ProblemError(problems.OVERTAKEN, problems.OVERTAKEN.advice)
    said = _read_labels(fields, waiting or _find_answered(visit, fields))
    event = None if said.blind else _read_event(visit, record, fields)
    if event is not None:
        allowed = await visit.read(lambda connection: find_allowed(connection, report, visit.caller))
        _check_event(visit, record, event, allowed)
    return Decision(record, said, event)


async def keep(visit: Visit, decision: Decision) -> None:
    """Keep what was said, and send the report on where that was said too, unless it lies there already."""
    feedback, event = decision.record.feedback, decision.event
    await ask(visit.request, visit.caller, labels.add, feedback.id, decision.labels)
    if event is not None and not _lies_there(decision.record, event):
        await ask(visit.request, visit.caller, events.add_event, feedback.id, event)


def make_event(agency: str, unit: str | None, type_: EventType) -> EventRequest:
    """The event by which a decided report goes on."""
    said: dict[str, object] = {"type": type_}
    if type_ == DISPOSED:
        said["agency"] = agency
    if type_ == DISPOSED and agency == LOCAL_OFFICES and unit:
        said["unit"] = unit
    return shape(EventRequest, said)


def find_end(visit: Visit, kind: str | None) -> EventType:
    """What becomes of a decided report: what no agency needs is put away."""
    label = visit.context.taxonomy.heads["kind"].get(kind or "")
    return ARCHIVED if label is not None and label.details.get("needs_routing") == "false" else DISPOSED


def _look(connection: Connection, visit: Visit, report: str) -> tuple[Record, frozenset[str], str]:
    found = load_feedback(connection, [report], workable_by(visit.caller))
    if not found:
        raise ProblemError(problems.NOT_FOUND, problems.NOT_FOUND.advice)
    if is_held_by_another(connection, report, visit.caller.actor, visit.now):
        raise ProblemError(problems.CLAIMED, problems.CLAIMED.advice)
    mark = mark_standing(connection, report, visit.caller.actor)
    return found[0], find_blind_heads(connection, visit, report), mark


def _find_answered(visit: Visit, fields: Mapping[str, str]) -> frozenset[str]:
    """The heads that were hidden on the page and that somebody has answered since, be it by the first of two clicks."""
    heads, hidden = frozenset(list_heads(visit.caller)), frozenset(fields.get("buta", "").split())
    return heads if is_blind_desk(visit) and not hidden else heads & hidden


def _read_labels(fields: Mapping[str, str], blind: frozenset[str]) -> LabelsRequest:
    """The labels as the route takes them; that it is no accusation is said of what was shown, whatever is audited."""
    chosen = {head: value for head in HEADS if (value := _read_choice(fields, head))}
    is_blind = bool(blind) and fields.get("act") != "no_accusation"
    if fields.get("act") == "no_accusation":
        kind = chosen.get("kind", "")
        chosen = {"kind": kind if kind and is_other_kind(kind) else "pengaduan"}
    elif is_blind:
        chosen = {head: value for head, value in chosen.items() if head in blind}
    said: dict[str, object] = {**chosen, "blind": is_blind}
    if fields.get("reason", "").strip():
        said["reason"] = fields["reason"]
    return shape(LabelsRequest, said)


def _read_choice(fields: Mapping[str, str], head: str) -> str:
    chosen = fields.get(head, "")
    return fields.get(f"{head}_{_OTHER}", "") if chosen in {"", _OTHER} else chosen


def _read_event(visit: Visit, record: Record, fields: Mapping[str, str]) -> EventRequest | None:
    """Hand the report over where the officer asks for it, and where it was given back: a label alone lets it wait."""
    feedback, agency = record.feedback, _read_choice(fields, "agency")
    if _read_choice(fields, "kind") == ACCUSATION and not visit.caller.allows(OVERSIGHT):
        # It is shut away from this officer now, who sends it nowhere.
        return None
    wants = fields.get("act") == "send" or (feedback.state == RETURNED and fields.get("act") == "save")
    if not wants or not agency:
        return None
    unit = fields.get("unit") or (feedback.unit if feedback.agency == agency else None)
    return make_event(agency, unit, find_end(visit, _read_choice(fields, "kind") or feedback.kind))


def _lies_there(record: Record, event: EventRequest) -> bool:
    feedback = record.feedback
    return bool(feedback.is_at_agency) and event.type == DISPOSED and event.agency == feedback.agency


def _check_event(visit: Visit, record: Record, event: EventRequest, allowed: tuple[str, ...]) -> None:
    """Refuse before anything is kept what would be refused after it."""
    if _lies_there(record, event):
        return
    if event.type not in allowed:
        raise ProblemError(problems.ILLEGAL_EVENT, problems.ILLEGAL_EVENT.advice)
    known = {code for code, _ in list_offices(visit)}
    if event.agency == LOCAL_OFFICES and known and event.unit not in known:
        raise invalid_fields([FieldError("pointer", "#/unit", "name the office: the code of a village or district")])
