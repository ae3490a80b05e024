"""What an office decides, by region: rule, weights, costs, plan.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table; an office that never decided anything uses what ships."""
    op.create_table(
        "settings",
        sa.Column("change_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("region", "name", "at", "who")),
        sa.Column("value", sa.Text),
    )
    op.create_index("settings_region_name", "settings", ["region", "name", "at"])


def downgrade() -> None:
    """Remove it, with everything that was decided."""
    op.drop_table("settings")
