"""Guess which column holds what, from its name (misspelt or not) and its values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

import numpy as np
import shapely
from rapidfuzz import process
from rapidfuzz.distance import OSA

from coverage.imports.claims import are_codes
from coverage.imports.raw import Raw
from coverage.imports.spellings import known_word
from coverage.places.codes import read_code
from coverage.readers.angles import read_angles
from coverage.readers.pairs import is_pair
from coverage.readers.tables import TextTable, plain
from coverage.readers.village_lists import find_columns, row_codes
from coverage.readers.vocabulary import FIELDS, column_clues, column_ranks, column_words, word_list
from coverage.readers.zones import read_zone

ADDRESSES = ("lokasi", "location", "lokasi_pemasangan", "titik_lokasi", "lokasi_titik", "tempat")
"""Columns with the name of an asset, or its address where another column has the name."""
LOOKED_AT = 300
"""Rows inspected."""
CODES = 0.2
"""A column in which fewer cells hold village codes holds something else."""
COMPLEMENT = 0.9
"""A second column belongs to the first where nearly all of its cells stand where the first has none."""
JOINED = ("owner", "operator", "note", "band_mhz")
"""Fields that may have several values: those of several columns stand side by side."""
CUT_AT = 10
_CODED = ("bps", "kemendagri", "damaged", "forest", "water")
_UNITS = re.compile(r"_(?:m|mtr|meter|mhz|dd|dms|derajat|desimal|decimal|wgs84|wgs_84|ls|bt|4326|site|degree)$")
_SYSTEM = re.compile(
    r"(?:^|_)(?:(?:wgs_?84|dgn_?95)_?)?(?:utm|zona|zone)(?:_?(?:zona|zone))?(?:_?\d{2}_?[a-z]?)?(?=_|$)"
)
_SITE = re.compile(r"(?:.*_)?(?:site|siteid|sitecode|situs)(?:_|$)")
_NUMBERED = re.compile(r"(?<=[a-z])_?\d{1,2}$")
_ABOVE_GROUND = re.compile(r"_(?:dari|di_?atas|atas|above)_(?:tanah|ground)(?=_|$)")
_PLACES = (
    ("lat", ("latitude", "lattitude", "lintang", "lat")),
    ("lon", ("longitude", "longtitude", "bujur", "long", "lng", "lon")),
)
_LEAVES = frozenset({"label", "name", "nama", "title", "value", "text", "code", "kode", "id", "key", "display", "slug"})
"""Last parts of nested names (``status.label``) that say something of what stands before them."""
_HOLDERS = frozenset({"properties", "attributes", "tags", "fields", "item", "detail", "info", "record"})
ORDER = (
    "azimuth_deg", "tilt_deg", "eirp_dbm", "technology", "antenna",
    "height_m", "band_mhz", "village_code", "subdistrict", "regency", "village", "owner", "operator",
    "claim", "hamlet", "zone", "broken_since", "installed_on", "status", "asset_id", "address", "kind", "name", "note",
)  # fmt: skip
"""In which a longer name is searched for known words: ``nama_pemilik_menara`` is of an owner, not a name."""


_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a name of a program begins its next word (``operatorName``)."""


@lru_cache(maxsize=10_000)
def field_of(header: str) -> str | None:
    """Tell what a column holds by its name: one of FIELDS, ``skip``, or None where the name says nothing known.

    A name may be misspelt (``LATTITUDE``): one letter from five on, two from nine on; stand behind the names of groups
    (``grp_situs/nama_titik``, ``location.coordinates.lat``); or have other words around it (``nama_site_lokasi``).
    """
    parts = [part for part in re.split(r"/|::|\.(?=[^\W\d])", header) if plain(part)]
    known = column_words().get(plain(header))
    if known or len(parts) < 2:
        words = plain(_HUMP.sub(" ", header))
        return known or _of_words(plain(header)) or _below_group(header) or _of_words(words)
    said = [_of_words(plain(part)) for part in parts[-2:]]
    if set(said) == {"lat", "lon"}:
        return "coordinates"
    if plain(parts[-1]) in _LEAVES and "/" not in header:
        # A record inside the record: of what, its name says, unless it only holds the fields together.
        holds = plain(parts[-2]) in _HOLDERS or not word_list("asset_words").isdisjoint(plain(parts[-2]).split("_"))
        return said[0] if said[0] not in (None, "skip", "name") else said[1] if holds else None
    return said[1] or _inside(plain(header))


def _below_group(header: str) -> str | None:
    """ODK Central writes a group and a field as ``group-field``."""
    group, dash, name = header.rpartition("-")
    of_others = not word_list("other_words").isdisjoint(plain(group).split("_"))
    return column_words().get(plain(name)) if dash and not of_others else None


def _of_words(name: str) -> str | None:
    known = column_words()
    if name in known:
        return known[name]
    words = _ABOVE_GROUND.sub("", name).split("_")
    if _place_inside(words) or not word_list("other_words").isdisjoint(words):
        return _inside(name)
    bare = "_".join(word for word in words if word not in word_list("asset_words"))
    for text in (
        _UNITS.sub("", name),
        _UNITS.sub("", _UNITS.sub("", name)),
        re.sub(r"^(?:titik|posisi|data|koordinat|kordinat)_", "", name),
        _NUMBERED.sub("", name),
        _SYSTEM.sub("", name).strip("_"),
        name.replace("_", ""),
        bare if bare not in ("no", "nomor", "id", "kode") else "",
        _UNITS.sub("", bare),
    ):
        if text in known and known[text] != "skip" and column_clues()[known[text]].allows(words):
            return known[text]
    return _close(name, known) or _cut_off(name, known) or _inside(name)


def _cut_off(name: str, known: dict[str, str]) -> str | None:
    """A name of ten letters may be the beginning of a longer one, as Shapefiles keep names: ``tahun_pemb``."""
    found = {what for text, what in known.items() if text.startswith(name)} if len(name) == CUT_AT else set()
    return found.pop() if len(found) == 1 else None


def _close(name: str, known: dict[str, str]) -> str | None:
    allowed = 0 if len(name) < 5 else 1 if len(name) < 9 else 2
    if not allowed:
        return None
    near = process.extract(name, _long_names(), scorer=OSA.distance, score_cutoff=allowed, limit=None)
    found = {known[text] for text, _, _ in near}
    return found.pop() if len(found) == 1 else None


@cache
def _long_names() -> list[str]:
    return [text for text in column_words() if len(text) >= 5]


def _place_inside(words: Sequence[str]) -> str | None:
    """Latitude, longitude or both: ``koordinat_site_latitude``."""
    found = [what for what, telling in _PLACES if any(word in telling for word in words)]
    return "coordinates" if len(found) > 1 else found[0] if found else None


def _inside(name: str) -> str | None:
    """What a word inside the name says: ``tinggi_menara_existing``, ``nama_fat_baru``."""
    words = _ABOVE_GROUND.sub("", name).split("_")
    clues = column_clues()
    place = _place_inside(words) or ("claim" if clues["claim"].fits(words) else None)
    if place or not word_list("other_words").isdisjoint(words):
        return place
    return next((what for what in ORDER if clues[what].fits(words)), None)


def is_header(cell: str) -> bool:
    """Whether a cell is a known column name."""
    return bool(cell) and len(cell) <= 60 and field_of(cell) is not None


def guess_columns(raw: Raw, fields: Sequence[str] = FIELDS) -> dict[str, str]:
    """Guess which column holds what.

    Returns
    -------
    dict
        From field to column, where found. No column is taken twice.
    """
    ranks, told = column_ranks(), fields_of(raw)
    wanted: list[tuple[tuple[float, int, int], str, str]] = []
    for at, column in enumerate(raw.columns):
        what = told[column]
        if what is None or what == "skip" or what not in fields:
            continue
        fit = _fit(raw, column, what)
        if fit >= 0:
            wanted.append(((-fit, ranks[what].get(plain(column), 99), at), what, column))
    found: dict[str, str] = {}
    for _, what, column in sorted(wanted):
        if what not in found:
            found[what] = column
    _find_place(raw, found, fields)
    if "site_id" in fields and "site_id" not in found and "asset_id" in found:
        codes = [column for column in raw.columns if told[column] == "asset_id" and re.match(_SITE, plain(column))]
        found |= {"site_id": codes[0]} if codes and codes[0] != found["asset_id"] else {}
    if "address" in fields and "address" not in found:
        rest = [column for column in raw.columns if column not in found.values() and plain(column) in ADDRESSES]
        found |= {"address": rest[0]} if rest else {}
    return {what: found[what] for what in fields if what in found}


def fields_of(raw: Raw) -> dict[str, str | None]:
    """What each column holds by its name alone, without the words that most columns of the list begin with."""
    told = {column: field_of(column) for column in raw.columns}
    names = [plain(column).split("_") for column in raw.columns]
    begins = [tuple(words[:at]) for words in names for at in range(1, len(words))]
    shared = [one for one in dict.fromkeys(begins) if begins.count(one) >= max(3, 0.6 * len(names))]
    if shared:
        cut = len(max(shared, key=len))
        for column, words in zip(raw.columns, names, strict=True):
            if told[column] is None and tuple(words[:cut]) in shared:
                told[column] = field_of("_".join(words[cut:]))
    return told


def other_columns(raw: Raw, found: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Further columns that hold the same as a found one: ``Operator 2``, or a village where the first has none."""
    told = fields_of(raw)
    made: dict[str, tuple[str, ...]] = {}
    for what, first in found.items():
        if what in ("coordinates", "geometry", "zone", "kind", "address", "broken_since"):
            continue
        stem, empty = _NUMBERED.sub("", plain(first)), (raw.frame[first] == "").to_numpy()
        more = []
        for column in raw.columns:
            if column in found.values() or told[column] != what or _fit(raw, column, what) < 0.5:
                continue
            filled = (raw.frame[column] != "").to_numpy()
            numbered = what in JOINED and _NUMBERED.sub("", plain(column)) == stem
            if numbered or (filled.any() and empty[filled].mean() > COMPLEMENT):
                more.append(column)
        if more:
            made[what] = tuple(more)
    return made


def cells(raw: Raw, columns: Mapping[str, str], also: Mapping[str, Sequence[str]], what: str) -> list[str]:
    """What each row says of a field: the first of its columns that is filled, or all of them where several may hold."""
    names = [columns[what], *also.get(what, ())]
    if len(names) == 1:
        return [str(text) for text in raw.frame[names[0]].tolist()]
    rows = raw.frame[names].itertuples(index=False, name=None)
    filled = [[str(text) for text in dict.fromkeys(row) if text] for row in rows]
    return [", ".join(texts) if what in JOINED else next(iter(texts), "") for texts in filled]


def _fit(raw: Raw, column: str, what: str) -> float:
    """How well values fit a field: 1 if most do, 0 without evidence, negative if they contradict it."""
    values = raw.samples(column, LOOKED_AT)
    if not values:
        return 0.0
    numeric = sum(bool(re.search(r"\d", value)) for value in values) / len(values)
    if what == "coordinates" and any(map(is_pair, values)):
        return 1.0
    if what in ("lat", "lon", "height_m", "coordinates", "installed_on", "reported_on"):
        return 1.0 if numeric >= 0.5 else -1.0 if what in ("coordinates", "installed_on", "reported_on") else 0.0
    if what in ("village", "subdistrict", "regency", "owner", "operator", "name"):
        words = sum(any(c.isalpha() for c in value) for value in values) / len(values)
        return 1.0 if words >= 0.5 else 0.0 if what in ("name", "operator") else -1.0
    if what == "claim" and are_codes(values):
        return 1.0
    if what in ("kind", "status", "claim"):
        known = sum(known_word(what, value) is not None for value in values) / len(values)
        if not any(c.isalpha() for value in values for c in value):  # codes: only yes and no can be known
            return 0.9 if {value.removesuffix(".0") for value in values} <= {"0", "1"} else -1.0
        return known if known >= 0.5 else -1.0
    if what == "zone":
        return 1.0 if sum(read_zone(value, 0.0) is not None for value in values) * 2 > len(values) else -1.0
    if what == "village_code":
        return code_fit(raw, column)
    if what == "on_fiber" and len(values) > 6:
        return -1.0
    return 1.0


def code_fit(raw: Raw, column: str) -> float:
    """Share of the rows with a village code; below zero where hardly any has: a key of the office's own (``105``)."""
    found = find_columns(TextTable(raw.frame, raw.file, raw.sheet, raw.header_row))
    parts = {role: names for role, names in found.items() if role.startswith("part_")}
    written = row_codes(raw.frame, {**parts, "code": [column]})
    written = written[written != ""].iloc[:LOOKED_AT]
    share = float(written.map(lambda value: read_code(value).system in _CODED).mean()) if len(written) else 0.0
    return share if share >= CODES else -1.0


def _find_place(raw: Raw, found: dict[str, str], fields: Sequence[str]) -> None:
    """Columns of the position: a pair in one cell, or two columns told by their values."""
    if raw.shapes is not None:
        # The geometry counts; columns stand in where a feature has none.
        whole = not (shapely.is_missing(raw.shapes) | shapely.is_empty(raw.shapes)).any()
        for what in ("lat", "lon", "coordinates", "geometry"):
            if whole or (what in ("lat", "lon") and not {"lat", "lon"} <= set(found)):
                found.pop(what, None)
        return
    if "lat" not in fields:
        return
    rest = [column for column in raw.columns if column not in found.values()]
    if "coordinates" in found and not any(map(is_pair, raw.samples(found["coordinates"], LOOKED_AT))):
        rest.append(found.pop("coordinates"))
    for what in ("lat", "lon"):
        if what in found and is_pair_column(raw, found[what]):
            column = found.pop(what)
            found.setdefault("coordinates", column)
    if {"lat", "lon"} <= set(found) or "coordinates" in found or "geometry" in found:
        return
    pairs = [column for column in rest if is_pair_column(raw, column)]
    if pairs and not {"lat", "lon"} & set(found):
        found["coordinates"] = pairs[0]
        return
    found |= _by_content(raw, found, rest)


def _by_content(raw: Raw, found: dict[str, str], rest: list[str]) -> dict[str, str]:
    """Two columns with latitudes and longitudes of Indonesia."""
    guessed: dict[str, str] = {}
    for what, low, high in (("lat", -11.5, 6.5), ("lon", 94.0, 142.0)):
        if what not in found:
            fitting = [
                column
                for column in rest
                if field_of(column) in (None, "lat", "lon", "coordinates")
                and _share_between(raw, column, low, high) >= 0.7
            ]
            if fitting:
                guessed[what] = fitting[0]
                rest.remove(fitting[0])
    if {"lat", "lon"} <= set(found) | set(guessed):  # a single column is not enough: small numbers may be anything
        return guessed
    return {}


def is_pair_column(raw: Raw, column: str) -> bool:
    """Whether most cells hold two coordinates."""
    values = raw.samples(column, LOOKED_AT)
    return bool(values) and sum(map(is_pair, values)) * 2 > len(values)


def _share_between(raw: Raw, column: str, low: float, high: float) -> float:
    values = raw.samples(column, LOOKED_AT)
    if not values or sum("." in value or "," in value or "°" in value for value in values) * 2 < len(values):
        return 0.0
    numbers = read_angles(values).value
    with np.errstate(invalid="ignore"):
        return float(np.mean((numbers >= low) & (numbers <= high)))
