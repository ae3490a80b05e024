"""Nobody who has not signed in learns from a file of a run which cameras there are and where, or who wrote what: every
byte is searched."""

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pypdfium2
import pytest

from coverage.exports import bundle, public_page
from coverage.exports.bundle import file_names, output_files
from coverage.exports.html_map import UNIT
from coverage.exports.public_page import public_files
from coverage.language.words import Words
from coverage.readers.costs import read_costs
from coverage.readers.parameters import read_parameters
from coverage.rollout.plan import RolloutPlan
from coverage.run import privacy
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import load_inputs
from coverage.run.planning import default_request, make_plan, survey_of
from coverage.run.privacy import for_outsiders, without_private_feeds
from coverage.run.result import Analysis


@pytest.fixture(scope="module")
def run() -> tuple[Analysis, RolloutPlan, pd.DataFrame]:
    """The region that ships; its cameras have names that nothing else has, every third is damaged, many are on fibre.

    An account wrote every asset.
    """
    inputs = load_inputs()
    assert inputs.assets is not None
    assets = inputs.assets.copy()
    cameras = (assets["kind"] == "cctv").to_numpy()
    number = pd.Series(np.arange(len(assets)), index=assets.index).astype(str)
    assets.loc[cameras, "asset_id"] = "Kmr-" + number[cameras]
    assets.loc[cameras, "name"] = "Rahasia " + number[cameras]
    assets.loc[cameras, "note"] = "tiang rahasia"
    assets.loc[cameras & (np.arange(len(assets)) % 3 == 0), "status"] = "damaged"
    assets.loc[cameras, "on_fiber"] = True
    assets["updated_by"], assets["photos"] = "rahasia-budi", "https://foto.desa.id/rahasia.jpg"
    inputs, parameters, costs = replace(inputs, assets=assets), read_parameters(), read_costs()
    ground = prepare(inputs, parameters)
    analysis = analyze(inputs, parameters, ground)
    survey = survey_of(analysis, ground, costs)
    return analysis, make_plan(analysis, survey, costs, default_request(costs), seconds=5).plan, survey.measures


def texts(name: str, content: bytes) -> Iterator[bytes]:
    """Everything that a file holds: its bytes, those of what is packed in it, and the text of its pages."""
    yield content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.namelist():
                yield from texts(part, archive.read(part))
    if name.endswith(".pdf"):
        with pypdfium2.PdfDocument(content) as document:
            yield "\n".join(page.get_textpage().get_text_range() for page in document).encode()


def told(name: str, content: bytes, analysis: Analysis) -> list[str]:
    """What a file tells of the cameras of a run."""
    assert analysis.assets is not None
    cameras = analysis.assets[analysis.assets["kind"] == "cctv"]
    places = [(f"{point.x:.5f}".rstrip("0"), f"{point.y:.5f}".rstrip("0")) for point in cameras.geometry]
    exact = [struct.pack("<dd", point.x, point.y) for point in cameras.geometry]
    found = []
    for held in texts(name, content):
        found += [word.decode() for word in re.findall(rb"Kmr-\d+|[Rr]ahasia", held)]
        numbers = set(re.findall(r"-?\d+\.\d+", held.decode("latin-1")))
        found += [f"{lon} {lat}" for lon, lat in places if lon in numbers and lat in numbers]
        found += [place.hex() for place in exact if place in held]
        found += [f"{x} {y}" for x, y in on_the_map(cameras) if f"[{x},{y}]".encode() in held]
    return found


def on_the_map(assets: pd.DataFrame) -> list[tuple[int, int]]:
    """Places of points in the units of the map that is a page."""
    return [(round(point.x / UNIT), round(point.y / UNIT)) for point in assets.geometry if point.geom_type == "Point"]


LISTS = {
    "assets.csv",
    "assets.xlsx",
    "assets.geojson",
    "villages.gpkg",
    "map.kmz",
    "map.html",
    "report.xlsx",
    "report.pdf",
}


WITH_ALL_COLUMNS = {"assets.csv", "assets.geojson", "villages.gpkg"}


@pytest.mark.slow
def test_no_export_tells_an_outsider_of_a_camera(run: tuple[Analysis, RolloutPlan, pd.DataFrame]) -> None:
    analysis, plan, _ = run
    names = [name for name in file_names(plan) if name != "map.png"]
    files = output_files(
        analysis, Words("id"), names, plan=plan, villages=list(analysis.priority["village_code_bps"])[:2]
    )
    assert {name: told(name, content, analysis)[:3] for name, content in files.items()} == {name: [] for name in files}


@pytest.mark.slow
def test_without_that_view_every_list_would(
    run: tuple[Analysis, RolloutPlan, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defence taken out, and whoever asks for the cameras, who gets them."""
    analysis, plan, _ = run
    files = output_files(analysis, Words("id"), LISTS, plan=plan, include_cctv=True)
    assert {name for name, content in files.items() if told(name, content, analysis)} == LISTS
    with monkeypatch.context() as patch:
        patch.setattr(privacy, "_OF_THE_OFFICE", ())
        patch.setattr(privacy, "_views", type(privacy._views)())
        files = output_files(analysis, Words("id"), LISTS, plan=plan)
        assert {name for name, content in files.items() if told(name, content, analysis)} == WITH_ALL_COLUMNS
    monkeypatch.setattr(bundle, "for_outsiders", lambda run: run)
    files = output_files(analysis, Words("id"), LISTS, plan=plan)
    assert {name for name, content in files.items() if told(name, content, analysis)} == LISTS


@pytest.mark.slow
def test_no_distance_to_a_camera_is_told_for_three_of_them_say_where_it_stands(
    run: tuple[Analysis, RolloutPlan, pd.DataFrame],
) -> None:
    analysis, _, measures = run
    assert analysis.assets is not None
    assert (analysis.village_service["nearest_asset_kind"] == "cctv").sum() > 100
    shown = for_outsiders(analysis)
    assert not (shown.village_service["nearest_asset_kind"] == "cctv").any()
    of_cameras = (analysis.village_service["nearest_asset_kind"] == "cctv").to_numpy(dtype=bool, na_value=False)
    assert shown.village_service.loc[of_cameras, "nearest_asset_m"].isna().all()
    assert not (shown.nearest["kind"] == "cctv").any()
    assert not (shown.blank_spots["nearest_kind"] == "cctv").any()
    at_cameras = measures.assign(feed=analysis.assets.loc[analysis.assets["kind"] == "cctv", "asset_id"].iloc[0])
    assert without_private_feeds(at_cameras, analysis)[["feed", "distance_m"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(without_private_feeds(measures, analysis), measures, check_dtype=False)


def test_states_and_reasons_stay_and_hold_no_empty_place(run: tuple[Analysis, RolloutPlan, pd.DataFrame]) -> None:
    analysis, _, _ = run
    shown = for_outsiders(analysis)
    pd.testing.assert_series_equal(shown.states(), analysis.states())
    files = output_files(analysis, Words("id"), ["villages.csv"])
    reasons = pd.read_csv(io.BytesIO(files["villages.csv"])).filter(like="reason")
    assert not reasons.apply(lambda column: column.astype(str).str.contains("–|CCTV")).to_numpy().any()


HELD = ["fiber_node", "fiber_route", "radio_link", "tower"]


@pytest.mark.slow
def test_no_byte_of_the_public_page_tells_of_a_camera_or_of_what_is_held_back(
    run: tuple[Analysis, RolloutPlan, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis = run[0]
    assets, evidence, words = analysis.assets, analysis.evidence, Words("id")
    assert assets is not None
    assert evidence is not None
    assert len(evidence)
    said = evidence.assign(source="Laporan warga rahasia")
    analysis = replace(analysis, evidence=said, run={**analysis.run, "inputs": {"rahasia.xlsx": "0"}})
    files = public_files(analysis, HELD)
    assert set(files) == {"index.html", "en.html", "villages.csv"}
    held = assets[assets["kind"].isin(HELD)]
    hidden = [*held["asset_id"], *(f"[{x},{y}]" for x, y in on_the_map(held)), analysis.priority["reasons"].iloc[0]]
    hidden += [words("exports.map.priority"), *(f"{words.kind(kind)} terdekat" for kind in HELD)]
    shown = assets[assets["kind"] == "wifi"]
    for name, content in files.items():
        assert told(name, content, analysis) == []
        whole = content.decode()
        assert [one for one in hidden if one in whole.replace('"priority":"' + words("exports.map.priority"), "")] == []
        if name.endswith(".html"):
            assert all(f"[{x},{y}]" in whole for x, y in on_the_map(shown))
    monkeypatch.setattr(public_page, "for_everybody", lambda run, _: run)
    assert all(
        told(name, content, analysis) for name, content in public_files(analysis, HELD).items() if "html" in name
    )
