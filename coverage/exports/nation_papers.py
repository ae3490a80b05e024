"""Many regencies on paper and on a map: ``summary.xlsx``, ``report.pdf``, ``nation.gpkg``, ``villages.pmtiles``."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from coverage.base.schema import STATES
from coverage.exports import pdf
from coverage.exports.columns import heading_of
from coverage.exports.provenance import Provenance
from coverage.exports.sheets import Book
from coverage.language.notes import mark_sentence
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.readers.parameters import read_parameters

SIMPLER_DEG = 0.002
"""Tolerance of the outlines for maps: some 200 m; gaps between neighbours stay below twice that."""
ZOOMS = (6, 10)
"""Of tiles: an island at a glance to a village's neighbours; viewers magnify the last."""
TILE_BYTES = 2_000_000
"""At most in a tile: GDAL draws one with more, as of central Java at zoom 6, the coarser."""
_FIGURES = (
    "villages", *STATES, "population", "population_unserved", "population_unknown", "pockets", "villages_planned",
    "people_newly_served", "spent_idr", "common_villages", "common_people",
)  # fmt: skip
_ON_PAPER = ("villages", *STATES, "population_unserved", "pockets", "common_people")


def nation_workbook(regencies: pd.DataFrame, provinces: pd.DataFrame, about: Mapping[str, Any], words: Words) -> bytes:
    """Return ``summary.xlsx``: a sheet by province, one by regency, one of what the figures rest on."""
    told = nation_provenance(regencies, about, words)
    book = Book(told, words, words("nation.title"))
    called = state_words(words, read_parameters().rule())
    for name, table, first in (
        ("provinces", provinces, "province regencies"),
        ("regencies", regencies, "regency province regency_code_kemendagri regency_code_bps"),
    ):
        sheet = book.sheet(words(f"nation.sheet.{name}"))
        top = book.heading(sheet, words("nation.title"), [words("nation.remark"), *told.approximations])
        last = " problem" if name == "regencies" and table["problem"].notna().any() else ""
        columns = book.columns(f"{first} {' '.join(_FIGURES)}{last}", called)
        book.table(sheet, top, columns, table, freeze_columns=1)
    sheet = book.sheet(words("exports.sheet.sources"), landscape=False)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 84)
    book.facts(sheet, book.heading(sheet, words("exports.sources.heading")), told.lines(words), 84)
    return book.bytes()


def nation_report(regencies: pd.DataFrame, provinces: pd.DataFrame, about: Mapping[str, Any], words: Words) -> bytes:
    """Return ``report.pdf``: provinces, then regencies with most people without service first, and the sources."""
    told = nation_provenance(regencies, about, words)
    called = state_words(words, read_parameters().rule())
    story = [pdf.paragraph(words("nation.title"), "title"), pdf.paragraph(words("nation.remark"))]
    story.append(pdf.paragraph(plan_sentence(about, regencies, words)))
    order = ["population_unserved", "regency_code_kemendagri"]
    ranked = regencies.sort_values(order, ascending=[False, True], na_position="last")
    for name, table, label in (("provinces", provinces, "province"), ("regencies", ranked, "regency")):
        story += pdf.heading(words(f"nation.sheet.{name}"))
        head = [heading_of(one, words, called) for one in (label, *_ON_PAPER)]
        rows = [
            [row[label], *("–" if pd.isna(row[one]) else words.number(int(row[one])) for one in _ON_PAPER)]
            for row in table.to_dict("records")
        ]
        story.append(pdf.table(head, rows, [3, *[1] * len(_ON_PAPER)], numbers=range(1, len(head))))
    story += pdf.heading(words("exports.sources.heading"))
    story.append(pdf.facts(told.lines(words)))
    return pdf.build(story, told, words, words("nation.title"))


def plan_sentence(about: Mapping[str, Any], regencies: pd.DataFrame, words: Words) -> str:
    """What the common plan reaches: its budget, whether that is assumed, and of how many regencies it could be made.

    Of a part of the run's regencies: villages and people there, and that the budget is for all.
    """
    plan, whole, count = about["common_plan"], len(about["regencies"]), len(regencies)
    villages, people = plan["villages"], plan["people_newly_served"]
    if count != whole:
        villages, people = (int(regencies[name].sum()) for name in ("common_villages", "common_people"))
    key = "nation.plan_assumed" if plan["budget_assumed"] else "nation.plan"
    budgets = plan["budgets"].values()
    said = words(key, budget=words.money(sum(budgets)), years=len(budgets), villages=villages, people=people)
    if count != whole:
        said += f"; {words('nation.plan_part', count=whole, here=count)}"
    known = int(regencies["common_people"].notna().sum())
    return said if known == count else f"{said} ({words('nation.page.of', known=known, count=count)})"


def village_shapes(villages: pa.Table) -> gpd.GeoDataFrame:
    """Villages with their state and people, outlines simplified for maps."""
    shown = ["village_code_bps", "village_code_kemendagri", "village", "subdistrict", "regency", "state", "rule"]
    shown += ["population", "population_served", "share_served", "certainty"]
    shapes = shapely.simplify(shapely.from_wkb(villages["geometry"].to_numpy()), SIMPLER_DEG)
    return gpd.GeoDataFrame(villages.select(shown).to_pandas(), geometry=shapes, crs=4326)


def nation_map(villages: gpd.GeoDataFrame | None, regencies: pd.DataFrame) -> bytes:
    """Return ``nation.gpkg``: villages (:func:`village_shapes`), and regencies with their figures."""
    if villages is None:
        return b""
    codes = villages["village_code_kemendagri"].str[:5].rename("regency_code_kemendagri")
    outlines = villages.geometry.groupby(codes).agg(lambda own: _together(own.to_numpy()))
    outlines = regencies[["regency_code_kemendagri"]].merge(outlines.reset_index(), how="left")
    drawn = gpd.GeoDataFrame(regencies, geometry=outlines["geometry"].to_numpy(), crs=4326)
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        path, alike = Path(folder) / "nation.gpkg", {"promote_to_multi": True, "geometry_type": "MultiPolygon"}
        pyogrio.write_dataframe(villages, path, layer="villages", dataset_options={"VERSION": "1.3"}, **alike)
        pyogrio.write_dataframe(drawn, path, layer="regencies", append=True, **alike)
        return path.read_bytes()


def nation_tiles(villages: gpd.GeoDataFrame) -> bytes:
    """Return ``villages.pmtiles``: vector tiles (MVT) of layer ``villages`` for web maps, served by any file server."""
    about = {"NAME": "Jangkau", "MINZOOM": str(ZOOMS[0]), "MAXZOOM": str(ZOOMS[1]), "MAX_SIZE": str(TILE_BYTES)}
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        path = Path(folder) / "villages.pmtiles"
        pyogrio.write_dataframe(villages, path, layer="villages", driver="PMTiles", dataset_options=about)
        return path.read_bytes()


def _together(shapes: Any) -> Any:
    """One outline of shapes that were simplified each by itself: the gaps between them closed."""
    whole = shapely.union_all(shapely.buffer(shapes, SIMPLER_DEG, join_style="mitre"))
    return shapely.simplify(shapely.buffer(whole, -SIMPLER_DEG, join_style="mitre"), SIMPLER_DEG / 4)


def nation_provenance(regencies: pd.DataFrame, about: Mapping[str, Any], words: Words) -> Provenance:
    """What the figures rest on, as on the papers of a run."""
    today = dt.date.today().isoformat()
    marks = sorted({mark for text in regencies["approximations"].dropna() for mark in str(text).split()})
    rules: Sequence[str] = sorted(set(regencies["rule"].dropna()))
    refused = regencies[regencies["problem"].notna()]
    return Provenance(
        run_id=about["run_id"],
        version=about["version"],
        iso_date=today,
        date=words.date(today),
        region=words("exports.about.many_regencies", count=len(regencies)),
        rule=", ".join(words.named("rule", rule) for rule in rules),
        inputs=tuple(about["inputs"].items()),
        approximations=tuple(mark_sentence(mark, about, words) for mark in marks),
        notes=tuple(words("nation.refused", regency=row.regency, problem=row.problem) for row in refused.itertuples()),
    )
