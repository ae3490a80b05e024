"""The store, composed of its parts."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from coverage.base.errors import DamagedStoreError
from coverage.reach.asset_counts import village_of
from coverage.store.backup import BackupStore, restore_in_place
from coverage.store.base import Clock, utc_now
from coverage.store.engine import address
from coverage.store.models import DERIVED, assets, state
from coverage.store.opening import open_postgres, open_sqlite
from coverage.store.permissions import Actor
from coverage.store.settings import Settings


class Store(BackupStore):
    """Inventory and everything kept beside it; see :func:`open_store`.

    Changes take ``who`` and check their role; reads take the ``viewer``, None for an anonymous reader.
    """

    _villages_name = ""

    @property
    def settings(self) -> Settings:
        """What the office decides, by region."""
        return Settings(self)

    def use_villages(self, villages: gpd.GeoDataFrame) -> None:
        """Locate assets in these villages from now on, so that they can be filtered by village.

        Assets are located again where the villages have changed, or for assets that came in without villages (command
        line,
        backup). Locations are no part of history or revision; ``village_code_entered`` stays.

        Parameters
        ----------
        villages
            Per :data:`coverage.base.schema.VILLAGES`.
        """
        if self._villages is not villages:
            content = pd.util.hash_pandas_object(pd.DataFrame(villages[list(DERIVED)]), index=False)
            shapes = b"".join(villages.geometry.to_wkb())
            self._villages_name = hashlib.sha256(content.to_numpy().tobytes() + shapes).hexdigest()
            self._villages, self._locator = villages, lambda frame: village_of(frame, villages)
        if not self.writable:
            return
        with self.reading() as connection:
            if connection.execute(sa.select(state.c.villages)).scalar() == self._villages_name:
                return
        self._locate_all(self._villages_name)

    def _locate_all(self, name: str) -> None:
        with self.transaction() as (connection, _):
            rows = connection.execute(sa.select(assets.c.asset_id, assets.c.geometry).order_by(assets.c.asset_id)).all()
            if rows:
                shapes = gpd.GeoSeries.from_wkb([bytes(row.geometry) for row in rows], crs=4326)
                places = self._located(gpd.GeoDataFrame(geometry=shapes))
                values: dict[str, Any] = {column: sa.bindparam(f"new_{column}") for column in DERIVED}
                connection.execute(
                    assets.update().where(assets.c.asset_id == sa.bindparam("this")).values(values),
                    [
                        {
                            "this": row.asset_id,
                            **{
                                f"new_{column}": value if isinstance(value, str) else None
                                for column, value in zip(DERIVED, place, strict=True)
                            },
                        }
                        for row, place in zip(rows, places.itertuples(index=False, name=None), strict=True)
                    ],
                )
            connection.execute(state.update().values(villages=name))

    def _located(self, frame: gpd.GeoDataFrame) -> pd.DataFrame:
        assert self._locator is not None
        return self._locator(frame)[list(DERIVED)]


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
