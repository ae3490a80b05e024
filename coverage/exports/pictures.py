"""matplotlib figures as PNG, and as images in a PDF."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

MM = 1 / 25.4
"""Inches in a millimetre."""
_ROWS = 256
"""Rows compressed at a time."""
_UP = 2
"""PNG filter "up": difference from the row above."""
DPI = 250
"""Dots per inch in a PDF."""


def blank_figure(width_mm: float, height_mm: float, dpi: int) -> Figure:
    """An empty white figure of a paper size."""
    figure = Figure(figsize=(width_mm * MM, height_mm * MM), dpi=dpi, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def png(figure: Figure) -> bytes:
    """Return a figure as deterministic 8-bit PNG.

    Maps are flat areas: filter "up" and fast compression give files as small in half the time.
    """
    pixels = _pixels(figure)
    height, width = pixels.shape[:2]
    per_metre = round(figure.dpi * 1000 * MM)
    packer = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    rows = np.full((_ROWS, 1 + 3 * width), _UP, np.uint8)
    above = np.zeros((1, 3 * width), np.uint8)
    packed = []
    for start in range(0, height, _ROWS):
        band = np.asarray(_without_alpha(pixels[start : start + _ROWS])).reshape(-1, 3 * width)
        np.subtract(band[:1], above, out=rows[:1, 1:])
        np.subtract(band[1:], band[:-1], out=rows[1 : len(band), 1:])
        above = band[-1:]
        packed.append(packer.compress(rows[: len(band)].data))
    packed.append(packer.flush())
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
            _chunk(b"IDAT", b"".join(packed)),
            _chunk(b"IEND", b""),
        )
    )


class ImageFlowable(Flowable):  # type: ignore[misc]
    """An image rendered when its page is set and released then, so that a hundred pages need memory for one."""

    def __init__(self, make: Callable[[], Image.Image], width_mm: float, height_mm: float) -> None:
        super().__init__()
        self._make, self.width, self.height = make, width_mm * mm, height_mm * mm

    def wrap(self, *_: float) -> tuple[float, float]:
        """Return its size."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw it on the page."""
        self.canv.drawImage(ImageReader(self._make()), 0, 0, self.width, self.height)


def painted(figure: Figure) -> Image.Image:
    """Render a figure for :class:`ImageFlowable`."""
    return _without_alpha(_pixels(figure))


def _without_alpha(pixels: NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(pixels).convert("RGB")


def _pixels(figure: Figure) -> NDArray[np.uint8]:
    """Rendered RGBA rows from the top."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))
