"""Costs from TOML: shipped, overlaid with a planner's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coverage.readers.shipped import data_dir
from coverage.readers.toml import load_toml, overlay, validated
from coverage.rollout.measures import Costs


def read_costs(path: Path | None = None) -> Costs:
    """Read the costs that ship, overlaid with those of ``path``.

    Parameters
    ----------
    path : a TOML file in the form of ``data/costs.toml``; a measure of a known name replaces only what it names

    Raises
    ------
    ParameterError
        Naming the file, the field, the value and what is wrong with it.
    """
    values: dict[str, Any] = load_toml(data_dir() / "costs.toml")
    if path:
        overlay(values, load_toml(path))
    values["measures"] = values.pop("measure")
    return validated(Costs, values, path)
