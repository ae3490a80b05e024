"""Layers made when they are asked for: areas are where the run finds service, people where they live."""

import gc
import gzip
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from shapely.geometry import shape

from coverage.exports.overlays import PEOPLE_BREAKS, PEOPLE_COLOURS, people_overlay
from coverage.language.words import Words
from coverage.run.areas import area_choices, area_of
from coverage.run.result import Analysis
from coverage.web.maps.layers import STORE, LayerStore, Viewer
from coverage.web.maps.on_demand import offered


def test_an_area_is_where_the_run_finds_the_service_in_the_region(analysis: Analysis) -> None:
    assert analysis.land is not None
    outlines = analysis.villages.to_crs(analysis.land.crs).union_all()
    for service in ("cellular", "public_wifi"):
        area = area_of(analysis, "service", service)
        assert area is not None
        placed = analysis.villages.set_geometry([area] * len(analysis.villages)).head(1).to_crs(analysis.land.crs)
        served = float((analysis.reach[service] * analysis.cells["area_m2"]).sum())
        assert placed.geometry.iloc[0].intersection(outlines).area == pytest.approx(served, rel=0.01)


def test_an_operator_has_the_area_of_its_own_masts_alone(analysis: Analysis) -> None:
    whole = area_of(analysis, "service", "cellular")
    names = [value for by, value in area_choices(analysis) if by == "operator"]
    areas = [area_of(analysis, "operator", name) for name in names]
    assert whole is not None
    assert len(names) == 4
    for area in areas:
        assert area is not None
        assert 0 < area.area < whole.area
        assert area.difference(whole.buffer(1e-4)).area == pytest.approx(0, abs=1e-6)


def test_people_are_coloured_by_their_density_and_nobody_where_nobody_is_known(analysis: Analysis) -> None:
    assert analysis.land is not None
    population = analysis.villages["population"].to_numpy(dtype=float)
    made = people_overlay(analysis.land, analysis.cells, population)
    picture = np.asarray(Image.open(io.BytesIO(made.png)).convert("RGBA"))
    (south, west), (north, east) = made.bounds
    at = int(np.argmax(population / analysis.villages["area_km2"].to_numpy(dtype=float)))  # the densest village
    village = analysis.villages.iloc[at]
    row = int((north - village["centre_lat"]) / (north - south) * picture.shape[0])
    column = int((village["centre_lon"] - west) / (east - west) * picture.shape[1])
    colour = PEOPLE_COLOURS[np.digitize(village["population"] / village["area_km2"], PEOPLE_BREAKS)]
    assert colour == "#{:02X}{:02X}{:02X}".format(*picture[row, column, :3])
    nobody = people_overlay(analysis.land, analysis.cells, np.full(len(population), np.nan))
    assert not np.asarray(Image.open(io.BytesIO(nobody.png)).convert("RGBA"))[..., 3].any()


def test_a_layer_is_made_once_when_it_is_asked_for_and_a_fresh_one_each_time() -> None:
    store, made = LayerStore(), []

    def make() -> dict[str, object]:
        made.append(1)
        return {"features": []}

    once, always = store.promise("a", make=make), store.promise("b", make=make, fresh=True)
    assert (store.get(once), made) == (None, [])
    assert [store.made(once), store.made(once)] == [store.get(once)] * 2
    assert len(made) == 1
    assert store.made(always)
    assert store.made(always)
    assert (len(made), store.get(always), store.is_fresh(always)) == (3, None, True)
    assert store.made("0" * 32) is None
    assert LayerStore().promise("a", make=make) != once  # nobody can tell the name


def test_areas_of_cameras_are_kept_from_strangers_and_no_layer_outlives_its_run(
    analysis: Analysis, words: Words
) -> None:
    run = replace(analysis, run={**analysis.run, "run_id": "areas-of-cameras"})

    def groups(run: Analysis, sees_cctv: bool) -> dict[str, str]:
        address = offered(run, words, Viewer(sees_cctv=sees_cctv))["areas"]
        found = json.loads(gzip.decompress(STORE.get(address.split("/")[-1].removesuffix(".json")) or b""))
        return {one["name"]: one["url"].split("/")[-1].removesuffix(".json") for one in found["groups"]}

    assert groups(run, True).keys() - groups(run, False).keys() == {"Pantauan CCTV"}
    assert STORE.is_guarded(groups(run, True)["Pantauan CCTV"])
    assert not STORE.is_guarded(groups(run, True)["Seluler"])
    packed = STORE.made(groups(run, True)["Wi-Fi publik"])
    assert packed is not None
    assert shape(json.loads(gzip.decompress(packed))["features"][0]["geometry"]).area > 0
    name = groups(run, True)["Seluler"]
    del run
    gc.collect()
    assert STORE.made(name) is None
