"""The manual says the same in both languages, of every page and every word, and is served as the rest of the app."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from coverage.language.words import LANGUAGES, Words
from coverage.readers.kinds import asset_kinds
from coverage.readers.shipped import manual_dir
from coverage.web import frame
from coverage.web.server import manual
from coverage.web.server.headers import why_refused
from tests.web.test_server import get

ROOT = Path(__file__).parents[2]
BOTH = pytest.mark.parametrize("language", LANGUAGES)
WORDS_OF_THE_FIELD = (
    "core.state",
    "core.certainty.sure",
    "core.certainty.possible",
    "core.rule",
    "core.some.c",
    "core.some.public_wifi",
    "core.some.backhaul",
    "core.some.surveillance",
    "core.service",
    "core.status",
    "core.match",
    "core.mark.mark_",
    "web.evidence",
    "rollout.measure",
    "planning.indicative",
)
SAID_ELSEWHERE = {"Add to PATH", "Menghubungkan", "Connecting"}
"""Quoted words of other programs, and what Streamlit says."""


def text_of(language: str, name: str) -> str:
    return (manual_dir() / language / f"{name}.md").read_text("utf-8")


def outline(language: str, name: str) -> list[str]:
    """What a chapter is made of: levels of headings, pictures, tables, lists and code, links."""
    shape = re.findall(
        r"^(#+ |!\[|\| --- .*|- |\d\. |```)|\]\((\w+\.md)\)", text_of(language, name), flags=re.MULTILINE
    )
    return [one or link for one, link in shape]


@pytest.mark.parametrize("name", manual.CHAPTERS)
def test_a_chapter_is_made_alike_in_both_languages(name: str) -> None:
    assert sorted(outline("id", name)) == sorted(outline("en", name))
    levels = [[line for line in outline(language, name) if line.startswith("#")] for language in LANGUAGES]
    assert levels[0] == levels[1]
    assert levels[0][0] == "# "


@BOTH
def test_the_chapters_are_those_of_the_site_and_every_page_has_one(language: str) -> None:
    assert {file.stem for file in (manual_dir() / language).glob("*.md")} == set(manual.CHAPTERS)
    site = yaml.safe_load((ROOT / "docs/mkdocs.yml").read_text("utf-8"))
    listed = [each for part in site["nav"] if isinstance(part, dict) for names in part.values() for each in names]
    assert [each for each in listed if each.startswith(f"{language}/")] == [
        f"{language}/{n}.md" for n in manual.CHAPTERS
    ]
    assert tuple(site["markdown_extensions"]) == manual.EXTENSIONS
    words = Words(language)
    pages = (*frame.PAGES, *frame.BEHIND)
    assert {page.url for page in pages} == set(manual.PAGES)
    for page in pages:
        assert text_of(language, page.url).startswith(f"# {words(f'web.page.{page.key}')}\n")


@BOTH
def test_every_page_has_its_picture_and_none_is_large(language: str) -> None:
    named = {name: re.findall(r"!\[[^\]]+\]\((\S+)\)", text_of(language, name)) for name in manual.CHAPTERS}
    assert all(f"pictures/{name}.webp" in named[name] for name in manual.PAGES)
    there = {f"pictures/{file.name}": file for file in (manual_dir() / language / "pictures").iterdir()}
    assert {picture for pictures in named.values() for picture in pictures} == set(there)
    sizes = [file.stat().st_size for file in there.values()]
    assert max(sizes) <= 60_000
    assert sum(sizes) <= 1_200_000


@BOTH
def test_links_lead_to_chapters(language: str) -> None:
    for name in manual.CHAPTERS:
        for link in re.findall(r'href="([^"]+)"', manual.chapter(language, name)):
            assert link in manual.CHAPTERS, f"{name}: {link}"


@BOTH
def test_the_glossary_has_every_word_of_the_field(language: str) -> None:
    words, told = Words(language), " ".join(text_of(language, "istilah").casefold().split())
    keys = words.keys()
    wanted = [words(key) for key in keys if key.startswith(WORDS_OF_THE_FIELD)]
    wanted += [words("core.some.small_part", some="").strip(" ,")]
    wanted += [words.kind(kind) for kind in asset_kinds()]
    assert len(wanted) > 40
    assert [word for word in wanted if word.casefold() not in told] == []


@BOTH
def test_what_the_manual_quotes_stands_on_the_screen(language: str) -> None:
    words = Words(language)
    keys = words.keys()
    sentences = [re.sub(r"\W", "", words(key)).casefold() for key in keys]
    for name in manual.CHAPTERS:
        for quoted in re.findall(r'"([^"]+)"', re.sub(r"```.*?```", "", text_of(language, name), flags=re.DOTALL)):
            said = re.sub(r"\W", "", quoted).casefold()
            known = any(sentence.startswith(said) for sentence in sentences)
            assert known or quoted in SAID_ELSEWHERE, f"{language}/{name}.md: {quoted}"


def test_a_chapter_is_served_without_scripts_and_under_the_same_policy() -> None:
    status, headers, body = get("/panduan/en/peta")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in headers["content-security-policy"]
    page = body.decode()
    assert '<html lang="en">' in page
    assert '<a href="peta" aria-current="page">Map</a>' in page
    assert "<script" not in page
    assert not re.search(r'(href|src)="(https?:)?//', page)
    assert get("/panduan/en/pictures/peta.webp")[1]["content-type"] == "image/webp"


@pytest.mark.parametrize("path", ["/panduan/", "/panduan/id/none", "/panduan/xx/peta", "/panduan/id/..%2fmkdocs"])
def test_other_addresses_lead_to_the_first_chapter(path: str) -> None:
    status, headers, _ = get(path)
    assert (status, headers["location"]) == (307, "/panduan/id/index")


def test_the_search_finds_sections_and_repeats_what_was_asked_as_text() -> None:
    body = get("/panduan/id/cari?kata=zona+fresnel")[2].decode()
    assert 'href="istilah#kata-lain"' in body
    assert 'href="akun#' not in body
    assert "<b>" not in get("/panduan/id/cari?kata=<b>x</b>")[2].decode()
    assert manual.found("id", "  ") == []


def test_it_is_for_those_who_may_open_the_app() -> None:
    scope = {
        "type": "http",
        "path": "/panduan/id/peta",
        "headers": [(b"host", b"127.0.0.1:1")],
        "client": ("127.0.0.1", 1),
    }
    assert why_refused(scope) == "web.start_address"


def test_links_have_the_base_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_BASE_PATH", "/jangkau")
    page = get("/panduan/id/data")[2].decode()
    assert 'href="/jangkau/data?bahasa=id"' in page
    assert 'href="/jangkau/aset/jangkau/manual.css' in page


@pytest.mark.slow
def test_mkdocs_makes_the_site(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-f", str(ROOT / "docs/mkdocs.yml")]
    made = subprocess.run([*command, "-d", str(tmp_path / "site")], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "site/en/peta/index.html").is_file()
    assert not re.search(
        r'(src|rel="stylesheet" href)="https?:', (tmp_path / "site/id/peta/index.html").read_text("utf-8")
    )
