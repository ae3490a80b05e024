"""Reports from the field, and their photos.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def upgrade() -> None:
    """Add the tables, empty."""
    op.create_table(
        "field_reports",
        sa.Column("report_id", sa.Text, primary_key=True),
        *_texts("region", "made_at", "received_at", "sent_by", "digest", "signals", "photos"),
        *_texts("village_code_bps", "hamlet", "device", "note", "withdrawn_at", "withdrawn_by", nullable=True),
        *(sa.Column(name, sa.Double) for name in ("lon", "lat", "accuracy_m")),
        sa.Column("fixes", sa.Integer, nullable=False),
    )
    op.create_index("field_reports_region", "field_reports", ["region", "received_at"])
    op.create_table(
        "field_photos",
        sa.Column("photo_id", sa.Text, primary_key=True),
        sa.Column("report_id", sa.Text, sa.ForeignKey("field_reports.report_id"), nullable=False),
        *_texts("sha256", "original_sha256", "received_at"),
        sa.Column("taken_at", sa.Text),
        *(sa.Column(name, sa.Double) for name in ("lon", "lat")),
    )
    op.create_index("field_photos_report", "field_photos", ["report_id"])


def downgrade() -> None:
    """Remove them, with every report."""
    op.drop_table("field_photos")
    op.drop_table("field_reports")
