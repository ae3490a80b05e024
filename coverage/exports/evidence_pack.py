"""The evidence pack of proposals: one paper, and one ZIP with every part and its SHA-256, in the channel's order."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyproj
from matplotlib.axes import Axes
from PIL.Image import Image
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, KeepTogether, PageBreak, Spacer, Table, TableStyle
from reportlab.platypus import Image as PictureFlowable

from coverage.base.projection import WGS84
from coverage.exports import drawing
from coverage.exports.fonts import drawing_style, printable
from coverage.exports.letterhead import Letterhead, letterhead_of
from coverage.exports.map_furniture import surroundings
from coverage.exports.pdf import WIDTH, build, facts, heading, office_head, paragraph, signature, table
from coverage.exports.pictures import DPI, ImageFlowable, blank_figure, painted
from coverage.exports.provenance import Provenance, provenance, regency_name, run_date
from coverage.exports.register import item_sentence, items_of, photo_sentence, value_in_words, write_register_csv
from coverage.language.words import Words
from coverage.proposals.completeness import missing
from coverage.proposals.proposal import Attachment, Proposal
from coverage.readers.kinds import landmark_kinds
from coverage.readers.proposals import proposal_rules
from coverage.readers.tables import plain
from coverage.run.proposals import PointFound, TowerProfile, centre_of
from coverage.run.result import RunTables

MAP_MM = 92.0
AROUND_M = 4000.0
"""From the point to the edge of its map."""
PHOTO_MM = 84.0
_GROUND, _LINE, _ZONE, _WARN = "#A89B84", "#0B2239", "#56B4E9", "#7A2E00"


@dataclass(frozen=True)
class Photo:
    """A photo of a pack: its small copy for the paper, and the file it was made of."""

    small: bytes
    caption: str
    about: Attachment


@dataclass(frozen=True)
class PackPoint:
    """A proposal with what proves it.

    Attributes
    ----------
    found : what the run knows; None where the run does not have its village
    profiles : terrain to the nearest towers; None without elevation
    photos : photos for the paper
    parts : files for the ZIP by name, under their item's number
    readings : measurements around the point: ``operator, class, rsrp_dbm, time, device, accuracy_m, distance_m``
    """

    proposal: Proposal
    found: PointFound | None = None
    profiles: Sequence[TowerProfile] | None = None
    photos: Sequence[Photo] = ()
    parts: Mapping[str, bytes] = field(default_factory=dict)
    readings: pd.DataFrame = field(default_factory=pd.DataFrame)


def part_name(proposal: Proposal, item: str, name: str) -> str:
    """Name of a file in the ZIP: the number of its item in the channel's order, the item, its own name."""
    items = proposal_rules().channels[proposal.channel].items
    number = items.index(item) + 1 if item in items else len(items) + 1
    plain = re.sub(r"[^\w. -]", "_", name).strip(". ")[-80:] or "berkas"
    return f"{number:02d}-{item}/{plain}"


def write_pack_pdf(analysis: RunTables, words: Words, points: Sequence[PackPoint], letterhead: Any = None) -> bytes:
    """Return the paper: per proposal a sheet, profiles, measurements, photos, the village's letter, and checksums."""
    about, office = provenance(analysis, words), letterhead_of(letterhead)
    data = drawing.map_data(analysis, words)
    story: list[Flowable] = []
    for point in points:
        story += [PageBreak()] if story else []
        story += _sheet(analysis, point, data, about, office, words)
        story += _letter(analysis, point, office, words)
    return build(story or [paragraph(words("exports.report.nothing"))], about, words, words("proposals.pack.title"))


def write_pack_zip(analysis: RunTables, words: Words, points: Sequence[PackPoint], letterhead: Any = None) -> bytes:
    """Return paper, parts and register as ZIP; ``SHA256SUMS.txt`` has the checksum of every other file in it."""
    files: dict[str, bytes] = {
        f"{words('proposals.pack.file')}.pdf": write_pack_pdf(analysis, words, points, letterhead)
    }
    proposals = [point.proposal for point in points]
    files[f"{words('proposals.pack.register')}.csv"] = write_register_csv(proposals, analysis.villages, words)
    for point in points:
        folder = f"{point.proposal.proposal_id}/" if len(points) > 1 else ""
        files |= {folder + name: content for name, content in sorted(point.parts.items())}
        if len(point.readings):
            name = part_name(point.proposal, "signal", f"{words('proposals.pack.readings')}.csv")
            files[folder + name] = point.readings.to_csv(index=False).encode("utf-8-sig")
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**files, "SHA256SUMS.txt": sums.encode()}.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def drafts(analysis: RunTables, codes: Sequence[str]) -> list[PackPoint]:
    """What villages would have to ask BAKTI for a site, as far as the run knows; KeyError for a village of another run.

    For villages that are not in the register: their centre stands for the point.
    """
    names, day = analysis.villages.set_index("village_code_bps")["village"], run_date(analysis)
    rules = proposal_rules()
    channel = next(iter(rules.channels))
    asked = rules.channels[channel].takes[0]
    return [
        PackPoint(
            Proposal("", names[code], code, asked, channel, int(day[:4]), rules.first, day), centre_of(analysis, code)
        )
        for code in codes
    ]


def _sheet(
    analysis: RunTables, point: PackPoint, data: drawing.MapData, about: Provenance, office: Letterhead, words: Words
) -> list[Flowable]:
    """The sheet of a proposal and its proof."""
    one = point.proposal
    beside = [
        facts(_facts(analysis, point, words), share=0.4, width=WIDTH - MAP_MM * mm - 5 * mm),
        Spacer(1, 2 * mm),
        *(paragraph("• " + text, "small") for text in about.approximations),
    ]
    drawn = ImageFlowable(partial(_map, analysis, point, data, words), MAP_MM, MAP_MM)
    head = Table([[drawn, beside]], colWidths=[MAP_MM * mm + 5 * mm, WIDTH - MAP_MM * mm - 5 * mm], hAlign="LEFT")
    head.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    channel = value_in_words("channel", one.channel, words)
    return [
        *office_head(office),
        paragraph(words("proposals.pack.of", name=one.name[:80]), "title"),
        paragraph(words("proposals.pack.about", asked=value_in_words("asked", one.asked, words), channel=channel)),
        Spacer(1, 2 * mm),
        head,
        paragraph(words("proposals.pack.map", rule=about.rule), "small"),
        *([] if one.has_place else [paragraph(words("proposals.warning.no_place"), "small")]),
        *_items(analysis, point, words),
        *_profiles(point, words),
        *_readings(point, words),
        *_photos(point, words),
        *_checksums(point, words),
        Spacer(1, 3 * mm),
        Table([["", signature(office, about.date, words)]], colWidths=[WIDTH / 2, WIDTH / 2]),
    ]


def _facts(analysis: RunTables, point: PackPoint, words: Words) -> list[tuple[str, str]]:
    one, villages = point.proposal, analysis.villages.set_index("village_code_bps")
    pairs = [("proposal_id", one.proposal_id)]
    if one.village_code_bps in villages.index:
        row = villages.loc[one.village_code_bps]
        kemendagri = row["village_code_kemendagri"]
        both = [one.village_code_bps, kemendagri] if isinstance(kemendagri, str) else [one.village_code_bps]
        pairs += [
            ("village", f"{row['village']}, {row['subdistrict']}"),
            ("regency", regency_name(one.village_code_bps, str(row["regency"]), words)),
            ("village_code_bps", " · ".join(both)),
        ]
    if one.has_place:
        pairs.append(("place", f"{one.lat:.6f}, {one.lon:.6f}"))
    for name in ("hamlet", "year", "stage", "stage_on", "reference", "letter"):
        value = getattr(one, name)
        if value is not None:
            said = words.date(value) if name == "stage_on" else str(value_in_words(name, value, words))
            pairs.append((name, said))
    return [
        (words(f"proposals.{'place' if name == 'place' else f'field.{name}'}").capitalize(), text)
        for name, text in pairs
    ]


def _items(analysis: RunTables, point: PackPoint, words: Words) -> list[Flowable]:
    states = items_of(analysis, point.proposal, point.found, words)
    left = missing(states)
    heads = [words(f"proposals.item.{name}") for name in ("number", "name", "value", "by")]
    rows = [
        [
            f"{number}",
            state.item.name.in_language(words.language),
            item_sentence(state, words) or f"○ {words('proposals.lacking')}",
            "" if state.done else words(f"proposals.by.{state.item.by}"),
        ]
        for number, state in enumerate(states, start=1)
    ]
    key = "missing" if left else "complete"
    told = words(f"proposals.filled.{key}", count=len(states), filled=len(states) - len(left))
    source = proposal_rules().channels[point.proposal.channel].source.in_language(words.language)
    return [
        *heading(words("proposals.completeness"), "subheading"),
        table(heads, rows, [8, 62, 75, 35]),
        paragraph(f"{told}. {words('proposals.pack.list_source', source=source)}", "small"),
    ]


def _profiles(point: PackPoint, words: Words) -> list[Flowable]:
    title = heading(words("proposals.pack.profiles"), "subheading", room=(70 if point.profiles else 12) * mm)
    if point.profiles is None:
        return [*title, paragraph(words("proposals.pack.no_elevation"))]
    if not point.profiles:
        return [*title, paragraph(words("proposals.pack.no_towers"))]
    made: list[Flowable] = [*title]
    for one in point.profiles:
        picture = ImageFlowable(partial(_profile, one, words), 180, 42)
        key = "blocked" if one.link.sight.blocked else "grazed" if one.link.sight.grazed else "clear"
        values = {"name": one.name, "distance": words.distance(one.distance_m)}
        at = words.distance(1000 * one.link.sight.worst_km)
        made.append(KeepTogether([paragraph(words(f"proposals.pack.profile_{key}", at=at, **values)), picture]))
    return made


def _readings(point: PackPoint, words: Words) -> list[Flowable]:
    title = heading(
        words("proposals.pack.readings_title"), "subheading", room=(20 if point.readings.empty else 45) * mm
    )
    rows = point.readings
    within = words.distance(proposal_rules().measured_m)
    if rows.empty:
        return [*title, paragraph(words("proposals.pack.no_readings", within=within))]
    names = ("operator", "class", "rsrp_dbm", "time", "device", "distance_m")
    written = [
        [
            row["operator"] or "–",
            words(f"start.result.{row['class']}"),
            words.number(row["rsrp_dbm"]),
            row["time"] or "–",
            row["device"] or "–",
            words.distance(row["distance_m"]),
        ]
        for row in rows.astype(object).where(rows.notna(), None).to_dict("records")
    ]
    heads = [words(f"proposals.pack.{name}") for name in names]
    return [
        *title,
        paragraph(words("proposals.pack.readings_within", within=within, count=len(rows))),
        table(heads, written, [28, 28, 16, 42, 44, 22], numbers=[2, 5]),
    ]


def _photos(point: PackPoint, words: Words) -> list[Flowable]:
    """Two photos a row, each with its time and place."""
    title = heading(words("proposals.pack.photos"), "subheading", room=(80 if point.photos else 12) * mm)
    if not point.photos:
        return [*title, paragraph(words("proposals.pack.no_photos"))]
    cells = [[_picture(one.small), paragraph(_said(one, point, words), "small")] for one in point.photos]
    rows = [cells[at : at + 2] for at in range(0, len(cells), 2)]
    rows = [row if len(row) == 2 else [*row, []] for row in rows]
    made = Table(rows, colWidths=[WIDTH / 2] * 2, hAlign="LEFT")
    made.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    return [*title, made]


def _said(photo: Photo, point: PackPoint, words: Words) -> str:
    """What a photo says, and how far from the point it was taken."""
    about, one, away = photo.about, point.proposal, ""
    if about.lon is not None and one.has_place:
        metres = WGS84.inv(one.lon, one.lat, about.lon, about.lat)[2]
        away = f" ({words('proposals.pack.from_point', distance=words.distance(metres))})"
    return photo_sentence(about, words, photo.caption, away)


def _picture(small: bytes) -> Flowable:
    width, height = ImageReader(io.BytesIO(small)).getSize()
    scale = min(PHOTO_MM * mm / width, 52 * mm / height)
    return PictureFlowable(io.BytesIO(small), width * scale, height * scale)


def _checksums(point: PackPoint, words: Words) -> list[Flowable]:
    if not point.parts:
        return []
    rows = [[name, hashlib.sha256(content).hexdigest()] for name, content in sorted(point.parts.items())]
    return [
        *heading(words("proposals.pack.parts"), "subheading"),
        table([words("proposals.pack.part"), "SHA-256"], rows, [70, 110]),
    ]


def _letter(analysis: RunTables, point: PackPoint, office: Letterhead, words: Words) -> list[Flowable]:
    """The village's letter, to be signed and attached; nothing where a signed one is attached or none is asked for."""
    one = point.proposal
    asked = "village_letter" in proposal_rules().channels[one.channel].items
    if not asked or any(file.item == "village_letter" for file in one.files):
        return []
    villages = analysis.villages.set_index("village_code_bps")
    row = villages.loc[one.village_code_bps] if one.village_code_bps in villages.index else None
    village = "…………………" if row is None else row["village"]
    said = {
        "village": village,
        "subdistrict": "…………………" if row is None else row["subdistrict"],
        "office": office.office or words("proposals.pack.office"),
        "asked": value_in_words("asked", one.asked, words),
        "name": one.name,
        "hamlet": hamlet_called(one.hamlet, words) if one.hamlet else words("proposals.pack.hamlet", name="…………………"),
        "place": f"{one.lat:.6f}, {one.lon:.6f}" if one.has_place else "…………………",
        "year": str(one.year),
    }
    lines = words("proposals.pack.letter", **said).split("\n")
    sign = [paragraph(line) for line in words("proposals.pack.letter_sign", **said).split("\n")]
    sign += [Spacer(1, 25 * mm), paragraph("……………………………………")]
    return [
        PageBreak(),
        paragraph(words("proposals.pack.letter_title"), "title"),
        paragraph(words("proposals.pack.letter_hint"), "small"),
        Spacer(1, 10 * mm),
        *(paragraph(line) if line else Spacer(1, 4 * mm) for line in lines),
        Spacer(1, 10 * mm),
        Table([["", sign]], colWidths=[WIDTH / 2, WIDTH / 2]),
    ]


def hamlet_called(name: str, words: Words) -> str:
    """A hamlet with what it is, once: Dusun Krajan, Jorong Koto, RT 3."""
    spelled = landmark_kinds()["hamlet"].spelled
    return name if plain(name).split("_")[0] in spelled else words("proposals.pack.hamlet", name=name)


def _map(analysis: RunTables, point: PackPoint, data: drawing.MapData, words: Words) -> Image:
    """The point and its surroundings."""
    at = point.found or centre_of(analysis, point.proposal.village_code_bps)
    x, y = pyproj.Transformer.from_crs(4326, data.crs, always_xy=True).transform(at.lon, at.lat)
    bounds = (x - AROUND_M, y - AROUND_M, x + AROUND_M, y + AROUND_M)

    def draw(axes: Axes) -> None:
        fill = "#CC0000" if point.proposal.has_place else "none"
        axes.plot([x], [y], "o", ms=9, mfc=fill, mec="white", mew=1.4, zorder=12)
        axes.plot([x], [y], "o", ms=13, mfc="none", mec="#CC0000", mew=1.2, zorder=12)

    return surroundings(data, words, bounds, MAP_MM, point.proposal.village_code_bps, 6, draw)


def _profile(one: TowerProfile, words: Words) -> Image:
    """Ground with the earth's bulge, line of sight and Fresnel zone."""
    sight = one.link.sight
    km, ground = sight.distance_km, sight.ground_m + sight.bulge_m
    with drawing_style():
        figure = blank_figure(180, 42, DPI)
        axes = figure.add_axes((0.07, 0.2, 0.91, 0.72))
        floor = float(np.floor((ground.min() - 10) / 10) * 10)
        axes.fill_between(km, floor, ground, color=_GROUND, linewidth=0)
        axes.fill_between(km, sight.line_m - sight.fresnel_m, sight.line_m + sight.fresnel_m, color=_ZONE, alpha=0.3)
        axes.plot(km, sight.line_m, color=_LINE, linewidth=1.2)
        if sight.grazed:
            at = int(np.argmin(np.abs(km - sight.worst_km)))
            axes.plot([km[at]], [ground[at]], "v", color=_WARN, ms=6)
        axes.set_xlim(0, float(km[-1]))
        axes.set_ylim(floor, None)
        axes.tick_params(labelsize=6)
        axes.set_xlabel(
            printable(words("signal.profile.x", start=words("signal.profile.from_tower"))), fontsize=6.5, labelpad=1
        )
        axes.set_ylabel(printable(words("signal.profile.y")), fontsize=6.5, labelpad=1)
        comma = "," if words.style.decimal_comma else "."
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace(".", comma))
        return painted(figure)
