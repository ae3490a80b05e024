"""The register of proposals: what was asked for, each stage with its date, and nothing that is lost or overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coverage.base.errors import DamagedStoreError, RowError, StaleVersionError, StoreError
from coverage.proposals.proposal import Attachment
from coverage.store import Store, open_store
from coverage.store.engine import WRITE
from coverage.store.guards import drop_guards
from coverage.store.region_archive import pack, unpack
from coverage.store.region_files import RegionFiles
from tests.store.stores import ADMIN, EDITOR, VIEWER, Clock, asked_at

KAULON = "3505060010"


def test_a_proposal_goes_through_its_stages_each_with_its_date_and_letter(store: Store) -> None:
    (name,) = store.proposals.add([asked_at(KAULON, answers={"electricity": "PLN 900 VA"})], EDITOR)
    assert name == "3505-2026-001"
    for version, (stage, on) in enumerate(
        [("complete", "2026-03-05"), ("submitted", "2026-03-09"), ("under_review", "2026-04-01")], start=1
    ):
        assert store.proposals.move(name, version, stage, on, EDITOR) == version + 1
    store.proposals.move(
        name, 4, "returned", "2026-05-02", EDITOR, "kurang foto", reply="foto kurang", letter="B-12/BAKTI/2026"
    )
    now = store.proposals.all("3505", VIEWER)[0]
    assert (now.version, now.proposal.stage, now.proposal.stage_on) == (5, "returned", "2026-05-02")
    assert (now.proposal.reply, now.proposal.letter, now.note) == ("foto kurang", "B-12/BAKTI/2026", "kurang foto")
    assert now.proposal.answers == {"electricity": "PLN 900 VA"}
    lines = store.proposals.history(name, VIEWER)
    assert [(line.action, line.proposal.stage, line.who) for line in lines] == [
        ("add", "draft", "eko"),
        *(("stage", stage, "eko") for stage in ("complete", "submitted", "under_review", "returned")),
    ]


def test_a_step_that_does_not_follow_is_refused_and_names_those_that_do(store: Store) -> None:
    (name,) = store.proposals.add([asked_at(KAULON, stage_on="2026-03-01")], EDITOR)
    with pytest.raises(RowError) as refused:
        store.proposals.move(name, 1, "built", "2026-03-02", EDITOR)
    assert refused.value.details["offered"] == ["complete"]
    with pytest.raises(RowError, match="earlier"):
        store.proposals.move(name, 1, "complete", "2026-02-28", EDITOR)
    assert store.proposals.all("3505", VIEWER)[0].version == 1


def test_undo_goes_back_step_by_step_and_is_a_new_line(store: Store) -> None:
    (name,) = store.proposals.add([asked_at(KAULON)], EDITOR)
    store.proposals.change(name, 1, {"hamlet": "Krajan"}, EDITOR)
    store.proposals.move(name, 2, "complete", "2026-03-05", EDITOR)
    assert store.proposals.undo(name, 3, EDITOR) == 4
    assert store.proposals.all("3505", VIEWER)[0].proposal.stage == "draft"
    assert store.proposals.undo(name, 4, EDITOR) == 5
    assert store.proposals.all("3505", VIEWER)[0].proposal.hamlet is None
    with pytest.raises(RowError, match="nothing_before"):
        store.proposals.undo(name, 5, EDITOR)
    assert [line.action for line in store.proposals.history(name, VIEWER)] == ["add", "change", "stage", "undo", "undo"]


def test_two_editors_do_not_overwrite_each_other(store: Store) -> None:
    (name,) = store.proposals.add([asked_at(KAULON)], EDITOR)
    store.proposals.change(name, 1, {"note": "satu"}, EDITOR)
    with pytest.raises(StaleVersionError):
        store.proposals.change(name, 1, {"note": "dua"}, ADMIN)
    assert store.proposals.all("3505", VIEWER)[0].proposal.note == "satu"


def test_what_is_sent_twice_is_kept_once(store: Store) -> None:
    for _ in range(2):
        assert store.proposals.add([asked_at(KAULON)], EDITOR, change_id="sekali") == ["3505-2026-001"]
    assert len(store.proposals.all("3505", VIEWER)) == 1


def test_a_mistaken_entry_is_struck_out_and_stays_in_the_history(store: Store) -> None:
    (name,) = store.proposals.add([asked_at(KAULON)], EDITOR)
    store.proposals.change(name, 1, {"struck_out": True}, EDITOR)
    assert store.proposals.all("3505", VIEWER) == []
    assert [line.action for line in store.proposals.history(name, VIEWER)] == ["add", "strike_out"]
    assert store.proposals.add([asked_at(KAULON)], EDITOR) == ["3505-2026-002"]


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"name": " "}, "name"),
        ({"village_code_bps": "Kaulon"}, "village_code_bps"),
        ({"year": 26}, "year"),
        ({"asked": "fiber"}, "asked"),
        ({"channel": "kementerian"}, "channel"),
        ({"lon": 112.1}, "lat"),
        ({"lon": 212.1, "lat": -8}, "lon"),
        ({"stage_on": "kemarin"}, "stage_on"),
        ({"answers": {"harga": "1"}}, "harga"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_row_and_nothing_is_kept(
    store: Store, wrong: dict[str, object], column: str
) -> None:
    with pytest.raises(RowError) as refused:
        store.proposals.add([asked_at(KAULON), asked_at(KAULON, **wrong)], EDITOR)
    assert (refused.value.place.row, refused.value.place.column) == (2, column)
    assert store.proposals.all("3505", VIEWER) == []


def test_a_changed_letter_in_a_line_is_found_when_the_store_is_checked(sqlite_url: str, tmp_path: Path) -> None:
    store = open_store(sqlite_url, Clock())
    store.proposals.add([asked_at(KAULON)], EDITOR)
    with store.database.engine.connect().execution_options(jangkau=WRITE) as connection, connection.begin():
        drop_guards(connection)
        connection.exec_driver_sql("UPDATE proposals SET after = replace(after, 'bakti', 'pasti')")
    with pytest.raises(DamagedStoreError):
        store.backups.make(tmp_path / "a.zip", ADMIN)
    store.close()


def test_a_region_comes_back_from_another_computer_and_is_not_doubled(store: Store, tmp_path: Path) -> None:
    (name, _) = store.proposals.add([asked_at(KAULON), asked_at("3271010001")], EDITOR)
    store.backups.make(tmp_path / "blitar.zip", ADMIN, region="3505")
    with open_store_at(tmp_path / "lain.db") as other:
        other.backups.merge(tmp_path / "blitar.zip", ADMIN)
        assert [line.proposal.proposal_id for line in other.proposals.all("3505+3271", VIEWER)] == [name]
        other.proposals.move(name, 1, "complete", "2026-12-05", EDITOR)
        other.backups.make(tmp_path / "kembali.zip", ADMIN, region="3505")
    store.backups.merge(tmp_path / "kembali.zip", ADMIN)
    assert [line.proposal.stage for line in store.proposals.history(name, VIEWER)] == ["draft", "complete"]
    store.proposals.add([asked_at("3505010001", proposal_id="3505-2026-009")], EDITOR)
    with open_store_at(tmp_path / "lain.db") as other:
        other.proposals.add([asked_at("3505010002", proposal_id="3505-2026-009")], EDITOR)
        other.backups.make(tmp_path / "lain.zip", ADMIN, region="3505")
    with pytest.raises(StoreError, match="proposal_ids_taken"):
        store.backups.merge(tmp_path / "lain.zip", ADMIN)


@contextmanager
def open_store_at(path: Path) -> Iterator[Store]:
    store = open_store(str(path))
    yield store
    store.close()


def test_files_of_proposals_are_kept_beside_the_store_and_move_with_backups(tmp_path: Path) -> None:
    here, there = tmp_path / "sini", tmp_path / "sana"
    photos = []
    for side in ("utara", "selatan"):
        (tmp_path / f"{side}.jpg").write_bytes(side.encode())
        about = {"title": f"{side}.jpg"}
        photos.append(RegionFiles("3505", here).put("proposals", [tmp_path / f"{side}.jpg"], about, EDITOR))
    assert pack(tmp_path / "berkas.zip", here, only="3505")
    unpack(tmp_path / "berkas.zip", ADMIN, there)
    for photo in photos:
        back = RegionFiles("3505", there).version("proposals", photo.name)
        assert (back.files[0].read_bytes(), back.about) == (photo.files[0].read_bytes(), photo.about)
    file = Attachment(photos[0].name, "utara.jpg", "photos", next(iter(photos[0].about["sha256"].values())), 5)
    store = open_store(str(tmp_path / "jangkau.db"))
    (name,) = store.proposals.add([asked_at(KAULON)], EDITOR)
    assert store.proposals.attach(name, 1, file, EDITOR) == 2
    assert store.proposals.attach(name, 2, file, EDITOR) == 2
    assert store.proposals.detach(name, 2, photos[0].name, EDITOR) == 3
    assert store.proposals.history(name, VIEWER)[1].proposal.files == (file,)
    store.close()
