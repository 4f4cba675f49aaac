"""What people said of reports, as conditions of queries: a label given and not taken back, an agency named by a person.

Knows tables only; what a label does is `service.handling.labels`.
"""

from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_

from service import tables

# Who said something takes it back: what stood before stands again, and rests on what it rested on.
RETRACTION: Final = "retraction"
# Events by which a person says where a report belongs, or that it does not belong where it was.
PLACING: Final = ("didisposisi", "dikembalikan")


def has_label(head: str) -> ColumnElement[bool]:
    """The condition under which a person has said what a head of a report is, and not taken it back."""
    said, taken_back = tables.label.alias("said").c, tables.label.alias("taken_back").c
    is_taken_back = exists().where(
        taken_back.feedback_id == said.feedback_id,
        taken_back.head == head,
        taken_back.actor == said.actor,
        taken_back.basis == RETRACTION,
        taken_back.at >= said.at,
    )
    is_said = and_(said.feedback_id == tables.feedback.c.id, said.head == head, said.basis != RETRACTION)
    return exists().where(is_said, ~is_taken_back)


def is_placed_by_person() -> ColumnElement[bool]:
    """The condition under which a person said where a report lies now: by a label or by moving it."""
    events = tables.event.c
    is_moved = exists().where(events.feedback_id == tables.feedback.c.id, events.type.in_(PLACING))
    return or_(has_label("agency"), is_moved)
