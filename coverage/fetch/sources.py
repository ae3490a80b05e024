"""Sources of public data: ``data/sources.toml``, or a file of the planner's own."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from coverage.base.errors import ParameterError, Place
from coverage.base.model_options import Measure
from coverage.readers.shipped import data_dir
from coverage.readers.toml import load_toml, validated

Fetched = Literal["boundaries", "crosswalk", "people", "elevation", "basemap"]


class Source(BaseModel):
    """One source; fields as in ``data/sources.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    form: Literal["arcgis", "geojson", "bridge", "cog", "tiles", "overpass"]
    url: str
    hosts: tuple[str, ...] = ()
    private: bool = False
    max_mb: float = Field(default=200, gt=0)
    where: str = "1=1"
    order: str = ""
    page: int = Field(default=100, ge=1, le=2000)
    measure: Measure | None = None
    margin_km: float = Field(default=0, ge=0, le=100)
    dated: str | None = None
    licence: str = ""
    attribution: str = ""
    page_url: str = ""

    @field_validator("url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or "{" in parts.netloc:
            raise ValueError("not a web address")
        return url

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Hosts that may be asked."""
        return frozenset({(urlsplit(self.url).hostname or "").lower(), *(host.lower() for host in self.hosts)})


def read_source(kind: Fetched, name: str | None = None, path: Path | None = None) -> Source:
    """Read a source.

    Parameters
    ----------
    name : of the source; by default the first of its kind
    path : file of sources; the one that ships by default, or where ``path`` has none of the kind

    Raises
    ------
    ParameterError
        If the file is no TOML, or has no such source.
    """
    own = load_toml(path).get(kind) if path else None
    sources = own or load_toml(data_dir() / "sources.toml").get(kind, {})
    chosen = name or next(iter(sources), None)
    if chosen not in sources:
        raise ParameterError(
            "fetch.unknown_source", Place(file=str(path) if path else None, value=chosen), offered=sorted(sources)
        )
    said = sources[chosen]
    return validated(Source, {**said, "name": chosen} if isinstance(said, dict) else said, path, f"{kind}.{chosen}")
