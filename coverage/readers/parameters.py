"""Parameters from TOML: shipped, overlaid with a planner's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coverage.base.errors import ParameterError, Place
from coverage.base.parameters import Parameters
from coverage.ranking.scoring import decision_methods
from coverage.reach.link_budget import RadioParameters
from coverage.readers.antennas import read_msi
from coverage.readers.shipped import data_dir
from coverage.readers.toml import load_toml, overlay, validated
from coverage.villages_served.rule_methods import rule_methods


def read_parameters(path: Path | None = None) -> Parameters:
    """Read the parameters that ship, overlaid with those of ``path``.

    Parameters
    ----------
    path
        A TOML file with any of the tables ``kinds``, ``rule`` (a list; a rule of a known name replaces only the values
        it names), ``default_rule``, ``priority``, ``pockets``, ``cell_m``, ``row_m``,
        ``reach_model``, ``terrain_cell_m``, ``missing_ground``, ``radio`` (whose ``antennas`` are MSI files beside it).

    Raises
    ------
    ParameterError
        Naming the file, the field, the value and what is wrong with it.
    """
    shipped = data_dir()
    rules = load_toml(shipped / "rules.toml")
    priority = load_toml(shipped / "priority.toml")
    values: dict[str, Any] = {
        "kinds": load_toml(shipped / "kinds.toml"),
        "rule": rules["rule"],
        "default_rule": rules["default_rule"],
        "priority": priority,
        "pockets": rules["pockets"],
        "statements": rules.get("statements", {}),
        "radio": load_toml(shipped / "radio.toml"),
    }
    own = load_toml(path) if path else {}
    _check_form(own, values, path)
    overlay(values, own)
    values["radio"]["antennas"] = _antennas(values["radio"]["antennas"], path.parent if path else shipped, path)
    values["rules"] = values.pop("rule")
    values["priority"]["criteria"] = values["priority"].pop("criterion")
    values["radio"] = validated(RadioParameters, values["radio"], path, "radio")
    parameters = validated(Parameters, values, path)
    _check_methods(parameters, path)
    return parameters


def _check_form(own: dict[str, Any], shipped: dict[str, Any], path: Path | None, within: str = "") -> None:
    """Refuse a value in place of a table or list that ships."""
    for name, value in own.items():
        old = shipped.get(name)
        if isinstance(old, dict | list) and not isinstance(value, type(old)):
            form = f"[{within}{name}]" if isinstance(old, dict) else f"{name} = [...]"
            place = Place(file=str(path), value=value)
            raise ParameterError("parameters.invalid", place, field=f"{within}{name}", problem=form)
        if isinstance(old, dict):
            _check_form(value, old, path, f"{within}{name}.")


def _antennas(listed: list[Any], folder: Path, path: Path | None) -> list[Any]:
    """Patterns of MSI files; no two of one name, as a list could mean either."""
    found = [read_msi(folder / one).model_dump() if isinstance(one, str) else one for one in listed]
    files: dict[str, str] = {}
    for one, pattern in zip(listed, found, strict=True):
        name = str(pattern.get("name")) if isinstance(pattern, dict) else ""
        file = one if isinstance(one, str) else "radio.antennas"
        if other := files.get(name.casefold()):
            raise ParameterError("antenna.twice", Place(file=str(path), value=name), first=other, second=file)
        files |= {name.casefold(): file}
    return found


def _check_methods(parameters: Parameters, path: Path | None) -> None:
    asked = [("priority.method", parameters.priority.method, list(decision_methods()))]
    asked += [(f"rule.{rule.name}.method", rule.method, list(rule_methods())) for rule in parameters.rules]
    for field, name, offered in asked:
        if name not in offered:
            place = Place(file=str(path) if path else None, value=name)
            raise ParameterError("parameters.invalid", place, field=field, problem=", ".join(offered))
