"""Raster tiles of an office: MBTiles in, checked and rewritten; nothing but pictures is kept or sent."""

from __future__ import annotations

import io
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from coverage.base.errors import FileRefusedError
from coverage.readers import tiles
from coverage.readers.tiles import take_in_tiles, tile_of


def picture(colour: tuple[int, int, int]) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(stream, "PNG")
    return stream.getvalue()


def mbtiles(path: Path, pictures: dict[tuple[int, int, int], bytes]) -> Path:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE metadata (name text, value text)")
        database.execute(
            "INSERT INTO metadata VALUES ('attribution', '<a href=\"javascript:alert(1)\">Citra</a> &amp; BIG')"
        )
        database.execute("CREATE TABLE given (zoom_level int, tile_column int, tile_row int, tile_data blob)")
        database.execute("CREATE VIEW tiles AS SELECT * FROM given")  # as many writers do
        database.executemany("INSERT INTO given VALUES (?, ?, ?, ?)", [(*key, data) for key, data in pictures.items()])
    database.close()
    return path


@pytest.mark.slow
def test_mbtiles_are_kept_and_told_by_their_place_from_the_north(tmp_path: Path) -> None:
    red, blue = picture((255, 0, 0)), picture((0, 0, 255))
    given = mbtiles(tmp_path / "citra.mbtiles", {(1, 0, 1): red, (1, 1, 1): red, (2, 3, 0): blue})
    about = take_in_tiles(given, "Kantor", tmp_path / "ubin.pmtiles")
    assert about == {"credits": ["Citra & BIG"], "counts": {"tiles": 3, "least_zoom": 1, "most_zoom": 2}}
    kept = tmp_path / "ubin.pmtiles"
    assert tile_of(kept, 1, 0, 0) == (red, "image/png")
    assert tile_of(kept, 1, 1, 0) == (red, "image/png")
    assert tile_of(kept, 2, 3, 3) == (blue, "image/png")
    assert tile_of(kept, 2, 0, 0) is None
    assert tile_of(kept, 1, 5, 0) is None
    again = take_in_tiles(kept, "Kantor", tmp_path / "lagi.pmtiles")  # PMTiles come in alike
    assert again["counts"] == about["counts"]
    assert tile_of(tmp_path / "lagi.pmtiles", 2, 3, 3) == (blue, "image/png")


def test_tiles_asked_for_at_once_read_the_index_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def slowly(_: object, __: object, path: Path) -> pd.DataFrame:
        asked.append(path)
        time.sleep(0.2)
        return pd.DataFrame({"tile": [0], "run": [1], "offset": [0], "length": [8]})

    monkeypatch.setattr(tiles, "read_within", slowly)
    kept = tmp_path / "ubin.pmtiles"
    kept.write_bytes(picture((1, 2, 3)))
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda _: tile_of(kept, 0, 0, 0), range(6)))
    assert len(asked) == 1
    assert {one and one[1] for one in found} == {"image/png"}


@pytest.mark.parametrize("content", [b"\x1a\x2a vector", b"<svg onload=alert(1)>", b""])
def test_what_is_no_picture_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError) as refused:
        take_in_tiles(mbtiles(tmp_path / "x.mbtiles", {(0, 0, 0): content}), "", tmp_path / "out")
    assert refused.value.code == "tiles.unreadable"
    assert not (tmp_path / "out").exists()


def test_a_file_of_anything_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.pmtiles").write_bytes(b"PMTiles\x03" + bytes(500))
    with pytest.raises(FileRefusedError):
        take_in_tiles(tmp_path / "x.pmtiles", "", tmp_path / "out")
