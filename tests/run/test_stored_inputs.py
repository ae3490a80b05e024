"""What the office keeps is merged into a run in one place: the command line and the app give the same tables."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from coverage.cli.app import run
from coverage.exports.tables import write_priority, write_villages
from coverage.language.words import Words
from coverage.run.sources import Sources
from coverage.store import Actor, open_store
from coverage.web import run_cache, store_access

TABLES = ("villages.csv", "priority.csv", "rollout.csv", "conflicts.csv")
FILES_ALONE = ["--no-inventory", "--no-evidence", "--no-figures"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of its own, and an app that has computed nothing yet."""
    folder = tmp_path / "data"
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(folder))
    for name in Sources.options():
        monkeypatch.delenv(f"JANGKAU_{name.upper()}", raising=False)
    monkeypatch.setattr(store_access, "_kept", [])
    monkeypatch.setattr(run_cache, "RUNS", run_cache.Runs())
    yield folder
    if store_access._kept and (store := store_access._kept[0].store):
        store.close()


def analyze(folder: Path, *more: str) -> dict[str, bytes]:
    assert run(["analyze", "--no-papers", "--out", str(folder), *more]) == 0
    return {name: (folder / name).read_bytes() for name in TABLES}


def fill(folder: Path) -> None:
    """An inventory, evidence and figures, brought in as an office brings them in."""
    folder.mkdir(exist_ok=True)
    towers = folder / "menara.csv"
    towers.write_text(
        "Nama;Jenis;Lintang;Bujur\nMenara A;menara;-8,1234;112,1875\nMenara B;menara;-8,05;112,25\n", "utf-8"
    )
    complaints = folder / "keluhan_2025.csv"
    complaints.write_text("Desa,Kecamatan\nKaulon,Sutojayan\n", "utf-8")
    people = folder / "penduduk.csv"
    people.write_text("Kode Desa,Jumlah Penduduk,Keluarga Miskin\n3505060010,4321,17\n", "utf-8")
    assert run(["assets", "import", str(towers)]) == 0
    assert run(["evidence", "import", str(complaints), "--kind", "complaint", "--claim", "blank"]) == 0
    assert run(["villages", "import", str(people)]) == 0


@pytest.mark.slow
def test_the_command_line_and_the_app_give_the_same_tables(home: Path, tmp_path: Path) -> None:
    before = analyze(tmp_path / "kosong")
    assert not (home / "jangkau.db").exists()  # reading alone makes no store
    fill(tmp_path / "daftar")
    found = analyze(tmp_path / "hasil")
    assert found["villages.csv"] != before["villages.csv"]
    app = run_cache.RUNS.of(Sources.from_environment()).result.result(300).analysis
    words = Words("id")
    assert found["villages.csv"] == write_villages(app, words)
    assert found["priority.csv"] == write_priority(app, words)
    told = json.loads((tmp_path / "hasil" / "run.json").read_text("utf-8"))
    assert told["run_id"] == app.run["run_id"]
    assert told["inputs"] == app.run["inputs"]
    assert told["counts"]["assets"] == {"tower": 2}
    assert "assets_sample.csv" not in told["inputs"]
    assert {note["code"]: note["count"] for note in told["notes"] if note["code"].startswith("run.")} == {
        "run.note.inventory": 2,
        "run.note.evidence": 1,
        "run.note.figures": 1,
    }
    kaulon = app.villages.set_index("village_code_bps").loc["3505060010"]
    assert (kaulon["population"], kaulon["population_basis"]) == (4321, "penduduk.csv")
    assert app.evidence is not None
    assert (app.evidence["kind"] == "complaint").sum() == 1
    assert analyze(tmp_path / "berkas", *FILES_ALONE) == before


@pytest.mark.slow
def test_each_part_of_what_is_kept_can_be_left_out(home: Path, tmp_path: Path) -> None:
    fill(tmp_path / "daftar")
    store = open_store()
    try:
        from coverage.run.inputs import read_inputs
        from coverage.run.stored_inputs import with_stored

        read = read_inputs(Sources())

        def merged(**left_out: bool) -> tuple[int, int, bool]:
            found = with_stored(read, Sources(**left_out), store)  # type: ignore[arg-type]
            assert found.assets is not None
            assert found.evidence is not None
            return len(found.assets), len(found.evidence), found.criteria is not None

        assert merged() == (2, 8, True)
        assert merged(no_inventory=True) == (len(read.assets), 8, True)  # type: ignore[arg-type]
        assert merged(no_evidence=True) == (2, 7, True)
        assert merged(no_figures=True) == (2, 8, False)
    finally:
        store.close()


@pytest.mark.slow
def test_a_list_that_is_named_stands_in_place_of_what_is_kept(home: Path, tmp_path: Path) -> None:
    fill(tmp_path / "daftar")
    assets = tmp_path / "aset.csv"
    assets.write_text("asset_id,kind,name,status,lon,lat\na1,tower,A,operational,112.1,-8.1\n", "utf-8")
    analyze(tmp_path / "hasil", "--assets", str(assets))
    assert json.loads((tmp_path / "hasil" / "run.json").read_text("utf-8"))["counts"]["assets"] == {"tower": 1}


@pytest.mark.slow
def test_a_list_gives_the_same_tables_named_or_imported(home: Path, tmp_path: Path) -> None:
    towers = tmp_path / "menara.csv"
    rows = ["Menara A;8,1234;112,1875;42 m", "Menara B;-8,05;112,25;tinggi", "Menara C;-8,1;112,1;3000"]
    towers.write_text("\n".join(["DAFTAR MENARA 2025", "tiang;utara;timur;Tinggi", *rows, "Jumlah;;;3"]), "utf-8")
    told = ["--kind", "tower", "--column", "name=tiang", "--column", "lat=utara", "--column", "lon=timur"]
    told += ["--repair", "minus"]
    named = analyze(tmp_path / "berkas", "--assets", str(towers), *told)
    assert run(["assets", "import", str(towers), *told]) == 0
    assert analyze(tmp_path / "inventaris") == named
    counts = [
        json.loads((tmp_path / name / "run.json").read_text("utf-8"))["counts"] for name in ("berkas", "inventaris")
    ]
    assert [one["assets"] for one in counts] == [{"tower": 3}, {"tower": 3}]


@pytest.mark.slow
def test_the_plan_is_made_from_the_inventory_too(home: Path, tmp_path: Path) -> None:
    budget = ["rollout", "--budget", "2027=1000000000", "--out"]
    assert run([*budget, str(tmp_path / "a")]) == 0
    fill(tmp_path / "daftar")
    assert run([*budget, str(tmp_path / "b")]) == 0
    assert run([*budget, str(tmp_path / "c"), *FILES_ALONE]) == 0
    first, kept, files = ((tmp_path / name / "rollout.csv").read_bytes() for name in "abc")
    assert first == files != kept


@pytest.mark.slow
def test_what_the_office_decided_counts_in_the_app_and_on_the_command_line(home: Path, tmp_path: Path) -> None:
    before = analyze(tmp_path / "semula")
    store = open_store()
    admin = Actor("ani", "admin")
    shipped = run_cache.RUNS.of(Sources.from_environment()).result.result(300).analysis.parameters
    only = tuple(
        c.model_copy(update={"weight": float(c.name == "distance_to_backhaul")}) for c in shipped.priority.criteria
    )
    ranking = shipped.priority.model_copy(update={"criteria": only}).model_dump(mode="json")
    request = {
        "budgets": {"2027": 2_000_000_000},
        "fixed": {"3505010001": 2027},  # lacks nothing any more
        "fixed_measure": {},
        "excluded": ["3505060010"],
        "minimum": {},
        "weighted": False,
        "running_in_budget": True,
    }
    store.settings.decide("3505", "rule", "no_backhaul", admin)
    store.settings.decide("3505", "priority", ranking, admin)
    store.settings.decide("3505", "plan", {"wishes": request, "costs": {"discount_rate": 0.1}}, admin)
    store.settings.decide("3329", "rule", "official", admin)  # another region's
    found = analyze(tmp_path / "hasil")
    told = json.loads((tmp_path / "hasil" / "run.json").read_text("utf-8"))
    assert told["parameters"]["default_rule"] == "no_backhaul"
    assert told["rollout"]["budget_assumed"] is False
    assert told["rollout"]["wishes"]["budgets"] == {"2027": 2_000_000_000}
    assert told["rollout"]["costs"]["discount_rate"]["value"] == 0.1
    assert found["priority.csv"] != before["priority.csv"]
    app = run_cache.RUNS.of(Sources.from_environment()).result.result(300).analysis
    assert app.run["run_id"] == told["run_id"]
    assert found["priority.csv"] == write_priority(app, Words("id"))
    assert analyze(tmp_path / "berkas", "--no-settings") == before
    store.settings.decide("3505", "rule", "a rule that is gone", admin)  # left out, never an error
    store.settings.decide("3505", "plan", {"wishes": {}}, admin)
    store.close()
    analyze(tmp_path / "lagi")
    told = json.loads((tmp_path / "lagi" / "run.json").read_text("utf-8"))
    assert told["parameters"]["default_rule"] == "overlay"
    assert told["rollout"]["budget_assumed"] is True
