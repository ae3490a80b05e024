"""The store, composed of its parts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import sqlalchemy as sa

from coverage.base.errors import DamagedStoreError
from coverage.places.regencies import region_of
from coverage.store.backup import BackupStore, restore_in_place
from coverage.store.base import Clock, utc_now
from coverage.store.engine import address
from coverage.store.filters import AssetFilter
from coverage.store.locator import VillageLocator
from coverage.store.models import DERIVED, assets, state
from coverage.store.opening import open_postgres, open_sqlite
from coverage.store.permissions import Actor
from coverage.store.settings import Settings

MARGIN_DEG = 0.3
"""Some 33 km: farther than any asset reaches."""


class Store(BackupStore):
    """Inventory and everything kept beside it; see :func:`open_store`.

    Changes take ``who`` and check their role; reads take the ``viewer``, None for an anonymous reader.
    """

    @property
    def settings(self) -> Settings:
        """What the office decides, by region."""
        return Settings(self)

    def use_villages(self, villages: gpd.GeoDataFrame) -> None:
        """Locate assets in these villages from now on, so that they can be filtered by village.

        A store holds many regions: each call adds the villages of one. Where they are not those of last time, or assets
        came in since from where no villages are known (the command line, a backup), they are looked up anew. What is
        computed is no part of the history and makes no
        new revision; what was entered (``village_code_entered``) is never touched.

        Parameters
        ----------
        villages
            Per :data:`coverage.base.schema.VILLAGES`.
        """
        if self._locator is None:
            self._locator = VillageLocator()
        region = self._locator.add(villages)
        if not self.writable:
            return
        with self.reading() as connection:
            known = _names(connection.execute(sa.select(state.c.villages)).scalar())
        if known.get(region) != self._locator.fingerprints[region]:
            self._locate(region, self._locator)

    def region_filter(self, villages: gpd.GeoDataFrame) -> AssetFilter:
        """The assets of a region: those in it, and those near by that belong to no other region of this store."""
        own = region_of(villages).split("+")
        with self.reading() as connection:
            known = _names(connection.execute(sa.select(state.c.villages)).scalar())
        others = {code for region in known for code in region.split("+")} - set(own)
        west, south, east, north = map(float, villages.total_bounds)
        around = (west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG)
        return AssetFilter(regencies=tuple(own), others=tuple(sorted(others)), around=around)

    def _locate(self, region: str, locator: VillageLocator) -> None:
        """Look up the assets that may lie in a region, that lay in it by the villages of before, and that are new."""
        west, south, east, north = locator.bounds(region)
        columns, own = assets.c, region.split("+")
        near = sa.and_(
            columns.lon_min <= east, columns.lon_max >= west, columns.lat_min <= north, columns.lat_max >= south
        )
        wanted = sa.or_(near, columns.regency_code.in_(own), columns.regency_code.is_(None))
        with self.transaction() as (connection, _):
            rows = connection.execute(
                sa.select(columns.asset_id, columns.geometry, columns.regency_code)
                .where(wanted)
                .order_by(columns.asset_id)
            ).all()
            if rows:
                shapes = gpd.GeoSeries.from_wkb([bytes(row.geometry) for row in rows], crs=4326)
                places = locator(gpd.GeoDataFrame(geometry=shapes))
                values: dict[str, Any] = {column: sa.bindparam(f"new_{column}") for column in DERIVED}
                moved = [
                    {"this": row.asset_id, **{f"new_{name}": place[name] for name in DERIVED}}
                    for row, place in zip(rows, places.to_dict("records"), strict=True)
                    if place["village_code_bps"] is not None or row.regency_code is None or row.regency_code in own
                ]
                if moved:
                    connection.execute(
                        assets.update().where(columns.asset_id == sa.bindparam("this")).values(values), moved
                    )
            known = _names(connection.execute(sa.select(state.c.villages)).scalar())
            now = {**known, region: locator.fingerprints[region]}
            connection.execute(state.update().values(villages=json.dumps(now, sort_keys=True)))


def _names(kept: str | None) -> dict[str, str]:
    """Fingerprints of the villages by region that assets were looked up with."""
    try:
        found = json.loads(kept or "{}")
    except ValueError:  # that of the one region which an older store knew
        return {}
    return found if isinstance(found, dict) else {}


def open_store(url: str | None = None, clock: Clock = utc_now) -> Store:
    """Open the store, creating it on first use.

    Parameters
    ----------
    url
        ``postgresql://...``, ``sqlite:///FILE`` or a file name; by default ``JANGKAU_DATABASE_URL``, else
        ``jangkau.db`` in
        the data folder (``JANGKAU_DATA_DIR``, else the usual place of the system).
    clock
        For tests.

    Raises
    ------
    DamagedStoreError
        If the SQLite file is damaged: :func:`restore_store` replaces it by a backup.
    UnavailableError
        If the PostgreSQL server does not answer.
    StoreError
        If the database is of another program, or of a newer version.
    """
    where = address(url)
    if where.get_backend_name() == "postgresql":
        return Store(open_postgres(where), clock)
    return Store(open_sqlite(Path(str(where.database))), clock)


def open_existing() -> Store | None:
    """The store to read from; None where none was ever made, so that reading alone makes none."""
    where = address(None)
    if where.get_backend_name() == "sqlite" and not Path(str(where.database)).exists():
        return None
    return open_store()


def restore_store(
    url: str | None, archive: Path, who: Actor, keep: Path | None = None, carry: Path | None = None
) -> Path | None:
    """Restore a backup, also over a missing or damaged SQLite file.

    Returns
    -------
    Path or None
        Where the earlier state is: ``keep``, or the damaged file.

    Raises
    ------
    FileRefusedError
        If ``archive`` is not a complete backup; nothing is changed then.
    """
    where = address(url)
    file = None if where.get_backend_name() == "postgresql" else Path(str(where.database))
    if file is not None and not file.exists():
        return restore_in_place(archive, file, who)
    try:
        store = open_store(url)
    except DamagedStoreError:
        if file is None:
            raise
        return restore_in_place(archive, file, who)
    try:
        store.restore(archive, who, keep, carry)
        return keep
    finally:
        store.close()
