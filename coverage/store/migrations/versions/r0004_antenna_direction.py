"""Where an antenna points.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from coverage.store.migrations.dialects import drop_guards, drop_layers, make_guards, make_layers
from coverage.store.migrations.versions import r0001_inventory as first
from coverage.store.migrations.versions import r0002_photos_and_villages as before

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; no list before told it."""
    drop_layers()
    drop_guards()
    op.add_column("assets", sa.Column("azimuth_deg", sa.Double))
    make_guards((*first.GUARDED, *before.GUARDED, "azimuth_deg"))
    make_layers((*first.SHOWN, "photos", *before.DERIVED, "azimuth_deg"))


def downgrade() -> None:
    """Remove it; what was written stays in the history."""
    drop_layers()
    drop_guards()
    op.drop_column("assets", "azimuth_deg")
    make_guards((*first.GUARDED, *before.GUARDED))
    make_layers((*first.SHOWN, "photos", *before.DERIVED))
