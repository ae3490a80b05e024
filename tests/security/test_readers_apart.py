"""Whatever a visitor hands in is read in a process apart: small files that take much end that process, not the server."""

import ast
import dataclasses
import importlib
import inspect
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from coverage.base.errors import FileRefusedError
from coverage.imports.asset_lists import read_assets
from coverage.imports.read import read
from coverage.readers import apart, tables
from coverage.readers.apart import read_apart
from coverage.readers.geofiles import read_geofile
from coverage.readers.probe import probe
from coverage.readers.shipped import region_dir
from scripts.try_hostile import HOSTILE
from tests.security.readers_without_limits import asleep, unlimited

ROOT = Path(__file__).parents[2]
SMALL = {"geojson_names", "csv_wide", "csv_newlines", "kml_names", "gpx_names"}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("jahat")
    for name in SMALL | {"tif_block"}:
        HOSTILE[name](folder)
    return folder


@pytest.mark.slow
def test_what_a_reader_returns_and_refuses_comes_back(tmp_path: Path) -> None:
    file = region_dir() / "assets_sample.csv"
    here, there = read_assets(file), read_apart(read_assets, file)
    assert there[0].equals(here[0])
    assert there[1] == here[1]
    with pytest.raises(FileRefusedError, match=r"file\.not_found"):
        read_apart(read_assets, tmp_path / "tiada.csv")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reader", "name"),
    [
        (reader, name)
        for name in sorted(SMALL)
        for reader in (read, read_geofile)
        if reader is read or not name.startswith("csv")
    ],
)
def test_a_small_file_that_takes_much_is_refused(hostile: Path, name: str, reader: Any) -> None:
    (file,) = (path for path in hostile.iterdir() if path.stem == name)
    with pytest.raises(FileRefusedError, match=r"table\.too_many_cells|geofile\.bomb"):
        read_apart(reader, file)


@pytest.mark.slow
def test_a_raster_with_a_huge_block_is_refused_unread(hostile: Path) -> None:
    (file,) = (path for path in hostile.iterdir() if path.suffix == ".tif")
    with pytest.raises(FileRefusedError, match=r"raster\.large_blocks"):
        read_apart(probe, file)


def test_hints_are_tried_by_their_own_reader_which_takes_them_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_CELLS", 100)
    file = tmp_path / "510.csv"
    file.write_text("LTE,510,10,2035,71,,112.1,-8.1,1000,7,1,1600000000,1700000000,-95\n" * 10, "utf-8")
    with pytest.raises(FileRefusedError, match=r"table\.too_many_cells"):
        probe(file)
    probe(file, "hints")


@pytest.mark.slow
def test_without_the_limit_of_cells_the_process_ends_and_the_server_is_none_the_worse(hostile: Path) -> None:
    """The defence taken out: one row of a hundred thousand cells pads thousands of rows."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FileRefusedError, match=r"file\.too_demanding"):
        read_apart(unlimited, hostile / "csv_wide.csv")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_one_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    apart.ready_ahead()
    monkeypatch.setattr(apart, "UPLOAD", dataclasses.replace(apart.UPLOAD, timeout_s=3))
    with pytest.raises(FileRefusedError, match=r"file\.too_demanding"):
        read_apart(asleep, 60)


READ_MANY = ("read_inputs", "load_inputs", "gather_inputs", "with_criteria", "read_region")
"""Functions above the readers that read files with them."""


def readers_called_in(module: ast.Module) -> list[str]:
    """Names of readers of files that a module calls itself, not through ``read_apart``."""
    readers = {
        alias.asname or alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("coverage.")
        for alias in node.names
        if alias.name in READ_MANY
        or (
            str(node.module).startswith(("coverage.readers", "coverage.imports"))
            and takes_a_file(getattr(importlib.import_module(str(node.module)), alias.name, None))
        )
    }
    called = {
        node.func.id for node in ast.walk(module) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return sorted(called & readers)


def takes_a_file(found: Any) -> bool:
    """Whether the first argument is a file, or what it holds."""
    if not inspect.isfunction(found):
        return False
    return next(iter(inspect.signature(found).parameters), "") in ("path", "data", "content", "file")


@pytest.mark.slow
def test_no_reader_runs_in_the_process_of_the_server() -> None:
    """All rooms that the server reaches; what the command line reads, its own user has named."""
    found = {
        str(path.relative_to(ROOT)): names
        for path in (ROOT / "coverage").rglob("*.py")
        if path.relative_to(ROOT / "coverage").parts[0] not in ("readers", "cli", "imports")
        if (names := readers_called_in(ast.parse(path.read_text("utf-8"))))
    }
    within_read_inputs = found.pop("coverage/run/inputs.py")  # which the server calls apart
    assert {"read_geofile", "read_population", "read_assets"} <= set(within_read_inputs)
    assert found == {
        "coverage/store/drawn_on.py": ["take_in_tiles"],  # which reads them confined
        "coverage/web/maps/basemap.py": ["tile_of"],  # bytes at the place that a process apart has told
        "coverage/exports/map_layers.py": ["tile_of"],  # likewise, for paper, which is drawn in a work process
        "coverage/web/inventory_page/page.py": ["read_assets"],  # the sample that ships
        "coverage/web/data_page/page.py": ["tells_where_people_live"],  # the name of a file that is kept
        "coverage/web/made_plan.py": ["read_costs"],
        "coverage/web/proposals_page/built.py": ["read_costs"],
        "coverage/web/report_page/paper_set.py": ["read_costs"],
        "coverage/web/province_page/page.py": ["read_parameters"],  # those that ship
        "coverage/web/province_page/results.py": ["read_costs"],  # likewise
        "coverage/run/decisions.py": ["read_costs"],  # those that ship, as on the two pages
        "coverage/fetch/sources.py": ["load_toml"],  # the sources that ship
        "coverage/run/stored_inputs.py": ["read_inputs"],  # gather_inputs, of the command line
        "coverage/run/nation.py": ["gather_inputs", "read_assets", "sniff"],  # the command line and its workers alone
        "coverage/exports/nation.py": ["read_costs"],
        "coverage/exports/nation_papers.py": ["read_parameters"],
    }
    assert readers_called_in(ast.parse("from coverage.imports.asset_lists import read_assets\nread_assets(x)")) == [
        "read_assets"
    ]
    uploaders = [
        path.name
        for path in (ROOT / "coverage" / "web").rglob("*.py")
        if "st.file_uploader(" in path.read_text("utf-8")
    ]
    assert sorted(uploaders) == ["page.py", "steps.py", "uploads.py"]  # the first two are for editors


def test_the_process_that_waits_ends_with_the_server() -> None:
    code = "from coverage.readers import apart; apart.ready_ahead(); print(apart._spare[0][1].pid)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    pid = int(done.stdout)
    for _ in range(900):  # it may still be at its imports
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or " Z " in status.read_text():
            return
        subprocess.run(["sleep", "0.1"], check=True)
    raise AssertionError("it goes on without its server")
