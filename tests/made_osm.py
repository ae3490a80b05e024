"""A small OpenStreetMap extract, made: a grid of roads, a river, a lake, a railway, houses, and places with names."""

from __future__ import annotations

import math
from pathlib import Path
from xml.sax.saxutils import quoteattr

BLITAR = (112.0, -8.3, 112.4, -7.95)
"""In the middle of Kabupaten Blitar."""
ROADS = ("residential", "tertiary", "residential", "secondary", "residential", "primary_link", "track", "footway")
HOSTILE = "<img src=x onerror=alert(1)>${7*7}"


def osm_xml(bounds: tuple[float, float, float, float] = BLITAR, rows: int = 8, bends: int = 6, houses: int = 4) -> str:
    """The extract; ``rows`` roads each way, each in ``rows`` parts of ``bends`` points."""
    west, south, east, north = bounds
    nodes: list[str] = []
    ways: list[str] = []

    def node(lon: float, lat: float, **tags: str) -> int:
        told = "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())
        nodes.append(f'<node id="{len(nodes) + 1}" version="1" lat="{lat:.6f}" lon="{lon:.6f}">{told}</node>')
        return len(nodes)

    def way(points: list[int], **tags: str) -> None:
        refs = "".join(f'<nd ref="{one}"/>' for one in points)
        told = "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())
        ways.append(f'<way id="{len(ways) + 1}" version="1">{refs}{told}</way>')

    def at(across: float, along: float) -> tuple[float, float]:
        lon, lat = west + across * (east - west), south + along * (north - south)
        return lon + 0.1 / rows * math.sin(9 * lat) * (east - west), lat + 0.1 / rows * math.cos(9 * lon) * (
            north - south
        )

    corners = {(i, j): node(*at(i / rows, j / rows)) for i in range(rows + 1) for j in range(rows + 1)}
    for turned in (False, True):
        for row in range(rows + 1):
            for part in range(rows):
                ends = [(part, row), (part + 1, row)]
                steps = [((part + k / bends) / rows, row / rows) for k in range(1, bends)]
                if turned:
                    ends, steps = [(b, a) for a, b in ends], [(b, a) for a, b in steps]
                points = [corners[ends[0]], *(node(*at(*one)) for one in steps), corners[ends[1]]]
                kind = ROADS[(row + 2 * turned) % len(ROADS)]
                way(points, highway=kind, name=f"Jalan {'Melati' if turned else 'Anggrek'} {row}")
    river = [
        node(west + k / 40 * (east - west), south + (0.47 + 0.04 * math.sin(k / 3)) * (north - south))
        for k in range(41)
    ]
    way(river, waterway="river", name="Kali Brantas Uji")
    way([node(*at(0.03, k / 9)) for k in range(10)], railway="rail")
    way([node(*at(0.9, 0.9)), node(*at(0.95, 0.95))], highway="proposed", name="Jalan Rencana")
    ring = [node(*at(0.7 + 0.03 * math.cos(k), 0.75 + 0.03 * math.sin(k))) for k in range(6)]
    way([*ring, ring[0]], natural="water", name="Waduk Uji")
    for k in range(houses):
        lon, lat = at(0.5 + 0.3 * (k % 60) / 60 / rows, 0.52 + 0.3 * (k // 60) / 60 / rows)
        box = [node(lon + dx, lat + dy) for dx, dy in ((0, 0), (1e-4, 0), (1e-4, 1e-4), (0, 1e-4))]
        way([*box, box[0]], building="house")
    node(*at(0.5, 0.5), place="town", name="Kota Uji")
    node(*at(0.2, 0.3), place="hamlet", name="Dusun Sumber Uji")
    node(*at(0.6, 0.2), place="hamlet", name=HOSTILE)
    node(*at(0.4, 0.4), place="hamlet")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">{"".join(nodes)}{"".join(ways)}\n</osm>\n'


def write_osm(path: Path, **how: int) -> Path:
    """Write the extract as ``.osm``."""
    path.write_text(osm_xml(**how), "utf-8")  # type: ignore[arg-type]
    return path
