"""Rows made into assets, each accepted or refused with its reason: rows in are rows accepted and rows refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.errors import ColumnError, Place
from coverage.imports.choices import Choices
from coverage.imports.coordinates import Places, read_places
from coverage.imports.fields import Fields, read_fields
from coverage.imports.gathered import Gathering
from coverage.imports.maps import refuse_whole_map
from coverage.imports.places import Cluster, Region, in_indonesia, own_area
from coverage.imports.raw import Note, Raw
from coverage.imports.repairs import Contains, Offer, offers
from coverage.imports.routes import join_routes
from coverage.imports.said_villages import said_villages
from coverage.schema import ASSET_KINDS, ASSETS

REPAIRABLE = (
    "import.lost_minus",
    "import.swapped",
    "import.metres",
    "import.lost_point",
    "import.thousands",
    "import.several_points",
    "import.out_of_range",
    "import.outside_region",
    "import.in_neighbour",
    "import.far_from_list",
    "import.outside_indonesia",
)
PLACED = ("village_code_bps", "village", "subdistrict", "where")


@dataclass(frozen=True)
class Interpretation:
    """What a list says, row by row.

    Attributes
    ----------
    accepted
        Columns of :data:`coverage.schema.ASSETS` (``asset_id`` empty where the list gives none), EPSG:4326, with
        ``village_code_entered`` (the village that the row says), ``needs_check``, ``row`` (its number), ``rows``
        (how many rows the asset was made of), ``sheet``, and where it lies: :data:`PLACED`. One row an asset.
    refused
        ``row, sheet, code, details, values, offer``: the row number, the code of the reason with the values that its
        sentence names, the cells as written by column, and the :class:`~coverage.imports.repairs.Offer` or None.
    rows, accepted_rows
        How many rows the list has, and how many of them were accepted; the others are in ``refused``.
    notes
        What was assumed or understood: the key of a sentence and its values.
    gathered
        Spellings that were taken for a name.
    filled
        Fields that the list has a column for, so that what is empty there is said to be empty.
    unused
        Columns that nothing was taken from.
    own_area
        Where the list plainly belongs to another region, the circle it was checked against; else None.
    raw, choices
        What this was made from.
    """

    accepted: gpd.GeoDataFrame
    refused: pd.DataFrame
    rows: int
    accepted_rows: int
    notes: list[Note]
    gathered: list[Gathering]
    filled: tuple[str, ...]
    unused: tuple[str, ...]
    own_area: Cluster | None
    raw: Raw
    choices: Choices

    @property
    def refused_rows(self) -> int:
        """How many rows were refused."""
        return len(self.refused)


@dataclass
class _Verdicts:
    """The first fault of each row, with what its sentence names."""

    code: NDArray[np.object_]
    details: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, where: NDArray[np.bool_], code: str, details: dict[int, dict[str, Any]] | None = None) -> None:
        for at in np.flatnonzero(where & (self.code == "")):
            self.code[at] = code
            self.details[at] = (details or {}).get(int(at), {})


def interpret(raw: Raw, choices: Choices, region: Region | None = None) -> Interpretation:
    """Read every row as an asset.

    Parameters
    ----------
    raw
        The rows as read.
    choices
        How they are to be understood, see :func:`coverage.imports.choices.guess`.
    region
        The region that they are checked against; None checks for Indonesia alone.

    Raises
    ------
    ColumnError
        ``imports.no_kind`` or ``imports.no_place``: nothing says what the rows are, or where.
    CrsError
        ``imports.wrong_zone``, ``imports.swapped_axes``: a map whose features all lie elsewhere for that reason.
    """
    _must_be_usable(raw, choices)
    count = len(raw.frame)
    verdicts = _Verdicts(np.full(count, "", dtype=object), [{} for _ in range(count)])
    if raw.faults is not None:
        for code in sorted({str(code) for code in raw.faults} - {""}):
            verdicts.refuse(raw.faults == code, code)
    places = read_places(raw, choices.columns)
    area = own_area(*_middles(places), region, raw.standard)
    here = None if area is not None else region
    contains: Contains = area.contains if area is not None else region.contains if region is not None else in_indonesia
    refuse_whole_map(raw, places, region)
    found = _offers(places, contains)
    _accept_offers(raw, places, found, choices)
    for code in sorted({str(code) for code in places.fault} - {""}):
        verdicts.refuse(places.fault == code, code, _written(places, places.fault == code))
    located = _locate(places, verdicts, here, area, contains)
    late = _offers_for_outside(places, verdicts, contains, found)
    for at, offer in late.items():
        if offer.code == "minus":
            verdicts.code[at] = "import.lost_minus"
    found |= late
    _accept_late(raw, places, verdicts, found, choices, here, located)
    fields = read_fields(raw, choices)
    for code, where, details in fields.faults:
        verdicts.refuse(where, code, details)
    entered = said_villages(raw, choices, here, located["village_code_bps"])
    for code, where, details in entered.faults:
        verdicts.refuse(where, code, details)
    return _result(
        raw,
        choices,
        places,
        verdicts,
        fields,
        located.assign(entered=entered.code),
        found,
        [*places.notes, *fields.notes, *entered.notes],
        area,
    )


def _middles(places: Places) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each row lies: points as they are, lines by their middle; NaN where something is wrong with the place."""
    lon, lat = places.lon.copy(), places.lat.copy()
    lines = np.flatnonzero((shapely.get_dimensions(places.shapes) >= 1) & (places.fault == ""))
    centre = shapely.centroid(places.shapes[lines])
    lon[lines], lat[lines] = shapely.get_x(centre), shapely.get_y(centre)
    return lon, lat


def _must_be_usable(raw: Raw, choices: Choices) -> None:
    place = Place(file=raw.file, sheet=raw.sheet)
    columns = choices.columns
    for what, column in columns.items():
        if column not in raw.frame.columns:
            raise ColumnError(
                "imports.no_such_column",
                Place(raw.file, raw.sheet, column=column),
                wanted=what,
                columns=raw.columns[:30],
            )
    if (
        raw.shapes is None
        and "geometry" not in columns
        and "coordinates" not in columns
        and not ({"lat", "lon"} <= set(columns))
    ):
        raise ColumnError("imports.no_place", place, columns=raw.columns[:30])
    if choices.kind is None and "kind" not in columns:
        raise ColumnError("imports.no_kind", place, offered=list(ASSET_KINDS))
    if choices.kind is not None and choices.kind not in ASSET_KINDS:
        raise ColumnError("imports.unknown_kind_chosen", Place(raw.file, value=choices.kind), offered=list(ASSET_KINDS))


def _written(places: Places, where: NDArray[np.bool_]) -> dict[int, dict[str, Any]]:
    return {
        int(at): {
            "lat": str(places.lat_text[at]).removesuffix(".0") or "–",
            "lon": str(places.lon_text[at]).removesuffix(".0") or "–",
        }
        for at in np.flatnonzero(where)
    }


def _offers(places: Places, contains: Contains) -> dict[int, Offer]:
    rows = np.flatnonzero(np.isin(places.fault, REPAIRABLE))
    return _found(places, rows, contains)


def _found(places: Places, rows: NDArray[np.intp], contains: Contains) -> dict[int, Offer]:
    if not len(rows):
        return {}
    return offers(places.lon_text.tolist(), places.lat_text.tolist(), places.lon, places.lat, rows, contains)


def _offers_for_outside(
    places: Places, verdicts: _Verdicts, contains: Contains, found: dict[int, Offer]
) -> dict[int, Offer]:
    rows = np.array(
        [
            at
            for at in np.flatnonzero(np.isin(verdicts.code, REPAIRABLE))
            if int(at) not in found and not places.fault[at]
        ],
        dtype=np.intp,
    )
    return _found(places, rows, contains)


def _wanted(raw: Raw, at: int, offer: Offer, choices: Choices) -> bool:
    return offer.code in choices.repairs or int(raw.frame.index[at]) in choices.repaired_rows


def _accept_offers(raw: Raw, places: Places, found: dict[int, Offer], choices: Choices) -> None:
    """Put rows where an accepted repair puts them."""
    for at, offer in found.items():
        if _wanted(raw, at, offer, choices):
            places.lon[at], places.lat[at], places.fault[at] = offer.lon, offer.lat, ""
            places.shapes[at] = shapely.Point(offer.lon, offer.lat)
    done = sum(_wanted(raw, at, offer, choices) for at, offer in found.items())
    if done:
        places.notes.append(("imports.note.repaired", {"count": done}))


def _accept_late(
    raw: Raw,
    places: Places,
    verdicts: _Verdicts,
    found: dict[int, Offer],
    choices: Choices,
    here: Region | None,
    located: pd.DataFrame,
) -> None:
    """The same for rows that were found to lie outside only."""
    late = [
        at
        for at, offer in found.items()
        if verdicts.code[at] in REPAIRABLE and not places.fault[at] and _wanted(raw, at, offer, choices)
    ]
    for at in late:
        places.lon[at], places.lat[at] = found[at].lon, found[at].lat
        places.shapes[at] = shapely.Point(found[at].lon, found[at].lat)
        verdicts.code[at], verdicts.details[at] = "", {}
    if late:
        places.notes.append(("imports.note.repaired", {"count": len(late)}))
        if here is not None:
            placed = here.place(places.shapes[late])
            for name in PLACED:
                located.loc[late, name] = placed[name].astype(object).to_numpy()
        else:
            located.loc[late, "where"] = "inside"


def _locate(
    places: Places, verdicts: _Verdicts, here: Region | None, area: Cluster | None, contains: Contains
) -> pd.DataFrame:
    """Where each good row lies; those outside are refused, with the regency they lie in where it is known."""
    count = len(places.shapes)
    located = pd.DataFrame({name: pd.Series([None] * count, dtype=object) for name in (*PLACED, "regency")})
    good = np.flatnonzero(verdicts.code == "")
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
        border = int((where == "border").sum())
        if border:
            places.notes.append(("imports.note.border", {"count": border}))
        return located
    points = shapely.get_coordinates(shapely.point_on_surface(places.shapes[good]))
    inside = np.zeros(count, dtype=bool)
    inside[good] = contains(points[:, 0], points[:, 1])
    bad = (verdicts.code == "") & ~inside
    verdicts.refuse(bad, "import.outside_indonesia" if area is None else "import.far_from_list", _written(places, bad))
    located.loc[inside, "where"] = "inside"
    if area is not None:
        places.notes.append(("imports.note.other_region", {"count": int(inside.sum())}))
        away = np.full(count, 0.0)
        away[good] = area.distance_m(points[:, 0], points[:, 1])
        far = inside & (away > area.radius_m * 0.6)
        located.loc[far, "where"] = "far"
        if far.any():
            places.notes.append(("imports.note.far", {"count": int(far.sum())}))
    return located


def _result(
    raw: Raw,
    choices: Choices,
    places: Places,
    verdicts: _Verdicts,
    fields: Fields,
    located: pd.DataFrame,
    found: dict[int, Offer],
    notes: list[Note],
    area: Cluster | None,
) -> Interpretation:
    table = fields.table.assign(
        geometry=places.shapes,
        row=raw.frame.index.to_numpy(),
        rows=1,
        sheet=raw.sheet,
        village_code_entered=located["entered"],
        **{name: located[name] for name in PLACED},
    )
    join_routes(raw, table, verdicts, notes)
    wrong = _wrong_geometry(table, verdicts.code)
    verdicts.refuse(
        wrong, "import.wrong_geometry", {int(at): {"kind": table["kind"].iloc[at]} for at in np.flatnonzero(wrong)}
    )
    verdicts.refuse(_doubled(table, verdicts.code), "import.doubled")
    differs = (
        located["entered"].notna()
        & located["village_code_bps"].notna()
        & (located["entered"] != located["village_code_bps"])
    ).to_numpy() & (verdicts.code == "")
    if differs.any():
        notes.append(("imports.note.other_village", {"count": int(differs.sum())}))
    table["needs_check"] = (
        fields.unread | differs | (located["where"] == "far").to_numpy() | _cut_off(raw, choices, notes)
    )
    good = (verdicts.code == "") & (table["rows"].to_numpy() > 0)
    accepted = gpd.GeoDataFrame(
        table.loc[
            good,
            [*ASSETS.names[:-1], "village_code_entered", "needs_check", "row", "rows", "sheet", *PLACED, "geometry"],
        ].reset_index(drop=True),
        geometry="geometry",
        crs="EPSG:4326",
    )
    bad = np.flatnonzero(verdicts.code != "")
    refused = pd.DataFrame(
        {
            "row": raw.frame.index.to_numpy()[bad],
            "sheet": pd.Series([raw.sheet] * len(bad), dtype=object),
            "code": verdicts.code[bad],
            "details": pd.Series([verdicts.details[at] for at in bad], dtype=object),
            "values": pd.Series(raw.frame.iloc[bad].to_dict("records"), dtype=object),
            "offer": pd.Series([found.get(int(at)) for at in bad], dtype=object),
        }
    )
    used = set(choices.columns.values()) | fields.kept
    return Interpretation(
        accepted,
        refused,
        len(raw.frame),
        int(accepted["rows"].sum()),
        [*raw.notes, *notes],
        fields.gathered,
        fields.filled,
        tuple(column for column in raw.columns if column not in used),
        area,
        raw,
        choices,
    )


def _wrong_geometry(table: pd.DataFrame, code: NDArray[np.object_]) -> NDArray[np.bool_]:
    kinds = shapely.get_type_id(table["geometry"].to_numpy(dtype=object))
    route = (table["kind"] == "fiber_route").to_numpy()
    whole = (table["rows"] > 0).to_numpy()
    return np.asarray((code == "") & whole & np.where(route, ~np.isin(kinds, (1, 5)), kinds != 0), dtype=bool)


def _doubled(table: pd.DataFrame, code: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Rows without an identifier that say what an earlier row says already: the same kind, place and name."""
    doubled = np.zeros(len(table), dtype=bool)
    rows = np.flatnonzero((code == "") & table["asset_id"].isna().to_numpy() & (table["rows"] > 0).to_numpy())
    if len(rows):
        part = pd.DataFrame(
            {
                "kind": table["kind"].to_numpy()[rows],
                "name": table["name"].fillna("").to_numpy()[rows],
                "place": shapely.to_wkb(table["geometry"].to_numpy(dtype=object)[rows]),
            }
        )
        doubled[rows[part.duplicated().to_numpy()]] = True
    return doubled


def _cut_off(raw: Raw, choices: Choices, notes: list[Note]) -> NDArray[np.bool_]:
    """The last row of a text file that ends in the middle of a line, where the place stands at the end of the line."""
    cut = np.zeros(len(raw.frame), dtype=bool)
    if raw.unfinished and raw.columns[-1] in {
        choices.columns.get(what) for what in ("lat", "lon", "coordinates", "geometry")
    }:
        cut[-1] = True
        notes.append(("imports.note.unfinished", {"row": int(raw.frame.index[-1])}))
    return cut
