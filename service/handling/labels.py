"""What people say of a report: a label confirmed or corrected, head by head, beside the prediction, never over it.

Owns the SQL of labels. A label moves the report's row: its kind sets the clock and who may see it, its agency where it
lies until it was disposed of. A blind one moves nothing. Knows no HTTP.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, insert, select, update

from service import tables
from service.handling.claims import Held, find_other_holder, release
from service.handling.clocks import KIND_CORRECTED, revise_clock
from service.handling.publishing import take_back
from service.handling.states import NEW, RETURNED, VERIFIED
from service.ids import new_id
from service.ledger.entries import Entry
from service.routing import ACCUSATION, EMERGENCY, INSPECTORATE
from service.said import RETRACTION
from service.visibility import ADMIN, OVERSIGHT
from service.writer import Transaction

HEADS: Final = ("agency", "aspect", "kind", "topic", "urgency")
# States in which a report has not been given to an agency by a person yet.
UNDISPOSED: Final = (NEW, VERIFIED, RETURNED)
CORRECTION: Final = "correction"
CONFIRMATION: Final = "confirmation"
NOTHING: Final = ""
# Who may see a report has changed.
RESTRICTED: Final = "feedback.restricted"
# A person says that it is an emergency.
RAISED: Final = "emergency.raised"
URGENT: Final = "urgent"
# What of the row changes with a head and is no label.
_FOLLOWERS: Final = {"agency": "unit", "urgency": "alarm"}
Basis = Literal["correction", "confirmation", "retraction"]


@dataclass(frozen=True, slots=True)
class Labelling:
    """What a person says of a report that ``visible`` lets them see.

    ``values`` has the heads spoken of; `NOTHING` is no label, as where no element of service failed. ``reason`` is
    masked. ``triage_office`` is whose accusations only admins see. With ``is_retraction`` the values are those that
    stood before the person said something else. ``may_force`` holds against who claimed the report.
    """

    feedback_id: str
    visible: ColumnElement[bool]
    actor: str
    at: datetime
    values: Mapping[str, str]
    reason: str | None
    is_blind: bool
    triage_office: str
    is_retraction: bool = False
    may_force: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """One thing a person said."""

    id: str
    head: str
    value: str
    previous: str | None
    basis: Basis
    is_blind: bool
    reason: str | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """The report lies with an agency already: it is moved by an event, not by a label."""

    state: str


@dataclass(frozen=True, slots=True)
class NoReason:
    """The report was erased: nothing may be written about its reporter any more, not as a reason either."""


Outcome = list[Label] | Moved | NoReason | Held | None


def label_all(transaction: Transaction, labellings: Sequence[Labelling]) -> list[Outcome]:
    """The labels of each labelling, those that were there already included; None where there is no such report."""
    return [_label(transaction, labelling) for labelling in labellings]


def list_labels(connection: Connection, feedback_id: str, visible: ColumnElement[bool]) -> list[Label] | None:
    """All labels people gave to a report, oldest first; None where there is none of the id that may be seen."""
    seen = select(tables.feedback.c.id).where(tables.feedback.c.id == feedback_id, visible)
    if connection.execute(seen).first() is None:
        return None
    return _read_labels(connection, feedback_id)


def _read_labels(connection: Connection, feedback_id: str) -> list[Label]:
    columns = tables.label.c
    query = select(tables.label).where(columns.feedback_id == feedback_id).order_by(columns.at, columns.head)
    return [_read(row) for row in connection.execute(query).mappings()]


def _label(transaction: Transaction, asked: Labelling) -> Outcome:
    columns = tables.feedback.c
    query = select(tables.feedback).where(columns.id == asked.feedback_id, asked.visible).with_for_update()
    row = transaction.connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    said = _read_labels(transaction.connection, asked.feedback_id)
    asked = replace(asked, is_blind=asked.is_blind and not _has_seen(said, asked))
    if _comes_late(row, asked):
        return Moved(row["state"])
    if row["erased_at"] is not None and asked.reason:
        return NoReason()
    known = {label.head: label for label in said}
    spoken_of = [head for head in HEADS if head in asked.values]
    is_new = not all(_repeat(known.get(head), asked) for head in spoken_of)
    held = find_other_holder(transaction.connection, asked.feedback_id, asked.actor, asked.at)
    if is_new and held is not None and not asked.may_force:
        return held
    changes = _change(row, asked, _follow(transaction.connection, row, asked, known))
    labels = [_repeat(known.get(head), asked) or _add(transaction, asked, head, row) for head in spoken_of]
    if changes:
        _apply(transaction, asked, row, changes, known)
    return labels


def _comes_late(row: RowMapping, asked: Labelling) -> bool:
    """Whether an agency has the report already: from then on it is moved by an event, and nothing is taken back.

    Who was not shown the label says what it should be, wherever the report has gone meanwhile.
    """
    if row["state"] in UNDISPOSED or asked.is_blind:
        return False
    return asked.is_retraction or bool(asked.values.get("agency", row["agency"]) != row["agency"])


def _apply(
    transaction: Transaction,
    asked: Labelling,
    row: RowMapping,
    changes: Mapping[str, str | None],
    known: Mapping[str, Label],
) -> None:
    """Bring the row of a report up to what was said, and do what follows from it."""
    changed = update(tables.feedback).where(tables.feedback.c.id == asked.feedback_id)
    transaction.connection.execute(changed.values(**changes, changed_at=asked.at))
    if "alarm" in changes:
        _sound(transaction, asked, changes["alarm"], known)
    if "restriction" in changes:
        _note_restriction(transaction, asked, row, changes["restriction"])
    if "kind" in changes:
        revise_clock(transaction, asked.feedback_id, KIND_CORRECTED, asked.at, actor=asked.actor)


def _note_restriction(transaction: Transaction, asked: Labelling, row: RowMapping, after: str | None) -> None:
    """Write down who may see the report now; what is freed is there for everybody at once, held by nobody."""
    connection, feedback_id = transaction.connection, asked.feedback_id
    content: dict[str, str | bool | None] = {"before": row["restriction"], "after": after}
    if after is None:
        columns = tables.emergency.c
        # One that is raised by this very call is told by itself.
        waits = and_(columns.acknowledged_at.is_(None), columns.raised_at < asked.at)
        waiting = select(columns.feedback_id).where(columns.feedback_id == feedback_id, waits)
        content["emergency"] = connection.execute(waiting).first() is not None
        release(transaction, feedback_id, asked.actor, asked.at)
    elif row["published_at"] is not None:
        take_back(transaction, feedback_id, asked.actor, asked.at, "restricted")
    transaction.record(Entry(RESTRICTED, asked.at, asked.actor, feedback_id=feedback_id, content=content))


def _sound(transaction: Transaction, asked: Labelling, alarm: str | None, known: Mapping[str, Label]) -> None:
    """Call others to what a person says is an emergency; let nobody wait for what a person says is none.

    What was said to be none and is one after all calls them anew, also when only that word was taken back; what others
    had seen before it was said stays seen then.
    """
    connection, columns = transaction.connection, tables.emergency.c
    is_known = columns.feedback_id == asked.feedback_id
    if alarm != URGENT:
        seen = update(tables.emergency).where(is_known, columns.acknowledged_at.is_(None))
        connection.execute(seen.values(acknowledged_at=asked.at, acknowledged_by=asked.actor))
        return
    row = connection.execute(select(tables.emergency).where(is_known)).mappings().one_or_none()
    if row is None:
        connection.execute(insert(tables.emergency).values(feedback_id=asked.feedback_id, raised_at=asked.at))
    elif row["acknowledged_at"] is None or (asked.is_retraction and row["acknowledged_at"] < known["urgency"].at):
        return
    else:
        open_again = {"acknowledged_at": None, "acknowledged_by": None, "escalated_at": None}
        connection.execute(update(tables.emergency).where(is_known).values(raised_at=asked.at, **open_again))
    transaction.record(Entry(RAISED, asked.at, asked.actor, feedback_id=asked.feedback_id))


def _has_seen(said: Sequence[Label], asked: Labelling) -> bool:
    """Whether the person has labelled one of the heads seeing what was predicted: blind to it no more."""
    return any(label.actor == asked.actor and label.head in asked.values and not label.is_blind for label in said)


def _repeat(known: Label | None, asked: Labelling) -> Label | None:
    """The label that the same person gave before: a second click says nothing new."""
    if known is None or known.actor != asked.actor or known.is_blind != asked.is_blind:
        return None
    if (known.basis == RETRACTION) != asked.is_retraction:
        return None
    return known if known.value == asked.values[known.head] else None


def _add(transaction: Transaction, asked: Labelling, head: str, row: RowMapping) -> Label:
    value, current = asked.values[head], row[head]
    # Of a blind label the audit asks how it stands to what was predicted, whatever others have said since.
    previous = _find_predicted(transaction.connection, row["id"], head) if asked.is_blind else current
    basis: Basis = CONFIRMATION if value == (current or NOTHING) else CORRECTION
    if asked.is_retraction:
        basis = RETRACTION
    label = Label(new_id(asked.at), head, value, previous, basis, asked.is_blind, asked.reason, asked.actor, asked.at)
    names = ("id", "head", "value", "previous", "basis", "is_blind", "reason", "actor", "at")
    said = {name: getattr(label, name) for name in names}
    transaction.connection.execute(insert(tables.label).values(**said, feedback_id=asked.feedback_id))
    content = {"head": head, "value": value, "previous": previous, "is_blind": asked.is_blind}
    if head in _FOLLOWERS:
        # What stands again with it when it is taken back.
        content["before"] = row[_FOLLOWERS[head]]
    transaction.record(Entry(f"label.{basis}", asked.at, asked.actor, feedback_id=asked.feedback_id, content=content))
    return label


def _find_predicted(connection: Connection, feedback_id: str, head: str) -> str | None:
    """The label that the bundle gave when the report came in."""
    columns = tables.prediction.c
    content = connection.execute(select(columns.content).where(columns.feedback_id == feedback_id)).scalar()
    answer = json.loads(content)["heads"].get(head) if content is not None else None
    return None if answer is None else str(answer["label"])


def _follow(
    connection: Connection, row: RowMapping, asked: Labelling, known: Mapping[str, Label]
) -> dict[str, str | None]:
    """What of the row follows from what is said: who alone may see it, its alarm, its office."""
    if asked.is_retraction:
        return _recall(connection, asked, known)
    follows: dict[str, str | None] = {}
    if "kind" in asked.values:
        follows["restriction"] = _restrict(row, asked, _find_about(connection, row))
    if "urgency" in asked.values:
        follows["alarm"] = URGENT if asked.values["urgency"] == EMERGENCY else None
    if asked.values.get("agency", row["agency"]) != row["agency"]:
        follows["unit"] = None
    return follows


def _recall(connection: Connection, asked: Labelling, known: Mapping[str, Label]) -> dict[str, str | None]:
    """The same as it stood before what is taken back: it was written down at the very moment at which that was said."""
    columns = tables.ledger.c
    at = max(known[head].at for head in asked.values)
    entries = select(columns.type, columns.content).where(columns.feedback_id == asked.feedback_id, columns.at == at)
    follows: dict[str, str | None] = {}
    for entry in connection.execute(entries):
        content = json.loads(entry.content)
        if entry.type == RESTRICTED:
            follows["restriction"] = content["before"]
        elif content.get("head") in _FOLLOWERS and "before" in content:
            follows[_FOLLOWERS[content["head"]]] = content["before"]
    return follows


def _find_about(connection: Connection, row: RowMapping) -> set[str]:
    """The units a report may be about: the one its sender named, and the one that was read from its text."""
    columns = tables.prediction.c
    content = connection.execute(select(columns.content).where(columns.feedback_id == row["id"])).scalar_one()
    read = json.loads(content).get("about") or {}
    return {unit for unit in (row["about"], read.get("unit")) if unit is not None}


def _change(row: RowMapping, asked: Labelling, follows: Mapping[str, str | None]) -> dict[str, str | None]:
    """What the row of the report takes over; the aspect that is none is null there.

    Who did not see what was predicted only says what they think: where that differs, a person decides.
    """
    if asked.is_blind:
        return {}
    said = {head: value or None for head, value in asked.values.items()}
    if row["state"] not in UNDISPOSED:
        said.pop("agency", None)
    changes = {name: value for name, value in {**said, **follows}.items() if value != row[name]}
    if "agency" in said:
        # A person has said it, whether it changed or not.
        changes["route"] = "human"
    return changes


def _restrict(row: RowMapping, asked: Labelling, about: Collection[str]) -> str | None:
    """Who alone may see a report of the kind a person gave it; the unit it is about stays shut out."""
    if asked.values["kind"] != ACCUSATION:
        return None
    if row["restriction"] is not None:
        return str(row["restriction"])
    return OVERSIGHT if {INSPECTORATE, asked.triage_office}.isdisjoint(about) else ADMIN


def _read(row: RowMapping) -> Label:
    return Label(
        row["id"],
        row["head"],
        row["value"],
        row["previous"],
        row["basis"],
        row["is_blind"],
        row["reason"],
        row["actor"],
        row["at"],
    )
