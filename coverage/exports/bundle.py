"""Sets of files by name, and a set as ZIP, for the command line and page Laporan."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Collection, Mapping
from typing import Any

import pandas as pd

from coverage.exports.excel import write_priority_workbook
from coverage.exports.geojson import write_assets_geojson, write_villages_geojson
from coverage.exports.geopackage import write_geopackage
from coverage.exports.html_map import write_html_map
from coverage.exports.kml import write_kmz
from coverage.exports.ofds import write_ofds
from coverage.exports.plan import plan_lines, write_plan_workbook, write_rollout
from coverage.exports.run_file import write_run_file
from coverage.exports.tables import write_assets, write_conflicts, write_priority, write_villages
from coverage.exports.workbook import write_asset_workbook, write_workbook
from coverage.language.words import Words
from coverage.rollout.plan import RolloutPlan
from coverage.run.privacy import for_outsiders
from coverage.run.result import RunTables

CORE = ("villages.csv", "priority.csv", "conflicts.csv", "villages.gpkg", "map.html", "priority.xlsx")
"""The figures and the map; ``rollout.csv`` comes with a plan."""
PAPERS = (
    "report.pdf",
    "report.xlsx",
    "map.png",
    "map.kmz",
    "villages.geojson",
    "assets.geojson",
    "assets.csv",
    "assets.xlsx",
    "fibre_ofds.json",
)
"""Files beside :data:`CORE`."""
BY_VILLAGE = ("village_sheets.pdf", "proposals.pdf")
"""Files with a page a village."""
DRAWN = frozenset({"report.pdf", "map.png", *BY_VILLAGE})
"""Files that need the (slow to import) drawing libraries."""
FIRST_SHEETS = 5
"""Default number of villages with a sheet, by priority."""
Progress = Callable[[str, float], None]
_EPOCH = (1980, 1, 1, 0, 0, 0)


def paper_files(
    analysis: RunTables,
    words: Words,
    names: Collection[str] = PAPERS,
    *,
    plan: RolloutPlan | None = None,
    curve: pd.DataFrame | None = None,
    villages: Collection[str] | None = None,
    include_cctv: bool = False,
    progress: Progress | None = None,
) -> dict[str, bytes]:
    """Make the files named.

    Parameters
    ----------
    names
        Any of :func:`file_names`.
    plan, curve
        The rollout plan and its curve of people against money, where there are any.
    villages
        BPS codes for the files of a page a village; the first :data:`FIRST_SHEETS` by priority where None.
    include_cctv
        Whether cameras are in the files; without it each is made of what everybody may see
        (:func:`coverage.run.privacy.for_outsiders`).
    progress
        Called with the name of each file that begins, and the part done, 0 to 1.

    Raises
    ------
    KeyError
        If a name is none of ours.
    """
    shown = analysis if include_cctv else for_outsiders(analysis)
    makers = _makers(shown, words, plan)
    if not DRAWN.isdisjoint(names):
        makers |= _drawn_makers(shown, words, plan, curve, villages)
    files: dict[str, bytes] = {}
    for at, name in enumerate(names):
        make = makers[name]
        if progress:
            progress(name, at / len(names))
        files[name] = make()
    return files


def drawn_files(analysis: RunTables, words: Words, **given: Any) -> dict[str, bytes]:
    """Make the files of :data:`DRAWN`, as :func:`paper_files` does."""
    return paper_files(analysis, words, sorted(DRAWN), **given)


def make_ready() -> None:
    """Import the drawing libraries and find their fonts, ahead of use."""
    from coverage.exports import print_map, proposal, report, village_sheet  # noqa: F401
    from coverage.exports.fonts import family_names

    family_names()


def file_names(plan: RolloutPlan | None = None) -> list[str]:
    """Names that :func:`paper_files` can make."""
    return [*core_names(plan), *paper_names(plan)]


def paper_names(plan: RolloutPlan | None = None) -> list[str]:
    """Names beside :func:`core_names`."""
    return [*PAPERS, *BY_VILLAGE, *([] if plan is None else ["rollout.xlsx"])]


def raster_names(analysis: RunTables) -> list[str]:
    """Rasters of a run: those of its signal, if any."""
    return [] if analysis.signal_raster is None else ["signal.tif"]


def core_names(plan: RolloutPlan | None = None) -> list[str]:
    """Files that every run writes."""
    return [*CORE, *([] if plan is None else ["rollout.csv"])]


def output_files(
    analysis: RunTables,
    words: Words,
    names: Collection[str] | None = None,
    *,
    plan: RolloutPlan | None = None,
    curve: pd.DataFrame | None = None,
    villages: Collection[str] | None = None,
    include_cctv: bool = False,
    progress: Progress | None = None,
) -> dict[str, bytes]:
    """Make the named files (default :func:`core_names`), and ``run.json`` with their SHA-256."""
    chosen = core_names(plan) if names is None else names
    files = paper_files(
        analysis, words, chosen, plan=plan, curve=curve, villages=villages, include_cctv=include_cctv, progress=progress
    )
    files["run.json"] = write_run_file(analysis, files)
    return files


def _makers(analysis: RunTables, words: Words, plan: RolloutPlan | None) -> dict[str, Callable[[], bytes]]:
    makers: dict[str, Callable[[], bytes]] = {
        "villages.csv": lambda: write_villages(analysis, words),
        "priority.csv": lambda: write_priority(analysis, words),
        "conflicts.csv": lambda: write_conflicts(analysis, words),
        "villages.gpkg": lambda: write_geopackage(analysis, words),
        "map.html": lambda: write_html_map(analysis, words),
        "report.xlsx": lambda: write_workbook(analysis, words, plan=plan),
        "map.kmz": lambda: write_kmz(analysis, words),
        "villages.geojson": lambda: write_villages_geojson(analysis, words),
        "assets.geojson": lambda: write_assets_geojson(analysis, words),
        "assets.csv": lambda: write_assets(analysis),
        "assets.xlsx": lambda: write_asset_workbook(analysis, words),
        "priority.xlsx": lambda: write_priority_workbook(analysis, words),
        "fibre_ofds.json": lambda: write_ofds(analysis, words),
    }
    if analysis.signal_raster is not None:
        from coverage.exports.geotiff import write_signal  # rasterio is slow to import and seldom needed

        makers["signal.tif"] = lambda: write_signal(analysis, words)
    if plan is not None:
        makers["rollout.csv"] = lambda: write_rollout(analysis, plan, words)
        makers["rollout.xlsx"] = lambda: write_plan_workbook(analysis, plan, words)
    return makers


def _drawn_makers(
    analysis: RunTables,
    words: Words,
    plan: RolloutPlan | None,
    curve: pd.DataFrame | None,
    villages: Collection[str] | None,
) -> dict[str, Callable[[], bytes]]:
    from coverage.exports.print_map import write_print_map
    from coverage.exports.proposal import write_proposals
    from coverage.exports.report import write_report
    from coverage.exports.village_sheet import write_village_sheets

    codes = list(villages) if villages is not None else _first(analysis)
    lines = None if plan is None else plan_lines(analysis, plan, words)
    return {
        "report.pdf": lambda: write_report(analysis, words, plan=plan, curve=curve),
        "map.png": lambda: write_print_map(analysis, words),
        "village_sheets.pdf": lambda: write_village_sheets(analysis, words, codes, plan=lines),
        "proposals.pdf": lambda: write_proposals(analysis, words, codes),
    }


def _first(analysis: RunTables) -> list[str]:
    return list(analysis.priority.sort_values("rank")["village_code_bps"].head(FIRST_SHEETS))


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """Return files as a deterministic ZIP."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(files.items(), key=lambda item: (item[0] == "run.json", item[0])):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
