"""What a planner may set: asset kinds, rules, and the weights of the priority. Every value keeps its source.

The values come from TOML files (`data/kinds.toml`, `data/rules.toml`, `data/priority.toml`), read by
:mod:`coverage.readers.parameters`; here is only their form.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SerializeAsAny, model_validator

from coverage.base.kinds import AssetKind
from coverage.base.model_options import MissingGround, ReachModel
from coverage.base.parameter_model import ParameterModel
from coverage.base.schema import CONNECTION

Direction = Literal["more_is_urgent", "less_is_urgent"]
Transformation = Literal["linear", "logarithm", "square_root"]


class Rule(ParameterModel):
    """When a village is a blank spot, by a method of :mod:`coverage.villages_served.methods`.

    ``share``: blank where the share of people in reach of the union of ``services`` is below ``blank_below``
    (zero: where nobody at all is), weak below ``weak_below``. A village in reach is served whatever is
    missing; one out of reach is unknown unless lists of assets were given for all services in ``needs``.
    ``strong``: where the signal is known, only people with strong signal count against ``weak_below``.
    ``listed``: blank where the village is on the office's list; unknown without a list.
    """

    name: str
    method: str = "share"
    services: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    blank_below: float = Field(default=0.0, ge=0, le=1)
    weak_below: float = Field(default=0.0, ge=0, le=1)
    strong: bool = False
    enabled: bool = True
    source: str

    @property
    def is_list(self) -> bool:
        """Whether it repeats what the office's own list says, and rests on no asset."""
        return self.method == "listed"

    @property
    def service(self) -> str:
        """The row of the village service table that decides: the one service, or their union."""
        return self.services[0] if len(self.services) == 1 else CONNECTION

    @property
    def asks_for_anybody(self) -> bool:
        """Whether one person in reach is enough for it: what it calls served may be a small part of a village."""
        return self.method == "share" and not self.blank_below and not self.weak_below

    def is_about(self, service: str) -> bool:
        """Whether it judges one service alone."""
        return self.method == "share" and self.services == (service,)


class Criterion(ParameterModel):
    """One criterion of the priority.

    ``scale_from`` and ``scale_to`` are the raw values that count as 0 and 1 (before the direction is applied); where
    absent, the natural ends of the criterion are taken (:func:`coverage.ranking.criteria.scale_ends`). ``column`` names
    a column of a table brought by the planner, keyed by village code.
    """

    name: str
    weight: float = Field(ge=0)
    direction: Direction = "more_is_urgent"
    transformation: Transformation = "linear"
    unit: str = ""
    column: str | None = None
    scale_from: float | None = None
    scale_to: float | None = None
    source: str


class PairwiseComparison(ParameterModel):
    """One pairwise comparison: ``first`` is ``times`` as important as ``second`` (1/9 to 9)."""

    first: str
    second: str
    times: float = Field(ge=1 / 9, le=9)


class PriorityParameters(ParameterModel):
    """How villages are put in order.

    ``weighting`` says where the weights are from: as ``chosen`` in the criteria, from the pairwise
    ``comparisons`` (AHP), or by ``entropy``. ``first`` is the k of "how often among the first k". What is ``offered``
    counts for nothing until it is moved to ``criteria``.
    """

    criteria: tuple[Criterion, ...]
    offered: tuple[Criterion, ...] = ()
    method: str = "weighted_sum"
    weighting: Literal["chosen", "pairwise", "entropy"] = "chosen"
    comparisons: tuple[PairwiseComparison, ...] = ()
    first: int = Field(default=10, ge=1)
    states: tuple[str, ...] = ("blank", "weak")
    seed: int = 1
    draws: int = Field(default=1000, ge=1, le=100_000)
    spread: float = Field(default=0.2, ge=0, le=1)


class PocketParameters(ParameterModel):
    """What counts as a pocket of people without service (:mod:`coverage.villages_served.pockets`).

    ``gap_m`` is the distance between centres of cells up to which they belong together, ``least_people`` the people
    below which a group is scattered and no pocket. ``near_m`` is the distance from a pocket within which a hamlet names
    it, and from a service point within which people count as near.
    """

    gap_m: float = Field(default=250.0, gt=0)
    least_people: float = Field(default=10.0, ge=0)
    near_m: float = Field(default=500.0, ge=0)
    source: str = ""


class StatementParameters(ParameterModel):
    """How much each source says of a village's state (:mod:`coverage.villages_served.statements`).

    ``weight`` is that of a statement of today, by source; ``half_life_years`` the age at which half of it is left.
    """

    weight: dict[str, float] = Field(default_factory=dict)
    half_life_years: float = Field(default=3.0, gt=0)
    source: str = ""


class Parameters(ParameterModel):
    """Everything that a run depends on beside its tables.

    ``reach_model`` says where towers reach: circles of a ``radius``, what is in ``line_of_sight``, or where a phone has
    ``signal`` (ITU-R P.1812). ``auto`` is ``signal`` where elevation is given, else ``radius``: signal is the only one
    that knows how much is left behind a ridge and how weak it is far out. ``radio`` holds what the two terrain models
    need (:class:`coverage.reach.link_budget.RadioParameters`); ``terrain_cell_m`` is the side of a cell of terrain.
    Where heights are missing, ``missing_ground`` says what counts: what rests on them is ``unknown``, or circles of a
    ``radius`` do.
    """

    kinds: dict[str, AssetKind]
    rules: tuple[Rule, ...]
    default_rule: str = "overlay"
    priority: PriorityParameters
    pockets: PocketParameters = PocketParameters()
    statements: StatementParameters = StatementParameters()
    cell_m: float = Field(default=100.0, gt=0)
    row_m: float = Field(default=2.5, gt=0)
    reach_model: ReachModel = "auto"
    terrain_cell_m: float = Field(default=30.0, ge=1)
    missing_ground: MissingGround = "unknown"
    radio: SerializeAsAny[ParameterModel] | None = None

    def rule(self, name: str | None = None) -> Rule:
        """The rule of a name, the default rule unless named."""
        return next(rule for rule in self.rules if rule.name == (name or self.default_rule))

    @model_validator(mode="after")
    def _default_rule_exists(self) -> Parameters:
        if self.default_rule not in {rule.name for rule in self.rules if rule.enabled}:
            raise ValueError(f"default_rule {self.default_rule!r} is not among the enabled rules")
        return self
