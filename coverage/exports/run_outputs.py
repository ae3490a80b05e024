"""The files of a run in a folder, in one call: for scripts and notebooks."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from coverage.exports.bundle import output_files
from coverage.exports.output_folder import write_outputs as write_files
from coverage.language.words import Language, Words
from coverage.run.result import RunTables


def write_outputs(
    analysis: RunTables,
    out_dir: str | Path,
    *,
    names: Collection[str] | None = None,
    language: Language = "id",
    include_cctv: bool = False,
) -> list[Path]:
    """Write the files of a run into a folder: all of them or none.

    Parameters
    ----------
    analysis : from :func:`coverage.analyze`
    out_dir : the folder; it is made where absent. Files of others in it stay as they are
    names
        Any of :func:`coverage.exports.bundle.file_names`; the tables, the map and the GeoPackage if left out.
        ``run.json`` is always among them.
    language : of headings and reasons: ``id`` or ``en``
    include_cctv : whether positions of cameras are in the files

    Returns
    -------
    list of pathlib.Path
        What was written, by name.

    Raises
    ------
    KeyError
        If a name is none of ours.
    UnavailableError
        If the folder cannot be written; it is as it was before then.
    """
    folder = Path(out_dir)
    files = output_files(analysis, Words(language), names, include_cctv=include_cctv)
    write_files(folder, files)
    return [folder / name for name in sorted(files)]
