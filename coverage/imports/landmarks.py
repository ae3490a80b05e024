"""Lists of hamlets, public-service points and busy places: each lies in a village, and may have a position."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.base.schema import LANDMARKS, POPULATION, check
from coverage.imports.columns import cells
from coverage.imports.list_options import Choices
from coverage.imports.placing import Placing
from coverage.imports.raw import Note, Raw, note_count
from coverage.imports.result import Verdicts
from coverage.imports.values import cleaned, yes_no
from coverage.readers.kinds import landmark_kinds
from coverage.readers.numbers import read_numbers
from coverage.readers.tables import plain
from coverage.readers.vocabulary import landmark_kind

ANSWERS = ("electricity", "internet")
UPPER = ("rt", "rw")


def with_landmarks(
    raw: Raw, choices: Choices, table: pd.DataFrame, placing: Placing | None, verdicts: Verdicts, notes: list[Note]
) -> pd.DataFrame:
    """Add what each row is, its name, place and answers to the villages of a list; refuses rows without kind or name.

    An answer that cannot be read is not known, never no.
    """
    name = _names(raw, choices)
    kind = _kinds(raw, choices, name)
    unnamed = pd.isna(name)
    told = {
        int(at): {"value": name[at] or "–", "offered": list(landmark_kinds())} for at in np.flatnonzero(pd.isna(kind))
    }
    verdicts.refuse(pd.isna(kind), "import.unknown_kind", told)
    verdicts.refuse(unnamed & (kind == "hamlet"), "import.no_name")
    called = {key: one.name.get("id", key).capitalize() for key, one in landmark_kinds().items()}
    name[unnamed] = [called.get(key) for key in kind[unnamed]]
    lon, lat = np.full(len(table), np.nan), np.full(len(table), np.nan)
    if placing is not None:
        there = (verdicts.code == "") & placing.located["where"].notna().to_numpy()
        points = shapely.point_on_surface(placing.places.shapes[there])
        lon[there], lat[there] = shapely.get_x(points), shapely.get_y(points)
    note_count(notes, "imports.note.no_position", (verdicts.code == "") & np.isnan(lon))
    table = table.assign(kind=kind, name=name, lon=lon, lat=lat, people=np.nan, source=raw.file)
    if POPULATION in choices.columns:
        table["people"], _, _ = read_numbers(cells(raw, choices.columns, choices.also, POPULATION), "cell")
        table["people"] = table["people"].where(table["people"] >= 0)
    for what in ANSWERS:
        written = cleaned(cells(raw, choices.columns, choices.also, what)) if what in choices.columns else None
        table[what], unread = (None, np.zeros(len(table), bool)) if written is None else yes_no(written.tolist())
        note_count(notes, f"imports.note.unread_{what}", unread & (verdicts.code == ""))
    return table.assign(landmark_id=_identifiers(raw, choices, table))


def as_landmarks(accepted: pd.DataFrame) -> pd.DataFrame:
    """Accepted rows as table LANDMARKS, the last of each identifier, sorted by it."""
    rows = accepted[LANDMARKS.names].drop_duplicates("landmark_id", keep="last")
    rows = rows.astype({name: float for name in ("lon", "lat", "people")})
    rows[[*ANSWERS]] = rows[[*ANSWERS]].astype(object).where(rows[[*ANSWERS]].notna(), None)
    return check(rows.sort_values("landmark_id", ignore_index=True), LANDMARKS)


def _names(raw: Raw, choices: Choices) -> NDArray[np.object_]:
    """Name of each row; of a hamlet with what it is called there: ``Jorong Koto``, ``Dusun Krajan, RT 03``."""
    if "name" in choices.columns:
        return cleaned(cells(raw, choices.columns, choices.also, "name"))
    if "hamlet" not in choices.columns:
        return np.full(len(raw.frame), None, dtype=object)
    there = {choices.columns["hamlet"], *choices.also.get("hamlet", ())}
    parts = []
    for column in (name for name in raw.columns if name in there):
        said = _called(column)
        texts = cleaned(raw.frame[column].astype(str).tolist())
        parts.append([text and (text if _called(text, None) else f"{said} {text}") for text in texts])
    return np.array([", ".join(filter(None, row)) or None for row in zip(*parts, strict=True)], dtype=object)


def _called(text: str, otherwise: str | None = "Dusun") -> str | None:
    """The word for a hamlet that a text begins with, or a heading holds."""
    words, known = plain(text).split("_"), landmark_kinds()["hamlet"].spelled
    looked_at = words if otherwise else words[:1]
    found = [word for word in looked_at if word in known]
    return "/".join(word.upper() if word in UPPER else word.capitalize() for word in found) or otherwise


def _kinds(raw: Raw, choices: Choices, name: NDArray[np.object_]) -> NDArray[np.object_]:
    """What each row is: as its column says, else its name, else the choice for all."""
    if "name" not in choices.columns and "hamlet" in choices.columns:
        return np.full(len(name), "hamlet", dtype=object)
    written = (
        cleaned(cells(raw, choices.columns, choices.also, "kind")) if "kind" in choices.columns else [None] * len(name)
    )
    of_list = choices.kind or landmark_kind(f"{raw.file.rsplit('.', 1)[0]} {choices.columns.get('name', '')}")
    told = [
        (said and landmark_kind(said)) or choices.kind or (text and landmark_kind(text)) or of_list
        for said, text in zip(written, name, strict=True)
    ]
    return np.array(told, dtype=object)


def _identifiers(raw: Raw, choices: Choices, table: pd.DataFrame) -> NDArray[np.object_]:
    """Kind, village and the list's own number, else the name; a name that repeats is numbered from west to east."""
    own = cleaned(cells(raw, choices.columns, choices.also, "asset_id")) if "asset_id" in choices.columns else None
    key = table["name"].map(lambda text: plain(text) if isinstance(text, str) else "")
    if own is not None:
        key = key.where(pd.isna(own), pd.Series(own, index=key.index).fillna("").astype(str))
    whole = table["kind"].fillna("").astype(str) + "/" + table["village_code_bps"].fillna("").astype(str) + "/" + key
    order = np.lexsort((table["lat"], table["lon"]))
    number = pd.Series(whole.to_numpy()[order]).groupby(whole.to_numpy()[order]).cumcount().to_numpy()
    made = whole.to_numpy(dtype=object)
    made[order] = [f"{text}#{n + 1}" if n else text for text, n in zip(made[order], number, strict=True)]
    return made
