"""Validation cases of Recommendation ITU-R P.1812."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coverage.base.errors import FileRefusedError, ParameterError, Place, RowError
from coverage.reach.p1812 import RadioPath
from coverage.reach.profile import COASTAL, INLAND, SEA, path_centre_latitude

MOST_BYTES = 200_000_000
POLARIZATIONS = ("horizontal", "vertical")
REQUIRED = ("frequency_ghz", "time_percent", "tx_height_m", "rx_height_m", "delta_n", "n0")
OPTIONAL = {
    "coast_tx_km": "dist_coast_tx_km",
    "coast_rx_km": "dist_coast_rx_km",
    "tx_power_kw": "tx_power_kw",
    "location_percent": "location_percent",
    "sigma_location_db": "sigma_location_db",
}
"""Optional numbers of a case, and their names in the file."""
ENDS = ("tx_lat", "tx_lon", "rx_lat", "rx_lon")


@dataclass(frozen=True, eq=False)
class ValidationCase:
    """One validation case.

    Attributes
    ----------
    basic_loss_db, field_strength_dbuv_m : expected results; None where the file has none
    quantities : expected intermediate quantities by name
    """

    name: str
    path: RadioPath
    basic_loss_db: float | None
    field_strength_dbuv_m: float | None
    quantities: dict[str, float]


def read_cases(file: Path) -> list[ValidationCase]:
    """Read validation cases: a JSON object of cases by name.

    A case holds ``frequency_ghz, time_percent, tx_height_m, rx_height_m, polarization, tx_lat, tx_lon,
    rx_lat, rx_lon, delta_n, n0`` and a ``profile`` of ``distance_km, height_m``, and may hold
    ``clutter_height_m`` and ``zone`` in its profile, ``location_percent, sigma_location_db, tx_power_kw,
    dist_coast_tx_km, dist_coast_rx_km``, ``expected`` results and ``intermediate`` quantities.

    Raises
    ------
    InputError
        Naming the file, the case, the field and the value.
    """
    cases = _load(file)
    return [_case(str(file), name, fields) for name, fields in cases.items()]


def _load(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise FileRefusedError("radio.too_large", Place(file=str(file)), megabytes=MOST_BYTES // 1_000_000)
        cases = json.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        raise FileRefusedError("file.not_found", Place(file=str(file))) from error
    except OSError as error:
        raise FileRefusedError(
            "file.unreadable", Place(file=str(file)), problem=error.strerror or str(error)
        ) from error
    except (ValueError, RecursionError) as error:
        raise FileRefusedError("radio.not_json", Place(file=str(file)), problem=str(error)) from error
    if not isinstance(cases, dict) or not cases or not all(isinstance(case, dict) for case in cases.values()):
        raise FileRefusedError("radio.not_cases", Place(file=str(file)))
    return cases


def _case(file: str, name: str, fields: dict[str, Any]) -> ValidationCase:
    """One case from its fields; every fault is told with the name of the case."""
    try:
        path = _path(fields)
        expected, between = (_part(fields, key) if key in fields else {} for key in ("expected", "intermediate"))
        loss, strength = (
            _number(expected, key) if key in expected else None for key in ("basic_loss_db", "field_strength_dbuv_m")
        )
        return ValidationCase(name, path, loss, strength, {key: _number(between, key) for key in between})
    except ParameterError as error:
        place = Place(file=file, column=error.place.column, value=error.place.value)
        raise RowError(error.code, place, case=name, **error.details) from error


def _path(fields: dict[str, Any]) -> RadioPath:
    profile = _part(fields, "profile")
    distance = _numbers(profile, "distance_km")
    length = float(distance[-1]) if len(distance) else 0.0
    clutter, zone = np.zeros(len(distance)), np.full(len(distance), float(INLAND))
    if "clutter_height_m" in profile:
        clutter = _numbers(profile, "clutter_height_m")
    if "zone" in profile:
        zone = _numbers(profile, "zone")
    ends = [_degrees(fields, key) for key in ENDS]
    numbers = {key: _number(fields, key) for key in REQUIRED}
    numbers |= {key: _number(fields, source) for key, source in OPTIONAL.items() if source in fields}
    return RadioPath(
        distance_km=distance,
        height_m=_numbers(profile, "height_m"),
        clutter_m=clutter,
        zone=np.where(np.isin(zone, (SEA, COASTAL, INLAND)), zone, -1).astype(np.int64),
        vertical=_polarization(fields) == "vertical",
        latitude=path_centre_latitude(ends[0], ends[1], ends[2], ends[3], length),
        **numbers,
    )


def _part(fields: dict[str, Any], key: str) -> dict[str, Any]:
    value = fields.get(key)
    if not isinstance(value, dict):
        raise ParameterError("radio.no_field" if key not in fields else "radio.bad_field", Place(column=key))
    return value


def _number(fields: dict[str, Any], key: str) -> float:
    if key not in fields:
        raise ParameterError("radio.no_field", Place(column=key))
    value = fields[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
        raise ParameterError("radio.bad_field", Place(column=key, value=value))
    return float(value)


def _degrees(fields: dict[str, Any], key: str) -> float:
    value, most = _number(fields, key), 90.0 if key.endswith("lat") else 360.0
    if abs(value) > most:
        raise ParameterError("radio.out_of_limits", Place(column=key, value=value), minimum=-most, maximum=most)
    return value


def _numbers(fields: dict[str, Any], key: str) -> NDArray[np.float64]:
    if key not in fields:
        raise ParameterError("radio.no_field", Place(column=key))
    values = fields[key]
    if not isinstance(values, list) or any(isinstance(v, bool) or not isinstance(v, int | float) for v in values):
        raise ParameterError("radio.bad_field", Place(column=key))
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError as error:
        raise ParameterError("radio.bad_field", Place(column=key)) from error


def _polarization(fields: dict[str, Any]) -> str:
    value = fields.get("polarization")
    if value not in POLARIZATIONS:
        raise ParameterError(
            "radio.polarization", Place(column="polarization", value=value), offered=list(POLARIZATIONS)
        )
    return str(value)
