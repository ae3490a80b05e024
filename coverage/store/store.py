"""The store as the rest of the program uses it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from coverage.base.errors import DamagedStoreError
from coverage.reach.asset_counts import village_of
from coverage.store.backup import BackupStore, put_in_place
from coverage.store.base import Clock, utc_now
from coverage.store.engine import address
from coverage.store.models import DERIVED, assets, state
from coverage.store.opening import open_postgres, open_sqlite
from coverage.store.permissions import Actor
from coverage.store.settings import Settings


class Store(BackupStore):
    """The inventory and what is kept beside it; opened by :func:`open_store`.

    Every method that changes anything takes ``who`` does it and checks what their role is granted; every
    method that reads takes the ``viewer``, ``None`` for a reader who has not signed in.
    """

    _villages_name = ""

    @property
    def settings(self) -> Settings:
        """What the office decides, by region."""
        return Settings(self)

    def use_villages(self, villages: gpd.GeoDataFrame) -> None:
        """Compute from now on the village that each asset lies in, so that assets can be asked for by village.

        Where the villages are not those of last time, or assets came in since from where no villages are known (the
        command line, a backup), every asset is looked up anew. What is computed is no part of the history and makes no
        new revision; what was entered (``village_code_entered``) is never touched.

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
    """Open the store, and make it on first use.

    Parameters
    ----------
    url
        ``postgresql://...`` or ``sqlite:///FILE`` or a file name; if left out, ``JANGKAU_DATABASE_URL``, else
        ``jangkau.db`` in the data folder (``JANGKAU_DATA_DIR``, else the usual place of the system).
    clock
        Gives the time; for tests.

    Raises
    ------
    DamagedStoreError
        If the SQLite file is damaged: :func:`restore_store` puts a backup in its place.
    UnavailableError
        If the PostgreSQL server does not answer.
    StoreError
        If the database belongs to another program, or was made by a newer version of this one.
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
    """Put a backup back, also where the SQLite file is missing or too damaged to be opened.

    Returns
    -------
    Path or None
        Where what was there before can be found: ``keep``, or the damaged file set aside.

    Raises
    ------
    FileRefusedError
        If ``archive`` is no whole backup; nothing is touched then.
    """
    where = address(url)
    file = None if where.get_backend_name() == "postgresql" else Path(str(where.database))
    if file is not None and not file.exists():
        return put_in_place(archive, file, who)
    try:
        store = open_store(url)
    except DamagedStoreError:
        if file is None:
            raise
        return put_in_place(archive, file, who)
    try:
        store.restore(archive, who, keep, carry)
        return keep
    finally:
        store.close()
