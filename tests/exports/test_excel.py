"""priority.xlsx opened again by calamine and by LibreOffice: numbers are numbers, text is never a formula."""

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from coverage.exports.excel import write_priority_workbook
from coverage.language.words import Words
from tests.exports.conftest import Small, make_small


def sheet(content: bytes, at: int = 0) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(at).to_python(skip_empty_area=False)


def test_the_list_reads_from_first_to_last_with_numbers_as_numbers(small: Small, words: Words) -> None:
    rows = sheet(write_priority_workbook(small, words))
    top = next(at for at, row in enumerate(rows) if row[0] == "Urutan")
    assert rows[top][:7] == ["Urutan", "Desa/kelurahan", "Kecamatan", "Keadaan", "Penduduk", "Terlayani", "Alasan"]
    assert rows[top + 1][:6] == [1.0, "Tengah", "Satu", "lemah", 2000.0, 0.25]
    assert rows[top + 3][4] == "–"
    assert rows[top + 2][6] == "500 penduduk belum terlayani; ada di daftar resmi"


def test_the_sheet_of_sources_names_run_date_files_and_approximations(small: Small, words: Words) -> None:
    told = {str(cell) for row in sheet(write_priority_workbook(small, words), 2) for cell in row}
    assert {"abc123def456", "20 November 2026", "Daftar aset adalah contoh rekaan, bukan aset sebenarnya."} <= told
    assert any(text.startswith("desa.geojson (SHA-256 0000") for text in told)
    assert any(text.startswith("Tumpang susun aset: ") for text in told)


def test_frozen_heading_filter_and_a4_set_up(small: Small, words: Words) -> None:
    with zipfile.ZipFile(io.BytesIO(write_priority_workbook(small, words))) as parts:
        xml = parts.read("xl/worksheets/sheet1.xml").decode()
        book = parts.read("xl/workbook.xml").decode()
    assert 'state="frozen"' in xml
    assert "<autoFilter" in xml
    assert re.search(r'<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"', xml)
    assert "Print_Titles" in book


def test_the_same_run_gives_the_same_bytes(small: Small, words: Words) -> None:
    assert write_priority_workbook(small, words) == write_priority_workbook(make_small(), words)


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("soffice") is None or shutil.which("pdftotext") is None,
    reason="LibreOffice or pdftotext is not installed",
)
def test_libreoffice_prints_it_with_indonesian_numbers(small: Small, words: Words, tmp_path: Path) -> None:
    (tmp_path / "priority.xlsx").write_bytes(write_priority_workbook(small, words))
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(tmp_path),
            str(tmp_path / "priority.xlsx"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "priority.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "2.000" in text
    assert "25%" in text
    assert "Nomor hitungan abc123def456" in text
