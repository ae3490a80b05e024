"""The rules of the register of proposals from ``proposals.toml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from coverage.proposals.rules import ProposalRules
from coverage.readers.shipped import data_dir
from coverage.readers.toml import load_toml, validated


def proposal_rules() -> ProposalRules:
    """Stages, channels and items; ParameterError names the file, the field, the value and what is wrong with it."""
    return _read(data_dir() / "proposals.toml")


@lru_cache(maxsize=8)
def _read(path: Path) -> ProposalRules:
    return validated(ProposalRules, load_toml(path), path)
