"""Imports of evidence and of figures by village beside those of assets, and mappings of columns.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what lists of villages need; imports there are, are of assets."""
    op.add_column("imports", sa.Column("record", sa.Text, nullable=False, server_default="assets"))
    op.add_column("evidence", sa.Column("import_id", sa.Text))
    op.add_column("evidence", sa.Column("withdrawn_import", sa.Text))
    op.create_table(
        "figures",
        sa.Column("import_id", sa.Text, sa.ForeignKey("imports.import_id"), primary_key=True),
        sa.Column("village_code_bps", sa.Text, primary_key=True),
        sa.Column("figure", sa.Text, primary_key=True),
        sa.Column("value", sa.Double),
    )
    op.create_table(
        "mappings",
        sa.Column("name", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("content", "saved_at", "saved_by")),
    )


def downgrade() -> None:
    """Remove them; evidence stays, without knowing which import brought it."""
    op.drop_table("mappings")
    op.drop_table("figures")
    for name in ("withdrawn_import", "import_id"):
        op.drop_column("evidence", name)
    op.execute("DELETE FROM imports WHERE record <> 'assets'")
    op.drop_column("imports", "record")
