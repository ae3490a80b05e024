"""The tables of the store, the same in SQLite and in PostgreSQL with PostGIS.

``assets`` holds the present, ``asset_history`` every state there ever was, ``journal`` one line for each
thing anybody did, ``proposals`` every state of each proposal. All but the first only grow: triggers in the database
refuse to change or delete a line.
Geometry is WKB in SQLite and a real ``geometry(Geometry,4326)`` column in PostGIS; four bounding columns
serve the searches of both.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator, UserDefinedType

from coverage.base.schema import ASSETS, EVIDENCE, Column

EXTRA = (
    Column("village_code_entered", "text", "village as entered, where it was: BPS code", nullable=True),
    Column("needs_check", "boolean", "whether somebody should look at the record"),
    Column("photos", "text", "links to photos, one a line", nullable=True),
)
"""Columns of the inventory beside :data:`coverage.base.schema.ASSETS`."""
FIELDS = (*(c for c in ASSETS.columns if c.name != "asset_id"), *EXTRA)
"""What a person can change of an asset, in the order of the table."""
DERIVED = ("village_code_bps", "village", "subdistrict", "regency_code")
"""Computed from the place and the villages; no part of the history."""


class _PostgisGeometry(UserDefinedType[bytes]):
    """A ``geometry(Geometry,4326)`` column as WKB."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "geometry(Geometry,4326)"

    def bind_expression(self, bindvalue: Any) -> Any:
        return sa.func.ST_GeomFromWKB(bindvalue, 4326, type_=self)

    def column_expression(self, colexpr: Any) -> Any:
        return sa.func.ST_AsBinary(colexpr, type_=sa.LargeBinary())


class Shape(TypeDecorator[bytes]):
    """WKB (little-endian, two dimensions, EPSG:4326) in either store."""

    impl = sa.LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Column type by database."""
        return dialect.type_descriptor(_PostgisGeometry() if dialect.name == "postgresql" else sa.LargeBinary())


_TYPES: dict[str, Any] = {
    "text": sa.Text,
    "integer": sa.Integer,
    "number": sa.Double,
    "boolean": sa.Boolean,
    "geometry": Shape,
}


def _column(column: Column) -> sa.Column[Any]:
    return sa.Column(column.name, _TYPES[column.kind](), nullable=column.nullable)


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


metadata = sa.MetaData()

state = sa.Table(
    "state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("last_at", sa.Text, nullable=False),
    sa.Column("villages", sa.Text),
)
"""One row, locked first by writers, so that they are serialised and moments only grow."""

journal = sa.Table(
    "journal",
    metadata,
    sa.Column("change_id", sa.Text, primary_key=True),
    *_texts("at", "who", "action"),
    *_texts("note", "undoes", nullable=True),
    sa.Column("result", sa.Text, nullable=False),
    sa.Index("journal_who_at", "who", "at"),
)

asset_history = sa.Table(
    "asset_history",
    metadata,
    sa.Column("asset_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    *_texts("at", "who", "action"),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text, nullable=False),
    *_texts("note", "import_id", nullable=True),
    *_texts("change_id", "digest"),
    sa.UniqueConstraint("change_id", "asset_id", name="asset_history_change"),
    sa.Index("asset_history_at", "at"),
    sa.Index("asset_history_import", "import_id"),
)

assets = sa.Table(
    "assets",
    metadata,
    sa.Column("asset_id", sa.Text, primary_key=True),
    *(_column(column) for column in FIELDS),
    sa.Column("struck_out", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    *_texts("updated_at", "updated_by"),
    *(sa.Column(name, sa.Double, nullable=False) for name in ("lon_min", "lat_min", "lon_max", "lat_max")),
    *(sa.Column(name, sa.Text) for name in DERIVED),
    sa.ForeignKeyConstraint(
        ["asset_id", "version"], ["asset_history.asset_id", "asset_history.version"], name="assets_line"
    ),
    sa.Index("assets_kind_status", "kind", "status"),
    sa.Index("assets_owner", "owner"),
    sa.Index("assets_name", "name"),
    sa.Index("assets_updated", "updated_at"),
    sa.Index("assets_bounds", "lon_min", "lat_min", "lon_max", "lat_max"),
    sa.Index("assets_village", "village_code_bps"),
    sa.Index("assets_subdistrict", "subdistrict"),
    sa.Index("assets_regency", "regency_code"),
)

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("import_id", sa.Text, primary_key=True),
    *_texts("at", "who", "source"),
    sa.Column("note", sa.Text),
    sa.Column("added", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("unchanged", sa.Integer, nullable=False),
    *_texts("taken_back_at", "taken_back_by", nullable=True),
    sa.Column("record", sa.Text, nullable=False, server_default="assets"),
)
"""``record`` says what the list was of: ``assets``, ``evidence``, ``figures`` or ``landmarks``."""

figures = sa.Table(
    "figures",
    metadata,
    sa.Column("import_id", sa.Text, sa.ForeignKey("imports.import_id"), primary_key=True),
    sa.Column("village_code_bps", sa.Text, primary_key=True),
    sa.Column("figure", sa.Text, primary_key=True),
    sa.Column("value", sa.Double),
)
"""Figures by village, append-only: the latest import that was not undone counts; an empty ``value`` removes."""

landmarks = sa.Table(
    "landmarks",
    metadata,
    sa.Column("import_id", sa.Text, sa.ForeignKey("imports.import_id"), primary_key=True),
    sa.Column("landmark_id", sa.Text, primary_key=True),
    sa.Column("village_code_bps", sa.Text, nullable=False),
    sa.Column("content", sa.Text),
)
"""Landmarks as JSON, append-only as ``figures`` are; an empty ``content`` removes."""

mappings = sa.Table(
    "mappings", metadata, sa.Column("name", sa.Text, primary_key=True), *_texts("content", "saved_at", "saved_by")
)
"""Column mappings by name."""

counters = sa.Table(
    "counters", metadata, sa.Column("kind", sa.Text, primary_key=True), sa.Column("last", sa.Integer, nullable=False)
)

evidence = sa.Table(
    "evidence",
    metadata,
    *(
        sa.Column(column.name, _TYPES[column.kind](), primary_key=column.name in EVIDENCE.key, nullable=column.nullable)
        for column in EVIDENCE.columns
    ),
    *_texts("added_at", "added_by"),
    *_texts("withdrawn_at", "withdrawn_by", "import_id", "withdrawn_import", nullable=True),
)
"""``import_id`` added the row, ``withdrawn_import`` withdrew it; empty where no import did."""

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    *_texts("name", "saved_at", "saved_by", "parameters", "about"),
    sa.Column("region", sa.Text),
)
"""Saved runs; one without a region is of a store of before that could not tell, and shown in all."""

run_tables = sa.Table(
    "run_tables",
    metadata,
    sa.Column("run_id", sa.Text, sa.ForeignKey("runs.run_id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

scenarios = sa.Table(
    "scenarios",
    metadata,
    sa.Column("scenario_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("assets", sa.Text, nullable=False),
    sa.Column("struck_out", sa.Boolean, nullable=False),
    *_texts("saved_at", "saved_by"),
    sa.Column("region", sa.Text),
)
"""Scenarios and kept plans; one without a region as for ``runs``."""

proposals = sa.Table(
    "proposals",
    metadata,
    sa.Column("proposal_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    *_texts("region", "at", "who", "action", "after"),
    sa.Column("note", sa.Text),
    *_texts("change_id", "digest"),
    sa.UniqueConstraint("change_id", "proposal_id", name="proposals_change"),
    sa.Index("proposals_region", "region"),
)
"""Every state of each proposal, append-only: the latest version counts."""

settings = sa.Table(
    "settings",
    metadata,
    sa.Column("change_id", sa.Text, primary_key=True),
    *_texts("region", "name", "at", "who"),
    sa.Column("value", sa.Text),
    sa.Index("settings_region_name", "region", "name", "at"),
)
"""What an office decides. Lines are only added: the latest of a name counts; an empty ``value`` is what ships."""

field_reports = sa.Table(
    "field_reports",
    metadata,
    sa.Column("report_id", sa.Text, primary_key=True),
    *_texts("region", "made_at", "received_at", "sent_by", "digest", "signals", "photos"),
    *_texts("village_code_bps", "hamlet", "device", "note", "withdrawn_at", "withdrawn_by", nullable=True),
    *(sa.Column(name, sa.Double) for name in ("lon", "lat", "accuracy_m")),
    sa.Column("fixes", sa.Integer, nullable=False),
    sa.Index("field_reports_region", "region", "received_at"),
)
"""Reports from phones, never deleted; ``signals`` and ``photos`` as JSON. One that is wrong is withdrawn."""

field_photos = sa.Table(
    "field_photos",
    metadata,
    sa.Column("photo_id", sa.Text, primary_key=True),
    sa.Column("report_id", sa.Text, sa.ForeignKey("field_reports.report_id"), nullable=False),
    *_texts("sha256", "original_sha256", "received_at"),
    sa.Column("taken_at", sa.Text),
    *(sa.Column(name, sa.Double) for name in ("lon", "lat")),
    sa.Index("field_photos_report", "report_id"),
)
"""Photos that arrived, with place and time of their EXIF; the files lie in the region's folder, by their SHA-256."""

users = sa.Table(
    "users",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text),
    *_texts("created_at", "created_by"),
    sa.Column("locked_at", sa.Text),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, sa.ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    *_texts("started_at", "seen_at"),
    sa.Index("sessions_name", "name"),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("token_id", sa.Text, primary_key=True),
    *_texts("name", "token_hash", "created_at", "created_by"),
    *_texts("withdrawn_at", "withdrawn_by", nullable=True),
    sa.UniqueConstraint("token_hash", name="tokens_hash"),
)
"""Tokens of other programs, as hashes; one that is withdrawn stays as a line."""

run_days = sa.Table(
    "run_days",
    metadata,
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    *_texts("run_id", "figures"),
)
"""Figures (JSON) of the last run of each day and region."""

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", sa.Text, nullable=False),
)
"""Failed sign-ins per address, and per address and account since the last good one, under keyed hashes of both."""

APPEND_ONLY = (asset_history, journal, proposals)
"""Tables of which no line is ever changed or deleted."""
NOT_IN_BACKUPS = (sessions, attempts, tokens)
"""Tables left out of backups: a restore lets nobody in, person or program."""
