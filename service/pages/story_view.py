"""The story of one report as its page tells it, put together from what the routes of ``/v1`` answer.

A name of who did something is told only to those who may read what officers write among themselves.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping, select

from service import problems, tables
from service.answers import StoredClock, StoredFeedback
from service.callers import Caller
from service.feedback import Record, find_feedback
from service.handling.incident_queries import Incident, find_incident
from service.handling.review import is_waiting
from service.messages.listing import list_of_report
from service.page_words import word_confidence
from service.pages.asking import ask
from service.pages.boards import labels_of
from service.pages.review_cards import HEADS, Card, Desk, show_card
from service.pages.visits import Visit
from service.people.names import name_actors
from service.problems import ProblemError
from service.routes import events, labels, ledger
from service.routes import feedback as reports
from service.routes.event_shapes import EventList
from service.routes.feedback import seen_by
from service.routes.incidents import seen_openly
from service.routes.labels import LabelAnswer, LabelsAnswer
from service.routes.ledger import LedgerEntry, LedgerPage, LedgerQuery
from service.visibility import visible_to, workable_by

_INSIDE: Final = ("triage", "audit")
_MAX_ENTRIES: Final = 200


@dataclass(frozen=True, slots=True)
class Decided:
    """What a head says now and on what that rests; ``by`` is a person, None where the classifier decided."""

    head: str
    label: str | None
    basis: str
    by: str | None
    at: datetime | None
    is_blind: bool
    predicted: str | None
    sureness: str
    bundle: str


@dataclass(frozen=True, slots=True)
class Story:
    """All that is told of a report to one reader."""

    card: Card
    report: StoredFeedback
    is_withheld: bool
    is_waiting: bool
    state: str
    labels: Mapping[str, str | None]
    restriction: str | None
    is_erased: bool
    decided: tuple[Decided, ...]
    events: EventList
    clocks: tuple[StoredClock, ...]
    parts: tuple[tuple[str, timedelta], ...]
    incident: Incident | None
    entries: tuple[LedgerEntry, ...]
    deliveries: tuple[RowMapping, ...]
    actors: Mapping[str, str]


async def read_story(visit: Visit, report: str) -> Story:
    """The story of a report.

    Raises
    ------
    ProblemError
        404: there is none that the visitor may see.
    """
    request, caller = visit.request, visit.caller
    found, incident, deliveries, waits = await visit.read(lambda connection: _look(connection, caller, report))
    record = seen_by(found)
    stored = StoredFeedback.model_validate_json(await ask(request, caller, reports.get, report))
    happened = EventList.model_validate_json(await ask(request, caller, events.list_events, report))
    said = LabelsAnswer.model_validate_json(await ask(request, caller, labels.list_given, report)).labels
    entries = await _read_entries(visit, report)
    actors = {*(one.actor for one in said), *(one.actor for one in happened.events), *(one.actor for one in entries)}
    names = await _read_names(visit, actors)
    feedback, withheld = record.feedback, frozenset(stored.withheld)
    standing = dict.fromkeys(HEADS) if withheld else labels_of(record)
    desk = Desk(visit.names, visit.context.classifier, visit.language, visit.now)
    return Story(
        card=show_card(desk, stored, standing, feedback.restriction, withheld),
        report=stored,
        is_withheld=bool(withheld),
        is_waiting=waits,
        state=feedback.state,
        labels=standing,
        restriction=feedback.restriction,
        is_erased=feedback.erased_at is not None,
        decided=tuple(_decide(visit, stored, head, standing[head], said, names) for head in HEADS if not withheld),
        events=happened,
        clocks=tuple(happened.clocks),
        parts=_list_parts(happened),
        incident=incident,
        entries=tuple(entries),
        deliveries=tuple(deliveries),
        actors=names,
    )


def _look(
    connection: Connection, caller: Caller, report: str
) -> tuple[Record | None, Incident | None, Sequence[RowMapping], bool]:
    record = find_feedback(connection, report, visible_to(caller))
    if record is None:
        return None, None, (), False
    member = tables.incident_member.c
    incident_id = connection.execute(select(member.incident_id).where(member.feedback_id == report)).scalar()
    found = find_incident(connection, incident_id, seen_openly(caller)) if incident_id is not None else None
    deliveries = list_of_report(connection, report) if caller.allows("admin") else ()
    return (
        record,
        found[0] if found is not None else None,
        deliveries,
        is_waiting(connection, report, workable_by(caller)),
    )


async def _read_entries(visit: Visit, report: str) -> Sequence[LedgerEntry]:
    if not visit.caller.allows("audit"):
        return ()
    asked = LedgerQuery(feedback=report, limit=_MAX_ENTRIES)
    try:
        answer = await ask(visit.request, visit.caller, ledger.list_ledger, asked)
    except ProblemError as problem:
        if problem.kind is problems.NOT_FOUND:
            return ()
        raise
    return LedgerPage.model_validate_json(answer).entries


async def _read_names(visit: Visit, actors: Iterable[str | None]) -> Mapping[str, str]:
    if not visit.caller.allows(*_INSIDE):
        return {}
    known = {actor for actor in actors if actor is not None}
    return await visit.read(lambda connection: name_actors(connection, known))


def _decide(
    visit: Visit,
    stored: StoredFeedback,
    head: str,
    label: str | None,
    said: Sequence[LabelAnswer],
    names: Mapping[str, str],
) -> Decided:
    answer = stored.prediction.heads.get(head)
    # What was said blind moves nothing: the label rests on it only where it says the same.
    given = (one for one in reversed(said) if one.head == head)
    last = next((one for one in given if not one.blind or one.value == (label or "")), None)
    is_person = last is not None and last.basis != "retraction"
    return Decided(
        head=head,
        label=label,
        basis=last.basis if last is not None else (answer.decision if answer is not None else "human"),
        by=names.get(last.actor, "") if last is not None and is_person else None,
        at=last.at if last is not None else stored.stored_at,
        is_blind=last.blind if last is not None else False,
        predicted=answer.label if answer is not None else None,
        sureness=word_confidence(answer.confidence, visit.language) if answer is not None else "",
        bundle=stored.prediction.bundle,
    )


def _list_parts(happened: EventList) -> tuple[tuple[str, timedelta], ...]:
    """Whose the time was: names of parts, or of agencies, with how long."""
    time = happened.time
    parts = [
        ("verification", time.verification_s),
        ("misrouted", time.misrouted_s),
        *time.handling_s.items(),
        ("reporter", time.reporter_s),
        ("rest", time.rest_s),
    ]
    return tuple((name, timedelta(seconds=seconds)) for name, seconds in parts if seconds >= 1)


def summarise(entry: LedgerEntry) -> str:
    """What an entry holds, short: a label, a state, an agency."""
    names = ("head", "value", "previous", "state", "agency", "route", "restriction", "reason", "due_at", "cause")
    shown = [f"{name}: {entry.content[name]}" for name in names if entry.content.get(name) not in {None, ""}]
    return " · ".join(shown) or json.dumps(sorted(entry.content))[1:-1].replace('"', "")
