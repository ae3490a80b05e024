"""Tilt, power, technology and antenna pattern of sectors and services.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
_COLUMNS = {"tilt_deg": sa.Double, "eirp_dbm": sa.Double, "technology": sa.Text, "antenna": sa.Text}


def upgrade() -> None:
    """Add the columns; no list before told them."""
    for name, kind in _COLUMNS.items():
        op.add_column("assets", sa.Column(name, kind))


def downgrade() -> None:
    """Remove them; what was written stays in the history."""
    for name in _COLUMNS:
        op.drop_column("assets", name)
