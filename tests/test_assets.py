"""Which service an asset gives, and how far."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.base.kinds import AssetKind, ServiceReach
from coverage.base.schema import ASSETS, STATUSES, check
from coverage.reach.assets import service_reach, services_known
from coverage.readers.parameters import read_parameters
from tests.examples import examples

KINDS = read_parameters().kinds

ON_FIBER = {
    **KINDS,
    "cctv": AssetKind(
        gives=(
            *KINDS["cctv"].gives,
            ServiceReach(service="backhaul", reach_m=500, on_fiber=True, source="an office's own"),
        )
    ),
}


def asset(kind, status="operational", **values):
    shape = shapely.LineString([(112, -8), (112.1, -8)]) if kind == "fiber_route" else shapely.Point(112, -8)
    return {"kind": kind, "status": status, "geometry": shape, **values}


def assets(*rows):
    empty = {column.name: None for column in ASSETS.columns}
    table = pd.DataFrame([empty | row | {"asset_id": f"A{at}"} for at, row in enumerate(rows)])
    for name in ("height_m", "band_mhz", "reach_m"):
        table[name] = pd.to_numeric(table[name]).astype(float)
    return check(gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:4326"), ASSETS)


def given_by(*rows, kinds=KINDS):
    found = service_reach(assets(*rows), kinds)
    return [tuple(row) for row in found.drop(columns="main").itertuples(index=False)]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (asset("tower"), [(0, "cellular", 3000)]),
        (asset("microcell"), [(0, "cellular", 300)]),
        (asset("wifi"), [(0, "public_wifi", 100)]),
        (asset("wifi", band_mhz=2400), [(0, "public_wifi", 100)]),
        (asset("wifi", band_mhz=5000), [(0, "public_wifi", 60)]),
        (asset("wifi", band_mhz=5800), [(0, "public_wifi", 60)]),
        (asset("fiber_node"), [(0, "backhaul", 5000)]),
        (asset("radio_link"), [(0, "backhaul", 5000)]),
        (asset("fiber_route"), []),
        (asset("cctv"), [(0, "surveillance", 50)]),
        (asset("cctv", on_fiber=False), [(0, "surveillance", 50)]),
        (asset("cctv", on_fiber=True), [(0, "surveillance", 50)]),  # no connection point for the public
    ],
)
def test_each_kind_gives_its_service_as_far_as_its_table_says(row, expected):
    assert given_by(row) == expected


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "operational"])
def test_only_what_operates_serves(status):
    assert given_by(asset("tower", status)) == []


def test_the_reach_of_an_asset_itself_goes_before_its_kinds_for_the_first_service_only():
    assert given_by(asset("tower", reach_m=1200)) == [(0, "cellular", 1200)]
    two = given_by(asset("cctv", on_fiber=True, reach_m=80), kinds=ON_FIBER)
    assert two == [(0, "backhaul", 500), (0, "surveillance", 80)]


def test_an_asset_without_band_takes_the_first_entry_where_all_ask_for_a_band():
    kinds = {
        "wifi": AssetKind(
            gives=(
                ServiceReach(service="public_wifi", reach_m=60, band_min_mhz=5000, source="x"),
                ServiceReach(service="public_wifi", reach_m=100, band_max_mhz=5000, source="x"),
            )
        )
    }
    found = service_reach(assets(asset("wifi"), asset("wifi", band_mhz=2400), asset("wifi", band_mhz=6000)), kinds)
    assert found["reach_m"].tolist() == [60, 100, 60]


def test_a_missing_list_is_unknown_and_a_list_of_what_stands_is_known():
    assert services_known(None, KINDS) == set()
    assert services_known(assets(asset("tower", "damaged")), KINDS) == {"cellular"}
    assert services_known(assets(asset("fiber_route")), KINDS) == set()
    assert services_known(assets(asset("cctv")), KINDS) == {"surveillance"}
    assert services_known(assets(asset("wifi"), asset("fiber_node", "inactive")), KINDS) == {"public_wifi", "backhaul"}
    assert services_known(assets(asset("tower", "planned"), asset("wifi", "under_construction")), KINDS) == set()


rows = st.lists(
    st.builds(
        asset,
        st.sampled_from(list(KINDS)),
        st.sampled_from(STATUSES),
        band_mhz=st.sampled_from([None, 900.0, 2400.0, 5800.0]),
        on_fiber=st.sampled_from([None, True, False]),
        reach_m=st.sampled_from([None, 0.0, 750.0]),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=examples(30))
@given(rows)
def test_no_asset_gives_a_service_twice_and_each_row_stands_for_itself(given_rows):
    """But a repeater, which gives what it hears of others (``tests/reach/test_repeaters.py``)."""
    given_rows = [row for row in given_rows if not KINDS[row["kind"]].repeats] or [asset("tower")]
    together = service_reach(assets(*given_rows), KINDS)
    assert not together.duplicated(["asset_position", "service"]).any()
    alone = [(at, service, reach) for at, row in enumerate(given_rows) for _, service, reach in given_by(row)]
    assert [row[:3] for row in together.itertuples(index=False, name=None)] == alone


@pytest.mark.slow
@given(rows)
def test_whatever_reaches_is_known(given_rows):
    table = assets(*given_rows)
    found = service_reach(table, KINDS)
    assert set(found.loc[found["reach_m"] > 0, "service"]) <= services_known(table, KINDS)


def test_what_a_kind_gives_beside_its_main_service_is_not_what_it_is_there_for():
    found = service_reach(assets(asset("cctv", on_fiber=True), asset("cctv"), asset("fiber_node")), ON_FIBER)
    assert found[["service", "main"]].to_numpy().tolist() == [
        ["backhaul", False],
        ["surveillance", True],
        ["surveillance", True],
        ["backhaul", True],
    ]
