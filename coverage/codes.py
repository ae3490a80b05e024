"""Village codes and names as people write them: what a code says, and when two names are the same name.

Two systems of village codes are in use and neither can be turned into the other without a table:

- **BPS** (Badan Pusat Statistik): ten digits, province 2, regency 2, subdistrict 3, village 3: ``3505030003``.
- **Kemendagri** (Permendagri): province 2, regency 2, subdistrict 2, village 4, written with dots: ``35.05.13.2006``.
  Without its dots it also has ten digits, so that ten bare digits are read as a BPS code and *may* be the other.

A name is compared in two forms. The *key* takes away what never tells two villages apart: case, accents, punctuation,
spaces, the words Desa, Kelurahan and the like, and Roman against Arabic numerals. The *sound* also takes away the old
spelling (oe, dj, tj), doubled letters and common abbreviations; only sounds are compared with tolerance.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

System = Literal["bps", "kemendagri", "subdistrict", "forest", "damaged", "unreadable", "none"]

FOREST_SUFFIX = "999"
EMPTY_WORDS = frozenset({"", "nan", "none", "null", "n/a", "na", "nil", "tidak ada", "kosong", "#n/a", "<na>", "nat"})

_QUOTES = "'\"`’‘“”="
_SCIENTIFIC = re.compile(r"([1-9])[.,]?(\d*)e\+?0*(\d{1,3})")
_DOTTED = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}")
_DECIMAL_ZEROS = re.compile(r"(\d+)[.,]0+|(\d{1,3}(?:\.\d{3})+),0+|(\d{1,3}(?:,\d{3})+)\.0+")
_SHAPES: dict[tuple[int, ...], System] = {
    (10,): "bps", (2, 2, 3, 3): "bps", (1, 3, 3, 3): "bps", (7, 3): "bps", (4, 3, 3): "bps",
    (2, 2, 2, 4): "kemendagri", (7,): "subdistrict", (2, 2, 3): "subdistrict", (2, 2, 2): "subdistrict",
}


@dataclass(frozen=True)
class Code:
    """What a cell that should hold a village code says.

    Attributes
    ----------
    system
        ``bps`` (ten digits; may yet be a Kemendagri code that lost its dots), ``kemendagri`` (dotted),
        ``subdistrict`` (the code of a subdistrict: 7 BPS digits, or 35.05.13), ``forest`` (a BPS forest polygon, which
        ends in 999), ``damaged`` (digits lost by a spreadsheet, 3.50503E+09), ``unreadable``, or ``none`` (empty).
    digits
        The digits alone; empty unless the system is one of the first four.
    """

    system: System
    digits: str = ""


def text_of(value: object) -> str:
    """Return a cell as one line of text: empty for what means "nothing", whole numbers without ``.0``."""
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


@lru_cache(maxsize=400_000)
def _line(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFKC", text)
        text = "".join(" " if c in "\t\r\n" else "" if unicodedata.category(c)[0] == "C" else c for c in text)
    text = " ".join(text.split())
    return "" if text.casefold() in EMPTY_WORDS or not text.strip("-–—._ ") else text


@lru_cache(maxsize=200_000)
def _read_text(text: str) -> Code:
    if len(text) == 10 and text.isascii() and text.isdigit():
        return _settle(Code("bps", text))
    if _DOTTED.fullmatch(text):
        return _settle(Code("kemendagri", text.replace(".", "")))
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
    """Refuse codes of no province, and tell forest polygons from villages."""
    if not "11" <= code.digits[:2] <= "99":
        return Code("unreadable")
    return Code("forest", code.digits) if code.system == "bps" and code.digits.endswith(FOREST_SUFFIX) else code


def read_code(value: object) -> Code:
    """Read a cell that should hold a village code, in whichever system and however written.

    Understood are the prefix ``id``, spaces, leading zeros, quotation marks, floats (``3505030003.0``), thousands
    separators, and the groups ``35.05.030.003`` (BPS) and ``35.05.13.2006`` (Kemendagri). Scientific notation is used
    only where it kept all ten digits.
    """
    return _read_text(text_of(value))


def parse_bps(value: object) -> str | None:
    """Return a BPS village code as ten digits, or None where the cell holds none.

    A forest polygon's code (ending in 999) is returned as well: it is a code, though of no village. A Kemendagri code
    with its dots is never taken for a BPS code; without them it cannot be told apart here, see
    :mod:`coverage.reconcile`.
    """
    code = read_code(value)
    return code.digits if code.system in ("bps", "forest") else None


def parse_kemendagri(value: object) -> str | None:
    """Return a Kemendagri village code with its dots (``35.05.13.2006``), or None; ten bare digits are not one."""
    code = read_code(value)
    return dotted(code.digits) if code.system == "kemendagri" else None


def dotted(digits: str) -> str:
    """Put the dots of the Kemendagri system into ten digits that are known to be of it."""
    return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}"


_VILLAGE_WORDS = frozenset({"desa", "ds", "kelurahan", "kel", "kalurahan", "kal"})
_SUBDISTRICT_WORDS = frozenset({"kecamatan", "kec", "kapanewon", "kemantren", "distrik", "subdistrict"})
_REGENCY_WORDS = frozenset({"kabupaten", "kab", "regency"})
_OPEN_WORDS = frozenset({"gampong", "nagari", "pekon", "tiyuh", "lembang", "ohoi", "kampung", "negeri", "nagori"})
"""What a village is called in some provinces: part of the name in one list, left out in the next."""
_SHORT = {"kp": "kampung", "kmp": "kampung", "kpg": "kampung", "gn": "gunung", "gng": "gunung", "tj": "tanjung",
          "tjg": "tanjung", "tg": "tanjung", "sei": "sungai", "sungei": "sungai", "simp": "simpang", "spg": "simpang",
          "mns": "meunasah", "pem": "pematang", "tlk": "teluk", "psr": "pasar", "kmpg": "kampung", "lb": "lubuk"}
_ROMAN = {roman: str(number) for number, roman in enumerate(
    ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii",
     "xviii", "xix", "xx"), start=1)}
_NUMBER_WORDS = {"satu": "1", "sa": "1", "dua": "2", "tiga": "3", "lhee": "3", "empat": "4", "lima": "5"}
_SIDES = {
    "timur": "e", "wetan": "e", "barat": "w", "kulon": "w", "utara": "n", "lor": "n", "selatan": "s", "kidul": "s",
    "tengah": "c", "teungoh": "c", "tonga": "c", "hulu": "up", "ulu": "up", "udik": "up", "hilir": "down", "ilir": "down",
    "atas": "above", "bawah": "below", "dalam": "in", "luar": "out", "besar": "big", "gadang": "big", "godang": "big",
    "kecil": "small", "ketek": "small", "baru": "new", "baro": "new", "muda": "new", "mudo": "new", "lama": "old",
    "tua": "old", "tuo": "old", "tuha": "old"}
"""Words that set neighbouring villages of one stem apart, by meaning: where they differ, it is no misspelling."""
_OLD_SPELLING = (("oe", "u"), ("dj", "j"), ("tj", "c"), ("sj", "sy"), ("dh", "d"), ("th", "t"), ("bh", "b"))


@dataclass(frozen=True)
class Name:
    """A place name in the forms that are compared.

    Attributes
    ----------
    key
        Letters and digits that tell places apart; equal keys are the same name.
    sound
        The key in today's spelling, without doubled letters, with abbreviations written out.
    numerals
        Numbers and single letters in it, in order; two names with different ones are never a misspelling of each other.
    side
        East, upper, new, ...; two names with different ones are no misspelling of each other either.
    """

    key: str
    sound: str
    numerals: str
    side: str


@lru_cache(maxsize=400_000)
def _analyse(text: str, kind: str) -> Name:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
    plain = re.sub(r"['\"`’‘ʼ´]", "", plain)
    tokens = re.findall(r"\d+|[^\W\d_]+", plain)
    lead, stop = {"village": (_VILLAGE_WORDS, _SUBDISTRICT_WORDS | _REGENCY_WORDS),
                  "subdistrict": (_SUBDISTRICT_WORDS, _REGENCY_WORDS)}[kind]
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
    sound = re.sub(r"([^\W\d])\1+", r"\1", sound)
    numerals = [_NUMBER_WORDS.get(token, token) for at, token in enumerate(spoken)
                if token.isdigit() or (at and (token in _NUMBER_WORDS or len(token) <= 2))]
    sides = [_SIDES[token] for token in spoken[1:] if token in _SIDES]
    return Name("".join(tokens), sound, " ".join(numerals), " ".join(sides))


def read_name(value: object, kind: Literal["village", "subdistrict"] = "village") -> Name:
    """Take a place name apart into the forms that are compared; all empty where there is no name."""
    return _analyse(text_of(value), kind)


def normalise_name(value: object) -> str:
    """Return the key of a village name: equal keys are the same name.

    ``"Desa Kali Gambir"``, ``"KALIGAMBIR"`` and ``"Kali-Gambir, Kec. Panggungrejo"`` are all ``"kaligambir"``.
    """
    return read_name(value).key


def other_readings(value: object) -> list[str]:
    """Return the names inside one: the parts around a slash or brackets (``"Hunuth/Durian Patah"``)."""
    text = text_of(value)
    parts = [part.strip() for part in re.split(r"[/()\[\]|]|\balias\b|\bd/h\b", text, flags=re.IGNORECASE)]
    parts = [part for part in parts if sum(c.isalpha() for c in part) >= 3]
    return parts if parts != [text] else []


def names_frame(values: Iterable[object], kind: Literal["village", "subdistrict"] = "village") -> pd.DataFrame:
    """Take many names apart at once.

    Returns
    -------
    DataFrame
        ``key, sound, numerals, side`` as text, a row per value, in order.
    """
    texts = [text_of(value) for value in values]
    names = {text: _analyse(text, kind) for text in dict.fromkeys(texts)}
    return pd.DataFrame({part: pd.Series(list(map({text: getattr(name, part) for text, name in names.items()}.get, texts)),
                                         dtype=object) for part in ("key", "sound", "numerals", "side")})


NOT_CLOSE = 99
"""Distance of two names that are not the same."""


def allowed_edits(lengths: npt.NDArray[np.int64], supported: npt.NDArray[np.bool_] | bool = False) -> npt.NDArray[np.int64]:
    """Return how many letters may differ for a name still to be the same, by the length of its sound.

    None up to four letters, one up to eight, two from nine. With only a letter or two to go by, names of different
    villages differ as little as misspellings do: in the 2024 list of 82,851 villages one four-letter name in seventy
    has a neighbour in its subdistrict within two letters, one of nine letters or more in a hundred and fifty once
    numerals are set aside. Where a code already names the village (``supported``), four letters may differ in one.
    """
    return np.where(lengths <= 3, 0, np.where(lengths == 4, np.where(supported, 1, 0), np.where(lengths <= 8, 1, 2)))


def name_distances(left: pd.DataFrame, right: pd.DataFrame, supported: npt.NDArray[np.bool_] | bool = False
                   ) -> npt.NDArray[np.int64]:
    """Return how far apart names are, pair by pair: letters typed wrongly, left out, added or swapped.

    Parameters
    ----------
    left, right
        ``sound, numerals, side`` of each pair, of equal length (see :func:`names_frame`).
    supported
        Whether a code already says that the two are the same village.

    Returns
    -------
    ndarray of int
        0 for the same sound, up to 2 for a small misspelling, :data:`NOT_CLOSE` for different names.
    """
    if not len(left):
        return np.zeros(0, dtype=np.int64)
    ours, theirs = left["sound"].to_numpy(dtype=object), right["sound"].to_numpy(dtype=object)
    edits = cpdist(ours, theirs, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8).astype(np.int64)
    lengths = np.maximum([len(sound) for sound in ours], [len(sound) for sound in theirs]).astype(np.int64)
    sides = left["side"].to_numpy(dtype=object), right["side"].to_numpy(dtype=object)
    differ = (sides[0] != sides[1]) & (sides[0] != "") & (sides[1] != "")
    differ |= left["numerals"].to_numpy(dtype=object) != right["numerals"].to_numpy(dtype=object)
    differ |= (ours == "") | (theirs == "")
    return np.where(differ | (edits > allowed_edits(lengths, supported)), NOT_CLOSE, edits)
