"""Commands import what they need: beside the libraries of every run, others cost a command a tenth of a second each."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNNEEDED = set(
    [
        "alembic",
        "dask",
        "folium",
        "httpx",
        "matplotlib",
        "openpyxl",
        "pymcdm",
        "rasterio",
        "reportlab",
        "requests",
        "scipy.ndimage",
        "scipy.optimize",
        "scipy.stats",
        "sqlalchemy",
        "starlette",
        "streamlit",
    ]
)


def imported(folder: Path, *arguments: str) -> set[str]:
    """Names of the modules when a command has ended, and ``collection`` if all were looked through for garbage."""
    code = (
        "import atexit, gc, sys\n"
        "atexit.register(lambda: print('IMPORTED', *sys.modules, *['collection'] * gc.get_stats()[2]['collections']))\n"
        f"sys.argv[1:] = {arguments!r}\n"
        "from coverage.cli import main\nmain()\n"
    )
    environment = {"PATH": "", "JANGKAU_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("IMPORTED")[2].split())


def test_help_imports_no_table_and_no_progress_bar(tmp_path: Path) -> None:
    assert {"numpy", "pandas", "rich.progress", "coverage.run", *UNNEEDED} & imported(tmp_path, "--help") == set()


@pytest.mark.slow
def test_a_plain_run_imports_no_screen_no_database_no_papers(tmp_path: Path) -> None:
    command = ("analyze", "--no-papers", "--out", str(tmp_path / "out"))
    imported(tmp_path, *command)  # draws the forests, which are kept
    found = imported(tmp_path, *command)
    assert "coverage.run.analysis" in found
    assert {*UNNEEDED, "collection"} & found == set()


def test_a_list_of_the_inventory_needs_no_model_of_reach(tmp_path: Path) -> None:
    found = imported(tmp_path, "assets", "list")
    assert "coverage.store.assets" in found
    assert {"numba", "coverage.reach.model", "coverage.land.cells", "matplotlib", "streamlit"} & found == set()
