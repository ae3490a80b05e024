"""Every export of a run whose every name is hostile, opened by another program: text stays text, files keep our names.

Sixteen names stand four at a time as villages, subdistricts, assets, owners, notes and sources, so that each comes to
every place once.
"""

import csv
import html
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
from PIL import Image
from python_calamine import CalamineWorkbook

from coverage.exports.bundle import file_names, output_files, write_zip
from coverage.exports.comparison import compare
from coverage.exports.evaluation import write_comparison, write_indicators
from coverage.exports.output_folder import write_outputs
from coverage.exports.plan import write_plan_workbook
from coverage.exports.sanitize import xml_safe
from coverage.exports.tables import villages_table
from coverage.language.words import Words
from coverage.rollout.plan import RolloutPlan
from tests.exports.conftest import CODES, HOSTILE, Small, hostile_run
from tests.exports.test_kml_geojson import KML, document
from tests.exports.test_papers import needs_poppler, pages
from tests.exports.test_plan import CURVE, make_plan

TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n")
LIBREOFFICE = shutil.which("soffice")


def hostile_plan(names: list[str]) -> RolloutPlan:
    plan = make_plan()
    return replace(plan, rollout=plan.rollout.assign(village=names[:2], subdistrict=names[2:], parent=names[:2]))


@pytest.fixture(
    scope="module",
    params=[0, *(pytest.param(at, marks=pytest.mark.slow) for at in range(4, len(HOSTILE), 4))],
    ids=lambda at: repr(HOSTILE[at : at + 4])[:40],
)
def made(request: pytest.FixtureRequest) -> tuple[list[str], dict[str, bytes]]:
    names, words = HOSTILE[request.param : request.param + 4], Words("id")
    run, plan = hostile_run(names), hostile_plan(names)
    asked = [name for name in file_names(plan) if name != "map.png"] + (["map.png"] if request.param == 8 else [])
    files = output_files(run, words, asked, plan=plan, curve=CURVE, villages=CODES, include_cctv=True)
    return names, files


def cells(name: str, content: bytes) -> Iterator[object]:
    if name.endswith(".csv"):
        for row in csv.reader(io.StringIO(content.decode("utf-8"), newline="")):
            yield from row
        return
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for sheet in book.sheet_names:
        for row in book.get_sheet_by_name(sheet).to_python():
            yield from row


@pytest.mark.slow
def test_names_of_files_are_ours(made: tuple[list[str], dict[str, bytes]], tmp_path: Path) -> None:
    _, files = made
    assert set(files) - {"map.png"} == {*file_names(make_plan()), "run.json"} - {"map.png"}
    assert zipfile.ZipFile(io.BytesIO(write_zip(files))).namelist() == [*sorted(set(files) - {"run.json"}), "run.json"]
    write_outputs(tmp_path / "out", files)
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(["out", *files])


@pytest.mark.slow
def test_no_cell_of_any_table_is_a_formula_and_no_name_is_lost(made: tuple[list[str], dict[str, bytes]]) -> None:
    names, files = made
    seen: set[str] = set()
    for file in (name for name in files if name.endswith((".csv", ".xlsx"))):
        found = [cell for cell in cells(file, files[file]) if isinstance(cell, str)]
        assert not [cell for cell in found if cell.startswith(TRIGGERS) and not re.fullmatch(r"-?[\d.]+", cell)], file
        shown = {cell.removeprefix("'") for cell in found}
        lost = {xml_safe(name).strip() for name in names} - {xml_safe(cell).strip() for cell in shown}
        if file not in ("conflicts.csv", "priority.csv", "priority.xlsx"):
            assert not lost, (file, lost)  # those others hold two or three of the four villages
        if file.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(files[file])) as parts:
                sheets = [parts.read(part) for part in parts.namelist() if "worksheets" in part]
            assert not [sheet for sheet in sheets if b"<f>" in sheet or b"<hyperlink" in sheet], file
        seen.add(file)
    assert len(seen) == 10


def test_gdal_reads_the_very_names(made: tuple[list[str], dict[str, bytes]], tmp_path: Path) -> None:
    names, files = made
    for file in ("villages.gpkg", "villages.geojson", "assets.geojson", "map.kmz"):
        (tmp_path / file).write_bytes(files[file])
    villages = pyogrio.read_dataframe(tmp_path / "villages.gpkg", layer="villages")
    assert villages[["village", "subdistrict"]].to_numpy().tolist() == [
        list(pair) for pair in zip(names, names[::-1], strict=True)
    ]
    assets = pyogrio.read_dataframe(tmp_path / "villages.gpkg", layer="assets").set_index("asset_id")
    assert assets.loc["W-1", ["name", "owner", "operator", "source", "note"]].tolist() == [
        names[1],
        names[2],
        names[1],
        names[1],
        names[2],
    ]
    assert pyogrio.read_dataframe(tmp_path / "villages.geojson")["village"].tolist() == names
    assert set(names) == set(pyogrio.read_dataframe(tmp_path / "assets.geojson")["name"])
    marks = list(document(files["map.kmz"]).iter(f"{KML}Placemark"))
    balloons = " ".join(mark.findtext(f"{KML}description") or "" for mark in marks)
    assert balloons
    assert not re.search(r"<script|<img|\$\[", balloons)
    layers = [layer for layer, _ in pyogrio.list_layers(tmp_path / "map.kmz")]
    placed = pd.concat(
        pyogrio.read_dataframe(tmp_path / "map.kmz", layer=layer, read_geometry=False) for layer in layers
    )
    assert {xml_safe(name) for name in names} <= set(placed["Name"])


def test_the_map_page_and_the_fibre_data_hold_them_as_text(made: tuple[list[str], dict[str, bytes]]) -> None:
    names, files = made
    page = files["map.html"].decode("utf-8")
    block = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.S)
    assert block
    assert [village["name"] for village in json.loads(block[1])["villages"]] == names
    assert not [name for name in names if "<" in name and name in page]
    assert json.loads(files["fibre_ofds.json"])["networks"]


@needs_poppler
def test_the_pages_show_them(made: tuple[list[str], dict[str, bytes]], tmp_path: Path) -> None:
    names, files = made
    for file in ("report.pdf", "village_sheets.pdf", "proposals.pdf"):
        shown = re.sub(r"\s", "", " ".join(pages(files[file], tmp_path)))
        for name in (name for name in names if name.isascii()):
            assert re.sub(r"[\s\x01]", "", name)[:60] in shown, (file, name)
    if "map.png" in files:
        assert Image.open(io.BytesIO(files["map.png"])).size == (4960, 3507)


@pytest.mark.slow
@needs_poppler
def test_figures_of_balloons_and_sheets_are_those_of_the_csv(small: Small, words: Words, tmp_path: Path) -> None:
    files = output_files(
        small, words, ["villages.csv", "map.kmz", "village_sheets.pdf", "proposals.pdf"], villages=CODES
    )
    rows = list(csv.DictReader(io.StringIO(files["villages.csv"].decode())))
    kml = zipfile.ZipFile(io.BytesIO(files["map.kmz"])).read("doc.kml").decode()
    asked = pages(files["proposals.pdf"], tmp_path)
    for row, sheet in zip(rows, pages(files["village_sheets.pdf"], tmp_path), strict=True):
        mark = next(part for part in kml.split("<Placemark>") if row["village_code_bps"] in part)
        mark = html.unescape(html.unescape(mark))  # HTML within XML
        assert f'<Data name="state"><value>{row["state"]}</value>' in mark
        share = words.share(float(row["share_cellular"]))
        people = words.number(float(row["population"]) if row["population"] else None)
        for told in (mark, sheet):
            assert row["village"] in told
            assert share in told
            assert people in told
        assert any(row["village_code_bps"] in page and row["village"] in page for page in asked)
    assert villages_table(small, words)["population"].dropna().tolist() == [1000, 2000, 500]


def converted(folder: Path, to: str) -> dict[str, Path]:
    """Every workbook in a folder as LibreOffice makes it anew."""
    into = folder / to
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", to, "--outdir",
         str(into), *map(str, sorted(folder.glob("*.xlsx")))],
        check=True, capture_output=True, timeout=240)  # fmt: skip
    return {path.stem: path for path in into.iterdir()}


@pytest.mark.slow
@pytest.mark.skipif(not (LIBREOFFICE and shutil.which("pdfinfo")), reason="LibreOffice or poppler is not installed")
def test_libreoffice_finds_no_formula_in_any_workbook_and_prints_all_of_every_sheet(
    words: Words, tmp_path: Path
) -> None:
    names = HOSTILE[:4]
    run, plan = hostile_run(names), hostile_plan(names)
    later = replace(run, run={**run.run, "run_id": "fedcba654321", "date": "2027-11-20"})
    books = output_files(run, words, ["report.xlsx", "priority.xlsx", "assets.xlsx"], plan=plan, include_cctv=True)
    books |= {
        "rollout.xlsx": write_plan_workbook(run, plan, words),
        "comparison.xlsx": write_comparison(run, later, words),
        "indicators.xlsx": write_indicators({2026: run, 2027: later}, words),
    }
    del books["run.json"]
    for name, content in books.items():
        (tmp_path / name).write_bytes(content)
    read = converted(tmp_path, "fods")
    assert set(read) == {name.partition(".")[0] for name in books}
    for name, path in read.items():
        text = path.read_text("utf-8")
        assert "table:formula=" not in text, name
        assert "<text:p>" in text, name
    for name, path in converted(tmp_path, "pdf").items():
        told = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True).stdout
        assert "(A4)" in told, name
        count = len(CalamineWorkbook.from_filelike(io.BytesIO(books[f"{name}.xlsx"])).sheet_names)
        shown = pages(path.read_bytes(), tmp_path)
        assert len(shown) == count, name  # each sheet of this small run on one page, none cut in two
        assert all(page.strip() for page in shown), name
        assert "###" not in " ".join(shown), name


def test_a_run_beside_itself_with_hostile_names_has_no_change() -> None:
    run = hostile_run(HOSTILE[:4])
    assert not compare(run, run, Words("id")).villages["change"].isin(["better", "worse"]).any()
