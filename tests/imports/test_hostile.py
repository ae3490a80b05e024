"""Damaged files of every format: refused in our own words or read whole; never a crash, never a place that moves."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.base.errors import JangkauError
from coverage.imports.blocks import make_raw
from coverage.imports.interpret import interpret
from coverage.imports.list_options import guess
from coverage.imports.read import read
from tests.examples import examples
from tests.imports import mutations
from tests.imports.mutations import APART, CHECKED, FORMATS, damage, make, tried


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_places(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "daftar"
    file.write_bytes(make(kind))
    raw = read(file)
    found = interpret(raw, guess(raw, "tower"), None)
    count = 3 if kind in ("xls", "ods") else len(mutations.PLACES)  # those are small files of the corpus
    assert [(round(point.x, 6), round(point.y, 6)) for point in found.accepted.geometry] == mutations.PLACES[:count]
    assert found.accepted["name"].tolist() == [name for _, name, _ in mutations.ROWS][:count]


@pytest.mark.slow
@pytest.mark.parametrize("kind", FORMATS)
def test_of_damaged_files_only_our_own_errors_come_out(kind: str, tmp_path: Path) -> None:
    content, draw = make(kind), random.Random(kind)
    told = [tried(damage(content, draw), tmp_path / "daftar") for _ in range(5 if kind in APART else 40)]
    assert "refused" in told
    if kind in CHECKED:
        assert not {"moved", "told"} & set(told)


@pytest.mark.slow
@settings(max_examples=examples(80))
@given(
    content=st.binary(max_size=400),
    head=st.sampled_from(
        [
            b"",
            b"PK\x03\x04",
            b"SQLite format 3\0",
            b"{",
            b"[",
            b"<kml",
            b"<gpx",
            b"\xd0\xcf\x11\xe0",
            b"nama,lat,lon\n",
            b'{"type":"FeatureCollection","features":[',
            b'{"networks":[',
            b"\xff\xfe",
            b"<table><tr><td>lat<td>lon<tr>",
            b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet>',
            b"PAR1",
        ]
    ),
)
def test_whatever_a_file_holds_only_our_own_errors_come_out(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, head: bytes
) -> None:
    if head in (b"SQLite format 3\0", b"PAR1"):
        content = content[:4]
    tried(head + content, tmp_path_factory.getbasetemp() / "apa-saja")


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "-8.13551",
            "112.22451",
            "-8,13551",
            "8°8'7\" LS",
            "0",
            "NaN",
            "1e309",
            "-813551",
            "31m",
            "Jumlah",
            "-",
            "T1",
            "03/04/2024",
            "=1+1",
            "#REF!",
            "<b>",
            "lat",
            "lon",
            "nama",
            "Koordinat",
            "-8.1, 112.2",
            "634880",
            "9100435",
        ]
    ),
)


@settings(max_examples=examples(120))
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=6), min_size=1, max_size=12),
    header=st.sampled_from([[], ["nama", "lat", "lon", "tinggi"], ["Titik", "Koordinat", "Tanggal Pasang"]]),
)
def test_whatever_the_cells_hold_rows_in_are_rows_accepted_and_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], header: list[str]
) -> None:
    import csv
    import io

    buffer = io.StringIO()
    csv.writer(buffer).writerows([header, *rows] if header else rows)
    tried(buffer.getvalue().encode("utf-8", "replace"), tmp_path_factory.getbasetemp() / "sel.csv")


def test_a_place_in_a_geopackage_that_was_changed_is_noticed(tmp_path: Path) -> None:
    import struct

    content, file = make("gpkg"), tmp_path / "x.gpkg"
    old, new = struct.pack("<d", 112.23451), struct.pack("<d", 112.33451)
    assert content.count(old) == 1
    file.write_bytes(content.replace(old, new))
    with pytest.raises(JangkauError, match=r"file\.unreadable"):
        read(file)


def test_without_the_comparison_the_place_would_have_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The defence taken out."""
    import struct

    from coverage.readers import confined

    monkeypatch.setattr(confined, "_compare", lambda *_: None)
    content = make("gpkg").replace(struct.pack("<d", 112.23451), struct.pack("<d", 112.33451))
    assert tried(content, tmp_path / "x.gpkg") == "told"  # the inventory knows it elsewhere


def test_merged_cells_without_end_are_not_followed(tmp_path: Path) -> None:
    rows = [(1, ["Nama", "Lat", "Lon"]), *[(at, ["A", "-8.1", "112.2"]) for at in range(2, 40)]]
    raw = make_raw(rows, "a.xlsx", merged=[[2, 0, 1_048_576]] * 100_000)
    assert len(raw.frame) == 38


def test_a_page_that_is_no_list_any_more_is_refused_by_its_size(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(b"<table>" + b"<tr><td>1" * (4 * 2**20))
    with pytest.raises(JangkauError, match=r"table\.too_large"):
        read(tmp_path / "a.xls")
    with pytest.raises(JangkauError, match=r"table\.too_many_cells"):
        (tmp_path / "b.xls").write_bytes(b"<table><tr>" + b"<td colspan=200>1" * 30_000)
        read(tmp_path / "b.xls")
