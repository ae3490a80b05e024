"""Contents of ``data/proposals.toml``: stages and what may follow each, channels and what each asks for."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from coverage.base.parameter_model import ParameterModel

By = Literal["run", "office", "village", "owner", "operator"]
"""Who can fill an item: the run itself, the district's office, the village, the owner of the land, an operator."""
Filled = Literal["place", "people", "signal", "tower", "fiber", "official", "facilities", "photos", "paper", "answer"]
"""How an item is filled: by fields of the proposal, by figures of a run, by files, or by an answer of the office."""


class Text(ParameterModel):
    """A text in the languages of the program."""

    id: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_language(self, language: str) -> str:
        """The text in one language."""
        return self.en if language == "en" else self.id


class Stage(ParameterModel):
    """A stage; ``next`` may follow it, ``open`` tells whether the proposal still waits for something.

    ``ours`` where the next step is the district's own: a deadline concerns these.
    """

    next: tuple[str, ...] = ()
    open: bool = True
    ours: bool = False
    funded: bool = False
    """Whether what is asked for comes, or is there: approved, built, on air."""
    built: bool = False


class Item(ParameterModel):
    """Something that a channel asks for."""

    name: Text
    filled: Filled = "answer"
    by: By
    files: int = Field(default=0, ge=0)
    """So many files make it whole."""
    source: Text
    assumed: bool = False
    """Whether no public source says that it is asked for."""


class Channel(ParameterModel):
    """A way to ask: what it takes proposals for, and the items in its order."""

    name: Text
    takes: tuple[str, ...] = Field(min_length=1)
    items: tuple[str, ...] = Field(min_length=1)
    costs_district: bool
    source: Text


class ProposalRules(ParameterModel):
    """The rules of the register."""

    same_place_m: float = Field(gt=0)
    """Two points nearer than this are the same."""
    near_days: int = Field(gt=0)
    """A deadline nears from so many days before it."""
    measured_m: float = Field(gt=0)
    """A measurement within this distance is of the point."""
    asked: tuple[str, ...]
    stages: dict[str, Stage]
    items: dict[str, Item]
    channels: dict[str, Channel]

    @model_validator(mode="after")
    def _holds_together(self) -> ProposalRules:
        for name, stage in self.stages.items():
            if unknown := set(stage.next) - set(self.stages):
                raise ValueError(f"stage {name!r} is followed by {sorted(unknown)}, which are none")
        for name, channel in self.channels.items():
            unknown = (set(channel.items) - set(self.items)) | (set(channel.takes) - set(self.asked))
            if unknown:
                raise ValueError(f"channel {name!r} names {sorted(unknown)}, which are none")
        return self

    @property
    def first(self) -> str:
        """The stage of a new proposal."""
        return next(iter(self.stages))
