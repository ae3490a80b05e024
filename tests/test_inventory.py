"""The inventory counted as an office reports it, the village of each asset, and the repair list."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box

from coverage.base.schema import STATUSES
from coverage.exports.figures import assets_by_kind
from coverage.reach.asset_counts import repair_list, summary, village_of
from coverage.reach.masts import mast_of
from coverage.readers.kinds import asset_kinds
from coverage.readers.villages import read_villages


def villages() -> gpd.GeoDataFrame:
    """Two villages side by side, each a tenth of a degree wide, with a gap of land beyond."""
    return gpd.GeoDataFrame(
        {
            "village_code_bps": ["3505010001", "3505010002"],
            "village": ["Barat", "Timur"],
            "subdistrict": ["Kanigoro", "Wates"],
        },
        geometry=[box(112.0, -8.1, 112.1, -8.0), box(112.1, -8.1, 112.2, -8.0)],
        crs=4326,
    )


def assets(*shapes: shapely.Geometry, **columns: list[object]) -> gpd.GeoDataFrame:
    count = len(shapes)
    table = {
        "asset_id": [f"a{n}" for n in range(count)],
        "kind": ["wifi"] * count,
        "status": ["operational"] * count,
        "owner": ["Diskominfo"] * count,
        "name": [f"Titik {n}" for n in range(count)],
    }
    return gpd.GeoDataFrame(table | columns, geometry=list(shapes), crs=4326)


def test_a_point_lies_in_its_village_and_outside_all_in_none() -> None:
    found = village_of(assets(Point(112.05, -8.05), Point(112.15, -8.05), Point(113, -8)), villages())
    assert list(found["village"].fillna("–")) == ["Barat", "Timur", "–"]
    assert list(found["subdistrict"].fillna("–")) == ["Kanigoro", "Wates", "–"]


def test_on_a_common_border_the_first_village_counts() -> None:
    found = village_of(assets(Point(112.1, -8.05)), villages())
    assert list(found["village"]) == ["Barat"]
    found = village_of(assets(Point(112.1, -8.05)), villages().iloc[::-1])
    assert list(found["village"]) == ["Timur"]


def test_a_route_lies_where_most_of_its_length_is() -> None:
    crossing = LineString([(112.07, -8.05), (112.19, -8.05)])  # a quarter in the west, three quarters in the east
    leaving = LineString([(112.19, -8.05), (113.5, -8.05)])  # most of it in no village at all
    found = village_of(assets(crossing, leaving, LineString([(113, -8), (114, -8)])), villages())
    assert list(found["village"].fillna("–")) == ["Timur", "Timur", "–"]


def test_places_in_another_reference_system_are_brought_together() -> None:
    metres = assets(Point(112.05, -8.05)).to_crs(32749)
    assert list(village_of(metres, villages())["village"]) == ["Barat"]


def test_no_assets_have_no_villages() -> None:
    assert village_of(assets(), villages()).empty


@pytest.mark.slow
@given(st.permutations(range(5)))
def test_the_order_of_assets_does_not_matter(order: list[int]) -> None:
    five = assets(*(Point(112.02 + n / 25, -8.05) for n in range(4)), LineString([(112.05, -8.02), (112.15, -8.02)]))
    expected = village_of(five, villages())
    pd.testing.assert_frame_equal(village_of(five.iloc[order], villages()), expected.iloc[order])


def test_the_published_table_of_kota_bogor(shared: Path) -> None:
    """The office's counts of 2022; each asset is given an invented place inside the city."""
    published = pd.read_csv(shared / "bogor" / "inventory_2022.csv")
    kelurahan, _ = read_villages(shared / "bogor" / "villages_bps_2020.geojson")
    rows = published.loc[published.index.repeat(published["count"])].reset_index(drop=True)
    home = np.random.default_rng(2022).integers(len(kelurahan), size=len(rows))
    inventory = gpd.GeoDataFrame(
        rows.drop(columns="count").assign(asset_id=[f"bogor-{n}" for n in rows.index], status="operational"),
        geometry=kelurahan.geometry.representative_point().to_numpy()[home],
        crs=4326,
    )
    inventory = pd.concat([inventory, village_of(inventory, kelurahan)], axis=1)
    counted = summary(inventory, asset_kinds())
    printed = {
        row["kind"]: " + ".join(map(str, row["parts"])) + f" = {row['count']}"
        if len(row["parts"]) > 1
        else str(row["count"])
        for _, row in counted.by_kind.iterrows()
    }
    assert printed == {"wifi": "62 + 6 = 68", "fiber_node": "123", "radio_link": "12", "cctv": "71"}
    assert list(counted.by_kind_and_owner.iloc[0]) == ["wifi", "Diskominfo Kota Bogor", 62]
    assert list(counted.by_kind_and_owner.iloc[1]) == ["wifi", "Pemerintah Provinsi Jawa Barat", 6]
    assert counted.by_subdistrict["subdistrict"].nunique() == 6  # the six kecamatan of the city, nothing outside
    assert counted.by_subdistrict["count"].sum() == 68 + 123 + 12 + 71
    assert list(inventory["village_code_bps"]) == list(kelurahan["village_code_bps"].to_numpy()[home])


def test_statuses_and_subdistricts_are_counted_and_the_unknown_comes_last() -> None:
    table = pd.DataFrame(
        {
            "kind": ["wifi"] * 4,
            "owner": [None, "A", "A", "B"],
            "subdistrict": [None, "Wates", "Bakung", "Wates"],
            "status": ["damaged", "operational", "operational", "planned"],
        }
    )
    counted = summary(table, asset_kinds())
    assert counted.by_status.values.tolist() == [["operational", 2], ["damaged", 1], ["planned", 1]]
    assert counted.by_subdistrict.values.tolist() == [["Bakung", "wifi", 1], ["Wates", "wifi", 2], ["", "wifi", 1]]
    assert counted.by_kind_and_owner.values.tolist() == [["wifi", "A", 2], ["wifi", "", 1], ["wifi", "B", 1]]


kinds_and_owners = st.lists(
    st.tuples(st.sampled_from(list(asset_kinds())), st.sampled_from(["A", "B", None]), st.sampled_from(STATUSES)),
    max_size=30,
)


@pytest.mark.slow
@given(kinds_and_owners)
def test_every_count_adds_up_to_the_inventory(rows: list[tuple[str, str | None, str]]) -> None:
    table = pd.DataFrame(rows, columns=["kind", "owner", "status"]).astype({"owner": "str"})
    counted = summary(table, asset_kinds())
    for part in (counted.by_kind_and_owner, counted.by_kind, counted.by_status, counted.by_subdistrict):
        assert part["count"].sum() == len(rows)
    assert [sum(parts) for parts in counted.by_kind["parts"]] == list(counted.by_kind["count"])


def test_the_repair_list_puts_first_what_costs_most_people_their_service() -> None:
    table = assets(
        *(Point(112 + n / 100, -8) for n in range(5)),
        status=["damaged", "operational", "damaged", "damaged", "damaged"],
        village=["A", "B", "C", "D", "E"],
        subdistrict=["S"] * 5,
    )
    since = {"a0": "2026-03-01", "a2": "2026-01-01", "a3": "2026-02-01"}
    listed = repair_list(table, since, {"a0": 120.0, "a2": 950.0})
    assert list(listed["asset_id"]) == ["a2", "a0", "a3", "a4"]
    assert list(listed["people_losing"].fillna(-1)) == [950, 120, -1, -1]
    assert list(listed["since"].fillna("–")) == ["2026-01-01", "2026-03-01", "2026-02-01", "–"]
    assert listed.loc[0, ["kind", "owner", "village", "lon", "lat"]].tolist() == ["wifi", "Diskominfo", "C", 112.02, -8]
    assert repair_list(table.iloc[[1]], since).empty


def test_a_damaged_route_is_listed_with_a_place_on_it() -> None:
    route = assets(LineString([(112, -8), (112.1, -8)]), kind=["fiber_route"], status=["damaged"])
    (place,) = repair_list(route, {})[["lon", "lat"]].itertuples(index=False)
    assert route.geometry.iloc[0].distance(Point(place)) == pytest.approx(0)


def test_sectors_are_counted_by_their_mast() -> None:
    """One mast by place, one by site, a code given twice, a microcell beside, masts that tell no sector."""
    rows = [
        ("tower", "damaged", 112.0, 0, None, None),
        ("tower", "operational", 112.00001, 120, None, None),
        ("tower", "operational", 112.1, None, "4G", "BLT1"),
        ("tower", "operational", 112.1005, None, "5G", "BLT1"),
        ("tower", "operational", 112.2, None, None, "BLT1"),
        ("microcell", "operational", 112.0, 0, None, None),
        *(("tower", "operational", 112.3, None, None, None) for _ in range(2)),
        ("radio_link", "operational", 112.0, 0, None, None),
        ("radio_link", "operational", 112.0, 120, None, None),
    ]
    table = gpd.GeoDataFrame(
        [row[:2] for row in rows],
        columns=["kind", "status"],
        geometry=gpd.points_from_xy([row[2] for row in rows], [-8.1] * len(rows)),
        crs=4326,
    ).assign(owner=None, azimuth_deg=[row[3] for row in rows], technology=[row[4] for row in rows])
    table["site_id"] = [row[5] for row in rows]
    assert mast_of(table, asset_kinds()).tolist() == [0, 0, 2, 2, 4, 5, 6, 7, 8, 9]
    counted = summary(table, asset_kinds())
    assert counted.by_kind[["kind", "count", "sectors"]].values.tolist() == [
        ["tower", 5, 7],
        ["microcell", 1, 0],
        ["radio_link", 2, 0],
    ]
    assert counted.by_status.values.tolist() == [["operational", 8], ["damaged", 1]]  # one mast in both
    told = assets_by_kind(table, asset_kinds())
    assert told.set_index("kind")[["operational", "damaged", "total", "sectors"]].loc["tower"].tolist() == [5, 1, 5, 7]
    bare = assets_by_kind(table[["kind", "status", "geometry"]], asset_kinds())
    assert bare.set_index("kind")[["operational", "damaged", "total", "sectors"]].loc["tower"].tolist() == [6, 1, 7, 0]
