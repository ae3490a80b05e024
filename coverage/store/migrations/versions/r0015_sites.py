"""Code of the site that sectors and services share.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column; no list before told it."""
    op.add_column("assets", sa.Column("site_id", sa.Text))


def downgrade() -> None:
    """Remove it; what was written stays in the history."""
    op.drop_column("assets", "site_id")
