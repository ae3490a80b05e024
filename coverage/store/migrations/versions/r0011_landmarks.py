"""Hamlets, public-service points and busy places.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "landmarks",
        sa.Column("import_id", sa.Text, sa.ForeignKey("imports.import_id"), primary_key=True),
        sa.Column("landmark_id", sa.Text, primary_key=True),
        sa.Column("village_code_bps", sa.Text, nullable=False),
        sa.Column("content", sa.Text),
    )


def downgrade() -> None:
    """Remove it, and what tells of its imports."""
    op.drop_table("landmarks")
    op.execute("DELETE FROM imports WHERE record = 'landmarks'")
