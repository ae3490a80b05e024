"""The manual: chapters of ``docs/manual`` as pages under ``/panduan/<language>/<chapter>``, without any script.

MkDocs makes a site of the same files. Both render with Python-Markdown and the same :data:`EXTENSIONS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import markdown
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from coverage.language.words import LANGUAGES, STYLES, Words
from coverage.readers.shipped import manual_dir
from coverage.web import settings
from coverage.web.addresses import MANUAL, asset_url
from coverage.web.html import Html, joined, tag

CHAPTERS = (
    "index", "persiapan", "peta", "prioritas", "rencana", "sinyal", "provinsi", "usulan", "inventaris", "impor",
    "data", "laporan", "akun", "lapangan", "istilah", "tanya", "perintah", "kantor",
)  # fmt: skip
"""Files of a language in the order of reading; that of a page has the page's address."""
PAGES = CHAPTERS[1:13]
EXTENSIONS = ("tables", "fenced_code", "toc")
_HEADING = re.compile(r'<h([1-3]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
_SEARCH = "cari"


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it, up to the next."""

    anchor: str
    heading: str
    text: str


@cache
def chapter(language: str, name: str) -> Html:
    """Render a chapter; links to other chapters lead to their pages."""
    said = (manual_dir() / language / f"{name}.md").read_text("utf-8")
    made = markdown.markdown(said, extensions=EXTENSIONS, output_format="html")
    return Html(re.sub(r'href="([a-z]+)\.md', r'href="\1', made))


@cache
def sections(language: str, name: str) -> tuple[Section, ...]:
    """Split a chapter at its headings, without markup; the first is its title."""
    _, *parts = _HEADING.split(chapter(language, name))
    plain = [re.sub(r"<[^>]+>", "", part) for part in parts]
    return tuple(Section(parts[at + 1], plain[at + 2], plain[at + 3]) for at in range(0, len(parts), 4))


def found(language: str, asked: str) -> list[tuple[str, Section]]:
    """Sections that hold every word asked for, by chapter."""
    wanted = asked.casefold().split()
    each = [(name, section) for name in CHAPTERS for section in sections(language, name)]
    return [
        one for one in each if wanted and all(word in f"{one[1].heading} {one[1].text}".casefold() for word in wanted)
    ]


async def _chapter(request: Request) -> Response:
    language, name = request.path_params["language"], request.path_params["chapter"]
    if language not in LANGUAGES or name not in (*CHAPTERS, _SEARCH):
        return RedirectResponse(f"{MANUAL}/{language if language in LANGUAGES else LANGUAGES[0]}/index")
    words = Words(language)
    asked = request.query_params.get("kata", "")[:100]
    main = _answers(language, asked, words) if name == _SEARCH else chapter(language, name)
    return HTMLResponse(_page(words, name, main, asked))


def _answers(language: str, asked: str, words: Words) -> Html:
    links = [
        tag(
            "li",
            tag("a", f"{sections(language, name)[0].heading} › {section.heading}", href=f"{name}#{section.anchor}"),
        )
        for name, section in found(language, asked)
    ]
    told = words("manual.found", count=len(links), asked=asked)
    return joined(tag("h1", words("manual.search")), tag("p", told), tag("ul", *links) if links else None)


def _page(words: Words, name: str, main: Html, asked: str) -> str:
    """Put a chapter between its table of contents and the ways out of it."""
    base, language = settings.base_path(), words.language
    titles = {each: sections(language, each)[0].heading for each in CHAPTERS}
    contents = [
        tag("li", tag("a", title, href=each, aria_current="page" if each == name else None))
        for each, title in titles.items()
    ]
    field = tag("input", name="kata", type="search", value=asked, aria_label=words("manual.search"))
    search = tag("form", field, tag("button", words("manual.search")), action=_SEARCH, role="search")
    others = [
        tag("a", STYLES[other].name, href=f"../{other}/{'index' if name == _SEARCH else name}", hreflang=other)
        for other in LANGUAGES
        if other != language
    ]
    app = tag("a", words("manual.app"), href=f"{base}/{name if name in PAGES else ''}?bahasa={language}")
    tour = tag("a", words("manual.tour.start"), href=f"{base}/?bahasa={language}#tur")
    title = f"{titles.get(name, words('manual.search'))} · {words('manual.title')} Jangkau"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("link", rel="icon", type="image/svg+xml", href=asset_url("jangkau", "icon.svg")),
        tag("link", rel="stylesheet", href=asset_url("jangkau", "manual.css")),
    )
    top = tag(
        "header", tag("a", f"{words('manual.title')} Jangkau", href="index", cls="jk-title"), search, tour, app, *others
    )
    body = tag("body", top, tag("nav", tag("ol", *contents), aria_label=words("manual.contents")), tag("main", main))
    return "<!DOCTYPE html>" + tag("html", head, body, lang=language)


async def _first(request: Request) -> Response:
    return RedirectResponse(f"{MANUAL}/{settings.language()}/index")


def routes() -> list[Route]:
    """Routes of the chapters."""
    return [Route(f"{MANUAL}/", _first), Route(f"{MANUAL}/{{language}}/{{chapter}}", _chapter)]
