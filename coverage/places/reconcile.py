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

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.places.codes import NOT_CLOSE
from coverage.places.gazetteer import NOT_GIVEN, NOT_KNOWN, Flags, Gazetteer, Ints, make_gazetteer
from coverage.places.village_candidates import find_candidates, read_rows

RESULT = (
    "row", "status", "village_code_bps", "village_code_kemendagri", "village", "subdistrict", "reason", "candidates",
    "reason_details",
)  # fmt: skip
STATUSES = ("agreed", "spelling", "code_conflict", "name_conflict", "ambiguous", "not_found")
MAX_CANDIDATES = 5
SHORT = 4
"""A misspelling in so short a name needs the support of a code."""
LONG, VERY_LONG = 7, 12
"""Lengths from which one letter, or two, may be wrong without code and subdistrict."""


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
    crosswalk : the same columns, for this region or for more; see :mod:`coverage.places.gazetteer`

    Returns
    -------
    DataFrame
        :data:`RESULT`, a row per row of the list, in its order, index from zero. Codes and names are the region's, as
        text, empty where there are none. ``reason`` is a code; ``reason_details`` a dict of what its sentence names,
        with ``notes``, a list of codes of further remarks. ``candidates`` is text, ``code name (subdistrict); ...``,
        empty where the status is ``agreed`` or ``spelling``.
    """
    gazetteer = make_gazetteer(villages, None if crosswalk is villages else crosswalk)
    given = read_rows(rows, gazetteer)
    candidates = find_candidates(given, gazetteer)
    verdicts = decide(given, candidates)
    return _result(given, candidates, verdicts, gazetteer)


class MatchVerdicts:
    """Result per row; the first rule that fits decides."""

    def __init__(self, count: int) -> None:
        self.status: npt.NDArray[np.object_] = np.full(count, "", dtype=object)
        self.reason: npt.NDArray[np.object_] = np.full(count, "", dtype=object)
        self.place: Ints = np.full(count, -1, dtype=np.int64)

    def rule(self, where: Flags, status: str, reason: str, place: Ints | None = None) -> None:
        """Decide the undecided rows in ``where``."""
        rows = where & (self.status == "")
        self.status[rows], self.reason[rows] = status, reason
        if place is not None:
            self.place[rows] = place[rows]


class Picks:
    """Candidates per row that meet a condition: count and first."""

    def __init__(self, rows: Ints, places: Ints, count: int) -> None:
        self.count = np.bincount(rows, minlength=count)
        self.first: Ints = np.full(count, -1, dtype=np.int64)
        # The last assignment to a row stays, so reversed: the first candidate.
        self.first[rows[::-1]] = places[::-1]
        self.some: Flags = self.count > 0
        self.one: Flags = self.count == 1
        self.several: Flags = self.count > 1


class Evidence:
    """Candidates of all rows, by supporting evidence."""

    def __init__(self, given: pd.DataFrame, candidates: pd.DataFrame) -> None:
        self.count = len(given)
        self.c: dict[str, Any] = {name: candidates[name].to_numpy() for name in candidates.columns}
        self.rows = self.c["row"].astype(np.int64)
        self.distance = self.c["distance"].astype(np.int64)
        self.fits: Flags = self.distance < NOT_CLOSE
        self._pick_by_code()
        self._pick_by_name(given["sound"].str.len().to_numpy(dtype=np.int64)[self.rows])

    def _picks(self, where: Flags) -> Picks:
        return Picks(self.rows[where], self.c["place"][where], self.count)

    def _nearest(self, where: Flags) -> Ints:
        """Per candidate, the smallest distance among those of its row that meet a condition."""
        best = np.full(self.count, NOT_CLOSE, dtype=np.int64)
        np.minimum.at(best, self.rows[where], self.distance[where])
        spread: Ints = best[self.rows]
        return spread

    def _pick_by_code(self) -> None:
        c, fits, picks = self.c, self.fits, self._picks
        # Another edition's meaning of a code counts only where the region's own edition does not know the code.
        self.by_code: Flags = c["by_code"] | (c["by_edition"] & ~picks(c["by_code"]).some[self.rows])
        self.code = picks(self.by_code)
        self.code_inside = picks(self.by_code & c["inside"])
        self.code_against = picks(self.by_code & c["against"])
        self.meanings = picks(c["by_code"] | c["by_edition"])
        self.edition = picks(c["by_edition"] & self.by_code).some
        fitting = self.by_code & fits
        self.fit_exact = picks(fitting & c["exact"]).some
        self.fit = picks(fitting & (c["exact"] | ~self.fit_exact[self.rows]))
        self.fit_inside = picks(fitting & c["inside"]).some
        self.fit_against = picks(fitting & c["against"]).some
        self.bare = picks(c["by_bare"])
        self.bare_inside = picks(c["by_bare"] & c["inside"])
        self.bare_fit = picks(c["by_bare"] & fits)
        self.bare_exact = picks(c["by_bare"] & c["exact"]).some
        self.bare_fit_inside = picks(c["by_bare"] & fits & c["inside"]).some
        self.bare_fit_against = picks(c["by_bare"] & fits & c["against"]).some

    def _pick_by_name(self, length: Ints) -> None:
        c, distance, picks, nearest = self.c, self.distance, self._picks, self._nearest
        usable = c["inside"] & ~c["against"]
        self.near = picks(c["exact"] & usable & c["near"])
        self.regency = picks(c["exact"] & usable & c["same_regency"])
        self.regency_any = picks(c["exact"] & c["inside"] & c["same_regency"])
        self.anywhere = picks(c["exact"] & usable)
        self.against = picks(c["exact"] & c["inside"])
        alike = self.fits & usable & ~c["exact"]
        near = alike & c["near"]
        trusted = near & ((distance == 0) | (length > SHORT))
        sure = (distance == 0) | ((distance == 1) & (length >= LONG)) | (length >= VERY_LONG)
        self.near_any = picks(near)
        self.near_close = picks(trusted & (distance == nearest(trusted)))
        self.near_sure = picks(trusted & sure & (distance == nearest(trusted))).one
        self.nearer = picks(near & ~self.by_code & (distance < nearest(self.by_code & self.fits)))
        self.close = picks(alike & (distance <= nearest(alike) + 1))
        self.twin = picks(alike & (distance <= 1))
        self.close_sure = picks(alike & sure & (distance == nearest(alike)))


def decide(given: pd.DataFrame, candidates: pd.DataFrame) -> MatchVerdicts:
    """Status, village and reason of every row; see the module.

    Parameters
    ----------
    given : from :func:`coverage.places.village_candidates.read_rows`
    candidates : from :func:`coverage.places.village_candidates.find_candidates`
    """
    verdicts = MatchVerdicts(len(given))
    evidence = Evidence(given, candidates)
    named = (given["key"] != "").to_numpy()
    coded = given["coded"].to_numpy(dtype=bool)
    for what in ("forest", "water"):
        verdicts.rule((given["system"] == what).to_numpy(), "not_found", what)
    verdicts.rule(~named & ~coded, "not_found", "nothing_given")
    _code_alone(verdicts, evidence, coded & ~named)
    _code_and_name_agree(verdicts, evidence, given, coded & named)
    _code_without_dots(verdicts, evidence, given, coded & named)
    _code_and_name_differ(verdicts, evidence, given, coded & named)
    _name_alone(verdicts, evidence, given, named & ~coded)
    return verdicts


def _code_alone(v: MatchVerdicts, e: Evidence, here: Flags) -> None:
    inside = e.code_inside.some | e.bare_inside.some
    v.rule(here & (e.code.some | e.bare.some) & ~inside, "not_found", "elsewhere")
    v.rule(here & e.code.some & e.bare.some, "ambiguous", "digits_in_both")
    v.rule(here & e.bare.some, "ambiguous", "without_dots_alone")
    v.rule(here & e.meanings.several, "ambiguous", "editions_differ")
    v.rule(here & e.code_against.some, "name_conflict", "code_elsewhere")
    v.rule(here & e.code.some, "agreed", "code_alone", e.code.first)
    v.rule(here, "not_found", "code_unknown_alone")


def _code_and_name_agree(v: MatchVerdicts, e: Evidence, given: pd.DataFrame, here: Flags) -> None:
    fit = here & e.fit.some
    located = (given["area"] >= 0).to_numpy()
    v.rule(fit & ~e.fit_inside & ~e.bare_fit_inside & ~e.near.some, "not_found", "elsewhere")
    v.rule(fit & e.bare_fit.some & (e.bare_exact | ~e.fit_exact), "ambiguous", "digits_in_both_named")
    v.rule(fit & e.fit.several, "ambiguous", "code_twice")
    v.rule(fit & ~e.fit_inside & located & e.near.some, "ambiguous", "namesake_elsewhere")
    v.rule(fit & ~e.fit_inside, "not_found", "elsewhere")
    against = fit & e.fit_against
    v.rule(against & located & e.near.one, "code_conflict", "code_of_namesake", e.near.first)
    v.rule(against & located & e.near.several, "ambiguous", "namesakes")
    unknown_regency = (given["regency_area"] == NOT_KNOWN).to_numpy()
    v.rule(against & unknown_regency, "name_conflict", "regency_differs", e.fit.first)
    unknown_area = (given["area"] == NOT_KNOWN).to_numpy()
    v.rule(against & unknown_area, "name_conflict", "subdistrict_unknown", e.fit.first)
    v.rule(against, "name_conflict", "subdistrict_differs", e.fit.first)
    v.rule(fit & e.fit_exact & e.edition, "agreed", "other_edition", e.fit.first)
    v.rule(fit & e.fit_exact, "agreed", "code_and_name", e.fit.first)
    v.rule(fit & e.near.one, "code_conflict", "code_of_neighbour", e.near.first)
    v.rule(fit & e.near.several, "ambiguous", "namesakes")
    v.rule(fit & ~located & e.regency.some, "ambiguous", "close_and_exact")
    v.rule(fit & e.nearer.some, "ambiguous", "closer_neighbour")
    v.rule(fit & e.edition, "spelling", "other_edition_close", e.fit.first)
    v.rule(fit, "spelling", "code_and_name_close", e.fit.first)


def _code_without_dots(v: MatchVerdicts, e: Evidence, given: pd.DataFrame, here: Flags) -> None:
    """As Kemendagri code the digits and the name are of one village; as BPS code not."""
    bare = here & e.bare_fit.some
    v.rule(bare & ~e.bare_fit_inside & ~e.code_inside.some, "not_found", "elsewhere")
    v.rule(bare & (~e.bare_fit_inside | e.bare_fit.several), "ambiguous", "without_dots_or_bps")
    v.rule(bare & e.bare_fit_against, "ambiguous", "without_dots_elsewhere")
    v.rule(
        bare & e.near.some & (e.near.several | (e.near.first != e.bare_fit.first)),
        "ambiguous",
        "without_dots_or_namesake",
    )
    v.rule(bare, "code_conflict", "without_dots", e.bare_fit.first)


def _code_and_name_differ(v: MatchVerdicts, e: Evidence, given: pd.DataFrame, here: Flags) -> None:
    located = (given["area"] >= 0).to_numpy()
    v.rule(here & e.near.several, "ambiguous", "namesakes")
    _code_of_another(v, e, here & e.near.one, located, e.near.first, "")
    close = here & (located | ~e.regency.some)
    v.rule(close & e.near_close.several, "ambiguous", "close_to_several")
    # In a subdistrict that only a code speaks for, a close name is no certainty, least of all beside a valid code.
    certain = located | (e.near_sure & ~e.code_inside.some)
    _code_of_another(v, e, close & e.near_close.one & certain, located, e.near_close.first, "_close")
    _code_stands(v, e, here, located)
    v.rule(here & e.bare_inside.some, "name_conflict", "without_dots_name_differs")
    _code_unknown(v, e, given, here)


def _code_of_another(v: MatchVerdicts, e: Evidence, here: Flags, located: Flags, found: Ints, ending: str) -> None:
    """The name, within its subdistrict, is one village; the code is another or none."""
    v.rule(here & e.code_inside.some, "code_conflict", "code_of_another" + ending, found)
    v.rule(here & located & e.code.some, "code_conflict", "code_of_elsewhere" + ending, found)
    v.rule(here & located, "code_conflict", "code_not_listed" + ending, found)
    v.rule(here & ~e.code.some, "code_conflict", "code_not_listed_nearby" + ending, found)


def _code_stands(v: MatchVerdicts, e: Evidence, here: Flags, located: Flags) -> None:
    """Valid code; the name fits nothing near."""
    inside = here & e.code_inside.some
    v.rule(inside & e.code_against.some, "name_conflict", "all_differ")
    v.rule(inside & e.code_inside.several, "ambiguous", "code_twice")
    for where, village in ((inside & located, e.code_inside.first), (inside, None)):
        v.rule(where & e.regency_any.some, "name_conflict", "name_elsewhere", village)
        v.rule(where & e.near_any.some, "name_conflict", "name_close_to_neighbour", village)
        v.rule(where, "name_conflict", "name_unknown", village)
    v.rule(here & (e.code.some | e.bare.some) & ~e.bare_inside.some & ~e.against.some, "not_found", "elsewhere")
    v.rule(here & e.code.some, "name_conflict", "code_of_elsewhere_name_here")


def _code_unknown(v: MatchVerdicts, e: Evidence, given: pd.DataFrame, here: Flags) -> None:
    """Unknown code; the name fits nothing in its subdistrict or the one given."""
    outside = here & given["outside"].to_numpy(dtype=bool)
    v.rule(outside & (given["regency_area"] == NOT_KNOWN).to_numpy(), "not_found", "other_regency")
    v.rule(outside & e.against.some, "name_conflict", "code_outside_name_here")
    v.rule(outside & (given["area"] < 0).to_numpy(), "not_found", "code_outside")
    lost = here & (given["area"] == NOT_GIVEN).to_numpy() & (given["code_area"] == NOT_KNOWN).to_numpy()
    # 1, 2 or 3 as the seventh digit is how the village part of a Kemendagri code begins: then the first four digits
    # need not be those of the BPS regency.
    maybe_bare = (given["system"] == "bps").to_numpy() & given["digits"].str[6:7].isin(["1", "2", "3"]).to_numpy()
    unique = (given["namesakes"] == 1).to_numpy()
    v.rule(lost & e.regency.one & unique & ~maybe_bare, "code_conflict", "code_not_listed_regency", e.regency.first)
    v.rule(lost & e.against.some & maybe_bare, "ambiguous", "maybe_without_dots")
    v.rule(here & (e.regency_any.several | (e.against.some & ~unique)), "ambiguous", "namesakes")
    v.rule(here & e.against.some, "name_conflict", "code_not_listed_name_elsewhere")
    v.rule(here & e.near_any.some, "ambiguous", "close_unsupported")
    v.rule(here, "not_found", "code_and_name_unknown")


def _name_alone(v: MatchVerdicts, e: Evidence, given: pd.DataFrame, here: Flags) -> None:
    located = here & (given["area"] >= 0).to_numpy()
    v.rule(here & (given["regency_area"] == NOT_KNOWN).to_numpy(), "not_found", "other_regency")
    v.rule(located & e.near.one, "agreed", "name_and_subdistrict", e.near.first)
    v.rule(located & e.near.several, "ambiguous", "namesakes")
    v.rule(located & e.near_close.one, "spelling", "name_and_subdistrict_close", e.near_close.first)
    v.rule(located & e.near_close.several, "ambiguous", "close_to_several")
    v.rule(located & e.against.some, "name_conflict", "name_elsewhere_alone")
    v.rule(located & e.near_any.some, "ambiguous", "close_unsupported")
    v.rule(
        here & (given["area"] == NOT_KNOWN).to_numpy() & e.against.some, "name_conflict", "subdistrict_unknown_alone"
    )
    free = here & (given["area"] == NOT_GIVEN).to_numpy()
    v.rule(free & e.anywhere.one & e.twin.some, "ambiguous", "one_letter_apart")
    v.rule(free & e.anywhere.one, "agreed", "name_alone", e.anywhere.first)
    v.rule(free & e.anywhere.several, "ambiguous", "namesakes")
    v.rule(free & e.close.several, "ambiguous", "close_to_several")
    v.rule(free & e.close_sure.one, "spelling", "name_alone_close", e.close_sure.first)
    v.rule(free & e.close.some, "ambiguous", "close_unsupported")
    v.rule(here, "not_found", "name_unknown_alone")


def _result(
    given: pd.DataFrame, candidates: pd.DataFrame, verdicts: MatchVerdicts, gazetteer: Gazetteer
) -> pd.DataFrame:
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
    """Code, name, and subdistrict in brackets."""
    code = places["village_code_bps"].mask(places["village_code_bps"] == "", places["village_code_kemendagri"])
    bracket = (" (" + places["subdistrict"] + ")").mask(places["subdistrict"] == "", "")
    return (code + " " + places["village"] + bracket).to_numpy(dtype=object)


def _listed(candidates: pd.DataFrame, labels: npt.NDArray[np.object_]) -> pd.Series:
    """Candidates per row as text: those of code and name first."""
    c = candidates.assign(label=labels[candidates["place"].to_numpy(dtype=np.int64)])
    by_code = c["by_code"] | c["by_bare"] | c["by_edition"]
    fits = c["distance"] < NOT_CLOSE
    c["order"] = np.select(
        [by_code & fits, c["exact"] & c["near"], by_code, c["near"], c["exact"] & c["same_regency"], c["exact"]],
        [0, 1, 2, 3, 4, 5],
        6,
    )
    c = c.sort_values(["row", "order", "distance", "label"], kind="stable")
    found: dict[int, list[str]] = {}
    for row, label in zip(c["row"].tolist(), c["label"].tolist(), strict=True):
        found.setdefault(row, []).append(label)
    return pd.Series({row: "; ".join(texts[:MAX_CANDIDATES]) for row, texts in found.items()}, dtype=object)


def _details(
    given: pd.DataFrame, candidates: pd.DataFrame, result: pd.DataFrame, labels: npt.NDArray[np.object_]
) -> pd.Series:
    """Values of the reason's sentence: given, found, meaning of the code."""
    n = len(given)
    rows, places = candidates["row"].to_numpy(dtype=np.int64), candidates["place"].to_numpy(dtype=np.int64)
    by_code = (candidates["by_code"] | candidates["by_edition"]).to_numpy(dtype=bool)
    by_bare = candidates["by_bare"].to_numpy(dtype=bool)
    own, bare = Picks(rows[by_code], places[by_code], n).first, Picks(rows[by_bare], places[by_bare], n).first
    texts = np.append(labels, "")
    notes: list[list[str]] = [[] for _ in range(n)]
    unchecked = (given["subdistrict"] != "") & (given["area"] == NOT_GIVEN)
    for note, where in (
        ("code_damaged", given["system"] == "damaged"),
        ("code_unreadable", given["system"] == "unreadable"),
        ("code_of_subdistrict", given["system"] == "subdistrict"),
        ("code_unverifiable", given["unverifiable"]),
        ("subdistrict_unchecked", unchecked),
    ):
        for row in np.flatnonzero(where.to_numpy(dtype=bool)):
            notes[row].append(note)
    codes = given["code"].mask(given["system"] == "bps", given["digits"])
    columns = (
        codes,
        given["village"],
        given["subdistrict"],
        given["regency"],
        result["village"],
        result["village_code_bps"],
        result["subdistrict"],
        texts[own],
        texts[bare],
        notes,
    )
    names = (
        "code", "village", "subdistrict", "regency", "found", "found_code", "found_subdistrict", "code_means",
        "without_dots_means", "notes",
    )  # fmt: skip
    return pd.Series([dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)], dtype=object)
