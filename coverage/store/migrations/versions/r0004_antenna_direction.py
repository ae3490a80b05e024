"""Where an antenna points.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; no list before told it."""
    op.add_column("assets", sa.Column("azimuth_deg", sa.Double))


def downgrade() -> None:
    """Remove it; what was written stays in the history."""
    op.drop_column("assets", "azimuth_deg")
