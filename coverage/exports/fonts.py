"""Fonts for PDF and maps that ship with the product: the same glyphs on every computer.

Source Sans Pro comes from the package ``font-source-sans-pro``, DejaVu Sans with matplotlib as fallback; Javanese,
Balinese and Sundanese scripts from system fonts, if any.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Literal

import matplotlib
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from coverage.exports.sanitize import xml_safe

Style = Literal["regular", "bold", "italic"]
_FILES: dict[Style, str] = {
    "regular": "SourceSansPro-Regular.ttf",
    "bold": "SourceSansPro-Semibold.ttf",
    "italic": "SourceSansPro-It.ttf",
}
_SYSTEM = ("NotoSansJavanese-Regular", "javatext", "NotoSansBalinese-Regular", "NotoSansSundanese-Regular")
"""System fonts for the scripts of Java, Bali and Sunda, by file name."""
MISSING = "\u25a1"
_ONE_AT_A_TIME = threading.RLock()


@cache
def font_file(style: Style = "regular") -> Path:
    """Font file of a style."""
    folder = Path(str(distribution("font-source-sans-pro").locate_file("font_source_sans_pro/files")))
    return folder / _FILES[style]


@cache
def fallback_files() -> tuple[Path, ...]:
    """Fallback fonts for glyphs that :func:`font_file` lacks, in order."""
    dejavu = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    installed = {Path(file).stem.lower(): Path(file) for file in font_manager.findSystemFonts(fontext="ttf")}
    return (dejavu, *(installed[name.lower()] for name in _SYSTEM if name.lower() in installed))


@cache
def letters(file: Path) -> frozenset[int]:
    """Code points of a font."""
    return frozenset(FT2Font(str(file)).get_charmap())


@cache
def family_names() -> tuple[str, ...]:
    """Register our fonts alone with matplotlib, which searches all system fonts for each text otherwise; return their
    names.
    """
    entries = [
        ("Jangkau", font_file("regular"), "normal", 400),
        ("Jangkau", font_file("bold"), "normal", 700),
        ("Jangkau", font_file("italic"), "italic", 400),
    ]
    for at, file in enumerate(fallback_files(), start=1):
        entries += [(f"Jangkau {at}", file, style, weight) for style in ("normal", "italic") for weight in (400, 700)]
    font_manager.fontManager.ttflist[:] = [
        font_manager.FontEntry(
            fname=str(file), name=name, style=style, variant="normal", weight=weight, stretch="normal", size="scalable"
        )
        for name, file, style, weight in entries
    ]
    return tuple(dict.fromkeys(name for name, *_ in entries))


@contextmanager
def drawing_style(**settings: Any) -> Iterator[None]:
    """Draw with our fonts and given settings, under a lock: matplotlib's settings are global."""
    chosen: Any = {"font.family": list(family_names()), **settings}
    with _ONE_AT_A_TIME, matplotlib.rc_context(chosen):
        yield


def printable(text: str) -> str:
    """Drawable text; see :func:`runs`."""
    return "".join(run for _, run in runs(text))


def runs(text: str, style: Style = "regular") -> list[tuple[Path, str]]:
    """Split text into runs, each with the first font that has all its glyphs.

    A missing glyph becomes an empty box; joiners and selectors are dropped.
    """
    made: list[tuple[Path, str]] = []
    main = font_file(style)
    if text and text.isprintable() and letters(main).issuperset(map(ord, text)):
        return [(main, text)]
    for letter in text:
        if letter in "\u200d\ufe0e\ufe0f" or not xml_safe(letter):
            continue
        found = next((file for file in (main, *fallback_files()) if ord(letter) in letters(file)), None)
        file, shown = (found, letter) if found else (fallback_files()[0], MISSING)
        if made and made[-1][0] == file:
            made[-1] = (file, made[-1][1] + shown)
        else:
            made.append((file, shown))
    return made
