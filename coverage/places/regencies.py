"""Regencies and cities: found by code or name, and the key that every village goes by.

A village is kept under ``village_code_bps``. For 6,285 villages no BPS code is known (most of Papua, and villages newer
than the bridge of 2024): they are kept under their Kemendagri code *with its dots*, ``93.01.01.2001``, which cannot be
taken for a BPS code. A regency goes by the four digits of BPS, ``3505``, or where none is known by its Kemendagri code,
``93.01``. Why: docs/decisions/0080-all-of-indonesia.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from rapidfuzz.distance import OSA

REGENCY_CODE = re.compile(r"\d{4}|\d{2}\.\d{2}")
"""Code of a regency: BPS, or dotted Kemendagri."""
OUTLINE_ERROR_DEG = 0.0045
"""The outlines that ship are simplified to 400 m, and 500 m is about this many degrees."""
FAR_KM = 20.0
"""A village of a file this far from the same code's place in the list is another village."""
KM_PER_DEGREE = 111.3
CLOSE = 2
"""Most edits of suggested names."""
_KINDS = {"kota": "kota", "kotamadya": "kota", "kodya": "kota", "kab": "kab", "kabupaten": "kab"}


@dataclass(frozen=True)
class Regency:
    """A regency or city.

    Attributes
    ----------
    kemendagri : its code with the dot: ``35.05``
    bps : its BPS code, four digits; None where it is not known
    name : ``Kabupaten Blitar``
    """

    kemendagri: str
    bps: str | None
    name: str
    province: str
    villages: int

    @property
    def code(self) -> str:
        """BPS code, else dotted Kemendagri."""
        return self.bps or self.kemendagri


def codes_of(table: pd.DataFrame) -> pd.Series:
    """:attr:`Regency.code` of each row of :func:`coverage.readers.nation.regencies`."""
    bps, kemendagri = table["regency_code_bps"], table["regency_code_kemendagri"]
    return bps.mask(bps == "", kemendagri)


def with_keys(villages: pd.DataFrame) -> pd.DataFrame:
    """Villages by their key: the BPS code, or the dotted Kemendagri code where there is none.

    Parameters
    ----------
    villages : ``village_code_kemendagri`` and ``village_code_bps``, empty text where it is not known
    """
    bps, other = villages["village_code_bps"], villages["village_code_kemendagri"]
    return villages.assign(village_code_bps=bps.mask(bps == "", other))


def to_keys(codes: pd.Series, villages: pd.DataFrame) -> pd.Series:
    """The keys of villages for codes of either system: a Kemendagri code of ``villages`` becomes the village's key."""
    keys = dict(zip(villages["village_code_kemendagri"], villages["village_code_bps"], strict=True))
    return codes.map(lambda code: keys.get(code, code)).astype(object)


def is_bps(keys: pd.Series) -> pd.Series:
    """Whether each key is a BPS code."""
    return ~keys.str.contains(".", regex=False)


def regency_code(keys: pd.Series) -> pd.Series:
    """Regency code of each village key: ``3505``, or ``93.01``."""
    return keys.str[:5].where(~is_bps(keys), keys.str[:4])


def subdistrict_code(keys: pd.Series) -> pd.Series:
    """The subdistrict that each key of a village begins with: ``3505030``, or ``93.01.01``."""
    return keys.str[:8].where(~is_bps(keys), keys.str[:7])


def region_of(villages: pd.DataFrame) -> str:
    """Code of the region that villages make up: that of their regency; those of several are joined by a plus."""
    return "+".join(sorted(set(regency_code(villages["village_code_bps"]))))


def regency_key(text: str) -> str:
    """Key of a regency: a city and a regency of the same name are two; one written without its kind may be either."""
    tokens = re.findall(r"[^\W_]+", text.casefold())
    kind = "any"
    while len(tokens) > 1 and (tokens[0] in _KINDS or tokens[0] in ("administrasi", "adm")):
        kind = _KINDS.get(tokens.pop(0), kind)
    return f"reg:{kind}:{''.join(tokens)}"


def find_regencies(text: str, table: pd.DataFrame) -> list[Regency]:
    """Find the regencies that a code or a name may mean.

    Parameters
    ----------
    text : ``3329`` (BPS), ``33.29`` (Kemendagri), ``brebes``, ``kab. brebes``, ``kota bogor``
    table : from :func:`coverage.readers.nation.regencies`

    Returns
    -------
    list of Regency
        One where it is certain, several where a name is that of a regency and of a city, none where nothing is called
        so. Four digits are a BPS code and nothing else: 9401 was Merauke's for BPS, and is Nabire's for Kemendagri.
    """
    text = text.strip()
    for column in ("regency_code_bps", "regency_code_kemendagri"):
        if text and (table[column] == text).any():
            return _listed(table[table[column] == text])
    wanted, keys = regency_key(text), _keys(table)
    if not wanted.split(":")[2]:
        return []
    if wanted.startswith("reg:any:"):
        return _listed(table[keys.str.split(":").str[2] == wanted.split(":")[2]])
    return _listed(table[keys == wanted])


def search_regencies(text: str, table: pd.DataFrame) -> list[Regency]:
    """Regencies that match words, the likeliest first: for search, not for decisions.

    Equal codes and names first; then those with all the words in name, province or code; then near misspellings. All of
    them without words.
    """
    exact = find_regencies(text, table)
    words = [word for word in re.findall(r"[\w.]+", text.casefold()) if word.strip(".") not in _KINDS]
    whole = table[["regency", "province", "regency_code_bps", "regency_code_kemendagri"]].agg(" ".join, axis=1)
    whole = (whole + " " + table["regency_code_kemendagri"].str.replace(".", "", regex=False)).str.casefold()
    fits = np.ones(len(table), dtype=bool)
    for word in words:
        fits &= whole.str.contains(word, regex=False).to_numpy()
    found = [*exact, *(_listed(table[fits]) if words or not text.strip() else [])]
    return list(dict.fromkeys(found)) or _close(text, table)


def _close(text: str, table: pd.DataFrame) -> list[Regency]:
    wanted = regency_key(text).split(":")[2]
    names = _keys(table).str.split(":").str[2]
    apart = np.array([OSA.distance(wanted, name, score_cutoff=CLOSE) for name in names])
    near = table[(apart <= CLOSE) & (len(wanted) > CLOSE + 1)]
    return _listed(near.iloc[np.argsort(apart[near.index], kind="stable")])


def _keys(table: pd.DataFrame) -> pd.Series:
    return table["regency"].map(regency_key)


def _listed(table: pd.DataFrame) -> list[Regency]:
    columns = ["regency_code_kemendagri", "regency_code_bps", "regency", "province", "villages"]
    return [
        Regency(kemendagri, bps or None, name, province, int(villages))
        for kemendagri, bps, name, province, villages in table[columns].itertuples(index=False)
    ]


def regencies_at(points: gpd.GeoSeries, outlines: gpd.GeoSeries) -> pd.DataFrame:
    """Regency of each point.

    Parameters
    ----------
    points : n points, EPSG:4326
    outlines : of regencies, EPSG:4326, indexed by code; simplified, so that neighbours overlap or leave gaps

    Returns
    -------
    DataFrame
        Indexed as ``points``: ``regency``, a code, or None out at sea and for an empty point; ``sure``, false within
        500 m of another regency's outline, where the simplified outlines cannot tell. Of several outlines the one in
        which the point lies deepest, else the nearest within 500 m.
    """
    places, shapes = points.to_numpy(), outlines.to_numpy()
    near = shapely.STRtree(shapes).query(places, predicate="dwithin", distance=OUTLINE_ERROR_DEG)
    point, outline = near
    prepared = shapes[outline]
    inside = shapely.intersects(prepared, places[point])
    depth = np.where(inside, 1.0, -1.0)
    unsure = np.bincount(point, minlength=len(places)) > 1
    close = unsure[point] | ~inside
    depth[close] *= shapely.distance(shapely.boundary(prepared[close]), places[point[close]])
    found: npt.NDArray[np.int64] = np.full(len(places), -1)
    order = np.argsort(depth, kind="stable")
    found[point[order]] = outline[order]
    codes = np.append(outlines.index.to_numpy(dtype=object), [None])
    return pd.DataFrame({"regency": codes[found], "sure": ~unsure & (found >= 0)}, index=points.index)


def far_from_list(
    villages: pd.DataFrame, known: pd.DataFrame, file: str | None = None
) -> list[tuple[str, dict[str, object]]]:
    """Note villages whose code belongs, by the list of all villages, to a place far away.

    BPS codes were given anew, and some were bridged to the wrong village: a code alone is not enough.

    Parameters
    ----------
    villages : ``village_code_bps, village, centre_lon, centre_lat``
    known : the list: ``village_code_bps, village, lon, lat``

    Returns
    -------
    list of (code, values)
        One note or none.
    """
    columns = ["village_code_bps", "village", "lon", "lat"]
    both = villages.merge(known[columns], on="village_code_bps", suffixes=("", "_known"))
    east = (both["centre_lon"] - both["lon"]) * np.cos(np.radians(both["lat"]))
    apart = KM_PER_DEGREE * np.hypot(east, both["centre_lat"] - both["lat"])
    far = both[apart > FAR_KM]
    if far.empty:
        return []
    told = [
        f"{code} {here} ({there}, {km:.0f} km)"
        for code, here, there, km in zip(
            far["village_code_bps"], far["village"], far["village_known"], apart[far.index], strict=True
        )
    ]
    return [("villages.note.far_from_list", {"file": file, "count": len(far), "villages": "; ".join(told[:10])})]
