"""Drawings packed as PNG: other programs see the very pixels that were drawn."""

import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Circle
from PIL import Image

from coverage.exports import pictures
from coverage.exports.fonts import family_names
from coverage.exports.pictures import blank_figure, painted, png


def drawn(height_mm: float = 80):
    figure = blank_figure(50.8, height_mm, 100)
    figure.add_artist(Circle((0.5, 0.5), 0.3, facecolor="#D55E00", edgecolor="#22303D", hatch="//"))
    figure.text(0.1, 0.9, "Blitar 123", fontfamily=family_names()[0])  # ours: whoever drew before left no others
    return figure


@pytest.mark.parametrize("rows", [1, 7, 4000])
def test_the_picture_is_what_was_drawn_however_it_is_packed(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_ROWS", rows)
    figure = drawn()
    read = Image.open(io.BytesIO(png(figure)))
    assert (read.mode, read.size) == ("RGB", (200, 314))
    assert np.array_equal(np.asarray(read), np.asarray(painted(figure)))
    assert np.asarray(read)[0, 0].tolist() == [255, 255, 255]
    assert np.asarray(read)[157, 100].tolist() != [255, 255, 255]


@pytest.mark.skipif(shutil.which("gdalinfo") is None, reason="gdalinfo is not installed")
def test_gdal_reads_it_without_complaint(tmp_path: Path) -> None:
    (tmp_path / "m.png").write_bytes(png(drawn()))
    told = subprocess.run(["gdalinfo", "-json", "-checksum", str(tmp_path / "m.png")], capture_output=True, check=True)
    assert not told.stderr
    found = json.loads(told.stdout)
    assert found["size"] == [200, 314]
    assert [band["colorInterpretation"] for band in found["bands"]] == ["Red", "Green", "Blue"]
