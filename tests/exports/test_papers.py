"""PDF and print map opened again by poppler and Pillow: the figures of villages.csv, names of others as text."""

import csv
import io
import math
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import shapely
from PIL import Image

from coverage.exports.bundle import paper_files
from coverage.exports.drawing import MapData, map_data
from coverage.exports.evidence_pack import drafts, write_pack_pdf
from coverage.exports.fonts import MISSING, fallback_files, font_file, letters, runs
from coverage.exports.map_choice import LEVELS, DrawnArea, DrawnPoints, MapChoice, Painted
from coverage.exports.pictures import blank_figure
from coverage.exports.print_map import A3, A4, FOOT, _Column, _ranks, write_print_map
from coverage.exports.register import items_of
from coverage.exports.registry import CSV, formats
from coverage.exports.report import write_report
from coverage.exports.village_sheet import write_village_sheets
from coverage.language.words import Words
from coverage.readers.basemap import Basemap
from coverage.readers.tiles import take_in_tiles
from coverage.run.privacy import for_outsiders
from tests.exports.conftest import CODES, HOSTILE, Small, make_small
from tests.readers.test_tiles import mbtiles, picture

ARTIFACTS = Path(__file__).parents[2] / "artifacts" / "exports"
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")


def pages(content: bytes, folder: Path) -> list[str]:
    """Text of every page, as poppler reads it cell by cell, blanks and line ends as one blank."""
    (folder / "x.pdf").write_bytes(content)
    text = subprocess.run(["pdftotext", "-raw", str(folder / "x.pdf"), "-"], capture_output=True, check=True).stdout
    return [re.sub(r"\s+", " ", page) for page in text.decode("utf-8").split("\f")[:-1]]


@pytest.mark.slow
@needs_poppler
def test_the_summary_is_one_page_with_the_answer(small: Small, words: Words, tmp_path: Path) -> None:
    first, second, *rest = pages(write_report(small, words), tmp_path)
    for text in (
        "Laporan jangkauan dan blank spot Kabupaten Blitar",
        "20 November 2026",
        "Dari 4 desa/kelurahan, 2 blank spot, 1 lemah, dan 1 terlayani.",
        "2.000 dari 3.500 penduduk (57%)",
        "Yang dilayani lebih dulu",
        "contoh rekaan",
        "Nomor hitungan abc123def456",
        "Halaman 1",
    ):
        assert text in first, text
    assert re.search(r"Daftar isi [. ]+2 Cara menghitung [. ]+\d .*Sumber data dan perkiraan", second)
    everything = " ".join(rest)
    for text in (
        "3505020001",
        "35.05.02.2001",
        "tidak ada menara",
        "500 penduduk belum terlayani; ada di daftar resmi",
        "Keadaan per kecamatan",
        "Daftar perbaikan",
        "Pertentangan",
        "3505020009",
        "desa.geojson (SHA-256 0000",
    ):
        assert text in everything, text
    assert "/home/orang" not in everything


@needs_poppler
def test_english(small: Small, tmp_path: Path) -> None:
    assert "Of 4 villages, 2 are blank spots" in pages(write_report(small, Words("en")), tmp_path)[0]


@pytest.mark.slow
@needs_poppler
def test_every_page_is_a4_and_letters_are_embedded(small: Small, words: Words, tmp_path: Path) -> None:
    (tmp_path / "r.pdf").write_bytes(write_report(small, words))
    told = subprocess.run(["pdfinfo", str(tmp_path / "r.pdf")], capture_output=True, text=True, check=True).stdout
    assert "(A4)" in told
    fonts = subprocess.run(["pdffonts", str(tmp_path / "r.pdf")], capture_output=True, text=True, check=True).stdout
    rows = fonts.splitlines()[2:]
    assert rows
    assert all(row.split()[-5] == "yes" for row in rows if "Source" in row)
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    subprocess.run(["pdftoppm", "-r", "70", "-png", str(tmp_path / "r.pdf"), str(ARTIFACTS / "report")], check=True)


@pytest.mark.slow
@needs_poppler
@pytest.mark.parametrize("name", [name for name in HOSTILE if not name.isascii()])
def test_names_in_other_letters_are_drawn_with_a_font_that_has_them(name: str, words: Words, tmp_path: Path) -> None:
    # Only what is drawn: the text layer of reportlab has no letters beyond the first 65,536.
    needed = {file.stem for file, run in runs(name) if run != MISSING}
    (tmp_path / "x.pdf").write_bytes(write_report(make_small(name, asset_name=name), words))
    fonts = subprocess.run(["pdffonts", str(tmp_path / "x.pdf")], capture_output=True, text=True, check=True).stdout
    assert all(stem.removesuffix("-Regular") in fonts for stem in needed)


def test_javanese_letters_are_in_the_pdf_where_the_computer_has_them(words: Words, tmp_path: Path) -> None:
    name = "ꦧꦭꦶꦠꦂ"
    shown = "".join(run for _, run in runs(name))
    installed = any("Javanese" in file.stem or "javatext" in file.stem.lower() for file in fallback_files())
    assert shown == (name if installed else MISSING * len(name))
    assert write_village_sheets(make_small(name), words, [CODES[3]]).startswith(b"%PDF")


def test_a_script_without_a_font_becomes_boxes_never_nothing() -> None:
    text = "".join(run for _, run in runs("A\U00012345"))
    assert text == "A" + MISSING
    assert "".join(run for _, run in runs("Desa Ééñ ꧋"))[:8] == "Desa Ééñ"
    assert ord("a") in letters(font_file())
    assert all(file.exists() for file in fallback_files())


@pytest.mark.slow
@needs_poppler
def test_a_run_without_assets_or_people_says_so(words: Words, tmp_path: Path) -> None:
    base = make_small()
    empty = replace(
        base,
        assets=None,
        evidence=None,
        conflicts=base.conflicts.iloc[:0],
        priority=base.priority.iloc[:0],
        blank_spots=base.blank_spots.assign(state="unknown", reason="no_asset_list"),
    )
    text = " ".join(pages(write_report(empty, words), tmp_path))
    assert "4 belum dapat dinilai" in text
    assert "Daftar aset belum ada" in text
    assert write_print_map(empty, words, paper=A4, dpi=50).startswith(b"\x89PNG")


@needs_poppler
def test_a_sheet_is_one_page_a_village_in_the_order_asked_for(small: Small, words: Words, tmp_path: Path) -> None:
    made = pages(write_village_sheets(small, words, [CODES[2], CODES[0]]), tmp_path)
    assert len(made) == 2
    for text in (
        "Lembar desa Barat",
        "3505020001",
        "Tercantum dalam daftar resmi",
        "Catatan lapangan",
        "kode bertentangan",
    ):
        assert text.lower() in made[0].lower(), text
    assert "Lembar desa Timur" in made[1]
    assert "Belum ada rencana" in made[1]
    with pytest.raises(KeyError):
        write_village_sheets(small, words, ["9999999999"])


@needs_poppler
def test_a_sheet_with_a_very_long_name_still_fits_one_page(words: Words, tmp_path: Path) -> None:
    assert len(pages(write_village_sheets(make_small("a" * 200), words, [CODES[3]]), tmp_path)) == 1


@needs_poppler
def test_a_proposal_is_filled_where_known_and_marked_where_not(small: Small, words: Words, tmp_path: Path) -> None:
    (point,) = drafts(small, [CODES[2]])
    rows = {state.key: state.value for state in items_of(small, point.proposal, point.found, words) if state.done}
    assert rows["people"] == "500 orang tanpa layanan di desanya"
    assert rows["official"] == "ya"
    assert not {"electricity", "land", "photos", "coordinates"} & set(rows)
    told = " ".join(pages(write_pack_pdf(small, words, drafts(small, CODES)), tmp_path))
    assert told.count("Surat permohonan desa") >= len(CODES)
    assert "pemilik lahan" in told


def test_the_print_map_has_the_size_of_the_paper(small: Small, words: Words) -> None:
    picture = Image.open(io.BytesIO(write_print_map(small, words, dpi=100)))
    assert picture.size == (1653, 1169)
    assert tuple(round(value) for value in picture.info["dpi"]) == (100, 100)
    colours = {colour for _, colour in picture.convert("RGB").quantize(64).convert("RGB").getcolors(10_000_000)}
    assert len(colours) > 10


@needs_poppler
def test_the_paper_shows_the_extent_the_layers_and_the_colouring_of_the_screen(
    small: Small, words: Words, tmp_path: Path
) -> None:
    values = {CODES[0]: 1.0, CODES[1]: 0.25, CODES[2]: 0.0}
    painted = Painted("Bagian penduduk terlayani", values, (0.0, 0.5), ("#FFFFD4", "#993404"), is_share=True)
    assert painted.classes(np.array(CODES, dtype=object)).tolist() == [1, 0, 0, -1]
    choice = MapChoice(
        "Kecamatan Satu", (112.08, -8.10, 112.10, -8.08), frozenset({"land"}), kinds=frozenset({"tower"}),
        painted=painted, lacking=("Lingkaran jangkauan",),
    )  # fmt: skip
    made = write_print_map(small, words, paper=A4.upright, choice=choice, form="pdf")
    assert [round(float(side)) for side in re.search(rb"/MediaBox \[ 0 0 (\S+) (\S+) \]", made).groups()] == [595, 842]
    (text,) = pages(made, tmp_path)
    for wanted in (
        "Kecamatan Satu", "Bagian penduduk terlayani", "0% – 50% (2)", "50% – 100% (1)", "menara (",
        "Tampil di layar, tidak di kertas: Lingkaran jangkauan", "20 November 2026", "contoh rekaan",
    ):  # fmt: skip
        assert wanted in text, wanted
    for left_out in ("belum diketahui (", "CCTV", "Wi-Fi", "Hutan"):
        assert left_out not in text, left_out


@needs_poppler
def test_the_ranks_on_paper_are_those_that_are_seen_with_what_is_left_out_and_the_range_told(
    small: Small, words: Words, tmp_path: Path
) -> None:
    rule = small.parameters.default_rule
    ranged = replace(small, run={**small.run, "people_unserved_range": {rule: [2500, 3100]}})
    whole = " ".join(pages(write_print_map(ranged, words, form="pdf"), tmp_path)[0].split())
    assert "2.500" in whole
    assert "3.100" in whole
    ranks = whole.split(words("exports.print.ranks"))[1]
    assert "Barat" in ranks
    (west, south, east, north) = ranged.villages.to_crs(4326).geometry.iloc[0].buffer(-0.002).bounds
    near = MapChoice("Timur", (west, south, east, north))
    seen = pages(write_print_map(ranged, words, choice=near, form="pdf"), tmp_path)[0]
    assert words("exports.print.ranks") not in seen


@pytest.mark.parametrize("height", [20, 33, 60, 276])
def test_ranks_that_there_is_no_room_for_are_counted_and_none_lies_over_the_foot(height: float, words: Words) -> None:
    column = _Column(blank_figure(420, 297, 50), A3, 1.0, 313, 11.9, 98.7, height)
    rows = {"rank": np.arange(1.0, 41), "name": np.full(40, "Sumber-Kembar-Ringin", dtype=object)}
    _ranks(column, words, cast("MapData", SimpleNamespace(ranked=lambda most: rows)))
    title, *lines = [text.get_text() for text in column.axes.texts] or [""]
    if not title:
        assert (height, column.y) == (20, 0.0)
        return
    assert column.y >= FOOT
    named = "".join(lines).count("Ringin")
    if named == 40:
        assert height == 276
    else:
        assert lines[-1] == words("exports.print.more_ranks", count=40 - named)


def test_cameras_are_not_drawn_for_everybody(small: Small, words: Words) -> None:
    assert "cctv" in set(map_data(small, words).assets["kind"])
    assert "cctv" not in set(map_data(for_outsiders(small), words).assets["kind"])


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes(small: Small, words: Words) -> None:
    assert write_report(small, words) == write_report(make_small(), words)
    assert write_print_map(small, words, dpi=60) == write_print_map(make_small(), words, dpi=60)


@pytest.mark.slow
def test_hostile_names_do_not_stop_the_map(words: Words) -> None:
    for name in ("$\\frac{1}{0}$", "a" * 200, "ꦧꦭꦶꦠꦂ", "\x01", "😀"):
        assert write_print_map(make_small(name, asset_name=name), words, paper=A4, dpi=50).startswith(b"\x89PNG")


@pytest.mark.slow
def test_readers_at_the_same_moment_get_what_each_asked_for(small: Small, words: Words) -> None:
    from concurrent.futures import ThreadPoolExecutor

    import matplotlib

    from coverage.exports.geopackage import write_geopackage

    before = dict(matplotlib.rcParams)
    wanted = [
        lambda: write_print_map(small, words, dpi=40),
        lambda: write_report(small, words),
        lambda: write_geopackage(small, words),
    ]
    alone = [make() for make in wanted]
    with ThreadPoolExecutor(6) as readers:
        found = [reader.result() for reader in [readers.submit(make) for make in wanted * 3]]
    assert found == alone * 3
    assert dict(matplotlib.rcParams) == before


@pytest.mark.slow
@needs_poppler
def test_an_office_signs_its_papers_and_no_name_is_broken(small: Small, words: Words, tmp_path: Path) -> None:
    office = {
        "office": "Dinas Kominfo <b>",
        "place": "Blitar",
        "position": "Kepala Dinas",
        "signatory": "Sri",
        "number": "19",
    }
    long = make_small("Sumberkembarnyaringin")
    for name in ("report.pdf", "proposals.pdf"):
        made = paper_files(long, words, [name], villages=CODES[3:], letterhead=office)[name]
        text = "\n".join(pages(made, tmp_path))
        assert text.index("Dinas Kominfo <b>") < 200
        assert [one for one in ("Blitar, ", "Kepala Dinas", "Sri") if one not in text] == []
        assert ("NIP 19" if words.language == "id" else "NIP") in text
        assert "Sumberkembarnyaringin" in text


def test_columns_of_csv_are_headed_in_the_language_of_the_reader(small: Small, words: Words) -> None:
    tables = [one.name for one in formats().values() if one.media_type == CSV and not one.needs]
    machine = paper_files(small, words, tables)
    for name, content in paper_files(small, words, tables, captions=True).items():
        heads = next(csv.reader([content.decode("utf-8-sig").partition("\n")[0]]))
        assert content.startswith(b"\xef\xbb\xbf")
        assert [head for head in heads if re.fullmatch(r"[a-z]+_[a-z_0-9]+", head)] == []
        assert len(set(heads)) == len(heads)
        assert content.partition(b"\n")[2] == machine[name].partition(b"\n")[2]


@needs_poppler
def test_the_paper_has_the_layers_that_are_switched_on(small: Small, words: Words, tmp_path: Path) -> None:
    area = DrawnArea("Operator seluler: A", shapely.box(112.03, -8.1, 112.06, -8.08))
    at = np.array([[112.05, -8.09], [112.07, -8.09]])
    points = DrawnPoints("evidence", "Bukti: blank spot", "#D55E00", "#22303D", at)
    named = DrawnPoints(
        "landmarks", "Dusun: di luar jangkauan", "#D55E00", "#22303D", at[:1] + 0.006, ("Dusun Krajan",)
    )
    plain = write_print_map(small, words, paper=A4, dpi=60)
    many = tuple(DrawnArea(f"Operator seluler: {number}", area.outline) for number in range(40))
    for areas in ((area,), many):  # however much there is to say, nothing lies over the foot
        choice = MapChoice(areas=areas, points=(points, named), only=frozenset(CODES[:1]))
        (text,) = pages(write_print_map(small, words, paper=A4, choice=choice, form="pdf"), tmp_path)
        for wanted in (areas[-1].title, "Bukti: blank spot (2)", "Dusun: di luar jangkauan (1)"):
            assert wanted in text, wanted
    drawn = write_print_map(small, words, paper=A4, dpi=60, choice=MapChoice(areas=(area,)))
    assert np.asarray(Image.open(io.BytesIO(drawn))).shape == np.asarray(Image.open(io.BytesIO(plain))).shape
    assert drawn != plain
    nameless = replace(named, names=())
    made = [
        write_print_map(small, words, paper=A4, dpi=60, choice=MapChoice(points=(one,))) for one in (named, nameless)
    ]
    assert made[0] != made[1]


def test_layers_lie_on_paper_in_the_order_of_the_screen() -> None:
    usual = MapChoice()
    assert {usual.lifted(layer) for layer in LEVELS} == {0.0}
    raised = MapChoice(order=("assets", "pictures", "basemap", "villages", "people"))
    level = {layer: LEVELS[layer] + raised.lifted(layer) for layer in LEVELS}
    order = sorted(level, key=level.__getitem__)
    assert order[:5] == ["assets", "pictures", "villages", "basemap", "people"]  # lines over strong colours
    assert set(order) == set(LEVELS)


@needs_poppler
def test_tiles_are_drawn_where_they_belong(small: Small, words: Words, tmp_path: Path) -> None:
    """One red tile of zoom 12 over the east of the region, blue ones beside it."""
    zoom, x, y = 12, int((112.09 + 180) / 360 * 4096), 2140
    tiles = {(zoom, x + dx, 4095 - y - dy): picture((255, 0, 0) if not (dx or dy) else (0, 0, 255))
             for dx in (-1, 0, 1) for dy in (-1, 0, 1)}  # fmt: skip
    about = take_in_tiles(mbtiles(tmp_path / "citra.mbtiles", tiles), "Kantor", tmp_path / "ubin.pmtiles")
    kept = Basemap(tmp_path / "ubin.pmtiles", tuple(about["credits"]), about["counts"])
    west, east = (one / 4096 * 360 - 180 for one in (x, x + 1))
    north, south = (math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * one / 4096)))) for one in (y, y + 1))
    choice = MapChoice(bounds=(west, south, east, north), off=frozenset({"villages"}), also=frozenset({"pictures"}))
    far = replace(choice, bounds=(100.0, south, 101.0, north))  # where there are none
    (text,) = pages(write_print_map(replace(small, tiles=kept), words, paper=A4, choice=far, form="pdf"), tmp_path)
    assert words("exports.print.lacking", layers=words("web.map.layer.pictures")) in text
    made = write_print_map(replace(small, tiles=kept), words, paper=A4, dpi=60, choice=choice)
    image = np.asarray(Image.open(io.BytesIO(made)).convert("RGB")).astype(int)
    height, width, _ = image.shape
    middle = image[height // 2 - 20 : height // 2 + 20, int(width * 0.37) - 20 : int(width * 0.37) + 20]
    assert np.abs(np.median(middle, axis=(0, 1)) - (255, 0, 0)).max() < 8
    beside = image[height // 2 - 20 : height // 2 + 20, int(width * 0.031) : int(width * 0.04)]  # the paper is wider
    assert np.abs(np.median(beside, axis=(0, 1)) - (0, 0, 255)).max() < 8
