"""A cell of urgencies by day, summed from the cases that are there.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OF_CASES = "SELECT {place}, day, kind, urgency, restriction, count(*) FROM feedback_case"
_ALIKE = "GROUP BY day, kind, urgency, restriction"


def upgrade() -> None:
    """Make what the step before has not; of a million reports it takes some seconds."""
    op.create_table(
        "cell_urgency",
        sa.Column("scope", sa.String(10), nullable=False, comment="all or agency"),
        sa.Column("key", sa.String(80), nullable=False, comment="the agency"),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("urgency", sa.String(80), nullable=False),
        sa.Column("restriction", sa.String(10), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", "day", "kind", "urgency", "restriction", name="pk_cell_urgency"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL statement_timeout = 0")
    of_all, of_agencies = _OF_CASES.format(place="'all', ''"), _OF_CASES.format(place="'agency', agency")
    op.execute(f"INSERT INTO cell_urgency {of_all} {_ALIKE}")
    is_there = "WHERE agency <> '' AND agency_basis IN ('person', 'auto')"
    op.execute(f"INSERT INTO cell_urgency {of_agencies} {is_there} {_ALIKE}, agency")
