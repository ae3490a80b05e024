"""Signing in through an outside service (OIDC), played by a small one on this computer."""

from __future__ import annotations

import json
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from authlib.jose import JsonWebKey, jwt
from playwright.sync_api import Browser, BrowserContext, Page

from coverage.store import Actor, open_store
from coverage.web.server.serving import listen
from tests.browser.conftest import WAIT, start_server, stop

ADMIN = Actor("pengelola", "admin")


class Provider(BaseHTTPRequestHandler):
    """Vouches at once for whoever ``somebody`` is."""

    somebody: dict[str, Any]
    key = JsonWebKey.generate_key("RSA", 2048, {"kid": "1", "use": "sig"}, is_private=True)
    nonces: dict[str, str]

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        asked = dict(urllib.parse.parse_qsl(query))
        if path == "/.well-known/openid-configuration":
            self.tell(
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/keys",
                }
            )
        elif path == "/keys":
            self.tell({"keys": [self.key.as_dict(is_private=False)]})
        else:
            self.nonces["code"] = asked.get("nonce", "")
            back = urllib.parse.urlencode({"code": "code", "state": asked["state"]})
            self.send_response(302)
            self.send_header("location", f"{asked['redirect_uri']}?{back}")
            self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": "jangkau",
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonces["code"],
            **self.somebody,
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key).decode()
        self.tell({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def tell(self, said: dict[str, Any]) -> None:
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[str]:
    Provider.nonces = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def there_and_back(context: BrowserContext, page: Page, signed_in: bool) -> None:
    """Until the service has sent the visitor back, and the page stands still."""
    for _ in range(300):
        page.wait_for_timeout(200)
        if any(cookie["name"].startswith("_streamlit_user") for cookie in context.cookies()) == signed_in:
            break
    still(page)


def still(page: Page) -> None:
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def set_up(folder: Path, provider: str, port: int, base: str = "") -> None:
    """The settings of an office that signs in through the service."""
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(
        f"""
[auth]
redirect_uri = "http://127.0.0.1:{port}{base}/oauth2callback"
cookie_secret = "hanya-untuk-pengujian-dan-cukup-panjang-sekali"
client_id = "jangkau"
client_secret = "rahasia-klien-7731"
server_metadata_url = "{provider}/.well-known/openid-configuration"
""",
        "utf-8",
    )


def test_whom_the_service_vouches_for_has_the_role_of_the_account(
    browser: Browser, provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = "/jangkau"  # without one: the test below
    store = open_store(str(tmp_path / "jangkau.db"))
    store.accounts.add("ani@blitarkab.go.id", "editor", None, ADMIN)
    with listen(0) as free:  # the service must know it before the server starts
        port = free.getsockname()[1]
    set_up(tmp_path, provider, port, base)
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("JANGKAU_LOG_LEVEL", "debug")
    monkeypatch.setenv("JANGKAU_LOG_FILE", str(tmp_path / "catatan.log"))
    started = start_server(tmp_path, "--port", str(port), "--base-path", base)
    context = browser.new_context(locale="id-ID")
    context.set_default_timeout(WAIT)
    page = context.new_page()
    secrets = {"rahasia-klien-7731", "hanya-untuk-pengujian-dan-cukup-panjang-sekali", "@blitarkab", "@lain"}
    try:
        for somebody, said in (
            ("tamu@lain.example", "Akun tidak ada"),
            ("Ani@blitarkab.go.id", "Akun tidak ada"),
            ("ani@Blitarkab.go.id", "ani@Blitarkab"),
        ):
            Provider.somebody = {"email": somebody, "email_verified": True}
            context.clear_cookies()
            page.goto(f"{started.url}{base}/inventaris")
            page.get_by_role("button", name="Masuk").first.click()
            page.get_by_role("button", name="Masuk dengan akun instansi").click()
            there_and_back(context, page, signed_in=True)
            page.get_by_role("link", name="Inventaris").first.click()
            page.get_by_text(said).first.wait_for()
            secrets |= {cookie["value"] for cookie in context.cookies() if len(cookie["value"]) >= 16}
        still(page)  # its menu is there twice while it is drawn
        page.get_by_role("button", name="ani@Blitarkab").click()
        page.get_by_role("button", name="Keluar").click()
        there_and_back(context, page, signed_in=False)
        another = context.new_page()  # this one may still be on its way
        another.goto(f"{started.url}{base}/inventaris")
        another.get_by_role("button", name="Masuk").first.wait_for()
    finally:
        context.close()
        stop(started.process)
        store.close()
    logged = (tmp_path / "catatan.log").read_text("utf-8") + (tmp_path / "server.log").read_text("utf-8")
    assert "server started" in logged
    assert len(secrets) > 5
    assert [secret for secret in secrets if secret.lower() in logged.lower()] == []


WRONG: dict[str, Callable[[], dict[str, Any]]] = {
    "of another program": lambda: {"aud": "program-lain"},
    "of another service": lambda: {"iss": "https://penipu.example"},
    "of another visit": lambda: {"nonce": "dikarang"},
    "expired": lambda: {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600},
}


def test_a_token_of_another_program_service_or_visit_or_an_expired_one_signs_nobody_in(
    browser: Browser, provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is right but for one thing; without that, the same visitor is signed in."""
    store = open_store(str(tmp_path / "jangkau.db"))
    store.accounts.add("ani@blitarkab.go.id", "editor", None, ADMIN)
    store.close()
    with listen(0) as free:
        port = free.getsockname()[1]
    set_up(tmp_path, provider, port)
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path))
    started = start_server(tmp_path, "--port", str(port))
    right = {"email": "ani@blitarkab.go.id", "email_verified": True}
    found = {}
    try:
        for what, claims in {**WRONG, "right": dict}.items():
            Provider.somebody = {**right, **claims()}
            context = browser.new_context(locale="id-ID")
            context.set_default_timeout(WAIT)
            page = context.new_page()
            page.goto(f"{started.url}/inventaris")
            page.get_by_role("button", name="Masuk").first.click()
            page.get_by_role("button", name="Masuk dengan akun instansi").click()
            page.wait_for_url(f"{started.url}/")
            page.get_by_role("link", name="Inventaris").first.wait_for()
            still(page)
            page.wait_for_timeout(500)
            still(page)
            signed_in = page.get_by_text("ani@blitarkab").first
            if what == "right":
                signed_in.wait_for()
            found[what] = signed_in.is_visible()
            context.close()
    finally:
        stop(started.process)
    assert found == {**dict.fromkeys(WRONG, False), "right": True}
