"""report.xlsx opened again by calamine and LibreOffice: the figures of villages.csv, sheets in order."""

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from coverage.exports.figures import by_subdistrict, totals
from coverage.exports.tables import villages_table
from coverage.exports.workbook import write_workbook
from coverage.language.words import Words
from coverage.run.privacy import for_outsiders
from tests.exports.conftest import Small, make_small


def sheets(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def table(rows: list[list[object]], first: str) -> list[dict[str, object]]:
    top = next(at for at, row in enumerate(rows) if row[0] == first)
    return [dict(zip(map(str, rows[top]), row, strict=True)) for row in rows[top + 1 :] if row[0] != ""]


def test_sheets_in_the_order_of_the_work(small: Small, words: Words) -> None:
    assert list(sheets(write_workbook(small, words))) == [
        "Ringkasan",
        "Prioritas",
        "Blank spot",
        "Semua desa",
        "Aset",
        "Daftar perbaikan",
        "Pertentangan",
        "Nilai kriteria",
        "Cara dan sumber",
    ]
    assert list(sheets(write_workbook(small, Words("en"))))[:2] == ["Summary", "Priority"]


def test_the_answer_in_numbers(small: Small, words: Words) -> None:
    found = totals(villages_table(small, words))
    assert found.states == {"served": 1, "weak": 1, "blank": 2, "unknown": 0}
    assert (found.population, found.population_unserved, found.villages_without_population) == (3500, 2000, 1)
    rows = sheets(write_workbook(small, words))["Ringkasan"]
    assert rows[3][:7] == [4.0, 1.0, 1.0, 2.0, 0.0, 3500.0, 2000.0]


def test_subdistricts_add_up_and_the_unserved_come_first(small: Small, words: Words) -> None:
    made = by_subdistrict(villages_table(small, words))
    assert made["subdistrict"].tolist() == ["Satu", "Dua"]
    assert made["population_unserved"].tolist() == [1500, 500]
    assert made["share_served"].tolist() == [0.5, 0.0]
    assert made["villages"].sum() == 4


def test_figures_are_those_of_the_csv(small: Small, words: Words) -> None:
    rows = table(sheets(write_workbook(small, words))["Semua desa"], "Kode BPS")
    csv = villages_table(small, words)
    assert [row["Kode BPS"] for row in rows] == csv["village_code_bps"].tolist()
    assert [row["seluler: terlayani"] for row in rows] == csv["share_cellular"].tolist()
    assert [row["Penduduk terlayani"] for row in rows] == [1000.0, 500.0, 0.0, "–"]


def test_the_list_for_the_office_says_why_and_under_which_rule(small: Small, words: Words) -> None:
    rows = table(sheets(write_workbook(small, words))["Blank spot"], "Kode BPS")
    assert [row["Desa/kelurahan"] for row in rows] == ["Barat", "Utara", "Tengah"]
    assert rows[0]["Daftar resmi"] == "blank spot"
    assert "menara terdekat 4,4 km" in str(rows[0]["Alasan"])


def test_the_repair_list_holds_what_stands_but_does_not_work_and_no_position(small: Small, words: Words) -> None:
    rows = table(sheets(write_workbook(small, words))["Daftar perbaikan"], "Nomor aset")
    assert [(row["Nomor aset"], row["Status"]) for row in rows] == [("W-1", "rusak")]
    assert "Bujur" not in rows[0]


def test_cameras_are_left_out_unless_asked_for(small: Small, words: Words) -> None:
    def kinds(content: bytes) -> set[object]:
        return {row["Jenis"] for row in table(sheets(content)["Aset"], "Nomor aset")}

    assert "CCTV" not in kinds(write_workbook(for_outsiders(small), words))
    assert "CCTV" in kinds(write_workbook(small, words))


def test_the_same_run_gives_the_same_bytes(small: Small, words: Words) -> None:
    assert write_workbook(small, words) == write_workbook(make_small(), words)


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("soffice") is None or shutil.which("pdfinfo") is None, reason="LibreOffice or pdfinfo is not installed"
)
def test_libreoffice_prints_each_sheet_of_this_small_run_on_one_a4_page(
    small: Small, words: Words, tmp_path: Path
) -> None:
    (tmp_path / "report.xlsx").write_bytes(write_workbook(small, words))
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(tmp_path),
            str(tmp_path / "report.xlsx"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    told = subprocess.run(["pdfinfo", str(tmp_path / "report.pdf")], capture_output=True, text=True, check=True).stdout
    assert "Pages:           9" in told
    assert "(A4)" in told


def test_a_column_is_as_wide_as_its_texts_within_reason_and_an_empty_list_says_so(words: Words) -> None:
    owner = "Diskominfo Kabupaten Blitar"
    small = make_small()
    small.assets["owner"] = [owner, None, "a" * 200, owner, None]
    small.assets["status"] = "operational"
    content = write_workbook(small, words)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        widths = re.findall(
            r'<col min="(\d+)" max="\d+" width="([\d.]+)"', parts.read("xl/worksheets/sheet5.xml").decode()
        )
    wide = {int(at): float(width) for at, width in widths}
    assert len(owner) < wide[5] < 40
    assert [row[0] for row in sheets(content)["Daftar perbaikan"] if row[0]][-1] == "Tidak ada."
