"""Looks at every page with axe-core, in both languages and widths, and prints what is serious or critical.

``python scripts/try_access.py`` starts a server of its own. Run from the repository; needs the extra ``test`` and
Chromium. Exit status 1 where anything is found.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import sync_playwright

from coverage.language.words import LANGUAGES
from tests.browser.accessibility import PAGES, findings_on
from tests.browser.by_socket import STARTS
from tests.browser.conftest import OFFICE, PHONE, Visitor, start_server, stop
from tests.conftest import chromium_path


def main() -> int:
    found: list[str] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_server(Path(folder))
        try:
            context = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"]).new_context(
                locale="id-ID"
            )
            context.set_default_timeout(60_000)
            context.request.get(STARTS[server.url], max_redirects=0)
            visitor = Visitor(context.new_page(), server.url)
            for language in LANGUAGES:
                for path in PAGES:
                    since = time.monotonic()
                    here = list(findings_on(visitor, path, language, (OFFICE, PHONE)))
                    print(f"{path} {language}: {len(here)} findings, {time.monotonic() - since:.1f} s", flush=True)
                    found += here
        finally:
            stop(server.process)
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
