"""The inventory is kept: added, changed, seen as it was, set back; the same on SQLite and on PostGIS."""

from __future__ import annotations

import math

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from coverage.base.errors import RowError, StaleVersionError, StoreError
from coverage.base.schema import ASSETS, check
from coverage.store import AssetFilter, Change, Store, open_store
from coverage.store.filters import keep
from tests.examples import examples
from tests.store.stores import ADMIN, EDITOR, VIEWER, Clock, make_assets

ANI, BUDI = EDITOR, ADMIN


def test_a_new_store_holds_nothing_and_keeps_the_schema(store: Store) -> None:
    empty = store.assets.table(viewer=VIEWER)
    assert len(empty) == 0
    assert store.database.writable
    check(empty, ASSETS)


def test_assets_come_back_as_they_went_in(three: Store) -> None:
    kept = three.assets.table(viewer=VIEWER)
    check(kept, ASSETS)
    assert list(kept["asset_id"]) == ["cctv-1", "rute-1", "wifi-1"]
    assert list(kept["version"]) == [1, 1, 1]
    route = kept.set_index("asset_id").loc["rute-1"]
    assert (route["kind"], route["name"]) == ("fiber_route", "Rute Kanigoro")
    assert route["geometry"].equals_exact(LineString([(112.1, -8.1), (112.2, -8.15)]), 0)
    assert kept.crs == 4326


@settings(max_examples=examples(25))
@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    height=st.none() | st.floats(0, 400),
    fiber=st.sampled_from([None, True, False]),
    name=st.none() | st.text(st.characters(blacklist_characters="\x00", blacklist_categories=["Cs"]), max_size=50),
)
def test_every_value_comes_back_to_the_last_digit(
    store: Store, lon: float, lat: float, height: float | None, fiber: bool | None, name: str | None
) -> None:
    (asset_id,) = store.assets.add(
        make_assets(
            {"asset_id": None, "geometry": Point(lon, lat), "height_m": height, "on_fiber": fiber, "name": name}
        ),
        ANI,
    )
    row = store.assets.one(asset_id, viewer=VIEWER).iloc[0]
    assert (row.geometry.x, row.geometry.y) == (lon, lat)
    assert row["height_m"] == height if height is not None else math.isnan(row["height_m"])
    assert row["on_fiber"] is fiber
    assert row["name"] == name.strip() if name and name.strip() else pd.isna(row["name"])
    then = store.history.of(asset_id, VIEWER)[0].after
    assert shapely.equals_identical(then["geometry"], row.geometry)


def test_an_asset_without_an_identifier_gets_one_that_nobody_has(store: Store) -> None:
    store.assets.add(make_assets({"asset_id": "tower-00001", "kind": "tower"}), ANI)
    made = store.assets.add(make_assets({"asset_id": None, "kind": "tower"}, {"asset_id": " ", "kind": "tower"}), ANI)
    assert made == ["tower-00002", "tower-00003"]


def test_a_new_asset_continues_the_offices_own_series(store: Store) -> None:
    store.assets.add(make_assets(*({"asset_id": f"TWR-{n:03d}", "kind": "tower"} for n in (1, 2, 250))), ANI)
    store.assets.add(make_assets({"asset_id": "MENARA", "kind": "tower"}), ANI)
    made = store.assets.add(make_assets({"asset_id": None, "kind": "tower"}, {"asset_id": None, "kind": "tower"}), ANI)
    assert made == ["TWR-251", "TWR-252"]
    assert store.assets.add(make_assets({"asset_id": None, "kind": "wifi"}), ANI) == ["wifi-00001"]


def test_a_route_is_split_in_one_change_and_one_undo_makes_it_whole(store: Store) -> None:
    whole = LineString([(112.1, -8.1), (112.2, -8.15), (112.3, -8.2)])
    routes = [
        {"asset_id": f"FO-{n:03d}", "kind": "fiber_route", "name": "Rute", "geometry": whole} for n in (5, 16, 17)
    ]
    store.assets.add(make_assets(*routes), ANI)
    first, second = LineString(whole.coords[:2]), LineString(whole.coords[1:])
    made = store.assets.split(Change("FO-005", 1, {"geometry": first}), second, ANI, "dipisah di ODP")
    assert made == "FO-018"
    kept = store.assets.table(viewer=VIEWER).set_index("asset_id")
    assert (kept.loc["FO-005"].geometry, kept.loc["FO-018"].geometry) == (first, second)
    assert (kept.loc["FO-018", "name"], kept.loc["FO-018", "version"]) == ("Rute", 1)
    assert [store.history.of(one, VIEWER)[-1].action for one in ("FO-005", "FO-018")] == ["split", "split"]
    with pytest.raises(StaleVersionError):
        store.assets.split(Change("FO-005", 1, {"geometry": first}), second, BUDI)
    with pytest.raises(RowError, match="not_a_line"):
        store.assets.split(Change("FO-016", 1, {"geometry": first}), Point(112.2, -8.1), ANI)
    store.history.undo_last(ANI)
    kept = store.assets.table(viewer=VIEWER).set_index("asset_id")
    assert list(kept.index) == ["FO-005", "FO-016", "FO-017"]
    assert kept.loc["FO-005"].geometry == whole


def test_a_change_makes_the_next_version_and_a_line_of_history(three: Store) -> None:
    assert (
        three.assets.change("wifi-1", 1, {"status": "damaged", "note": "tersambar petir"}, BUDI, "laporan warga") == 2
    )
    first, second = three.history.of("wifi-1", VIEWER)
    assert (first.version, first.who, first.action, first.note, first.before) == (1, "eko", "add", "awal", None)
    assert (second.version, second.who, second.action, second.note) == (2, "adi", "change", "laporan warga")
    assert second.changed == ["status", "note"]
    assert (second.before["status"], second.after["status"]) == ("operational", "damaged")
    assert first.at < second.at
    assert second.at.endswith("Z")


def test_a_change_that_changes_nothing_makes_no_version(three: Store) -> None:
    before = three.assets.revision()
    assert three.assets.change("wifi-1", 1, {"status": "operational"}, ANI) == 1
    assert len(three.history.of("wifi-1", VIEWER)) == 1
    assert three.assets.revision() == before


def test_a_stale_change_is_refused_with_both_values_and_merges_field_by_field(three: Store) -> None:
    three.assets.change("wifi-1", 1, {"status": "damaged", "owner": "Dinas Pendidikan"}, BUDI)
    with pytest.raises(StaleVersionError) as refused:
        three.assets.change("wifi-1", 1, {"status": "inactive", "name": "Balai Desa"}, ANI)
    (conflict,) = refused.value.details["conflicts"]
    assert (conflict.your_version, conflict.their_version, conflict.who) == (1, 2, "adi")
    status = conflict.fields["status"]
    assert (status.base, status.yours, status.theirs) == ("operational", "inactive", "damaged")
    assert conflict.clashes == ["status"]
    with pytest.raises(KeyError):
        conflict.merged()
    assert three.assets.change("wifi-1", conflict.their_version, conflict.merged({"status": "theirs"}), ANI) == 3
    row = three.assets.one("wifi-1").iloc[0]
    assert (row["status"], row["owner"], row["name"]) == ("damaged", "Dinas Pendidikan", "Balai Desa")
    assert conflict.merged({"status": "yours"}) == {"status": "inactive", "name": "Balai Desa"}


def test_the_same_change_by_two_people_is_no_clash(three: Store) -> None:
    three.assets.change("wifi-1", 1, {"status": "damaged"}, BUDI)
    with pytest.raises(StaleVersionError) as refused:
        three.assets.change("wifi-1", 1, {"status": "damaged", "name": "Pos"}, ANI)
    (conflict,) = refused.value.details["conflicts"]
    assert conflict.clashes == []
    assert conflict.merged() == {"name": "Pos"}


def test_many_changes_are_kept_all_or_none(three: Store) -> None:
    three.assets.change("rute-1", 1, {"note": "diperpanjang"}, BUDI)
    both = [Change("wifi-1", 1, {"status": "damaged"}), Change("rute-1", 1, {"status": "damaged"})]
    with pytest.raises(StaleVersionError) as refused:
        three.assets.change_many(both, ANI)
    assert [conflict.asset_id for conflict in refused.value.details["conflicts"]] == ["rute-1"]
    assert three.assets.one("wifi-1").iloc[0]["status"] == "operational"
    assert three.assets.change_many([both[0], Change("rute-1", 2, {"status": "damaged"})], ANI, "banjir") == {
        "wifi-1": 2,
        "rute-1": 3,
    }
    assert len({three.history.of(name, VIEWER)[-1].change_id for name in ("wifi-1", "rute-1")}) == 1


@pytest.mark.parametrize(
    ("changes", "code", "offered"),
    [
        ({"status": "rusak"}, "store.unknown_value", "damaged"),
        ({"kind": "warnet"}, "store.unknown_value", "wifi"),
        ({"height_m": 4000}, "store.out_of_range", None),
        ({"height_m": "31m"}, "store.not_a_number", None),
        ({"height_m": True}, "store.not_a_number", None),
        ({"height_m": float("inf")}, "store.out_of_range", None),
        ({"on_fiber": "ya"}, "store.not_yes_or_no", None),
        ({"name": 7}, "store.not_text", None),
        ({"name": "x" * 2001}, "store.too_long", None),
        ({"name": "a\x00b"}, "store.bad_text", None),
        ({"name": "\ud800"}, "store.bad_text", None),
        ({"status": None}, "store.required", None),
        ({"installed_on": "20-11-2026"}, "store.not_a_date", None),
        ({"installed_on": "2026-02-30"}, "store.not_a_date", None),
        ({"photos": "javascript:alert(1)"}, "store.not_a_link", None),
        ({"photos": "https://foto.example/a.jpg\nfile:///etc/passwd"}, "store.not_a_link", None),
        ({"geometry": LineString([(112, -8), (113, -8)])}, "store.not_a_point", None),
        ({"kind": "fiber_route"}, "store.not_a_line", None),
        ({"geometry": Point()}, "store.not_a_point", None),
        ({"geometry": Point(-8.1, 112.1)}, "store.outside_earth", None),
        ({"geometry": Point(float("nan"), 0)}, "store.outside_earth", None),
        ({"geometry": None}, "store.required", None),
        ({"geometry": "POINT (112 -8)"}, "store.not_a_geometry", None),
        ({"tinggi": 5}, "store.unknown_field", "height_m"),
        ({"struck_out": True}, "store.unknown_field", None),
        ({"asset_id": "wifi-2"}, "store.unknown_field", None),
        ({"version": 9}, "store.unknown_field", None),
    ],
)
def test_a_value_outside_the_schema_is_refused_by_the_store(
    three: Store, changes: dict[str, object], code: str, offered: str | None
) -> None:
    with pytest.raises(RowError) as refused:
        three.assets.change("wifi-1", 1, changes, ANI)
    assert refused.value.code == code
    assert refused.value.place.column == next(iter(changes)) or code == "store.not_a_line"
    if offered:
        assert offered in refused.value.details["offered"]
    assert len(three.history.of("wifi-1", VIEWER)) == 1


def test_a_bad_row_among_good_ones_is_named_and_none_is_kept(store: Store) -> None:
    with pytest.raises(RowError) as refused:
        store.assets.add(make_assets({}, {"status": "rusak"}, {}), ANI)
    assert (refused.value.place.row, refused.value.place.column, refused.value.place.value) == (2, "status", "rusak")
    assert store.assets.table().empty


def test_an_identifier_is_used_once(three: Store) -> None:
    with pytest.raises(RowError, match="store.duplicate_id"):
        three.assets.add(make_assets({"asset_id": "wifi-1"}), ANI)
    with pytest.raises(RowError, match="store.duplicate_id"):
        three.assets.add(make_assets({"asset_id": "x"}, {"asset_id": "x"}), ANI)
    with pytest.raises(RowError, match="store.no_such_asset"):
        three.assets.change("tidak-ada", 1, {"note": "x"}, ANI)


def test_heights_of_a_place_are_dropped_and_a_route_may_have_parts(store: Store) -> None:
    parts = shapely.from_wkt("MULTILINESTRING ((112 -8, 112.1 -8), (112.2 -8, 112.3 -8))")
    store.assets.add(
        make_assets({"geometry": Point(112, -8, 31)}, {"asset_id": "r", "kind": "fiber_route", "geometry": parts}), ANI
    )
    kept = store.assets.table().set_index("asset_id").geometry
    assert not kept["wifi-1"].has_z
    assert kept["r"].equals_exact(parts, 0)


def test_nothing_is_deleted(three: Store) -> None:
    assert three.assets.decommission("wifi-1", 1, ANI, "dibongkar") == 2
    assert three.assets.one("wifi-1").iloc[0]["status"] == "decommissioned"
    assert three.assets.strike_out("rute-1", 1, ANI, "salah catat") == 2
    assert list(three.assets.table(viewer=VIEWER)["asset_id"]) == ["cctv-1", "wifi-1"]
    struck = three.assets.one("rute-1").iloc[0]
    assert struck["struck_out"]
    assert [line.action for line in three.history.of("rute-1", VIEWER)] == ["add", "strike_out"]
    assert not hasattr(three, "delete")


def test_the_inventory_as_it_was_at_any_date(store: Store, clock: Clock) -> None:
    store.assets.add(make_assets({}), ANI)
    clock.set("2026-06-01T03:00:00+00:00")
    store.assets.add(make_assets({"asset_id": "baru"}), ANI)
    store.assets.change("wifi-1", 1, {"status": "damaged"}, ANI)
    clock.set("2026-09-01T03:00:00+00:00")
    store.assets.strike_out("wifi-1", 2, ANI)
    assert list(store.assets.table(at="2026-02-01", viewer=VIEWER)["asset_id"]) == []
    march = store.assets.table(at="2026-04-01", viewer=VIEWER)
    assert list(zip(march["asset_id"], march["status"], strict=True)) == [("wifi-1", "operational")]
    summer = store.assets.table(at="2026-07-01", viewer=VIEWER)
    assert list(zip(summer["asset_id"], summer["status"], strict=True)) == [
        ("baru", "operational"),
        ("wifi-1", "damaged"),
    ]
    assert list(store.assets.table(at="2026-09-30", viewer=VIEWER)["asset_id"]) == ["baru"]
    assert store.assets.one("wifi-1", at="2026-07-01T00:00:00+00:00", viewer=VIEWER).iloc[0]["version"] == 2
    with pytest.raises(StoreError, match="store.not_a_moment"):
        store.assets.table(at="1 Juli 2026", viewer=VIEWER)


def test_a_clock_that_goes_back_does_not_turn_the_history_around(store: Store, clock: Clock) -> None:
    store.assets.add(make_assets({}), ANI)
    clock.set("2020-01-01T00:00:00+00:00")
    store.assets.change("wifi-1", 1, {"note": "kemudian"}, ANI)
    first, second = store.history.of("wifi-1", VIEWER)
    assert second.at > first.at
    assert store.assets.table(at=first.at, viewer=VIEWER).iloc[0]["version"] == 1


def test_an_asset_is_set_back_by_a_new_change(three: Store) -> None:
    three.assets.change("wifi-1", 1, {"name": "Salah", "geometry": Point(113, -8)}, ANI)
    with pytest.raises(StaleVersionError):
        three.history.set_back("wifi-1", 1, 1, ANI)
    assert three.history.set_back("wifi-1", 2, 1, ANI, "keliru") == 3
    row = three.assets.one("wifi-1").iloc[0]
    assert (row["name"], row.geometry.x) == ("Titik 1", 112.11)
    with pytest.raises(RowError, match="store.no_such_version"):
        three.history.set_back("wifi-1", 3, 17, ANI)


def test_the_whole_inventory_is_set_back(store: Store, clock: Clock) -> None:
    store.assets.add(make_assets({}, {}), ANI)
    clock.set("2026-05-01T00:00:00+00:00")
    store.assets.change("wifi-1", 1, {"status": "damaged"}, ANI)
    store.assets.strike_out("wifi-2", 1, ANI)
    store.assets.add(make_assets({"asset_id": "baru"}), ANI)
    assert store.history.set_back_all("2026-04-01", ADMIN, "percobaan") == ["baru", "wifi-1", "wifi-2"]
    now = store.assets.table(viewer=VIEWER)
    assert list(zip(now["asset_id"], now["status"], strict=True)) == [
        ("wifi-1", "operational"),
        ("wifi-2", "operational"),
    ]
    assert len({store.history.of(name, VIEWER)[-1].change_id for name in ("baru", "wifi-1", "wifi-2")}) == 1


def test_undo_takes_back_ones_own_last_changes_one_after_the_other(three: Store) -> None:
    three.assets.change("wifi-1", 1, {"name": "Satu"}, ANI)
    three.assets.change("rute-1", 1, {"name": "Milik Budi"}, BUDI)
    three.assets.change_many([Change("wifi-1", 2, {"name": "Dua"}), Change("cctv-1", 1, {"status": "damaged"})], ANI)
    assert three.history.undo_last(ANI).set_back == ["cctv-1", "wifi-1"]
    assert three.assets.one("wifi-1").iloc[0]["name"] == "Satu"
    assert three.history.undo_last(ANI).set_back == ["wifi-1"]
    assert three.assets.one("wifi-1").iloc[0]["name"] == "Titik 1"
    assert three.assets.one("rute-1").iloc[0]["name"] == "Milik Budi"
    undone = three.history.undo_last(ANI)  # the adding itself: route changed since by somebody else
    assert undone.set_back == ["cctv-1", "wifi-1"]
    assert undone.kept == {"rute-1": ["name"]}
    with pytest.raises(StoreError, match="store.nothing_to_undo"):
        three.history.undo_last(ANI)


def test_undo_leaves_what_others_did_to_the_same_field(three: Store) -> None:
    three.assets.change("wifi-1", 1, {"name": "Ani", "note": "Ani"}, ANI)
    three.assets.change("wifi-1", 2, {"name": "Budi"}, BUDI)
    undone = three.history.undo_last(ANI)
    assert undone.kept == {"wifi-1": ["name"]}
    row = three.assets.one("wifi-1").iloc[0]
    assert row["name"] == "Budi"
    assert pd.isna(row["note"])


def test_a_change_sent_twice_is_done_once(three: Store) -> None:
    assert three.assets.change("wifi-1", 1, {"note": "a"}, ANI, change_id="satu") == 2
    assert three.assets.change("wifi-1", 1, {"note": "a"}, ANI, change_id="satu") == 2
    assert len(three.history.of("wifi-1", VIEWER)) == 2
    assert three.assets.add(make_assets({"asset_id": None}), ANI, change_id="dua") == three.assets.add(
        make_assets({"asset_id": None}), ANI, change_id="dua"
    )
    with pytest.raises(StoreError, match="store.change_id_taken"):
        three.assets.decommission("wifi-1", 2, ANI, change_id="satu")


def test_the_revision_grows_with_every_change_and_with_nothing_else(three: Store) -> None:
    before = three.assets.revision()
    three.assets.table(viewer=VIEWER)
    three.assets.page()
    assert three.assets.revision() == before
    three.assets.change("wifi-1", 1, {"note": "x"}, ANI)
    assert three.assets.revision() > before


def test_a_page_is_filtered_sorted_and_counted(store: Store) -> None:
    store.assets.add(
        make_assets(
            *(
                {"name": f"Balai {n:02d}", "height_m": float(n % 7), "owner": "Swasta" if n % 3 else None}
                for n in range(40)
            )
        ),
        ANI,
    )
    page = store.assets.page(AssetFilter(text="balai 1"), sort="name", descending=True, offset=2, limit=3)
    assert page.total == 10
    assert list(page.rows["name"]) == ["Balai 17", "Balai 16", "Balai 15"]
    assert store.assets.page(AssetFilter(owners=("Swasta",))).total == 26
    assert store.assets.owners() == ["Swasta"]
    first = store.assets.page(sort="height_m", limit=6).rows
    assert set(first["height_m"]) == {0.0}
    assert list(first["asset_id"]) == sorted(first["asset_id"])
    last = store.assets.page(sort="owner", descending=True, offset=26).rows
    assert last["owner"].isna().all()
    with pytest.raises(StoreError, match="store.no_such_column"):
        store.assets.page(sort="geometry; DROP TABLE assets")


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "\\", "Ö"])
def test_what_is_searched_for_is_text_and_nothing_else(store: Store, text: str) -> None:
    store.assets.add(make_assets({"name": "biasa"}, {"name": f"a{text}b"}), ANI)
    assert list(store.assets.table(AssetFilter(text=text))["asset_id"]) == ["wifi-2"]


FILTERS = [
    AssetFilter(),
    AssetFilter(struck_out=True),
    AssetFilter(kinds=("wifi", "cctv")),
    AssetFilter(statuses=("damaged",)),
    AssetFilter(text="lima"),
    AssetFilter(text="eko"),
    AssetFilter(needs_check=True),
    AssetFilter(asset_ids=("rute-1",)),
    AssetFilter(bounds=(112.05, -8.2, 112.12, -8.0)),
    AssetFilter(bounds=(112.15, -8.2, 112.16, -8.14)),
    AssetFilter(villages=("3505010001",)),
    AssetFilter(subdistricts=("Bakung",), kinds=("wifi",)),
]


@pytest.mark.parametrize("asked", FILTERS, ids=repr)
def test_the_database_and_the_past_understand_a_filter_alike(three: Store, asked: AssetFilter) -> None:
    square = gpd.GeoDataFrame(
        {"village_code_bps": ["3505010001"], "village": ["Ngrejo"], "subdistrict": ["Bakung"]},
        geometry=[shapely.box(112.0, -8.2, 112.12, -8.0)],
        crs=4326,
    )
    three.villages.use(square)
    three.assets.change("wifi-1", 1, {"needs_check": True, "village_code_entered": "3505010001"}, ANI)
    three.assets.change("cctv-1", 1, {"status": "damaged", "village_code_entered": "3505010099"}, ANI)
    three.assets.add(make_assets({"asset_id": "salah"}), ANI)
    three.assets.strike_out("salah", 1, ANI)
    now = three.assets.table(asked, viewer=VIEWER)
    past = three.assets.table(asked, at="2999-01-01", viewer=VIEWER)
    pd.testing.assert_frame_equal(
        pd.DataFrame(now.drop(columns="geometry")), pd.DataFrame(past.drop(columns="geometry"))
    )
    assert now.geometry.geom_equals_exact(past.geometry, 0).all()
    everything = three.assets.table(AssetFilter(struck_out=True), viewer=VIEWER)
    assert list(everything.loc[keep(everything, asked, True), "asset_id"]) == list(now["asset_id"])
    assert 0 < len(now) <= len(everything) or asked.bounds == (112.15, -8.2, 112.16, -8.14) or asked.text == "eko"


def test_the_village_is_computed_from_the_place_and_follows_it(three: Store, url: str) -> None:
    squares = gpd.GeoDataFrame(
        {
            "village_code_bps": ["3505010001", "3505010002"],
            "village": ["Ngrejo", "Bakung"],
            "subdistrict": ["Bakung", "Bakung"],
        },
        geometry=[shapely.box(112.0, -8.2, 112.12, -8.0), shapely.box(112.12, -8.2, 112.3, -8.0)],
        crs=4326,
    )
    revision = three.assets.revision()
    three.villages.use(squares)
    assert three.assets.revision() == revision  # nothing that anybody entered has changed
    kept = three.assets.table(viewer=VIEWER).set_index("asset_id")
    assert dict(kept["village"]) == {"wifi-1": "Ngrejo", "rute-1": "Bakung", "cctv-1": "Bakung"}
    three.assets.change("wifi-1", 1, {"geometry": Point(112.2, -8.1)}, ANI)
    assert three.assets.one("wifi-1").iloc[0]["village_code_bps"] == "3505010002"
    three.assets.change("wifi-1", 2, {"geometry": Point(100, 0)}, ANI)
    assert pd.isna(three.assets.one("wifi-1").iloc[0]["village_code_bps"])
    assert three.history.of("wifi-1", VIEWER)[-1].changed == ["geometry"]
    again = open_store(url)  # another region's villages on another day: everything is looked up anew
    again.villages.use(squares.iloc[:1])
    assert list(again.assets.table(viewer=VIEWER)["village"].fillna("–")) == ["–", "Ngrejo", "–"]
    again.close()


def test_what_filters_offer_follows_every_change_and_hides_cameras(three: Store, url: str) -> None:
    """It is looked up again only when something changed, also by another program."""
    squares = gpd.GeoDataFrame(
        {
            "village_code_bps": ["3505010001", "3505010002"],
            "village": ["Ngrejo", "Bakung"],
            "subdistrict": ["Bakung", "Bakung"],
        },
        geometry=[shapely.box(112.0, -8.2, 112.12, -8.0), shapely.box(112.12, -8.2, 112.3, -8.0)],
        crs=4326,
    )
    assert three.assets.places(VIEWER) == []
    three.villages.use(squares)
    assert [village for _, village, _ in three.assets.places(VIEWER)] == ["Bakung", "Ngrejo"]
    three.assets.change("cctv-1", 1, {"owner": "Polres"}, EDITOR)
    assert three.assets.owners(VIEWER) == ["Diskominfo", "Polres"]
    assert three.assets.owners(None) == ["Diskominfo"]
    beside = open_store(url)
    beside.assets.change("rute-1", 1, {"owner": "Swasta"}, EDITOR)
    beside.assets.strike_out("wifi-1", 1, EDITOR)
    beside.close()
    assert three.assets.owners(VIEWER) == ["Polres", "Swasta"]
    assert [village for _, village, _ in three.assets.places(None)] == ["Bakung"]


def test_what_came_in_from_where_no_villages_are_known_is_looked_up_when_they_are(store: Store, url: str) -> None:
    """As on the command line while the app is running, and out of a backup that was made before."""
    squares = gpd.GeoDataFrame(
        {"village_code_bps": ["3505010001"], "village": ["Barat"], "subdistrict": ["Wates"]},
        geometry=[box(112.0, -8.2, 112.2, -8.0)],
        crs=4326,
    )
    store.villages.use(squares)
    beside = open_store(url)
    beside.assets.add(make_assets({}), EDITOR)
    beside.close()
    assert store.assets.table(viewer=VIEWER)["village"].isna().all()
    store.villages.use(squares)
    assert list(store.assets.table(viewer=VIEWER)["village"]) == ["Barat"]
    assert store.assets.places(VIEWER) == [("Wates", "Barat", "3505010001")]
