"""Reads of stored reports what their cases are folded from, some hundreds in few queries.

Owns the SQL of that. Of a prediction only the few words that count are looked at: to parse it costs more than to fold.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, RowMapping, bindparam, select

from service import tables
from service.cases.case import AUTO, PERSON, SUGGEST, Clocked, DayOf, Facts
from service.cases.districts import find_district, locate
from service.feedback import is_latest_clock
from service.handling.clock import HANDLING, local_day
from service.handling.policy import Policy, read_policy, shipped_policy
from service.handling.sending import Lying, Moved, Naming, find_routed_alone, needs_receipt, trace
from service.handling.states import DISPOSED, NEW, REOPENED, RETURNED, VERIFIED
from service.ledger.entries import SYSTEM
from service.said import RETRACTION, find_doubts

_AT_ONCE: Final = 500
_EVER: Final = datetime.min.replace(tzinfo=UTC)
# Within a string of JSON a quotation mark has a backslash before it, so that these are found in no text.
_ABOUT: Final = re.compile(r'"about":\{"unit":"([^"\\]+)"')
_DECISION: Final = re.compile(r'"(topic|agency)":\{"label":"([^"\\]*)","confidence":[^,]*,"decision":"(\w+)"')
_PLACES: Final = re.compile(r'"places":\[(.*?)\]')
_PLACE: Final = re.compile(r'"code":"([^"\\]+)".*?"ambiguous":(true|false)')
_FEEDBACK, _PREDICTION, _EVENT, _LABEL, _CLOCK = (
    table.c for table in (tables.feedback, tables.prediction, tables.event, tables.label, tables.clock)
)
# Written once: to build a statement takes longer than to run it.
_REPORTS = (
    select(
        *(
            _FEEDBACK[name]
            for name in (
                *("id", "received_at", "stored_at", "erased_at", "state", "kind", "agency", "topic", "urgency"),
                *("aspect", "about", "district", "village", "channel", "rating", "restriction", "route"),
                *("is_at_agency", "alarm", "due_at", "key_id"),
            )
        ),
        _PREDICTION.bundle,
        _PREDICTION.content,
        _CLOCK.revision,
        _CLOCK.purpose,
        _CLOCK.policy,
        _CLOCK.due_at.label("clock_due_at"),
    )
    .select_from(tables.feedback.join(tables.prediction).outerjoin(tables.clock, is_latest_clock()))
    .where(_FEEDBACK.id.in_(bindparam("ids", expanding=True)))
)
_EVENTS = (
    select(_EVENT.feedback_id, _EVENT.type, _EVENT.at, _EVENT.stored_at, _EVENT.agency, _EVENT.state)
    .where(_EVENT.feedback_id.in_(bindparam("ids", expanding=True)))
    .order_by(_EVENT.feedback_id, _EVENT.number)
)
_LABELS = (
    select(
        *(_LABEL[name] for name in ("feedback_id", "head", "actor", "basis", "at", "value", "previous", "is_blind")),
    )
    .where(_LABEL.feedback_id.in_(bindparam("ids", expanding=True)))
    .order_by(_LABEL.feedback_id, _LABEL.at)
)
_CLOCKS = (
    select(_CLOCK.feedback_id, _CLOCK.purpose, _CLOCK.due_at, _CLOCK.cause)
    .where(_CLOCK.feedback_id.in_(bindparam("ids", expanding=True)))
    .order_by(_CLOCK.feedback_id, _CLOCK.revision)
)


class _Event(NamedTuple):
    """A row of `_EVENTS`."""

    feedback_id: str
    type: str
    at: datetime
    stored_at: datetime
    agency: str | None
    state: str


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of one report; ``stopped`` are the clocks that ran when it was reopened, one for each time."""

    row: RowMapping
    events: Sequence[_Event]
    labels: Sequence[RowMapping]
    stopped: Sequence[Clocked | None]

    @property
    def id(self) -> str:
        """Of the report."""
        return str(self.row["id"])

    @property
    def is_imported(self) -> bool:
        """Whether it came from a file of the past."""
        return bool(self.row["key_id"] == SYSTEM)

    @property
    def lying(self) -> Lying:
        """Where the row says that it is."""
        return Lying(self.row["agency"], self.row["route"], bool(self.row["is_at_agency"]), self.is_imported)

    @property
    def namings(self) -> list[Naming]:
        """What was said of its agency, oldest first; what was said blind moved nothing."""
        said = (one for one in self.labels if one["head"] == "agency" and not one["is_blind"])
        return [Naming(one["value"], one["previous"], one["at"]) for one in said]


def read_facts(connection: Connection, ids: Sequence[str]) -> Iterator[Facts]:
    """The facts of the reports of these ids that are there."""
    policies: dict[int | None, Policy] = {None: shipped_policy()}
    for start in range(0, len(ids), _AT_ONCE):
        read = _read(connection, ids[start : start + _AT_ONCE])
        unknown = [one.id for one in read if needs_receipt(one.lying, one.events, one.namings)]
        alone = find_routed_alone(connection, unknown) if unknown else set()
        for one in read:
            version = one.row["policy"]
            if version not in policies:
                policies[version] = read_policy(connection, version)
            yield _describe(one, policies[version], was_routed_alone=one.id in alone)


def _read(connection: Connection, ids: Sequence[str]) -> list[_Read]:
    part = {"ids": ids}
    events: dict[str, list[_Event]] = {}
    for row in connection.execute(_EVENTS, part):
        events.setdefault(row.feedback_id, []).append(_Event(*row))
    labels: dict[str, list[RowMapping]] = {}
    for label in connection.execute(_LABELS, part).mappings():
        labels.setdefault(label["feedback_id"], []).append(label)
    reopened = [id_ for id_, own in events.items() if any(event.type == REOPENED for event in own)]
    stopped = _read_stopped(connection, reopened) if reopened else {}
    rows = connection.execute(_REPORTS, part).mappings().all()
    return [
        _Read(row, events.get(row["id"], []), labels.get(row["id"], []), stopped.get(row["id"], [])) for row in rows
    ]


def _read_stopped(connection: Connection, ids: Sequence[str]) -> dict[str, list[Clocked | None]]:
    """The clocks before those that a reopening began; None where there was none."""
    found: dict[str, list[Clocked | None]] = {}
    latest: tuple[str, Clocked] | None = None
    for feedback_id, purpose, due_at, cause in connection.execute(_CLOCKS, {"ids": ids}):
        if cause == REOPENED:
            before = latest[1] if latest is not None and latest[0] == feedback_id else None
            found.setdefault(feedback_id, []).append(before)
        latest = (feedback_id, Clocked(purpose == HANDLING, _find_day(due_at)))
    return found


def _describe(read: _Read, policy: Policy, *, was_routed_alone: bool) -> Facts:
    row, events, labelled = read.row, read.events, _find_labelled(read.labels)
    content = row["content"]
    decisions = {head: (label, decision) for head, label, decision in _DECISION.findall(content)}
    erased_at = row["erased_at"]
    predicted = decisions.get("agency", ("", ""))[0]
    moved = trace(row["received_at"], read.lying, predicted, events, read.namings, was_routed_alone=was_routed_alone)
    return Facts(
        feedback_id=row["id"],
        day=local_day(row["received_at"]),
        stored_day=local_day(row["stored_at"]),
        erased_day=local_day(erased_at) if erased_at is not None else None,
        **{head: row[head] or "" for head in ("kind", "agency", "topic", "urgency", "aspect")},
        about=row["about"] or _find_about(content),
        district=find_district(row["district"], row["village"]) or _find_place(content),
        topic_basis=_find_basis("topic", labelled, decisions),
        agency_basis=_find_route(row, labelled, events),
        bundle=row["bundle"],
        channel=row["channel"] or "",
        rating=row["rating"],
        restriction=row["restriction"] or "",
        is_truncated=read.is_imported and not any(event.stored_at <= row["stored_at"] for event in events),
        is_waiting=_is_waiting(row, labelled, is_doubted=bool(find_doubts(read.labels))),
        runs_to=_find_day(row["due_at"]),
        clock=_find_clock(row),
        n_days=policy.days_of(row["kind"]),
        has_happened=bool(events),
        happenings=list(_tell(moved, read.stopped)),
    )


def _find_labelled(labels: Sequence[RowMapping]) -> set[str]:
    """The heads of which a person said what they are, seeing all, and did not take it back."""
    taken_back: dict[tuple[str, str], datetime] = {}
    for label in labels:
        if label["basis"] == RETRACTION:
            place = (label["head"], label["actor"])
            taken_back[place] = max(label["at"], taken_back.get(place, _EVER))
    said = (label for label in labels if label["basis"] != RETRACTION and not label["is_blind"])
    return {one["head"] for one in said if taken_back.get((one["head"], one["actor"]), _EVER) < one["at"]}


def _tell(moved: Sequence[Moved], stopped: Sequence[Clocked | None]) -> Iterator[DayOf]:
    waiting = iter(stopped)
    for one in moved:
        clock = next(waiting, None) if one.type == REOPENED else None
        yield DayOf(one.type, local_day(one.at), one.agency, one.state, clock)


def _find_clock(row: RowMapping) -> Clocked | None:
    if row["revision"] is None:
        return None
    return Clocked(row["purpose"] == HANDLING, _find_day(row["clock_due_at"]))


def _find_day(instant: datetime | None) -> date | None:
    return local_day(instant) if instant is not None else None


def _find_about(content: str) -> str:
    found = _ABOUT.search(content)
    return found.group(1) if found is not None else ""


def _find_place(content: str) -> str:
    found = _PLACES.search(content)
    if found is None or not found.group(1):
        return ""
    return locate(code for code, is_ambiguous in _PLACE.findall(found.group(1)) if is_ambiguous == "false")


def _find_basis(head: str, labelled: set[str], decisions: Mapping[str, tuple[str, str]]) -> str:
    if head in labelled:
        return PERSON
    return AUTO if decisions.get(head, ("", ""))[1] == AUTO else SUGGEST


def _find_route(row: RowMapping, labelled: set[str], events: Sequence[_Event]) -> str:
    """What the agency rests on: a person who labelled or disposed, the classifier alone, or nobody yet."""
    if "agency" in labelled or any(event.type == DISPOSED for event in events):
        return PERSON
    # Where nobody disposed, it lies with an agency only because it was routed alone.
    return AUTO if row["is_at_agency"] else SUGGEST


def _is_waiting(row: RowMapping, labelled: set[str], *, is_doubted: bool) -> bool:
    """As `service.handling.review.waits_for_a_person`."""
    if row["erased_at"] is not None:
        return False
    if row["state"] == RETURNED:
        return True
    is_doubtful = row["route"] != AUTO or row["alarm"] is not None or is_doubted
    return row["state"] in {NEW, VERIFIED} and "agency" not in labelled and is_doubtful
