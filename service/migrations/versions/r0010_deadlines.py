"""What cases say of deadlines and reopenings; figures are derived anew from the ledger.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_EMPTIED = (
    *("stint", "feedback_case", "cell_series", "cell_stratum", "sheet_mix", "sheet_length"),
    *("cell_open", "cell_aspect", "cell_urgency", "cell_bundle"),
)
# What a process that derives cases holds.
_LOCK = 0x70696C61 << 16 | sum(b"cases")


def upgrade() -> None:
    """Empty what was derived of cases, change its tables, and let the service fill them from the ledger."""
    is_postgres = op.get_bind().dialect.name == "postgresql"
    if is_postgres:
        op.execute("SET LOCAL lock_timeout = 0")
        op.execute("SET LOCAL statement_timeout = 0")
        op.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
    for name in _EMPTIED:
        op.execute(f"TRUNCATE {name}" if is_postgres else f"DELETE FROM {name}")  # noqa: S608  # names of ours
    op.execute("DELETE FROM cursor WHERE name = 'cases'")
    _change_feedback_case()
    _change_stint()
    op.drop_table("cell_count")
    _create_cell_count()
    _create_cell_kept()
    if is_postgres:
        op.alter_column(
            "cell_open", "what", comment="due, clock, owed, owed_there, stint, waiting, topic, district or all"
        )


def _change_feedback_case() -> None:
    with op.batch_alter_table("feedback_case") as batch:
        batch.drop_column("is_due")
        batch.add_column(sa.Column("was_answered", sa.Boolean, nullable=False, comment="ever"))
        batch.add_column(
            sa.Column("clock", sa.String(12), nullable=False, comment="that runs now: verification, handling or empty")
        )
        batch.add_column(sa.Column("runs_to", sa.Date, comment="the end of that clock"))
        batch.alter_column(
            "is_reopened",
            existing_type=sa.Boolean(),
            existing_nullable=False,
            comment="after an answer that did not last",
        )
        batch.alter_column(
            "kept_deadline",
            existing_type=sa.Boolean(),
            existing_nullable=True,
            comment="null while open, without one, and ended otherwise before it",
        )
        batch.alter_column(
            "due_day",
            existing_type=sa.Date(),
            existing_nullable=True,
            comment="of the answer; null without a deadline",
        )


def _change_stint() -> None:
    with op.batch_alter_table("stint") as batch:
        batch.add_column(
            sa.Column("is_misrouted", sa.Boolean, nullable=False, comment="given back or passed on unworked")
        )


def _create_cell_count() -> None:
    op.create_table(
        "cell_count",
        sa.Column("scope", sa.String(10), nullable=False, comment="all, agency, topic or district"),
        sa.Column("grain", sa.String(5), nullable=False, comment="week or month"),
        sa.Column("day", sa.Date, nullable=False, comment="first day of the period"),
        sa.Column("key", sa.String(80), nullable=False, comment="the agency, topic or district"),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("restriction", sa.String(10), nullable=False),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("n", "n_open", "n_answered", "n_rejected", "n_archived", "n_erased")
        ),
        sa.Column("n_judged", sa.Integer, nullable=False, comment="ended, with a deadline"),
        sa.Column("n_kept", sa.Integer, nullable=False),
        sa.Column("n_misrouted", sa.Integer, nullable=False),
        sa.Column("n_ever_answered", sa.Integer, nullable=False, comment="whether or not the answer lasted"),
        sa.Column("n_reopened", sa.Integer, nullable=False, comment="of these, after an answer that did not last"),
        sa.Column("n_rated", sa.Integer, nullable=False),
        sa.Column("n_satisfied", sa.Integer, nullable=False, comment="rated 4 or 5"),
        sa.PrimaryKeyConstraint("scope", "grain", "day", "key", "kind", "restriction", name="pk_cell_count"),
        sqlite_with_rowid=False,
    )


def _create_cell_kept() -> None:
    op.create_table(
        "cell_kept",
        sa.Column("day", sa.Date, nullable=False, comment="the deadline"),
        sa.Column("scope", sa.String(10), nullable=False, comment="agency or district"),
        sa.Column("key", sa.String(80), nullable=False, comment="the agency, empty for triage, or the district"),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("topic", sa.String(80), nullable=False, comment="of agencies alone"),
        sa.Column("urgency", sa.String(80), nullable=False, comment="of agencies alone"),
        sa.Column("restriction", sa.String(10), nullable=False),
        sa.Column("n", sa.Integer, nullable=False, comment="deadlines that were kept"),
        sa.PrimaryKeyConstraint("day", "scope", "key", "kind", "topic", "urgency", "restriction", name="pk_cell_kept"),
        sqlite_with_rowid=False,
    )
