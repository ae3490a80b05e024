"""``map.html``: the map as one file that opens offline in any browser.

Leaflet is embedded from XStatic-Leaflet. User text stands in a JSON block in which no markup can begin, and is only set
as text content. The content security policy allows the embedded scripts and styles by hash, and no request at all.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from coverage.exports.ground import WIDTHS, credits_of, ground_lines, places_of
from coverage.exports.landmarks import landmarks_frame
from coverage.exports.outlines import areas_of, other_land_of, outlines_of
from coverage.exports.provenance import Provenance, is_sample, provenance
from coverage.exports.style import BLANK_OUTLINE, OTHER_LAND, POSSIBLE_OUTLINE, STATE_COLOURS, signs
from coverage.exports.tables import counted, default_rule, is_neighbour, shown_assets, villages_table
from coverage.exports.village_facts import fact_names, village_facts
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.reach.masts import beside_first
from coverage.run.result import RunTables

UNIT = 1e-5
"""Coordinate step in degrees: about a metre."""
MOST_RELIEF = 700
"""Pixels of the longest side of the hillshade: some 200 KB."""
_STATIC = Path(__file__).parent / "static"
_WORDS = ("areas", "inactive", "services", "rules", "priority", "evidence", "nothing", "zoom_in", "zoom_out")
_ASSET_FACTS = ("status", "owner", "operator", "height", "installed", "source", "id")


def write_html_map(analysis: RunTables, words: Words, above: str = "", below: str = "") -> bytes:
    """Return ``map.html``, with HTML of ours above and below the map, if any."""
    about = provenance(analysis, words)
    scripts = {"leaflet_js": leaflet("leaflet.js"), "js": _static("map.js")}
    styles = {"leaflet_css": leaflet("leaflet.css"), "css": _static("map.css")}
    texts = {
        "language": words.language,
        "version": about.version,
        "title": words("exports.map.title", region=about.region),
        "map_label": words("exports.map.label"),
        "search_label": words("exports.map.search"),
        "search_hint": words("exports.map.search_hint"),
        "empty": words("exports.map.empty"),
        "legend_title": words("exports.map.legend"),
        "layers_title": words("exports.map.layers"),
        "rule": words("exports.map.rule", rule=words.rule(default_rule(analysis).name)),
        "footer": words("exports.map.footer", footer=about.footer(words)),
    }
    values = {name: html.escape(text) for name, text in texts.items()}
    values |= {
        **scripts,
        **styles,
        "above": above,
        "below": below,
        "script_hashes": " ".join(map(_hash, scripts.values())),
        "style_hashes": " ".join(map(_hash, styles.values())),
        "footer_lists": _footer_lists(about, words),
        "data": json_in_html(_data(analysis, words, about)),
    }
    return re.sub(r"@([a-z_]+)@", lambda found: values[found[1]], _static("map.html")).encode("utf-8")


def json_in_html(value: Any) -> str:
    """JSON that is safe inside a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", "replace").decode("utf-8")


@cache
def leaflet(name: str) -> str:
    """A file of Leaflet with embedded pictures, without its source map reference."""
    folder = Path(str(distribution("XStatic-Leaflet").locate_file("xstatic/pkg/leaflet/data")))
    text = (folder / name).read_text("utf-8")
    text = re.sub(r"\n?//# sourceMappingURL=\S+\s*$", "", text)

    def inside(found: re.Match[str]) -> str:
        picture = base64.b64encode((folder / "images" / found[1]).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{picture})"

    return re.sub(r"url\(['\"]?images/([\w.-]+)['\"]?\)", inside, text)


def _static(name: str) -> str:
    return (_STATIC / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _footer_lists(about: Provenance, words: Words) -> str:
    rows = "".join(f"<li>{html.escape(label)}: {html.escape(text)}</li>" for label, text in about.lines(words)[3:])
    return f"<ul>{rows}</ul>"


def _data(analysis: RunTables, words: Words, about: Provenance) -> dict[str, Any]:
    shapes, areas = outlines_of(analysis), areas_of(analysis)
    outlines = dict(zip(shapes["village_code_bps"], packed(shapes.geometry), strict=True))
    table = villages_table(analysis, words)
    centres = {
        row[0]: [row[1], row[2]]
        for row in table[["village_code_bps", "centre_lon", "centre_lat"]].itertuples(index=False)
    }
    called = state_words(words, default_rule(analysis))
    told = village_facts(analysis, words)
    possible = sum(fact.possible for fact in told)
    names = fact_names(analysis, words)
    assets = [*_assets(analysis, words), *_landmarks(analysis, words)]
    land = other_land_of(analysis)
    labels, places = areas.geometry.representative_point().to_crs(4326), places_of(analysis)
    return {
        "unit": UNIT,
        "outline": BLANK_OUTLINE,
        "possible": {
            "colour": POSSIBLE_OUTLINE,
            "label": words("core.certainty.legend"),
            "count": words.number(possible),
        }
        if possible
        else None,
        "states": [
            {
                "key": state,
                "label": called[state],
                "colour": colour,
                "count": words.number(int((table["state"] == state).sum())),
            }
            for state, colour in STATE_COLOURS.items()
        ],
        "facts": [_unserved(table, words)],
        "marks": _marks(analysis, words, about),
        "villages": [
            {
                "code": fact.code,
                "code_kemendagri": fact.code_kemendagri,
                "name": fact.name,
                "place": fact.place,
                "state": fact.state,
                "told": fact.told,
                "possible": fact.possible,
                "certainty": fact.certainty,
                "reason": fact.reason,
                "at": centres[fact.code],
                "shape": outlines[fact.code],
                "basics": fact.basics,
                "services": fact.services,
                "rules": fact.rules,
                "rank": fact.rank,
                "evidence": fact.evidence,
            }
            for fact in told
        ],
        "areas": [
            {"name": name, "at": [round(point.x, 5), round(point.y, 5)], "shape": shape}
            for name, point, shape in zip(areas["subdistrict"], labels, packed(areas.geometry), strict=True)
        ],
        "land": [
            {"key": land, "name": name, "shape": shape}
            for land, name, shape in zip(land["land"], land["name"], packed(land.geometry), strict=True)
        ],
        "land_kinds": [
            {"key": key, "colour": colour, "label": words(f"core.land.{key}"), "count": words.number(count)}
            for key, colour in OTHER_LAND.items()
            if (count := int((land["land"] == key).sum()))
        ],
        "ground": [
            {
                "colour": colour,
                "width": WIDTHS.get(name, 0.7),
                "lines": [_steps(shapely.get_coordinates(line)) for line in lines],
            }
            for name, colour, lines in ground_lines(analysis, shapes.crs)
        ],
        "places": [
            {"kind": kind, "name": name, "at": [round(at.x, 5), round(at.y, 5)]}
            for kind, name, at in zip(places["class"], places["name"], places.geometry, strict=True)
        ],
        "relief": _relief(analysis),
        "credits": credits_of(analysis),
        "area_count": words.number(len(areas)),
        "kinds": [
            {
                "key": kind,
                "label": words.kind(kind),
                "shape": sign.shape,
                "colour": sign.colour,
                "size": sign.size,
                "count": _count(assets, kind, words),
            }
            for kind, sign in signs(asset["kind"] for asset in assets).items()
        ],
        "assets": assets,
        "inactive": any(not asset["active"] for asset in assets),
        "words": {
            "basemap": words("data.kind.basemap"),
            "relief": words("exports.map.relief"),
            **{key: words(f"exports.map.{key}") for key in _WORDS},
            "basics": names.basics,
            "service_names": names.services,
            "rule_names": names.rules,
            "rank_names": names.rank,
            "asset_facts": [words(f"exports.fact.asset_{key}") for key in _ASSET_FACTS],
            "outside": words("exports.map.outside"),
            "land": words("core.land.title"),
        },
    }


def _relief(analysis: RunTables) -> dict[str, Any] | None:
    """Hillshade as an embedded picture with its bounds; None without terrain."""
    terrain = getattr(analysis, "terrain", None)  # a saved run has none
    if terrain is None:
        return None
    from coverage.exports.overlays import hillshade_overlay

    found = hillshade_overlay(terrain, MOST_RELIEF)
    return {"url": f"data:image/png;base64,{base64.b64encode(found.png).decode('ascii')}", "bounds": found.bounds}


def _unserved(table: Any, words: Words) -> tuple[str, str]:
    """People without service; a dash where not known."""
    known = table["population"].notna() & table["population_served"].notna()
    people = float((table["population"] - table["population_served"])[known].sum()) if known.any() else None
    return words("exports.map.people_unserved"), words.number(people)


def _marks(analysis: RunTables, words: Words, about: Provenance) -> list[str]:
    """Short marks for the strip; their sentences are in the footer."""
    marks = (
        [words("exports.map.mark_assets", mark=words("core.mark.mark_sample"))] if is_sample(analysis.assets) else []
    )
    if (analysis.villages["boundary_quality"] == "approximate").any():
        marks.append(words("exports.map.mark_boundaries", mark=words("core.mark.mark_approximate")))
    if "estimated_people" in (analysis.run.get("approximations") or ()):
        marks.append(words("exports.map.mark_people", mark=words("core.mark.mark_approximate")))
    return marks


def _count(assets: list[dict[str, Any]], kind: str, words: Words) -> str:
    of_kind = [asset["outside"] for asset in assets if asset["kind"] == kind and "beside" not in asset]
    return counted(len(of_kind) - sum(of_kind), sum(of_kind), words)


def _assets(analysis: RunTables, words: Words) -> list[dict[str, Any]]:
    shown = shown_assets(analysis)
    made = []
    told = is_neighbour(shown), beside_first(shown, analysis.parameters.kinds)
    rows = zip(shown.drop(columns="geometry").to_dict("records"), shown.geometry, *told, strict=True)
    for row, shape, outside, beside in rows:
        asset: dict[str, Any] = {
            "kind": row["kind"],
            "name": _text(row["name"]),
            "outside": bool(outside),
            "active": row["status"] == "operational",
            "facts": [
                words(f"core.status.{row['status']}"),
                _text(row["owner"]),
                _text(row["operator"]),
                None if _missing(row["height_m"]) else f"{words.number(row['height_m'])} m",
                words.date(row["installed_on"]) if _text(row["installed_on"]) else None,
                _text(row["source"]),
                row["asset_id"],
            ],
        }
        if beside:
            asset["beside"] = True
        if shape.geom_type == "Point":
            asset["at"] = [round(shape.x / UNIT), round(shape.y / UNIT)]
        else:
            edges = shape.boundary if shapely.get_dimensions(shape) == 2 else shape
            asset["line"] = [_steps(shapely.get_coordinates(part)) for part in shapely.get_parts(edges)]
        made.append(asset)
    return made


def _landmarks(analysis: RunTables, words: Words) -> list[dict[str, Any]]:
    """Hamlets and service points with a place, told in the way of assets: whether they are in reach."""
    found = landmarks_frame(analysis, words)
    return (
        []
        if found is None
        else [
            {
                "kind": row["kind"],
                "name": row["name"],
                "outside": False,
                "active": True,
                "facts": [row["reason"], *[None] * 6],
                "at": [round(row["longitude"] / UNIT), round(row["latitude"] / UNIT)],
            }
            for row in found.drop(columns="geometry").to_dict("records")
        ]
    )


def packed(shapes: Any) -> list[list[list[list[int]]]]:
    """Polygons delta-encoded in units of 1e-5 degree: parts, rings, ``x, y, dx, dy, dx, dy, ...``."""
    in_degrees = gpd.GeoSeries(shapes).to_crs(4326)
    return [
        [
            [_steps(shapely.get_coordinates(ring)) for ring in (part.exterior, *part.interiors)]
            for part in shapely.get_parts(shape)
        ]
        for shape in in_degrees
    ]


def _steps(coordinates: Any) -> list[int]:
    whole = np.rint(coordinates / UNIT).astype(int)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=int))
    moved = np.any(steps != 0, axis=1)
    made: list[int] = steps[moved].ravel().tolist()
    return made


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _missing(value: Any) -> bool:
    return value is None or bool(value != value)
