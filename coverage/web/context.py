"""What a page is, and what it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coverage.language.words import Words
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis, Ground
from coverage.web.maps.layers import Viewer


@dataclass(frozen=True)
class Context:
    """The run, the language and the viewer that a page is rendered for."""

    analysis: Analysis
    inputs: Inputs
    words: Words
    viewer: Viewer
    ground: Ground
    """The land and the people on it."""


def _always() -> bool:
    return True


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
    show_refused: Callable[[Words], None] | None = None
    """Renders a way out where the inputs were refused."""
