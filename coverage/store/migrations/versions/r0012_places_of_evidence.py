"""Evidence tells the hamlet or point, the operators and the place that it names.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_COLUMNS = {"landmark": sa.Text, "operator": sa.Text, "lon": sa.Double, "lat": sa.Double}


def upgrade() -> None:
    """Add the columns."""
    for name, kind in _COLUMNS.items():
        op.add_column("evidence", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Remove them."""
    for name in _COLUMNS:
        op.drop_column("evidence", name)
