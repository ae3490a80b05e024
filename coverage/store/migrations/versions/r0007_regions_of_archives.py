"""The region that each scenario and each saved run belongs to.

Revision ID: 0007
Revises: 0006
"""

import io
import json
from collections import Counter

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import shapely
import sqlalchemy as sa
from alembic import op

from coverage.places.regencies import regencies_at, regency_code, region_of
from coverage.store.villages import regency_outlines

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns; what is there goes to the region of its villages, else to that where its assets lie.

    What neither tells stays without one: every region shows it.
    """
    connection = op.get_bind()
    for table in ("scenarios", "runs"):
        op.add_column(table, sa.Column("region", sa.Text))
    for run_id, content in connection.execute(sa.text("SELECT run_id, content FROM run_tables")).all():
        parts = pq.ParquetFile(io.BytesIO(bytes(content)))
        if "village_code_bps" in parts.schema_arrow.names:
            villages = parts.read(["village_code_bps"]).to_pandas().dropna().astype(str)
            _keep(connection, "runs", "run_id", run_id, region_of(villages))
    for scenario_id, note, assets in connection.execute(
        sa.text("SELECT scenario_id, note, assets FROM scenarios")
    ).all():
        _keep(connection, "scenarios", "scenario_id", scenario_id, _of_plan(note) or _of_places(json.loads(assets)))


def _keep(connection: sa.Connection, table: str, key: str, value: str, region: str | None) -> None:
    columns = sa.table(table, sa.column(key), sa.column("region"))
    unset = sa.and_(columns.c[key] == value, columns.c.region.is_(None))
    connection.execute(columns.update().where(unset).values(region=region or None))


def _of_plan(note: str | None) -> str | None:
    """Region of the villages of a plan in a scenario's note."""
    try:
        codes = [row[0] for row in json.loads(note or "")["rows"]]
    except (ValueError, KeyError, TypeError):
        return None
    return _most(regency_code(pd.Series(codes, dtype=str))) if codes else None


def _of_places(records: list[str]) -> str | None:
    """Region in which most assets lie."""
    shapes = [shapely.from_geojson(json.loads(record)["geometry"]) for record in records]
    if not shapes:
        return None
    points = gpd.GeoSeries(shapes, crs=4326).representative_point()
    return _most(regencies_at(points, regency_outlines())["regency"].dropna())


def _most(codes: pd.Series) -> str | None:
    return Counter(codes.tolist()).most_common(1)[0][0] if len(codes) else None


def downgrade() -> None:
    """Remove them: one list for all regions again."""
    for table in ("scenarios", "runs"):
        op.drop_column(table, "region")
