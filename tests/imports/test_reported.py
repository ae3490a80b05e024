"""Lists about villages: official lists, complaints, field tests and figures, by village or by position."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from coverage.base.errors import ColumnError, StoreError
from coverage.cli.app import run
from coverage.imports.apply import apply_plan, plan_for
from coverage.imports.interpret import interpret
from coverage.imports.list_options import Record, guess
from coverage.imports.places import Region
from coverage.imports.plan import ImportPlan, with_emptied
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.imports.result import Interpretation
from coverage.store import Actor, Store, open_store

ME = Actor("ani", "editor")
PEOPLE = (
    'No,Desa,Kecamatan,Jumlah Penduduk,Penduduk Miskin (%)\n1,Kaulon,Sutojayan,"5.147","12,5"\n'
    "2,Kalipang,Sutojayan,4.200,-\n3,Atlantis,Sutojayan,10,1\n4,Bacem,Sutojayan,banyak,3\n5,,Jumlah,9.347,\n"
)


@pytest.fixture(scope="module")
def blitar() -> Region:
    return read_region("3505")


def reports(
    tmp_path: Path, text: str, region: Region, record: Record | None = "complaint", **more: object
) -> Interpretation:
    (tmp_path / "laporan.csv").write_text(text, "utf-8")
    raw = read(tmp_path / "laporan.csv")
    found = interpret(raw, replace(guess(raw, record=record), **more), region)  # type: ignore[arg-type]
    assert found.rows == found.accepted_rows + found.refused_rows
    return found


def test_complaints_are_matched_by_village_and_unknown_ones_set_aside(tmp_path: Path, blitar: Region) -> None:
    found = reports(
        tmp_path,
        "desa,kecamatan,kondisi sinyal,tanggal\nKaulon,Sutojayan,lemah,2024-05-01\n"
        "Atlantis,Sutojayan,lemah,2024-05-01\nKaulon,Sutojayan,aneh,2024-05-01\n",
        blitar,
    )
    assert found.accepted[["village_code_bps", "claimed_state", "date"]].values.tolist() == [
        ["3505060010", "weak", "2024-05-01"]
    ]
    assert found.refused["code"].tolist() == ["import.unknown_village", "import.unknown_claim"]


def test_field_tests_are_matched_by_position(tmp_path: Path, blitar: Region) -> None:
    found = reports(
        tmp_path,
        "titik,lat,lon,sinyal\n1,-8.1355,112.2245,tidak ada sinyal\n2,-7.0,112.2,baik\n3,0,0,baik\n4,-,-,baik\n",
        blitar,
        "field_test",
    )
    assert found.accepted["claimed_state"].tolist() == ["blank"]
    assert found.accepted["village_code_bps"].str.startswith("3505").all()
    assert found.refused["code"].tolist() == ["import.outside_region", "import.zero", "import.no_village"]


def test_without_a_claim_it_is_asked_for(tmp_path: Path, blitar: Region) -> None:
    with pytest.raises(ColumnError, match=r"imports\.no_claim"):
        reports(tmp_path, "desa,kecamatan\nKaulon,Sutojayan\n", blitar)
    assert reports(tmp_path, "desa,kecamatan\nKaulon,Sutojayan\n", blitar, claim="weak").accepted[
        "claimed_state"
    ].tolist() == ["weak"]


def test_the_official_list_of_seven_goes_in_by_the_command(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    assert run(["evidence", "import", str(shared / "blitar" / "official_blankspots_2023.csv"), "--date", "2023"]) == 0
    with closing(open_store()) as store:
        kept = store.evidence.table(viewer=Actor("ani", "viewer"))
    assert len(kept) == 7
    assert set(kept["claimed_state"]) == {"blank"}
    assert run(["evidence", "import", str(tmp_path / "tidak ada.csv")]) == 1


@pytest.mark.parametrize(
    ("name", "text", "record"),
    [
        ("a.csv", PEOPLE, "villages"),
        ("a.csv", "No,Kode Desa,Nama Desa,Kecamatan\n1,3505060010,Kaulon,Sutojayan\n", "official_list"),
        ("a.csv", "Desa,Kecamatan,Kondisi Sinyal,Tanggal\nKaulon,Sutojayan,lemah,2024-05-01\n", "field_test"),
        ("aduan warga.csv", "Desa,Kecamatan,Sinyal\nKaulon,Sutojayan,lemah\n", "complaint"),
        ("aduan.csv", "Desa,Kecamatan,Isi\nKaulon,Sutojayan,susah sinyal\n", "complaint"),
        ("a.csv", "NPSN,Nama Sekolah,Desa,Lintang,Bujur\n1,SDN 1,Kaulon,-8.15,112.25\n", "landmarks"),
        ("a.csv", "Desa,Kecamatan,2021,2022\nKaulon,Sutojayan,5100,5120\n", "villages"),
        ("SK.csv", "NO,KECAMATAN,DESA,KETERANGAN\n1,Sutojayan,Kaulon,Blank spot\n", "official_list"),
        ("a.csv", "nama,lat,lon,desa\nMenara,-8.1,112.2,Kaulon\n", "assets"),
        ("a.csv", "Pemilik,Tinggi,Desa,Kecamatan\nTelkom,31,Kaulon,Sutojayan\n", "assets"),
    ],
)
def test_what_a_list_is_of_is_guessed_from_its_columns(tmp_path: Path, name: str, text: str, record: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    assert guess(read(tmp_path / name)).record == record


def test_figures_of_villages_are_read_as_offices_write_them_and_bad_ones_refused(
    tmp_path: Path, blitar: Region
) -> None:
    found = reports(tmp_path, PEOPLE, blitar, None)
    columns = ["village_code_bps", "population", "Penduduk Miskin (%)"]
    assert found.accepted[columns].astype(object).fillna("-").values.tolist() == [
        ["3505060010", 5147.0, 12.5],
        [found.accepted["village_code_bps"].iloc[1], 4200.0, "-"],
    ]
    assert dict(zip(found.refused["row"], found.refused["code"], strict=True)) == {
        4: "import.unknown_village",
        5: "import.bad_figure",
        6: "import.totals_row",
    }


def test_headers_in_two_rows_and_years_for_names_are_understood(tmp_path: Path, blitar: Region) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(
            [
                ["NO", "KECAMATAN", "DESA", "PENDUDUK", "", "", "KK MISKIN"],
                ["", "", "", "L", "P", "JML", ""],
                [1, "Sutojayan", "Kaulon", 2500, 2647, 5147, 120],
                [2, "", "Kalipang", 2100, 2100, 4200, 99],
                ["", "JUMLAH", "", 4600, 4747, 9347, 219],
            ]
        ):
            sheet.write_row(at, 0, row)
        sheet.merge_range(2, 1, 3, 1, "Sutojayan")
    raw = read(tmp_path / "a.xlsx")
    choices = guess(raw)
    assert (choices.columns["population"], choices.figures) == (
        "PENDUDUK JML",
        ("PENDUDUK L", "PENDUDUK P", "KK MISKIN"),
    )
    found = interpret(raw, choices, blitar)
    assert found.accepted["population"].tolist() == [5147.0, 4200.0]
    years = reports(tmp_path, "Desa,Kecamatan,2021,2022\nKaulon,Sutojayan,5.100,5.120\n", blitar, None)
    assert years.accepted[["2021", "2022"]].values.tolist() == [[5100.0, 5120.0]]


def test_a_column_of_states_is_found_by_what_is_in_it(tmp_path: Path, blitar: Region) -> None:
    found = reports(
        tmp_path, "Desa,Kecamatan,Keluhan\nKaulon,Sutojayan,Tidak ada sinyal\nKalipang,Sutojayan,lemah\n", blitar
    )
    assert found.accepted["claimed_state"].tolist() == ["blank", "weak"]


def test_a_village_in_two_rows_is_refused_in_both(tmp_path: Path, blitar: Region) -> None:
    found = reports(
        tmp_path, "desa,kecamatan,jumlah penduduk\nKaulon,Sutojayan,10\nKAULON,Sutojayan,11\n", blitar, None
    )
    assert found.refused["code"].tolist() == ["import.village_twice"] * 2


def test_facilities_are_counted_by_the_village_they_lie_in(tmp_path: Path, blitar: Region, store: Store) -> None:
    text = "nama,lat,lon\nSD 1,-8.1355,112.2245\nSD 2,-8.1356,112.2246\nSD 3,8.1355,112.2245\n"
    found = reports(tmp_path, text, blitar, "villages")
    assert found.refused["code"].tolist() == ["import.lost_minus"]
    done = apply_plan(plan_for(found, store, ME), store, ME)
    assert (done.added, store.imports.figures(ME)[["figure", "value"]].values.tolist()) == (1, [["facilities", 2.0]])


def test_figures_go_in_change_and_are_taken_back_keeping_later_ones(
    tmp_path: Path, blitar: Region, store: Store
) -> None:
    head = "Desa,Kecamatan,Jumlah Penduduk,Sekolah\n"

    def put(text: str, emptied: bool = False) -> tuple[str, dict[str, int]]:
        plan = plan_for(reports(tmp_path, head + text, blitar, "villages", figures=("Sekolah",)), store, ME)
        counts = plan.counts
        return apply_plan(with_emptied(plan) if emptied else plan, store, ME).import_id, counts

    def now() -> list[tuple[str, float]]:
        found = store.imports.figures(ME)
        return [(row.figure, row.value) for row in found.itertuples()]

    first, counts = put("Kaulon,Sutojayan,100,2\n")
    assert counts == {"new": 1, "changed": 0, "unchanged": 0, "missing": 0}
    plan = plan_for(
        reports(tmp_path, head + "Kaulon,Sutojayan,110,-\n", blitar, "villages", figures=("Sekolah",)), store, ME
    )
    assert plan.differences[["field", "old", "new"]].values.tolist() == [["population", 100.0, 110.0]]
    assert plan.emptied[["field", "old"]].values.tolist() == [["Sekolah", 2.0]]
    second, counts = put("Kaulon,Sutojayan,110,-\n")
    assert (counts["changed"], now()) == (1, [("Sekolah", 2.0), ("population", 110.0)])
    third, _ = put("Kaulon,Sutojayan,110,-\n", emptied=True)
    assert now() == [("population", 110.0)]
    store.imports.take_back(third, ME)
    store.imports.take_back(first, ME)
    assert now() == [("population", 110.0)]
    store.imports.take_back(second, ME)
    assert now() == []
    assert [line["record"] for line in store.imports.all(ME)] == ["figures"] * 3


@pytest.mark.slow
def test_an_official_list_taken_in_again_changes_what_differs_and_goes_back_whole(
    tmp_path: Path, blitar: Region, store: Store
) -> None:
    def plan(text: str) -> ImportPlan:
        return plan_for(
            reports(tmp_path, "Desa,Kecamatan,Sinyal\n" + text, blitar, "official_list", dated="2024"), store, ME
        )

    def kept() -> set[tuple[str, str]]:
        return set(store.evidence.table(ME)[["given_village", "claimed_state"]].itertuples(index=False, name=None))

    assert apply_plan(plan("Kaulon,Sutojayan,blank\nKalipang,Sutojayan,blank\n"), store, ME).added == 2
    assert plan("Kaulon,Sutojayan,blank\nKalipang,Sutojayan,blank\n").counts["unchanged"] == 2
    again = plan("Kaulon,Sutojayan,lemah\n")
    assert again.counts == {"new": 0, "changed": 1, "unchanged": 0, "missing": 1}
    assert again.differences[["old", "new"]].values.tolist() == [["blank", "weak"]]
    done = apply_plan(again, store, ME, retire=list(again.missing["asset_id"]))
    assert (done.added, done.changed, kept()) == (0, 1, {("Kaulon", "weak")})
    store.imports.take_back(done.import_id, ME)
    assert kept() == {("Kaulon", "blank"), ("Kalipang", "blank")}


def test_two_complaints_of_a_village_are_two_and_the_same_list_twice_adds_nothing(
    tmp_path: Path, blitar: Region, store: Store
) -> None:
    text = "desa,kecamatan,sinyal,tanggal\n" + "Kaulon,Sutojayan,lemah,2024-05-01\n" * 2
    assert apply_plan(plan_for(reports(tmp_path, text, blitar), store, ME), store, ME).added == 2
    more = plan_for(reports(tmp_path, text + "Kaulon,Sutojayan,lemah,2024-05-01\n", blitar), store, ME)
    assert more.counts == {"new": 1, "changed": 0, "unchanged": 2, "missing": 0}


def test_a_plan_for_figures_made_before_others_changed_them_is_refused(
    tmp_path: Path, blitar: Region, store: Store
) -> None:
    found = reports(tmp_path, PEOPLE, blitar, None)
    plan = plan_for(found, store, ME)
    apply_plan(plan_for(found, store, ME), store, ME)
    with pytest.raises(StoreError, match=r"store\.plan_outdated"):
        apply_plan(plan, store, ME)


@pytest.mark.slow
def test_figures_go_in_by_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "penduduk.csv").write_text(PEOPLE, "utf-8")
    assert run(["villages", "import", str(tmp_path / "penduduk.csv"), "--dry-run"]) == 0
    assert run(["villages", "import", str(tmp_path / "penduduk.csv")]) == 0
    with closing(open_store()) as store:
        assert len(store.imports.figures(Actor("ani", "viewer"))) == 3
