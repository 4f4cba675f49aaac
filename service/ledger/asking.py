"""Questions to the ledger: its entries in the order of their instants, and how one report stood at an instant.

Knows no HTTP; which entries may be seen is given by the caller as a condition.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, literal, select, tuple_

from model.prediction import JsonValue
from service import tables
from service.ledger.entries import SYSTEM

# What an entry says of where a report stands is what holds from then on.
STANDING = ("state", "agency", "unit", "route", "alarm", "restriction", "due_at")


@dataclass(frozen=True, slots=True)
class Question:
    """Which entries are asked for; None where it does not matter. ``until`` is included."""

    feedback_id: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a page ended: the sort key of its last entry."""

    at: datetime
    chain: str
    number: int


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a report: what it rests on (``automatic``, ``correction``, …), who or which bundle gave it, when."""

    value: str
    basis: str
    actor: str
    bundle: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a report stood: what its entries said last of each thing, and its labels by head."""

    values: Mapping[str, JsonValue] = field(default_factory=dict)
    labels: Mapping[str, Label] = field(default_factory=dict)


def list_entries(
    connection: Connection, question: Question, visible: ColumnElement[bool], after: Place | None, limit: int
) -> list[RowMapping]:
    """Entries as they are stored, earliest first; ``visible`` is about rows of the ledger joined with feedback."""
    columns = tables.ledger.c
    joined = tables.ledger.outerjoin(tables.feedback, tables.feedback.c.id == columns.feedback_id)
    query = select(tables.ledger).select_from(joined).where(visible, *_conditions(question))
    if after is not None:
        position = tuple_(columns.at, columns.chain, columns.number)
        query = query.where(position > tuple_(literal(after.at, tables.Instant), after.chain, after.number))
    return list(connection.execute(query.order_by(columns.at, columns.chain, columns.number).limit(limit)).mappings())


def find_standing(
    connection: Connection, feedback_id: str, visible: ColumnElement[bool], until: datetime
) -> Standing | None:
    """How a report stood at an instant, from its entries alone; None when there was none that may be seen."""
    columns = tables.ledger.c
    joined = tables.ledger.outerjoin(tables.feedback, tables.feedback.c.id == columns.feedback_id)
    query = select(tables.ledger).select_from(joined).where(visible, *_conditions(Question(feedback_id, until=until)))
    entries = connection.execute(query.order_by(columns.at, columns.chain, columns.number)).mappings().all()
    return add_up(entries) if entries else None


def add_up(entries: Iterable[RowMapping]) -> Standing:
    """What the entries of one report, earliest first, come to."""
    values: dict[str, JsonValue] = {}
    labels: dict[str, Label] = {}
    for entry in entries:
        content: dict[str, JsonValue] = json.loads(entry["content"])
        values.update({name: content[name] for name in STANDING if name in content})
        labels.update(_read_labels(entry, content))
    return Standing(values, labels)


def _read_labels(entry: RowMapping, content: Mapping[str, JsonValue]) -> dict[str, Label]:
    """Labels of an entry: predicted ones under ``heads``, those of people under ``labels``."""
    found: dict[str, Label] = {}
    heads, labels = content.get("heads"), content.get("labels")
    if isinstance(heads, dict):
        for head, answer in heads.items():
            if isinstance(answer, list) and answer:
                found[head] = Label(str(answer[0]), "automatic", SYSTEM, entry["bundle"], entry["at"])
    if isinstance(labels, dict):
        for head, given in labels.items():
            value, basis = given if isinstance(given, list) else (given, content.get("basis"))
            found[head] = Label(str(value), str(basis or "import"), entry["actor"], None, entry["at"])
    return found


def _conditions(question: Question) -> Sequence[ColumnElement[bool]]:
    columns = tables.ledger.c
    conditions = []
    if question.feedback_id is not None:
        conditions.append(columns.feedback_id == question.feedback_id)
    if question.type is not None:
        conditions.append(columns.type == question.type)
    if question.since is not None:
        conditions.append(columns.at >= question.since)
    if question.until is not None:
        conditions.append(columns.at <= question.until)
    return conditions
