"""An office moves: one region of a store goes to another store of either kind, and back, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from shapely import Point

from coverage.base.errors import FileRefusedError, PermissionDeniedError, StoreError
from coverage.base.schema import EVIDENCE
from coverage.cli.app import run
from coverage.store import Store, open_store, restore_store
from coverage.store.models import metadata
from coverage.store.region_files import RegionFiles
from tests.store.stores import ADMIN, EDITOR, VIEWER, make_assets
from tests.store.test_backup import everything
from tests.store.test_regions import AT_SEA, BLITAR, BOGOR, IN_BLITAR, IN_BOGOR, IN_BREBES


def evidence(name: str, village: str | None) -> pd.DataFrame:
    row = dict.fromkeys(EVIDENCE.names, None) | {
        "evidence_id": name,
        "village_code_bps": village,
        "kind": "official_list",
        "claimed_state": "blank",
        "match": "agreed" if village else "not_found",
        "given_village": "Desa",
    }
    return pd.DataFrame([row]).astype("str")


@pytest.fixture
def province(store: Store) -> Store:
    """Two regions in one store, with something of everything in each, and something in neither."""
    store.villages.use(BLITAR)
    store.villages.use(BOGOR)
    store.imports.add_assets(
        make_assets(
            {"asset_id": "a", "geometry": IN_BLITAR, "name": "Menara A"},
            {"asset_id": "b", "geometry": IN_BOGOR, "name": "Menara B"},
            {"asset_id": "laut", "geometry": AT_SEA},
        ),
        "keduanya.csv",
        EDITOR,
    )
    store.imports.add_assets(make_assets({"asset_id": "b2", "geometry": IN_BOGOR}), "bogor.csv", EDITOR)
    store.assets.change("a", 1, {"status": "damaged"}, EDITOR, "petir")
    store.assets.change("a", 2, {"geometry": Point(112.21, -8.11)}, EDITOR)
    store.assets.change("b", 1, {"note": "pindah"}, EDITOR)
    store.evidence.add(evidence("blitar.csv:1", "3505010001"), EDITOR)
    store.evidence.add(evidence("blitar.csv:2", "3505010001"), EDITOR)
    store.evidence.add(evidence("bogor.csv:1", "3271010001"), EDITOR)
    store.evidence.add(evidence("entah.csv:1", None), EDITOR)
    store.evidence.withdraw(["blitar.csv:2"], EDITOR)
    for code in ("3505", "3271"):
        store.settings.decide(code, "rule", f"aturan-{code}", EDITOR)
        store.settings.decide(code, "rule", f"aturan-baru-{code}", EDITOR)
        store.runs.save(
            code,
            {"run_id": f"r-{code}"},
            {"v": pd.DataFrame({"village_code_bps": [f"{code}010001"]})},
            "hitungan",
            EDITOR,
        )
    store.scenarios.save("3505", "usulan blitar", make_assets({"geometry": IN_BLITAR}), EDITOR)
    store.scenarios.save("3271", "usulan bogor", make_assets({"geometry": IN_BOGOR}), EDITOR)
    store.accounts.add("adi", "admin", "kopi tubruk panas", ADMIN)
    return store


@pytest.fixture(params=["sqlite", "postgis"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Another store, of either kind, with an asset of its own."""
    if request.param == "sqlite":
        url = str(tmp_path / "lain.db")
    else:
        url = str(request.getfixturevalue("postgis_url"))
        if url == request.getfixturevalue("url"):
            pytest.skip("one PostGIS database a test: the way from one to the other goes by the same file")
    opened = open_store(url)
    opened.assets.add(make_assets({"asset_id": "sendiri", "geometry": IN_BREBES}), EDITOR)
    yield opened
    opened.close()


def lines(store: Store, asset_id: str) -> list[object]:
    return [(line.version, line.at, line.who, line.note) for line in store.history.of(asset_id, VIEWER)]


def test_a_region_arrives_with_all_that_belongs_to_it_and_nothing_of_the_other(
    province: Store, elsewhere: Store, tmp_path: Path
) -> None:
    manifest = province.backups.make(tmp_path / "blitar.zip", ADMIN, region="3505")
    assert (manifest.region, manifest.assets, manifest.lines) == ("3505", 2, 4)
    before = everything(elsewhere)
    _, merged = elsewhere.backups.merge(tmp_path / "blitar.zip", ADMIN)
    assert (merged.added, merged.changed, merged.lines) == (2, 0, 4)
    came, kept = everything(elsewhere), everything(province)

    def of(table: str, *words: str) -> list[tuple[object, ...]]:
        return [row for row in kept[table] if any(word in row for word in words)]

    assert [row for row in came["asset_history"] if row[0] != "sendiri"] == of("asset_history", "a", "laut")
    assert came["settings"] == of("settings", "3505")
    assert came["evidence"] == sorted(of("evidence", "blitar.csv:1", "blitar.csv:2", "entah.csv:1"), key=repr)
    assert came["imports"] == of("imports", "keduanya.csv")
    assert came["runs"] == of("runs", "r-3505")
    assert came["run_tables"] == of("run_tables", "r-3505")
    assert came["scenarios"] == of("scenarios", "usulan blitar")
    assert came["users"] == before["users"] == []
    actions = sorted(row[3] for row in came["journal"])
    assert actions == sorted(
        [
            *("add", "restore", "import", "change", "change", "add_evidence", "add_evidence", "add_evidence"),
            *("withdraw_evidence", "change_settings", "change_settings", "save_run", "save_scenario"),
        ]
    )
    text = repr(came)
    assert "Menara B" not in text
    assert "bogor" not in text
    assert lines(elsewhere, "a") == lines(province, "a")
    elsewhere.villages.use(BLITAR)
    now = elsewhere.assets.one("a", viewer=VIEWER).iloc[0]
    assert (now["status"], now["village"], now["version"]) == ("damaged", "Ngrejo", 3)
    assert elsewhere.assets.change("a", 3, {"note": "di sini"}, EDITOR) == 4
    assert elsewhere.settings.go_back("3505", "rule", EDITOR).value == "aturan-3505"  # type: ignore[union-attr]


@pytest.mark.slow
def test_what_was_done_there_comes_back_and_coming_twice_changes_nothing(
    province: Store, elsewhere: Store, tmp_path: Path
) -> None:
    province.backups.make(tmp_path / "pergi.zip", ADMIN, region="3505")
    elsewhere.backups.merge(tmp_path / "pergi.zip", ADMIN)
    elsewhere.assets.change("a", 3, {"status": "operational"}, EDITOR, "diperbaiki")
    elsewhere.assets.change("a", 4, {"owner": "Dinas"}, EDITOR)
    elsewhere.assets.add(make_assets({"asset_id": "a9", "geometry": IN_BLITAR}), EDITOR)
    elsewhere.evidence.withdraw(["blitar.csv:1"], EDITOR)
    elsewhere.settings.decide("3505", "rule", "aturan-sana", EDITOR)
    elsewhere.backups.make(tmp_path / "pulang.zip", ADMIN, region="3505")
    others = {row for row in everything(province)["asset_history"] if str(row[0]).startswith("b")}
    _, merged = province.backups.merge(tmp_path / "pulang.zip", ADMIN, keep=tmp_path / "sebelum.zip")
    assert (merged.added, merged.changed, merged.lines) == (1, 1, 3)
    now = province.assets.one("a", viewer=VIEWER).iloc[0]
    assert (now["status"], now["owner"], now["version"]) == ("operational", "Dinas", 5)
    assert lines(province, "a") == lines(elsewhere, "a")
    assert province.settings.current("3505")["rule"].value == "aturan-sana"
    assert set(province.evidence.table(VIEWER)["evidence_id"]) == {"bogor.csv:1", "entah.csv:1"}
    assert others <= set(everything(province)["asset_history"])
    assert province.accounts.signed_in(province.accounts.sign_in("adi", "kopi tubruk panas"))
    before = everything(province)
    _, merged = province.backups.merge(tmp_path / "pulang.zip", ADMIN)
    assert (merged.added, merged.changed, merged.lines) == (0, 0, 0)
    after = everything(province)
    assert {name: rows for name, rows in after.items() if name != "journal"} == {
        name: rows for name, rows in before.items() if name != "journal"
    }
    province.backups.make(tmp_path / "periksa.zip", ADMIN)  # every line and every asset is checked on the way
    province.backups.restore(tmp_path / "sebelum.zip", ADMIN)
    assert province.assets.one("a", viewer=VIEWER).iloc[0]["version"] == 3


def test_codes_that_are_taken_are_told_and_nothing_is_added(province: Store, elsewhere: Store, tmp_path: Path) -> None:
    province.backups.make(tmp_path / "blitar.zip", ADMIN, region="3505")
    elsewhere.assets.add(make_assets({"asset_id": "a", "geometry": IN_BREBES}), EDITOR)
    before = everything(elsewhere)
    with pytest.raises(StoreError, match="asset_ids_taken") as refused:
        elsewhere.backups.merge(tmp_path / "blitar.zip", ADMIN)
    assert (refused.value.details["count"], refused.value.details["ids"]) == (1, "a")
    assert everything(elsewhere) == before


def test_an_asset_changed_in_both_is_a_conflict(province: Store, elsewhere: Store, tmp_path: Path) -> None:
    province.backups.make(tmp_path / "pergi.zip", ADMIN, region="3505")
    elsewhere.backups.merge(tmp_path / "pergi.zip", ADMIN)
    elsewhere.assets.change("a", 3, {"note": "sana"}, EDITOR)
    province.assets.change("a", 3, {"note": "sini"}, EDITOR)
    elsewhere.backups.make(tmp_path / "pulang.zip", ADMIN, region="3505")
    with pytest.raises(StoreError, match="asset_ids_taken"):
        province.backups.merge(tmp_path / "pulang.zip", ADMIN)
    assert province.assets.one("a", viewer=VIEWER).iloc[0]["note"] == "sini"


def test_evidence_of_the_same_name_with_other_contents_is_told(
    province: Store, elsewhere: Store, tmp_path: Path
) -> None:
    province.backups.make(tmp_path / "blitar.zip", ADMIN, region="3505")
    elsewhere.evidence.add(evidence("blitar.csv:1", "3329010001"), EDITOR)
    before = everything(elsewhere)
    with pytest.raises(StoreError, match="evidence_ids_taken"):
        elsewhere.backups.merge(tmp_path / "blitar.zip", ADMIN)
    assert everything(elsewhere) == before


def test_assets_that_came_in_without_villages_go_with_the_regency_that_they_lie_in(
    store: Store, url: str, tmp_path: Path
) -> None:
    store.villages.use(BLITAR)
    store.assets.add(make_assets({"asset_id": "pindah", "geometry": IN_BLITAR}), EDITOR)
    beside = open_store(url)  # as on the command line
    beside.assets.add(make_assets({"asset_id": "baru", "geometry": IN_BOGOR}), EDITOR)
    beside.assets.change("pindah", 1, {"geometry": IN_BOGOR}, EDITOR)
    assert beside.backups.make(tmp_path / "blitar.zip", ADMIN, region="3505").assets == 0
    assert beside.backups.make(tmp_path / "bogor.zip", ADMIN, region="3271").assets == 2
    beside.close()


@pytest.mark.slow
def test_one_region_never_replaces_a_store_and_a_whole_backup_is_never_merged(province: Store, tmp_path: Path) -> None:
    province.backups.make(tmp_path / "blitar.zip", ADMIN, region="3505")
    province.backups.make(tmp_path / "semua.zip", ADMIN)
    before = everything(province)
    for attempt in (
        lambda: province.backups.restore(tmp_path / "blitar.zip", ADMIN),
        lambda: restore_store(str(tmp_path / "tiada.db"), tmp_path / "blitar.zip", ADMIN),
        lambda: province.backups.merge(tmp_path / "semua.zip", ADMIN),
    ):
        with pytest.raises(FileRefusedError, match="one_region"):
            attempt()
    with pytest.raises(PermissionDeniedError):
        province.backups.merge(tmp_path / "blitar.zip", EDITOR)
    assert everything(province) == before
    assert not (tmp_path / "tiada.db").exists()


def test_every_table_is_either_moved_or_named_as_staying() -> None:
    """A table that is added is thought of here too."""
    moved = {"journal", "asset_history", "assets", "imports", "figures", "mappings", "counters", "evidence", "runs"}
    moved |= {
        "run_tables",
        "scenarios",
        "settings",
        "proposals",
        "field_reports",
        "field_photos",
        "landmarks",
        "run_days",
    }
    assert {table.name for table in metadata.sorted_tables} - moved == {
        "state", "users", "sessions", "attempts", "tokens",
    }  # fmt: skip


def test_on_the_command_line_the_regions_files_move_too_and_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = tmp_path / "provinsi", tmp_path / "kantor"
    for folder in (here, there):
        folder.mkdir()
    source = tmp_path / "penduduk.csv"

    def bring(folder: Path, code: str, text: str) -> None:
        source.write_text(text, "utf-8")
        RegionFiles(code, folder).put("population", [source], {"title": "BPS"}, ADMIN)

    def read(folder: Path, code: str) -> str | None:
        now = RegionFiles(code, folder).current("population")
        return now.files[0].read_text("utf-8") if now else None

    bring(here, "3505", "blitar")
    bring(here, "3271", "bogor")
    bring(there, "3329", "brebes")
    bring(there, "3505", "lama")
    for folder, asset in ((here, "a"), (there, "c")):
        store = open_store(str(folder / "jangkau.db"))
        store.assets.add(make_assets({"asset_id": asset, "geometry": IN_BLITAR if asset == "a" else IN_BREBES}), EDITOR)
        store.close()
    backup = str(tmp_path / "blitar.zip")
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(here))
    assert run(["backup", backup, "--region", "kabupaten blitar"]) == 0
    assert run(["backup", str(tmp_path / "x.zip"), "--region", "tiada"]) == 1
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(there))
    capsys.readouterr()
    assert run(["restore", backup, "--yes"]) == 0
    assert "Kabupaten Blitar" in capsys.readouterr().out
    assert (read(there, "3505"), read(there, "3329"), read(there, "3271")) == ("blitar", "brebes", None)
    assert RegionFiles("3505", there).undo("population", ADMIN)
    assert read(there, "3505") == "lama"
    store = open_store(str(there / "jangkau.db"))
    assert sorted(store.assets.table(viewer=VIEWER)["asset_id"]) == ["a", "c"]
    store.close()
