"""Words that files, options and pages choose from, where a module that is quick to import needs them."""

from __future__ import annotations

from typing import Literal

Measure = Literal["count", "per_km2", "per_hectare"]
"""What the values of a population raster are."""
ReachModel = Literal["auto", "radius", "line_of_sight", "signal"]
"""How far a tower reaches; ``auto`` takes the signal where elevation is given, else circles."""
MissingGround = Literal["unknown", "radius"]
"""What counts where a terrain model lacks heights: nothing is known, or circles."""
DateOrder = Literal["dmy", "mdy"]
"""Whether 03/04/2024 is the third of April or the fourth of March."""
