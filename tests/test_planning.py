"""The plan that comes with every run: what it assumes, and that it says so."""

import csv
import json
from pathlib import Path

import pytest

from coverage.cli.app import run


def told(folder: Path) -> dict:  # type: ignore[type-arg]
    return json.loads((folder / "run.json").read_text("utf-8"))  # type: ignore[no-any-return]


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "rollout.csv").read_text("utf-8-sig").splitlines()))


@pytest.mark.slow
def test_without_a_budget_one_is_assumed_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "--no-papers", "--out", str(tmp_path / "out")]) == 0
    about = told(tmp_path / "out")["rollout"]
    assert about["budget_assumed"] is True
    assert about["wishes"]["budgets"] == {"2027": 10**9, "2028": 10**9, "2029": 10**9}
    assert about["costs"]["measures"][0]["capital"][0]["source"]
    assert 0 <= about["gap"] <= 0.001
    assert about["people_newly_served"] >= about["people_newly_served_naive"]
    plan = rows(tmp_path / "out")
    assert sum(int(row["people_newly_served"]) for row in plan) == about["people_newly_served"]
    for year in ("2027", "2028", "2029"):
        assert sum(int(row["cost_idr"]) for row in plan if row["year"] == year) <= 10**9
    assert {row["cost_basis"] for row in plan} == {"indicative"}
    said = capsys.readouterr().out
    assert "diandaikan" in said
    assert "indikatif" in said


@pytest.mark.slow
def test_a_budget_of_ones_own_decides_the_years(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "--no-papers", "--budget", "2030=400000000", "--out", str(tmp_path / "out")]) == 0
    about = told(tmp_path / "out")["rollout"]
    assert about["budget_assumed"] is False
    assert {row["year"] for row in rows(tmp_path / "out")} == {"2030"}
    assert "diandaikan" not in capsys.readouterr().out


def test_where_nothing_is_known_nothing_is_planned(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    region = str(shared / "bogor" / "villages_bps_2020.geojson")
    assert run(["analyze", "--no-papers", "--region", region, "--out", str(tmp_path / "out")]) == 0
    assert rows(tmp_path / "out") == []
    assert told(tmp_path / "out")["rollout"]["people_newly_served"] == 0
    assert told(tmp_path / "out")["rollout"]["remarks"] == ["rollout.empty.unknown"]
    assert "belum dapat dinilai karena datanya kurang" in " ".join(capsys.readouterr().out.split())


def test_a_budget_that_cannot_be_read_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    assert run(["analyze", "--no-papers", "--budget", "banyak", "--out", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()
