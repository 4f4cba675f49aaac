"""Cases, stints and the cells that figures are summed from; marks; what the audit drew.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make what the step before has not."""
    _create_feedback_case()
    _create_stint()
    _create_cell_series()
    _create_cell_count()
    _create_cell_mix()
    _create_cell_length()
    _create_cell_open()
    _create_cell_aspect()
    _create_cell_bundle()
    _create_mark()
    _create_audit_draw()


def _create_feedback_case() -> None:
    op.create_table(
        "feedback_case",
        sa.Column("feedback_id", sa.String(36), nullable=False),
        sa.Column("day", sa.Date, nullable=False, comment="received, in local time"),
        sa.Column(
            "seen_day",
            sa.Date,
            nullable=False,
            comment="later than day where the store knows nothing of the time before",
        ),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("agency", sa.String(80), nullable=False),
        sa.Column("topic", sa.String(80), nullable=False),
        sa.Column("urgency", sa.String(80), nullable=False),
        sa.Column("aspect", sa.String(80), nullable=False),
        sa.Column("about", sa.String(80), nullable=False),
        sa.Column(
            "district", sa.String(80), nullable=False, comment="code of a known one, else as it was sent, folded"
        ),
        sa.Column("topic_basis", sa.String(10), nullable=False, comment="person, auto or suggest"),
        sa.Column("agency_basis", sa.String(10), nullable=False, comment="person, auto or suggest"),
        sa.Column("bundle", sa.String(80), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("rating", sa.Integer),
        sa.Column("restriction", sa.String(10), nullable=False, comment="empty, oversight or admin"),
        *_list_ends(),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name="fk_feedback_case_feedback_id"),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_feedback_case"),
    )
    op.create_index("ix_feedback_case_day", "feedback_case", ["day"])


def _list_ends() -> list[sa.Column[object]]:
    return [
        sa.Column(
            "outcome",
            sa.String(12),
            nullable=False,
            comment="open, answered, rejected, transferred, archived or erased",
        ),
        sa.Column("is_waiting", sa.Boolean, nullable=False, comment="in the review queue"),
        sa.Column("answered_day", sa.Date, comment="of the answer that lasted"),
        sa.Column("ended_day", sa.Date, comment="null while open"),
        sa.Column("last_day", sa.Date, nullable=False, comment="of the last thing that happened"),
        sa.Column("n_returns", sa.Integer, nullable=False),
        sa.Column("is_misrouted", sa.Boolean, nullable=False),
        sa.Column("is_reopened", sa.Boolean, nullable=False),
        sa.Column("kept_deadline", sa.Boolean, comment="null while it runs and without one"),
        sa.Column("due_day", sa.Date, comment="of the clock that ran last; null without a deadline"),
        sa.Column("is_due", sa.Boolean, nullable=False, comment="the clock runs"),
        sa.Column("verification_days", sa.Integer, nullable=False, comment="working days, as all parts"),
        sa.Column("misrouted_days", sa.Integer, nullable=False),
        sa.Column("reporter_days", sa.Integer, nullable=False),
        sa.Column("handling_days", sa.Integer, nullable=False),
        sa.Column("answer_days", sa.Integer, comment="from the receipt to the end; null while open"),
    ]


def _create_stint() -> None:
    op.create_table(
        "stint",
        sa.Column("feedback_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False, comment="1 for the first of a report"),
        sa.Column("agency", sa.String(80), nullable=False),
        sa.Column("started_day", sa.Date, nullable=False),
        sa.Column("ended_day", sa.Date, comment="null while open"),
        sa.Column(
            "end",
            sa.String(12),
            nullable=False,
            comment="open, answered, transferred, returned, rejected, archived, erased",
        ),
        sa.Column(
            "days", sa.Integer, nullable=False, comment="working days of its own part, up to the last event while open"
        ),
        sa.Column("runs_from", sa.Date, comment="since when an open one counts; null while the reporter is asked"),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("topic", sa.String(80), nullable=False),
        sa.Column("urgency", sa.String(80), nullable=False),
        sa.Column("restriction", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name="fk_stint_feedback_id"),
        sa.PrimaryKeyConstraint("feedback_id", "number", name="pk_stint"),
    )


def _create_cell_series() -> None:
    op.create_table(
        "cell_series",
        sa.Column("scope", sa.String(10), nullable=False, comment="all, agency or district"),
        sa.Column("key", sa.String(80), nullable=False, comment="the agency or district"),
        sa.Column("grain", sa.String(5), nullable=False, comment="day, week or month"),
        sa.Column("topic", sa.String(80), nullable=False),
        sa.Column("day", sa.Date, nullable=False, comment="first day of the period"),
        sa.Column("basis", sa.String(10), nullable=False, comment="what the topic rests on"),
        sa.Column("bundle", sa.String(80), nullable=False),
        sa.Column("restriction", sa.String(10), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint(
            "scope", "key", "grain", "topic", "day", "basis", "bundle", "restriction", name="pk_cell_series"
        ),
        sqlite_with_rowid=False,
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
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("n_open", sa.Integer, nullable=False),
        sa.Column("n_answered", sa.Integer, nullable=False),
        sa.Column("n_rejected", sa.Integer, nullable=False),
        sa.Column("n_archived", sa.Integer, nullable=False),
        sa.Column("n_erased", sa.Integer, nullable=False),
        sa.Column("n_judged", sa.Integer, nullable=False, comment="ended, with a deadline"),
        sa.Column("n_kept", sa.Integer, nullable=False),
        sa.Column("n_misrouted", sa.Integer, nullable=False),
        sa.Column("n_reopened", sa.Integer, nullable=False),
        sa.Column("n_rated", sa.Integer, nullable=False),
        sa.Column("n_satisfied", sa.Integer, nullable=False, comment="rated 4 or 5"),
        sa.PrimaryKeyConstraint("scope", "grain", "day", "key", "kind", "restriction", name="pk_cell_count"),
        sqlite_with_rowid=False,
    )


def _create_cell_mix() -> None:
    op.create_table(
        "cell_mix",
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("topic", sa.String(80), nullable=False),
        sa.Column("urgency", sa.String(80), nullable=False),
        sa.Column("agency", sa.String(80), nullable=False),
        sa.Column("restriction", sa.String(10), nullable=False),
        sa.Column("n", sa.Integer, nullable=False, comment="stints with an end"),
        sa.Column("n_given_back", sa.Integer, nullable=False, comment="of these, given back or passed on unworked"),
        sa.Column("n_judged", sa.Integer, nullable=False, comment="cases that ended, with a deadline"),
        sa.Column("n_kept", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("month", "kind", "topic", "urgency", "agency", "restriction", name="pk_cell_mix"),
        sqlite_with_rowid=False,
    )


def _create_cell_length() -> None:
    op.create_table(
        "cell_length",
        sa.Column("scope", sa.String(10), nullable=False, comment="all, agency, topic or district"),
        sa.Column(
            "part", sa.String(12), nullable=False, comment="stint, answer, verification, misrouted, reporter, handling"
        ),
        sa.Column("kind", sa.String(80), nullable=False, comment="empty for all together"),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("key", sa.String(80), nullable=False, comment="the agency, topic or district"),
        sa.Column("end", sa.String(12), nullable=False),
        sa.Column("days", sa.Integer, autoincrement=False, nullable=False, comment="working days; rounded where many"),
        sa.Column("restriction", sa.String(10), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint(
            "scope", "part", "kind", "month", "key", "end", "days", "restriction", name="pk_cell_length"
        ),
        sqlite_with_rowid=False,
    )


def _create_cell_open() -> None:
    op.create_table(
        "cell_open",
        sa.Column("what", sa.String(10), nullable=False, comment="due, stint, waiting, topic, district or all"),
        sa.Column("month", sa.Date, nullable=False, comment="when the case or stint began"),
        sa.Column("day", sa.Date, nullable=False, comment="the deadline, or since when"),
        sa.Column("key", sa.String(80), nullable=False, comment="the agency, topic or district"),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("topic", sa.String(80), nullable=False, comment="of deadlines alone"),
        sa.Column("urgency", sa.String(80), nullable=False, comment="of deadlines alone"),
        sa.Column("restriction", sa.String(10), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint(
            "what", "month", "day", "key", "kind", "topic", "urgency", "restriction", name="pk_cell_open"
        ),
        sqlite_with_rowid=False,
    )


def _create_cell_aspect() -> None:
    op.create_table(
        "cell_aspect",
        sa.Column("scope", sa.String(10), nullable=False, comment="about or agency"),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("key", sa.String(80), nullable=False, comment="the unit complained of, or the agency"),
        sa.Column("aspect", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("restriction", sa.String(10), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("scope", "month", "key", "aspect", "kind", "restriction", name="pk_cell_aspect"),
        sqlite_with_rowid=False,
    )


def _create_cell_bundle() -> None:
    op.create_table(
        "cell_bundle",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("bundle", sa.String(80), nullable=False),
        sa.Column("restriction", sa.String(10), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("day", "bundle", "restriction", name="pk_cell_bundle"),
        sqlite_with_rowid=False,
    )


def _create_mark() -> None:
    op.create_table(
        "mark",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("until", sa.Date, comment="where it ended"),
        sa.Column("title", sa.Text, nullable=False, comment="masked"),
        sa.Column("type", sa.String(20), nullable=False, comment="kebijakan, kejadian or reorganisasi"),
        sa.Column("agency", sa.String(80), comment="which it touched; null for all"),
        sa.Column("topic", sa.String(80), comment="which it touched; null for all"),
        sa.Column("control_agency", sa.String(80), comment="which it did not touch"),
        sa.Column("control_topic", sa.String(80), comment="which it did not touch"),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mark"),
    )
    op.create_index("ix_mark_day", "mark", ["day"])


def _create_audit_draw() -> None:
    op.create_table(
        "audit_draw",
        sa.Column("feedback_id", sa.String(36), nullable=False),
        sa.Column("head", sa.String(20), nullable=False),
        sa.Column("quarter", sa.String(7), nullable=False, comment="as 2026-Q1"),
        sa.Column("stratum", sa.String(40), nullable=False),
        sa.Column("probability", sa.Float(53), nullable=False, comment="with which it was drawn"),
        sa.Column("drawn_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name="fk_audit_draw_feedback_id"),
        sa.PrimaryKeyConstraint("feedback_id", "head", name="pk_audit_draw"),
    )
    op.create_index("ix_audit_draw_head_quarter", "audit_draw", ["head", "quarter"])
