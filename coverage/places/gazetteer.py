"""Gazetteer: all known villages, those of the region with all codes and names, and the rest of the crosswalk.

A crosswalk adds Kemendagri codes, other spellings, codes of other editions, and villages elsewhere, without which a
code could not be told from the undotted code of another place. Where an edition gave a code to a different village of
the subdistrict, the two are joined by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from coverage.places.codes import (
    NOT_CLOSE,
    name_distances,
    names_frame,
    other_readings,
    parse_kemendagri,
    parse_key,
    read_code,
    read_name,
    text_of,
)
from coverage.places.regencies import is_bps, regency_key, subdistrict_code

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_PLAIN = re.compile(r"(?!.*\balias\b)[a-z ]*", re.IGNORECASE).fullmatch
NOT_GIVEN = -1
NOT_KNOWN = -2
COLUMNS = ("village_code_bps", "village_code_kemendagri", "village", "subdistrict", "regency", "other_names")


@dataclass(frozen=True)
class Gazetteer:
    """Villages by code, by name and by area.

    Attributes
    ----------
    places : a row per village, those of the region first: :data:`COLUMNS`, and ``inside`` (whether of the region)
    codes
        ``digits, system, place``: every code, without dots; the system is ``bps``, ``kemendagri`` or ``other_edition``
        (a BPS code that another edition gives to the place).
    names
        ``place, key, sound, numerals, side, whole`` for the region: every name; ``whole`` is false for a part of one.
    area_ids
        Number of each area that villages of the region lie in, by ``bps:3505030``, ``bps:3505``, ``bps:35``,
        ``kem:350513``, ``kem:3505``, ``kem:35``, ``sub:<name key>``, ``reg:<kind>:<name key>``.
    members : sorted ``place * len(area_ids) + area``
    """

    places: pd.DataFrame
    codes: pd.DataFrame
    names: pd.DataFrame
    area_ids: dict[str, int]
    members: Ints

    def is_in(self, places: Ints, areas: Ints) -> Flags:
        """Whether each place lies in the area beside it; never in a negative (unknown) area."""
        wanted = places * len(self.area_ids) + areas
        at = np.minimum(np.searchsorted(self.members, wanted), max(len(self.members) - 1, 0))
        found: Flags = (areas >= 0) & (len(self.members) > 0)
        if found.any():
            found &= self.members[at] == wanted
        return found

    def area(self, keys: pd.Series) -> Ints:
        """Area numbers by key; :data:`NOT_KNOWN` where the region has none."""
        return np.array([self.area_ids.get(key, NOT_KNOWN) for key in keys], dtype=np.int64)

    def places_in(self, areas: Ints) -> pd.DataFrame:
        """``area, place`` pairs of the areas."""
        area = self.members % max(len(self.area_ids), 1)
        kept = np.isin(area, areas)
        return pd.DataFrame({"area": area[kept], "place": self.members[kept] // max(len(self.area_ids), 1)})

    def has_area(self, prefix: str) -> Flags:
        """Whether each place has an area of the kind ``prefix`` (``sub:``, ``reg:``)."""
        ids = np.array([number for key, number in self.area_ids.items() if key.startswith(prefix)], dtype=np.int64)
        found = np.zeros(len(self.places), dtype=bool)
        found[self.places_in(ids)["place"].to_numpy(dtype=np.int64)] = True
        return found

    def is_code_area(self, areas: Ints) -> Flags:
        """Whether each area is by code, so that every coded village can be tested against it."""
        ids = [number for key, number in self.area_ids.items() if key.startswith(("bps:", "kem:"))]
        return np.isin(areas, np.array(ids, dtype=np.int64))

    @cached_property
    def only_regency(self) -> int:
        """The regency of all villages; :data:`NOT_KNOWN` where there are several."""
        for prefix in ("bps:", "kem:"):
            found = [number for key, number in self.area_ids.items() if key.startswith(prefix) and len(key) == 8]
            if found:
                return found[0] if len(found) == 1 else NOT_KNOWN
        return NOT_KNOWN

    def names_of(self, places: Ints) -> pd.DataFrame:
        """Names of some places, those outside the region included: as :attr:`names`."""
        outside = places[places >= int(self.places["inside"].sum())]
        inside = self.names[self.names["place"].isin(places)]
        return pd.concat([inside, name_table(self.places.loc[np.unique(outside)])], ignore_index=True)

    def subdistricts(self, texts: pd.Series) -> Ints:
        """Area of each subdistrict as written: by its code, its name, or a name close to exactly one.

        :data:`NOT_GIVEN` where nothing is written or the region names no subdistricts, :data:`NOT_KNOWN` where it
        cannot be found.
        """
        found = {text: self._subdistrict(text) for text in texts.unique()}
        self._close_areas(found, "sub:")
        return texts.map(found).to_numpy(dtype=np.int64)

    def _subdistrict(self, text: str) -> int:
        if not text:
            return NOT_GIVEN
        code = read_code(text)
        if code.system == "subdistrict":
            return self.area_ids.get(("bps:" if len(code.digits) == 7 else "kem:") + code.digits, NOT_KNOWN)
        if not any(key.startswith("sub:") for key in self.area_ids):
            return NOT_GIVEN
        return self.area_ids.get("sub:" + read_name(text, "subdistrict").key, NOT_KNOWN)

    def regencies(self, texts: pd.Series) -> Ints:
        """Area of each regency as written; as :meth:`subdistricts`. "Blitar" may be Kabupaten or Kota Blitar."""
        known = any(key.startswith("reg:") for key in self.area_ids)
        found = {
            text: self.area_ids.get(regency_key(text), NOT_KNOWN) if text and known else NOT_GIVEN
            for text in texts.unique()
        }
        return texts.map(found).to_numpy(dtype=np.int64)

    def _close_areas(self, found: dict[str, int], prefix: str) -> None:
        """Fill in the only area with a close name, for unmatched texts."""
        missing = [text for text, area in found.items() if area == NOT_KNOWN]
        known = [key for key in self.area_ids if key.startswith(prefix)]
        if not missing or not known:
            return
        left = names_frame(missing, "subdistrict")
        right = names_frame([key.removeprefix(prefix) for key in known], "subdistrict")
        pairs = close_pairs(left, right)
        best = pairs[pairs["distance"] == pairs.groupby("left")["distance"].transform("min")]
        for at, rows in best.groupby("left"):
            if len(rows) == 1:
                found[missing[int(str(at))]] = self.area_ids[known[int(rows["right"].iloc[0])]]


def close_pairs(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """All pairs of close names: ``left, right`` (positions) and ``distance``."""
    found = [_within_two(left[form].to_numpy(dtype=str), right[form].to_numpy(dtype=str)) for form in ("sound", "key")]
    pairs = pd.concat(found, ignore_index=True).drop_duplicates(ignore_index=True)
    pairs["distance"] = name_distances(left.iloc[pairs["left"]], right.iloc[pairs["right"]])
    return pairs[pairs["distance"] < NOT_CLOSE].reset_index(drop=True)


def _within_two(left: npt.NDArray[np.str_], right: npt.NDArray[np.str_]) -> pd.DataFrame:
    """Pairs of texts within two edits."""
    ours, at_left = np.unique(left, return_inverse=True)
    theirs, at_right = np.unique(right, return_inverse=True)
    hits = [pd.DataFrame({"ours": [], "theirs": []}, dtype=np.int64)]
    block = max(1, 20_000_000 // max(len(theirs), 1))
    for start in range(0, len(ours), block):
        edits = cdist(
            ours[start : start + block].tolist(),
            theirs.tolist(),
            scorer=OSA.distance,
            score_cutoff=2,
            dtype=np.uint8,
            workers=-1,
        )
        rows, columns = np.nonzero(edits <= 2)
        hits.append(pd.DataFrame({"ours": rows + start, "theirs": columns}))
    pairs = pd.concat(hits)
    pairs = pairs.merge(pd.DataFrame({"ours": at_left, "left": np.arange(len(left))}), on="ours")
    pairs = pairs.merge(pd.DataFrame({"theirs": at_right, "right": np.arange(len(right))}), on="theirs")
    return pairs[["left", "right"]]


def make_gazetteer(villages: pd.DataFrame, crosswalk: pd.DataFrame | None = None) -> Gazetteer:
    """Combine the villages of a region with a crosswalk.

    Parameters
    ----------
    villages
        ``village`` and ``village_code_bps`` or ``village_code_kemendagri`` or both; where there are, ``subdistrict``,
        ``regency`` and ``other_names`` (separated by ``|``).
    crosswalk : the same columns, for the region, the country or anything between
    """
    inside = _tidy(villages)
    others = _tidy(crosswalk) if crosswalk is not None else inside.iloc[:0].copy()
    names = name_table(inside)
    others["home"] = _homes(others, inside, names)
    known = others[others["home"] >= 0]
    more = name_table(known)
    names = pd.concat([names, more.assign(place=known["home"].loc[more["place"]].to_numpy())])
    names = names.sort_values(["place", "whole"], ascending=[True, False], kind="stable")
    names = names.drop_duplicates(["place", "key"]).reset_index(drop=True)
    for column in ("village_code_kemendagri", "village_code_bps", "subdistrict", "regency"):
        spare = known[known[column] != ""].drop_duplicates("home").set_index("home")[column]
        filling = inside.index.to_series().map(spare).astype(object).fillna("")
        inside[column] = inside[column].mask(inside[column] == "", filling)
    places = pd.concat([inside.assign(inside=True), others[others["home"] < 0].assign(inside=False)], ignore_index=True)
    area_ids, members = _areas(inside, known)
    return Gazetteer(places, _codes(places, known), names, area_ids, members)


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of a list of villages as clean text."""
    made = pd.DataFrame("", index=pd.RangeIndex(len(frame)), columns=list(COLUMNS), dtype=object)
    for column in made.columns.intersection(frame.columns):
        read = {"village_code_bps": parse_key, "village_code_kemendagri": parse_kemendagri}.get(column, text_of)
        made[column] = pd.Series([read(value) or "" for value in frame[column].tolist()], dtype=object)
    for column in ("subdistrict", "regency"):
        # Without names of subdistricts a table has their codes instead, which are no names.
        made[column] = made[column].mask(made[column].str.fullmatch(r"[\d.]+"), "")
    return made


def name_table(places: pd.DataFrame) -> pd.DataFrame:
    """Parsed names of places: see :attr:`Gazetteer.names`."""
    at: list[int] = []
    texts: list[str] = []
    whole: list[bool] = []
    for place, village, others in zip(places.index, places["village"], places["other_names"], strict=True):
        own = [village, *others.split("|")] if others else [village]
        parts = [part for name in own if not _PLAIN(name) for part in other_readings(name)]
        at += [place] * (len(own) + len(parts))
        texts += own + parts
        whole += [True] * len(own) + [False] * len(parts)
    table = names_frame(texts).assign(place=np.array(at, dtype=np.int64), whole=np.array(whole, dtype=bool))
    # "WEK VI" is also written "WEKVI", where the numeral is lost: equal as a whole, but never close.
    counted = np.flatnonzero(table["numerals"] != "")
    joined = names_frame([texts[row].replace(" ", "") for row in counted]).assign(sound="", numerals="", side="")
    joined = joined.assign(place=table["place"].to_numpy()[counted], whole=table["whole"].to_numpy()[counted])
    table = pd.concat([table, joined], ignore_index=True)
    return table[table["key"] != ""].drop_duplicates(["place", "key"])


def _homes(others: pd.DataFrame, inside: pd.DataFrame, names: pd.DataFrame) -> Ints:
    """The village of the region that each row of a crosswalk is about, -1 for none.

    By BPS code, unless the name is that of another village of the same subdistrict (another edition's numbering); else
    by Kemendagri code and name; else by name within the subdistrict, for a code that only the other edition has.
    """
    own = names_frame(others["village"])
    home = _lookup(others["village_code_bps"], inside["village_code_bps"])
    by_name = _by_name(subdistrict_code(others["village_code_bps"]) + own["key"], inside, names)
    renamed = (home >= 0) & ~_fits(home, own, names) & (by_name >= 0)
    home = np.where(renamed, by_name, home)
    by_kemendagri = _lookup(others["village_code_kemendagri"], inside["village_code_kemendagri"])
    home = np.where((home < 0) & _fits(by_kemendagri, own, names), by_kemendagri, home)
    free = (home < 0) & (by_name >= 0) & ~np.isin(by_name, home)
    return np.where(free, by_name, home)


def _lookup(wanted: pd.Series, codes: pd.Series) -> Ints:
    table = pd.Series(codes.index.to_numpy(), index=codes.to_numpy())
    table = table[(table.index != "") & ~table.index.duplicated(keep=False)]
    return wanted.map(table).fillna(-1).to_numpy(dtype=np.int64)


def _by_name(wanted: pd.Series, inside: pd.DataFrame, names: pd.DataFrame) -> Ints:
    """The only village whose subdistrict code and name key are ``wanted``."""
    prefix = subdistrict_code(inside["village_code_bps"]).loc[names["place"]].to_numpy()
    keys = pd.Series(names["place"].to_numpy(), index=prefix + names["key"].to_numpy())
    keys = keys[(prefix != "") & ~keys.index.duplicated(keep=False)]
    return wanted.map(keys).fillna(-1).to_numpy(dtype=np.int64)


def _fits(places: Ints, own: pd.DataFrame, names: pd.DataFrame) -> Flags:
    """Whether a row's name equals or is close to a name of its place."""
    rows = np.flatnonzero(places >= 0)
    pairs = pd.DataFrame({"row": rows, "place": places[rows]}).merge(names, on="place")
    distance = name_distances(own.iloc[pairs["row"]], pairs)
    fits = np.zeros(len(places), dtype=bool)
    fits[pairs["row"].to_numpy()[distance < NOT_CLOSE]] = True
    return fits


def _codes(places: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    own = pd.DataFrame({"digits": places["village_code_bps"], "system": "bps", "place": places.index})
    second = pd.DataFrame({"digits": places["village_code_kemendagri"], "system": "kemendagri", "place": places.index})
    edition = pd.DataFrame({"digits": known["village_code_bps"], "system": "other_edition", "place": known["home"]})
    edition = edition[edition["digits"].to_numpy() != places["village_code_bps"].loc[edition["place"]].to_numpy()]
    third = pd.DataFrame({"digits": known["village_code_kemendagri"], "system": "kemendagri", "place": known["home"]})
    own, edition = own[is_bps(own["digits"])], edition[is_bps(edition["digits"])]
    codes = pd.concat([own, second, edition, third], ignore_index=True)
    codes["digits"] = codes["digits"].str.replace(".", "", regex=False)
    filled: pd.DataFrame = codes[codes["digits"] != ""]
    return filled.drop_duplicates(ignore_index=True)


def _areas(inside: pd.DataFrame, known: pd.DataFrame) -> tuple[dict[str, int], Ints]:
    """Number the areas of the region, with their villages."""
    parts = []
    bare = inside["village_code_kemendagri"].str.replace(".", "", regex=False)
    coded = inside["village_code_bps"].where(is_bps(inside["village_code_bps"]), "")
    for prefix, codes, lengths in (("bps:", coded, (7, 4, 2)), ("kem:", bare, (6, 4, 2))):
        filled = codes[codes != ""]
        parts += [pd.Series(prefix + filled.str[:length], index=filled.index) for length in lengths]
    for table, at in ((inside, inside.index.to_series()), (known, known["home"])):
        named = (table["subdistrict"] != "").to_numpy()
        keys = names_frame(table["subdistrict"][named], "subdistrict")["key"]
        parts.append(pd.Series("sub:" + keys.to_numpy(dtype=object), index=at[named].to_numpy(), dtype=object))
        named = (table["regency"] != "").to_numpy()
        for kind in ("own", "any"):
            texts = table["regency"][named].map(regency_key)
            texts = (
                texts.str.replace("reg:any:", "reg:kab:")
                if kind == "own"
                else texts.str.replace(r"^reg:\w+:", "reg:any:", regex=True)
            )
            parts.append(pd.Series(texts.to_numpy(dtype=object), index=at[named].to_numpy(), dtype=object))
    listed = pd.concat(parts)
    listed = listed[~listed.str.endswith(":")]
    numbers, keys_found = pd.factorize(listed.to_numpy(dtype=object), sort=True)
    members = np.unique(listed.index.to_numpy(dtype=np.int64) * len(keys_found) + numbers)
    return {str(key): number for number, key in enumerate(keys_found)}, members
