"""The base of everything that is set by name and value."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ParameterModel(BaseModel):
    """A frozen set of named values that refuses names it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
