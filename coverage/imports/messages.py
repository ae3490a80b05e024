"""Messages of a chat exported by WhatsApp: a row each, without who sent it.

Lines begin with date and time as the phone writes them (``05/03/25 10.14 - ``, ``[05/03/25, 10:14:33] ``), then the
sender; what has no sender (who joined, encryption) is no message. The layout: https://whatstk.readthedocs.io.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pandas as pd

from coverage.imports.raw import Note, Raw
from coverage.readers.tables import MAX_BYTES, decode

COLUMNS = ("tanggal", "pesan")
TOGETHER_MIN = 15
"""What one person sends within so many minutes, with nobody between, is one message: a place often comes by itself."""
_HEAD = re.compile(
    r"[\u200e\u200f\ufeff]*\[?(\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}),?\s+(\d{1,2})[.:](\d{2})(?:[.:]\d{2})?(?:\s?([ap])\.?m\.?)?"
    r"(?:\]|:|\s+-)\s+(.*)",
    re.IGNORECASE,
)
_SENDER = re.compile(r"[\u200e~\s]*([^:]{1,80}):\s(.*)", re.DOTALL)
_PRIVATE = re.compile(
    r"(?<![\d.,=/+])(?:(?:\+?62|0)[\s-]?8[\d\s-]{7,14}\d|\d{16})(?![\d.])|@\d{8,}|[\w.+-]+@[\w-]+\.[\w.]+"
)
_CHAT = re.compile(r"(?:^|/)(?:_chat|whatsapp[^/]*|chat whatsapp[^/]*)\.txt$", re.IGNORECASE)


def is_chat(text: str) -> bool:
    """Whether a text is an exported chat: its first line begins a message, and most of the next."""
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:8]
    heads = [_HEAD.match(line) is not None for line in lines]
    return bool(heads) and heads[0] and sum(heads) * 2 > len(heads) and ("]" in lines[0] or " - " in lines[0])


def chat_in_zip(path: Path, file: str) -> str | None:
    """The chat of an archive as phones send it, with or without media; None where it has none."""
    if not zipfile.is_zipfile(path):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if _CHAT.search(member.filename) and member.file_size <= MAX_BYTES:
                    return decode(archive.read(member), file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError):
        pass
    return None


def without_private(text: str) -> str:
    """A text without telephone numbers, numbers of persons and addresses of mail."""
    return _PRIVATE.sub("[…]", text)


def raw_of_chat(text: str, file: str) -> Raw:
    """Messages as a list; row numbers are those of their first line. Senders are left out, telephone numbers too."""
    begun: list[tuple[int, str, int, str]] = []  # row, date, minute of the day, what follows
    for number, line in enumerate(text.splitlines(), start=1):
        if head := _HEAD.match(line):
            hour = int(head[2]) % 12 + 12 * (head[4].lower() == "p") if head[4] else int(head[2])
            begun.append((number, head[1], hour * 60 + int(head[3]), head[5]))
        elif begun:
            begun[-1] = (*begun[-1][:3], f"{begun[-1][3]}\n{line}")
    rows: list[tuple[int, str, int, str, str]] = []
    aside = 0
    for row, date, minute, rest in begun:
        if (said := _SENDER.match(rest)) is None:
            aside += 1
        elif rows and (rows[-1][1], rows[-1][4]) == (date, said[1]) and 0 <= minute - rows[-1][2] <= TOGETHER_MIN:
            rows[-1] = (rows[-1][0], date, minute, f"{rows[-1][3]}\n{said[2]}", said[1])
        else:
            rows.append((row, date, minute, said[2], said[1]))
    notes: list[Note] = [("imports.note.chat", {"count": len(rows), "aside": aside})]
    cells = [(date, without_private(" ".join(text.split()))) for _, date, _, text, _ in rows]
    return Raw(pd.DataFrame(cells, [row[0] for row in rows], COLUMNS, dtype=str), file, notes=notes)
