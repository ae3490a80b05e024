"""``map.kmz``: villages and assets for Google Earth, with icons and balloons, without external links.

Balloons are HTML of escaped text; ``$[...]``, which Google Earth expands, is broken up.
"""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import shapely

from coverage.base.kinds import Sign
from coverage.exports.icons import icon
from coverage.exports.landmarks import landmarks_frame
from coverage.exports.outlines import areas_of, other_land_of, outlines_of
from coverage.exports.pockets import pocket_name, pockets_frame
from coverage.exports.provenance import Provenance, provenance
from coverage.exports.sanitize import xml_safe
from coverage.exports.style import BLANK_OUTLINE, OTHER_LAND, POSSIBLE_OUTLINES, STATE_COLOURS, signs
from coverage.exports.tables import default_rule, known, shown_assets
from coverage.exports.village_facts import FactNames, VillageFacts, fact_names, village_facts
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.run.result import RunTables

Pairs = Sequence[tuple[str, str]]
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
_START_OF_ZIP = (1980, 1, 1, 0, 0, 0)
_ASSET_FACTS = ("status", "owner", "operator", "height_m", "installed_on", "source", "note")


def write_kmz(analysis: RunTables, words: Words) -> bytes:
    """Return ``map.kmz``."""
    about = provenance(analysis, words)
    assets = shown_assets(analysis)
    landmarks = landmarks_frame(analysis, words)
    kinds = signs([*assets["kind"], *([] if landmarks is None else landmarks["kind"])])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(_entry("doc.kml"), "w") as document:
            for part in _document(analysis, words, about, assets, landmarks, kinds):
                document.write(part.encode("utf-8"))
        for kind, sign in kinds.items():
            if sign.shape not in ("line", "area"):
                _add(archive, f"icons/{kind}.png", icon(sign))
                _add(archive, f"icons/{kind}_off.png", icon(sign, hollow=True))
    return buffer.getvalue()


def write_points_kmz(title: str, folders: Mapping[str, Sequence[tuple[str, float, float, Pairs]]], sign: Sign) -> bytes:
    """Points as KMZ: by folder, each with name, longitude, latitude and what its balloon tells."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        made = f"{_HEAD}<name>{_xml(title)}</name><open>1</open>{_styles({'point': sign})}"
        for name, points in folders.items():
            marks = (
                _placemark(
                    called, "#point", _table(told), f"<Point><coordinates>{lon:.6f},{lat:.6f}</coordinates></Point>"
                )
                for called, lon, lat, told in points
            )
            made += "".join(_folder(f"{name} ({len(points)})", marks, is_open=True))
        _add(archive, "doc.kml", f"{made}</Document></kml>\n".encode())
        _add(archive, "icons/point.png", icon(sign))
    return buffer.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(_entry(name), content)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _START_OF_ZIP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _document(
    analysis: RunTables, words: Words, about: Provenance, assets: Any, landmarks: Any, kinds: Mapping[str, Sign]
) -> Iterator[str]:
    """The document in pieces, never whole in memory."""
    areas = areas_of(analysis).to_crs(4326)
    borders = (
        _placemark(str(name), "#border", "", _lines(shape))
        for name, shape in zip(areas["subdistrict"], areas.geometry, strict=True)
    )
    yield (
        f"{_HEAD}<name>{_xml(words('exports.map.title', region=about.region))}</name><open>1</open>"
        f"<description>{escape(_table(about.lines(words)))}</description>{_styles(kinds)}"
    )
    yield from _folder(words("exports.kml.villages"), _villages(analysis, words), is_open=True)
    pockets = pockets_frame(analysis, words)
    if pockets is not None:
        yield from _folder(words("pockets.title"), _pockets(pockets, words), is_open=False)
    yield from _folder(words("exports.map.areas"), borders, is_open=False)
    land = other_land_of(analysis)
    marks = (
        _placemark(name or words(f"core.land.{kind}"), f"#{kind}", words(f"core.land.{kind}"), _polygons(shape))
        for name, kind, shape in zip(land["name"], land["land"], land.geometry, strict=True)
    )
    if len(land):
        yield from _folder(f"{words('core.land.title')} ({words.number(len(land))})", marks, is_open=False)
    if landmarks is not None:
        yield from _folder(words("landmarks.folder"), _landmarks(landmarks, kinds, words), is_open=False)
    of_assets = [kind for kind in kinds if (assets["kind"] == kind).any()]
    yield from _folder(words("exports.kml.assets"), _assets(assets, of_assets, words), is_open=True)
    yield "</Document></kml>\n"


def _villages(analysis: RunTables, words: Words) -> Iterator[str]:
    """A folder for each state."""
    shapes = outlines_of(analysis)
    degrees = dict(zip(shapes["village_code_bps"], shapes.geometry.to_crs(4326), strict=True))
    facts, names = village_facts(analysis, words), fact_names(analysis, words)
    called, possible = state_words(words, default_rule(analysis)), words("core.certainty.possible")
    for state in STATE_COLOURS:
        chosen = [fact for fact in facts if fact.state == state]
        perhaps = sum(fact.possible for fact in chosen)
        more = f", {words.number(perhaps)} {possible}" if perhaps else ""
        marks = (_village(fact, names, degrees[fact.code]) for fact in chosen)
        yield from _folder(f"{called[state]} ({words.number(len(chosen))}{more})", marks, is_open=False)


def _pockets(pockets: Any, words: Words) -> Iterator[str]:
    for row, shape in zip(pockets.drop(columns="geometry").to_dict("records"), pockets.geometry, strict=True):
        people = words("pockets.people", people=words.number(known(row["population_unserved"])))
        balloon = _table([(people, row["certainty"]), (row["subdistrict"], row["reason"])])
        yield _placemark(pocket_name(row, words), "#blank", balloon, _polygons(shape))


def _landmarks(landmarks: Any, kinds: Iterable[str], words: Words) -> Iterator[str]:
    """A folder for each kind; what is out of reach is hollow."""
    for kind in (name for name in kinds if (landmarks["kind"] == name).any()):
        part = landmarks[landmarks["kind"] == kind]
        marks = (
            _placemark(
                row["name"],
                f"#{kind}" + ("_off" if row["state"] == "blank" else ""),
                _table([(row["village"], row["subdistrict"]), (row["called"], row["reason"])]),
                f"<Point><coordinates>{row['longitude']:.6f},{row['latitude']:.6f}</coordinates></Point>",
            )
            for row in part.drop(columns="geometry").to_dict("records")
        )
        yield from _folder(f"{words.kind(kind)} ({words.number(len(part))})", marks, is_open=False)


def _assets(assets: Any, kinds: Iterable[str], words: Words) -> Iterator[str]:
    """A folder for each kind."""
    for kind in kinds:
        part = assets[assets["kind"] == kind]
        rows = zip(part.drop(columns="geometry").to_dict("records"), part.geometry, strict=True)
        marks = (_asset(row, shape, words) for row, shape in rows)
        yield from _folder(f"{words.kind(kind)} ({words.number(len(part))})", marks, is_open=False)


def _styles(kinds: Mapping[str, Sign]) -> str:
    made = []
    for state, colour in STATE_COLOURS.items():
        line = _colour(BLANK_OUTLINE) if state == "blank" else _colour("#444444", 160)
        width = 2.5 if state == "blank" else 0.8
        made.append(
            f'<Style id="{state}"><LineStyle><color>{line}</color><width>{width}</width></LineStyle>'
            f"<PolyStyle><color>{_colour(colour, 165)}</color></PolyStyle>{_BALLOON}</Style>"
        )
    for state, colour in POSSIBLE_OUTLINES.items():  # lines of KML have no dashes
        made.append(
            f'<Style id="{state}_possible"><LineStyle><color>{_colour(colour)}</color><width>3.5</width></LineStyle>'
            f"<PolyStyle><color>{_colour(STATE_COLOURS[state], 90)}</color></PolyStyle>{_BALLOON}</Style>"
        )
    for kind, colour in OTHER_LAND.items():
        made.append(
            f'<Style id="{kind}"><LineStyle><color>{_colour(colour)}</color><width>1.2</width></LineStyle>'
            f"<PolyStyle><color>{_colour(colour, 90)}</color></PolyStyle>{_BALLOON}</Style>"
        )
    made.append(
        f'<Style id="border"><LineStyle><color>{_colour("#22303D")}</color><width>2</width></LineStyle></Style>'
    )
    for kind, sign in kinds.items():
        if sign.shape in ("line", "area"):
            line = f"<LineStyle><color>{_colour(sign.colour)}</color><width>3</width></LineStyle>"
            line += "<PolyStyle><fill>0</fill></PolyStyle>" if sign.shape == "area" else ""
            made += [f'<Style id="{kind}{end}">{line}{_BALLOON}</Style>' for end in ("", "_off")]
            continue
        made += [
            f'<Style id="{kind}{end}"><IconStyle><scale>0.7</scale><Icon><href>icons/{kind}{end}.png</href></Icon>'
            f"</IconStyle><LabelStyle><scale>0</scale></LabelStyle>{_BALLOON}</Style>"
            for end in ("", "_off")
        ]
    return "".join(made)


_BALLOON = "<BalloonStyle><text>$[description]</text></BalloonStyle>"


def _village(fact: VillageFacts, names: FactNames, shape: Any) -> str:
    rows = [(name, value) for name, value in zip(names.basics, fact.basics, strict=True) if value]
    rows += [(name, " · ".join(cells)) for name, cells in zip(names.services, fact.services, strict=True)]
    rows += [(name, f"{told}: {reason}") for name, (_, told, reason) in zip(names.rules, fact.rules, strict=True)]
    rows += list(zip(names.rank, fact.rank, strict=True)) if fact.rank else []
    rows += list(fact.evidence)
    told = " · ".join(filter(None, (fact.told, fact.certainty)))
    head = f"<h3>{_html(fact.name)}</h3><p>{_html(fact.place)}<br><b>{_html(told)}</b>: {_html(fact.reason)}</p>"
    data = [
        ("village_code_bps", fact.code),
        ("village_code_kemendagri", fact.code_kemendagri or ""),
        ("state", fact.state),
        ("certainty", fact.certainty),
    ]
    style = f"#{fact.state}{'_possible' if fact.possible else ''}"
    return _placemark(fact.name, style, head + _table(rows), _polygons(shape), data)


def _asset(row: dict[Any, Any], shape: Any, words: Words) -> str:
    kind = words.kind(row["kind"])
    values = {**row, "status": words(f"core.status.{row['status']}")}
    rows = [
        (words(f"exports.column.{name}"), _shown(values[name], words))
        for name in _ASSET_FACTS
        if (isinstance(values[name], str) and values[name]) or (name == "height_m" and values[name] == values[name])
    ]
    name = row["name"] if isinstance(row["name"], str) else kind
    style = f"#{row['kind']}" + ("" if row["status"] == "operational" else "_off")
    balloon = f"<h3>{_html(name)}</h3><p>{_html(kind)}</p>{_table(rows)}"
    data = [("asset_id", row["asset_id"]), ("kind", row["kind"]), ("status", row["status"])]
    dimension = shapely.get_dimensions(shape)
    geometry = f"<Point><coordinates>{shape.x:.6f},{shape.y:.6f}</coordinates></Point>" if dimension == 0 else ""
    geometry = geometry or (_lines if dimension == 1 else _polygons)(shape)
    return _placemark(name, style, balloon, geometry, data)


def _shown(value: Any, words: Words) -> str:
    return value if isinstance(value, str) else words.number(value, 1)


def _folder(name: str, inside: Iterable[str], is_open: bool) -> Iterator[str]:
    yield f"<Folder><name>{_xml(name)}</name><open>{int(is_open)}</open>"
    yield from inside
    yield "</Folder>"


def _placemark(name: str, style: str, balloon: str, geometry: str, data: Sequence[tuple[str, str]] = ()) -> str:
    fields = "".join(f"<Data name={quoteattr(key)}><value>{_xml(value)}</value></Data>" for key, value in data)
    told = f"<description>{escape(xml_safe(balloon))}</description>" if balloon else ""
    return (
        f'<Placemark><name>{_xml(name)}</name><Snippet maxLines="0"></Snippet>{told}<styleUrl>{style}</styleUrl>'
        f"{f'<ExtendedData>{fields}</ExtendedData>' if fields else ''}{geometry}</Placemark>"
    )


def _polygons(shape: Any) -> str:
    parts = []
    for part in shapely.get_parts(shape):
        holes = "".join(f"<innerBoundaryIs>{_ring(ring)}</innerBoundaryIs>" for ring in part.interiors)
        parts.append(
            f"<Polygon><tessellate>1</tessellate><outerBoundaryIs>{_ring(part.exterior)}</outerBoundaryIs>{holes}"
            "</Polygon>"
        )
    return parts[0] if len(parts) == 1 else f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"


def _ring(ring: Any) -> str:
    return f"<LinearRing><coordinates>{_coordinates(ring)}</coordinates></LinearRing>"


def _lines(shape: Any) -> str:
    """Lines of a line, or of the outline of a polygon."""
    edges = shapely.get_parts(shape.boundary if "Polygon" in shape.geom_type else shape)
    lines = "".join(
        f"<LineString><tessellate>1</tessellate><coordinates>{_coordinates(edge)}</coordinates></LineString>"
        for edge in edges
    )
    return f"<MultiGeometry>{lines}</MultiGeometry>"


def _coordinates(shape: Any) -> str:
    numbers = shapely.get_coordinates(shape).ravel().tolist()
    return ("%.6f,%.6f " * (len(numbers) // 2) % tuple(numbers)).rstrip()  # at once: a province has half a million


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><td><i>{_html(label)}</i></td><td>{_html(text)}</td></tr>" for label, text in rows)
    return f"<table>{cells}</table>"


def _html(text: str) -> str:
    return html.escape(xml_safe(text)).replace("$[", "$&#91;")


def _xml(text: str) -> str:
    return escape(xml_safe(text))


def _colour(colour: str, alpha: int = 255) -> str:
    """KML colour order: alpha, blue, green, red."""
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    return f"{alpha:02x}{blue}{green}{red}".lower()
