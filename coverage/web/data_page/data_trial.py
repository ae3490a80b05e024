"""Replacing a file of the region: read, tried in a run of its own, compared with the present, then adopted."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

import geopandas as gpd
import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from coverage.base.errors import ColumnError, FileRefusedError, JangkauError, Place
from coverage.base.model_options import Measure
from coverage.imports.values import read_date
from coverage.language.notes import notes_of
from coverage.language.reasons import state_word
from coverage.language.words import Words
from coverage.places.regencies import regency_code
from coverage.readers.apart import read_apart
from coverage.readers.probe import probe
from coverage.readers.proposed_codes import read_proposal
from coverage.readers.rasters import speaks_of_density
from coverage.readers.speed_tiles import quarter_of
from coverage.readers.village_lists import read_crosswalk
from coverage.readers.villages import read_villages
from coverage.run.result import Analysis
from coverage.run.sources import Sources
from coverage.store import Actor
from coverage.store.drawn_on import keep_drawn_on
from coverage.store.region_files import SUFFIXES, Kind, RegionFiles, Version, choose_region
from coverage.web.data_page.region_data import RunTotals, changed_states, comparison, outcome
from coverage.web.fair_queue import fragment, stepping_aside
from coverage.web.html import as_label, put, state_chip, table, tag
from coverage.web.run_cache import RUNS, ComputedRun, Run

BESIDE = ".sumber.json"
"""Provenance note written by ``jangkau data fetch --out``."""
_FROM_BESIDE = ("title", "licence", "attribution", "dated", "source", "page_url", "measure", "fetched_at")
MOST_CHANGED = 12
MANY: tuple[Kind, ...] = ("elevation", "clutter", "measurements", "hints")
"""Kinds that may come in several files."""
ASKED_MEASURE = ("raster.measure_unclear", "raster.far_from_official")
"""Error of a raster whose unit the planner must state."""
_TRIAL = "data_trial"


@dataclass(frozen=True)
class Trial:
    """Versions on trial: for which kind and region, and whether that is another region than the present."""

    kind: Kind
    code: str
    versions: tuple[Version, ...]
    regency: str | None = None

    def sources(self, present: Sources) -> Sources:
        """The sources of the run on trial."""
        tried = tuple((self.code, version.kind, version.name) for version in self.versions)
        if self.regency is not None:
            alike = present.model_dump(include={"parameters", "no_inventory", "no_evidence", "no_figures"})
            return Sources(region=self.code, tried=tried, **alike)
        return present.model_copy(update={"region": self.code, "tried": tried})


def begin(
    kind: Kind,
    uploads: Sequence[UploadedFile],
    title: str,
    dated: str,
    more: Mapping[str, Any],
    present: str,
    who: Actor,
) -> Trial:
    """Store uploaded files as versions on trial.

    Boundaries may come with a crosswalk, and every kind with the provenance note of ``jangkau data fetch --out``.

    Parameters
    ----------
    title, dated : source and date of the data, as the planner states
    more : ``measure``, what a population raster holds; ``calibrate``, whether the signal is shifted to measurements
    present : code of the region on the screen
    """
    notes = [upload for upload in uploads if upload.name.lower().endswith(BESIDE)]
    tables = [upload for upload in uploads if kind == "boundaries" and _suffix(upload) in SUFFIXES["crosswalk"]]
    main = [upload for upload in uploads if upload not in notes and upload not in tables]
    if not main or (len(main) > 1 and kind not in MANY):
        raise FileRefusedError("data.one_file", Place(file=", ".join(upload.name for upload in uploads)))
    quarters = [quarter_of(upload.name) for upload in main] if kind == "hints" else []
    about = _about(main, notes, title, dated or min(filter(None, quarters), default=""), more)
    if (
        kind == "people"
        and _suffix(main[0]) in (".tif", ".tiff")
        and not about.get("measure")
        and speaks_of_density(main[0].name)
    ):
        raise FileRefusedError(
            "raster.measure_unclear", Place(file=main[0].name, value=main[0].name), offered=list(get_args(Measure))
        )
    with stepping_aside(), tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        paths = [_written(upload, Path(folder), number) for number, upload in enumerate(main)]
        codes = [_written(upload, Path(folder), 900) for upload in tables[:1]]
        with _by_their_names(dict(zip([*paths, *codes], [*main, *tables], strict=False))):
            for path in (*paths, *codes):
                read_apart(probe, path, kind)
            code, regency = (present, None) if kind != "boundaries" else _regency(paths[0], codes)
            files = RegionFiles(code)
            versions = [files.stage(kind, paths, {**about, "regency": regency}, who)]
            versions += [
                files.stage("crosswalk", codes, {"origin": "upload", "title": tables[0].name}, who) for _ in codes
            ]
    return Trial(kind, code, tuple(versions), regency if code != present else None)


def draw_on(
    kind: Kind,
    uploads: Sequence[UploadedFile],
    title: str,
    dated: str,
    files: RegionFiles,
    villages: gpd.GeoDataFrame,
    who: Actor,
) -> None:
    """Keep an uploaded base map, or raster tiles, which change no figure and so need no trial.

    Raises
    ------
    InputError
        As :func:`coverage.store.drawn_on.keep_drawn_on`.
    """
    notes = [upload for upload in uploads if upload.name.lower().endswith(BESIDE)]
    main = [upload for upload in uploads if upload not in notes]
    about = _about(main, notes, title, dated, {})
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        paths = [Path(folder) / _plain_name(upload, number) for number, upload in enumerate(main)]
        for upload, path in zip(main, paths, strict=True):
            path.write_bytes(upload.getbuffer())
        with _by_their_names(dict(zip(paths, main, strict=True))):
            keep_drawn_on(files, kind, paths, villages, about, who)


def _plain_name(upload: UploadedFile, number: int) -> str:
    """A safe name that still says what the layer holds."""
    words = re.sub(r"[^a-z]+", "_", Path(upload.name).stem.lower())[:60]
    suffix = _suffix(upload)
    return f"{words}_{number}{suffix if re.fullmatch(r'[.][a-z]+', suffix) else ''}"


def propose(uploads: Sequence[UploadedFile]) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Propose codes for uploaded outlines without any (:func:`coverage.readers.proposed_codes.read_proposal`)."""
    main = next(one for one in uploads if _suffix(one) not in (*SUFFIXES["crosswalk"], BESIDE))
    with stepping_aside(), tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        path = _written(main, Path(folder), 0)
        with _by_their_names({path: main}):
            return read_apart(read_proposal, path)


def _suffix(upload: UploadedFile) -> str:
    return Path(upload.name).suffix.lower()


def _written(upload: UploadedFile, folder: Path, number: int) -> Path:
    """Write a copy under a safe name; an elevation tile keeps its name, which gives its position."""
    suffix = _suffix(upload)
    tile = suffix == ".hgt" and re.fullmatch(r"[NSns]\d{2}[EWew]\d{3}\.hgt", upload.name)
    path = folder / (upload.name if tile else f"berkas_{number}{suffix if suffix.isascii() else ''}")
    path.write_bytes(upload.getbuffer())
    return path


def _about(
    main: Sequence[UploadedFile], notes: Sequence[UploadedFile], title: str, dated: str, more: Mapping[str, Any]
) -> dict[str, Any]:
    about: dict[str, Any] = {"title": ", ".join(upload.name for upload in main)}
    for note in notes[:1]:
        try:
            told = json.loads(note.getvalue())
        except (ValueError, RecursionError) as error:
            raise FileRefusedError("data.bad_note", Place(file=note.name)) from error
        kept = told if isinstance(told, dict) else {}
        about |= {name: kept[name][:300] for name in _FROM_BESIDE if isinstance(kept.get(name), str)}
    if about.get("measure") not in (None, *get_args(Measure)):
        del about["measure"]
    dated = checked_date(dated)
    about |= {name: value for name, value in (("title", title.strip()[:300]), ("dated", dated), *more.items()) if value}
    return {**about, "origin": "upload", "name": main[0].name[:200]}


def checked_date(text: str) -> str:
    """Return a year, a date, or nothing; refuse anything else (``data.bad_date``)."""
    text = text.strip()
    if text and read_date(text, "dmy")[0] != text:
        raise ColumnError("data.bad_date", Place(value=text))
    return text


def next_round() -> None:
    """Empty the upload forms."""
    st.session_state["data_round"] = st.session_state.get("data_round", 0) + 1


def _regency(path: Path, codes: Sequence[Path]) -> tuple[str, str]:
    """Regency of the boundaries: the code of most villages, and its name."""
    crosswalk = read_apart(read_crosswalk, codes[0]) if codes else None
    villages, _ = read_apart(read_villages, path, crosswalk)
    found = regency_code(villages["village_code_bps"])
    code = str(found.mode().iloc[0])
    return code, str(villages.loc[found == code, "regency"].iloc[0])


@contextmanager
def _by_their_names(uploads: Mapping[Path, UploadedFile]) -> Iterator[None]:
    """Rename files in errors to what the planner knows them by."""
    try:
        yield
    except JangkauError as error:
        names = {path.name: upload.name for path, upload in uploads.items()}
        error.place = replace(error.place, file=names.get(str(error.place.file), error.place.file))
        raise


def use(trial: Trial, switch: bool, who: Actor) -> None:
    """Adopt the versions on trial; with ``switch``, show their region from now on."""
    files = RegionFiles(trial.code)
    for version in reversed(trial.versions):
        files.use(version, who)
    if trial.regency is not None and switch:
        choose_region(trial.code, who)


def start(trial: Trial, present: Sources) -> Run:
    """Start the trial run in the background and keep both in the session."""
    run = RUNS.of(trial.sources(present))
    st.session_state[_TRIAL] = (trial, run)
    return run


def started() -> tuple[Trial, Run] | None:
    """Trial of this session, neither adopted nor discarded."""
    found: tuple[Trial, Run] | None = st.session_state.get(_TRIAL)
    return found


def give_up() -> None:
    """Discard the trial."""
    st.session_state.pop(_TRIAL, None)


@partial(fragment, run_every=2.0)
def show_progress(run: Run, words: Words) -> None:
    """Progress of the trial run; reruns the page when it is done."""
    if run.result.done():
        st.rerun()
    st.progress(run.done, text=words("data.trying", step=words(f"cli.step.{run.step}")))


def found_by(run: Run) -> ComputedRun | JangkauError:
    """Result of a finished run, or its error."""
    try:
        return run.result.result()
    except JangkauError as error:
        return error


def with_measure(trial: Trial, measure: Measure, who: Actor) -> Trial:
    """Restart the trial with the unit that the planner stated."""
    (version,) = trial.versions
    about = {name: value for name, value in version.about.items() if name not in ("sha256", "added_at", "added_by")}
    again = RegionFiles(trial.code).stage(trial.kind, version.files, {**about, "measure": measure}, who)
    return replace(trial, versions=(again,))


def show_comparison(before: RunTotals, after: Analysis, words: Words, regions: tuple[str, str] | None = None) -> None:
    """Before and after, villages whose state changes, and notes of the readers.

    ``regions`` names the two where they differ.
    """
    now = outcome(after)
    heads = [words("data.compare.what"), *(regions or (words("data.compare.before"), words("data.compare.after")))]
    put(table(heads, comparison(before, now, words), words("data.compare.caption"), cls="jk-table jk-before-after"))
    if regions is None:
        _show_changed(before, now, words)
    notes = notes_of(after.run, words)
    if notes:
        put(tag("ul", *(tag("li", note) for note in notes), cls="jk-data-notes"))


def _show_changed(before: RunTotals, now: RunTotals, words: Words) -> None:
    for name, one, other in (("gone", before, now), ("added", now, before)):
        codes = one.states.index.difference(other.states.index)
        if len(codes):
            some = ", ".join(one.names[codes[:MOST_CHANGED]].astype(str))
            st.warning(as_label(words(f"data.compare.{name}", count=len(codes), villages=some)))
    changed = changed_states(before, now)
    if changed.empty:
        if len(before.states.index.intersection(now.states.index)):
            put(tag("p", words("data.compare.same"), cls="jk-hint"))
        return
    put(tag("h3", words("data.compare.changed", count=len(changed))))
    rows: list[Sequence[str]] = [
        (name, *(state_chip(one, state_word(one, run.rule, words)) for one, run in ((old, before), (new, now))))
        for name, old, new in changed.head(MOST_CHANGED).astype(str).to_numpy().tolist()
    ]
    heads = [words("data.compare.village"), words("data.compare.before"), words("data.compare.after")]
    put(table(heads, rows, words("data.compare.changed", count=len(changed))))
    if len(changed) > MOST_CHANGED:
        put(tag("p", words("data.compare.more", count=len(changed) - MOST_CHANGED), cls="jk-hint"))
