"""Settings of the app from the environment: sources of the run, language, base path, tile server.

So ``jangkau serve``, ``streamlit run app.py`` and ``uvicorn app:app`` are configured alike; the files of a run are
those of :class:`coverage.run.sources.Sources`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from coverage.base.errors import ParameterError, Place
from coverage.language.words import LANGUAGES, Language
from coverage.run.sources import Sources


@dataclass(frozen=True)
class Tiles:
    """Tile server of the background map; absent by default: an office may be offline."""

    url: str
    attribution: str

    @property
    def origin(self) -> str:
        """Origin for the content security policy; a subdomain placeholder becomes a wildcard."""
        scheme, _, rest = self.url.partition("://")
        host = rest.split("/", 1)[0]
        return f"{scheme}://{host.replace('{s}', '*')}"


def sources(environment: Mapping[str, str] = os.environ) -> Sources:
    """Sources of the current run."""
    return Sources.from_environment(environment)


def language(environment: Mapping[str, str] = os.environ) -> Language:
    """Default language: ``JANGKAU_LANG``, else Bahasa Indonesia."""
    wanted = environment.get("JANGKAU_LANG", "id")
    return next((known for known in LANGUAGES if known == wanted), "id")


def base_path(environment: Mapping[str, str] = os.environ) -> str:
    """Path of the app at a web server in front, ``JANGKAU_BASE_PATH``: ``/jangkau``; empty for its root.

    Raises
    ------
    ParameterError
        If it is no path of letters, digits, ``.``, ``_`` and ``-``.
    """
    said = environment.get("JANGKAU_BASE_PATH", "").strip("/")
    if said and not all(re.fullmatch(r"[\w-][\w.-]*", part, re.ASCII) for part in said.split("/")):
        raise ParameterError("web.base_path", Place(value=said))
    return f"/{said}" if said else ""


def tiles(environment: Mapping[str, str] = os.environ) -> Tiles | None:
    """Tile server of ``JANGKAU_TILE_URL`` and ``JANGKAU_TILE_ATTRIBUTION``; None unless a web address."""
    url = environment.get("JANGKAU_TILE_URL", "")
    if not url.startswith(("https://", "http://")):
        return None
    return Tiles(url, environment.get("JANGKAU_TILE_ATTRIBUTION", ""))
