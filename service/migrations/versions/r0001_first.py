"""The first store: feedback, its prediction, the identities it was sent under, keys.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make all tables."""
    _create_feedback()
    op.create_table(
        "prediction",
        sa.Column("feedback_id", sa.String(36), sa.ForeignKey("feedback.id", name="fk_prediction_feedback_id")),
        sa.Column("bundle", sa.String(80), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("content", sa.Text, nullable=False, comment="JSON of the prediction without its text"),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_prediction"),
    )
    op.create_table(
        "identity",
        sa.Column("name", sa.String(80), nullable=False, comment="digest of an external_id or an Idempotency-Key"),
        sa.Column(
            "feedback_id",
            sa.String(36),
            sa.ForeignKey("feedback.id", name="fk_identity_feedback_id"),
            nullable=False,
        ),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_identity"),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scopes", sa.String(200), nullable=False, comment="separated by spaces"),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("digest", name="uq_api_key_digest"),
    )
    op.create_table(
        "pulse",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False, comment="always 1"),
        sa.Column("beaten_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pulse"),
    )


def _create_feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("external_id", sa.String(200)),
        sa.Column("key_id", sa.String(36), nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("stored_at", _INSTANT, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(40)),
        sa.Column("district", sa.Text, comment="masked, which may make it longer than what was sent"),
        sa.Column("village", sa.Text, comment="masked, which may make it longer than what was sent"),
        sa.Column("lat", sa.Float(53)),
        sa.Column("lon", sa.Float(53)),
        sa.Column("address", sa.Text),
        sa.Column("rating", sa.Integer),
        sa.Column("about", sa.String(80)),
        sa.Column("attachments", sa.Text, nullable=False, comment="JSON list of addresses"),
        sa.Column("source_url", sa.Text),
        sa.Column("reporter_digest", sa.String(64)),
        sa.Column("title", sa.Text, comment="masked"),
        sa.Column("text", sa.Text, nullable=False, comment="masked, led by the title"),
        *(sa.Column(head, sa.String(80)) for head in ("kind", "agency", "topic", "urgency", "aspect")),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
    )
    for columns in (
        ["received_at", "id"],
        ["agency", "received_at", "id"],
        ["topic", "received_at", "id"],
        ["external_id"],
    ):
        op.create_index(f"ix_feedback_{'_'.join(columns)}", "feedback", columns)
