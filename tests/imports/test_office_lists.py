"""Lists as offices make them, each messy in its own way: what comes in lies where it says, the rest is refused by row."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from coverage.base.errors import FileRefusedError
from coverage.imports.interpret import interpret
from coverage.imports.list_options import guess
from coverage.imports.places import Region
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.imports.report import report
from coverage.imports.result import Interpretation
from coverage.imports.sheets import ALL_SHEETS
from coverage.language.words import Words

A, B, C = (-8.1355, 112.2245), (-8.1356, 112.2246), (-8.1357, 112.2247)
Cells = Sequence[Sequence[Any]]


@pytest.fixture(scope="module")
def blitar() -> Region:
    return read_region("3505")


def workbook(path: Path, merges: Sequence[tuple[int, int, int, int]] = (), **sheets: Cells) -> Path:
    """A cell that is a pair is a text with a link behind it."""
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, tuple):
                        sheet.write_url(at, column, cell[1], string=cell[0])
                    elif cell != "":
                        sheet.write(at, column, cell)
            for top, left, bottom, right in merges:
                sheet.merge_range(top, left, bottom, right, rows[top][left])
    return path


def understood(path: Path, region: Region, sheet: str | None = None) -> Interpretation:
    raw = read(path, sheet)
    choices = guess(raw)
    if choices.record == "assets" and "kind" not in choices.columns:
        choices = replace(choices, kind="tower")
    found = interpret(raw, choices, region)
    assert found.rows == found.accepted_rows + found.refused_rows
    return found


def places(found: Interpretation) -> list[tuple[float, float]]:
    return [(round(point.y, 5), round(point.x, 5)) for point in found.accepted.geometry]


def reasons(found: Interpretation) -> dict[int, str]:
    return dict(zip(found.refused["row"].tolist(), found.refused["code"].tolist(), strict=True))


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def test_links_to_maps_are_places_where_they_hold_one(tmp_path: Path, blitar: Region) -> None:
    begins = "https://www.google.com/maps"
    found = understood(
        workbook(
            tmp_path / "a.xlsx",
            Data=[
                ["WIFI PUBLIK"],
                ["No", "Nama Titik", "Lokasi Maps", "Ket"],
                [1, "A", f"{begins}/place/-8.1355,112.2245", ""],
                [2, "B", "https://maps.google.com/?q=-8.1356,112.2246", ""],
                [3, "C", f"{begins}/search/?api=1&query=-8.1357%2C112.2247", ""],
                [4, "pin", f"{begins}/place/X/@-8.2,112.3,17z/data=!4m5!3m4!1s0x0!8m2!3d-8.1355!4d112.2245", ""],
                [5, "pendek", "https://goo.gl/maps/abcDEF", ""],
            ],
        ),
        blitar,
    )
    assert places(found) == [A, B, C, A]
    assert reasons(found) == {7: "import.link_without_place"}


def test_links_behind_cells_are_places_too(tmp_path: Path, blitar: Region) -> None:
    found = understood(
        workbook(
            tmp_path / "a.xlsx",
            Data=[
                ["No", "Nama Titik", "Koordinat"],
                [1, "A", ("-8.1355, 112.2245", "https://maps.google.com/?q=-8.1355,112.2245")],
                [2, "B", ("Lihat peta", "https://maps.google.com/?q=-8.1356,112.2246")],
                [3, "C", ("Lihat peta", "https://contoh.go.id/berkas")],
                [4, "D", "belum disurvei"],
                [5, "E", "-"],
            ],
        ),
        blitar,
    )
    assert places(found) == [A, B]
    assert reasons(found) == {4: "import.not_a_pair", 5: "import.not_a_pair", 6: "import.no_coordinates"}
    told = [line["reason"] for line in report(found, Words("id"))["refused_rows"]]
    assert "belum disurvei" in told[1]


def test_whole_plus_codes_are_places_and_short_ones_are_asked_about(tmp_path: Path, blitar: Region) -> None:
    found = understood(text(tmp_path / "a.csv", "Nama,Plus Code\nA,6P3JV67F+RR\nB,V67F+RR Kaulon\n"), blitar)
    assert [(round(y, 3), round(x, 3)) for y, x in places(found)] == [(-8.135, 112.225)]
    assert reasons(found) == {3: "import.short_code"}


def test_metres_are_offered_with_their_zone_also_with_thousands_parted(tmp_path: Path, blitar: Region) -> None:
    found = understood(
        workbook(
            tmp_path / "a.xlsx",
            Data=[["No", "Nama Menara", "X", "Y"], [1, "A", 634901.2, 9100501.5], [2, "B", "634.901,2", "9.100.501,5"]],
        ),
        blitar,
    )
    assert reasons(found) == {2: "import.metres", 3: "import.thousands"}
    assert {(offer.detail, round(offer.lat, 3), round(offer.lon, 3)) for offer in found.refused["offer"]} == {
        ("EPSG:32749", -8.136, 112.224)
    }


def test_cells_merged_down_stand_in_every_row_and_rows_of_totals_are_none(tmp_path: Path, blitar: Region) -> None:
    found = understood(
        workbook(
            tmp_path / "a.xlsx",
            merges=[(3, 1, 4, 1), (1, 3, 1, 4)],
            Data=[
                ["REKAP MENARA"],
                ["NO", "KECAMATAN", "NAMA MENARA", "KOORDINAT", ""],
                ["", "", "", "S", "E"],
                [1, "Sutojayan", "A", "8°08'07.8\"", "112°13'28.2\""],
                [2, "", "B", "8°08'07.8\"", "112°13'28.2\""],
                ["", "", "JUMLAH", "", ""],
                [3, "Kademangan", "C", "8 08 07.8", "112 13 28.2"],
                ["", "", "Jumlah Total", 3, ""],
            ],
        ),
        blitar,
    )
    assert places(found) == [A] * 3
    assert found.raw.frame["KECAMATAN"].tolist()[:2] == ["Sutojayan", "Sutojayan"]
    assert set(reasons(found).values()) == {"import.totals_row"}


def test_a_sheet_for_each_subdistrict_may_be_one_list(tmp_path: Path, blitar: Region) -> None:
    head = ["No", "Lokasi", "Lat", "Long"]
    path = workbook(
        tmp_path / "a.xlsx",
        Sutojayan=[["KEC. SUTOJAYAN"], head, [1, "A", *map(str, A)]],
        Kanigoro=[["KEC. KANIGORO"], head, [1, "B", *map(str, B)], [2, "C", "0", "0"]],
        Catatan=[["Data sementara"]],
    )
    with pytest.raises(FileRefusedError, match=r"table\.several_sheets"):
        read(path)
    found = understood(path, blitar, ALL_SHEETS)
    assert places(found) == [A, B]
    line = report(found, Words("id"))["refused_rows"][0]
    assert (line["sheet"], line["row"], line["code"]) == ("Kanigoro", 4, "import.zero")
    other = workbook(
        tmp_path / "b.xlsx", Satu=[head, [1, "A", *map(str, A)]], Dua=[["Desa", "Penduduk"], ["Kaulon", 5]]
    )
    with pytest.raises(FileRefusedError, match=r"imports\.sheets_differ"):
        read(other, ALL_SHEETS)


def test_signs_that_spreadsheets_leave_behind_are_no_part_of_a_value(tmp_path: Path, blitar: Region) -> None:
    found = understood(
        text(
            tmp_path / "a.csv",
            "No;Nama;Latitude;Longitude;Tinggi\n1;A ;'-8,1355;'112,2245;'31 m\n"
            "2;\u00a0B\u00a0;\u00a0-8,1356 ; 112,2246\u00a0;42 M\n",
        ),
        blitar,
    )
    assert places(found) == [A, B]
    assert (found.accepted["name"].tolist(), found.accepted["height_m"].tolist()) == (["A", "B"], [31.0, 42.0])


@pytest.mark.parametrize(
    "written",
    [
        "S 8°08'07.8\" E 112°13'28.2\"",
        "S8 08.130 E112 13.470",
        "8°8’7,8” LS - 112°13’28,2” BT",
        "08° 08' 07.8\" S, 112° 13' 28.2\" E",
        "LS: 8.1355 BT: 112.2245",
        "8.1355° S 112.2245° E",
        "(-8.1355;112.2245)",
        "-8.1355 112.2245",
        "-8,1355, 112,2245",
        "-8,1355 ; 112,2245",
        "Lat: -8.1355, Long: 112.2245",
    ],
)
def test_a_pair_in_one_cell_is_read_in_every_form(tmp_path: Path, blitar: Region, written: str) -> None:
    assert places(understood(workbook(tmp_path / "a.xlsx", Data=[["Nama", "Koordinat"], ["A", written]]), blitar)) == [
        A
    ]


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        ("-8.1355°", "112.2245°"),
        ("8.1355 S", "112.2245 E"),
        ("S 08 08 07.8", "E 112 13 28.2"),
        ("-8:08:07.8", "112:13:28.2"),
        ("- 8.1355", "112. 2245"),
        ("-8.1355,", "112.2245,"),
        ("8d08m07.8s S", "112d13m28.2s E"),
    ],
)
def test_a_coordinate_in_its_own_cell_is_read_in_every_form(tmp_path: Path, blitar: Region, lat: str, lon: str) -> None:
    path = text(tmp_path / "a.csv", f"Site Name|Lat|Long|Tower Height\nA|{lat}|{lon}|42.0\n")
    assert places(understood(path, blitar)) == [A]


def test_a_minus_that_is_missing_is_offered_unless_the_header_says_south(tmp_path: Path, blitar: Region) -> None:
    found = understood(text(tmp_path / "a.csv", "No,Site ID,Latitude,Longitude\n1,A,8.1355,112.2245\n"), blitar)
    assert (reasons(found), found.refused["offer"].iloc[0].code) == ({2: "import.lost_minus"}, "minus")
    merges = [(0, 1, 0, 2), (0, 3, 0, 4), (0, 0, 1, 0)]
    found = understood(
        workbook(
            tmp_path / "a.xlsx",
            merges=merges,
            Data=[
                ["PEMILIK MENARA", "LOKASI", "", "KOORDINAT", ""],
                ["", "DESA", "KECAMATAN", "LINTANG SELATAN", "BUJUR TIMUR"],
                ["1", "2", "3", "4", "5"],
                ["PT. PROTELINDO", "", "Sutojayan", "8,1355", "112,2245"],
            ],
        ),
        blitar,
    )
    assert (places(found), found.accepted["owner"].tolist()) == ([A], ["Protelindo"])


def test_degrees_minutes_and_seconds_in_columns_of_their_own_are_one_angle(tmp_path: Path, blitar: Region) -> None:
    found = understood(
        workbook(
            tmp_path / "a.xlsx",
            merges=[(0, 2, 0, 4), (0, 5, 0, 7)],
            Data=[
                ["No", "Nama", "LINTANG SELATAN", "", "", "BUJUR TIMUR", "", ""],
                ["", "", "D", "M", "S", "D", "M", "S"],
                [1, "A", 8, 8, 7.8, 112, 13, 28.2],
                [2, "B", 8, "", 7.8, 112, 13, "x"],
            ],
        ),
        blitar,
    )
    assert places(found) == [A]
    assert len(reasons(found)) == 1
    found = understood(
        text(
            tmp_path / "b.csv",
            "Nama,LS Derajat,LS Menit,LS Detik,BT Derajat,BT Menit,BT Detik\nA,8,8,7.8,112,13,28.2\n",
        ),
        blitar,
    )
    assert places(found) == [A]


@pytest.mark.parametrize(
    ("name", "content", "encoding"),
    [
        ("tab.xls", "No\tNama\tLat\tLon\n1\tKaf\u00e9\t-8.1355\t112.2245\n", "utf-16"),
        ("kuno.csv", "No;Nama;Lintang;Bujur\n1;Kaf\u00e9;8\u00b0 8' 7.8\" LS;112\u00b0 13' 28.2\" BT\n", "cp1252"),
        ("bom.csv", "No;Nama;Lintang;Bujur\n1;Kaf\u00e9;-8,1355;112,2245\n", "utf-8-sig"),
        (
            "halaman.xls",
            "<html><meta charset='utf-8'><h3>DATA</h3><table><tr><th rowspan=2>No</th><th rowspan=2>Nama</th>"
            "<th colspan=2>Koordinat</th></tr><tr><th>Latitude</th><th>Longitude</th></tr>"
            "<tr><td>1<td>Kaf&eacute;<td>-8,1355<td>112,2245</tr></table></html>",
            "utf-8",
        ),
        (
            "lama.xls",
            '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
            'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table>'
            + "".join(
                "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row) + "</Row>"
                for row in (("Nama", "Lat", "Lon"), ("Kaf\u00e9", "-8.1355", "112.2245"))
            )
            + "</Table></Worksheet></Workbook>",
            "utf-8",
        ),
        ("api.json", '{"data":{"rows":[{"nama":"Kaf\u00e9","lokasi":{"lat":"-8.1355","lng":"112.2245"}}]}}', "utf-8"),
    ],
)
def test_files_under_a_wrong_name_or_in_an_old_form_are_read(
    tmp_path: Path, blitar: Region, name: str, content: str, encoding: str
) -> None:
    found = understood(text(tmp_path / name, content, encoding), blitar)
    assert (places(found), found.accepted["name"].tolist()) == ([A], ["Kaf\u00e9"])


def test_what_is_no_place_is_said_with_what_is_written(tmp_path: Path, blitar: Region) -> None:
    found = understood(
        text(
            tmp_path / "a.csv",
            "Nama;Lat;Long;Status\nA;belum disurvei;belum disurvei;Aktif\n"
            "B;-8,1355;112,2245;ON AIR\nC;?;?;OFF\nD;-;-;Rencana\nE;-8,1355;;aktif\n",
        ),
        blitar,
    )
    assert places(found) == [A]
    told = {line["row"]: line["reason"] for line in report(found, Words("id"))["refused_rows"]}
    assert "belum disurvei" in told[2]
    assert "kosong" in told[5]
    assert "-8,1355" in told[6]


def test_headings_of_subdistricts_and_signatures_are_told_as_such(tmp_path: Path, blitar: Region) -> None:
    found = understood(
        workbook(
            tmp_path / "a.xlsx",
            Data=[
                ["LAMPIRAN"],
                ["Nomor : 555/123"],
                [],
                ["No", "Nama Hotspot", "Alamat", "Latitude", "Longitude"],
                ["", "KECAMATAN SUTOJAYAN", "", "", ""],
                [1, "Balai", "Jl. 1", *A],
                [],
                ["", "", "", "Blitar, 2 Januari 2025", ""],
                ["", "", "", "NIP. 19700101 199001 1 001", ""],
            ],
        ),
        blitar,
    )
    assert places(found) == [A]
    assert reasons(found) == {5: "import.note_row", 8: "import.note_row", 9: "import.note_row"}


def test_mixed_orders_in_one_column_and_swapped_headers_are_offered_never_done(tmp_path: Path, blitar: Region) -> None:
    found = understood(
        text(
            tmp_path / "a.csv", 'nama,koordinat\nA,"-8.1355, 112.2245"\nB,"112.2246, -8.1356"\nC,"-8.1357,112.2247"\n'
        ),
        blitar,
    )
    assert (places(found), reasons(found)) == ([A, C], {3: "import.swapped"})
    rows = "".join(f"M{at},112.22{at:02d},-8.13{at:02d}\n" for at in range(20))
    found = understood(text(tmp_path / "b.csv", "Nama,Latitude,Longitude\n" + rows), blitar)
    assert {offer.code for offer in found.refused["offer"]} == {"swap"}
    assert found.accepted_rows == 0


def test_a_list_without_a_header_is_told_by_what_is_in_it(tmp_path: Path, blitar: Region) -> None:
    assert places(
        understood(text(tmp_path / "a.csv", "1,Menara A,-8.1355,112.2245,42\n2,Menara B,-8.1356,112.2246,52\n"), blitar)
    ) == [A, B]


def test_hidden_rows_come_in_like_any_other(tmp_path: Path, blitar: Region) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([["Nama", "Lat", "Lon", "Ket"], ["A", *A, "x"], ["B", *B, "y"]]):
            sheet.write_row(at, 0, row)
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})
    assert places(understood(tmp_path / "a.xlsx", blitar)) == [A, B]
