"""Stored feedback: what a row is, how it is added exactly once and found again.

Owns the SQL of feedback, prediction and identity. Knows no HTTP; who may see a row is `service.visibility`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    insert,
    select,
    text,
    true,
)

from model.prediction import JsonValue
from service import tables
from service.ledger.entries import Entry
from service.said import is_placed_by_person
from service.writer import Transaction

FIRST_STATE = "baru"
# What stands behind the text in a prediction; within a string its signs would be written with a backslash.
_BEHIND_TEXT: Final = ',"cut_chars":'
RECEIVED = "feedback.received"
# What was sent in later than this is history, and nobody can be called to it.
EMERGENCY_AGE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Feedback:
    """One stored report, a column of the table for each field; free text is masked, attachments are JSON."""

    id: str
    external_id: str | None
    key_id: str
    received_at: datetime
    stored_at: datetime
    state: str
    channel: str | None
    district: str | None
    village: str | None
    lat: float | None
    lon: float | None
    address: str | None
    rating: int | None
    about: str | None
    attachments: str
    source_url: str | None
    reporter_digest: str | None
    title: str | None
    text: str
    kind: str | None
    agency: str | None
    topic: str | None
    urgency: str | None
    aspect: str | None
    unit: str | None
    route: str | None
    is_at_agency: bool
    confidence: float | None
    alarm: str | None
    restriction: str | None
    due_at: datetime | None
    paused_at: datetime | None = None
    changed_at: datetime | None = None
    published_at: datetime | None = None
    sender_topic: str | None = None
    erased_at: datetime | None = None

    @property
    def is_emergency(self) -> bool:
        """Whether somebody must be called at once; history and a mere possibility raise nobody."""
        return self.alarm == "urgent" and self.stored_at - self.received_at <= EMERGENCY_AGE


@dataclass(frozen=True, slots=True)
class Clock:
    """A revision of the clock of a report, a column of the table for each field; ``content`` is the JSON of how."""

    revision: int
    purpose: str
    kind: str | None
    started_at: datetime
    due_at: datetime | None
    content: str
    made_at: datetime
    cause: str
    policy: int
    calendar: str


@dataclass(frozen=True, slots=True)
class Record:
    """Feedback with the prediction that was answered: the bundle that made it, and its JSON without the text.

    ``clock`` is its latest revision. ``signature`` is of the text; it is only given when a record is added.
    ``is_placed_by_person``: a person said where it lies now.
    """

    feedback: Feedback
    bundle: str
    content: str
    clock: Clock | None = None
    signature: bytes | None = None
    is_placed_by_person: bool = False

    def prediction(self) -> dict[str, JsonValue]:
        """The prediction as it was answered."""
        content: dict[str, JsonValue] = json.loads(self.content)
        head = {"bundle": content.pop("bundle"), "taxonomy": content.pop("taxonomy")}
        return {**head, "text": self.feedback.text, **content}

    def write_prediction(self) -> str:
        """The JSON of `prediction`, with the text put where it belongs; nothing is read of what `write_json` wrote."""
        head, found, rest = self.content.partition(_BEHIND_TEXT)
        if not found:
            return write_json(self.prediction())
        return f'{head},"text":{write_json(self.feedback.text)}{_BEHIND_TEXT}{rest}'


def write_json(value: JsonValue) -> str:
    """JSON without spaces, as it is stored and answered."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record to be added, its entry in the ledger, and the digests it may be sent again under."""

    record: Record
    entry: Entry
    identities: tuple[str, ...]
    body_digest: str


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an incoming record: stored now, or found as it was stored before (``is_new`` False)."""

    record: Record
    is_new: bool


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An identity already stands for a report with another body; nothing was stored."""

    identity: str
    feedback_id: str


_FIELDS = tuple(field.name for field in fields(Feedback))
CLOCK_FIELDS = tuple(field.name for field in fields(Clock))
_Known = dict[str, tuple[str, str]]
# Written once: to build a statement takes longer than to run it.
_IDENTITIES = select(tables.identity).where(tables.identity.c.name.in_(bindparam("names", expanding=True)))


def add_feedback(transaction: Transaction, batch: Sequence[Incoming]) -> list[Added | Mismatch]:
    """Add records in order, each under its identities at most once, however many processes add at the same time."""
    connection = transaction.connection
    names = sorted({name for incoming in batch for name in incoming.identities})
    _lock(connection, names)
    known = _find_identities(connection, names)
    claimed: list[dict[str, str]] = []
    ids: list[str | Mismatch] = []
    new: dict[str, Record] = {}
    for incoming in batch:
        outcome = _claim(incoming, known, claimed)
        ids.append(outcome)
        if outcome == incoming.record.feedback.id:
            new[outcome] = incoming.record
            transaction.record(incoming.entry)
    _insert(connection, list(new.values()), claimed)
    wanted = {outcome for outcome in ids if isinstance(outcome, str) and outcome not in new}
    old = {record.feedback.id: record for record in load_feedback(connection, wanted, true())}
    return [_describe(outcome, incoming, new, old) for outcome, incoming in zip(ids, batch, strict=True)]


def find_feedback(connection: Connection, feedback_id: str, visible: ColumnElement[bool]) -> Record | None:
    """The record of an id, None when there is none that may be seen."""
    row = (
        connection.execute(select_records().where(tables.feedback.c.id == feedback_id, visible))
        .mappings()
        .one_or_none()
    )
    return read_record(row) if row is not None else None


def load_feedback(connection: Connection, ids: Iterable[str], visible: ColumnElement[bool]) -> list[Record]:
    """The records of these ids that may be seen, in no order."""
    wanted = sorted(ids)
    if not wanted:
        return []
    rows = connection.execute(select_records().where(tables.feedback.c.id.in_(wanted), visible))
    return [read_record(row) for row in rows.mappings()]


def _lock(connection: Connection, names: Sequence[str]) -> None:
    """Keep other processes from claiming the same identities; in sorted order, so that two never wait crosswise."""
    if names and connection.dialect.name == "postgresql":
        locks = [int(name[:15], 16) for name in names]
        statement = text("SELECT pg_advisory_xact_lock(n) FROM (SELECT unnest(:locks) AS n ORDER BY n) AS sorted")
        connection.execute(statement, {"locks": locks})


def _find_identities(connection: Connection, names: Sequence[str]) -> _Known:
    if not names:
        return {}
    rows = connection.execute(_IDENTITIES, {"names": names})
    return {row.name: (row.feedback_id, row.body_digest) for row in rows}


def _claim(incoming: Incoming, known: _Known, claimed: list[dict[str, str]]) -> str | Mismatch:
    """The id of the feedback that an incoming record is: its own, or that of an earlier one."""
    feedback_id = incoming.record.feedback.id
    found = [(name, *known[name]) for name in incoming.identities if name in known]
    if found:
        feedback_id = found[0][1]
        for name, other_id, body_digest in found:
            if body_digest != incoming.body_digest or other_id != feedback_id:
                return Mismatch(name, other_id)
    for name in incoming.identities:
        if name not in known:
            known[name] = (feedback_id, incoming.body_digest)
            claimed.append({"name": name, "feedback_id": feedback_id, "body_digest": incoming.body_digest})
    return feedback_id


def _insert(connection: Connection, records: Sequence[Record], claimed: Sequence[Mapping[str, str]]) -> None:
    if records:
        connection.execute(
            insert(tables.feedback), [{name: getattr(r.feedback, name) for name in _FIELDS} for r in records]
        )
        connection.execute(
            insert(tables.prediction),
            [
                {
                    "feedback_id": r.feedback.id,
                    "bundle": r.bundle,
                    "made_at": r.feedback.stored_at,
                    "content": r.content,
                    "signature": r.signature,
                }
                for r in records
            ],
        )
        insert_clocks(connection, {r.feedback.id: r.clock for r in records if r.clock is not None})
    emergencies = [
        {"feedback_id": r.feedback.id, "raised_at": r.feedback.stored_at} for r in records if r.feedback.is_emergency
    ]
    if emergencies:
        connection.execute(insert(tables.emergency), emergencies)
    if claimed:
        connection.execute(insert(tables.identity), list(claimed))


def insert_clocks(connection: Connection, clocks: Mapping[str, Clock]) -> None:
    """Add a revision of the clock to each report of an id."""
    if clocks:
        rows = [
            {"feedback_id": id_, **{name: getattr(clock, name) for name in CLOCK_FIELDS}}
            for id_, clock in clocks.items()
        ]
        connection.execute(insert(tables.clock), rows)


def _describe(
    outcome: str | Mismatch, incoming: Incoming, new: Mapping[str, Record], old: Mapping[str, Record]
) -> Added | Mismatch:
    if isinstance(outcome, Mismatch):
        return outcome
    is_new = outcome == incoming.record.feedback.id
    return Added(new[outcome] if outcome in new else old[outcome], is_new)


def select_records() -> Select[tuple[object, ...]]:
    """The query of all records, to be narrowed; `read_record` reads its rows."""
    columns = [getattr(tables.feedback.c, name) for name in _FIELDS]
    clock = [tables.clock.c[name].label(f"clock_{name}") for name in CLOCK_FIELDS]
    joined = tables.feedback.join(tables.prediction).outerjoin(tables.clock, is_latest_clock())
    prediction = (tables.prediction.c.bundle, tables.prediction.c.content)
    return select(*columns, *prediction, *clock, is_placed_by_person().label("is_placed")).select_from(joined)


def is_latest_clock() -> ColumnElement[bool]:
    """The condition that joins a row of feedback with the latest revision of its clock."""
    columns, others = tables.clock.c, tables.clock.alias("other_clock").c
    latest = select(func.max(others.revision)).where(others.feedback_id == tables.feedback.c.id)
    latest = latest.correlate(tables.feedback)
    return and_(columns.feedback_id == tables.feedback.c.id, columns.revision == latest.scalar_subquery())


def read_record(row: RowMapping) -> Record:
    """The record of a row of `select_records`."""
    feedback = Feedback(**{name: row[name] for name in _FIELDS})
    clock = None
    if row["clock_revision"] is not None:
        clock = Clock(**{name: row[f"clock_{name}"] for name in CLOCK_FIELDS})
    is_placed = bool(row["is_placed"])
    return Record(feedback, row["bundle"], row["content"], clock, is_placed_by_person=is_placed)
