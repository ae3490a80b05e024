"""The form of the database goes forwards and backwards with data in it."""

from __future__ import annotations

import sqlite3
import warnings
from pathlib import Path

import pandas as pd
import pytest
import shapely
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from coverage.base.errors import DamagedStoreError, StoreError
from coverage.store import Store, migrate, models, open_store
from coverage.store.engine import WRITE, address, postgres_engine, sqlite_engine
from coverage.store.records import SUMMED, digest
from tests.store.stores import ADMIN, EDITOR, VIEWER, make_assets


def move(url: str, target: str) -> None:
    where = address(url)
    engine = (
        postgres_engine(where) if where.get_backend_name() == "postgresql" else sqlite_engine(Path(str(where.database)))
    )
    try:
        with engine.connect().execution_options(jangkau=WRITE) as connection, connection.begin():
            migrate.migrate(connection, target)
    finally:
        engine.dispose()


def test_the_newest_step_is_the_one_the_program_names() -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert scripts.get_heads() == [migrate.HEAD]


def test_the_steps_make_the_tables_that_the_program_knows(store: Store) -> None:
    beside = ("alembic_version", "spatial_ref_sys", "assets_geometry")
    with store.database.engine.connect() as connection, connection.begin(), warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)  # reflection does not know PostGIS's types
        context = MigrationContext.configure(
            connection, opts={"compare_type": False, "include_object": lambda thing, name, *_: name not in beside}
        )
        assert compare_metadata(context, models.metadata) == []


@pytest.mark.parametrize("target", ["0001", "base"])
def test_down_and_up_again_with_data(three: Store, url: str, target: str) -> None:
    three.assets.change("wifi-1", 1, {"photos": "https://foto.example/1.jpg", "needs_check": True, "note": "x"}, EDITOR)
    before = three.assets.table(viewer=VIEWER)
    history = three.history.of("wifi-1", VIEWER)
    three.close()
    move(url, target)
    if target == "0001":
        assert not {"photos", "needs_check", "village", "subdistrict"} & columns_of(url, "assets")
    again = open_store(url)
    if target == "base":
        assert again.assets.table(viewer=VIEWER).empty
    else:
        pd.testing.assert_frame_equal(pd.DataFrame(again.assets.table(viewer=VIEWER)), pd.DataFrame(before))
        assert [line.after["photos"] for line in again.history.of("wifi-1", VIEWER)] == [
            line.after["photos"] for line in history
        ]
    again.assets.add(make_assets({"asset_id": "sesudah"}), EDITOR)
    again.close()


def columns_of(url: str, table: str) -> set[str]:
    engine = sa.create_engine(address(url))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)  # reflection does not know PostGIS's types
        names = {column["name"] for column in sa.inspect(engine).get_columns(table)}
    engine.dispose()
    return names


def test_a_database_that_an_older_program_made_is_brought_up_to_date_with_its_data(three: Store, url: str) -> None:
    """At step 0001 nobody knew of photos: what that program wrote has to open, with its guards."""
    three.close()
    move(url, "0001")
    older = (
        '{"asset_id":"lama","kind":"wifi","name":null,"status":"operational","owner":null,"operator":null,'
        '"height_m":null,"band_mhz":null,"reach_m":null,"on_fiber":null,"installed_on":null,"source":null,'
        '"note":null,"geometry":"{\\"type\\":\\"Point\\",\\"coordinates\\":[112.1,-8.1]}",'
        '"village_code_entered":null,"struck_out":false}'
    )
    line = dict(
        zip(
            SUMMED, ("lama", 1, "2026-01-01T00:00:00.000000Z", "eko", "add", None, older, None, None, "c1"), strict=True
        )
    )
    engine = sa.create_engine(address(url))
    kept = {
        column.name: column
        for column in models.assets.c
        if column.name not in ("photos", "needs_check", "village_code_bps", "village", "subdistrict")
    }
    table = sa.Table("assets", sa.MetaData(), *(sa.Column(name, column.type) for name, column in kept.items()))
    with engine.begin() as connection:
        connection.execute(models.asset_history.insert().values(**line, digest=digest(list(line.values()))))
        connection.execute(
            table.insert().values(
                asset_id="lama",
                kind="wifi",
                status="operational",
                geometry=shapely.to_wkb(shapely.Point(112.1, -8.1)),
                struck_out=False,
                version=1,
                updated_at=line["at"],
                updated_by="eko",
                lon_min=112.1,
                lon_max=112.1,
                lat_min=-8.1,
                lat_max=-8.1,
            )
        )
    engine.dispose()
    store = open_store(url)
    assert store.assets.one("lama").iloc[0]["version"] == 1
    assert store.assets.change("lama", 1, {"photos": "https://foto.example/2.jpg"}, ADMIN) == 2
    store.close()
    open_store(url).close()  # and the check at the start finds nothing wrong with the old line


def test_a_database_of_a_newer_program_is_left_alone(store: Store, url: str) -> None:
    with store.database.transaction() as (connection, _):
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(StoreError) as refused:
        open_store(url)
    assert (refused.value.code, refused.value.details["present"]) == ("store.newer", "9999")


def test_a_step_that_fails_leaves_the_database_as_it_was(
    three: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.close()
    move(url, "0001")
    monkeypatch.setattr(
        "coverage.store.migrate.make_layers", lambda _: (_ for _ in ()).throw(RuntimeError("listrik padam"))
    )
    with pytest.raises(RuntimeError):
        open_store(url)
    monkeypatch.undo()
    store = open_store(url)
    assert len(store.assets.table(viewer=VIEWER)) == 3
    store.close()


def test_a_file_of_another_program_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "lain.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE catatan (n)")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(StoreError) as refused:
        open_store(str(file))
    assert refused.value.code == "store.not_ours"
    assert not isinstance(refused.value, DamagedStoreError)
    assert file.read_bytes() == before
