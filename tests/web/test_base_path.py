"""Under a path of a web server in front, requests lose it before any guard sees them, and answers have it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from coverage.web.addresses import asset_url, layer_url, picture_url
from coverage.web.server.base_path import BasePath
from coverage.web.start_token import start_path
from coverage.web.tickets import COOKIE, give_cookie

SEEN: list[str] = []


async def plain(scope: Any, receive: Any, send: Any) -> None:
    """An app at the root that redirects, and gives a cookie."""
    SEEN.append(scope["path"])
    if scope["type"] == "websocket":
        return
    request = Request(scope, receive)
    to = request.query_params.get("to")
    answer = RedirectResponse(to) if to else Response()
    give_cookie(answer, request, "x")
    answer.set_cookie("other", "y", path="/aset")
    await answer(scope, receive, send)


def ask(path: str, kind: str = "http") -> tuple[int, list[tuple[str, str]]]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    bare, _, query = path.partition("?")
    scope = {
        "type": kind,
        "method": "GET",
        "path": bare,
        "query_string": query.encode(),
        "headers": [(b"host", b"kantor.go.id")],
        "scheme": "https",
        "server": ("kantor.go.id", 443),
    }
    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, BasePath(plain)(scope, receive, send)).result()
    if not sent:
        return 0, []
    return sent[0]["status"], [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]


@pytest.fixture(autouse=True)
def under_jangkau(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_BASE_PATH", "/jangkau")
    SEEN.clear()


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_guards_see_plain_paths_whether_the_server_in_front_takes_the_path_off_or_not(kind: str) -> None:
    for path in ("/jangkau/media/x", "/media/x", "/jangkau/", "/jangkaux", "/jangkau//media/x"):
        ask(path, kind)
    assert SEEN == ["/media/x", "/media/x", "/", "/jangkaux", "//media/x"]


def test_the_path_without_its_slash_leads_to_the_page() -> None:
    assert ("location", "/jangkau/?desa=1") in ask("/jangkau?desa=1")[1]
    assert not SEEN


@pytest.mark.parametrize(
    ("to", "where"),
    [
        ("/", "/jangkau/"),
        ("/?desa=1", "/jangkau/?desa=1"),
        ("https://masuk.go.id/", "https://masuk.go.id/"),
        ("//masuk.go.id/", "//masuk.go.id/"),
    ],
)
def test_redirects_within_the_app_stay_under_the_path(to: str, where: str) -> None:
    assert ("location", where) in ask(f"/jangkau/x?to={to}")[1]


def test_cookies_are_for_the_path_only() -> None:
    cookies = [value for name, value in ask("/jangkau/sesi")[1] if name == "set-cookie"]
    assert len(cookies) == 2
    assert cookies[0].startswith(f"{COOKIE}=x;")
    assert "; Path=/jangkau;" in cookies[0]
    assert "; Path=/aset;" in cookies[1]


def test_without_a_base_path_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JANGKAU_BASE_PATH")
    assert ("location", "/") in ask("/x?to=/")[1]
    assert any("; Path=/;" in value for _, value in ask("/sesi")[1])
    assert not asset_url("jangkau", "map.css").startswith("/jangkau/")


def test_addresses_in_pages_have_it() -> None:
    assert asset_url("jangkau", "map.css").startswith("/jangkau/aset/jangkau/map.css?v=")
    assert layer_url("a") == "/jangkau/lapis/a.json"
    assert picture_url("a") == "/jangkau/lapis/a.png"
    assert start_path().startswith("/jangkau/mulai?kunci=")
