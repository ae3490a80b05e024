"""Published counts of blank-spot villages without their names, from ``published.toml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field

from coverage.base.parameter_model import ParameterModel
from coverage.proposals.rules import Text
from coverage.readers.shipped import data_dir
from coverage.readers.toml import load_toml, validated


class PublishedCount(ParameterModel):
    """How many villages a published list has, and how many of them were solved by then; ``date`` is a year."""

    regency: str = Field(pattern=r"^\d{4}$")
    date: str = Field(pattern=r"^\d{4}$")
    until: str | None = Field(default=None, pattern=r"^\d{4}$")
    villages: int = Field(ge=0)
    solved: int | None = Field(default=None, ge=0)
    source: Text


class _Published(ParameterModel):
    lists: tuple[PublishedCount, ...] = ()


def published_counts(regency: str) -> list[PublishedCount]:
    """Counts of a regency by year; ParameterError names the file, the field, the value and what is wrong with it."""
    return sorted((one for one in _read(data_dir() / "published.toml") if one.regency == regency), key=lambda x: x.date)


@lru_cache(maxsize=8)
def _read(path: Path) -> tuple[PublishedCount, ...]:
    return validated(_Published, load_toml(path), path).lists
