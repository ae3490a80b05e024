"""Since when an account is locked.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column: no account is locked."""
    op.add_column("users", sa.Column("locked_at", sa.Text))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("users", "locked_at")
