"""Parameters from TOML: the ones that ship, with a planner's own on top."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from coverage.base.errors import ParameterError, Place
from coverage.base.parameters import Parameters
from coverage.reach.link_budget import RadioParameters
from coverage.readers.shipped import data_dir


def read_parameters(path: Path | None = None) -> Parameters:
    """Read the parameters that ship, overlaid with those of ``path``.

    Parameters
    ----------
    path
        A TOML file with any of the tables ``kinds``, ``rule`` (a list; a rule of a known name replaces only the values
        it names), ``default_rule``, ``priority``, ``cell_m``, ``row_m``, ``reach_model``,
        ``terrain_cell_m``, ``missing_ground``, ``radio``.

    Raises
    ------
    ParameterError
        Naming the file, the field, the value and what is wrong with it.
    """
    shipped = data_dir()
    rules = _load(shipped / "rules.toml")
    priority = _load(shipped / "priority.toml")
    values: dict[str, Any] = {
        "kinds": _load(shipped / "kinds.toml"),
        "rule": rules["rule"],
        "default_rule": rules["default_rule"],
        "priority": priority,
        "radio": _load(shipped / "radio.toml"),
    }
    own = _load(path) if path else {}
    _overlay(values, own)
    values["rules"] = values.pop("rule")
    values["priority"]["criteria"] = values["priority"].pop("criterion")
    part = ["radio"]
    try:
        values["radio"] = RadioParameters.model_validate(values["radio"])
        part = []
        return Parameters.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(name) for name in (*part, *first["loc"]))
        raise ParameterError(
            "parameters.invalid",
            Place(file=str(path) if path else None, value=first.get("input")),
            field=field,
            problem=first["msg"],
        ) from error


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ParameterError("file.not_found", Place(file=str(path))) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ParameterError("parameters.unreadable", Place(file=str(path)), problem=str(error)) from error


def _overlay(values: dict[str, Any], own: dict[str, Any]) -> None:
    """Put ``own`` over ``values`` in place; lists of named entries are merged by name, everything else replaced."""
    for key, value in own.items():
        old = values.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _overlay(old, value)
        elif isinstance(old, list) and isinstance(value, list) and all(_named(e) for e in [*old, *value]):
            by_name = {entry["name"]: dict(entry) for entry in old}
            for entry in value:
                by_name.setdefault(entry["name"], {}).update(entry)
            values[key] = list(by_name.values())
        else:
            values[key] = value


def _named(entry: Any) -> bool:
    return isinstance(entry, dict) and "name" in entry
