"""A base map that a region keeps: found by the run, served as tiles, credited, and followed by fibre."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from coverage.exports.html_map import write_html_map
from coverage.language.words import Words
from coverage.readers.basemap import OSM_CREDIT
from coverage.run import planning
from coverage.run.inputs import load_inputs
from coverage.run.result import Analysis
from coverage.store.drawn_on import keep_drawn_on
from coverage.store.permissions import Actor
from coverage.store.region_files import RegionFiles
from coverage.web.maps.map_view import _drawn_on
from tests.made_osm import HOSTILE, write_osm
from tests.web.test_server import get

EDITOR = Actor("ani", "editor")


@pytest.mark.slow
def test_it_is_found_served_credited_and_followed(
    analysis: Analysis, words: Words, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    files = RegionFiles("3505")
    given = {"title": "Uji", "dated": "2026", "origin": "upload"}
    keep_drawn_on(files, "basemap", [write_osm(tmp_path / "blitar.osm")], analysis.villages, given, EDITOR)
    kept = load_inputs().basemap
    assert kept is not None
    assert kept.credits == (OSM_CREDIT,)
    run = replace(analysis, basemap=kept, run={**analysis.run, "run_id": "drawn-on", "credits": list(kept.credits)})

    drawn = _drawn_on(run)["basemap"]
    status, headers, body = get(drawn["url"].format(z=13, x=6649, y=4281))
    assert status == 200
    assert headers["content-encoding"] == "gzip"
    assert "immutable" in headers["cache-control"]
    assert json.loads(gzip.decompress(body))["f"]
    assert get(drawn["url"].format(z=13, x=9999, y=4281))[0] == 404
    assert OSM_CREDIT in gzip.decompress(get(drawn["credits"])[2]).decode()

    page = write_html_map(run, words).decode()  # type: ignore[arg-type]
    assert OSM_CREDIT in page
    assert '"kind":"town","name":"Kota Uji"' in page
    assert HOSTILE not in page

    def followed(*_: Any, roads: Any, **__: Any) -> Any:
        return roads

    monkeypatch.setattr(planning, "survey", followed)
    roads: Any = planning.survey_of(run, SimpleNamespace(terrain=None, land=None), SimpleNamespace(measures=()))  # type: ignore[arg-type]
    assert set(roads["class"]) == {"local", "tertiary", "secondary", "primary", "track"}
    assert planning.roads_name(run) == "peta_dasar.parquet"
    files.undo("basemap", EDITOR)
    assert load_inputs().basemap is None
