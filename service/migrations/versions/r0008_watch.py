"""The cells that signs of drift are told from.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what the step before has not; the service fills it from the ledger."""
    op.create_table(
        "cell_watch",
        sa.Column("week", sa.Date, nullable=False, comment="the Monday of the receipt, in local time"),
        sa.Column("head", sa.String(20), nullable=False),
        sa.Column("bundle", sa.String(80), nullable=False),
        sa.Column("label", sa.String(80), nullable=False, comment="as predicted"),
        sa.Column("is_auto", sa.Boolean, nullable=False, comment="decided alone"),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("confidence", sa.BigInteger, nullable=False, comment="sum, in ten-thousandths"),
        sa.Column("confidence_squares", sa.BigInteger, nullable=False),
        sa.Column("n_read", sa.Integer, nullable=False, comment="whose unknown words were counted"),
        sa.Column("unknown", sa.BigInteger, nullable=False, comment="sum of shares of words, in ten-thousandths"),
        sa.Column("unknown_squares", sa.BigInteger, nullable=False),
        sa.Column("n_labelled", sa.Integer, nullable=False, comment="of which people said what they are"),
        sa.Column("n_contradicted", sa.Integer, nullable=False, comment="and said something else"),
        sa.PrimaryKeyConstraint("week", "head", "bundle", "label", "is_auto", name="pk_cell_watch"),
        sqlite_with_rowid=False,
    )
