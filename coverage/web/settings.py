"""What a machine sets for the screen: which region and lists to show, the language, a tile server.

All of it comes from the environment, so that ``jangkau serve``, ``streamlit run app.py`` and ``uvicorn app:app`` are
started alike; the files of a run are those of :class:`coverage.run.sources.Sources`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from coverage.language.words import LANGUAGES, Language
from coverage.run.sources import Sources


@dataclass(frozen=True)
class Tiles:
    """A tile server for a background map; absent by default, because an office may have no network."""

    url: str
    attribution: str

    @property
    def origin(self) -> str:
        """Scheme and host, as a content security policy names them; a subdomain placeholder becomes a wildcard."""
        scheme, _, rest = self.url.partition("://")
        host = rest.split("/", 1)[0]
        return f"{scheme}://{host.replace('{s}', '*')}"


def sources(environment: Mapping[str, str] = os.environ) -> Sources:
    """The files of the run on the screen."""
    return Sources.from_environment(environment)


def language(environment: Mapping[str, str] = os.environ) -> Language:
    """The language that a new visitor sees: ``JANGKAU_LANG``, Bahasa Indonesia unless set."""
    wanted = environment.get("JANGKAU_LANG", "id")
    return next((known for known in LANGUAGES if known == wanted), "id")


def tiles(environment: Mapping[str, str] = os.environ) -> Tiles | None:
    """The background map of ``JANGKAU_TILE_URL`` and ``JANGKAU_TILE_ATTRIBUTION``; None unless set to a web address."""
    url = environment.get("JANGKAU_TILE_URL", "")
    if not url.startswith(("https://", "http://")):
        return None
    return Tiles(url, environment.get("JANGKAU_TILE_ATTRIBUTION", ""))
