"""TOML settings: load, overlay, validate."""

from __future__ import annotations

import copy
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from coverage.base.errors import ParameterError, Place

Model = TypeVar("Model", bound=BaseModel)


def load_toml(path: Path) -> dict[str, Any]:
    """Load a file; ParameterError if it is missing, unreadable, or not TOML."""
    try:
        return copy.deepcopy(_parsed(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise ParameterError("file.not_found", Place(file=str(path))) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ParameterError("parameters.unreadable", Place(file=str(path)), problem=str(error)) from error


@lru_cache(maxsize=32)
def _parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


def overlay(values: dict[str, Any], own: dict[str, Any]) -> None:
    """Overlay ``values`` with ``own`` in place; lists of named entries merge by name, everything else is replaced."""
    for key, value in own.items():
        old = values.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            overlay(old, value)
        elif isinstance(old, list) and isinstance(value, list) and all(_named(e) for e in [*old, *value]):
            by_name = {entry["name"]: dict(entry) for entry in old}
            for entry in value:
                by_name.setdefault(entry["name"], {}).update(entry)
            values[key] = list(by_name.values())
        else:
            values[key] = value


def _named(entry: Any) -> bool:
    return isinstance(entry, dict) and "name" in entry


def validated(model: type[Model], values: dict[str, Any], path: Path | None, part: str = "") -> Model:
    """Validate values of ``path`` as a model.

    Raises ParameterError naming the file, the field, the value and what is wrong with it.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(name) for name in (*([part] if part else []), *first["loc"]))
        place = Place(file=str(path) if path else None, value=first.get("input"))
        raise ParameterError("parameters.invalid", place, field=field, problem=first["msg"]) from error
