"""The only module that makes HTML; all text is escaped.

:func:`tag` takes text and :class:`Html`, and escapes the text::

    tag("td", row.village)          # '<td>&lt;script&gt;...</td>' for a village of that name
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from coverage.language.words import Words

_EMPTY = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Html(str):
    """Markup made by :func:`tag`."""

    __slots__ = ()


def tag(name: str, /, *children: str | None, **attributes: str | None) -> Html:
    """Make an element of text (escaped) and :class:`Html`; None is left out.

    ``cls`` is ``class``, ``_`` in the name of an attribute becomes ``-`` (``aria_label``).
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
    """Concatenate parts; text is escaped."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts if part is not None))


def put(html: Html, key: str | None = None) -> None:
    """Render HTML (no plain text), in a container with CSS class ``st-key-<key>`` where ``key`` is given."""
    if not isinstance(html, Html):
        raise TypeError("only HTML made by html.tag goes on the page")
    (st.container(key=key) if key else st).html(html)


def heading(title: str, *below: Html | None, key: str = "heading") -> None:
    """Render the heading of a page."""
    put(tag("header", tag("h1", title), *below, cls="jk-heading"), key=key)


def refusal(text: str) -> None:
    """Render why something is not there."""
    put(tag("p", text, cls="jk-refused", role="alert"))


def swatch(state: str) -> Html:
    """Colour patch of a state, hatched for a blank spot."""
    return tag("span", cls=f"jk-swatch jk-{state}", aria_hidden="true")


def state_chip(state: str, told: str) -> Html:
    """What a state is called under the rule that decides it, with its colour."""
    return tag("span", swatch(state), capital(told), cls="jk-chip")


def mark(approximation: str, words: Words, told: str | None = None) -> Html:
    """Mark for invented or approximate data, with ``told`` or the sentence of its key of ``core.mark`` as tooltip."""
    kind = "sample" if approximation == "sample_assets" else "approximate"
    return tag(
        "span", words(f"core.mark.mark_{kind}"), cls="jk-mark", title=told or words(f"core.mark.{approximation}")
    )


def marks(run: Mapping[str, Any], words: Words, *approximations: str) -> Html:
    """Marks for those of ``approximations`` that the run rests on, each mark once with all reasons."""
    told: dict[bool, list[str]] = {}
    for name in approximations:
        if name in run["approximations"]:
            told.setdefault(name == "sample_assets", []).append(name)
    return joined(
        *(mark(names[0], words, " ".join(words(f"core.mark.{name}") for name in names)) for names in told.values())
    )


def people_marks(run: Mapping[str, Any], words: Words) -> Html:
    """Marks of figures of people in reach: estimated people, sample assets."""
    return marks(run, words, "estimated_people", "sample_assets")


def definition_list(rows: Sequence[tuple[str, str]]) -> Html:
    """Definition list of name and value."""
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in rows), cls="jk-pairs")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], caption: str, cls: str = "jk-table") -> Html:
    """Table whose first column is the row header; the caption is for screen readers."""
    head = tag("tr", *(tag("th", text, scope="col") for text in heads))
    body = [tag("tr", tag("th", row[0], scope="row"), *(_cell(cell) for cell in row[1:])) for row in rows]
    return tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), cls=cls)


def column_table(columns: Mapping[str, Iterable[str]], caption: str) -> Html:
    """Table of columns by caption, the first of which has the row headers."""
    return table(list(columns), list(zip(*columns.values(), strict=True)), caption)


def scrolling(content: Html) -> Html:
    """A wide table that scrolls sideways."""
    return tag("div", content, cls="jk-scroll")


def figure(name: str, *value: str, more: str = "") -> Html:
    """A figure with its caption, in a strip of figures; ``more`` are further CSS classes."""
    return tag("div", tag("dt", name), tag("dd", *value), cls=f"jk-cell {more}".strip())


def _cell(text: str) -> Html:
    return tag("td", text, cls="jk-none" if text == "–" else None)


def bar(share: float | None) -> Html:
    """Bar for a share of 0 to 1."""
    width = 0.0 if share is None or share != share else max(0.0, min(1.0, share)) * 100
    return tag("span", tag("span", style=f"width:{width:.1f}%"), cls="jk-bar", aria_hidden="true")


def capital(text: str) -> str:
    """Capitalise the first letter."""
    return text[:1].upper() + text[1:]


def as_label(text: str) -> str:
    """Escape Markdown in a user's text used as a Streamlit label."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>~$:&-])", r"\\\1", text.replace("\n", " "))
