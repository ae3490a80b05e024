"""Field measurements: drive tests, speed tests, complaints, a row a place; unusable rows are set aside with a note."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.errors import ColumnError, FileRefusedError, Place, RowError
from coverage.base.schema import MEASUREMENTS, check
from coverage.places.villages import Note
from coverage.readers.angles import read_angle
from coverage.readers.numbers import read_numbers
from coverage.readers.pairs import read_pair
from coverage.readers.tables import plain, read_table

COLUMNS: dict[str, tuple[str, ...]] = {
    "lat": ("lat", "latitude", "lintang", "y"),
    "lon": ("lon", "longitude", "lng", "long", "bujur", "x"),
    "place": ("koordinat", "koordinat_lokasi", "coordinates", "lokasi", "titik"),
    "time": ("waktu", "time", "timestamp", "tanggal", "date", "tgl", "tanggal_waktu", "datetime"),
    "operator": ("operator", "provider", "penyedia", "seluler", "network"),
    "rsrp": ("rsrp", "rsrp_dbm", "kuat_sinyal_dbm", "sinyal_dbm", "dbm"),
    "speed": (
        "mbit_s", "mbps", "mbit", "unduh", "unduh_mbps", "download", "download_mbps", "kecepatan", "kecepatan_mbps",
        "speed",
    ),
    "result": ("hasil", "sinyal", "signal", "keadaan", "kondisi", "result", "keterangan", "keluhan", "note"),
}  # fmt: skip
"""Column names by content, the most telling first."""
G_NETTRACK = {"timestamp", "longitude", "latitude", "cgi", "networktech", "level"}
"""Columns of a log of G-NetTrack (tabs, ``.txt``). ``Level`` is RSRP for LTE and NR, RSCP or RxLev for older networks;
``Speed`` is how fast the phone moves, and bit rates are of whatever it happens to load: neither is a test."""
_RSRP_OF = re.compile(r"4G|5G|LTE|NR", re.IGNORECASE)
_LOG_TIME = re.compile(r"(\d{4})\.(\d\d)\.(\d\d)_(\d\d)\.(\d\d)\.(\d\d)")
_NOT = r"\b(?:tidak|tak|tdk|kurang|not)\s+"
TOLD = {
    "none": re.compile(
        r"\b(?:tidak|tak|tdk)\s+(?:ada|terjangkau|dapat sinyal)|tanpa sinyal|blank|nihil"
        r"|hilang|\bno (?:signal|service|coverage)"
    ),
    "weak": re.compile(
        rf"{_NOT}(?:stabil|baik|bagus|lancar|kuat|strong|good)|lemah|kurang|buruk|jelek|putus"
        r"|\bweak|\bpoor|\bbad\b"
    ),
    "strong": re.compile(r"\b(?:kuat|baik|bagus|lancar|strong|good|excellent)\b"),
}
"""Phrases for the signal; the first that fits counts, so that "sinyal tidak ada" is none."""
LEAST_DBM, MOST_DBM = -156.0, -31.0
"""Reportable range of RSRP (3GPP TS 36.133)."""
MOST_MBIT_S = 10_000.0
_TELLING = 3


def read_measurements(path: str | Path) -> tuple[pd.DataFrame, list[Note]]:
    """Read places where somebody measured, or found no signal.

    Parameters
    ----------
    path
        CSV or Excel: latitude and longitude (or both in one column), and RSRP in dBm, a speed in Mbit/s, or words such
        as "tidak ada sinyal"; time and operator where known.

    Returns
    -------
    tuple
        Table MEASUREMENTS, and notes ``(code, values)`` of what was set aside.

    Raises
    ------
    FileRefusedError
        Not a list, or no row that can be used.
    ColumnError
        No column for the place, or none for what was found there.
    """
    path = Path(path)
    known = {*G_NETTRACK, *(alias for aliases in COLUMNS.values() for alias in aliases)}
    table = read_table(path, lambda cell: plain(cell) in known)
    raw = table.frame
    held = {plain(str(name)): name for name in reversed(list(raw.columns))}
    if held.keys() >= G_NETTRACK:
        raw, held = _of_g_nettrack(raw, held)
    columns = {what: next((held[alias] for alias in names if alias in held), None) for what, names in COLUMNS.items()}
    if columns["place"] is None and (columns["lat"] is None or columns["lon"] is None):
        raise ColumnError("measurements.no_place", Place(file=path.name), columns=list(raw.columns)[:30])
    if all(columns[what] is None for what in ("rsrp", "speed", "result")):
        raise ColumnError("measurements.no_result", Place(file=path.name), columns=list(raw.columns)[:30])

    def text(what: str) -> pd.Series:
        empty = pd.Series("", index=raw.index, dtype=object)
        return empty if columns[what] is None else raw[columns[what]].fillna("").astype(str).str.strip()

    lon, lat = _places(text("place"), text("lon"), text("lat"), columns["lat"] is not None)
    result = text("result")
    rsrp, speed, told = _numbers(text("rsrp")), _numbers(text("speed")), _class_in_words(result)
    from_result = _numbers(result)
    rsrp = np.where(np.isnan(rsrp) & (from_result < 0), from_result, rsrp)
    for words in (text("rsrp"), text("speed")):
        told = np.where(pd.isna(told), _class_in_words(words), told)
    fault = _faults(lon, lat, rsrp, speed, told)
    found = pd.DataFrame(
        {
            "measurement_id": [f"{path.name}:{row}" for row in raw.index],
            "lon": lon,
            "lat": lat,
            "time": _or_none(text("time")),
            "operator": _or_none(text("operator")),
            "rsrp_dbm": rsrp,
            "mbit_s": speed,
            "told": pd.Series(told, index=raw.index, dtype=object),
            "source": path.name,
        }
    )
    used = found[fault == ""].reset_index(drop=True)
    notes: list[Note] = [*table.notes, *_set_aside(fault, list(raw.index), path.name)]
    if used.empty:
        first = int(np.argmax(fault != "")) if len(fault) else 0
        raise FileRefusedError("measurements.nothing", Place(file=path.name, row=int(raw.index[first])))
    return check(used, MEASUREMENTS), notes


def _of_g_nettrack(raw: pd.DataFrame, held: dict[str, str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """A log of G-NetTrack with columns of ours, and those by name."""
    tech = raw[held["networktech"]].fillna("").astype(str)
    operator = held.get("operatorname") or held.get("operator")
    made = {
        "lat": raw[held["latitude"]],
        "lon": raw[held["longitude"]],
        "waktu": raw[held["timestamp"]].fillna("").astype(str).str.replace(_LOG_TIME, r"\1-\2-\3T\4:\5:\6", regex=True),
        "rsrp": raw[held["level"]].where(tech.str.fullmatch(_RSRP_OF)),
        **({"operator": raw[operator]} if operator else {}),
    }
    return pd.DataFrame(made, index=raw.index), {name: name for name in made}


def _places(
    pair: pd.Series, lon: pd.Series, lat: pd.Series, apart: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude, NaN where unreadable."""
    if apart:
        return _angles(lon), _angles(lat)
    found = np.full((len(pair), 2), np.nan)
    for at, written in enumerate(pair):
        try:
            found[at] = read_pair(written)
        except RowError:
            continue
    return found[:, 0], found[:, 1]


def _angles(texts: pd.Series) -> NDArray[np.float64]:
    """Degrees; plain numbers vectorised, the rest parsed."""
    found = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64, copy=True)
    for at in np.flatnonzero(~np.isfinite(found)):
        found[at] = read_angle(str(texts.iloc[at])).value
    return found


def _numbers(texts: pd.Series) -> NDArray[np.float64]:
    return read_numbers(texts.tolist(), "never").value


def _class_in_words(texts: pd.Series) -> NDArray[np.object_]:
    """Signal class in words, None where none."""
    low = texts.str.lower()
    told = np.full(len(texts), None, dtype=object)
    for name, pattern in reversed(list(TOLD.items())):
        told[low.str.contains(pattern, regex=True).to_numpy(dtype=bool)] = name
    return told


def _faults(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    rsrp: NDArray[np.float64],
    speed: NDArray[np.float64],
    told: NDArray[np.object_],
) -> NDArray[np.str_]:
    """Fault of each row, or empty."""
    nowhere = np.isnan(lon) | np.isnan(lat) | ((lon == 0) & (lat == 0))
    beyond = (np.abs(lon) > 180) | (np.abs(lat) > 90)
    impossible = (rsrp < LEAST_DBM) | (rsrp > MOST_DBM) | (speed < 0) | (speed > MOST_MBIT_S)
    silent = np.isnan(rsrp) & np.isnan(speed) & pd.isna(told)
    return np.select([nowhere, beyond, impossible, silent], ["no_place", "out_of_range", "impossible", "no_result"], "")


def _set_aside(fault: NDArray[np.str_], rows: Sequence[int], file: str) -> list[Note]:
    """A note per fault, with the first rows."""
    notes: list[Note] = []
    numbers = np.asarray(rows)
    for reason in sorted(set(fault) - {""}):
        of_it = numbers[fault == reason]
        first = ", ".join(str(row) for row in of_it[:_TELLING]) + (" …" if len(of_it) > _TELLING else "")
        notes.append((f"measurements.note.{reason}", {"file": file, "count": len(of_it), "rows": first}))
    return notes


def _or_none(texts: pd.Series) -> pd.Series:
    return pd.Series([value or None for value in texts], index=texts.index, dtype=object)
