"""Looks for new words, the topics they proposed, the reports behind these.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what the step before has not."""
    op.create_table(
        "vocabulary_look",
        sa.Column("day", sa.Date, nullable=False, comment="of the look, in local time"),
        sa.Column("n_recent", sa.Integer, nullable=False, comment="reports read of the last weeks"),
        sa.Column("n_before", sa.Integer, nullable=False, comment="reports read of the time before"),
        sa.PrimaryKeyConstraint("day", name="pk_vocabulary_look"),
    )
    op.create_table(
        "proposed_topic",
        sa.Column("id", sa.String(20), nullable=False, comment="lasts while enough of its words do"),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False, comment="of the latest look that found it"),
        sa.Column(
            "words", sa.Text, nullable=False, comment="JSON: words of three reporters or more, each with its reports"
        ),
        sa.Column("n_reports", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_proposed_topic"),
    )
    op.create_index("ix_proposed_topic_last_day", "proposed_topic", ["last_day"])
    op.create_table(
        "proposed_topic_report",
        sa.Column("proposed_topic_id", sa.String(20), nullable=False),
        sa.Column("feedback_id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposed_topic_id"], ["proposed_topic.id"], name="fk_proposed_topic_report_proposed_topic_id"
        ),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name="fk_proposed_topic_report_feedback_id"),
        sa.PrimaryKeyConstraint("proposed_topic_id", "feedback_id", name="pk_proposed_topic_report"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_proposed_topic_report_feedback_id", "proposed_topic_report", ["feedback_id"])
