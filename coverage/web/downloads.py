"""Downloads, made only when the button is pressed.

A page offers its files with :func:`offer`; page Laporan makes a set as one ZIP.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from coverage.exports.letterhead import Letterhead
from coverage.exports.registry import formats
from coverage.language.words import Language, Words
from coverage.rollout.plan import RolloutPlan
from coverage.run.result import Analysis
from coverage.store import may
from coverage.web import facts, store_access, visitor_work
from coverage.web.background_jobs import Job
from coverage.web.fair_queue import Visit, current_visit
from coverage.web.workers import compute

MARK = "; jangkau=masuk"
"""Suffix of the media type of a file for signed-in users; stripped by the server."""
WithCurve = tuple[RolloutPlan, pd.DataFrame | None]


def take_button(
    label: str, content: bytes | Callable[[], bytes], file: str, kind: str, guarded: bool | None = None, **options: Any
) -> None:
    """Render a download button; a file made for a signed-in user is served to signed-in users only.

    ``content`` may be its maker, called on press; ``guarded`` says that they are signed in, where that is known;
    ``options`` are those of ``st.download_button``.
    """
    marked = kind + MARK if (may(store_access.who(), "view_cctv") if guarded is None else guarded) else kind
    st.download_button(label, content, file, marked, on_click="ignore", **options)


def offer(
    analysis: Analysis,
    words: Words,
    names: Sequence[str],
    *,
    key: str,
    language: Language | None = None,
    plan: Callable[[], WithCurve] | None = None,
    villages: Sequence[str] | None = None,
    include_cctv: bool = False,
    captions: bool = True,
    letterhead: Letterhead | None = None,
    note: str = "",
) -> None:
    """Render a download button for each file.

    Parameters
    ----------
    names : any of :func:`coverage.exports.bundle.file_names`
    key : tells the buttons of one place on a page from those of another
    plan : makes the rollout plan and its curve; called on press
    villages, include_cctv, captions, letterhead : as for :func:`coverage.exports.bundle.paper_files`
    note : added to the help of each button
    """
    written, visit = words if language is None else Words(language), current_visit()
    options: dict[str, Any] = {"villages": villages, "include_cctv": include_cctv, "captions": captions}
    options["letterhead"] = letterhead
    guarded = may(store_access.who(), "view_cctv")
    with st.container(key=f"files_{key}", horizontal=True, vertical_alignment="center"):
        for name in names:
            take_button(
                caption(name, words),
                partial(_content, visit, analysis, written, name, plan, options),
                paper_name(analysis, written, name),
                formats()[name].media_type,
                guarded,
                key=f"file_{key}_{name}",
                help=f"{help_of(name, words)} {note}".strip(),
            )


def file_name(analysis: Analysis, words: Words, what: str, ending: str) -> str:
    """Name of a file that is taken away: region, what it is, today; without what a disk refuses in a name."""
    said = f"{facts.region_name(analysis, words)} - {what} - {words.date(date.today())}"
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "-", said) + ending


def paper_name(analysis: Analysis, words: Words, name: str) -> str:
    """The same for a file of a run: its title without the format in brackets."""
    return file_name(analysis, words, re.sub(r" *\([^)]*\)$", "", caption(name, words)), f".{name.partition('.')[2]}")


def caption(name: str, words: Words) -> str:
    """Title of a file."""
    return words(f"papers.file.{formats()[name].key}")


def help_of(name: str, words: Words) -> str:
    """Description of a file."""
    return words(f"papers.help.{formats()[name].key}")


def _content(
    visit: Visit,
    analysis: Analysis,
    words: Words,
    name: str,
    plan: Callable[[], WithCurve] | None,
    options: dict[str, Any],
) -> bytes:
    made = plan() if plan and formats()[name].shows_plan else (None, None)
    given = (analysis, None, words.language, [name], made, options, None)
    job: Job[bytes] = Job(lambda job: compute(job, visitor_work.papers, *given), visit=visit)
    return job.result.result()
