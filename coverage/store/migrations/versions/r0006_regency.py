"""The regency that each asset lies in: one store holds many regions.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column, computed when villages are used next."""
    op.add_column("assets", sa.Column("regency_code", sa.Text))
    op.create_index("assets_regency", "assets", ["regency_code"])
    op.execute("UPDATE state SET villages = NULL")


def downgrade() -> None:
    """Remove it."""
    op.drop_index("assets_regency", "assets")
    op.drop_column("assets", "regency_code")
    op.execute("UPDATE state SET villages = NULL")
