"""What a photo says of its time and place; what is no photo is refused."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from coverage.base.errors import FileRefusedError
from coverage.readers.proofs import SMALL_PX, read_proof


def write_photo(path: Path, gps: bool = True, size: tuple[int, int] = (2000, 1500), turned: int = 1) -> Path:
    photo, exif = Image.new("RGB", size, "white"), Image.Exif()
    photo.paste("red", (0, 0, size[0] // 2, 10))
    exif[0x0112] = turned
    exif.get_ifd(0x8769)[0x9003] = "2026:05:01 09:31:07"
    if gps:
        parts = [
            tuple(IFDRational(*part) for part in place)
            for place in (((8, 1), (7, 1), (3000, 100)), ((112, 1), (15, 1), (0, 1)))
        ]
        exif.get_ifd(0x8825).update({1: "S", 2: parts[0], 3: "E", 4: parts[1]})
    photo.save(path, exif=exif)
    return path


def test_time_and_place_are_read_and_the_small_copy_tells_neither(tmp_path: Path) -> None:
    found = read_proof(write_photo(tmp_path / "utara.jpg"))
    assert found.taken_at == "2026-05-01T09:31:07"
    assert (found.lat, found.lon) == (pytest.approx(-8.125), pytest.approx(112.25))
    with Image.open(io.BytesIO(found.small)) as small:
        assert max(small.size) == SMALL_PX
        assert not dict(small.getexif())


def test_a_photo_that_was_held_upright_stands_upright(tmp_path: Path) -> None:
    found = read_proof(write_photo(tmp_path / "a.jpg", gps=False, turned=6))
    with Image.open(io.BytesIO(found.small)) as small:
        assert small.height > small.width
    assert (found.lon, found.lat) == (None, None)


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"GIF89a", b"\xff\xd8\xff\xe0 torn", b"%PDF-1.7"])
def test_what_is_no_photo_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(FileRefusedError):
        read_proof(tmp_path / "a.jpg")


def test_a_paper_is_kept_as_it_is_and_never_opened(tmp_path: Path) -> None:
    (tmp_path / "surat.pdf").write_bytes(b"%PDF-1.7 anything")
    assert not read_proof(tmp_path / "surat.pdf").small
    (tmp_path / "surat.pdf").write_bytes(b"MZ")
    with pytest.raises(FileRefusedError):
        read_proof(tmp_path / "surat.pdf")


def test_a_photo_of_too_many_points_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "besar.png")
    with pytest.raises(FileRefusedError):
        read_proof(tmp_path / "besar.png")
