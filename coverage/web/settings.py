"""What a machine sets for the screen: which region and lists to show, the language, a tile server.

All of it comes from the environment, so that ``jangkau serve``, ``streamlit run app.py`` and ``uvicorn app:app`` are
started alike. Lists of files are separated as the system separates paths (``:``, on Windows ``;``).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coverage.language.words import LANGUAGES, Language
from coverage.store.region_files import Kind


@dataclass(frozen=True)
class Sources:
    """The files behind the run on the screen; none at all means the region that ships."""

    region: str | None = None
    assets: tuple[Path, ...] = ()
    people: Path | None = None
    evidence: tuple[Path, ...] = ()
    crosswalk: Path | None = None
    parameters: Path | None = None
    elevation: tuple[Path, ...] = ()
    clutter: Path | None = None
    measurements: tuple[Path, ...] = ()
    tried: tuple[tuple[str, Kind, str], ...] = ()
    """Versions of a region's files that are tried before they count: region, kind and name of the version."""

    def files(self) -> list[Path]:
        """Every file named, in a fixed order; a region given by its code is no file."""
        region = [Path(self.region)] if self.region and Path(self.region).is_file() else []
        single = [self.people, self.crosswalk, self.parameters, self.clutter]
        return [
            *region,
            *self.assets,
            *self.evidence,
            *self.elevation,
            *self.measurements,
            *(path for path in single if path),
        ]


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
    """Read which files to show.

    From ``JANGKAU_REGION``, ``JANGKAU_ASSETS``, ``JANGKAU_PEOPLE``, ``JANGKAU_EVIDENCE``, ``JANGKAU_CROSSWALK``,
    ``JANGKAU_PARAMETERS``, ``JANGKAU_ELEVATION``, ``JANGKAU_CLUTTER`` and ``JANGKAU_MEASUREMENTS``.
    """
    return Sources(
        region=environment.get("JANGKAU_REGION") or None,
        assets=_paths(environment, "JANGKAU_ASSETS"),
        people=_path(environment, "JANGKAU_PEOPLE"),
        evidence=_paths(environment, "JANGKAU_EVIDENCE"),
        crosswalk=_path(environment, "JANGKAU_CROSSWALK"),
        parameters=_path(environment, "JANGKAU_PARAMETERS"),
        elevation=_paths(environment, "JANGKAU_ELEVATION"),
        clutter=_path(environment, "JANGKAU_CLUTTER"),
        measurements=_paths(environment, "JANGKAU_MEASUREMENTS"),
    )


def to_environment(chosen: Sources) -> dict[str, str]:
    """The same as variables: the inverse of :func:`sources`."""
    values = {
        "JANGKAU_REGION": chosen.region or "",
        "JANGKAU_ASSETS": _joined(chosen.assets),
        "JANGKAU_PEOPLE": str(chosen.people or ""),
        "JANGKAU_EVIDENCE": _joined(chosen.evidence),
        "JANGKAU_CROSSWALK": str(chosen.crosswalk or ""),
        "JANGKAU_PARAMETERS": str(chosen.parameters or ""),
        "JANGKAU_ELEVATION": _joined(chosen.elevation),
        "JANGKAU_CLUTTER": str(chosen.clutter or ""),
        "JANGKAU_MEASUREMENTS": _joined(chosen.measurements),
    }
    return {name: value for name, value in values.items() if value}


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


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    return Path(value) if value else None


def _paths(environment: Mapping[str, str], name: str) -> tuple[Path, ...]:
    return tuple(Path(part) for part in environment.get(name, "").split(os.pathsep) if part)


def _joined(paths: Sequence[Path]) -> str:
    return os.pathsep.join(str(path) for path in paths)
