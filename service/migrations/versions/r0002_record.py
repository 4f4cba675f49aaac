"""What happens to a report: events, labels, clocks, claims, emergencies, and the ledger of it all.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make what the step before has not, and fill it for the reports that are there."""
    _extend_feedback()
    _extend_prediction()
    _create_chain()
    _create_ledger()
    _create_cursor()
    _create_policy()
    _create_holiday()
    _create_event()
    _create_label()
    _create_clock()
    _create_claim()
    _create_emergency()
    op.execute("UPDATE feedback SET changed_at = stored_at")
    op.execute("UPDATE feedback SET restriction = 'oversight' WHERE kind IS NULL OR kind = 'pengaduan-pengawasan'")


def _extend_feedback() -> None:
    op.add_column(
        "feedback",
        sa.Column(
            "unit",
            sa.String(80),
            comment="the office behind kecamatan-kelurahan-desa: the code of a village or district",
        ),
    )
    op.add_column(
        "feedback", sa.Column("route", sa.String(10), comment="auto, suggest or human: how the agency came about")
    )
    op.add_column(
        "feedback",
        sa.Column("is_at_agency", sa.Boolean, comment="routed alone or disposed of by a person, and not given back"),
    )
    op.add_column("feedback", sa.Column("confidence", sa.Float(53), comment="that the agency is right, as predicted"))
    op.add_column("feedback", sa.Column("alarm", sa.String(10), comment="urgent or watch: a possible emergency"))
    op.add_column(
        "feedback", sa.Column("restriction", sa.String(10), comment="oversight or admin: who alone may see it")
    )
    op.add_column(
        "feedback",
        sa.Column("due_at", _INSTANT, comment="end of the running clock; null without one and while it is paused"),
    )
    op.add_column("feedback", sa.Column("paused_at", _INSTANT, comment="since when the reporter is asked"))
    op.add_column("feedback", sa.Column("changed_at", _INSTANT))
    op.add_column("feedback", sa.Column("published_at", _INSTANT, comment="since when the public edge may show it"))
    op.add_column("feedback", sa.Column("sender_topic", sa.String(80), comment="the topic its sender chose; no label"))
    op.add_column("feedback", sa.Column("erased_at", _INSTANT, comment="when text and reporter were taken out"))
    op.create_index("ix_feedback_reporter_digest", "feedback", ["reporter_digest"])
    op.create_index("ix_feedback_state_due_at", "feedback", ["state", "due_at"])


def _extend_prediction() -> None:
    op.add_column(
        "prediction",
        sa.Column("signature", sa.LargeBinary, comment="of the text, for near-duplicates; null once erased"),
    )


def _create_chain() -> None:
    op.create_table(
        "chain",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, comment="of its last entry"),
        sa.Column("hash", sa.String(64), nullable=False, comment="of its last entry"),
        sa.PrimaryKeyConstraint("id", name="pk_chain"),
    )


def _create_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("chain", sa.String(36), nullable=False),
        sa.Column(
            "number", sa.Integer, autoincrement=False, nullable=False, comment="1 for the first entry of a chain"
        ),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("feedback_id", sa.String(36)),
        sa.Column("actor", sa.String(80), nullable=False, comment="key:…, account:… or system"),
        sa.Column("bundle", sa.String(80)),
        sa.Column("taxonomy", sa.String(80)),
        sa.Column("policy", sa.Integer),
        sa.Column("text_digest", sa.String(64), comment="salted; the text itself is never here"),
        sa.Column("content", sa.Text, nullable=False, comment="JSON: labels, decisions, states; no text"),
        sa.Column("hash", sa.String(64), nullable=False, comment="over this entry and the hash before it"),
        sa.PrimaryKeyConstraint("chain", "number", name="pk_ledger"),
    )
    op.create_index("ix_ledger_at", "ledger", ["at"])
    op.create_index("ix_ledger_feedback_id_at", "ledger", ["feedback_id", "at"])


def _create_cursor() -> None:
    op.create_table(
        "cursor",
        sa.Column("name", sa.String(40), nullable=False, comment="of what is derived from the ledger"),
        sa.Column("chain", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer, nullable=False, comment="of the last entry that was read"),
        sa.PrimaryKeyConstraint("name", "chain", name="pk_cursor"),
    )


def _create_policy() -> None:
    op.create_table(
        "policy",
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column(
            "content", sa.Text, nullable=False, comment="JSON: days of each clock, advice, what a person confirmed"
        ),
        sa.PrimaryKeyConstraint("version", name="pk_policy"),
    )


def _create_holiday() -> None:
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("source", sa.String(40), nullable=False, comment="the library, or who entered it"),
        sa.Column("is_off", sa.Integer, nullable=False, comment="0: the city works, whatever the library says"),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_holiday"),
    )


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("feedback_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer, nullable=False, comment="1 for the first event of a report"),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("at", _INSTANT, nullable=False, comment="when it happened, as the sender says"),
        sa.Column("stored_at", _INSTANT, nullable=False),
        sa.Column("actor", sa.String(80), nullable=False, comment="key:… or account:…"),
        sa.Column("agency", sa.String(80)),
        sa.Column("unit", sa.String(80)),
        sa.Column("note", sa.Text, comment="masked"),
        sa.Column("public_reply", sa.Text, comment="masked"),
        sa.Column("state", sa.String(40), nullable=False, comment="of the report after it"),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name="fk_event_feedback_id"),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
    )
    op.create_index("ix_event_feedback_id_number", "event", ["feedback_id", "number"], unique=True)


def _create_label() -> None:
    op.create_table(
        "label",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("feedback_id", sa.String(36), nullable=False),
        sa.Column("head", sa.String(20), nullable=False),
        sa.Column("value", sa.String(80), nullable=False, comment="empty where no label fits, as for aspect"),
        sa.Column("previous", sa.String(80), comment="what stood there before"),
        sa.Column("basis", sa.String(20), nullable=False, comment="correction or confirmation"),
        sa.Column("is_blind", sa.Boolean, nullable=False, comment="the suggestion was hidden"),
        sa.Column("reason", sa.Text, comment="masked"),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name="fk_label_feedback_id"),
        sa.PrimaryKeyConstraint("id", name="pk_label"),
    )
    op.create_index("ix_label_at", "label", ["at"])
    op.create_index("ix_label_feedback_id_head_at", "label", ["feedback_id", "head", "at"])


def _create_clock() -> None:
    op.create_table(
        "clock",
        sa.Column("feedback_id", sa.String(36), nullable=False),
        sa.Column("revision", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False, comment="verification or handling"),
        sa.Column("kind", sa.String(80), comment="the kind that set the days"),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, comment="null where the kind has no deadline"),
        sa.Column(
            "content", sa.Text, nullable=False, comment="JSON of the derivation: days, holidays passed over, pauses"
        ),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("cause", sa.String(40), nullable=False, comment="why the revision before did not stand"),
        sa.Column("policy", sa.Integer, nullable=False, comment="version of the policy it follows"),
        sa.Column("calendar", sa.String(60), nullable=False, comment="version of the days off it follows"),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name="fk_clock_feedback_id"),
        sa.PrimaryKeyConstraint("feedback_id", "revision", name="pk_clock"),
    )


def _create_claim() -> None:
    op.create_table(
        "claim",
        sa.Column("feedback_id", sa.String(36), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("claimed_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name="fk_claim_feedback_id"),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_claim"),
    )
    op.create_index("ix_claim_actor", "claim", ["actor"])


def _create_emergency() -> None:
    op.create_table(
        "emergency",
        sa.Column("feedback_id", sa.String(36), nullable=False),
        sa.Column("raised_at", _INSTANT, nullable=False),
        sa.Column("acknowledged_at", _INSTANT),
        sa.Column("acknowledged_by", sa.String(80)),
        sa.Column("escalated_at", _INSTANT, comment="when nobody had acknowledged it in time"),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name="fk_emergency_feedback_id"),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_emergency"),
    )
    op.create_index("ix_emergency_acknowledged_at_raised_at", "emergency", ["acknowledged_at", "raised_at"])
