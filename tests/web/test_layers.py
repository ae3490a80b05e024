"""What the browser is sent to draw."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import MultiPolygon, Point, Polygon, get_num_coordinates, get_parts, union_all
from shapely.geometry import shape

from coverage.exports.outlines import simplified
from coverage.readers.villages import read_villages
from coverage.run.result import Analysis, people_unserved
from coverage.web.maps import layers
from coverage.web.maps.layers import LayerStore, Viewer, figure_layer
from tests.web.hostile import NAMES

VISITOR = Viewer()


def test_every_village_is_drawn_with_its_state_under_every_rule(analysis: Analysis) -> None:
    layer = layers.village_layer(analysis)
    assert len(layer["features"]) == len(analysis.villages)
    for rule in layer["rules"]:
        at = layer["rules"].index(rule)
        drawn = {f["properties"]["code"]: f["properties"]["states"][at] for f in layer["features"]}
        assert drawn == analysis.states(rule).to_dict()
        possible = {f["properties"]["code"] for f in layer["features"] if f["properties"]["possible"][at]}
        told = analysis.blank_spots[analysis.blank_spots["rule"] == rule].set_index("village_code_bps")["certainty"]
        assert possible == set(told.index[told == "possible"])


@pytest.mark.slow
def test_neighbours_still_share_their_border_after_simplifying(shared: Path) -> None:
    villages, _ = read_villages(shared / "blitar" / "villages_bps_2020.geojson")
    drawn = [shape(layers.rounded(one)) for one in simplified(villages, layers.MOST_VERTICES).to_crs(4326).geometry]
    together = union_all(drawn)
    assert sum(map(get_num_coordinates, drawn)) <= layers.MOST_VERTICES
    assert sum(one.area for one in drawn) == pytest.approx(together.area, rel=1e-9)  # nothing lies over another
    assert together.area == pytest.approx(villages.union_all().area, rel=1e-4)  # and no gap opened between them


def test_a_sliver_that_cannot_be_simplified_leaves_the_others_a_map(analysis: Analysis) -> None:
    """As in a file of 8,494 villages: a part of two places, which GEOS refuses with all that is simplified beside it."""
    whole = gpd.GeoDataFrame(analysis.villages).to_crs(32749)
    sliver = Polygon([(780857.3, 9145601.5), (780857.3, 9145601.5), (780861.3, 9145600.8), (780857.3, 9145601.5)])
    shapes = [MultiPolygon([*get_parts(one), sliver]) if at == 0 else one for at, one in enumerate(whole.geometry)]
    made = simplified(whole.set_geometry(gpd.GeoSeries(shapes, index=whole.index, crs=32749)), most_vertices=10)
    assert not made.geometry.is_empty.any()
    assert made.geometry.area.sum() == pytest.approx(made.union_all().area, rel=1e-9)  # none lies over another
    assert made.geometry.area.sum() == pytest.approx(whole.geometry.area.sum(), rel=1e-2)


def test_every_subdistrict_has_an_outline_and_a_label_inside_it(analysis: Analysis) -> None:
    features = layers.subdistrict_layer(analysis)["features"]
    assert {f["properties"]["name"] for f in features} == set(analysis.villages["subdistrict"])
    for feature in features:
        lat, lon = feature["properties"]["at"]
        assert shape(feature["geometry"]).buffer(1e-4).contains(Point(lon, lat))


def test_assets_carry_their_names_as_data_whatever_they_hold(analysis: Analysis) -> None:
    assert analysis.assets is not None
    assets = analysis.assets.head(len(NAMES)).assign(name=list(NAMES))
    hostile = replace(analysis, assets=assets, run={**analysis.run, "run_id": "hostile"})
    layer = layers.asset_layer(hostile, VISITOR)
    assert layer is not None
    name = LayerStore().put(layer)
    assert len(name) == 32
    assert [feature["properties"]["name"] for feature in layer["features"]] == list(NAMES)
    assert {feature["properties"]["sample"] for feature in layer["features"]} == {True}


def test_without_an_asset_list_there_is_no_layer_of_assets(analysis: Analysis) -> None:
    bare = replace(analysis, assets=None, run={**analysis.run, "run_id": "bare"})
    assert layers.visible_assets(bare, VISITOR) is None
    assert layers.asset_layer(bare, VISITOR) is None


def test_a_layer_is_found_by_the_hash_of_its_content() -> None:
    store = LayerStore()
    name = store.put({"a": "ü"})
    assert store.put({"a": "ü"}) == name
    assert store.put({"a": "u"}) != name
    packed = store.get(name)
    assert packed is not None
    assert json.loads(gzip.decompress(packed)) == {"a": "ü"}
    assert store.get("0" * 32) is None


def test_the_layer_used_longest_ago_makes_room() -> None:
    store = LayerStore(room=150)
    first, second = store.put({"n": list(range(40))}), store.put({"n": list(range(1, 41))})
    assert store.get(first) is None
    assert store.get(second) is not None


def test_a_layer_that_had_to_make_room_is_made_again(analysis: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    name = layers.layer_name(analysis, "villages", VISITOR)
    assert name is not None
    assert layers.STORE.get(name) is not None
    monkeypatch.setattr(layers, "STORE", LayerStore())
    assert layers.layer_name(analysis, "villages", VISITOR) == name
    assert layers.STORE.get(name) is not None


def test_numbers_that_json_cannot_hold_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        LayerStore().put({"a": float("nan")})


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [1, 7, 100_000])
def test_a_layer_written_a_few_features_at_a_time_is_the_same(
    monkeypatch: pytest.MonkeyPatch, analysis: Analysis, at_once: int
) -> None:
    whole = layers.asset_layer(analysis, layers.Viewer())
    assert whole is not None
    monkeypatch.setattr(layers, "AT_ONCE", at_once)
    again = layers.asset_layer.__wrapped__(analysis, layers.Viewer())  # type: ignore[attr-defined]
    assert again == whole
    plain = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
    assert gzip.decompress(layers.STORE.get(layers.STORE.put(again)) or b"") == plain


def test_villages_are_painted_by_figures_that_are_known_and_differ(analysis: Analysis) -> None:
    layer = figure_layer(analysis)
    assert layer["codes"] == list(analysis.villages["village_code_bps"])
    people = people_unserved(analysis, analysis.parameters.rule()).reindex(layer["codes"])
    assert layer["figures"]["people_unserved"] == [None if one != one else one for one in people]
    ranked = analysis.priority.set_index("village_code_bps")["rank"].reindex(layer["codes"])
    assert layer["figures"]["rank"] == [None if one != one else one for one in ranked.astype(float)]
    assert all(len(values) == len(layer["codes"]) for values in layer["figures"].values())
    unknown = analysis.villages.assign(population=float("nan"))
    without = replace(analysis, villages=unknown, run={**analysis.run, "run_id": "no-people"})
    assert not {"population", "density", "people_unserved"} & set(figure_layer(without)["figures"])
