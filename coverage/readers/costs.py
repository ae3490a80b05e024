"""Costs from TOML: those that ship, with a planner's own on top."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from coverage.base.errors import ParameterError, Place
from coverage.readers.parameters import _load, _overlay
from coverage.readers.shipped import data_dir
from coverage.rollout.measures import Costs


def read_costs(path: Path | None = None) -> Costs:
    """Read the costs that ship, overlaid with those of ``path``.

    Parameters
    ----------
    path
        A TOML file in the form of ``data/costs.toml``; a measure of a known name replaces only what it names.

    Raises
    ------
    ParameterError
        Naming the file, the field, the value and what is wrong with it.
    """
    values: dict[str, Any] = _load(data_dir() / "costs.toml")
    if path:
        _overlay(values, _load(path))
    values["measures"] = values.pop("measure")
    try:
        return Costs.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise ParameterError(
            "parameters.invalid",
            Place(file=str(path) if path else None, value=first.get("input")),
            field=".".join(str(part) for part in first["loc"]),
            problem=first["msg"],
        ) from error
