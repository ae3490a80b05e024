"""Link budget: from path loss to RSRP and class of signal.

Values come from ``data/radio.toml``, each with its source.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from coverage.base.parameter_model import ParameterModel
from coverage.reach.antenna import Antenna, AntennaPattern
from coverage.reach.p1411 import Surroundings, range_m
from coverage.reach.p1812 import inverse_normal, location_sigma_db

BUILDINGS = {
    "traditional": (12.64, 3.72, 0.96, 9.6, 2.0, 9.1, -3.0, 4.5, -2.0),
    "thermally_efficient": (28.19, -3.0, 8.48, 13.5, 3.8, 27.8, -2.9, 9.4, -2.1),
}
"""Coefficients r, s, t, u, v, w, x, y, z of Table 1 of Recommendation ITU-R P.2109-2."""

_GENERATION = re.compile(r"(?<![a-z0-9])(?:5g ?(?:nr|sa|nsa)|[2-5]g|nr|lte|gsm|umts|wcdma)(?![a-z])", re.IGNORECASE)


class Technology(ParameterModel):
    """One cellular technology in one band.

    ``band_min_mhz`` (inclusive) and ``band_max_mhz`` (exclusive) say which ``band_mhz`` of an asset means it;
    ``frequency_mhz`` is where the downlink is computed; ``power_dbm`` that of one antenna port over all
    ``resource_blocks``; ``access`` tells 5G (``nr``) from 4G in one band.
    """

    name: str
    access: Literal["lte", "nr"] = "lte"
    band_min_mhz: float = Field(gt=0)
    band_max_mhz: float = Field(gt=0)
    frequency_mhz: float = Field(ge=30, le=6000)
    resource_blocks: int = Field(ge=6, le=273)
    power_dbm: float
    gain_dbi: float
    feeder_loss_db: float = Field(ge=0)
    source: str

    def holds(self, band_mhz: float | None) -> bool:
        """Whether a band means this technology."""
        return band_mhz is not None and self.band_min_mhz <= band_mhz < self.band_max_mhz

    @property
    def eirp_per_element_dbm(self) -> float:
        """EIRP of one resource element: a resource block has 12 subcarriers."""
        return self.power_dbm + self.gain_dbi - self.feeder_loss_db - 10 * math.log10(12 * self.resource_blocks)


class SmallCell(ParameterModel):
    """Values of a microcell in place of the technology's."""

    power_dbm: float
    gain_dbi: float
    feeder_loss_db: float = Field(ge=0)
    source: str


class Repeater(ParameterModel):
    """What a repeater makes of what it hears.

    It sends the signal of a mast plus its antenna's ``donor_gain_dbi`` and ``gain_db``, of all signals together at most
    ``power_dbm``, by an antenna of ``gain_dbi``; nothing of what is below ``least_dbm`` (RSRP without antenna gain).
    """

    gain_db: float = Field(default=70.0, ge=0, le=120)
    power_dbm: float = 38.0
    donor_gain_dbi: float = 11.0
    gain_dbi: float = 4.0
    least_dbm: float = -105.0
    source: str = "assumption of Jangkau"


class Phone(ParameterModel):
    """Receiver; ``place`` says which reading counts: outdoors, or indoors less the loss into a ``building``."""

    height_m: float = Field(ge=1, le=100)
    gain_dbi: float
    body_loss_db: float = Field(ge=0)
    place: Literal["outdoor", "indoor"] = "outdoor"
    building: Literal["traditional", "thermally_efficient"] = "traditional"
    building_percent: float = Field(default=50, gt=0, lt=100)
    source: str


class Margin(ParameterModel):
    """Share of places within ``width_m`` that must have the signal, and corrections.

    ``clutter_m`` is the clutter height around the phone, for location variability only. ``calibration_db`` is added to
    every RSRP: zero unless measured and asked for; beside it ``calibration_by_...`` to those of an operator, a band (by
    ``frequency_mhz`` of its technology), and where a kind of ground is (:data:`coverage.reach.terrain.GROUND_KINDS`). A
    state that ``uncertainty_db`` more or less would change is not sure.
    """

    location_percent: float = Field(ge=1, le=99)
    width_m: float = Field(gt=0, le=1000)
    clutter_m: float = Field(ge=0)
    calibration_db: float = 0.0
    calibration_by_operator: dict[str, float] = Field(default_factory=dict)
    calibration_by_band: dict[str, float] = Field(default_factory=dict)
    calibration_by_ground: dict[str, float] = Field(default_factory=dict)
    uncertainty_db: float = Field(default=6.0, ge=0, le=40)
    source: str


class Thresholds(ParameterModel):
    """Least RSRP of each class."""

    strong_dbm: float
    weak_dbm: float
    source: str

    @model_validator(mode="after")
    def _in_order(self) -> Thresholds:
        if self.weak_dbm > self.strong_dbm:
            raise ValueError("weak_dbm is above strong_dbm")
        return self


class Sector(ParameterModel):
    """Pattern of a sector antenna; the vertical one counts where a tilt is known.

    ``interference_db``: what the best mast is to be above another on its frequency.
    """

    beamwidth_deg: float = Field(gt=0, le=360)
    front_to_back_db: float = Field(ge=0)
    vertical_beamwidth_deg: float = Field(default=10.0, gt=0, le=180)
    side_lobe_db: float = Field(default=20.0, ge=0)
    interference_db: float = Field(default=3.0, ge=0, le=30)
    source: str


class Air(ParameterModel):
    """Refractivity, and the range of the computation."""

    reach_m: float = Field(gt=0, le=100_000)
    delta_n: float = Field(ge=0, lt=157)
    n0: float = Field(ge=0)
    source: str


class Wifi(ParameterModel):
    """Public Wi-Fi outdoors."""

    eirp_dbm: float
    least_dbm: float
    line_of_sight: Surroundings
    residential: Surroundings
    source: str

    def range_m(self, band_mhz: float, line_of_sight: bool = False) -> float:
        """Range in m for ``least_dbm``."""
        return range_m(
            self.line_of_sight if line_of_sight else self.residential, band_mhz / 1000, self.eirp_dbm - self.least_dbm
        )


class SightParameters(ParameterModel):
    """Line of sight: effective earth radius factors, clearance in first Fresnel radii, and how far it carries.

    ``area_clearance`` is for reach over an area, ``clearance`` for links from point to point.
    """

    k: float = Field(gt=0)
    k_bad_hour: float = Field(gt=0)
    clearance: float = Field(ge=0, le=1)
    area_clearance: float = Field(ge=0, le=1)
    reach_m: float = Field(gt=0, le=100_000)
    high_band_mhz: float = Field(gt=0)
    reach_high_band_m: float = Field(gt=0, le=100_000)
    source: str


class Legend(ParameterModel):
    """Classes of a land cover: ``by_class`` pairs each with its height in m, ``unknown`` are those that tell nothing.

    Among ``built_up`` classes a phone stands between houses: the statistical loss of ITU-R P.2108 counts there, among
    others that by their height.
    """

    name: str
    by_class: tuple[tuple[int, float], ...]
    built_up: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()
    source: str

    @property
    def codes(self) -> set[int]:
        """Every class that it knows."""
        return {code for code, _ in self.by_class} | set(self.unknown)


_NONE = Legend(name="", by_class=(), source="")


class BuiltUp(ParameterModel):
    """Height of houses by the share of built ground in the square of ``share_m`` around a place, where footprints tell.

    ``by_share`` pairs a least share with the height in m, ascending; heights that the file tells stand in their place.
    """

    share_m: float = Field(default=100.0, ge=10, le=1000)
    by_share: tuple[tuple[float, float], ...] = Field(default=((0.1, 10.0), (0.4, 15.0)), min_length=1)
    source: str = "assumption of Jangkau"

    @model_validator(mode="after")
    def _ascending(self) -> BuiltUp:
        least = [share for share, _ in self.by_share]
        if least != sorted(set(least)) or least[0] <= 0 or least[-1] > 1:
            raise ValueError("by_share: shares above 0, up to 1, ascending")
        return self


class Clutter(ParameterModel):
    """What stands on the ground.

    ``default_m`` is its height where no file tells, ``gap_m`` how far it stands from a phone among it. A land cover has
    the first of ``legends`` that knows all of its classes, or the one that ``legend`` names.
    """

    default_m: float = Field(default=0.0, ge=0, le=100)
    gap_m: float = Field(default=27.0, gt=0, le=200)
    legend: str | None = None
    legends: tuple[Legend, ...] = ()
    footprints: BuiltUp = BuiltUp()
    source: str

    @model_validator(mode="before")
    @classmethod
    def _of_one_legend(cls, given: Any) -> Any:
        """Parameters from before there were legends, in saved runs and files: one table of classes."""
        if not isinstance(given, dict) or "by_class" not in given:
            return given
        rest = {name: value for name, value in given.items() if name != "by_class"}
        own = {"name": "by_class", "by_class": given["by_class"], "source": given.get("source", "")}
        return {**rest, "legends": (own, *rest.get("legends", ()))}

    @model_validator(mode="after")
    def _legend_is_there(self) -> Clutter:
        if self.legend is not None and self.legend not in {one.name for one in self.legends}:
            raise ValueError(f"legend {self.legend!r} is none of the legends")
        return self

    def legend_of(self, codes: Collection[int]) -> Legend:
        """Legend of a land cover that holds these classes: the first of those that lack the fewest of them."""
        offered = [one for one in self.legends if self.legend in (None, one.name)] or [_NONE]
        return min(offered, key=lambda one: len(set(codes) - one.codes))


class Uncertainty(ParameterModel):
    """Standard deviations in dB of what the prediction does not know, and how often it is drawn.

    ``common_db`` is one error for the whole region, ``tower_db`` one for each tower, ``place_db`` one for each square
    of ``place_m``; between the paths of two masts to one square its correlation is ``mast_correlation``.
    ``unknown_height_db`` and ``unknown_band_db`` are added, as squares, where a list tells neither.
    A state that holds in fewer than ``sure_from`` of the draws is not sure.
    """

    draws: int = Field(default=200, ge=20, le=2000)
    seed: int = Field(default=1, ge=0)
    common_db: float = Field(default=3.0, ge=0, le=20)
    tower_db: float = Field(default=5.0, ge=0, le=20)
    place_db: float = Field(default=5.5, ge=0, le=20)
    place_m: float = Field(default=500.0, ge=100, le=5000)
    mast_correlation: float = Field(default=0.5, ge=0, le=1)
    unknown_height_db: float = Field(default=2.5, ge=0, le=20)
    unknown_band_db: float = Field(default=3.0, ge=0, le=20)
    sure_from: float = Field(default=0.9, gt=0.5, lt=1)
    source: str = "assumption of Jangkau"


class Measured(ParameterModel):
    """Speed tests: strong from ``strong_mbit_s`` on."""

    strong_mbit_s: float = Field(default=10.0, gt=0)
    source: str


class RadioParameters(ParameterModel):
    """Parameters of signal prediction beside terrain and towers."""

    technologies: tuple[Technology, ...]
    default_technology: str
    microcell: SmallCell
    repeater: Repeater = Repeater()
    phone: Phone
    margin: Margin
    thresholds: Thresholds
    sector: Sector
    air: Air
    wifi: Wifi
    sight: SightParameters
    clutter: Clutter = Clutter(source="none: the heights of the ground alone")
    measured: Measured = Measured(source="assumption")
    uncertainty: Uncertainty = Uncertainty()
    antennas: tuple[AntennaPattern, ...] = ()

    @model_validator(mode="after")
    def _default_is_known(self) -> RadioParameters:
        if self.default_technology not in {technology.name for technology in self.technologies}:
            raise ValueError(f"default_technology {self.default_technology!r} is none of the technologies")
        return self

    def technology_of(self, band_mhz: float | None, said: str | None = None) -> Technology:
        """Return the technology of an asset's band; the default one where it has none, or one of no technology.

        5G where a list says nothing else (``said``): that of the band, or the first one where its band is none or of no
        technology; the band's 4G where there is no 5G in it.
        """
        generations = {one.upper() for one in _GENERATION.findall(said or "")}
        access = "nr" if generations and all(one.startswith(("5G", "NR")) for one in generations) else "lte"
        fitting = [one for one in self.technologies if one.holds(band_mhz)] or sorted(
            self.technologies, key=lambda one: one.name != self.default_technology
        )
        return next((one for one in fitting if generations and one.access == access), fitting[0])

    def antenna_of(self, tilt_deg: float | None, name: str | None) -> Antenna | None:
        """The antenna of a sector by its tilt and pattern; None where neither is known: any elevation is as good."""
        measured = next((one for one in self.antennas if name and one.name.casefold() == name.casefold()), None)
        if measured is None and tilt_deg is None:
            return None
        if measured is not None and tilt_deg is not None:
            tilt_deg -= measured.electrical_tilt_deg or 0.0  # its cut holds that part already
        return Antenna(tilt_deg or 0.0, self.sector.vertical_beamwidth_deg, self.sector.side_lobe_db, measured)

    def without_loss_dbm(
        self,
        technology: Technology,
        small_cell: bool = False,
        eirp_dbm: float | None = None,
        gain_dbi: float | None = None,
    ) -> float:
        """RSRP that a phone would see if there were no path loss: what path loss is taken from.

        Parameters
        ----------
        small_cell : whether it sends with the power and gain of a small cell
        eirp_dbm, gain_dbi : of this very antenna where known, over the whole carrier
        """
        if small_cell:
            technology = technology.model_copy(update=self.microcell.model_dump(exclude={"source"}))
        if gain_dbi is not None:
            technology = technology.model_copy(update={"gain_dbi": gain_dbi})
        if eirp_dbm is not None:
            technology = technology.model_copy(update={"power_dbm": eirp_dbm, "gain_dbi": 0.0, "feeder_loss_db": 0.0})
        return technology.eirp_per_element_dbm + self.phone_db(technology) + self.measured_db(technology)

    def phone_db(self, technology: Technology) -> float:
        """What a phone makes of a signal beside path loss: its gain and losses, and the margin for its place."""
        frequency = technology.frequency_mhz / 1000
        entry = self.entry_db(frequency) if self.phone.place == "indoor" else 0.0
        return self.phone.gain_dbi - self.phone.body_loss_db - entry + self.margin_db(frequency)

    def measured_db(self, technology: Technology) -> float:
        """Measured offset of all signal in a band."""
        margin = self.margin
        return margin.calibration_db + margin.calibration_by_band.get(f"{technology.frequency_mhz:g}", 0.0)

    def entry_db(self, frequency_ghz: float) -> float:
        """Loss into the building that a phone is taken to be in."""
        return building_entry_db(frequency_ghz, self.phone.building, self.phone.building_percent)

    def other_place_db(self, frequency_ghz: float) -> float:
        """What RSRP changes by in the other place than that of the phone: less indoors, more outdoors."""
        return (1 if self.phone.place == "indoor" else -1) * self.entry_db(frequency_ghz)

    def stronger_by(self, decibels: float) -> RadioParameters:
        """Classes of signal as if every RSRP were ``decibels`` stronger, weaker below 0."""
        least = {name: getattr(self.thresholds, name) - decibels for name in ("strong_dbm", "weak_dbm")}
        return self.model_copy(update={"thresholds": self.thresholds.model_copy(update=least)})

    def margin_db(self, frequency_ghz: float | None = None) -> float:
        """What the spread over places adds to the median: below 0 where more than half of them must have the signal.

        At the frequency of the default technology where none is given.
        """
        margin = self.margin
        frequency = frequency_ghz or self.technology_of(None).frequency_mhz / 1000
        spread = location_sigma_db(frequency, self.phone.height_m, margin.clutter_m, margin.width_m)
        return inverse_normal(margin.location_percent / 100) * spread

    def signal_class(self, rsrp_dbm: NDArray[np.floating]) -> NDArray[np.int8]:
        """Number of the class (:data:`base.schema.SIGNAL_CLASSES`) of each RSRP; what is missing is no signal."""
        known = np.nan_to_num(rsrp_dbm, nan=-np.inf)
        steps = (self.thresholds.weak_dbm, self.thresholds.strong_dbm)
        return np.asarray(np.digitize(known, steps), dtype=np.int8)


def building_entry_db(frequency_ghz: float, building: str, percent: float = 50.0) -> float:
    """Building entry loss not exceeded in ``percent`` of cases, for a level ray [1]_.

    >>> round(building_entry_db(1.0, "traditional"), 1)
    14.3

    References
    ----------
    .. [1] ITU-R (2023). Recommendation P.2109-2.
    """
    r, s, t, u, v, w, x, y, z = BUILDINGS[building]
    log = math.log10(frequency_ghz)
    normal = -inverse_normal(percent / 100)
    parts = (r + s * log + t * log * log + normal * (u + v * log), w + x * log + normal * (y + z * log), -3.0)
    return 10 * math.log10(sum(10 ** (part / 10) for part in parts))
