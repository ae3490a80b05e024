"""A new kind of asset is one record: found in lists, the store, maps, legends and files, and private where it says so."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from coverage.base.errors import ParameterError
from coverage.cli.app import run as command
from coverage.exports.geopackage import write_geopackage
from coverage.exports.html_map import write_html_map
from coverage.exports.kml import write_kmz
from coverage.exports.print_map import write_print_map
from coverage.exports.workbook import write_workbook
from coverage.imports.apply import apply_plan, plan_for
from coverage.imports.interpret import interpret
from coverage.imports.list_options import guess
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze
from coverage.run.inputs import load_inputs
from coverage.run.privacy import for_outsiders
from coverage.run.result import Analysis
from coverage.run.sources import Sources
from coverage.run.stored_inputs import with_stored
from coverage.store import Store
from coverage.web.maps import layers, map_view
from tests.made_data import data_with_kinds
from tests.store.stores import EDITOR, VIEWER

LIST = """nama,jenis,lat,lon,pemilik
Dok Kanigoro,Pangkalan Drone,-8.1355,112.2245,Diskominfo
Dok Wlingi,dok drone,-8.0800,112.3200,Diskominfo
Patroli 1,Kamera patroli,-8.1400,112.2300,Diskominfo
"""


@pytest.fixture
def with_new_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_SHIPPED_DATA", str(data_with_kinds(tmp_path / "data")))


@pytest.fixture
def found(with_new_kinds: None, store: Store, tmp_path: Path) -> Analysis:
    """A run on an inventory into which a list of the new kinds was imported."""
    file = tmp_path / "aset.csv"
    file.write_text(LIST, "utf-8")
    raw = read(file)
    understood = interpret(raw, guess(raw), read_region("3505"))
    assert understood.refused_rows == 0, understood.refused
    apply_plan(plan_for(understood, store, EDITOR), store, EDITOR)
    sources = Sources(no_evidence=True, no_figures=True)
    return analyze(with_stored(load_inputs(), sources, store), read_parameters())


@pytest.mark.slow
def test_it_is_imported_kept_and_counted_for_its_service(found: Analysis, store: Store) -> None:
    kept = store.assets.table(viewer=VIEWER)
    assert kept["kind"].value_counts().to_dict() == {"drone_dock": 2, "patrol_camera": 1}
    assert set(store.assets.table(viewer=None)["kind"]) == {"drone_dock"}
    wifi = found.village_service[found.village_service["service"] == "public_wifi"]
    assert wifi["known"].all()
    assert set(wifi["nearest_asset_kind"]) == {"drone_dock"}


@pytest.mark.slow
def test_it_is_on_the_map_and_in_its_legend_with_the_default_sign(found: Analysis) -> None:
    for words, name in ((Words("id"), "Pangkalan drone"), (Words("en"), "Drone dock")):
        config = map_view._config(found, words, layers.Viewer())
        assert config["text"]["kinds"]["drone_dock"] == name
        assert config["signs"]["drone_dock"] == {"shape": "circle", "colour": "#444444", "size": 1.0}
        assert config["signs"]["duct"]["shape"] == "line"
        assert {"drone_dock", "patrol_camera"} <= set(config["kinds"])
        assert "drone_dock" in config["shownKinds"]
        assert "patrol_camera" not in config["shownKinds"]


@pytest.mark.slow
def test_a_private_one_is_seen_by_nobody_who_has_not_signed_in(found: Analysis) -> None:
    drawn = {sees: layers.asset_layer(found, layers.Viewer(sees_cctv=sees)) for sees in (True, False)}
    kinds = {
        sees: {feature["properties"]["kind"] for feature in (layer or {})["features"]} for sees, layer in drawn.items()
    }
    assert kinds == {True: {"drone_dock", "patrol_camera"}, False: {"drone_dock"}}
    kept = layers.LayerStore()
    assert kept.is_guarded(kept.put(drawn[True] or {}))
    assert not kept.is_guarded(kept.put(drawn[False] or {}))


@pytest.mark.slow
@pytest.mark.parametrize("with_private", [True, False])
def test_it_is_in_every_file_and_a_private_one_where_asked_for(found: Analysis, with_private: bool) -> None:
    words, shown = Words("id"), found if with_private else for_outsiders(found)
    with zipfile.ZipFile(io.BytesIO(write_kmz(shown, words))) as archive:
        document = archive.read("doc.kml").decode()
        names = set(archive.namelist())
    assert "icons/drone_dock.png" in names
    assert "pangkalan drone (2)" in document
    assert ("kamera patroli (1)" in document) is with_private
    book = CalamineWorkbook.from_filelike(io.BytesIO(write_workbook(shown, words)))
    cells = {
        str(cell) for sheet in book.sheet_names for row in book.get_sheet_by_name(sheet).to_python() for cell in row
    }
    assert "pangkalan drone" in cells
    assert ("Patroli 1" in cells) is with_private
    page = write_html_map(shown, words).decode()
    assert "pangkalan drone" in page
    assert ("kamera patroli" in page) is with_private
    package = write_geopackage(shown, words)
    assert b"drone_dock" in package
    assert (b"patrol_camera" in package) is with_private
    assert write_print_map(shown, words, dpi=40)[:4] == b"\x89PNG"


@pytest.mark.slow
def test_an_asset_whose_kind_has_no_record_any_more_stays_and_is_private(
    found: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JANGKAU_SHIPPED_DATA")
    fresh = replace(found, run={**found.run, "run_id": "without records"})
    config = map_view._config(fresh, Words("id"), layers.Viewer())
    assert config["text"]["kinds"]["drone_dock"] == "Drone dock"
    assert "drone_dock" in config["signs"]
    assert layers.asset_layer(fresh, layers.Viewer(sees_cctv=False)) is None
    with zipfile.ZipFile(io.BytesIO(write_kmz(fresh, Words("id")))) as archive:
        assert "icons/drone_dock.png" in archive.namelist()


def test_the_command_line_takes_it(
    with_new_kinds: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "own"))
    file = tmp_path / "dok.csv"
    file.write_text("nama,lat,lon\nDok Kanigoro,-8.1355,112.2245\n", "utf-8")
    assert command(["assets", "import", str(file), "--kind", "drone_dock", "--region", "3505"]) == 0
    assert command(["assets", "list", "--kind", "drone_dock", "--lang", "en"]) == 0
    assert "1 of 1 assets" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ('[x]\ngeometry = "polygon"', "x.geometry"),
        ("[x]\ncolor = 1", "x.color"),
        ("[x]\nproposable = true", "x"),
        ("[x]\nrepeats = true", "x"),
        ('[x]\nsign = { shape = "line" }', "x"),
        ('["a b"]', "a b"),
    ],
)
def test_a_record_that_cannot_be_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: str, field: str
) -> None:
    monkeypatch.setenv("JANGKAU_SHIPPED_DATA", str(data_with_kinds(tmp_path / "data", record)))
    with pytest.raises(ParameterError) as refused:
        asset_kinds()
    assert refused.value.details["field"] == field
