"""Output on a console that lacks characters, such as one of Windows redirected into a file (code page 1252)."""

from __future__ import annotations

import codecs
import io
import sys
import unicodedata

_PLAIN = {
    "−": "-",
    "≥": ">=",
    "≤": "<=",
    "→": "->",
    "○": "o",
    "●": "*",
    "≈": "~",
    "²": "2",
    "\u200b": "",
    "\u202f": " ",
}
_HANDLER = "jangkau.plain"


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What is written in place of what the encoding lacks: a plain form, a letter without its marks, or ``?``."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN[one] if one in _PLAIN else _bare(one) for one in lacking), error.end


def _bare(one: str) -> str:
    bare = unicodedata.normalize("NFKD", one)[:1]
    return bare if bare.isascii() else "?"


def use_plain_output() -> None:
    """Let no character that the console lacks end a command."""
    codecs.register_error(_HANDLER, _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)
