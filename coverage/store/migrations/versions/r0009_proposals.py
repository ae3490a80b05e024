"""The register of proposals.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the table: nothing is proposed."""
    op.create_table(
        "proposals",
        sa.Column("proposal_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("region", "at", "who", "action", "after")),
        sa.Column("note", sa.Text),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("change_id", "digest")),
        sa.UniqueConstraint("change_id", "proposal_id", name="proposals_change"),
    )
    op.create_index("proposals_region", "proposals", ["region"])


def downgrade() -> None:
    """Remove it, with everything that was proposed."""
    op.drop_table("proposals")
