"""Kinds of asset: what each gives, how it is treated, drawn and named.

One record a kind (``data/kinds.toml``, read by :mod:`coverage.readers.kinds`); code asks the record, never the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from coverage.base.parameter_model import ParameterModel
from coverage.base.schema import SERVICES

Geometry = Literal["point", "line", "area"]
Shape = Literal["circle", "square", "triangle", "diamond", "star", "cross", "line", "area"]
GEOMETRY_TYPES: dict[Geometry, tuple[str, ...]] = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "area": ("Polygon", "MultiPolygon"),
}
"""Types of geometry, as of Simple Features, that an asset of a kind may have."""


class Sign(ParameterModel):
    """Map sign; ``size`` is relative, 1 for most."""

    shape: Shape
    colour: str = Field(default="#444444", pattern="^#[0-9A-Fa-f]{6}$")
    size: float = Field(default=1.0, gt=0, le=3)


class ServiceReach(ParameterModel):
    """A service that a kind of asset gives, and how far.

    ``band_min_mhz`` (inclusive), ``band_max_mhz`` (exclusive) and ``on_fiber`` narrow it to some assets of
    the kind; of several that fit, the first counts. An asset without a band takes the entry without a band
    condition, else the first one.
    """

    service: str
    reach_m: float = Field(gt=0)
    reach_min_m: float | None = None
    reach_max_m: float | None = None
    band_min_mhz: float | None = None
    band_max_mhz: float | None = None
    on_fiber: bool | None = None
    source: str

    @model_validator(mode="after")
    def _service_is_known(self) -> ServiceReach:
        if self.service not in SERVICES:
            raise ValueError(f"service {self.service!r} is none of {SERVICES}")
        return self


class AssetKind(ParameterModel):
    """A kind of asset.

    Attributes
    ----------
    gives : services, its main one first
    height_m, height_source : assumed where a record has no height
    feeds : whether a radio link may start from it
    fiber : whether it is part of a fibre network: a node where routes start, or a route
    small_cell : whether it sends with the power and gain of a small cell instead of those of a mast
    repeats : whether it sends on only what it hears of others that give the same service
    geometry, proposable, private, sign, name, spelled
        No part of the parameters of a run, for they change no figure: whether it is a point, a line or an area;
        whether a plan or a trial may put a new one somewhere; whether its positions are kept from visitors and from
        files for the public; how it is drawn; what it is called in each language, as in the middle of a sentence; how
        else offices write it (lower case, ``_`` between words).
    """

    gives: tuple[ServiceReach, ...] = ()
    height_m: float | None = None
    height_source: str | None = None
    feeds: bool = False
    fiber: bool = False
    small_cell: bool = False
    repeats: bool = False
    geometry: Geometry = Field(default="point", exclude=True)
    proposable: bool = Field(default=False, exclude=True)
    private: bool = Field(default=False, exclude=True)
    sign: Sign = Field(default_factory=lambda made: Sign(shape=_DEFAULT_SHAPES[made["geometry"]]), exclude=True)
    name: dict[str, str] = Field(default_factory=dict, exclude=True)
    spelled: tuple[str, ...] = Field(default=(), exclude=True)

    @model_validator(mode="after")
    def _sign_fits(self) -> AssetKind:
        if (self.sign.shape if self.sign.shape in ("line", "area") else "point") != self.geometry:
            raise ValueError(f"a {self.geometry} cannot be drawn as a {self.sign.shape}")
        if self.geometry != "point" and self.gives:
            raise ValueError("what gives a service is a point")
        if self.geometry == "area" and (self.fiber or self.feeds or self.small_cell):
            raise ValueError("an area is no part of a network")
        if (self.proposable or self.repeats) and not self.gives:
            raise ValueError("what may be proposed, or repeats, gives a service")
        return self

    @property
    def service(self) -> str | None:
        """The service it is there for."""
        return self.gives[0].service if self.gives else None

    @property
    def reach_m(self) -> float | None:
        """Usual reach of that service: of the entry without a condition, else of the first one."""
        entries = [one for one in self.gives if one.service == self.service]
        usual = [one for one in entries if one.band_min_mhz is None and one.band_max_mhz is None]
        return (usual or entries)[0].reach_m if entries else None


class LandmarkKind(ParameterModel):
    """A kind of landmark: a hamlet, a public-service point, a busy place.

    Attributes
    ----------
    role : ``hamlet`` names pockets, ``service`` may ask for an access point, ``watched`` is held against cameras
    name, spelled, sign : as of a kind of asset
    """

    role: Literal["hamlet", "service", "watched"] = "service"
    name: dict[str, str] = Field(default_factory=dict)
    spelled: tuple[str, ...] = ()
    sign: Sign


_DEFAULT_SHAPES: dict[str, Shape] = {"point": "circle", "line": "line", "area": "area"}
NO_RECORD = AssetKind(private=True)
"""An asset of a kind without a record: drawn, counted, and kept from visitors, for nobody said that it is public."""


class AssetKinds(dict[str, AssetKind]):
    """Kinds by name, in the order of legends."""

    def of(self, name: str) -> AssetKind:
        """The record of a kind, :data:`NO_RECORD` where there is none."""
        return self.get(name, NO_RECORD)

    @cached_property
    def public(self) -> tuple[str, ...]:
        """Kinds whose positions anybody may see."""
        return tuple(name for name, kind in self.items() if not kind.private)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Kinds that are lines."""
        return self.drawn_as("line")

    def drawn_as(self, geometry: Geometry) -> tuple[str, ...]:
        """Kinds of a geometry."""
        return tuple(name for name, kind in self.items() if kind.geometry == geometry)

    @cached_property
    def proposable(self) -> tuple[str, ...]:
        """Kinds that a plan or a trial may put somewhere."""
        return tuple(name for name, kind in self.items() if kind.proposable)


def giving(kinds: Mapping[str, AssetKind], service: str) -> list[str]:
    """Kinds that are there for a service."""
    return [name for name, kind in kinds.items() if kind.service == service]


def giving_alone(kinds: Mapping[str, AssetKind], service: str) -> list[str]:
    """Kinds that are there for a service and repeat no other's."""
    return [name for name in giving(kinds, service) if not kinds[name].repeats]


def fiber_nodes(kinds: Mapping[str, AssetKind]) -> list[str]:
    """Kinds where a fibre route may start."""
    return [name for name, kind in kinds.items() if kind.fiber and kind.geometry == "point"]
