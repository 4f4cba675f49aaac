"""An index of blind labels, which are few and which the review queue asks for.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index them by report and head."""
    op.create_index(
        "ix_label_blind",
        "label",
        ["feedback_id", "head", "at"],
        sqlite_where=sa.text("is_blind IS 1"),
        postgresql_where=sa.text("is_blind IS true"),
    )
