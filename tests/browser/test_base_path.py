"""Behind nginx, under a path and with TLS, as ``scripts/deploy`` sets it up: everything works, and limits are told."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Response, expect

from coverage.store import open_store
from coverage.web.tickets import COOKIE
from tests.browser.conftest import ADMIN, OFFICE, PASSWORD, WAIT, Server, Visitor, served, stop
from tests.browser.test_import_page import sign_in
from tests.browser.test_start_token import NGINX, free_port

CONFIG = Path(__file__).parents[2] / "scripts" / "deploy" / "nginx.conf.template"
AROUND = """daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}
http {{ access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e; include /etc/nginx/mime.types; include {folder}/jangkau.conf; }}"""
"""What the image of nginx has around a site."""
BASE = "/jangkau"


@dataclass
class Office:
    """A running app, nginx in front of it, and the address for the office."""

    server: Server
    url: str
    folder: Path


def certificate(folder: Path) -> None:
    """A certificate of the office's own."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=jangkau"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", folder / "jangkau.key", "-out", folder / "jangkau.crt"),
        ],
        check=True,
        capture_output=True,
    )


def site(folder: Path, port: int, app: str, takes: str = "52m", strips: str = "", base: str = BASE) -> str:
    """The configuration that ships, filled in as its image does it, at free ports and in a folder of this test."""
    filled = CONFIG.read_text("utf-8")
    for name, value in {"JANGKAU_HOST": "127.0.0.1", "JANGKAU_BASE_PATH": base}.items():
        filled = filled.replace(f"${{{name}}}", value)
    for shipped, here in (
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("/etc/nginx/tls", str(folder)),
        ("http://app:8501;", f"{app}{strips};"),
        ("client_max_body_size 52m;", f"client_max_body_size {takes};"),
    ):
        assert shipped in filled
        filled = filled.replace(shipped, here)
    return filled


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """``jangkau serve --base-path /jangkau``, behind the configuration that ships."""
    if not Path(NGINX).exists() or not shutil.which("openssl"):
        pytest.skip("nginx or openssl is not installed")
    folder = tmp_path_factory.mktemp("office")
    store = open_store(str(folder / "jangkau.db"))
    store.accounts.add("ani", "admin", PASSWORD, ADMIN)
    store.close()
    certificate(folder)
    with served(folder, "--base-path", BASE) as server:
        port = free_port()
        (folder / "jangkau.conf").write_text(site(folder, port, server.url))
        (folder / "conf").write_text(AROUND.format(folder=folder))
        nginx = subprocess.Popen([NGINX, "-c", str(folder / "conf"), "-e", str(folder / "error.log")])
        found = Office(server, f"https://127.0.0.1:{port}{BASE}", folder)
        for _ in range(100):
            if nginx.poll() is None and answers(f"{found.url}/health"):
                break
            time.sleep(0.1)
        yield found
        stop(nginx)


def answers(url: str) -> bool:
    trusting = ssl._create_unverified_context()
    try:
        with urllib.request.urlopen(url, timeout=10, context=trusting) as answer:
            return bool(json.load(answer)["status"] == "sehat")
    except OSError:
        return False


def again(office: Office, **changes: str) -> None:
    """Let nginx go on with another configuration."""
    port = int(office.url.rpartition(":")[2].partition("/")[0])
    (office.folder / "jangkau.conf").write_text(site(office.folder, port, office.server.url, **changes))
    subprocess.run([NGINX, "-c", str(office.folder / "conf"), "-s", "reload"], check=True, capture_output=True)
    time.sleep(1)


@pytest.fixture
def visitor(browser: Browser, office: Office) -> Iterator[Visitor]:
    """A window that takes note of requests beside the base path, of failures, and of errors in the console."""
    context = browser.new_context(
        viewport={"width": OFFICE[0], "height": OFFICE[1]}, locale="id-ID", ignore_https_errors=True
    )
    context.set_default_timeout(WAIT)
    expect.set_options(timeout=WAIT)
    visitor = Visitor(context.new_page(), office.url)

    def came(response: Response) -> None:
        if response.url.partition("?")[0] != office.url and not response.url.startswith(
            (office.url + "/", "data:", "blob:")
        ):
            visitor.others.append(response.url)
        if response.status >= 400:
            visitor.errors.append(f"{response.status} {response.url}")

    context.on("response", came)
    visitor.page.on("websocket", lambda socket: visitor.others.append(socket.url) if BASE not in socket.url else None)
    visitor.page.on("pageerror", lambda error: visitor.errors.append(str(error)))
    yield visitor
    context.close()


def test_health_is_told_under_the_path_and_without_it(office: Office) -> None:
    for path in ("/health", "/sehat"):
        assert answers(office.url + path)
        assert answers(office.server.url + path)


def test_the_map_its_styling_and_every_page_work_under_the_path(visitor: Visitor, office: Office) -> None:
    visitor.page.goto(office.url)  # without its slash
    visitor.wait_for_map()
    assert visitor.page.url.startswith(f"{office.url}/")
    fonts = visitor.map.locator("body").evaluate("() => document.fonts.ready.then(f => [...f].map(x => x.status))")
    assert "loaded" in fonts
    assert visitor.map.locator("path.leaflet-interactive").count() > 200  # the villages
    assert visitor.page.evaluate("() => getComputedStyle(document.querySelector('.jk-facts, .jk-strip')).display")
    visitor.picture("base_path_map")
    visitor.map.locator(".leaflet-control-zoom-in").click()  # the link carries the view and the layers of the map
    towers = visitor.map.get_by_label("Menara")
    towers.uncheck()
    visitor.page.evaluate(
        "navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }"
    )
    visitor.page.get_by_role("button", name="Kabupaten Blitar").click()
    visitor.page.get_by_role("button", name="Salin tautan").click()
    visitor.page.get_by_role("button", name="Tautan disalin").wait_for()
    link = str(visitor.page.evaluate("window.copied"))
    assert link.startswith(f"{office.url}?")
    seen = visitor.map.locator("body").evaluate("() => window.jangkau.seen()")
    assert seen["pandangan"] in unquote(link)
    visitor.page.goto(link)
    visitor.wait_for_map()
    assert visitor.page.url.startswith(f"{office.url}/?bahasa=id")
    again = visitor.map.locator("body").evaluate("() => window.jangkau.seen()")
    assert again["lapis"] == seen["lapis"]
    views = ([float(part) for part in one["pandangan"].split(",")] for one in (again, seen))
    assert next(views) == pytest.approx(next(views), abs=0.002)  # to whole pixels
    expect(towers).not_to_be_checked()
    for path in ("/prioritas", "/inventaris", "/rencana", "/laporan", "/data"):
        visitor.open(path)
        visitor.settle()
        expect(visitor.page.get_by_test_id("stException")).to_have_count(0)
        assert visitor.page.url.startswith(office.url + path)
    assert (visitor.others, visitor.errors) == ([], [])


def test_signing_in_an_upload_and_a_download_work_under_the_path(visitor: Visitor, tmp_path: Path) -> None:
    sign_in(visitor, "ani")
    cookie = next(one for one in visitor.page.context.cookies() if one.get("name", "").startswith(COOKIE))
    assert (cookie.get("path"), cookie.get("secure"), cookie.get("httpOnly")) == (BASE, True, True)
    listed = tmp_path / "menara.csv"
    listed.write_text("Nama,Lintang,Bujur\nMenara Satu,-8.09,112.2\n", "utf-8")
    visitor.page.locator("input[type=file]").set_input_files(listed)
    visitor.choose("Daftar ini berisi aset apa?", "Menara", exact=True)
    visitor.page.get_by_role("button", name="Kolom sudah benar").wait_for()
    visitor.open("/inventaris")
    visitor.settle()
    assert (visitor.others, visitor.errors) == ([], [])


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_file_too_large_for_the_server_in_front_is_told_in_the_readers_words(
    visitor: Visitor, office: Office, tmp_path: Path, language: str
) -> None:
    sign_in(visitor, "ani")
    visitor.open(f"/impor?bahasa={language}")
    again(office, takes="1k")
    try:
        large = tmp_path / "menara.csv"
        large.write_text("Nama,Lintang,Bujur\n" * 1000, "utf-8")
        visitor.page.locator("input[type=file]").set_input_files(large)
        said = {"id": "Server tidak menerima berkas sebesar ini", "en": "The server does not take a file this large"}
        expect(visitor.page.get_by_role("alert").filter(has_text=said[language])).to_be_in_viewport()
        visitor.picture(f"base_path_too_large_{language}")
    finally:
        again(office)


def test_a_server_in_front_may_take_the_path_off_itself(visitor: Visitor, office: Office) -> None:
    again(office, strips="/")
    try:
        visitor.open("/prioritas")
        visitor.settle()
        visitor.open("/peta")
        visitor.wait_for_map()
        assert (visitor.others, visitor.errors) == ([], [])
    finally:
        again(office)


def test_the_configuration_that_was_reported_works_as_it_is(
    browser: Browser, office: Office, shared: Path, tmp_path: Path
) -> None:
    """Case 30 of the field: a path that the server in front takes off, and one that takes a megabyte at most."""
    told = (shared / "field" / "30-nginx-subpath.conf").read_text("utf-8")
    ports = {"8611": office.server.url.rpartition(":")[2], "8612": str(free_port()), "8613": str(free_port())}
    for reported, here in ports.items():
        assert f"127.0.0.1:{reported}" in told
        told = told.replace(f"127.0.0.1:{reported}", f"127.0.0.1:{here}")
    (tmp_path / "conf").write_text(told)
    nginx = subprocess.Popen(
        [NGINX, "-p", str(tmp_path), "-c", str(tmp_path / "conf"), "-e", str(tmp_path / "err.log")]
    )
    context = browser.new_context(viewport={"width": OFFICE[0], "height": OFFICE[1]}, locale="id-ID")
    context.set_default_timeout(WAIT)
    try:
        visitor = Visitor(context.new_page(), f"http://127.0.0.1:{ports['8612']}{BASE}")
        for _ in range(100):
            if answers(f"{visitor.url}/health"):
                break
            time.sleep(0.1)
        visitor.open()
        visitor.wait_for_map()
        assert visitor.map.locator("path.leaflet-interactive").count() > 200
        visitor.url = f"http://127.0.0.1:{ports['8613']}{BASE}"
        sign_in(visitor, "ani")
        large = tmp_path / "menara.csv"
        large.write_text("Nama,Lintang,Bujur\n" * 100_000, "utf-8")
        visitor.page.locator("input[type=file]").set_input_files(large)
        said = visitor.page.get_by_role("alert").filter(has_text="Server tidak menerima berkas sebesar ini")
        expect(said).to_be_in_viewport()
    finally:
        context.close()
        stop(nginx)
