"""Measures: conditions, reach and cost.

Amounts are indicative whole rupiah. Capital is paid in the year of building; running cost every year from then on.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from coverage.base.parameter_model import ParameterModel
from coverage.base.schema import SERVICES

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Needs = Literal["connection", "route", "link", "nothing"]
"""``connection``: an operational connection point within ``longest_m`` of the village centre; ``route``: a fibre route
from an existing node of at most ``longest_m``; ``link``: a tower, node or radio link within ``longest_m`` in clear line
of sight, or within ``longest_unchecked_m`` where the terrain was not checked."""


class Figure(ParameterModel):
    """A value with year and source."""

    value: float = Field(ge=0)
    year: int = Field(ge=1990, le=2100)
    source: str = Field(min_length=1)


class Cost(Figure):
    """A cost in rupiah per ``site``, ``km`` of route or ``mast_m``, or a share of the ``capital``."""

    name: str
    per: Literal["site", "km", "mast_m", "capital"] = "site"


class Measure(ParameterModel):
    """A kind of thing that can be built in a village.

    ``service`` is what it gives within ``reach_m`` of the village centre; ``kind`` is the kind of asset that it leaves,
    the first that is there for the service where none is named.
    """

    name: str
    service: str
    kind: str | None = None
    needs: Needs
    reach_m: Figure
    longest_m: Figure | None = None
    longest_unchecked_m: Figure | None = None
    mast_m: Figure | None = None
    capital: tuple[Cost, ...] = ()
    running: tuple[Cost, ...] = ()
    enabled: bool = True

    @model_validator(mode="after")
    def _holds_together(self) -> Measure:
        if self.service not in SERVICES:
            raise ValueError(f"service {self.service!r} is none of {SERVICES}")
        if self.needs != "nothing" and self.longest_m is None:
            raise ValueError(f"measure {self.name!r} needs a {self.needs}, so it must say longest_m")
        if any(cost.per == "capital" for cost in self.capital):
            raise ValueError(f"measure {self.name!r}: capital cannot be a share of capital")
        return self

    def capital_idr(self, route_m: Floats, mast_m: Floats) -> Integers:
        """Capital of one site each, without what is shared with others beyond its own route.

        Parameters
        ----------
        route_m, mast_m : length of route and height of mast in metres, shape (n,)

        Returns
        -------
        numpy.ndarray
            Whole rupiah, shape (n,).
        """
        size = {"site": np.ones_like(route_m), "km": route_m / 1000, "mast_m": mast_m}
        amounts = [cost.value * size[cost.per] for cost in self.capital]
        return _rupiah(sum(amounts, start=np.zeros_like(route_m)))

    def route_idr(self, length_m: Floats) -> Integers:
        """Capital of pieces of route alone: what costs by the kilometre; whole rupiah, shape (n,)."""
        return _rupiah(length_m / 1000 * sum(cost.value for cost in self.capital if cost.per == "km"))

    def running_idr(self, capital_idr: Integers, sites: Floats) -> Integers:
        """Running cost a year of what cost ``capital_idr``; ``sites`` is 1, or 0 for a piece of trunk alone.

        Returns
        -------
        numpy.ndarray
            Whole rupiah a year, shape (n,).
        """
        yearly = np.zeros(len(sites))
        for cost in self.running:
            yearly = yearly + cost.value * (capital_idr if cost.per == "capital" else sites)
        return _rupiah(yearly)


class Budget(ParameterModel):
    """Default budget."""

    first_year: int = Field(ge=1990, le=2100)
    years: int = Field(ge=1, le=10)
    idr_a_year: int = Field(ge=0)
    source: str = Field(min_length=1)


class Costs(ParameterModel):
    """Contents of ``data/costs.toml``."""

    measures: tuple[Measure, ...]
    budget: Budget
    horizon_years: Figure
    discount_rate: Figure
    detour_factor: Figure
    water_m: Figure
    link_ghz: Figure
    tallest_mast_m: Figure

    @model_validator(mode="after")
    def _holds_together(self) -> Costs:
        names = [measure.name for measure in self.measures]
        if len(set(names)) != len(names):
            raise ValueError("two measures have the same name")
        if self.horizon_years.value < 1 or self.horizon_years.value != int(self.horizon_years.value):
            raise ValueError("horizon_years must be a whole number of at least 1")
        if self.detour_factor.value < 1:
            raise ValueError("detour_factor must be at least 1")
        return self


GENERAL = ("discount_rate", "horizon_years", "detour_factor")
"""Figures beside the measures that can be replaced."""


def with_values(costs: Costs, values: dict[str, float]) -> Costs:
    """Replace values; keys are ``measure.capital.0`` or a name of :data:`GENERAL`.

    Raises ValueError if a value is invalid, such as a horizon below one year.
    """
    document = costs.model_dump()
    for measure in document["measures"]:
        for kind in ("capital", "running"):
            for position, cost in enumerate(measure[kind]):
                cost["value"] = values.get(f"{measure['name']}.{kind}.{position}", cost["value"])
    for name in GENERAL:
        document[name]["value"] = values.get(name, document[name]["value"])
    return Costs.model_validate(document)


def _rupiah(amount: Floats) -> Integers:
    return np.rint(amount).astype(np.int64)


def present_value(capital_idr: Integers, running_idr: Integers, years: int, rate: float) -> Integers:
    """Cost of building now and running for ``years``, discounted to the year of building.

    Capital + Σ running / (1 + rate)^k over k = 0 .. years - 1: running cost is due from the first year on.

    Returns
    -------
    numpy.ndarray
        Whole rupiah, shape of ``capital_idr``.

    Examples
    --------
    >>> present_value(np.array([100]), np.array([10]), 3, 0.0).tolist()
    [130]
    """
    factor = float((1.0 / (1.0 + rate) ** np.arange(years)).sum())
    return _rupiah(capital_idr + running_idr * factor)
