"""Kinds of asset from ``kinds.toml``."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pandas as pd

from coverage.base.errors import ParameterError, Place
from coverage.base.kinds import AssetKind, AssetKinds, LandmarkKind
from coverage.readers.shipped import data_dir
from coverage.readers.toml import load_toml, validated

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


def asset_kinds() -> AssetKinds:
    """Kinds by name, in legend order; ParameterError names the file, the field, the value and what is wrong with it."""
    return _read(data_dir())


def is_private(kinds: pd.Series) -> pd.Series:
    """Which kinds are for signed-in users only: all not declared public."""
    return kinds.notna() & ~kinds.isin(asset_kinds().public)


def landmark_kinds(role: str | None = None) -> dict[str, LandmarkKind]:
    """Kinds of landmark by name, in the order of legends; those of a role, if named."""
    found = _read_landmarks(data_dir() / "landmarks.toml")
    return {name: kind for name, kind in found.items() if role in (None, kind.role)}


@lru_cache(maxsize=8)
def _read_landmarks(path: Path) -> dict[str, LandmarkKind]:
    return {key: validated(LandmarkKind, record, path, key) for key, record in load_toml(path).items()}


@lru_cache(maxsize=8)
def _read(folder: Path) -> AssetKinds:
    path = folder / "kinds.toml"
    kinds = AssetKinds()
    for key, record in load_toml(path).items():
        if not _KEY.fullmatch(key):  # part of names of files, layers and views
            raise ParameterError("parameters.invalid", Place(file=str(path)), field=key, problem="a-z, 0-9, _")
        kinds[key] = validated(AssetKind, record, path, key)
    return kinds
