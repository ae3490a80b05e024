"""A real Chromium and a real server, with every host but this computer blocked.

The page under test may ask no other host for anything and may write no error to the console; both are looked at when a
test ends. Screenshots go to ``artifacts/browser``, which git ignores.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, FrameLocator, Page, Request, expect

from coverage.imports.asset_lists import read_assets
from coverage.readers.shipped import region_dir
from coverage.store import Actor, Store, open_store
from tests.browser.by_socket import STARTS
from tests.store.stores import copy_of

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "artifacts" / "browser"
OFFICE, PHONE = (1366, 768), (390, 844)
WAIT = 120_000
"""How long anything may take to appear, in milliseconds: long, as the machine may be busy, and reached only by a fault."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


def patience() -> float:
    """How much longer than on a machine with nothing else to do a person here would wait."""
    busy = os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else 1.0
    return max(1.0, busy)


@dataclass
class Server:
    """A running ``jangkau serve``."""

    url: str
    process: subprocess.Popen[str]
    folder: Path

    def health(self) -> dict[str, str | None]:
        with urllib.request.urlopen(f"{self.url}/sehat", timeout=10) as answer:
            found: dict[str, str | None] = json.load(answer)
            return found


def start_server(folder: Path, *options: str, command: Sequence[str] = (), log: str = "server.log") -> Server:
    """Start ``jangkau serve`` on a free port in a folder, or another command, and wait until its run is there."""
    command = command or [sys.executable, "-m", "coverage.cli", "serve", "--port", "0", "--no-browser", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    said = folder / log
    with said.open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, text=True, stdout=output, stderr=subprocess.STDOUT
        )
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"(http://127\.0\.0\.1:\d+)(/mulai\S+)?", said.read_text())
        if found:
            STARTS[found[1]] = found[0]
            server = Server(found[1], process, folder)
            try:
                if server.health()["status"] == "sehat":
                    return server
            except OSError:
                pass
        time.sleep(0.1)
    stop(process)
    raise AssertionError(f"the server did not come up:\n{said.read_text()}")


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


@pytest.fixture(scope="session")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on the region that ships."""
    started = start_server(tmp_path_factory.mktemp("server"))
    yield started
    stop(started.process)


PASSWORD = "kata sandi yang panjang 2026"
ADMIN = Actor("pengelola", "admin")
EDITED = "CCTV-001"
"""The first asset of the list."""


@contextlib.contextmanager
def filled(where: str) -> Iterator[Store]:
    """A store with the sample list and three accounts."""
    store = open_store(where)
    store.imports.add_assets(read_assets(region_dir() / "assets_sample.csv")[0], "assets_sample.csv", ADMIN)
    for name, role in (("ani", "admin"), ("budi", "editor"), ("citra", "viewer")):
        store.accounts.add(name, role, PASSWORD, ADMIN)
    yield store
    store.close()


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An office: a server, the sample list in its inventory, three accounts, and a backup of all that."""
    folder = tmp_path_factory.mktemp("office")
    with filled(str(folder / "jangkau.db")) as store:
        store.backups.make(folder / "awal.zip", ADMIN)
    with served(folder) as started:
        yield started


@contextlib.contextmanager
def served(
    folder: Path, *options: str, database: str | None = None, command: Sequence[str] = (), log: str = "server.log"
) -> Iterator[Server]:
    """The app, or another command, with a data folder and perhaps a database of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JANGKAU_DATA_DIR", str(folder))
        if database:
            patch.setenv("JANGKAU_DATABASE_URL", database)
        started = start_server(folder, *options, command=command, log=log)
    try:
        yield started
    finally:
        stop(started.process)


@pytest.fixture(scope="module")
def office_database(cluster_template: tuple[str, str]) -> Iterator[str]:
    """A PostGIS of our own with the sample list and three accounts."""
    with copy_of(cluster_template) as url:
        with filled(url):
            pass
        yield url


@pytest.fixture
def kept(office: Server) -> Iterator[Store]:
    """The office's inventory, put back from its backup after each test while the server goes on."""
    store = open_store(str(office.folder / "jangkau.db"))
    yield store
    store.backups.restore(office.folder / "awal.zip", ADMIN)
    store.close()


@dataclass
class Visitor:
    """One visitor's window, and everything it should not have done."""

    page: Page
    url: str
    others: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def map(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    def open(self, path: str = "/") -> None:
        self.page.goto(self.url + path)

    def wait_for_map(self) -> None:
        self.map.locator(".jk-ready").wait_for(timeout=WAIT)

    def settle(self) -> None:
        """Until Streamlit has answered everything: it says so itself, on the element that holds the page."""
        for pause in (150, 0):  # an answer that was only just asked for is waited for as well
            self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
            self.page.wait_for_timeout(pause)

    def press(self, button: str, exact: bool = False) -> None:
        """Press a button once the page stands still: what was typed before has arrived, and it is not drawn anew."""
        self.settle()
        self.page.get_by_role("button", name=button, exact=exact).first.click()

    def choose(self, field: str, option: str, exact: bool = False) -> None:
        """Choose from a list by typing, as it shows only its first lines, and by a click, which takes what is named."""
        box = self.page.get_by_role("combobox", name=field, exact=exact)
        box.wait_for()
        self.settle()  # an open list closes, and what was typed is gone, when the page is made anew under it
        box.click()
        box.fill(option)
        self.page.get_by_role("option", name=option, exact=exact).first.click()
        box.blur()  # never Escape: in a list that closed by itself it clears what was chosen
        self.settle()

    def sign_in(self, name: str, path: str) -> None:
        """Open a page and sign in, in the header."""
        self.open(path)
        self.page.locator(".st-key-person").get_by_role("button", name="Masuk").click()
        self.page.get_by_role("textbox", name="Nama akun").fill(name)
        self.page.get_by_role("textbox", name="Kata sandi").fill(PASSWORD)
        self.page.get_by_test_id("stFormSubmitButton").get_by_role("button", name="Masuk").click()
        self.wait_for_person(name)

    def wait_for_person(self, name: str) -> None:
        self.page.locator(".st-key-person").get_by_role("button", name=name).wait_for()

    def place_of(self, lat: float, lon: float) -> tuple[float, float]:
        """Where a place of the map lies in the window, in pixels."""
        box = self.page.locator("iframe").bounding_box()
        assert box
        point = self.map.locator("body").evaluate(
            "(_, at) => { const p = window.map.latLngToContainerPoint(at); return [p.x, p.y]; }", [lat, lon]
        )
        return box["x"] + point[0], box["y"] + point[1]

    def zoom(self) -> float:
        return float(self.map.locator("body").evaluate("() => window.map.getZoom()"))

    def facts(self) -> str:
        return self.page.locator(".jk-facts").inner_text()

    def wait_for_village(self, name: str) -> None:
        self.page.locator(".jk-facts h2", has_text=name).wait_for(timeout=15_000)

    def picture(self, name: str, whole: bool = False) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(100)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=whole, animations="disabled")


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Open a window; when the test ends, fail on any request to another host and on any error in the console."""
    opened: list[tuple[BrowserContext, Visitor]] = []

    def make(url: str, size: tuple[int, int] = OFFICE) -> Visitor:
        phone = size[0] < 600
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="id-ID",
            is_mobile=phone,
            has_touch=phone,
            accept_downloads=True,
        )
        context.set_default_timeout(WAIT)
        expect.set_options(timeout=WAIT)
        if "/mulai" in STARTS[url]:
            context.request.get(STARTS[url], max_redirects=0)  # gives the context its cookie
        visitor = Visitor(context.new_page(), url)

        def asked(request: Request) -> None:
            if not request.url.startswith((url + "/", "data:", "blob:")):
                visitor.others.append(request.url)

        def heard(message: ConsoleMessage) -> None:
            if message.type == "error":
                visitor.errors.append(f"{message.text} ({message.location.get('url', '')})")

        context.on("request", asked)
        visitor.page.on("console", heard)
        visitor.page.on("pageerror", lambda error: visitor.errors.append(str(error)))
        visitor.page.on("dialog", lambda dialog: (visitor.errors.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        opened.append((context, visitor))
        return visitor

    yield make
    for context, _ in opened:
        context.close()
    assert [request for _, visitor in opened for request in visitor.others] == []
    assert [error for _, visitor in opened for error in visitor.errors] == []
