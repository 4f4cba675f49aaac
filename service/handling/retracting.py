"""Taking back the last thing a person said of a report: what stood before stands again, in labels of their own.

Nothing is deleted: the ledger keeps what was said and that it was taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select

from service import tables
from service.handling.labels import NOTHING, UNDISPOSED, Labelling, Outcome, label_all
from service.said import RETRACTION
from service.writer import Transaction

# Later it is a correction, which says what is right.
RETRACTABLE_FOR: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Retraction:
    """A person takes back what they said last of a report that ``visible`` lets them see."""

    feedback_id: str
    visible: ColumnElement[bool]
    actor: str
    at: datetime
    triage_office: str
    may_force: bool = False


@dataclass(frozen=True, slots=True)
class NothingSaid:
    """The person said nothing of the report lately, or somebody else spoke after them."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of a report at one moment: the label of each head, and what stood there before."""

    feedback_id: str
    at: datetime
    labels: Mapping[str, str]
    previous: Mapping[str, str]


def retract_all(transaction: Transaction, asked: Sequence[Retraction]) -> list[Outcome | NothingSaid]:
    """The labels that stand again after each; None where there is no such report."""
    return [_retract(transaction, one) for one in asked]


def find_last_said(connection: Connection, actor: str, now: datetime, feedback_id: str | None = None) -> Said | None:
    """What a person said last, of any report or of one, while it can be taken back."""
    columns = tables.label.c
    mine = [columns.actor == actor, columns.at > now - RETRACTABLE_FOR]
    if feedback_id is not None:
        mine.append(columns.feedback_id == feedback_id)
    last = connection.execute(
        select(columns.feedback_id, columns.at, columns.basis, columns.is_blind)
        .where(*mine)
        .order_by(columns.at.desc())
        .limit(1)
    ).first()
    # What was said blind is what the audit rests on: it stands.
    if last is None or last.basis == RETRACTION or last.is_blind:
        return None
    rows = _read(connection, last.feedback_id)
    said = [row for row in rows if row["at"] == last.at and row["actor"] == actor]
    heads = {row["head"] for row in said}
    if any(row["head"] in heads and row["at"] > last.at for row in rows):
        return None
    return Said(
        last.feedback_id,
        last.at,
        {row["head"]: row["value"] for row in said},
        {row["head"]: row["previous"] or NOTHING for row in said},
    )


def find_retractable(connection: Connection, actor: str, now: datetime) -> Said | None:
    """The same, of any report, while no agency has it."""
    said, columns = find_last_said(connection, actor, now), tables.feedback.c
    if said is None:
        return None
    state = connection.execute(select(columns.state).where(columns.id == said.feedback_id)).scalar_one()
    return said if state in UNDISPOSED else None


def _retract(transaction: Transaction, asked: Retraction) -> Outcome | NothingSaid:
    connection, columns = transaction.connection, tables.feedback.c
    seen = select(func.count()).where(columns.id == asked.feedback_id, asked.visible)
    if connection.execute(seen).scalar_one() == 0:
        return None
    said = find_last_said(connection, asked.actor, asked.at, asked.feedback_id)
    if said is None:
        return NothingSaid()
    labelling = Labelling(
        feedback_id=asked.feedback_id,
        visible=asked.visible,
        actor=asked.actor,
        at=asked.at,
        values=said.previous,
        reason=None,
        is_blind=False,
        triage_office=asked.triage_office,
        is_retraction=True,
        may_force=asked.may_force,
    )
    return label_all(transaction, [labelling])[0]


def _read(connection: Connection, feedback_id: str) -> Sequence[RowMapping]:
    query = select(tables.label).where(tables.label.c.feedback_id == feedback_id)
    return connection.execute(query).mappings().all()
