"""Fonts that travel with the product, for PDF and print maps: the same letters on every computer.

Source Sans Pro comes from the package ``font-source-sans-pro``, DejaVu Sans with matplotlib for what it lacks. Scripts
that neither has (Javanese, Balinese, Sundanese) are taken from the computer where it has a font for them.
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
"""Fonts of Linux and Windows for the scripts of Java, Bali and Sunda, by file name."""
MISSING = "\u25a1"
_ONE_AT_A_TIME = threading.RLock()


@cache
def font_file(style: Style = "regular") -> Path:
    """Return the font file of a style."""
    folder = Path(str(distribution("font-source-sans-pro").locate_file("font_source_sans_pro/files")))
    return folder / _FILES[style]


@cache
def fallback_files() -> tuple[Path, ...]:
    """Return the fonts to ask for letters that :func:`font_file` lacks, in order."""
    dejavu = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    installed = {Path(file).stem.lower(): Path(file) for file in font_manager.findSystemFonts(fontext="ttf")}
    return (dejavu, *(installed[name.lower()] for name in _SYSTEM if name.lower() in installed))


@cache
def letters(file: Path) -> frozenset[int]:
    """Return the code points that a font has."""
    return frozenset(FT2Font(str(file)).get_charmap())


@cache
def family_names() -> tuple[str, ...]:
    """Make our fonts, and no others, known to matplotlib; return the names, the first to be tried first.

    Among the hundreds of fonts of a computer, matplotlib would look for each text anew.
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
    """Draw with our fonts and the settings of matplotlib given, one drawing at a time.

    matplotlib keeps its settings for the whole program: without the lock, two readers who ask for a map at the same
    moment would draw with each other's.
    """
    chosen: Any = {"font.family": list(family_names()), **settings}
    with _ONE_AT_A_TIME, matplotlib.rc_context(chosen):
        yield


def printable(text: str) -> str:
    """Text of which every letter can be drawn; see :func:`runs`."""
    return "".join(run for _, run in runs(text))


def runs(text: str, style: Style = "regular") -> list[tuple[Path, str]]:
    """Cut text into runs, each with the first font that has all its letters.

    A letter that no font has is replaced by an empty box; joiners and selectors that need no letter are dropped.
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
