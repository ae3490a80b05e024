"""The command line: exit status, messages, and files that are either all there or not at all."""

import json
from pathlib import Path

import pytest

from coverage.cli.app import run


@pytest.mark.slow
def test_the_region_that_ships_comes_out_as_files_twice_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["analyze", "--out", str(tmp_path / "a")]) == 0
    every = {path.name for path in (tmp_path / "a").iterdir()}
    assert every >= {
        "villages.csv",
        "priority.csv",
        "rollout.csv",
        "villages.gpkg",
        "map.html",
        "priority.xlsx",
        "report.pdf",
        "report.xlsx",
        "map.png",
        "map.kmz",
        "village_sheets.pdf",
        "fibre_ofds.json",
    }
    assert run(["analyze", "--out", str(tmp_path / "b"), "--lang", "id", "--no-papers"]) == 0
    assert not (tmp_path / "b" / "report.pdf").exists()
    for name in ("villages.csv", "priority.csv", "conflicts.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    head = (tmp_path / "a" / "villages.csv").read_text("utf-8-sig").splitlines()[0]
    assert head.startswith(
        "village_code_bps,village_code_kemendagri,village,subdistrict,population,population_served,"
        "share_served,state,reason,rule,"
    )
    told = json.loads((tmp_path / "a" / "run.json").read_text("utf-8"))
    assert told["counts"]["villages"] == 248
    assert told["inputs"]
    assert "contoh rekaan" in capsys.readouterr().out


@pytest.mark.slow
def test_a_bad_asset_list_is_refused_with_file_row_and_remedy_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "aset.csv"
    bad.write_text(
        "asset_id,kind,name,status,lon,lat\na1,tower,A,operational,112.1,-8.1\na2,menaraa,B,operational,112.1,-8.1\n",
        "utf-8",
    )
    assert run(["analyze", "--assets", str(bad), "--out", str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert all(part in message for part in ("aset.csv", "baris 3", "menaraa", "tower"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["analyze", "--region", "tidak-ada.geojson"], 1),
        (["analyze", "--region", "9999"], 1),
        (["analyze", "--parameters", "tidak-ada.toml"], 1),
        (["analyze", "--nonsense"], 2),
        (["nonsense"], 2),
        (["analyze", "--lang", "fr"], 2),
        (["--help"], 0),
        (["analyze", "--help"], 0),
        (["reconcile", "--help"], 0),
    ],
)
def test_exit_status(arguments: list[str], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == status
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_own_parameters_change_only_what_they_name(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[rule]]\nname = "no_public_wifi"\nenabled = false\n[kinds.cctv]\ngives = []\n', "utf-8")
    assert run(["analyze", "--parameters", str(own), "--no-papers", "--out", str(tmp_path / "out")]) == 0
    told = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert "no_public_wifi" not in told["counts"]["states"]
    assert "overlay" in told["counts"]["states"]


def test_a_wrong_parameter_names_the_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[rule]]\nname = "overlay"\nweak_below = 5\n', "utf-8")
    assert run(["analyze", "--parameters", str(own), "--no-papers", "--lang", "en", "--out", str(tmp_path / "o")]) == 1
    assert "weak_below" in capsys.readouterr().err
