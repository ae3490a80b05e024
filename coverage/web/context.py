"""What a page is, and what it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import streamlit as st

from coverage.language.words import Words
from coverage.places.regencies import region_of
from coverage.run.decisions import Decisions, decisions_in
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis, Ground
from coverage.store import Store
from coverage.web import session, store_access
from coverage.web.html import refusal
from coverage.web.maps.layers import Viewer
from coverage.web.maps.map_view import show_map


@dataclass(frozen=True)
class Context:
    """The run, the language and the viewer that a page is rendered for."""

    analysis: Analysis
    inputs: Inputs
    words: Words
    viewer: Viewer
    ground: Ground
    """The land and the people on it."""

    @cached_property
    def decisions(self) -> Decisions:
        """The office's decisions in force; asked for once for a page."""
        return decisions_in(store_access.opened_store().store, session.sources(), self.inputs)

    @cached_property
    def region(self) -> str:
        """Code of the region, under which everything of it is kept."""
        return region_of(self.analysis.villages)

    @property
    def rule(self) -> str:
        """The chosen rule."""
        parameters = self.analysis.parameters
        return session.rule({rule.name for rule in parameters.rules if rule.enabled}, parameters.default_rule)

    def open_store(self) -> Store | None:
        """The inventory; None where it cannot be opened, and the page says why."""
        found = store_access.opened_store()
        if found.problem is not None:
            refusal(self.words.error(found.problem))
        return found.store

    def show_map(self, key: str, **options: Any) -> None:
        """Render the map under the default rule; ``options`` as for :func:`coverage.web.maps.map_view.show_map`."""
        given = {"analysis": self.analysis, "rule": self.analysis.parameters.default_rule, **options}
        show_map(words=self.words, viewer=self.viewer, key=key, **given)


def _always() -> bool:
    return True


IMPORT_URL, DATA_URL, START_URL, ACCOUNTS_URL = "impor", "data", "persiapan", "akun"
PROPOSALS_URL, SIGNAL_URL, PROVINCE_URL, MAP_URL = "usulan", "sinyal", "provinsi", "peta"
"""Addresses of pages that other pages lead to."""
BY_IMPORT = ("assets", "population", "evidence")
"""Kinds of data that are lists, taken in on page Impor; the others are files of page Data."""


def link_to(url: str, title: str) -> None:
    """Render a link to another page; none knows any other but by its address."""
    st.page_link(st.Page(_always, title=title, url_path=url))  # type: ignore[arg-type]


def lead_to_import(text: str, words: Words) -> None:
    """Render what a page lacks, and the way to where lists go in."""
    st.info(text)
    if store_access.may_import():
        link_to(IMPORT_URL, words("web.page.import"))


def go_to(url: str) -> None:
    """Leave for another page."""
    st.switch_page(st.Page(_always, url_path=url))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Page:
    """One page; its place in the order is in :data:`coverage.web.frame.PAGES`."""

    key: str
    """Its name in the locale, ``web.page.<key>``."""
    url: str
    """Its address, an Indonesian word."""
    show: Callable[[Context], None]
    follows: Callable[[], bool] = _always
    """Whether it is rendered again when a new run is done: not where nothing computed is shown."""
    hidden: bool = False
    """Whether it is reached by links alone: at most eight pages stand in sight."""
    ahead: Callable[[Analysis, Inputs, Words], None] | None = None
    """Makes what all visitors see on it, before the first comes."""
    show_refused: Callable[[Words], None] | None = None
    """Renders a way out where the inputs were refused."""
