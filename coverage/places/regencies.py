"""Regencies and cities: found by code or name, and the key that every village goes by.

A village is kept under ``village_code_bps``. For 6,285 villages no BPS code is known (most of Papua, and villages newer
than the bridge of 2024): they are kept under their Kemendagri code *with its dots*, ``93.01.01.2001``, which cannot be
taken for a BPS code. A regency goes by the four digits of BPS, ``3505``, or where none is known by its Kemendagri code,
``93.01``. Why: docs/decisions/0110-all-of-indonesia.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
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
CLOSE = 3
"""One edit is allowed in so many letters of a name that is suggested, and two at most."""
_KINDS = {
    **dict.fromkeys(("kota", "kotamadya", "kodya", "pemkot"), "kota"),
    **dict.fromkeys(("kab", "kabupaten", "pemkab"), "kab"),
}
_BEFORE = {*_KINDS, "administrasi", "adm", "pemerintah", "dinas", "kominfo", "diskominfo"}
"""Words before a name that are no part of it."""
_FULL = {"kep": "kepulauan", "peg": "pegunungan"}
_DOTTED = re.compile(r"(\d\d)[ .,-]+(\d\d)[ .]*")
_WHOLE = re.compile(r"(\d{4})(?:\.0)?")


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
    begins = villages["village_code_bps"].str[:5].unique()  # few: no need of pandas for what follows
    return "+".join(sorted({begin if "." in begin else begin[:4] for begin in begins}))


def regency_key(text: str) -> str:
    """Key of a regency: a city and a regency of the same name are two; one written without its kind may be either."""
    return _key(_tokens(text))


def _key(tokens: list[str]) -> str:
    kind, rest = "any", list(tokens)
    while len(rest) > 1 and rest[0] in _BEFORE:
        kind = _KINDS.get(rest.pop(0), kind)
    return f"reg:{kind}:{''.join(rest)}"


def _tokens(text: str) -> list[str]:
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())
    return [_FULL.get(word, word) for word in words]


def find_regencies(text: str, table: pd.DataFrame) -> list[Regency]:
    """Find the regencies that a code or a name may mean.

    Parameters
    ----------
    text : ``3329`` (BPS), ``33.29`` (Kemendagri), ``brebes``, ``kab. brebes``, ``Bogor (Kota), Jawa Barat``
    table : from :func:`coverage.readers.nation.regencies`

    Returns
    -------
    list of Regency
        One where it is certain, several where a name is that of a regency and of a city, none where nothing is called
        so. Four digits are a BPS code and nothing else: 9401 was Merauke's for BPS, and is Nabire's for Kemendagri.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    for column, code in (
        ("regency_code_bps", _WHOLE.fullmatch(text)),
        ("regency_code_kemendagri", _DOTTED.fullmatch(text)),
    ):
        if code:
            return _listed(table[table[column] == ".".join(code.groups())])
    keys = table["key"]
    for wanted, inside in _readings(_tokens(text), table):
        same = _same(wanted, keys) & inside
        if same.any():
            return _listed(table[same])
    known = table["other_names"].str.split(";").explode()
    same = _same(regency_key(text), known.map(regency_key)).groupby(level=0).any()
    return _listed(table[same])


def _same(wanted: str, keys: pd.Series) -> pd.Series:
    """Whether each key may be meant: kind and name run into each other too."""
    _, kind, name = wanted.split(":")
    if kind != "any":
        return (keys == wanted) | ((keys == f"reg:any:{name}") & (name != ""))
    kinds, names = keys.str.split(":").str[1], keys.str.split(":").str[2]
    return (name != "") & ((names == name) | (kinds + names == name.replace("kabupaten", "kab", 1)))


def _readings(tokens: list[str], table: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """Keys that words may mean, the likeliest first, each with the regencies among which it is looked for."""
    everywhere = pd.Series(True, index=table.index)
    heads = [(tokens, everywhere)]
    for province in table["province"].unique():
        words = _tokens(province)
        if len(tokens) > len(words) and tokens[-len(words) :] == words:
            heads.append((tokens[: -len(words)], table["province"] == province))
    for head, inside in heads:
        yield _key(head), inside
        if len(head) > 1:
            if head[-1] in _KINDS:
                yield _key([head[-1], *head[:-1]]), inside
            yield f"reg:any:{''.join(head)}", inside


def search_regencies(text: str, table: pd.DataFrame) -> list[Regency]:
    """Regencies that match words, the likeliest first: for search, not for decisions.

    Equal codes and names first; then those with all the words in name, province or code, abbreviations ("jaksel",
    "oku timur", "jateng") included; then near misspellings. All of them without words.
    """
    words = [word for word in _tokens(text) if word not in _BEFORE]
    if not words and text.strip():
        return []
    digits = "".join(words)[:4] if "".join(words).isdigit() else ""
    ranks = [_rank(words, digits, *row) for row in table[_SEARCHED].itertuples(index=False)]
    fits = table.assign(rank=ranks).query("rank >= 0").sort_values("rank", kind="stable")
    return list(dict.fromkeys([*find_regencies(text, table), *_listed(fits)])) or _close(text, table)


_SEARCHED = ["regency", "province", "regency_code_bps", "regency_code_kemendagri"]


def _rank(words: list[str], digits: str, name: str, province: str, *codes: str) -> int:
    """How well words fit a regency: 0 its name has all of them, -1 they do not fit."""
    if digits:
        return 0 if any(code.replace(".", "").startswith(digits) for code in codes) else -1
    of_name, of_province, whole = _tokens(name), _tokens(province), "".join(words)
    if set(words) <= set(of_name) or _abbreviates(whole, [word for word in of_name if word not in _BEFORE]):
        return 0
    if all(any(word in one for one in of_name) for word in words):
        return 1
    known = [*of_name, *of_province]
    fits = all(any(word in one for one in known) or _abbreviates(word, of_province) for word in words)
    return 2 if fits or _abbreviates(whole, of_province) else -1


def _abbreviates(text: str, words: list[str]) -> bool:
    """Whether a text is made of the beginnings of words: "tangsel" of Tangerang Selatan; "dan" may be left out."""
    if not text or not words:
        return not text and not words
    head, rest = words[0], words[1:]
    starts = (n for n in range(1, len(head) + 1) if text.startswith(head[:n]))
    return any(_abbreviates(text[n:], rest) for n in starts) or (head == "dan" and _abbreviates(text, rest))


def _close(text: str, table: pd.DataFrame) -> list[Regency]:
    wanted = regency_key(text).split(":")[2]
    most = min(len(wanted) // CLOSE, 2)
    apart = np.array([OSA.distance(wanted, name.split(":")[2], score_cutoff=most) for name in table["key"]])
    near = table[apart <= most]
    return _listed(near.iloc[np.argsort(apart[near.index], kind="stable")]) if most else []


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
    known = known.loc[known["village_code_bps"].isin(villages["village_code_bps"]), columns]
    here = pd.DataFrame(villages)[["village_code_bps", "village", "centre_lon", "centre_lat"]]
    both = here.merge(known, on="village_code_bps", suffixes=("", "_known"))
    east = (both["centre_lon"] - both["lon"]) * np.cos(np.radians(both["lat"]))
    apart = KM_PER_DEGREE * np.hypot(east, both["centre_lat"] - both["lat"])
    far = both[apart > FAR_KM]
    if far.empty:
        return []
    told = [
        [f"{code} {here} ({there},", round(km), "km)"]
        for code, here, there, km in zip(
            far["village_code_bps"], far["village"], far["village_known"], apart[far.index], strict=True
        )
    ]
    return [("villages.note.far_from_list", {"file": file, "count": len(far), "villages": told[:10]})]
