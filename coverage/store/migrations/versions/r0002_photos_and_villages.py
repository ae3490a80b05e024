"""Photos, records to be checked, and the village that an asset lies in.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ADDED = ("needs_check", "photos")
DERIVED = ("village_code_bps", "village", "subdistrict")


def upgrade() -> None:
    """Add the columns, and fill them from the history where a database has been here before."""
    op.add_column("assets", sa.Column("needs_check", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("assets", sa.Column("photos", sa.Text))
    for name in DERIVED:
        op.add_column("assets", sa.Column(name, sa.Text))
    op.create_index("assets_village", "assets", ["village_code_bps"])
    op.create_index("assets_subdistrict", "assets", ["subdistrict"])
    op.add_column("state", sa.Column("villages", sa.Text))
    photos, check = "json_extract(after, '$.photos')", "coalesce(json_extract(after, '$.needs_check'), 0)"
    if op.get_bind().dialect.name == "postgresql":
        photos = "after::json ->> 'photos'"
        check = "coalesce((after::json ->> 'needs_check')::boolean, false)"
    line = "FROM asset_history h WHERE h.asset_id = assets.asset_id AND h.version = assets.version"
    op.get_bind().exec_driver_sql(
        f"UPDATE assets SET photos = (SELECT {photos} {line}), needs_check = (SELECT {check} {line})"  # noqa: S608
    )


def downgrade() -> None:
    """Remove the columns; what was written of photos stays in the history."""
    op.drop_index("assets_village", "assets")
    op.drop_index("assets_subdistrict", "assets")
    op.drop_column("state", "villages")
    for name in (*DERIVED, *ADDED):
        op.drop_column("assets", name)
