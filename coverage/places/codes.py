"""Village codes and names: parsing and comparing.

Two systems of village codes are in use, convertible by a table only:

- **BPS** (Badan Pusat Statistik): ten digits, province 2, regency 2, subdistrict 3, village 3: ``3505030003``.
- **Kemendagri** (Permendagri): province 2, regency 2, subdistrict 2, village 4, written with dots: ``35.05.13.2006``.
  Without its dots it also has ten digits, so that ten bare digits are read as a BPS code and *may* be the other.

A name is compared in two forms. The *key* drops what never distinguishes villages: case, accents, punctuation, spaces,
words like Desa and Kelurahan, Roman against Arabic numerals. The *sound* also drops old spelling (oe, dj, tj), doubled
letters and common abbreviations; only sounds are compared with tolerance.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

System = Literal["bps", "kemendagri", "subdistrict", "forest", "water", "damaged", "unreadable", "none"]

FOREST_SUFFIX, WATER_SUFFIX = "999", "888"
EMPTY_WORDS = frozenset({"", "nan", "none", "null", "n/a", "na", "nil", "tidak ada", "kosong", "#n/a", "<na>", "nat"})
LONGEST_EMPTY_WORD = max(map(len, EMPTY_WORDS))

_QUOTES = "'\"`’‘“”="
_SCIENTIFIC = re.compile(r"([1-9])[.,]?(\d*)e\+?0*(\d{1,3})")
_DOTTED = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}")
_DECIMAL_ZEROS = re.compile(r"(\d+)[.,]0+|(\d{1,3}(?:\.\d{3})+),0+|(\d{1,3}(?:,\d{3})+)\.0+")
_SHAPES: dict[tuple[int, ...], System] = {
    (10,): "bps",
    (2, 2, 3, 3): "bps",
    (1, 3, 3, 3): "bps",
    (7, 3): "bps",
    (4, 3, 3): "bps",
    (2, 2, 2, 4): "kemendagri",
    (7,): "subdistrict",
    (2, 2, 3): "subdistrict",
    (2, 2, 2): "subdistrict",
}


class Code(NamedTuple):
    """What a cell that should hold a village code says.

    Attributes
    ----------
    system
        ``bps`` (ten digits; may yet be a Kemendagri code that lost its dots), ``kemendagri`` (dotted),
        ``subdistrict`` (the code of a subdistrict: 7 BPS digits, or 35.05.13), ``forest`` (a BPS forest polygon, which
        ends in 999), ``water`` (a lake or reservoir, which ends in 888), ``damaged`` (digits lost by a spreadsheet,
        3.50503E+09), ``unreadable``, or ``none`` (empty).
    digits : the digits alone; empty unless the system is one of the first four
    """

    system: System
    digits: str = ""


def text_of(value: object) -> str:
    """A cell as one line of text: empty for "nothing", whole numbers without ``.0``."""
    if isinstance(value, str):
        return _line(value) if value else ""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float | np.floating):
        number = float(value)
        if not math.isfinite(number):
            return ""
        value = int(number) if number.is_integer() and abs(number) < 2**53 else number
    return _line(str(value))


def _line(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFKC", text)
        text = "".join(" " if c in "\t\r\n" else "" if unicodedata.category(c)[0] == "C" else c for c in text)
    text = " ".join(text.split())
    if len(text) > LONGEST_EMPTY_WORD:
        return text if text.strip("-–—._ ") else ""
    return "" if text.casefold() in EMPTY_WORDS or not text.strip("-–—._ ") else text


def _read_text(text: str) -> Code:
    text = text.strip(_QUOTES + " ").casefold().replace(" ", "")
    text = re.sub(r"^id[._:\-]*(?=\d)", "", text)
    if not text:
        return Code("none")
    if scientific := _SCIENTIFIC.fullmatch(text):
        digits = scientific[1] + scientific[2]
        whole = int(scientific[3]) == 9 and len(digits) == 10
        return _settle(Code("bps", digits)) if whole else Code("damaged")
    if decimal := _DECIMAL_ZEROS.fullmatch(text):
        text = next(group for group in decimal.groups() if group)
    if not re.fullmatch(r"[0-9]+(?:[.,/_\-][0-9]+)*", text):
        return Code("unreadable")
    groups = re.split(r"[.,/_\-]", text)
    if len(groups) == 1:
        groups = [groups[0].lstrip("0")]
    system = _SHAPES.get(tuple(map(len, groups)))
    return _settle(Code(system, "".join(groups))) if system else Code("unreadable")


def _settle(code: Code) -> Code:
    """Refuse codes of no province, and tell forests and waters from villages."""
    if code.digits < "11":
        return Code("unreadable")
    if code.system != "bps":
        return code
    ends: dict[str, System] = {FOREST_SUFFIX: "forest", WATER_SUFFIX: "water"}
    return Code(ends.get(code.digits[-3:], "bps"), code.digits)


def read_code(value: object) -> Code:
    """Parse a village code in either system, however written.

    Understood are the prefix ``id``, spaces, leading zeros, quotation marks, floats (``3505030003.0``), thousands
    separators, and the groups ``35.05.030.003`` (BPS) and ``35.05.13.2006`` (Kemendagri); scientific notation only with
    all ten digits.
    """
    if isinstance(value, str) and len(value) in (10, 13):
        # Nearly all codes of a clean table: worth a short way, for a table may have 80,000 of them.
        if value.isdigit() and value.isascii() and len(value) == 10:
            return _settle(Code("bps", value))
        if _DOTTED.fullmatch(value):
            return _settle(Code("kemendagri", value.replace(".", "")))
    return _read_text(text_of(value))


def parse_bps(value: object) -> str | None:
    """Return a BPS village code as ten digits, or None where the cell holds none.

    The code of a forest (ending in 999) or a water (888) is returned as well: it is a code, though of no village. A
    Kemendagri code with its dots is never taken for a BPS code; without them it cannot be told apart here, see
    :mod:`coverage.places.reconcile`.
    """
    code = read_code(value)
    return code.digits if code.system in ("bps", "forest", "water") else None


def parse_kemendagri(value: object) -> str | None:
    """A Kemendagri village code with its dots (``35.05.13.2006``), or None; ten bare digits are not one."""
    code = read_code(value)
    return dotted(code.digits) if code.system == "kemendagri" else None


def parse_key(value: object) -> str | None:
    """Return what a village is kept under: a BPS code, or the dotted Kemendagri code of a village without one; or None.

    See :mod:`coverage.places.regencies`.
    """
    return parse_bps(value) or parse_kemendagri(value)


def dotted(digits: str) -> str:
    """Dot ten digits known to be a Kemendagri code."""
    return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}"


_VILLAGE_WORDS = frozenset({"desa", "ds", "kelurahan", "kel", "kalurahan"})
_SUBDISTRICT_WORDS = frozenset({"kecamatan", "kec", "kapanewon", "kemantren", "distrik", "subdistrict"})
_REGENCY_WORDS = frozenset({"kabupaten", "kab", "regency"})
_OPEN_WORDS = frozenset({"gampong", "nagari", "pekon", "tiyuh", "lembang", "ohoi", "kampung", "negeri", "nagori"})
"""Words for village in some provinces: part of the name in one list, left out in the next."""
_SHORT = {
    "kp": "kampung", "kmp": "kampung", "kpg": "kampung", "gn": "gunung", "gng": "gunung", "tj": "tanjung",
    "tjg": "tanjung", "tg": "tanjung", "sei": "sungai", "sungei": "sungai", "simp": "simpang", "spg": "simpang",
    "mns": "meunasah", "pem": "pematang", "tlk": "teluk", "psr": "pasar", "kmpg": "kampung", "lb": "lubuk",
}  # fmt: skip
_ROMAN = {
    "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10",
    "xi": "11", "xii": "12", "xiii": "13", "xiv": "14", "xv": "15", "xvi": "16", "xvii": "17", "xviii": "18",
    "xix": "19", "xx": "20",
}  # fmt: skip
_NUMBER_WORDS = {"satu": "1", "sa": "1", "dua": "2", "tiga": "3", "lhee": "3", "empat": "4", "lima": "5"}
_SIDES = {
    "timur": "e", "wetan": "e", "barat": "w", "kulon": "w", "utara": "n", "lor": "n", "selatan": "s", "kidul": "s",
    "tengah": "c", "teungoh": "c", "tonga": "c", "hulu": "up", "ulu": "up", "udik": "up", "hilir": "down",
    "ilir": "down", "atas": "above", "bawah": "below", "dalam": "in", "luar": "out", "besar": "big", "gadang": "big",
    "godang": "big", "kecil": "small", "ketek": "small", "baru": "new", "baro": "new", "muda": "new", "mudo": "new",
    "lama": "old", "tua": "old", "tuo": "old", "tuha": "old",
}  # fmt: skip
"""Words that distinguish neighbouring villages of one stem, by meaning: a difference is no misspelling."""
_APOSTROPHES = re.compile(r"['\"`’‘ʼ´]")
_TOKENS = re.compile(r"\d+|[^\W\d_]+")
_DOUBLED = re.compile(r"([^\W\d])\1+")
_OLD_SPELLING = (("oe", "u"), ("dj", "j"), ("tj", "c"), ("sj", "sy"), ("dh", "d"), ("th", "t"), ("bh", "b"))


class Name(NamedTuple):
    """Comparable forms of a place name.

    Attributes
    ----------
    key : distinguishing letters and digits; equal keys are the same name
    sound : the key in today's spelling, without doubled letters and abbreviations
    numerals : numbers and single letters, in order; a difference is never a misspelling
    side : east, upper, new, ...; a difference is never a misspelling
    """

    key: str
    sound: str
    numerals: str
    side: str


@lru_cache(maxsize=100_000)
def _analyse(text: str, kind: str) -> Name:
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    plain = _APOSTROPHES.sub("", text.casefold())
    tokens = _TOKENS.findall(plain)
    lead, stop = {
        "village": (_VILLAGE_WORDS, _SUBDISTRICT_WORDS | _REGENCY_WORDS),
        "subdistrict": (_SUBDISTRICT_WORDS, _REGENCY_WORDS),
    }[kind]
    while len(tokens) > 1 and tokens[0] in lead:
        tokens = tokens[1:]
    cut = next((at for at, token in enumerate(tokens) if at and token in stop and len(tokens) > at + 1), len(tokens))
    tokens = [_ROMAN.get(token, token.lstrip("0") or token) for token in tokens[:cut]]
    spoken = [_SHORT.get(token, token) for token in tokens]
    if len(spoken) > 1 and spoken[0] in _OPEN_WORDS:
        spoken = spoken[1:]
    sound = "".join(spoken)
    for old, new in _OLD_SPELLING:
        sound = sound.replace(old, new)
    sound = _DOUBLED.sub(r"\1", sound)
    numerals = [
        _NUMBER_WORDS.get(token, token)
        for at, token in enumerate(spoken)
        if token.isdigit() or (at and (token in _NUMBER_WORDS or len(token) <= 2))
    ]
    sides = [_SIDES[token] for token in spoken[1:] if token in _SIDES]
    return Name("".join(tokens), sound, " ".join(numerals), " ".join(sides))


def read_name(value: object, kind: Literal["village", "subdistrict"] = "village") -> Name:
    """Parse a place name into its comparable forms; all empty without a name."""
    return _analyse(text_of(value), kind)


def normalise_name(value: object) -> str:
    """Key of a village name: equal keys are the same name.

    ``"Desa Kali Gambir"``, ``"KALIGAMBIR"`` and ``"Kali-Gambir, Kec. Panggungrejo"`` are all ``"kaligambir"``.
    """
    return read_name(value).key


def other_readings(value: object) -> list[str]:
    """Names inside one: parts around a slash or brackets (``"Hunuth/Durian Patah"``)."""
    text = text_of(value)
    parts = [part.strip() for part in re.split(r"[/()\[\]|]|\balias\b|\bd/h\b", text, flags=re.IGNORECASE)]
    parts = [part for part in parts if sum(c.isalpha() for c in part) >= 3]
    return parts if parts != [text] else []


def names_frame(texts: Iterable[str], kind: Literal["village", "subdistrict"] = "village") -> pd.DataFrame:
    """Parse many names.

    Returns
    -------
    DataFrame
        ``key, sound, numerals, side`` as text, a row per text, in order.
    """
    listed = list(texts)
    names = {text: _analyse(text_of(text), kind) for text in dict.fromkeys(listed)}
    return pd.DataFrame(
        {part: pd.Series([names[text][at] for text in listed], dtype=object) for at, part in enumerate(Name._fields)}
    )


NOT_CLOSE = 99
"""Distance of different names."""


def allowed_edits(lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Edits within which a name is the same, by the length of its sound.

    None up to three letters, one up to eight, two from nine: other villages lie as near to a short name as its own
    misspellings.
    """
    return np.where(lengths <= 3, 0, np.where(lengths <= 8, 1, 2))


def name_distances(left: pd.DataFrame, right: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return how far apart names are, pair by pair: letters typed wrongly, left out, added or swapped.

    Parameters
    ----------
    left, right : ``key, sound, numerals, side`` of each pair, of equal length (see :func:`names_frame`)

    Returns
    -------
    ndarray of int
        0 for the same sound, up to 2 for a small misspelling, :data:`NOT_CLOSE` for different names.
    """
    if not len(left):
        return np.zeros(0, dtype=np.int64)
    edits = np.full(len(left), NOT_CLOSE, dtype=np.int64)
    # A typing error can make or break a doubled letter or an old spelling, so the keys may be nearer.
    for form in ("sound", "key"):
        ours, theirs = left[form].to_numpy(dtype=object), right[form].to_numpy(dtype=object)
        found = cpdist(ours, theirs, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8).astype(np.int64)
        lengths = np.maximum([len(text) for text in ours], [len(text) for text in theirs]).astype(np.int64)
        edits = np.minimum(edits, np.where(found <= allowed_edits(lengths), found, NOT_CLOSE))
    sides = left["side"].to_numpy(dtype=object), right["side"].to_numpy(dtype=object)
    differ = (sides[0] != sides[1]) & (sides[0] != "") & (sides[1] != "")
    differ |= left["numerals"].to_numpy(dtype=object) != right["numerals"].to_numpy(dtype=object)
    differ |= (ours == "") | (theirs == "")
    return np.where(differ, NOT_CLOSE, edits)
