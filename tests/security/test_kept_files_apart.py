"""Files that a region keeps were handed in once: the server reads none of them itself, rasters included."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import Affine

from coverage.readers import geofiles, rasters, tables
from coverage.readers.shipped import region_dir
from coverage.run.inputs import all_ship, load_inputs
from coverage.run.sources import Sources
from coverage.store import Actor
from coverage.store.region_files import RegionFiles
from coverage.web import run_cache
from tests.made_south import write_elevation, write_measurements, write_parameters

EDITOR = Actor("ani", "editor")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """A region that keeps a file of every kind."""
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(run_cache, "RUNS", run_cache.Runs())
    shipped, files = region_dir(), RegionFiles("3505")
    people = pd.read_csv(shipped / "villages.csv", dtype=str)[["village_code_bps", "population"]]
    people.to_csv(tmp_path / "penduduk.csv", index=False)
    for kind, path in {
        "boundaries": shipped / "villages.geojson",
        "crosswalk": shipped / "villages.csv",
        "population": tmp_path / "penduduk.csv",
        "people": raster_of_people(tmp_path / "count.tif"),
        "elevation": write_elevation(tmp_path / "dem.tif"),
        "evidence": shipped / "official_blankspots_2023.csv",
        "measurements": write_measurements(tmp_path / "uji.csv"),
    }.items():
        files.put(kind, [path], {"measure": "count"}, EDITOR)  # type: ignore[arg-type]
    return Sources(parameters=write_parameters(tmp_path / "kasar.toml"))


def raster_of_people(path: Path) -> Path:
    """Two people in every cell of a kilometre."""
    place = Affine(0.009, 0, 111.7, 0, -0.009, -7.8)
    with rasterio.open(
        path, "w", "GTiff", 120, 80, 1, "EPSG:4326", place, "float32", nodata=-1.0, tiled=True, blockxsize=128,
        blockysize=128,
    ) as file:  # fmt: skip
        file.write(np.full((80, 120), 900.0, np.float32), 1)
    return path


def no_reader_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever opens a file of tables, of a map or of a raster fails in this process; others do not know of it."""

    def refuse(path: Any, *_: Any, **__: Any) -> Any:
        raise AssertionError(f"{path} is read in the process of the server")

    for module, name in (
        (tables, "decode"),
        (tables, "workbook_rows"),
        (rasters, "_opened"),
        (geofiles, "read_geofile"),
    ):
        monkeypatch.setattr(module, name, refuse)
    kept: Callable[..., Any] = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: refuse(path) if "regions" in path.parts else kept(path))


@pytest.mark.slow
def test_the_server_computes_a_run_of_kept_files_and_reads_none_of_them(
    office: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        no_reader_here(patch)
        made = run_cache._compute(office, lambda *_: None)
    read = load_inputs(parameters=office.parameters)
    assert made.read.villages.equals(read.villages)
    assert made.read.files == read.files
    assert len(read.files) >= 7
    assert made.analysis.terrain is not None
    assert made.ground.population is not None


@pytest.mark.slow
def test_without_a_process_of_its_own_the_server_would_read_them(
    office: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_reader_here(monkeypatch)
    monkeypatch.setattr(run_cache, "read_within", lambda _, reader, *args: reader(*args))
    with pytest.raises(AssertionError, match="is read in the process of the server"):
        run_cache._compute(office, lambda *_: None)


def test_what_ships_is_read_without_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path))
    assert all_ship(Sources())
    assert not all_ship(Sources(evidence=(region_dir() / "official_blankspots_2023.csv",)))
    RegionFiles("3505").put("evidence", [region_dir() / "official_blankspots_2023.csv"], {}, EDITOR)
    assert not all_ship(Sources())
