"""Options shared by files, commands and pages, in a module that is quick to import."""

from __future__ import annotations

from typing import Literal

Measure = Literal["count", "per_km2", "per_hectare"]
"""Unit of a population raster."""
ReachModel = Literal["auto", "radius", "line_of_sight", "signal"]
"""Model of a tower's reach; ``auto`` is signal where elevation is given, else radius."""
MissingGround = Literal["unknown", "radius"]
"""What counts where a terrain model lacks heights: nothing is known, or circles."""
DateOrder = Literal["dmy", "mdy"]
"""Whether 03/04/2024 is the third of April or the fourth of March."""
