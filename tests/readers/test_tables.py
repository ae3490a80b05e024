"""Tables as people keep them come out as text with the row numbers that Excel shows."""

import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from coverage.base.errors import ColumnError, FileRefusedError, JangkauError
from coverage.language.words import Words
from coverage.readers.tables import TextTable, find_header, plain, read_table, read_table_bytes, sniff_separator

LIST = "Kode,Desa\r\n3505030003,Kaligambir\r\n3505060010,Kaulon\r\n"


def read(text: str | bytes, **more: object) -> TextTable:
    return read_table_bytes(text if isinstance(text, bytes) else text.encode("utf-8"), "daftar.csv", **more)  # type: ignore[arg-type]


def workbook(*sheets: list[list[object]], hidden: tuple[int, ...] = ()) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, rows in enumerate(sheets):
            sheet = book.add_worksheet(f"Lembar{at + 1}")
            for number, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, dt.date):
                        sheet.write_datetime(number, column, dt.datetime.combine(cell, dt.time()), date)
                    elif cell not in ("", None):
                        sheet.write(number, column, cell)
            if at in hidden:
                sheet.hide()
    return made.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_every_encoding_that_excel_writes_is_read(encoding: str) -> None:
    table = read(LIST.replace("Kaulon", "Kaulén").encode(encoding))
    assert table.frame["Desa"].tolist() == ["Kaligambir", "Kaulén"]
    assert list(table.frame.columns) == ["Kode", "Desa"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_separator_is_found(separator: str) -> None:
    table = read(LIST.replace(",", separator))
    assert table.frame["Kode"].tolist() == ["3505030003", "3505060010"]


def test_decimal_commas_do_not_mislead_the_search_for_the_separator() -> None:
    assert sniff_separator("desa;lintang;bujur\nKaulon;-8,1;112,2\nSerang;-8,3;112,3\n") == ";"
    assert sniff_separator('desa,catatan\nKaulon,"rusak; mati; hilang"\nSerang,baik\n') == ","
    assert read("sep=|\r\nKode|Desa\r\n1|Kaulon, Sutojayan\r\n").frame["Desa"].tolist() == ["Kaulon, Sutojayan"]


def test_title_rows_empty_rows_and_empty_columns_are_passed_over_and_rows_keep_their_numbers() -> None:
    table = read("DAFTAR DESA BLANK SPOT,,,\n,,,\n,No.,Kode,Desa\n,1,3505030003,Kaligambir\n\n,2,3505060010,Kaulon\n")
    assert list(table.frame.columns) == ["No.", "Kode", "Desa"]
    assert table.frame.index.tolist() == [4, 6]
    assert table.header_row == 3
    assert [code for code, _ in table.notes] == ["tables.note.title_rows"]


def test_a_row_that_numbers_the_columns_and_repeated_headers_are_no_data() -> None:
    table = read("No,Kode,Desa\n(1),(2),(3)\n1,3505030003,Kaligambir\nNo,Kode,Desa\n2,3505060010,Kaulon\n")
    assert table.frame["Desa"].tolist() == ["Kaligambir", "Kaulon"]
    assert table.frame.index.tolist() == [3, 5]
    assert [code for code, _ in table.notes] == ["tables.note.numbering_row", "tables.note.repeated_header"]


def test_a_list_without_header_loses_no_row() -> None:
    table = read("3505030003,Kaligambir\n3505060010,Kaulon\n")
    assert (list(table.frame.columns), table.header_row) == (["#1", "#2"], None)
    assert len(table.frame) == 2


def test_long_and_short_rows_keep_every_cell() -> None:
    table = read("Kode,Desa\n3505030003,Kaligambir,lebih\n3505060010\n")
    assert table.frame.to_numpy().tolist() == [["3505030003", "Kaligambir", "lebih"], ["3505060010", "", ""]]
    assert list(table.frame.columns) == ["Kode", "Desa", "#3"]


def test_a_known_header_is_found_below_rows_that_look_like_one() -> None:
    rows = [["Dinas Kominfo", "Kabupaten Blitar"], ["Nama Desa", "Kecamatan"], ["Kaulon", "Sutojayan"]]
    assert find_header(rows) == 0
    assert find_header(rows, lambda cell: plain(cell) in ("nama_desa", "kecamatan")) == 1


def test_excel_cells_come_out_as_text() -> None:
    data = workbook(
        [
            ["Daftar"],
            [],
            ["", "Kode", "Nilai", "Tanggal", "Aktif"],
            ["", 3505030003, 1.5, dt.date(2026, 11, 21), True],
            ["", "id3505060010", "31m", "", False],
        ]
    )
    table = read_table_bytes(data, "daftar.xlsx")
    assert table.frame.to_numpy().tolist() == [
        ["3505030003.0", "1.5", "2026-11-21", "TRUE"],
        ["id3505060010", "31m", "", "FALSE"],
    ]
    assert table.frame.index.tolist() == [4, 5]
    assert table.sheet == "Lembar1"


def test_a_workbook_is_known_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "daftar.csv"
    path.write_bytes(workbook([["Kode", "Desa"], ["3505030003", "Kaligambir"]]))
    assert read_table(path).frame["Desa"].tolist() == ["Kaligambir"]


def test_of_several_sheets_the_one_with_the_known_header_is_taken_else_one_must_be_named() -> None:
    one, other = [["Kode", "Desa"], ["3505030003", "Kaligambir"]], [["Bulan", "Biaya"], ["Mei", 5]]
    known = {"Kode", "Desa"}.__contains__
    assert read_table_bytes(workbook(other, one), "a.xlsx", known).sheet == "Lembar2"
    assert read_table_bytes(workbook(one, one), "a.xlsx", known, "Lembar2").sheet == "Lembar2"
    with pytest.raises(FileRefusedError, match="table.several_sheets") as refused:
        read_table_bytes(workbook(one, one), "a.xlsx", known)
    assert refused.value.details["offered"] == ["Lembar1", "Lembar2"]
    with pytest.raises(FileRefusedError, match="table.no_such_sheet"):
        read_table_bytes(workbook(one), "a.xlsx", known, "Lain")


def test_hidden_sheets_are_not_read_but_named() -> None:
    table = read_table_bytes(
        workbook([["Kode", "Desa"], ["1", "Kaulon"]], [["Kode", "Desa"], ["2", "Lain"]], hidden=(1,)), "a.xlsx"
    )
    assert table.frame["Desa"].tolist() == ["Kaulon"]
    assert table.notes == [("tables.note.hidden_sheets", {"file": "a.xlsx", "sheets": "Lembar2"})]


def test_an_opendocument_sheet_is_read() -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        "<table:table-row>" + "".join(cell.format(text) for text in row) + "</table:table-row>"
        for row in (("Kode", "Desa"), ("3505030003", "Kaligambir"))
    )
    names = {"office": "office", "table": "table", "text": "text"}
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for short, name in names.items()
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="Daftar">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest '
            'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    assert read_table_bytes(made.getvalue(), "a.ods").frame["Desa"].tolist() == ["Kaligambir"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "table.no_rows"),
        (b"Kode,Desa\n", "table.no_rows"),
        (b"%PDF-1.7 ...", "table.not_a_table"),
        (b"<html><table><tr><td>Kode</td></tr></table></html>", "table.not_a_table"),
        (bytes(range(256)), "table.not_a_table"),
        (b"PK\x03\x04 broken", "file.unreadable"),
        (b"\xd0\xcf\x11\xe0 broken", "file.unreadable"),
        (b'a,b\n"' + b"x" * 200_000 + b'",1\n', "file.unreadable"),
    ],
)
def test_what_is_no_table_is_refused_in_words(data: bytes, code: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        read_table_bytes(data, "daftar.csv")
    assert refused.value.code == code
    assert "daftar.csv" in Words("id").error(refused.value)


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ColumnError) as refused:
        read("Desa,Kode,desa\nKaulon,1,Serang\n")
    assert Words("id").error(refused.value).startswith("berkas daftar.csv, baris 1, kolom desa: ")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="file.not_found"):
        read_table(tmp_path / "tidak-ada.csv")


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(st.lists(cells, max_size=4), max_size=5).map(
            lambda rows: "\n".join(",".join(row) for row in rows).encode()
        ),
    )
)
def test_any_content_is_read_or_refused_by_an_error_of_ours(data: bytes) -> None:
    table, refused = None, None
    try:
        table = read_table_bytes(data, "x.csv")
    except JangkauError as error:
        refused = error
    assert table is not None or (refused is not None and Words("id").has(f"error.{refused.code}.message"))
    if table is None:
        return
    assert all(isinstance(cell, str) for row in table.frame.to_numpy() for cell in row)
    assert table.frame.index.is_monotonic_increasing
