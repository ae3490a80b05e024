"""The registry of exports: every file that a run can be written as, found in :mod:`coverage.exports.formats`.

A new format is one file there and its words (``papers.file`` and ``papers.help`` in both languages). The command line,
page Laporan and the download buttons take it from here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Literal

import pandas as pd

from coverage.base.discovery import import_modules
from coverage.language.words import Words
from coverage.readers.kinds import landmark_kinds
from coverage.rollout.plan import RolloutPlan
from coverage.run.one_operator import tells_operators
from coverage.run.result import RunTables

Group = Literal["office", "maps", "village", "data"]
GROUPS: tuple[Group, ...] = ("office", "maps", "village", "data")
"""Groups of the page, in its order."""
Need = Literal["plan", "signal", "operators", "pockets", "hamlets", "service_points"]
CSV, JSON, PDF, PNG = "text/csv", "application/json", "application/pdf", "image/png"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIRST_SHEETS = 5
"""Villages that get a sheet where none are named: the first by priority."""


@dataclass(frozen=True)
class ExportRequest:
    """What a file is made of: a run as its reader may see it, the language, and what goes with the run.

    Attributes
    ----------
    plan, curve : the rollout plan and its curve of people against money, where there are any
    villages : BPS codes for files of a page a village
    letterhead : what an office's papers begin and end with, as its settings keep it
    """

    analysis: RunTables
    words: Words
    plan: RolloutPlan | None = None
    curve: pd.DataFrame | None = None
    villages: Collection[str] | None = None
    letterhead: Any = None

    @property
    def codes(self) -> list[str]:
        """Villages for files of a page a village: the first :data:`FIRST_SHEETS` by priority where none are named."""
        if self.villages is not None:
            return list(self.villages)
        return list(self.analysis.priority.sort_values("rank")["village_code_bps"].head(FIRST_SHEETS))


@dataclass(frozen=True)
class ExportFormat:
    """A file that a run can be written as.

    Attributes
    ----------
    group : where page Laporan shows it
    place : order within its group
    is_core : whether every run of the command line writes it first, beside the figures; the others are papers
    needs : what a run must have for it
    shows_plan : whether the rollout plan stands in it, where there is one
    is_drawn
        Whether it is made with the libraries that draw, which are slow to import: the command line makes those in a
        second process.
    is_first_choice : whether it is ticked until the reader chooses
    """

    name: str
    group: Group
    media_type: str
    make: Callable[[ExportRequest], bytes]
    place: int = 100
    is_core: bool = False
    needs: frozenset[Need] = frozenset()
    shows_plan: bool = False
    is_drawn: bool = False
    is_first_choice: bool = False

    @property
    def key(self) -> str:
        """Its key in the locale."""
        return self.name.replace(".", "_")


_FOUND: dict[str, ExportFormat] = {}


def export(
    name: str, group: Group, media_type: str, *needs: Need, **options: bool | int
) -> Callable[[Callable[[ExportRequest], bytes]], Callable[[ExportRequest], bytes]]:
    """Register a function as the maker of a file; ``options`` are fields of :class:`ExportFormat`."""

    def register(make: Callable[[ExportRequest], bytes]) -> Callable[[ExportRequest], bytes]:
        if name in _FOUND:
            raise ValueError(f"two makers of {name}")
        _FOUND[name] = ExportFormat(name, group, media_type, make, needs=frozenset(needs), **options)  # type: ignore[arg-type]
        return make

    return register


def written(name: str, group: Group, media_type: str, writer: str, *needs: Need, **options: bool | int) -> None:
    """Register a file that is made of run and language alone by ``writer``, as ``module:function`` of the exports."""

    def make(asked: ExportRequest) -> bytes:
        module, _, function = writer.partition(":")
        made: bytes = getattr(import_module(f"coverage.exports.{module}"), function)(asked.analysis, asked.words)
        return made

    export(name, group, media_type, *needs, **options)(make)


@cache
def formats() -> dict[str, ExportFormat]:
    """Every format by name, in the order of the page."""
    import_modules("coverage.exports.formats")
    order = sorted(_FOUND.values(), key=lambda one: (GROUPS.index(one.group), one.place, one.name))
    return {one.name: one for one in order}


def formats_of(analysis: RunTables | None, with_plan: bool) -> list[ExportFormat]:
    """The formats that a run can be written as."""
    has = {
        "plan": with_plan,
        "signal": analysis is not None and analysis.signal_raster is not None,
        "operators": tells_operators(analysis),
        "pockets": analysis is not None and analysis.pockets is not None,
        "hamlets": _has(analysis, "hamlet"),
        "service_points": _has(analysis, "service", "watched"),
    }
    return [one for one in formats().values() if all(has[need] for need in one.needs)]


def _has(analysis: RunTables | None, *roles: str) -> bool:
    kinds = [name for role in roles for name in landmark_kinds(role)]
    return (
        analysis is not None and analysis.landmarks is not None and bool(analysis.landmarks["kind"].isin(kinds).any())
    )
