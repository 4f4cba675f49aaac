"""Indexes for lists that would scan: the review queue, and listings by kind, urgency, state, alarm, unit and key.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BY = ("kind", "urgency", "state", "key_id")
_BY_WHERE_THERE_IS_ONE = ("alarm", "unit", "restriction")
_QUEUE = (
    "alarm",
    "due_at",
    "urgency",
    "confidence",
    "received_at",
    "id",
    "state",
    "route",
    "restriction",
    "agency",
    "is_at_agency",
    "erased_at",
)
_UNDISPOSED = "state IN ('baru', 'dikembalikan', 'diverifikasi') AND erased_at IS NULL"


def upgrade() -> None:
    """Make what the step before has not; with a million reports it takes some seconds for each index."""
    for name in _BY:
        op.create_index(f"ix_feedback_{name}_received_at_id", "feedback", [name, "received_at", "id"])
    for name in _BY_WHERE_THERE_IS_ONE:
        _create_partial(f"ix_feedback_{name}_received_at_id", (name, "received_at", "id"), f"{name} IS NOT NULL")
    _create_partial("ix_feedback_queue", _QUEUE, _UNDISPOSED)


def _create_partial(name: str, columns: tuple[str, ...], where: str) -> None:
    op.create_index(name, "feedback", list(columns), sqlite_where=sa.text(where), postgresql_where=sa.text(where))
