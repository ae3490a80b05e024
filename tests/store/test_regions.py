"""One store holds many regions: an asset belongs to the one it lies in, and moves with its place."""

import geopandas as gpd
import pandas as pd
import shapely
from shapely import Point

from coverage.places.regencies import region_of
from coverage.store import Actor, AssetFilter, Store, open_store
from tests.store.stores import EDITOR, VIEWER, make_assets

ANI = Actor("ani", "editor")
IN_BLITAR, IN_BOGOR, IN_BREBES, AT_SEA = Point(112.2, -8.1), Point(106.8, -6.6), Point(109.0, -6.95), Point(108, -10)


def villages(code: str, name: str, at: Point) -> gpd.GeoDataFrame:
    """One village around a place."""
    return gpd.GeoDataFrame(
        {"village_code_bps": [code], "village": [name], "subdistrict": ["Kota"]},
        geometry=[shapely.box(at.x - 0.05, at.y - 0.05, at.x + 0.05, at.y + 0.05)],
        crs=4326,
    )


BLITAR = villages("3505010001", "Ngrejo", IN_BLITAR)
BOGOR = villages("3271010001", "Mulyaharja", IN_BOGOR)


def ids(store: Store, *regencies: str) -> list[str]:
    return list(store.assets.table(AssetFilter(regencies=regencies), viewer=VIEWER)["asset_id"])


def test_neither_region_sees_the_others_assets_whichever_was_looked_at_last(store: Store, url: str) -> None:
    store.assets.add(
        make_assets(
            {"asset_id": "a", "geometry": IN_BLITAR},
            {"asset_id": "b", "geometry": IN_BOGOR},
            {"asset_id": "c", "geometry": IN_BREBES},
            {"asset_id": "d", "geometry": AT_SEA},
        ),
        ANI,
    )
    for used in (BLITAR, BOGOR, BLITAR):
        store.villages.use(used)
    assert ids(store, "3505") == ["a", "d"]  # what lies in no regency is everybody's
    assert ids(store, "3271") == ["b", "d"]
    assert ids(store, "3329") == ["c", "d"]  # by its national outline: nobody has used its villages yet
    assert ids(store) == ["a", "b", "c", "d"]
    assert dict(store.assets.table(viewer=VIEWER).set_index("asset_id")["village"].dropna()) == {
        "a": "Ngrejo",
        "b": "Mulyaharja",
    }
    assert store.assets.exist(AssetFilter(bounds=(106.7, -6.7, 106.9, -6.5)))
    assert not store.assets.exist(AssetFilter(bounds=(100.0, 0.0, 101.0, 1.0)))
    other = open_store(url)  # another program that knows one of them takes nothing from the other
    other.villages.use(BOGOR.assign(village="Mulya Harja"))
    assert dict(other.assets.table(viewer=VIEWER).set_index("asset_id")["village"].dropna()) == {
        "a": "Ngrejo",
        "b": "Mulya Harja",
    }
    other.close()


def test_an_asset_moves_with_its_place_into_another_region(store: Store, url: str) -> None:
    store.assets.add(make_assets({"asset_id": "a", "geometry": IN_BLITAR}), ANI)
    store.villages.use(BLITAR)
    store.assets.change("a", 1, {"geometry": IN_BOGOR}, ANI)
    assert ids(store, "3505") == []
    assert ids(store, "3271") == ["a"]
    store.villages.use(BOGOR)
    assert store.assets.one("a", viewer=VIEWER).iloc[0]["village"] == "Mulyaharja"
    beside = open_store(url)  # as on the command line, where no villages are known
    beside.assets.change("a", 2, {"geometry": IN_BLITAR}, EDITOR)
    beside.close()
    store.villages.use(BLITAR)
    assert ids(store, "3505") == ["a"]
    now = store.assets.one("a", viewer=VIEWER).iloc[0]
    assert (now["village"], now["regency_code"]) == ("Ngrejo", "3505")


def test_what_lies_near_by_in_a_regency_that_nobody_uses_stays_on_the_list(store: Store) -> None:
    far = Point(111.6, -8.1)
    store.assets.add(
        make_assets({"asset_id": "a", "geometry": IN_BLITAR}, {"asset_id": "b", "geometry": IN_BOGOR}), ANI
    )
    store.assets.add(
        make_assets({"asset_id": "near", "geometry": Point(111.95, -8.05)}, {"asset_id": "far", "geometry": far}), ANI
    )
    store.villages.use(BLITAR)
    mine = store.villages.region_filter(BLITAR)
    assert mine.regencies == ("3505",)
    assert list(store.assets.table(mine, viewer=VIEWER)["asset_id"]) == ["a", "near"]
    store.villages.use(villages("3504010001", "Tulungagung", Point(111.95, -8.05)))
    assert list(store.assets.table(store.villages.region_filter(BLITAR), viewer=VIEWER)["asset_id"]) == ["a"]


def test_the_past_is_filtered_by_region_like_the_present(store: Store) -> None:
    store.assets.add(
        make_assets({"asset_id": "a", "geometry": IN_BLITAR}, {"asset_id": "b", "geometry": IN_BOGOR}), ANI
    )
    store.villages.use(BLITAR)
    past = store.assets.table(AssetFilter(regencies=("3505",)), at="2999-01-01", viewer=VIEWER)
    assert list(past["asset_id"]) == ["a"]


def test_the_region_of_villages_is_that_of_their_regencies() -> None:
    assert region_of(BLITAR) == "3505"
    both = pd.concat([BLITAR, BOGOR])
    assert region_of(both) == "3271+3505"
    assert region_of(pd.DataFrame({"village_code_bps": ["93.01.01.2001"]})) == "93.01"
