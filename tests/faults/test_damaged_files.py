"""Kept files that are damaged: a sentence that names the file, or a silent repair; never a traceback."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from coverage.base.errors import JangkauError
from coverage.run.inputs import load_inputs
from coverage.store import Actor, open_store, region_files
from coverage.store.region_files import RegionFiles, active_code, region_codes
from coverage.web import run_cache
from coverage.web.server.app import SCRIPT

ROOT = Path(__file__).parents[2]
EDITOR, ADMIN = Actor("ani", "editor"), Actor("ani", "admin")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A region with a table of people of its own; the folder of that kind."""
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    table = tmp_path / "penduduk.csv"
    table.write_text("kode_bps,penduduk\n3505030003,1000\n3505030004,2000\n")
    files = RegionFiles("3505")
    files.put("population", [table], {"title": "Dukcapil"}, EDITOR)
    return files.folder / "population"


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


WRONG = ["null", "5", '"teks"', "[]", '{"now": 5, "before": []}', '{"now": null, "before": "abc"}',
         '{"now": "../../x", "before": []}', '{"now": null, "before": [{}]}', "", "[" * 100_000, "\x00"]  # fmt: skip


@pytest.mark.parametrize("text", [*WRONG, None])
def test_a_pointer_that_is_damaged_is_told_by_its_name(kept: Path, text: str | None) -> None:
    path = kept / "current.json"
    as_folder(path) if text is None else path.write_text(text)
    with pytest.raises(JangkauError) as told:
        load_inputs()
    assert told.value.code == "region_files.damaged"
    assert told.value.place.file == str(path)


@pytest.mark.parametrize(
    "text", ["null", "[]", '{"sha256": null}', '{"sha256": {"../../x": "1"}}', '{"sha256": {}, "added_at": 5}', ""]
)
def test_a_description_that_is_damaged_is_told(kept: Path, text: str) -> None:
    (about,) = kept.glob("*/about.json")
    about.write_text(text)
    with pytest.raises(JangkauError, match=r"region_files\.missing"):
        load_inputs()
    assert region_codes() == []


def test_without_looking_at_it_a_description_would_lead_out_of_its_folder(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (about,) = kept.glob("*/about.json")
    about.write_text(json.dumps({"sha256": {"../../../../rahasia.csv": "1"}, "added_at": "2026-11-29"}))
    monkeypatch.setattr(region_files, "_about", dict)
    version = RegionFiles("3505").current("population")
    assert version is not None
    assert "3505" not in version.files[0].resolve().parts


@pytest.mark.parametrize("text", ['{"code": 5}', '{"code": "x"}', "null", '{"code": []}', None])
def test_a_choice_of_region_that_is_damaged_shows_no_other_region(kept: Path, text: str | None) -> None:
    path = kept.parents[1] / "active.json"
    path.mkdir() if text is None else path.write_text(text)
    with pytest.raises(JangkauError, match=r"region_files\.damaged"):
        active_code()


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["pointer", "description", "choice"])
def test_pages_say_so_in_a_sentence(kept: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_cache, "RUNS", run_cache.Runs())
    (about,) = kept.glob("*/about.json")
    path = {"pointer": kept / "current.json", "description": about, "choice": kept.parents[1] / "active.json"}[damage]
    path.write_text("null")
    page = AppTest.from_file(str(SCRIPT), default_timeout=120).run()
    assert not page.exception
    said = " ".join(str(one.value) for one in page.main if hasattr(one, "value"))
    assert "rusak" in said.lower() or "hilang" in said.lower() or "tidak" in said.lower(), said


KERNEL = (
    "import numpy as np\nfrom coverage.land.scanlines import add_lengths\nlength = np.zeros(3)\n"
    "add_lengths(np.array([0.5]), np.array([2.5]), np.array([0]), 1.0, length)\nprint(length.tolist())"
)


def compute(folder: Path, before: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", before + KERNEL], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize("ending", [".nbi", ".nbc"])
def test_a_cache_of_compiled_functions_that_is_cut_off_is_made_anew(tmp_path: Path, ending: str) -> None:
    assert compute(tmp_path).stdout.strip() == "[0.5, 1.0, 0.5]"
    for path in tmp_path.rglob(f"*{ending}"):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    unmended = "import coverage.base.compiled as c\nc._mend_cache = lambda made: None\n"
    shutil.copytree(tmp_path, tmp_path / "lain")
    without = compute(tmp_path, unmended)
    assert without.returncode, "the cache was not damaged"
    done = compute(tmp_path)
    assert (done.stdout.strip(), done.returncode) == ("[0.5, 1.0, 0.5]", 0), done.stderr
    assert compute(tmp_path, unmended).returncode == 0  # and is whole again


def test_folders_of_killed_restores_go_after_a_day(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "jangkau.db"))
    killed, fresh, others = (tmp_path / f".jangkau-{name}" for name in ("a" * 32, "b" * 32, "punya-orang"))
    for folder in (killed, fresh, others):
        folder.mkdir()
        (folder / "jangkau.db").write_bytes(b"x")
    long_ago = time.time() - 2 * 86_400
    for folder in (killed, others):
        os.utime(folder, (long_ago, long_ago))
    store.backups.make(tmp_path / "cadangan.zip", ADMIN)
    store.close()
    assert [folder.exists() for folder in (killed, fresh, others)] == [False, True, True]
