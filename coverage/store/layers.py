"""In PostGIS, a view per kind of asset with one type of geometry each, so that QGIS lists them as layers.

A kind whose positions are private is in a view of its own, so that the right to read it can be kept apart. Made anew
after every migration; that of a new kind is added when the store is opened.
"""

from __future__ import annotations

import re

import sqlalchemy as sa

from coverage.base.schema import ASSETS
from coverage.readers.kinds import asset_kinds
from coverage.store.models import DERIVED

_SHOWN = (*(name for name in ASSETS.names if name != "geometry"), "version", "updated_at", "photos", *DERIVED)
_SHAPES = {
    "point": "geometry::geometry(Point,4326)",
    "line": "ST_Multi(geometry)::geometry(MultiLineString,4326)",
    "area": "ST_Multi(geometry)::geometry(MultiPolygon,4326)",
}
_PLAIN = re.compile(r"[a-z][a-z0-9_]*")


def make_layers(connection: sa.Connection) -> None:
    """Add the layers that are missing; kinds of the store without a record have theirs with any geometry."""
    if connection.dialect.name != "postgresql":
        return
    present = set(connection.exec_driver_sql("SELECT * FROM assets LIMIT 0").keys())
    columns = ", ".join(name for name in _SHOWN if name in present)
    made, kinds = _layers(connection), asset_kinds()
    used = connection.exec_driver_sql("SELECT DISTINCT kind FROM assets").scalars()
    for kind in dict.fromkeys([*kinds, *filter(_PLAIN.fullmatch, used)]):
        if f"layer_{kind}" not in made:
            shape = _SHAPES[kinds[kind].geometry] if kind in kinds else "geometry"
            connection.exec_driver_sql(
                f"CREATE VIEW layer_{kind} AS SELECT {columns}, {shape} AS geometry FROM assets "  # noqa: S608
                f"WHERE kind = '{kind}' AND NOT struck_out"
            )


def lacks_layers(connection: sa.Connection) -> bool:
    """Whether a kind has no layer although this account may make one."""
    missing = {f"layer_{kind}" for kind in asset_kinds()} - _layers(connection)
    return bool(missing) and bool(
        connection.exec_driver_sql("SELECT has_schema_privilege(current_schema(), 'CREATE')").scalar()
    )


def drop_layers(connection: sa.Connection) -> None:
    """Remove the layers, of whichever kinds and version of the program they are."""
    if connection.dialect.name == "postgresql":
        for name in sorted(_layers(connection)):
            connection.exec_driver_sql(f'DROP VIEW "{name}"')


def _layers(connection: sa.Connection) -> set[str]:
    """Names of the layers there are; a view of somebody else's that only sounds like one is none."""
    found = connection.exec_driver_sql(
        "SELECT viewname FROM pg_views WHERE schemaname = current_schema() AND starts_with(viewname, 'layer_') "
        "AND definition ~ 'FROM (\\w+\\.)?assets\\M'"
    )
    return set(found.scalars())
