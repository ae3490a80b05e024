"""Signs of assets as PNG icons."""

from __future__ import annotations

import io
import math

from PIL import Image, ImageDraw

from coverage.base.kinds import Sign

_FINE = 8
"""Supersampling factor."""


def icon(sign: Sign, hollow: bool = False, pixels: int = 32) -> bytes:
    """PNG of a sign; ``hollow`` if not operational."""
    size = pixels * _FINE
    image = Image.new("RGBA", (size, size), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    points = corners(sign, size / 2, size / 2, size * 0.30 * sign.size)
    fill, edge = ("#FFFFFF", sign.colour) if hollow else (sign.colour, "#FFFFFF")
    draw.polygon(points, fill=fill)
    draw.line([*points, points[0], points[1]], fill=edge, width=round(size * 0.06), joint="curve")
    reduced = image.resize((pixels, pixels), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    reduced.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def corners(sign: Sign, x: float, y: float, radius: float) -> list[tuple[float, float]]:
    """Corners of a sign around a point, y downwards, as in ``static/map.js``."""
    up = -math.pi / 2

    def around(n: int, turn: float, distance: float) -> list[tuple[float, float]]:
        return [
            (x + distance * math.cos(turn + 2 * math.pi * i / n), y + distance * math.sin(turn + 2 * math.pi * i / n))
            for i in range(n)
        ]

    if sign.shape == "square":
        return around(4, math.pi / 4, radius * 1.25)
    if sign.shape == "triangle":
        return around(3, up, radius * 1.35)
    if sign.shape == "diamond":
        return around(4, up, radius * 1.35)
    if sign.shape == "cross":
        a, b = radius * 0.4, radius * 1.2
        steps = [
            (-a, -b), (a, -b), (a, -a), (b, -a), (b, a), (a, a), (a, b), (-a, b), (-a, a), (-b, a), (-b, -a), (-a, -a),
        ]  # fmt: skip
        return [(x + dx, y + dy) for dx, dy in steps]
    return around(40, 0, radius)
