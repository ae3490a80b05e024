"""Sets of files by name, and a set as ZIP, for the command line and page Laporan."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Collection, Mapping
from typing import Any

import pandas as pd

from coverage.exports.columns import captioned
from coverage.exports.registry import CSV, ExportRequest, formats, formats_of
from coverage.exports.run_file import write_run_file
from coverage.language.words import Words
from coverage.rollout.plan import RolloutPlan
from coverage.run.privacy import for_outsiders
from coverage.run.result import RunTables

Progress = Callable[[str, float], None]
_EPOCH = (1980, 1, 1, 0, 0, 0)


def paper_files(
    analysis: RunTables,
    words: Words,
    names: Collection[str],
    *,
    plan: RolloutPlan | None = None,
    curve: pd.DataFrame | None = None,
    villages: Collection[str] | None = None,
    letterhead: Any = None,
    include_cctv: bool = False,
    captions: bool = False,
    progress: Progress | None = None,
) -> dict[str, bytes]:
    """Make the files named.

    Parameters
    ----------
    names : any of :func:`file_names`
    plan, curve, villages, letterhead : as for :class:`coverage.exports.registry.ExportRequest`
    include_cctv
        Whether private assets are in the files; without it each is made of what everybody may see
        (:func:`coverage.run.privacy.for_outsiders`).
    captions : whether the columns of CSV are headed in the reader's language, not by their names
    progress : called with the name of each file that begins, and the part done, 0 to 1

    Raises
    ------
    KeyError
        If a name is none of ours, or the run has not what the file needs.
    """
    shown = analysis if include_cctv else for_outsiders(analysis)
    asked = ExportRequest(shown, words, plan, curve, villages, letterhead)
    offered = {one.name: one for one in formats_of(shown, plan is not None)}
    files: dict[str, bytes] = {}
    for at, name in enumerate(names):
        chosen = offered[name]
        if progress:
            progress(name, at / len(names))
        made = chosen.make(asked)
        files[name] = captioned(made, words) if captions and chosen.media_type == CSV else made
    return files


def drawn_files(analysis: RunTables, words: Words, **given: Any) -> dict[str, bytes]:
    """Make the files that are drawn, as :func:`paper_files` does."""
    return paper_files(analysis, words, sorted(one.name for one in formats().values() if one.is_drawn), **given)


def make_ready() -> None:
    """Import the drawing libraries and find their fonts, ahead of use."""
    from coverage.exports import evidence_pack, print_map, report, village_sheet  # noqa: F401
    from coverage.exports.fonts import family_names

    family_names()


def file_names(plan: RolloutPlan | None = None, analysis: RunTables | None = None) -> list[str]:
    """Names that :func:`paper_files` can make of a run, with or without a plan or a signal."""
    return [one.name for one in formats_of(analysis, plan is not None)]


def core_names(analysis: RunTables, plan: RolloutPlan | None = None) -> list[str]:
    """Files that every run writes: the figures and the map."""
    return [one.name for one in formats_of(analysis, plan is not None) if one.is_core]


def output_files(
    analysis: RunTables,
    words: Words,
    names: Collection[str] | None = None,
    *,
    plan: RolloutPlan | None = None,
    title: Callable[[str], str] = str,
    **given: Any,
) -> dict[str, bytes]:
    """Make the named files (default :func:`core_names`) under their ``title``, and ``run.json`` with their SHA-256.

    Other options are those of :func:`paper_files`.
    """
    chosen = core_names(analysis, plan) if names is None else names
    made = paper_files(analysis, words, chosen, plan=plan, **given)
    files = {title(name): content for name, content in made.items()}
    files["run.json"] = write_run_file(analysis, files, plan)
    return files


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """Return files as a deterministic ZIP."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(files.items(), key=lambda item: (item[0] == "run.json", item[0])):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
