"""Reports from phones: kept once, counted by the run, marked wrong and back, never deleted, in every backup."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from coverage.base.errors import FileRefusedError, RowError, StoreError
from coverage.base.field_report import read_report
from coverage.readers.photos import read_photo
from coverage.run.inputs import load_inputs
from coverage.run.sources import Sources
from coverage.run.stored_inputs import with_stored
from coverage.store import Store
from coverage.store.photos import keep_photo, photo_file
from coverage.store.region_archive import pack, unpack
from coverage.villages_served.field_reports import as_evidence, as_measurements, reports_near
from tests.store.field_reports import TOLD, a_photo, a_report, picture, said
from tests.store.stores import ADMIN, EDITOR, VIEWER

STRONG = {"operator": "XLSmart", "signal": "strong", "rsrp_dbm": -85.5, "mbit_s": 12.0}


def test_a_report_sent_again_is_the_same_one_and_another_under_its_number_is_refused(store: Store) -> None:
    for _ in range(3):
        store.reports.add(a_report(1), EDITOR)
    with pytest.raises(StoreError, match="report_id_taken"):
        store.reports.add(a_report(1, note="lain"), EDITOR)
    table = store.reports.table("3505", VIEWER)
    assert len(table) == 1
    assert (table["sent_by"][0], table["made_at"][0]) == (EDITOR.name, "2026-11-20T03:04:05+00:00")
    assert table["signals"][0] == [TOLD]
    assert store.reports.table("3506", VIEWER).empty


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("report_id", {"report_id": "../../etc/passwd"}),
        ("place", {"lon": None, "lat": None, "village_code_bps": None}),
        ("lat", {"lat": 123}),
        ("signals", {"signals": []}),
        ("operator", {"signals": [TOLD, {**TOLD, "operator": "TELKOMSEL"}]}),
        ("signals.0.signal", {"signals": [{**TOLD, "signal": "baik"}]}),
        ("made_at", {"made_at": "2026-11-20T03:04:05"}),
        ("region", {"region": "../x"}),
        ("extra", {"extra": 1}),
    ],
)
def test_what_is_no_report_is_refused_by_the_name_of_its_field(field: str, changed: dict[str, object]) -> None:
    with pytest.raises(RowError) as refused:
        read_report(json.dumps(said(1, **changed)))
    assert refused.value.place.column == field


@pytest.mark.slow
def test_the_run_takes_reports_as_measurements_and_as_one_field_test_a_village(store: Store) -> None:
    villages = load_inputs().villages
    place = villages.geometry.iloc[0].representative_point()
    code = villages["village_code_bps"].iloc[0]
    store.reports.add(a_report(1, lon=place.x, lat=place.y, signals=[TOLD, STRONG]), EDITOR)
    store.reports.add(a_report(2, lon=place.x, lat=place.y), EDITOR)
    other = villages["village_code_bps"].iloc[5]
    store.reports.add(a_report(3, lon=None, lat=None, accuracy_m=None, village_code_bps=other), EDITOR)
    revision = store.reports.revision()
    inputs = with_stored(load_inputs(), Sources(), store)
    assert inputs.measurements is not None
    assert inputs.evidence is not None
    assert sorted(inputs.measurements["told"]) == ["none", "none", "strong"]
    field = inputs.evidence[inputs.evidence["kind"] == "field_test"].set_index("village_code_bps")["claimed_state"]
    assert field.to_dict() == {code: "weak", other: "blank"}  # heard at one of two places; at none
    assert ("run.note.reports", {"count": 3}) in inputs.notes

    wrong = [a_report(number).report_id for number in (1, 2)]
    assert store.reports.mark_wrong(wrong, True, EDITOR, "salah tempat") == 2
    assert store.reports.mark_wrong(wrong, True, EDITOR) == 0
    assert store.reports.revision() != revision
    assert with_stored(load_inputs(), Sources(), store).measurements is None
    assert len(store.reports.table("3505", VIEWER, wrong=True)) == 2
    assert store.reports.mark_wrong(wrong, False, EDITOR) == 2
    assert len(store.reports.table("3505", VIEWER)) == 3


def test_reports_near_a_point(store: Store) -> None:
    for number, lon in enumerate((112.2, 112.201, 112.3), start=1):
        store.reports.add(a_report(number, lon=lon), EDITOR)
    reports = store.reports.table("3505", VIEWER)
    near = reports_near(reports, 112.2001, -8.1, 500)
    assert near["lon"].tolist() == [112.2, 112.201]
    assert near["distance_m"].iloc[0] == pytest.approx(11, abs=1)
    assert as_measurements(reports.iloc[:0]).empty
    assert as_evidence(reports.iloc[:0], load_inputs().villages).empty


def test_photos_are_looked_at_kept_once_and_go_with_every_backup(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    content = picture()
    photo, report = a_photo(content), a_report(1, [a_photo(content)])
    with pytest.raises(RowError):
        store.reports.photo_said(report.report_id, photo.photo_id, EDITOR)
    store.reports.add(report, EDITOR)
    assert store.reports.photo_said(report.report_id, photo.photo_id, EDITOR) == ("3505", photo)
    assert store.reports.table("3505", VIEWER)["photos"][0][0]["received_at"] is None
    with pytest.raises(FileRefusedError, match="torn_photo"):
        keep_photo("3505", content[:-1], photo.sha256, read_photo)
    for _ in range(2):
        store.reports.add_photo(report.report_id, photo, keep_photo("3505", content, photo.sha256, read_photo), EDITOR)
    found = store.reports.table("3505", VIEWER)["photos"][0][0]
    assert (found["taken_at"], found["lon"], found["lat"]) == ("2026-11-20T10:04:05+07:00", 112.25, -8.125)
    assert store.reports.photo(photo.photo_id, VIEWER) == ("3505", photo.sha256)
    assert [path.name for path in photo_file("3505", photo.sha256).parent.iterdir()] == [f"{photo.sha256}.jpg"]

    assert pack(tmp_path / "r.zip")
    unpack(tmp_path / "r.zip", ADMIN, tmp_path / "lain")
    assert photo_file("3505", photo.sha256, tmp_path / "lain").read_bytes() == content
    store.backups.make(tmp_path / "a.zip", ADMIN, region="3505")
    store.reports.mark_wrong([report.report_id], True, EDITOR)
    store.backups.make(tmp_path / "b.zip", ADMIN)
    store.backups.merge(tmp_path / "a.zip", ADMIN)
    assert len(store.reports.table("3505", VIEWER, wrong=True)) == 1  # there already, and marked since
    store.backups.restore(tmp_path / "b.zip", ADMIN)
    assert store.reports.table("3505", VIEWER, wrong=True)["photos"][0][0]["received_at"] is not None


def test_a_backup_of_another_region_has_no_report_of_this_one(store: Store, tmp_path: Path) -> None:
    store.reports.add(a_report(1), EDITOR)
    store.reports.add(a_report(2, region="3271"), EDITOR)
    store.backups.make(tmp_path / "bogor.zip", ADMIN, region="3271")
    store.backups.make(tmp_path / "blitar.zip", ADMIN, region="3505")
    store.reports.mark_wrong([a_report(1).report_id], True, EDITOR)
    for name in ("bogor", "blitar"):
        store.backups.merge(tmp_path / f"{name}.zip", ADMIN)
    assert len(store.reports.table("3505", VIEWER, wrong=True)) == 1
    assert len(store.reports.table("3271", VIEWER)) == 1


def test_a_photo_tells_what_its_exif_tells_and_what_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    for content in (picture()[:-200], b"<svg/>", b""):
        path.write_bytes(content)
        with pytest.raises(FileRefusedError, match="no_photo"):
            read_photo(path)
    Image.new("RGB", (4, 4)).save(path, "JPEG")
    assert read_photo(path) == {"taken_at": None, "lon": None, "lat": None}
    path.write_bytes(picture(lon=0, lat=0))
    assert (read_photo(path)["lon"], read_photo(path)["taken_at"]) == (None, "2026-11-20T10:04:05+07:00")
