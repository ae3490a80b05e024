"""axe-core on every page: what it finds serious or critical."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python

from tests.browser.conftest import Visitor

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
PAGES = (
    "/",
    "/?desa=3505060010",
    "/prioritas",
    "/rencana",
    "/sinyal",
    "/usulan",
    "/inventaris",
    "/impor",
    "/data",
    "/laporan",
)
PAGES += ("/persiapan", "/akun")
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
GRAVE = ("serious", "critical")


def findings(visitor: Visitor, frames: bool) -> Iterator[str]:
    """Serious and critical findings on the page as it stands, with or without its frames."""
    for frame in visitor.page.frames if frames else [visitor.page.main_frame]:
        frame.evaluate(AXE)
    found: dict[str, Any] = visitor.page.evaluate("rules => axe.run(document, rules)", RULES | {"iframes": frames})
    for violation in found["violations"]:
        if violation["impact"] in GRAVE:
            yield from (
                f"{violation['id']} ({violation['impact']}): {node['html'][:200]}" for node in violation["nodes"]
            )


def findings_on(
    visitor: Visitor, path: str, language: str, widths: tuple[tuple[int, int], ...], frames: bool = True
) -> Iterator[str]:
    """The same at each of ``widths``, without loading the page anew."""
    visitor.open(f"{path}{'&' if '?' in path else '?'}bahasa={language}")
    visitor.page.locator(".jk-notes").wait_for(state="attached")
    for width, height in widths:
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.settle()
        if frames and visitor.page.locator("iframe").count():
            visitor.map.locator(".jk-ready").first.wait_for()
        yield from (f"{path} {language} {width}: {finding}" for finding in findings(visitor, frames))
