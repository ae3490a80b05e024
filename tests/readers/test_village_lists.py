"""Lists of villages: the columns are found, evidence is made from them, and the command tells the result."""

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.base.errors import ColumnError, JangkauError
from coverage.cli.app import run
from coverage.readers.village_lists import is_header, read_crosswalk, read_village_list, role_of
from tests.examples import examples

VILLAGES = pd.DataFrame(
    [
        ("3505030003", "35.05.13.2006", "Kaligambir", "Panggungrejo"),
        ("3505060006", "35.05.12.1003", "Sukorejo", "Sutojayan"),
        ("3505060010", "35.05.12.2011", "Kaulon", "Sutojayan"),
    ],
    columns=["village_code_bps", "village_code_kemendagri", "village", "subdistrict"],
)
FIRST = {"code": "3505030003", "village": "Kali Gambir", "subdistrict": "Panggungrejo"}


def write(folder: Path, text: str, name: str = "daftar.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("column", "role"),
    [
        ("Kode Wilayah (BPS)", "code_bps"),
        ("KDEBPS", "code_bps"),
        ("iddesa", "code_bps"),
        ("KDEPUM", "code_kemendagri"),
        ("Kode Kemendagri", "code_kemendagri"),
        ("dagri_code", "code_kemendagri"),
        ("kode_desa", "code"),
        ("ADM4_PCODE", "code"),
        ("village_code", "code"),
        ("kode", "code"),
        ("Desa/Kelurahan", "village"),
        ("NAMOBJ", "village"),
        ("WADMKD", "village"),
        ("ADM4_EN", "village"),
        ("Nama Desa", "village"),
        ("nama", "village"),
        ("nmdesa", "village"),
        ("Nama Kecamatan", "subdistrict"),
        ("WADMKC", "subdistrict"),
        ("district", "subdistrict"),
        ("Kec.", "subdistrict"),
        ("Kabupaten/Kota", "regency"),
        ("WADMKK", "regency"),
        ("parent_bps", "parent"),
        ("kdkec", "part_subdistrict"),
        ("No.", None),
        ("Jumlah Desa", None),
        ("Nama Kepala Desa", None),
        ("Kode Pos", None),
        ("Nama Pelapor", None),
        ("Luas Desa (km2)", None),
        ("Status Desa", None),
    ],
)
def test_columns_are_known_under_the_names_that_offices_use(column: str, role: str | None) -> None:
    assert role_of(column) == role


def test_the_name_of_a_village_is_no_header() -> None:
    assert is_header("Nama Desa")
    assert not is_header("Desa Sukamaju")


@pytest.mark.parametrize(
    "text",
    [
        "No.,Kode Wilayah (BPS),Nama Kecamatan,Desa/Kelurahan\n1.,3505030003,Panggungrejo,Kali Gambir\n",
        "Desa;Kec.;iddesa\nKali Gambir;Panggungrejo;3505030003\n",
        "LAMPIRAN SURAT DINAS\nDAFTAR DESA,,\nNama,Nama Desa,Kecamatan,Kode Desa\n"
        "Budi,Kali Gambir,Panggungrejo,3505030003\n",
        "kdprov,kdkab,kdkec,kddesa,nmdesa,nmkec\n35,5,30,3,Kali Gambir,Panggungrejo\n",
        "kdkec|kddesa|nmdesa|nmkec\n3505030|003|Kali Gambir|Panggungrejo\n",
        "Kode BPS,Kode Kemendagri,Desa,Kecamatan\n3505030003,35.05.13.2006,Kali Gambir,Panggungrejo\n",
        "A,B,C\n3505030003,Kali Gambir,Panggungrejo\n3505060010,Kaulon,Sutojayan\n",
        "3505030003,Kali Gambir,Panggungrejo\n3505060010,Kaulon,Sutojayan\n",
    ],
)
def test_columns_are_found_in_any_order_and_by_content_where_names_say_nothing(tmp_path: Path, text: str) -> None:
    rows, _ = read_village_list(write(tmp_path, text), VILLAGES)
    assert rows.iloc[0][["code", "village", "subdistrict"]].to_dict() == FIRST


def test_of_two_codes_the_bps_code_is_used_and_the_other_where_it_is_missing(tmp_path: Path) -> None:
    text = "Kode Kemendagri,Kode BPS,Desa\n35.05.13.2006,,Kaligambir\n35.05.12.2011,3505060010,Kaulon\n"
    rows, _ = read_village_list(write(tmp_path, text))
    assert rows["code"].tolist() == ["35.05.13.2006", "3505060010"]


def test_a_list_of_bare_names_keeps_its_first_row(tmp_path: Path) -> None:
    rows, _ = read_village_list(write(tmp_path, "Kaulon,Sutojayan\nKaligambir,Panggungrejo\n"), VILLAGES)
    assert rows["village"].tolist() == ["Kaulon", "Kaligambir"]
    assert rows["row"].tolist() == [1, 2]


def test_a_list_without_villages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="village_list.no_columns"):
        read_village_list(write(tmp_path, "Bulan,Biaya\nMei,5\nJuni,7\n"), VILLAGES)


@pytest.mark.parametrize(
    ("path", "rows", "first"),
    [
        ("blitar/crosswalk.csv", 248, ("3505010001", "35.05.05.2003", "Plandirejo", "Bakung")),
        ("blitar/facts/villages.csv", 248, ("3505010001", "35.05.05.2003", "Plandirejo", "Bakung")),
        pytest.param(
            *("codes/bps_kemendagri_2024.csv", 82851, ("1101010001", "11.09.07.2008", "LATIUNG", None)),
            marks=pytest.mark.slow,
        ),
        ("blitar/facts/neighbours.csv", 201, ("3504080015", None, "Ariyojeding", "Rejotangan")),
    ],
)
def test_tables_of_codes_are_read(shared: Path, path: str, rows: int, first: tuple[str | None, ...]) -> None:
    table = read_crosswalk(shared / path)
    assert len(table) == rows
    assert tuple(table.iloc[0][["village_code_bps", "village_code_kemendagri", "village", "subdistrict"]]) == first


def test_a_table_without_codes_is_no_crosswalk(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="crosswalk.no_columns"):
        read_crosswalk(write(tmp_path, "Desa,Kecamatan\nKaulon,Sutojayan\n"))


@given(st.lists(st.lists(st.text("ab1;,\"'|\t ", max_size=5), max_size=4), max_size=5))
@settings(max_examples=examples(60))
def test_any_list_is_read_or_refused_by_an_error_of_ours(tmp_path: Path, rows: list[list[str]]) -> None:
    path = write(tmp_path, "Kode,Desa\n" + "\n".join(",".join(row) for row in rows))
    try:
        table, _ = read_village_list(path, VILLAGES)
    except JangkauError:
        return
    assert list(table.columns) == ["row", "code", "village", "subdistrict", "regency"]
    assert all(isinstance(value, str) for value in [*table["code"], *table["village"]])


# The command

HEADER = "row,status,village_code_bps,village_code_kemendagri,village,subdistrict,reason,candidates"


def region(folder: Path) -> Path:
    path = folder / "wilayah.csv"
    VILLAGES.to_csv(path, index=False)
    return path


def test_the_command_writes_the_result_and_leaves_with_zero_whatever_the_statuses(tmp_path: Path) -> None:
    path = write(tmp_path, "Kode,Desa,Kecamatan\n3505060014,Kaulon,Sutojayan\n1,Atlantis,Laut\n")
    out = tmp_path / "hasil" / "hasil.csv"
    assert run(["reconcile", str(path), "--region", str(region(tmp_path)), "--out", str(out)]) == 0
    first = out.read_bytes()
    lines = first.decode("utf-8").splitlines()
    assert lines[0] == HEADER
    assert lines[1] == (
        "2,code_conflict,3505060010,35.05.12.2011,Kaulon,Sutojayan,Kode 3505060014 tidak ada di "
        "daftar; nama dan kecamatan cocok dengan Kaulon (3505060010).,3505060010 Kaulon (Sutojayan)"
    )
    assert lines[2].startswith("3,not_found,,,,,")
    assert run(["reconcile", str(path), "--region", str(region(tmp_path)), "--out", str(out)]) == 0
    assert out.read_bytes() == first
    assert [item.name for item in out.parent.iterdir()] == ["hasil.csv"]


def test_without_out_the_command_prints_a_table_and_no_progress_bar_in_a_pipe(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "Kode,Desa\n3505060010,[red]Kaulon[/red]\n3505030003,Kaligambir\n")
    assert run(["reconcile", str(path), "--region", str(region(tmp_path)), "--lang", "en"]) == 0
    printed = capsys.readouterr()
    assert "3505030003" in printed.out
    assert "2 rows" in printed.out
    assert printed.err == ""


@pytest.mark.slow
def test_what_cannot_be_read_is_refused_with_the_file_and_leaves_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "Bulan,Biaya\nMei,5\n")
    out = tmp_path / "hasil.csv"
    assert run(["reconcile", str(path), "--region", str(region(tmp_path)), "--out", str(out)]) == 1
    assert "daftar.csv" in capsys.readouterr().err
    assert run(["reconcile", str(path), "--region", str(tmp_path / "tidak-ada.csv")]) == 1
    assert run(["reconcile", str(path)]) == 1  # the country is the region then, and the list itself is refused
    assert not out.exists()


def test_text_of_others_is_written_harmless(tmp_path: Path) -> None:
    path = write(tmp_path, 'Kode,Desa\n3505060010,"=HYPERLINK(1)"\n')
    hostile = VILLAGES.assign(village=["=1+1", "Sukorejo", "Kaulon"])
    hostile.to_csv(tmp_path / "wilayah.csv", index=False)
    out = tmp_path / "hasil.csv"
    run(["reconcile", str(path), "--region", str(tmp_path / "wilayah.csv"), "--out", str(out)])
    assert not any(cell.startswith("=") for cell in pd.read_csv(out, dtype=str).iloc[0].dropna())


def test_the_region_may_be_boundaries_or_a_plain_list(shared: Path, tmp_path: Path) -> None:
    listed = shared / "blitar" / "official_blankspots_2023.csv"
    results = []
    for known in ("blitar/villages_bps_2020.geojson", "blitar/facts/villages.csv"):
        out = tmp_path / "hasil.csv"
        assert (
            run(
                [
                    "reconcile",
                    str(listed),
                    "--region",
                    str(shared / known),
                    "--crosswalk",
                    str(shared / "blitar" / "crosswalk.csv"),
                    "--out",
                    str(out),
                ]
            )
            == 0
        )
        results.append(pd.read_csv(out, dtype=str)[["row", "status", "village_code_bps", "village_code_kemendagri"]])
    pd.testing.assert_frame_equal(*results)
    assert (results[0]["status"] == "code_conflict").sum() == 1
    assert results[0]["village_code_bps"].nunique() == 7


def test_the_messages_are_the_same_in_both_languages(tmp_path: Path) -> None:
    path = write(tmp_path, "Kode,Desa,Kecamatan\n3505060014,Kaulon,Sutojayan\n")
    texts = []
    for language in ("id", "en"):
        out = tmp_path / f"{language}.csv"
        run(["reconcile", str(path), "--region", str(region(tmp_path)), "--out", str(out), "--lang", language])
        texts.append(json.dumps(pd.read_csv(out, dtype=str)["reason"].tolist()))
    assert "tidak ada di daftar" in texts[0]
    assert "is in no list" in texts[1]
