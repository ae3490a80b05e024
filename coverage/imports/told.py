"""What a free text (a complaint, a message) says: village, hamlet or service point, operators, place and signal.

A text says less than a filled-in cell, so nothing is guessed: a village needs its name, and where that is the name of
others too, its subdistrict or the word ``desa``. What two texts say of a state in one is the weaker statement.
"""

from __future__ import annotations

import re
from collections import ChainMap, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pandas as pd

from coverage.imports.columns import cells
from coverage.imports.list_options import Choices
from coverage.imports.places import Region
from coverage.imports.raw import Note, Raw, note_count
from coverage.imports.spellings import known_word
from coverage.readers.kinds import landmark_kinds
from coverage.readers.pairs import split_pair
from coverage.readers.tables import plain
from coverage.readers.vocabulary import spellings

FIELDS = ("village", "subdistrict", "hamlet", "operator", "coordinates", "claim")
_MARKS = {
    "village": {"desa", "ds", "kelurahan", "kel", "nagari", "gampong", "pekon", "negeri"},
    "subdistrict": {"kecamatan", "kec", "distrik"},
    "other": {
        "pak", "bapak", "bpk", "bu", "ibu", "mas", "mbak", "sdr", "jalan", "jl", "jln", "kabupaten", "kab", "kota",
    },
}  # fmt: skip
_NO = dict.fromkeys(("gak", "ga", "gk", "nggak", "ngga", "enggak", "tak", "tdk", "kagak", "g"), "tidak")
_SAME = {**_NO, **dict.fromkeys(("signal", "sinyalnya", "signalnya", "jaringannya"), "sinyal"), "blm": "belum"}
_OTHER_NETS = {"listrik", "air", "pipa", "jalan", "pdam", "gas", "irigasi", "pln"}
_LONGEST = 4
_LEAST_LETTERS = 5
"""A name that stands alone has so many letters: shorter ones are words, too."""
_LINK = re.compile(r"https?://\S+|geo:\S+")
_PAIR = re.compile(r"-?\d{1,2}\.\d{3,}\s*[, ]\s*-?\d{2,3}\.\d{3,}")
_NUMBERED = re.compile(r"\b(rt|rw)\.?\s*(\d{1,3})\b", re.IGNORECASE)


@dataclass
class Names:
    """Names of a region, by their letters without blanks."""

    villages: dict[str, str]
    subdistricts: dict[str, str]
    landmarks: dict[str, list[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(list))
    """Name, village and subdistrict."""

    @property
    def all(self) -> ChainMap[str, str]:
        """Villages and subdistricts."""
        return ChainMap(self.villages, self.subdistricts)

    @classmethod
    def of(cls, region: Region) -> Names:
        """Names of villages, subdistricts and landmarks."""
        made = cls(*({_key(name): name for name in region.villages[of]} for of in ("village", "subdistrict")))
        if region.landmarks is not None:
            for name, village, subdistrict in region.landmarks[["name", "village", "subdistrict"]].itertuples(
                index=False, name=None
            ):
                made.landmarks[_key(name)].append((name, village, subdistrict))
        return made


def with_told(raw: Raw, choices: Choices, region: Region, notes: list[Note]) -> tuple[Raw, Choices]:
    """Add columns of what the texts of a list say, where its own columns are empty; without a text all stays."""
    if "text" not in choices.columns:
        return raw, choices
    more = [choices.columns["text"], *choices.also.get("text", ())]
    more += [choices.columns["address"]] if "address" in choices.columns else []
    texts = [". ".join(filter(None, row)) for row in zip(*(raw.frame[name].tolist() for name in more), strict=True)]
    names, known = Names.of(region), {what: _own(raw, choices, what) for what in (*FIELDS, "village_code")}
    told = pd.DataFrame([told_in(text, names) for text in texts], columns=FIELDS, dtype=object)
    named = (known["village"] != "") | (known["village_code"] != "")
    frame, columns, also = raw.frame.copy(), dict(choices.columns), dict(choices.also)
    for what in FIELDS:
        told[what] = np.where(named, "", told[what]) if what in ("village", "subdistrict") else told[what]
        column = f"{what} (teks)"
        frame[column] = np.where(known[what] != "", known[what], told[what].to_numpy())
        columns[what] = column
        also.pop(what, None)
    note_count(notes, "imports.note.told_village", np.asarray(told["village"] != ""))
    return replace(raw, frame=frame), replace(choices, columns=columns, also=also)


def told_in(text: str, names: Names) -> tuple[str, ...]:
    """What one text says of each of :data:`FIELDS`, empty where nothing."""
    place = _place(text)
    written = re.findall(r"[^\W_]+", _PAIR.sub(" ", _LINK.sub(" ", text)))
    village, subdistrict = _village(written, names)
    hamlet, village, subdistrict = _landmark(written, text, names, village, subdistrict)
    words = [_SAME.get(word.lower(), word.lower()) for word in written]
    words = [
        "sinyal" if word == "jaringan" and after not in _OTHER_NETS else word
        for word, after in zip(words, [*words[1:], ""], strict=True)
    ]
    line = f"_{'_'.join(words)}_"
    states, operators = _names_in(line, "claim_in_text"), sorted(_names_in(line, "operator_in_text"))
    state = known_word("claim", text) or "" if not states else states.pop() if len(states) == 1 else "weak"
    return village, subdistrict, hamlet, ", ".join(operators), place, state


def _own(raw: Raw, choices: Choices, what: str) -> np.ndarray:
    if what not in choices.columns:
        return np.full(len(raw.frame), "", dtype=object)
    return np.array(cells(raw, choices.columns, choices.also, what), dtype=object)


def _key(name: str) -> str:
    return plain(name).replace("_", "")


def _place(text: str) -> str:
    """The first position of a text, as a pair or a link to a map."""
    for found in (*_LINK.findall(text), *_PAIR.findall(text)):
        if (pair := split_pair(found.rstrip(".,;)"))) is not None:
            return f"{pair[0]}, {pair[1]}"
    return ""


def _village(words: Sequence[str], names: Names) -> tuple[str, str]:
    """Village and subdistrict that are named; the village as written after ``desa`` where it is not known."""
    marked, alone, above, at = [], [], [], 0
    while at < len(words):
        before = words[at - 1].lower() if at else ""
        size = next(
            (n for n in range(_LONGEST, 0, -1) if _joined(words, at, n) in names.villages | names.subdistricts), 0
        )
        key = _joined(words, at, size)
        if before in _MARKS["subdistrict"]:
            above += [names.subdistricts[key]] if key in names.subdistricts else []
        elif before in _MARKS["village"]:
            known = names.villages.get(key)
            if known or (words[at].isalpha() and len(words[at]) >= _LEAST_LETTERS and words[at][0].isupper()):
                marked.append(known or words[at])
        elif size and before not in _MARKS["other"] | _hamlet_words():
            if key in names.subdistricts:
                above.append(names.subdistricts[key])
            elif len(key) >= _LEAST_LETTERS:
                alone.append(names.villages[key])
        at += max(size, 1)
    found, within = dict.fromkeys(marked or alone), dict.fromkeys(above)
    return " / ".join(found), next(iter(within)) if len(within) == 1 else ""


def _landmark(words: Sequence[str], text: str, names: Names, village: str, subdistrict: str) -> tuple[str, str, str]:
    """Hamlet or service point that is named, and the village, which one that is known tells where the text does not."""
    found: list[tuple[str, str, str]] = []
    for at in range(len(words)):
        for size in range(_LONGEST + 1, 0, -1):
            rows = names.landmarks.get(_joined(words, at, size)) or ()
            before = words[at - 1].lower() if at else ""
            if not rows and before in _hamlet_words():
                rows = names.landmarks.get(_key(before) + _joined(words, at, size)) or ()
            elif size == 1 and before not in _hamlet_words():
                rows = ()  # a single word is a word, unless it is said to be a hamlet
            found += [row for row in rows if village in ("", row[1]) and subdistrict in ("", row[2])]
            if rows:
                break
    of = {row[1:] for row in found}
    if len(of) == 1:
        (one,) = of
        return found[0][0], *one
    written = _written_hamlet(words, text)
    return written, village, subdistrict


def _written_hamlet(words: Sequence[str], text: str) -> str:
    """A hamlet as the text calls it: ``Dusun Krajan``, ``RT 3 RW 1``."""
    for at, word in enumerate(words[:-1]):
        after = words[at + 1]
        if (
            word.lower() in _hamlet_words() - {"rt", "rw", "kampung", "lingkungan"}
            and after.isalpha()
            and len(after) > 2
        ):
            return f"{word.capitalize()} {after.title()}"
    return " ".join(f"{kind.upper()} {int(number)}" for kind, number in _NUMBERED.findall(text))


def _joined(words: Sequence[str], at: int, size: int) -> str:
    return "".join(words[at : at + size]).lower() if size and at + size <= len(words) else ""


@cache
def _hamlet_words() -> frozenset[str]:
    return frozenset(landmark_kinds()["hamlet"].spelled)


@cache
def _phrases(of: str) -> re.Pattern[str]:
    """Phrases of a table, the longer one first, a group each; ``*`` stands for other words."""
    gap = r"(?:_(?!tidak_|kurang_|belum_)[^_]+){0,3}_"
    keys = enumerate(sorted(spellings(of), key=len, reverse=True))
    return re.compile("|".join(f"(?P<p{n}>_{key.replace('_*_', gap)}(?=_))" for n, key in keys))


def _names_in(line: str, of: str) -> set[str]:
    """Names of a table whose phrases are in a line of words."""
    known = sorted(spellings(of), key=len, reverse=True)
    return {spellings(of)[known[int(str(found.lastgroup)[1:])]] for found in _phrases(of).finditer(line)}
