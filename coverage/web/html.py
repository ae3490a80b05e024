"""The only module that makes HTML. Everything that is not HTML of ours is escaped on its way in.

:func:`tag` takes text and :class:`Html`; text is escaped, always. So a page can hand it a name from any file::

    tag("td", row.village)          # '<td>&lt;script&gt;...</td>' for a village of that name
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from coverage.language.words import Words

_EMPTY = frozenset({"br", "hr", "img", "input"})


class Html(str):
    """Text that is HTML already, made by :func:`tag`."""

    __slots__ = ()


def tag(name: str, *children: str | None, **attributes: str | None) -> Html:
    """Make an element.

    Parameters
    ----------
    name
        Name of the element; ours, never a user's.
    *children
        Text (escaped) or :class:`Html` (as it is); None is left out.
    **attributes
        ``cls`` is ``class``, ``_`` becomes ``-`` (``aria_label``); None is left out.
    """
    written = "".join(
        f' {"class" if key == "cls" else key.strip("_").replace("_", "-")}="{escape(value, quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _EMPTY:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*parts: str | None) -> Html:
    """Put parts one after the other; text is escaped."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts if part is not None))


def put(html: Html, key: str | None = None) -> None:
    """Put HTML on the page, in a container of its own where ``key`` is given (its CSS class is ``st-key-<key>``).

    Raises
    ------
    TypeError
        If it is plain text: a fault of the program.
    """
    if not isinstance(html, Html):
        raise TypeError("only HTML made by markup.tag goes on the page")
    (st.container(key=key) if key else st).html(html)


def swatch(state: str) -> Html:
    """A patch of a state's colour, hatched where it is a blank spot."""
    return tag("span", cls=f"jk-swatch jk-{state}", aria_hidden="true")


def state_chip(state: str, words: Words) -> Html:
    """The name of a state beside its colour."""
    return tag("span", swatch(state), capital(words(f"core.state.{state}")), cls="jk-chip")


def mark(approximation: str, words: Words) -> Html:
    """The small mark for what is invented or approximate: a key of ``core.mark``; resting on it tells why."""
    kind = "sample" if approximation == "sample_assets" else "approximate"
    return tag("span", words(f"core.mark.mark_{kind}"), cls="jk-mark", title=words(f"core.mark.{approximation}"))


def marks(run: Mapping[str, Any], words: Words, *approximations: str) -> Html:
    """The marks for those of ``approximations`` that stand behind a run's figures; nothing where none does."""
    return joined(*(mark(name, words) for name in approximations if name in run["approximations"]))


def definition_list(rows: Sequence[tuple[str, str]], cls: str) -> Html:
    """Pairs of a name and what it is."""
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in rows), cls=cls)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], caption: str, cls: str = "jk-table") -> Html:
    """A table with the first column naming the row; the caption is for screen readers."""
    head = tag("tr", *(tag("th", text, scope="col") for text in heads))
    body = [tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows]
    return tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), cls=cls)


def bar(share: float | None) -> Html:
    """A small bar for a share of 0 to 1."""
    width = 0.0 if share is None or share != share else max(0.0, min(1.0, share)) * 100
    return tag("span", tag("span", style=f"width:{width:.1f}%"), cls="jk-bar", aria_hidden="true")


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def as_label(text: str) -> str:
    """A user's text for a label of Streamlit, which reads Markdown: signs that mean something there are escaped."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>~$:&-])", r"\\\1", text.replace("\n", " "))
