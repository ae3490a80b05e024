"""Fields inside a description: the HTML table of a balloon in Google Earth, or lines of ``name: value``."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pandas as pd

_LINE = re.compile(r"([^:=]{1,40}?)\s*[:=]\s*(.*)")
_BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4"})
MOST_FIELDS = 60


class _CellParser(HTMLParser):
    """Takes the cells of tables apart, and the text around them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.text: list[str] = []
        self._cell: list[str] | None = None
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._close()
            self._cell = []
        elif tag in ("style", "script"):
            self._hidden = True
        if tag in _BREAKS and self._cell is None:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._close()
        elif tag in ("style", "script"):
            self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            (self.text if self._cell is None else self._cell).append(data)

    def _close(self) -> None:
        if self._cell is not None:
            if not self.rows:
                self.rows.append([])
            self.rows[-1].append(" ".join("".join(self._cell).split()))
        self._cell = None


def fields_in(text: str) -> tuple[dict[str, str], str]:
    """The fields that a description holds, and the text that is left."""
    reader = _CellParser()
    reader.feed(text)
    reader.close()
    found: dict[str, str] = {}
    rest = []
    for cells in reader.rows:
        filled = [cell for cell in cells if cell]
        if len(cells) == 2 and cells[0] and len(cells[0]) <= 60:
            found.setdefault(cells[0].rstrip(" :"), cells[1])
        elif filled:
            rest.append(" ".join(filled))
    lines = [" ".join(line.split()) for line in "".join(reader.text).split("\n")]
    lines = [line for line in lines if line]
    told = [named for line in lines if (named := _LINE.fullmatch(line)) and "//" not in named[0]]
    if len(told) >= 2 and len(told) == len(lines):
        for name, value in (one.groups() for one in told):
            found.setdefault(name.strip(), value)
        lines = []
    return dict(list(found.items())[:MOST_FIELDS]), "; ".join([*rest, *lines])


def with_fields(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with the fields of its descriptions as columns of their own; other columns stay as they are.

    A description is taken apart where half of those in its column hold two fields or more. What is left of it stays
    under its name.
    """
    for name in list(frame.columns):
        texts = frame[name]
        filled = texts[texts != ""]
        if str(name).casefold() not in ("description", "desc", "deskripsi", "popupinfo", "keterangan") or filled.empty:
            continue
        apart = {row: fields_in(text) for row, text in filled.items()}
        if sum(len(fields) >= 2 for fields, _ in apart.values()) * 2 < len(apart):
            continue
        own = {str(column).casefold() for column in frame.columns}
        parts = pd.DataFrame.from_dict(
            {row: fields for row, (fields, _) in apart.items()}, orient="index", dtype=object
        )
        parts = parts[[column for column in parts.columns if str(column).casefold() not in own]]
        title = frame["name"] if "name" in frame.columns else pd.Series("", index=frame.index)
        left = pd.Series(
            {row: rest if rest != title.get(row) else "" for row, (_, rest) in apart.items()}, dtype=object
        )
        frame = frame.assign(**{name: left.reindex(frame.index).fillna("")})
        frame = frame.join(parts.reindex(frame.index).fillna("")).astype(object)
        if (frame[name] == "").all():
            frame = frame.drop(columns=name)
    return frame
