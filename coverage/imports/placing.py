"""Positions of rows: read, checked against the region, repaired where accepted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.imports.coordinates import Places, read_places
from coverage.imports.list_options import Choices
from coverage.imports.maps import refuse_whole_map
from coverage.imports.places import Cluster, Region, in_indonesia, own_area
from coverage.imports.raw import Raw, note_count
from coverage.imports.repairs import Contains, Offer, offers
from coverage.imports.result import PLACED, Verdicts

REPAIRABLE = (
    "import.lost_minus", "import.swapped", "import.metres", "import.lost_point", "import.thousands",
    "import.several_points", "import.out_of_range", "import.outside_region", "import.in_neighbour",
    "import.far_from_list", "import.outside_indonesia",
)  # fmt: skip


@dataclass
class Placing:
    """Position of each row.

    Attributes
    ----------
    located : per row :data:`~coverage.imports.result.PLACED`, empty where refused
    region : what rows were checked against: None for Indonesia or the list's own area
    area : circle that a list of another region was checked against; else None
    """

    places: Places
    located: pd.DataFrame
    offers: dict[int, Offer]
    region: Region | None
    area: Cluster | None


def place_rows(raw: Raw, choices: Choices, region: Region | None, verdicts: Verdicts, needed: bool = True) -> Placing:
    """Locate every row, and refuse those without a valid position.

    Parameters
    ----------
    region : what rows are checked against; None for Indonesia alone
    needed : whether a row without coordinates is refused

    Raises
    ------
    CrsError, FileRefusedError
        As :func:`coverage.imports.maps.refuse_whole_map`.
    """
    places = read_places(raw, choices.columns, choices.also)
    unsaid = np.isin(places.fault, ("import.no_coordinates", "import.no_geometry", "import.empty_geometry"))
    if not needed:
        places.fault[unsaid] = ""
    area = own_area(*_middles(places), region, raw.standard)
    here = None if area is not None else region
    contains: Contains = area.contains if area is not None else region.contains if region is not None else in_indonesia
    refuse_whole_map(raw, places, region)
    found = _offers(places, np.isin(places.fault, REPAIRABLE), contains)
    done = _accept_offers(raw, places, found, choices)
    for code in sorted({str(code) for code in places.fault} - {""}):
        verdicts.refuse(places.fault == code, code, _written(places, places.fault == code))
    located = _locate(places, verdicts, here, area, contains, np.zeros(len(unsaid), dtype=bool) if needed else unsaid)
    outside = np.isin(verdicts.code, REPAIRABLE) & (places.fault == "")
    outside[list(found)] = False
    late = _offers(places, outside, contains)
    for at, offer in late.items():
        if offer.code == "minus":
            verdicts.code[at] = "import.lost_minus"
    found |= late
    left = {at: offer for at, offer in found.items() if at not in done}
    if here is not None and here.elsewhere:
        _accept_elsewhere(places, verdicts, left)
    _accept_late(raw, places, verdicts, left, choices, here, located)
    return Placing(places, located, found, here, area)


def _middles(places: Places) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points, and midpoints of lines; NaN where faulty."""
    lon, lat = places.lon.copy(), places.lat.copy()
    lines = np.flatnonzero((shapely.get_dimensions(places.shapes) >= 1) & (places.fault == ""))
    centre = shapely.centroid(places.shapes[lines])
    lon[lines], lat[lines] = shapely.get_x(centre), shapely.get_y(centre)
    return lon, lat


def _written(places: Places, where: NDArray[np.bool_]) -> dict[int, dict[str, Any]]:
    """Latitude and longitude as in the list; of a line or outline, its middle."""
    lon, lat = _middles(places)
    texts = (("lat", places.lat_text, lat), ("lon", places.lon_text, lon))
    return {
        int(at): {
            name: str(text[at]).removesuffix(".0") or ("–" if np.isnan(middle[at]) else f"{middle[at]:.6f}")
            for name, text, middle in texts
        }
        for at in np.flatnonzero(where)
    }


def _offers(places: Places, where: NDArray[np.bool_], contains: Contains) -> dict[int, Offer]:
    if not where.any():
        return {}
    lon_text, lat_text = places.lon_text.tolist(), places.lat_text.tolist()
    return offers(lon_text, lat_text, places.lon, places.lat, np.flatnonzero(where), contains)


def _wanted(raw: Raw, at: int, offer: Offer, choices: Choices) -> bool:
    return offer.code in choices.repairs or int(raw.frame.index[at]) in choices.repaired_rows


def _accept_offers(raw: Raw, places: Places, found: dict[int, Offer], choices: Choices) -> set[int]:
    """Move rows to the accepted repair, and return which."""
    done = {at for at, offer in found.items() if _wanted(raw, at, offer, choices)}
    _move(places, found, done)
    for at in done:
        places.lon_text[at], places.lat_text[at] = f"{found[at].lon:.6f}", f"{found[at].lat:.6f}"
    return done


def _move(places: Places, found: dict[int, Offer], rows: Collection[int]) -> None:
    for at in rows:
        places.lon[at], places.lat[at], places.fault[at] = found[at].lon, found[at].lat, ""
        places.shapes[at] = shapely.Point(found[at].lon, found[at].lat)
    if rows:
        places.notes.append(("imports.note.repaired", {"count": len(rows)}))


def _accept_elsewhere(places: Places, verdicts: Verdicts, found: dict[int, Offer]) -> None:
    """Accept rows that lie in Indonesia outside the region, and that no repair would bring into it."""
    outside = np.isin(verdicts.code, ("import.outside_region", "import.in_neighbour"))
    outside[list(found)] = False
    rows = np.flatnonzero(outside)
    points = shapely.get_coordinates(shapely.point_on_surface(places.shapes[rows]))
    for at in rows[in_indonesia(points[:, 0], points[:, 1])]:
        verdicts.code[at], verdicts.details[at] = "", {}


def _accept_late(
    raw: Raw,
    places: Places,
    verdicts: Verdicts,
    found: dict[int, Offer],
    choices: Choices,
    here: Region | None,
    located: pd.DataFrame,
) -> None:
    """The same for rows found outside."""
    late = [
        at
        for at, offer in found.items()
        if verdicts.code[at] in REPAIRABLE and not places.fault[at] and _wanted(raw, at, offer, choices)
    ]
    _move(places, found, late)
    for at in late:
        verdicts.code[at], verdicts.details[at] = "", {}
    if late:
        if here is not None:
            placed = here.place(places.shapes[late])
            for name in PLACED:
                located.loc[late, name] = placed[name].astype(object).to_numpy()
        else:
            located.loc[late, "where"] = "inside"


def _locate(
    places: Places,
    verdicts: Verdicts,
    here: Region | None,
    area: Cluster | None,
    contains: Contains,
    unsaid: NDArray[np.bool_],
) -> pd.DataFrame:
    """Locate valid rows; refuse those outside, with their regency where known."""
    count = len(places.shapes)
    located = pd.DataFrame({name: pd.Series([None] * count, dtype=object) for name in (*PLACED, "regency")})
    good = np.flatnonzero((verdicts.code == "") & ~unsaid)
    if not len(good):
        return located
    if here is not None:
        placed = here.place(places.shapes[good])
        for name in (*PLACED, "regency"):
            located.loc[good, name] = placed[name].astype(object).to_numpy()
        where = located["where"].to_numpy(dtype=object)
        told = _written(places, np.isin(where, ("neighbour", "outside")))
        regencies = located["regency"].tolist()
        for at in np.flatnonzero(where == "neighbour"):
            told[int(at)]["regency"] = regencies[at]
        verdicts.refuse(where == "neighbour", "import.in_neighbour", told)
        verdicts.refuse(where == "outside", "import.outside_region", told)
        note_count(places.notes, "imports.note.border", where == "border")
        note_count(places.notes, "imports.note.edge", where == "edge")
        return located
    points = shapely.get_coordinates(shapely.point_on_surface(places.shapes[good]))
    inside = np.zeros(count, dtype=bool)
    inside[good] = contains(points[:, 0], points[:, 1])
    bad = (verdicts.code == "") & ~inside & ~unsaid
    verdicts.refuse(bad, "import.outside_indonesia" if area is None else "import.far_from_list", _written(places, bad))
    located.loc[inside, "where"] = "inside"
    if area is not None:
        places.notes.append(("imports.note.other_region", {"count": int(inside.sum())}))
        away = np.full(count, 0.0)
        away[good] = area.distance_m(points[:, 0], points[:, 1])
        far = inside & (away > area.radius_m * 0.6)
        located.loc[far, "where"] = "far"
        note_count(places.notes, "imports.note.far", far)
    return located
