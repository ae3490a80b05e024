"""The inventory with its history, and what is kept beside it.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import UserDefinedType

revision = "0001"
down_revision = None

TABLES = (
    "run_tables",
    "runs",
    "evidence",
    "scenarios",
    "sessions",
    "users",
    "attempts",
    "counters",
    "imports",
    "assets",
    "asset_history",
    "journal",
    "state",
)


class PostgisGeometry(UserDefinedType[bytes]):
    """Any geometry in EPSG:4326."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Its name in SQL."""
        return "geometry(Geometry,4326)"


def is_postgres() -> bool:
    """Whether the step runs on PostgreSQL."""
    return op.get_bind().dialect.name == "postgresql"


def text(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    """Text columns."""
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def upgrade() -> None:
    """Make every table and index."""
    if is_postgres():
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    _make_history()
    _make_assets()
    _make_archive()
    _make_accounts()
    op.bulk_insert(
        sa.table("state", sa.column("id"), sa.column("revision"), sa.column("last_at")),
        [{"id": 1, "revision": 0, "last_at": ""}],
    )


def _make_history() -> None:
    op.create_table(
        "state",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        *text("last_at"),
    )
    op.create_table(
        "journal",
        sa.Column("change_id", sa.Text, primary_key=True),
        *text("at", "who", "action"),
        *text("note", "undoes", nullable=True),
        *text("result"),
    )
    op.create_index("journal_who_at", "journal", ["who", "at"])
    op.create_table(
        "asset_history",
        sa.Column("asset_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        *text("at", "who", "action"),
        *text("before", nullable=True),
        *text("after"),
        *text("note", "import_id", nullable=True),
        *text("change_id", "digest"),
        sa.UniqueConstraint("change_id", "asset_id", name="asset_history_change"),
    )
    op.create_index("asset_history_at", "asset_history", ["at"])
    op.create_index("asset_history_import", "asset_history", ["import_id"])


def _make_assets() -> None:
    numbers = [sa.Column(name, sa.Double) for name in ("height_m", "band_mhz", "reach_m")]
    bounds = [sa.Column(name, sa.Double, nullable=False) for name in ("lon_min", "lat_min", "lon_max", "lat_max")]
    op.create_table(
        "assets",
        sa.Column("asset_id", sa.Text, primary_key=True),
        *text("kind"),
        *text("name", nullable=True),
        *text("status"),
        *text("owner", "operator", nullable=True),
        *numbers,
        sa.Column("on_fiber", sa.Boolean),
        *text("installed_on", "source", "note", nullable=True),
        sa.Column("geometry", PostgisGeometry() if is_postgres() else sa.LargeBinary(), nullable=False),
        *text("village_code_entered", nullable=True),
        sa.Column("struck_out", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        *text("updated_at", "updated_by"),
        *bounds,
        sa.ForeignKeyConstraint(
            ["asset_id", "version"], ["asset_history.asset_id", "asset_history.version"], name="assets_line"
        ),
    )
    op.create_index("assets_kind_status", "assets", ["kind", "status"])
    op.create_index("assets_owner", "assets", ["owner"])
    op.create_index("assets_name", "assets", ["name"])
    op.create_index("assets_updated", "assets", ["updated_at"])
    op.create_index("assets_bounds", "assets", ["lon_min", "lat_min", "lon_max", "lat_max"])
    if is_postgres():
        op.execute("CREATE INDEX assets_geometry ON assets USING gist (geometry)")
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Text, primary_key=True),
        *text("at", "who", "source"),
        *text("note", nullable=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("added", "changed", "unchanged")),
        *text("taken_back_at", "taken_back_by", nullable=True),
    )
    op.create_table(
        "counters", sa.Column("kind", sa.Text, primary_key=True), sa.Column("last", sa.Integer, nullable=False)
    )


def _make_archive() -> None:
    op.create_table(
        "evidence",
        sa.Column("evidence_id", sa.Text, primary_key=True),
        *text("village_code_bps", nullable=True),
        *text("kind", "claimed_state", "match"),
        *text("given_code", "given_village", "given_subdistrict", "source", "date", nullable=True),
        *text("added_at", "added_by"),
        *text("withdrawn_at", "withdrawn_by", nullable=True),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Text, primary_key=True),
        *text("name", "saved_at", "saved_by", "parameters", "about"),
    )
    op.create_table(
        "run_tables",
        sa.Column("run_id", sa.Text, sa.ForeignKey("runs.run_id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "scenarios",
        sa.Column("scenario_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        *text("name"),
        *text("note", nullable=True),
        *text("assets"),
        sa.Column("struck_out", sa.Boolean, nullable=False),
        *text("saved_at", "saved_by"),
    )


def _make_accounts() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.Text, primary_key=True),
        *text("role"),
        *text("password_hash", nullable=True),
        *text("created_at", "created_by"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, sa.ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
        *text("started_at", "seen_at"),
    )
    op.create_index("sessions_name", "sessions", ["name"])
    op.create_table(
        "attempts",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        *text("last_at"),
    )


def downgrade() -> None:
    """Remove everything; the PostGIS extension stays, others may use it."""
    for table in TABLES:
        op.drop_table(table)
