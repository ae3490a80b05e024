"""Matching a list of villages with those of a region: by code and name together, and never silently.

Every row gets one status:

- ``agreed``: code and name say the same village (or the only one of them that is given can mean one village only), and
  nothing that is given contradicts it.
- ``spelling``: the same, but the name is a small misspelling of the village's.
- ``code_conflict``: the name, within its subdistrict, names one village with certainty, and the code says another or
  none. The subdistrict is the one given, else the one that the code lies in; for a code that lies in no known
  subdistrict, the regency. Also: the digits are the named village's Kemendagri code without its dots. The village is
  the one named.
- ``name_conflict``: the code is a valid one and the name fits nothing near; or the name is found, but not in the
  subdistrict that the row or its code says; or code and name agree and the given subdistrict or regency contradicts
  them. The village is the code's where a second thing (the name or the given subdistrict) supports it, else none.
- ``ambiguous``: several villages fit equally, or ten digits can be read in both systems of codes and the rest of the
  row does not settle which. No village; the candidates are listed.
- ``not_found``: nothing in the region fits, or code and name are those of a village elsewhere. No village.

Ten bare digits are looked up as a BPS code and as a Kemendagri code without dots. An exact name goes before a close
one, and a close name is refused where the name as written belongs to another village nearby. What a row gets does not
depend on the other rows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.candidates import find_candidates, read_rows
from coverage.codes import NOT_CLOSE
from coverage.gazetteer import NOT_GIVEN, NOT_KNOWN, Flags, Gazetteer, Ints, make_gazetteer

RESULT = ("row", "status", "village_code_bps", "village_code_kemendagri", "village", "subdistrict", "reason", "candidates",
          "reason_details")
STATUSES = ("agreed", "spelling", "code_conflict", "name_conflict", "ambiguous", "not_found")
MAX_CANDIDATES = 5


def reconcile(rows: pd.DataFrame, villages: pd.DataFrame, crosswalk: pd.DataFrame | None = None) -> pd.DataFrame:
    """Match a list of villages with the villages of a region.

    Parameters
    ----------
    rows
        Any of ``code``, ``village``, ``subdistrict``, ``regency`` as written, and ``row`` (the number of the row in its
        file; counted from 1 where it is missing).
    villages
        ``village`` with ``village_code_bps`` or ``village_code_kemendagri``; ``subdistrict``, ``regency`` and
        ``other_names`` where known.
    crosswalk
        The same columns, for this region or for more; see :mod:`coverage.gazetteer`.

    Returns
    -------
    DataFrame
        :data:`RESULT`, a row per row of the list, in its order, index from zero. Codes and names are the region's, as
        text, empty where there are none. ``reason`` is a code; ``reason_details`` a dict of what its sentence names,
        with ``notes``, a list of codes of further remarks. ``candidates`` is text, ``code name (subdistrict); ...``,
        empty where the status is ``agreed`` or ``spelling``.
    """
    gazetteer = make_gazetteer(villages, crosswalk)
    given = read_rows(rows, gazetteer)
    candidates = find_candidates(given, gazetteer)
    verdicts = decide(given, candidates)
    return _result(given, candidates, verdicts, gazetteer)


class Verdicts:
    """What each row gets; the first rule that fits a row decides it."""

    def __init__(self, count: int) -> None:
        self.status: npt.NDArray[np.object_] = np.full(count, "", dtype=object)
        self.reason: npt.NDArray[np.object_] = np.full(count, "", dtype=object)
        self.place: Ints = np.full(count, -1, dtype=np.int64)

    def rule(self, where: Flags, status: str, reason: str, place: Ints | None = None) -> None:
        """Decide the rows ``where`` holds and nothing was decided yet."""
        rows = where & (self.status == "")
        self.status[rows], self.reason[rows] = status, reason
        if place is not None:
            self.place[rows] = place[rows]


class Picks:
    """Of each row's candidates, those that fit a condition: how many, and the first of them."""

    def __init__(self, candidates: pd.DataFrame, where: pd.Series, count: int) -> None:
        chosen = candidates.loc[where.to_numpy(dtype=bool), ["row", "place"]]
        self.count = np.bincount(chosen["row"].to_numpy(dtype=np.int64), minlength=count)
        self.first: Ints = np.full(count, -1, dtype=np.int64)
        first = chosen.drop_duplicates("row")
        self.first[first["row"].to_numpy(dtype=np.int64)] = first["place"].to_numpy(dtype=np.int64)
        self.some: Flags = self.count > 0
        self.one: Flags = self.count == 1
        self.several: Flags = self.count > 1


class Evidence:
    """The candidates of all rows, picked by what speaks for them."""

    def __init__(self, given: pd.DataFrame, candidates: pd.DataFrame) -> None:
        c, n = candidates, len(given)

        def picks(where: pd.Series) -> Picks:
            return Picks(c, where, n)

        own = picks(c["by_code"])
        by_code = c["by_code"] | (c["by_edition"] & ~pd.Series(own.some[c["row"]], index=c.index))
        fits = c["distance"] < NOT_CLOSE
        usable = c["inside"] & ~c["against"]
        self.code = picks(by_code)
        self.code_inside = picks(by_code & c["inside"])
        self.code_against = picks(by_code & c["against"])
        self.meanings = picks(c["by_code"] | c["by_edition"])
        fitting = by_code & fits
        better = fitting & c["exact"]
        exact = picks(better)
        self.fit = picks(better | (fitting & ~pd.Series(exact.some[c["row"]], index=c.index)))
        self.fit_exact = exact.some
        self.fit_inside = picks(fitting & c["inside"]).some
        self.fit_against = picks(fitting & c["against"]).some
        self.edition = picks(c["by_edition"] & by_code).some
        self.bare = picks(c["by_bare"])
        self.bare_inside = picks(c["by_bare"] & c["inside"])
        self.bare_fit = picks(c["by_bare"] & fits)
        self.bare_fit_inside = picks(c["by_bare"] & fits & c["inside"]).some
        self.bare_exact = picks(c["by_bare"] & c["exact"]).some
        self.bare_fit_against = picks(c["by_bare"] & fits & c["against"]).some
        self.near = picks(c["exact"] & usable & c["near"])
        self.near_close = picks(_closest(c, fits & usable & c["near"]))
        self.nearer = picks(_closest(c, fits & usable & c["near"]) & ~by_code
                            & (c["distance"] < _own_distance(c, fitting)))
        self.regency = picks(c["exact"] & usable & c["same_regency"])
        self.regency_any = picks(c["exact"] & c["inside"] & c["same_regency"])
        self.anywhere = picks(c["exact"] & usable)
        self.against = picks(c["exact"] & c["inside"])
        self.close = picks(_closest(c, fits & usable & ~c["exact"]))
        length = given["sound"].str.len().to_numpy()[c["row"]]
        strict = (c["distance"] == 0) | ((c["distance"] == 1) & (length >= 7)) | ((c["distance"] == 2) & (length >= 12))
        self.close_alone = picks(_closest(c, fits & usable & ~c["exact"]) & strict)


def _closest(candidates: pd.DataFrame, where: pd.Series) -> pd.Series:
    """Narrow a condition to the candidates whose names are closest to the row's."""
    distance = candidates["distance"].where(where, NOT_CLOSE)
    return where & (distance == distance.groupby(candidates["row"]).transform("min"))


def _own_distance(candidates: pd.DataFrame, fitting: pd.Series) -> pd.Series:
    """Distance of the row's name from that of the village its code says."""
    return candidates["distance"].where(fitting, NOT_CLOSE).groupby(candidates["row"]).transform("min")


def decide(given: pd.DataFrame, candidates: pd.DataFrame) -> Verdicts:
    """Give every row its status, village and reason; see the head of this module for what they mean.

    Parameters
    ----------
    given
        From :func:`coverage.candidates.read_rows`.
    candidates
        From :func:`coverage.candidates.find_candidates`.
    """
    verdicts = Verdicts(len(given))
    evidence = Evidence(given, candidates)
    named = (given["key"] != "").to_numpy()
    coded = given["coded"].to_numpy(dtype=bool)
    verdicts.rule((given["system"] == "forest").to_numpy(), "not_found", "forest")
    verdicts.rule(~named & ~coded, "not_found", "nothing_given")
    _code_alone(verdicts, evidence, coded & ~named)
    _code_and_name_agree(verdicts, evidence, given, coded & named)
    _code_without_dots(verdicts, evidence, given, coded & named)
    _code_and_name_differ(verdicts, evidence, given, coded & named)
    _name_alone(verdicts, evidence, given, named & ~coded)
    return verdicts


def _code_alone(v: Verdicts, e: Evidence, here: Flags) -> None:
    inside = e.code_inside.some | e.bare_inside.some
    v.rule(here & (e.code.some | e.bare.some) & ~inside, "not_found", "elsewhere")
    v.rule(here & e.code.some & e.bare.some, "ambiguous", "digits_in_both")
    v.rule(here & e.bare.some, "ambiguous", "without_dots_alone")
    v.rule(here & e.meanings.several, "ambiguous", "editions_differ")
    v.rule(here & e.code_against.some, "name_conflict", "code_elsewhere")
    v.rule(here & e.code.some, "agreed", "code_alone", e.code.first)
    v.rule(here, "not_found", "code_unknown_alone")


def _code_and_name_agree(v: Verdicts, e: Evidence, given: pd.DataFrame, here: Flags) -> None:
    fit = here & e.fit.some
    located = (given["area"] >= 0).to_numpy()
    v.rule(fit & ~e.fit_inside & ~e.bare_fit_inside & ~e.near.some, "not_found", "elsewhere")
    v.rule(fit & e.bare_fit.some & (e.bare_exact | ~e.fit_exact), "ambiguous", "digits_in_both_named")
    v.rule(fit & e.fit.several, "ambiguous", "code_twice")
    v.rule(fit & ~e.fit_inside & located & e.near.some, "ambiguous", "namesake_elsewhere")
    v.rule(fit & ~e.fit_inside, "not_found", "elsewhere")
    v.rule(fit & e.fit_against & located & e.near.one, "code_conflict", "code_of_namesake", e.near.first)
    v.rule(fit & e.fit_against & located & e.near.several, "ambiguous", "namesakes")
    v.rule(fit & e.fit_against & (given["regency_area"] == NOT_KNOWN).to_numpy(), "name_conflict", "regency_differs",
           e.fit.first)
    v.rule(fit & e.fit_against & (given["area"] == NOT_KNOWN).to_numpy(), "name_conflict", "subdistrict_unknown",
           e.fit.first)
    v.rule(fit & e.fit_against, "name_conflict", "subdistrict_differs", e.fit.first)
    v.rule(fit & e.fit_exact & e.edition, "agreed", "other_edition", e.fit.first)
    v.rule(fit & e.fit_exact, "agreed", "code_and_name", e.fit.first)
    v.rule(fit & e.near.one, "code_conflict", "code_of_neighbour", e.near.first)
    v.rule(fit & e.near.several, "ambiguous", "namesakes")
    v.rule(fit & ~located & e.regency.some, "ambiguous", "close_and_exact")
    v.rule(fit & e.nearer.some, "ambiguous", "closer_neighbour")
    v.rule(fit & e.edition, "spelling", "other_edition_close", e.fit.first)
    v.rule(fit, "spelling", "code_and_name_close", e.fit.first)


def _code_without_dots(v: Verdicts, e: Evidence, given: pd.DataFrame, here: Flags) -> None:
    """The digits, read as a Kemendagri code, and the name are of one village; read as a BPS code they are not."""
    bare = here & e.bare_fit.some
    v.rule(bare & ~e.bare_fit_inside & ~e.code_inside.some, "not_found", "elsewhere")
    v.rule(bare & (~e.bare_fit_inside | e.bare_fit.several), "ambiguous", "without_dots_or_bps")
    v.rule(bare & e.bare_fit_against, "ambiguous", "without_dots_elsewhere")
    v.rule(bare & e.near.some & (e.near.several | (e.near.first != e.bare_fit.first)), "ambiguous",
           "without_dots_or_namesake")
    v.rule(bare, "code_conflict", "without_dots", e.bare_fit.first)


def _code_and_name_differ(v: Verdicts, e: Evidence, given: pd.DataFrame, here: Flags) -> None:
    located = (given["area"] >= 0).to_numpy()
    unlocated = (given["area"] == NOT_GIVEN).to_numpy()
    for found, ending in ((e.near, ""), (e.near_close, "_close")):
        v.rule(here & found.several, "ambiguous", "namesakes" if not ending else "close_to_several")
        v.rule(here & found.one & e.code_inside.some, "code_conflict", "code_of_another" + ending, found.first)
        v.rule(here & found.one & e.code.some, "code_conflict", "code_of_elsewhere" + ending, found.first)
        v.rule(here & found.one & located, "code_conflict", "code_not_listed" + ending, found.first)
        v.rule(here & found.one, "code_conflict", "code_not_listed_nearby" + ending, found.first)
    inside = here & e.code_inside.some
    v.rule(inside & e.code_against.some, "name_conflict", "all_differ")
    supported = inside & located
    v.rule(supported & e.code_inside.several, "ambiguous", "code_twice")
    v.rule(supported & e.regency_any.some, "name_conflict", "name_elsewhere", e.code_inside.first)
    v.rule(supported, "name_conflict", "name_unknown", e.code_inside.first)
    v.rule(inside & e.regency_any.some, "name_conflict", "name_elsewhere")
    v.rule(inside, "name_conflict", "name_unknown")
    v.rule(here & e.code.some, "not_found", "elsewhere")
    v.rule(here & e.bare_inside.some, "name_conflict", "without_dots_name_differs")
    v.rule(here & e.bare.some, "not_found", "elsewhere")
    v.rule(here & given["outside"].to_numpy(dtype=bool) & ~located, "not_found", "code_of_other_regency")
    lost = here & unlocated & (given["code_area"] == NOT_KNOWN).to_numpy()
    # 1, 2 or 3 as the seventh digit is how the village part of a Kemendagri code begins: then the first four digits need
    # not be those of the BPS regency.
    maybe_bare = (given["system"] == "bps").to_numpy() & given["digits"].str[6:7].isin(["1", "2", "3"]).to_numpy()
    v.rule(lost & e.regency.one & ~maybe_bare, "code_conflict", "code_not_listed_regency", e.regency.first)
    v.rule(lost & e.against.some & maybe_bare, "ambiguous", "maybe_without_dots")
    for found in (e.regency_any, e.against):
        v.rule(here & found.several, "ambiguous", "namesakes")
        v.rule(here & found.some, "name_conflict", "code_not_listed_name_elsewhere")
    v.rule(here, "not_found", "code_and_name_unknown")


def _name_alone(v: Verdicts, e: Evidence, given: pd.DataFrame, here: Flags) -> None:
    located = here & (given["area"] >= 0).to_numpy()
    v.rule(here & (given["regency_area"] == NOT_KNOWN).to_numpy(), "not_found", "other_regency")
    v.rule(located & e.near.one, "agreed", "name_and_subdistrict", e.near.first)
    v.rule(located & e.near.several, "ambiguous", "namesakes")
    v.rule(located & e.near_close.one, "spelling", "name_and_subdistrict_close", e.near_close.first)
    v.rule(located & e.near_close.several, "ambiguous", "close_to_several")
    v.rule(located & e.against.some, "name_conflict", "name_elsewhere_alone")
    v.rule(here & (given["area"] == NOT_KNOWN).to_numpy() & e.against.some, "name_conflict", "subdistrict_unknown_alone")
    free = here & (given["area"] == NOT_GIVEN).to_numpy()
    v.rule(free & e.anywhere.one, "agreed", "name_alone", e.anywhere.first)
    v.rule(free & e.anywhere.several, "ambiguous", "namesakes")
    v.rule(free & e.close.several, "ambiguous", "close_to_several")
    v.rule(free & e.close_alone.one, "spelling", "name_alone_close", e.close_alone.first)
    v.rule(free & e.close.some, "ambiguous", "close_unsupported")
    v.rule(here, "not_found", "name_unknown_alone")


def _result(given: pd.DataFrame, candidates: pd.DataFrame, verdicts: Verdicts, gazetteer: Gazetteer) -> pd.DataFrame:
    result = pd.DataFrame({"row": given["row"], "status": verdicts.status})
    for column in ("village_code_bps", "village_code_kemendagri", "village", "subdistrict"):
        values = np.append(gazetteer.places[column].to_numpy(dtype=object), "")
        result[column] = pd.Series(values[verdicts.place], dtype=object)
    result["reason"] = verdicts.reason
    labels = _labels(gazetteer.places)
    unsure = ~np.isin(verdicts.status.astype(str), ("agreed", "spelling"))
    listed = _listed(candidates[unsure[candidates["row"].to_numpy(dtype=np.int64)]], labels)
    result["candidates"] = listed.reindex(result.index).fillna("").astype(object)
    result["reason_details"] = _details(given, candidates, result, labels)
    return result[[*RESULT]]


def _labels(places: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Places as text: code, name, and the subdistrict in brackets where it is known."""
    code = places["village_code_bps"].mask(places["village_code_bps"] == "", places["village_code_kemendagri"])
    bracket = (" (" + places["subdistrict"] + ")").mask(places["subdistrict"] == "", "")
    return (code + " " + places["village"] + bracket).to_numpy(dtype=object)


def _listed(candidates: pd.DataFrame, labels: npt.NDArray[np.object_]) -> pd.Series:
    """The candidates of each row as text: what the code says and what the name says first, then the next best."""
    c = candidates.assign(label=labels[candidates["place"].to_numpy(dtype=np.int64)])
    by_code = c["by_code"] | c["by_bare"] | c["by_edition"]
    fits = c["distance"] < NOT_CLOSE
    c["order"] = np.select([by_code & fits, c["exact"] & c["near"], by_code, c["near"], c["exact"] & c["same_regency"],
                            c["exact"]], [0, 1, 2, 3, 4, 5], 6)
    c = c.sort_values(["row", "order", "distance", "label"], kind="stable")
    found: dict[int, list[str]] = {}
    for row, label in zip(c["row"].tolist(), c["label"].tolist(), strict=True):
        found.setdefault(row, []).append(label)
    return pd.Series({row: "; ".join(texts[:MAX_CANDIDATES]) for row, texts in found.items()}, dtype=object)


def _details(given: pd.DataFrame, candidates: pd.DataFrame, result: pd.DataFrame,
             labels: npt.NDArray[np.object_]) -> pd.Series:
    """What the sentence of each reason names: what was given, what was found, and what the code says."""
    n = len(given)
    own = Picks(candidates, candidates["by_code"] | candidates["by_edition"], n).first
    bare = Picks(candidates, candidates["by_bare"], n).first
    texts = np.append(labels, "")
    notes: list[list[str]] = [[] for _ in range(n)]
    unchecked = (given["subdistrict"] != "") & (given["area"] == NOT_GIVEN)
    for note, where in (("code_damaged", given["system"] == "damaged"), ("code_unreadable", given["system"] == "unreadable"),
                        ("code_of_subdistrict", given["system"] == "subdistrict"),
                        ("code_unverifiable", given["unverifiable"]), ("subdistrict_unchecked", unchecked)):
        for row in np.flatnonzero(where.to_numpy(dtype=bool)):
            notes[row].append(note)
    columns = (given["code"], given["village"], given["subdistrict"], given["regency"], result["village"],
               result["village_code_bps"], result["subdistrict"], texts[own], texts[bare], notes)
    names = ("code", "village", "subdistrict", "regency", "found", "found_code", "found_subdistrict", "code_means",
             "without_dots_means", "notes")
    return pd.Series([dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)], dtype=object)
