"""Stores as earlier steps of the program left them open in this one, whatever kinds of asset there are by now."""

from __future__ import annotations

import re
import sqlite3
import warnings
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import sqlalchemy as sa

from coverage import load_inputs
from coverage.readers.kinds import asset_kinds
from coverage.store import AssetFilter, migrate, open_store
from coverage.store.engine import WRITE, address
from tests.made_data import data_with_kinds
from tests.store.stores import ADMIN, EDITOR, VIEWER, administer, at_database, make_assets

RELEASED = Path(__file__).with_name("released")
STEPS = ("0001", "0002", "0003", "0004", "0005")
MIXED = "0005"
"""The last step before an asset belonged to a region: one list of two regencies' assets."""
SHIPPED_LAYERS = set(asset_kinds())


@pytest.fixture(params=STEPS)
def step(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def old_sqlite(step: str, tmp_path: Path) -> str:
    file = tmp_path / "lama.db"
    with sqlite3.connect(file) as connection:
        connection.executescript((RELEASED / f"sqlite_{step}.sql").read_text("utf-8"))
    connection.close()
    return str(file)


@pytest.fixture
def old_postgis(step: str, postgis_template: tuple[str, str]) -> Iterator[str]:
    server, _ = postgis_template
    name = f"jangkau_released_{step}"
    administer(server, f"CREATE DATABASE {name}")
    engine = sa.create_engine(address(at_database(server, name)))
    with engine.begin() as connection:
        connection.exec_driver_sql((RELEASED / f"postgis_{step}.sql").read_text("utf-8").replace("%", "%%"))
    engine.dispose()
    yield at_database(server, name)
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgis"])
def old_store(request: pytest.FixtureRequest, step: str) -> str:
    return str(request.getfixturevalue(f"old_{request.param}"))


def layers(url: str) -> set[str]:
    engine = sa.create_engine(address(url))
    with engine.connect() as connection:
        names = connection.exec_driver_sql("SELECT viewname FROM pg_views WHERE viewname ~ '^layer_'").scalars().all()
    engine.dispose()
    return {name.removeprefix("layer_") for name in names}


def columns(url: str) -> dict[str, set[str]]:
    engine = sa.create_engine(address(url))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)  # reflection does not know PostGIS's types
        inspector = sa.inspect(engine)
        names = set(inspector.get_table_names()) - {"spatial_ref_sys"}
        found = {
            name: {f"{column['name']} {column['nullable']}" for column in inspector.get_columns(name)} for name in names
        }
    engine.dispose()
    return found


def test_every_step_is_here() -> None:
    steps = {
        re.sub(r"\D", "", path.stem)[:4] for path in Path(migrate.__file__).parent.glob("migrations/versions/r*.py")
    }
    assert set(STEPS) <= steps


def test_a_store_of_each_released_step_opens_with_its_data_and_its_guards(old_store: str) -> None:
    store = open_store(old_store)
    assert {"cctv-1", "menara-1", "rute-1", "wifi-1"} <= set(store.assets.table(viewer=VIEWER)["asset_id"])
    assert [line.who for line in store.history.of("menara-1", VIEWER)] == ["eko"]
    assert store.assets.change("menara-1", 1, {"note": "diperiksa", "azimuth_deg": 90.0}, ADMIN) == 2
    with (
        store.database.engine.connect().execution_options(jangkau=WRITE) as connection,
        pytest.raises(sa.exc.DBAPIError),
        connection.begin(),
    ):
        connection.exec_driver_sql("UPDATE assets SET name = 'diam-diam' WHERE asset_id = 'wifi-1'")
    store.close()
    open_store(old_store).close()  # and the check at the start finds nothing wrong


@pytest.mark.slow
@pytest.mark.parametrize("step", [MIXED], indirect=True)
def test_two_regions_assets_in_one_list_are_told_apart_and_none_is_lost(old_store: str) -> None:
    store = open_store(old_store)
    blitar, bogor = load_inputs("3505").villages, load_inputs("3271").villages
    for villages in (blitar, bogor):  # as the pages do when a region is looked at
        store.villages.use(villages)

    def ids(villages: gpd.GeoDataFrame | None) -> set[str]:
        which = AssetFilter() if villages is None else store.villages.region_filter(villages)
        return set(store.assets.table(which, viewer=VIEWER)["asset_id"])

    of_blitar, of_bogor = {"cctv-1", "menara-1", "rute-1", "wifi-1"}, {"menara-bogor", "rute-bogor"}
    # Out at sea it is everybody's, and just over a border it stays while nobody else uses that regency.
    assert ids(blitar) == of_blitar | {"laut-1"}
    assert ids(bogor) == of_bogor | {"wifi-kab-bogor", "laut-1"}
    store.villages.use(load_inputs("3201").villages)
    assert ids(bogor) == of_bogor | {"laut-1"}
    assert ids(None) == of_blitar | of_bogor | {"wifi-kab-bogor", "laut-1"}  # what is computed reads all of them
    lines = [(line.version, line.who, line.action) for line in store.history.of("menara-bogor", VIEWER)]
    assert sorted(lines) == [(1, "siti", "import"), (2, "siti", "change")]
    assert store.history.of("wifi-bogor", VIEWER)[-1].action == "strike_out"
    rules = {region: store.settings.current(region)["rule"].value for region in ("3505", "3271")}
    assert rules == {"3505": "official", "3271": "signal"}
    store.close()


def test_the_layers_of_an_old_store_come_back_with_those_of_new_kinds(
    old_postgis: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JANGKAU_SHIPPED_DATA", str(data_with_kinds(tmp_path / "data")))
    store = open_store(old_postgis)
    store.assets.add(make_assets({"asset_id": "dok-1", "kind": "drone_dock"}), EDITOR)
    with store.database.engine.connect() as connection:
        shown = connection.exec_driver_sql("SELECT asset_id, azimuth_deg FROM layer_drone_dock").all()
    store.close()
    assert shown == [("dok-1", None)]
    assert layers(old_postgis) == SHIPPED_LAYERS | {"drone_dock", "patrol_camera", "duct"}


def test_a_kind_that_came_after_the_store_gets_its_layer_and_one_that_went_keeps_it(
    postgis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(postgis_url).close()
    assert layers(postgis_url) == SHIPPED_LAYERS
    with monkeypatch.context() as patch:
        patch.setenv("JANGKAU_SHIPPED_DATA", str(data_with_kinds(tmp_path / "data")))
        store = open_store(postgis_url)
        store.assets.add(make_assets({"asset_id": "dok-1", "kind": "drone_dock"}), EDITOR)
        store.close()
    store = open_store(postgis_url)
    assert "drone_dock" in layers(postgis_url)
    assert store.assets.table(viewer=None).empty  # nobody says any more that its positions are public
    assert list(store.assets.table(viewer=VIEWER)["asset_id"]) == ["dok-1"]
    with store.database.engine.connect().execution_options(jangkau=WRITE) as connection, connection.begin():
        migrate.migrate(connection, "0003")  # an old step drops and makes what it finds, not a list of its own
        migrate.migrate(connection)
    store.close()
    assert layers(postgis_url) == SHIPPED_LAYERS | {"drone_dock"}


def test_a_step_makes_the_tables_that_were_released(step: str, old_store: str, request: pytest.FixtureRequest) -> None:
    """What a step makes today is what it made when it was published: it was not edited."""
    kind = "postgis" if "postgresql" in old_store else "sqlite"
    fresh = str(request.getfixturevalue(f"{kind}_url"))
    store = open_store(fresh)
    with store.database.engine.connect().execution_options(jangkau=WRITE) as connection, connection.begin():
        migrate.migrate(connection, step)
    store.close()
    assert columns(fresh) == columns(old_store)
