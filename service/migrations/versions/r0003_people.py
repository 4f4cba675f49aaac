"""Accounts of people beside keys of programs, messages to others, groups of near-duplicates.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make what the step before has not."""
    _extend_api_key()
    _create_account()
    _create_login_failure()
    _create_session()
    _create_webhook()
    _create_message()
    _create_delivery()
    _create_incident()
    _create_incident_member()
    _create_likeness()


def _extend_api_key() -> None:
    op.add_column("api_key", sa.Column("agency", sa.String(80), comment="whose reports alone it reads and moves"))
    op.add_column("api_key", sa.Column("rate", sa.Integer, comment="calls a minute; null for the setting"))
    op.add_column("api_key", sa.Column("created_by", sa.String(80)))
    op.add_column("api_key", sa.Column("expires_at", _INSTANT))
    op.add_column("api_key", sa.Column("last_used_at", _INSTANT))


def _create_account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("login", sa.String(80), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password", sa.String(200), nullable=False, comment="argon2 hash"),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("agency", sa.String(80), comment="of a liaison"),
        sa.Column("scopes", sa.String(200), nullable=False, comment="beyond those of the role, such as oversight"),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(80)),
        sa.Column("disabled_at", _INSTANT),
        sa.Column("last_login_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("login", name="uq_account_login"),
    )


def _create_login_failure() -> None:
    op.create_table(
        "login_failure",
        sa.Column("digest", sa.String(64), nullable=False, comment="of a login, whether or not somebody has it"),
        sa.Column("n_failed", sa.Integer, nullable=False),
        sa.Column("failed_at", _INSTANT, nullable=False),
        sa.Column("locked_until", _INSTANT),
        sa.PrimaryKeyConstraint("digest", name="pk_login_failure"),
    )
    op.create_index("ix_login_failure_failed_at", "login_failure", ["failed_at"])


def _create_session() -> None:
    op.create_table(
        "session",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_session_account_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_session"),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"])


def _create_webhook() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("events", sa.String(200), nullable=False, comment="separated by spaces"),
        sa.Column("agency", sa.String(80), comment="whose reports alone it hears of"),
        sa.Column(
            "scopes", sa.String(40), nullable=False, comment="oversight, admin: which restricted reports it hears of"
        ),
        sa.Column("secrets", sa.Text, nullable=False, comment="JSON list of salts; each signs until it expires"),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("disabled_at", _INSTANT),
        sa.Column("disabled_why", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )


def _create_message() -> None:
    op.create_table(
        "message",
        sa.Column(
            "id", sa.String(80), nullable=False, comment="from chain and number, so that a replay gives the same"
        ),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("feedback_id", sa.String(36), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("content", sa.Text, nullable=False, comment="JSON: what it tells beside where the report stands"),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name="fk_message_feedback_id"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
    )
    op.create_index("ix_message_feedback_id", "message", ["feedback_id"])


def _create_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("message_id", sa.String(80), nullable=False),
        sa.Column("target", sa.String(80), nullable=False, comment="a webhook's id, or mail"),
        sa.Column("state", sa.String(10), nullable=False, comment="waiting, sent, dead or withdrawn"),
        sa.Column("n_tries", sa.Integer, nullable=False),
        sa.Column("next_at", _INSTANT),
        sa.Column("sent_at", _INSTANT),
        sa.Column("status", sa.Integer, comment="HTTP status of the last try"),
        sa.Column("fault", sa.String(200), comment="of the last try"),
        sa.PrimaryKeyConstraint("message_id", "target", name="pk_delivery"),
    )
    op.create_index("ix_delivery_state_next_at", "delivery", ["state", "next_at"])
    op.create_index("ix_delivery_target_state", "delivery", ["target", "state"])


def _create_incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.String(36), nullable=False, comment="that of its first report"),
        sa.Column("topic", sa.String(80)),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("last_at", _INSTANT, nullable=False),
        sa.Column("n_reports", sa.Integer, nullable=False),
        sa.Column("n_reporters", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index("ix_incident_last_at", "incident", ["last_at"])


def _create_incident_member() -> None:
    op.create_table(
        "incident_member",
        sa.Column("feedback_id", sa.String(36), nullable=False),
        sa.Column("incident_id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name="fk_incident_member_feedback_id"),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name="fk_incident_member_incident_id"),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_incident_member"),
    )
    op.create_index("ix_incident_member_incident_id", "incident_member", ["incident_id"])


def _create_likeness() -> None:
    op.create_table(
        "likeness",
        sa.Column(
            "key",
            sa.BigInteger,
            autoincrement=False,
            nullable=False,
            comment="of wording or of topic and place, and of a stretch of time; shared by what is alike",
        ),
        sa.Column("feedback_id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name="fk_likeness_feedback_id"),
        sa.PrimaryKeyConstraint("key", "feedback_id", name="pk_likeness"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_likeness_feedback_id", "likeness", ["feedback_id"])
