"""What people said of reports, as conditions of queries: a label given and not taken back, an agency named by a person.

A blind label says nothing here but that somebody doubts. Knows tables only; what a label does is
`service.handling.labels`.
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, and_, exists, or_, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from service import tables

# Who said something takes it back: what stood before stands again, and rests on what it rested on.
RETRACTION: Final = "retraction"
CORRECTION: Final = "correction"
# Events by which a person says where a report belongs, or that it does not belong where it was.
PLACING: Final = ("didisposisi", "dikembalikan")


def has_label(head: str) -> ColumnElement[bool]:
    """The condition under which a person has said, seeing all, what a head of a report is, and not taken it back."""
    said = tables.label.alias("said").c
    is_said = and_(said.feedback_id == tables.feedback.c.id, said.head == head)
    return exists().where(is_said, _stands(said))


def is_doubted() -> ColumnElement[bool]:
    """The condition under which somebody said blind that a label is another one, and nobody has settled it since.

    Blind labels are few, and have an index of their own: they are looked up once for a query, not for each report.
    """
    blind, settling = tables.label.alias("blind").c, tables.label.alias("settling").c
    is_later = and_(settling.feedback_id == blind.feedback_id, settling.head == blind.head, settling.at > blind.at)
    is_settled = exists().where(is_later, _stands(settling))
    doubted = select(blind.feedback_id).where(blind.is_blind.is_(True), blind.basis == CORRECTION, ~is_settled)
    return tables.feedback.c.id.in_(doubted)


def find_doubts(labels: Iterable[RowMapping]) -> dict[str, str]:
    """What was said blind of the heads of one report that differs and that nobody has settled; see `is_doubted`.

    ``labels`` are rows, earliest first.
    """
    doubts: dict[str, str] = {}
    rows = list(labels)
    for number, label in enumerate(rows):
        if label["is_blind"] and label["basis"] == CORRECTION:
            doubts[label["head"]] = label["value"]
        elif not label["is_blind"] and _is_standing(label, rows[number:]):
            doubts.pop(label["head"], None)
    return doubts


def _is_standing(label: RowMapping, later: Iterable[RowMapping]) -> bool:
    place = (label["head"], label["actor"])
    return not any(one["basis"] == RETRACTION and (one["head"], one["actor"]) == place for one in later)


def _stands(said: ReadOnlyColumnCollection[str, ColumnElement[Any]]) -> ColumnElement[bool]:
    """Whether a label was given seeing all, and was not taken back."""
    taken_back = tables.label.alias("taken_back").c
    is_taken_back = exists().where(
        taken_back.feedback_id == said.feedback_id,
        taken_back.head == said.head,
        taken_back.actor == said.actor,
        taken_back.basis == RETRACTION,
        taken_back.at >= said.at,
    )
    return and_(said.basis != RETRACTION, said.is_blind.is_(False), ~is_taken_back)


def is_placed_by_person() -> ColumnElement[bool]:
    """The condition under which a person said where a report lies now: by a label or by moving it."""
    events = tables.event.c
    is_moved = exists().where(events.feedback_id == tables.feedback.c.id, events.type.in_(PLACING))
    return or_(has_label("agency"), is_moved)
