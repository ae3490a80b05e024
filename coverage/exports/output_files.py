"""The set of files that ``jangkau analyze`` writes."""

from __future__ import annotations

from coverage.exports.excel import write_priority_workbook
from coverage.exports.geopackage import write_geopackage
from coverage.exports.html_map import write_html_map
from coverage.exports.like import AnalysisLike
from coverage.exports.plan import write_rollout
from coverage.exports.run_file import write_run_file
from coverage.exports.tables import conflicts_table, csv_bytes, priority_table, villages_table
from coverage.rollout.plan import Plan
from coverage.words import Words


def output_files(
    analysis: AnalysisLike, words: Words, *, plan: Plan | None = None, include_cctv: bool = False
) -> dict[str, bytes]:
    """Make every file of a run.

    Parameters
    ----------
    plan
        The rollout plan, where there is one.
    include_cctv
        Whether the positions of cameras are in the files; they are not for the public.

    Returns
    -------
    dict of str to bytes
        Content by file name; ``run.json`` names the SHA-256 of all the others.
    """
    villages, priority = villages_table(analysis, words), priority_table(analysis, words)
    files = {
        "villages.csv": csv_bytes(villages),
        "priority.csv": csv_bytes(priority),
        "conflicts.csv": csv_bytes(conflicts_table(analysis, words)),
        "villages.gpkg": write_geopackage(analysis, words, include_cctv=include_cctv),
        "map.html": write_html_map(analysis, words, include_cctv=include_cctv),
        "priority.xlsx": write_priority_workbook(analysis, words),
    }
    if plan is not None:
        files["rollout.csv"] = write_rollout(analysis, plan, words)
    files["run.json"] = write_run_file(analysis, files)
    return files
