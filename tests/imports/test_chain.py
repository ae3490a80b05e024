"""A list as an office keeps it, from the file to the inventory and back."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from coverage.base.errors import PermissionDeniedError, StoreError
from coverage.cli.app import run
from coverage.exports.refused import refused_file
from coverage.imports.apply import apply_plan, plan_for
from coverage.imports.interpret import interpret
from coverage.imports.list_options import Choices, guess
from coverage.imports.mappings import Mappings
from coverage.imports.places import Region
from coverage.imports.plan import ImportPlan, make_plan, with_emptied
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.imports.report import plan_warnings, report
from coverage.imports.result import Interpretation
from coverage.language.words import Words
from coverage.store import Actor, Store

ME = Actor("ani", "editor")
HEADER = ["", "No", "Nama Site", "Pemilik", "Koordinat", "", "Tinggi", "Kecamatan", "Desa", "Tgl Operasi"]
MESSY = [
    ["DAFTAR MENARA TELEKOMUNIKASI"],
    ["KABUPATEN BLITAR TAHUN 2024"],
    [],
    HEADER,
    ["", "", "", "", "LATTITUDE", "LONGITUDE"],
    ["", 1, "Menara Kaulon", "PT. Telkom", -8.1355, 112.2245, "31m", "Sutojayan", "Kaulon", "03/04/2020"],
    ["", 2, "Menara B", "TELKOM", "-8,1200", "112,2000", "-", "", "", "25/03/2021"],
    ["", 3, "Menara C", "Telkom Indonesia", "8°7'12\" LS", "112°12'0\" BT", "42 M", "", "", 2019],
    ["", 4, "Menara D", "X", 112.21, -8.12, "42"],
    ["", 5, "Menara E", "X", 8.121, 112.211, "42"],
    ["", 6, "Menara F", "X", -812345, 11221234, "42"],
    ["", "", "Jumlah"],
]


@pytest.fixture(scope="session")
def blitar() -> Region:
    return read_region("3505")


def workbook(path: Path, rows: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Menara")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell != "":
                    sheet.write(at, column, cell)
    return path


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    return workbook(tmp_path / "menara.xlsx", MESSY)


def understood(path: Path, region: Region, **changes: object) -> Interpretation:
    raw = read(path)
    return interpret(raw, replace(guess(raw, "tower"), **changes), region)


def planned(found: Interpretation, store: Store) -> ImportPlan:
    return plan_for(found, store, ME)


def test_columns_are_guessed_below_title_rows_under_merged_and_misspelt_headers(messy: Path) -> None:
    raw = read(messy)
    assert guess(raw, "tower").columns == {
        "name": "Nama Site",
        "owner": "Pemilik",
        "lat": "Koordinat LATTITUDE",
        "lon": "Koordinat LONGITUDE",
        "height_m": "Tinggi",
        "installed_on": "Tgl Operasi",
        "village": "Desa",
        "subdistrict": "Kecamatan",
    }
    assert raw.samples("Tinggi") == ["31m", "-", "42 M"]
    assert raw.frame.index.tolist() == [6, 7, 8, 9, 10, 11, 12]


def test_every_row_is_accepted_or_refused_with_its_reason(messy: Path, blitar: Region) -> None:
    found = understood(messy, blitar)
    assert (found.rows, found.accepted_rows, found.refused_rows) == (7, 3, 4)
    assert dict(zip(found.refused["row"], found.refused["code"], strict=True)) == {
        9: "import.swapped",
        10: "import.lost_minus",
        11: "import.lost_point",
        12: "import.totals_row",
    }
    assert found.accepted["height_m"].tolist()[::2] == [31.0, 42.0]
    assert found.accepted["owner"].tolist() == ["Telkom Indonesia"] * 3
    assert found.accepted["installed_on"].tolist() == ["2020-04-03", "2021-03-25", "2019"]
    assert {(one.written, one.name) for one in found.gathered} == {
        ("PT. Telkom", "Telkom Indonesia"),
        ("TELKOM", "Telkom Indonesia"),
    }


def test_a_repair_is_offered_and_done_only_when_it_is_accepted(messy: Path, blitar: Region) -> None:
    found = understood(messy, blitar)
    offers = {offer.code: (offer.lat, offer.lon) for offer in found.refused["offer"] if offer is not None}
    assert offers == {"swap": (-8.12, 112.21), "minus": (-8.121, 112.211), "point": (-8.12345, 112.21234)}
    every = understood(messy, blitar, repairs=frozenset(offers))
    assert every.refused["code"].tolist() == ["import.totals_row"]
    one = understood(messy, blitar, repaired_rows=frozenset({10}))
    assert one.refused["row"].tolist() == [9, 11, 12]
    assert one.accepted.geometry.to_wkt().iloc[-1] == "POINT (112.211 -8.121)"


def test_gathered_spellings_can_be_left_as_they_are_written(messy: Path, blitar: Region) -> None:
    found = understood(messy, blitar, keep=frozenset({("owner", "TELKOM")}))
    assert found.accepted["owner"].tolist() == ["Telkom Indonesia", "TELKOM", "Telkom Indonesia"]


def test_an_import_taken_in_twice_changes_nothing_and_is_taken_back_as_a_whole(
    messy: Path, blitar: Region, store: Store
) -> None:
    found = understood(messy, blitar)
    done = apply_plan(planned(found, store), store, ME)
    assert (done.added, done.changed) == (3, 0)
    assert planned(found, store).counts == {"new": 0, "changed": 0, "unchanged": 3, "missing": 0}
    later = store.assets.table(viewer=ME).iloc[0]
    store.assets.change(later["asset_id"], 1, {"note": "disurvei"}, ME)
    back = store.imports.take_back(done.import_id, ME)
    assert len(back.set_back) == 2
    assert store.assets.table(viewer=ME)["note"].tolist() == ["disurvei"]


@pytest.mark.slow
def test_old_and_new_stand_side_by_side_and_nothing_is_taken_away_unasked(
    messy: Path, blitar: Region, store: Store, tmp_path: Path
) -> None:
    apply_plan(planned(understood(messy, blitar), store), store, ME)
    rows = [*MESSY[:5], [*MESSY[5][:6], "52m", *MESSY[5][7:]], [*MESSY[7][:6], "-", *MESSY[7][7:]]]
    plan = planned(understood(workbook(tmp_path / "lagi.xlsx", rows), blitar, dates="dmy"), store)
    assert plan.differences[["field", "old", "new"]].values.tolist() == [["height_m", 31.0, 52.0]]
    assert plan.emptied[["field", "old"]].values.tolist() == [["height_m", 42.0]]
    assert plan.missing["name"].tolist() == ["Menara B"]
    apply_plan(plan, store, ME)
    assert sorted(store.assets.table(viewer=ME)["height_m"].dropna()) == [42.0, 52.0]
    asked = with_emptied(planned(understood(tmp_path / "lagi.xlsx", blitar, dates="dmy"), store))
    apply_plan(asked, store, ME, retire=list(asked.missing["asset_id"]))
    now = store.assets.table(viewer=ME).set_index("name")
    assert pd.isna(now.loc["Menara C", "height_m"])
    assert now.loc["Menara B", "status"] == "decommissioned"


def test_an_asset_that_moves_far_and_a_digit_too_many_are_pointed_out(
    blitar: Region, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "daftar.csv"
    rows = [f"T{at},-8.13{at:02d}1,112.22{at:02d}1" for at in range(12)]

    def plan() -> ImportPlan:
        path.write_text("kode aset,lat,lon\n" + "\n".join(rows) + "\n", "utf-8")
        return planned(understood(path, blitar), store)

    apply_plan(plan(), store, ME)
    rows[3] = rows[3].replace("112.22", "112.25")  # another digit
    rows[4] += "5"  # a digit more: 0.1 m, and other decimals than all the rest
    again = plan()
    assert again.moved[["asset_id", "row"]].values.tolist() == [["T3", 5]]
    assert 3200 < again.moved["distance_m"].iloc[0] < 3400
    assert again.counts["changed"] == 2
    assert again.changed.set_index("asset_id")["needs_check"].to_dict() == {"T3": False, "T4": True}


def test_a_new_asset_with_the_name_of_one_that_is_not_on_the_list_is_pointed_out(
    blitar: Region, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "daftar.csv"
    rows = [
        "T1,Menara A,-8.1301,112.2201",
        "T2,Menara B,-8.1401,112.2301",
        "T3,Kembar,-8.15,112.24",
        "T4,Kembar,-8.16,112.25",
        "T5,,-8.17,112.26",
    ]

    def plan() -> ImportPlan:
        path.write_text("kode aset,nama,lat,lon\n" + "\n".join(rows) + "\n", "utf-8")
        return planned(understood(path, blitar), store)

    apply_plan(plan(), store, ME)
    rows[1] = "X2,MENARA B,-8.1501,112.2301"  # another code and 1.1 km away: added twice, if nobody says so
    rows[2] = "X3,Kembar,-8.151,112.24"  # the other of that name is on the list
    rows[4] = "X5,,-8.171,112.26"
    again = plan()
    assert again.namesakes[["asset_id", "row", "known"]].values.tolist() == [["X2", 3, "T2"], ["X3", 4, "T3"]]
    assert 1100 < again.namesakes["distance_m"].iloc[0] < 1130
    (said,) = plan_warnings(again, Words("id"))
    assert "X2" in said
    assert "T2" in said
    apply_plan(again, store, ME)
    rows[0] = "Y1,Menara A,-8.2301,112.2201"
    rows[1] = "X2,Menara B,-8.1501,112.2301"
    assert plan().namesakes["known"].tolist() == ["T1"]


@pytest.mark.slow
def test_sectors_with_corrected_directions_stay_themselves_in_whatever_order_they_are_listed(
    blitar: Region, tmp_path: Path
) -> None:
    """Three directions of 4G and one of 5G at one mast, all turned by 10 degrees, and listed the other way round."""
    sectors = [("4G", 0), ("4G", 120), ("4G", 240), ("5G", 0)]

    def listed(turned: int) -> Interpretation:
        rows = [("S1", "tower", -8.1, 112.2, what, (at + turned) % 360) for what, at in sectors]
        path = tmp_path / f"{turned}.csv"
        header = ["kode", "jenis", "lat", "lon", "teknologi", "azimut"]
        pd.DataFrame(rows[:: -1 if turned else 1], columns=header).to_csv(path, index=False)
        return understood(path, blitar)

    first = listed(0)
    plan = make_plan(listed(-10), make_plan(first, first.accepted.iloc[:0]).new)
    assert plan.counts == {"new": 0, "changed": 4, "unchanged": 0, "missing": 0}
    assert plan.differences["field"].unique().tolist() == ["azimuth_deg"]
    assert sorted(plan.differences[["old", "new"]].to_numpy().tolist()) == [[0, 350], [0, 350], [120, 110], [240, 230]]


def test_the_report_has_the_fingerprint_and_text_is_said_to_hide_damage(
    blitar: Region, store: Store, messy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "daftar.csv"
    path.write_text("kode aset,lat,lon\nT1,-8.1301,112.2201\n", "utf-8")
    found = understood(path, blitar)
    assert report(found, Words("id"))["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert not found.raw.self_checking
    assert understood(messy, blitar).raw.self_checking
    run(["assets", "import", str(path), "--kind", "tower", "--region", "3505", "--dry-run"])
    assert hashlib.sha256(path.read_bytes()).hexdigest() in capsys.readouterr().out.replace("\n", "")


def test_a_place_in_another_subdistrict_than_the_row_says_is_marked(blitar: Region, tmp_path: Path) -> None:
    path = tmp_path / "daftar.csv"
    path.write_text(
        "kode aset,kecamatan,lat,lon\nA,KEC. KANIGORO,-8.1355,112.2245\nB,Bakung,-8.1355,112.2245\n", "utf-8"
    )
    found = understood(path, blitar)
    assert found.accepted["subdistrict"].tolist() == ["Kanigoro"] * 2
    assert found.accepted["needs_check"].tolist() == [False, True]


def test_a_plan_made_before_somebody_else_changed_the_inventory_is_refused(
    messy: Path, blitar: Region, store: Store
) -> None:
    plan = planned(understood(messy, blitar), store)
    apply_plan(planned(understood(messy, blitar, repairs=frozenset({"swap"})), store), store, ME)
    with pytest.raises(StoreError, match=r"store\.plan_outdated"):
        apply_plan(plan, store, ME)


def test_refused_rows_come_back_as_excel_and_corrected_they_are_accepted(
    messy: Path, blitar: Region, tmp_path: Path
) -> None:
    file = tmp_path / "ditolak.xlsx"
    file.write_bytes(refused_file(understood(messy, blitar), Words("id")))
    again = read(file)
    assert "tertukar" in again.frame["Alasan ditolak (Jangkau)"].iloc[0]
    lat, lon = "Koordinat LATTITUDE", "Koordinat LONGITUDE"
    rows = again.frame.drop(again.frame.index[-1])
    rows[lat], rows[lon] = ["-8.12", "-8.121", "-8.12345"], ["112.21", "112.211", "112.21234"]
    corrected = workbook(tmp_path / "benar.xlsx", [list(rows.columns), *rows.values.tolist()])
    found = understood(corrected, blitar)
    assert (found.accepted_rows, found.refused_rows) == (3, 0)


def test_a_mapping_is_kept_under_a_name_for_everybody_and_recognised(messy: Path, store: Store) -> None:
    raw = read(messy)
    mappings = Mappings(store, ME)
    choices = guess(raw, "tower").with_columns({"lat": "Koordinat LATTITUDE", "lon": "Koordinat LONGITUDE"})
    mappings.save("../menara dinas", raw, choices)
    assert mappings.recognised(raw) == ("../menara dinas", choices)
    assert isinstance(mappings.load("../menara dinas", raw), Choices)
    assert Mappings(store, Actor("budi", "viewer")).names == ["../menara dinas"]
    with pytest.raises(PermissionDeniedError):
        Mappings(store, Actor("budi", "viewer")).forget("../menara dinas")
    mappings.forget("../menara dinas")
    assert (mappings.names, mappings.recognised(raw)) == ([], None)


def test_a_mapping_of_reports_saved_under_the_former_name_of_the_date_still_reads_it(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("desa,kecamatan,sinyal,hari\nKaulon,Sutojayan,lemah,2024-05-01\n", "utf-8")
    raw = read(tmp_path / "a.csv")
    entry = {"header": ["desa", "hari", "kecamatan", "sinyal"], "record": "field_test"}
    store.mappings.save("lama", entry | {"columns": {"claim": "sinyal", "installed_on": "hari"}}, ME)
    assert Mappings(store, ME).load("lama", raw).columns == {"claim": "sinyal", "reported_on": "hari"}


def test_bandung_every_bad_coordinate_is_refused_and_no_other(shared: Path) -> None:
    found = understood(shared / "bandung" / "towers.json", read_region())
    assert (found.rows, found.accepted_rows, found.refused_rows) == (763, 749, 14)
    assert set(found.refused["code"]) == {
        "import.zero",
        "import.far_from_list",
        "import.lost_minus",
        "import.thousands",
    }
    offered = {offer.code for offer in found.refused["offer"] if offer is not None}
    assert offered == {"minus", "point"}
    west, south, east, north = found.accepted.total_bounds
    assert 107.3 < west < east < 107.8
    assert -7.1 < south < north < -6.5
    assert found.accepted["height_m"].between(3, 110).all()
    assert len(report(found, Words("id"))["refused_rows"]) == 14


@pytest.mark.slow
def test_the_command_writes_a_report_and_keeps_nothing_on_a_dry_run(
    messy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    told = tmp_path / "laporan.json"
    line = ["assets", "import", str(messy), "--kind", "tower", "--report", str(told)]
    assert run([*line, "--dry-run"]) == 0
    content = json.loads(told.read_text("utf-8"))
    assert (content["rows"], content["accepted"], content["refused"]) == (7, 3, 4)
    assert set(content["refused_rows"][0]) >= {"row", "sheet", "code", "reason", "values", "offered"}
    assert content["refused_rows"][0]["offered"] == [{"repair": "swap", "lat": -8.12, "lon": 112.21}]
    capsys.readouterr()
    assert run(["assets", "list"]) == 0
    assert "Menara Kaulon" not in capsys.readouterr().out
    assert run([*line, "--repair", "swap", "--save-mapping", "dinas"]) == 0
    capsys.readouterr()
    assert run(["assets", "list"]) == 0
    assert "Menara D" in capsys.readouterr().out
    assert run(["assets", "import", str(messy), "--mapping", "dinas"]) == 0


def test_a_file_that_is_refused_as_a_whole_has_a_report_and_status_one(tmp_path: Path) -> None:
    bad, told = tmp_path / "x.csv", tmp_path / "r.json"
    bad.write_bytes(b"%PDF-1.4")
    assert run(["assets", "import", str(bad), "--kind", "tower", "--report", str(told)]) == 1
    assert json.loads(told.read_text("utf-8"))["file_refused"]["code"] == "table.not_a_table"
