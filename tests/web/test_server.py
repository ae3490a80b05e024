"""Every answer of the server is guarded, and Streamlit's page is ours."""

import ast
import asyncio
import gc
import re
import threading
import time
import tomllib
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from streamlit.web.server.app_discovery import discover_asgi_app

from coverage.base.errors import FileRefusedError
from coverage.exports.style import BLANK_OUTLINE, STATE_COLOURS
from coverage.run.sources import Sources
from coverage.web import store_access
from coverage.web.addresses import OURS, asset_url, layer_url
from coverage.web.maps.layers import STORE
from coverage.web.run_cache import Runs
from coverage.web.server import app, mounts
from coverage.web.server import headers as headers_module
from coverage.web.server.app import OPTIONS, SCRIPT
from coverage.web.server.headers import GuardedPages, index_page, policy
from coverage.web.server.mounts import routes

ROOT = Path(__file__).parents[2]


async def page(request: Request) -> Response:
    return HTMLResponse("<p>Streamlit's own page, long enough to be noticed</p>" * 50, headers={"etag": "x"})


APP = Starlette(
    routes=[*routes(), Route("/component/{name:path}", page), Route("/{name:path}", page)],
    middleware=[Middleware(GuardedPages)],
)


def get(path: str, method: str = "GET", host: str = "127.0.0.1:8501") -> tuple[int, dict[str, str], bytes]:
    """Ask the app without a network."""
    sent: list[dict[str, Any]] = []
    bare, _, query = path.partition("?")

    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in asked:
            return message
        await asyncio.sleep(60)  # nobody hangs up before the answer is there
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": bare,
        "raw_path": bare.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", host.encode())],
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
        "server": ("127.0.0.1", 8501),
        "client": ("127.0.0.1", 1),
    }
    # In a thread of its own: where a browser was tried before, an event loop still runs in this one.
    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, APP(scope, receive, send)).result()
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize(
    "path", ["/", "/prioritas", "/aset/leaflet/leaflet.js", "/lapis/none.json", "/component/x", "/sehatx"]
)
def test_every_answer_carries_the_headers(path: str) -> None:
    _, headers, _ = get(path)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_the_page_may_neither_evaluate_scripts_nor_talk_to_others() -> None:
    rules = dict(part.split(" ", 1) for part in policy("127.0.0.1:8501").split("; "))
    assert "unsafe" not in rules["script-src"].replace("'wasm-unsafe-eval'", "")
    assert rules["connect-src"] == "'self' ws://127.0.0.1:8501 wss://127.0.0.1:8501"
    assert rules["img-src"] == "'self' data: blob:"
    assert rules["frame-ancestors"] == "'self'"


def test_the_frame_of_the_map_may_evaluate_but_not_talk_to_others() -> None:
    rules = dict(part.split(" ", 1) for part in policy("127.0.0.1:8501", frame=True).split("; "))
    assert "'unsafe-eval'" in rules["script-src"]
    assert "http" not in rules["script-src"]
    assert rules["connect-src"] == "'self' ws://127.0.0.1:8501 wss://127.0.0.1:8501"


def test_only_a_tile_server_that_was_set_up_may_send_pictures() -> None:
    assert "img-src 'self' data: blob: https://ubin.go.id;" in policy("x", image_origin="https://ubin.go.id")


@pytest.mark.parametrize("host", ["x; script-src *", "x y", "x,y", "<x>", ""])
def test_a_host_header_cannot_widen_the_policy(host: str) -> None:
    assert "connect-src 'self';" in policy(host)


def test_streamlits_page_is_replaced_and_the_frame_left_alone() -> None:
    _, headers, body = get("/prioritas")
    assert body == index_page()
    assert headers["content-length"] == str(len(body))
    assert "etag" not in headers
    assert b"Streamlit's own page" in get("/component/x")[2]
    assert get("/", method="HEAD")[2] == b""


def test_our_page_speaks_indonesian_and_holds_no_inline_script_or_address_of_others() -> None:
    text = index_page().decode()
    visible = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    assert '<html lang="id">' in visible
    assert "<title>Jangkau</title>" in visible
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", visible)
    assert "http" not in visible
    assert visible.index("page.js") < visible.index('type="module"')


def test_libraries_of_the_map_come_from_here_and_may_be_kept_for_good() -> None:
    for folder, file in (("leaflet", "leaflet.js"), ("gugus", "leaflet.markercluster.js"), ("jangkau", "map.js")):
        status, headers, body = get(asset_url(folder, file))
        assert (status, headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        assert len(body) > 1000
    assert "immutable" not in get("/aset/jangkau/map.js")[1].get("cache-control", "")
    assert get("/aset/jangkau/../map_view.py")[0] == 404 or b"folium" not in get("/aset/jangkau/../map_view.py")[2]


def test_the_letters_are_there_with_this_version_of_streamlit() -> None:
    status, headers, body = get("/aset/huruf.woff2")
    assert (status, body[:4]) == (200, b"wOF2")
    assert headers["content-type"].endswith("woff2")


def test_a_layer_comes_gzipped_and_for_good_and_an_unknown_one_is_not_found() -> None:
    status, headers, body = get(layer_url(STORE.put({"type": "FeatureCollection", "features": []})))
    assert (status, headers["content-encoding"], body[:2]) == (200, "gzip", b"\x1f\x8b")
    assert "immutable" in headers["cache-control"]
    assert get("/lapis/" + "0" * 32 + ".json")[0] == 404


def test_the_first_page_is_found_by_its_name_too() -> None:
    status, headers, _ = get("/peta?desa=3505060010")
    assert (status, headers["location"]) == (307, "/?desa=3505060010")
    assert get("/peta")[1]["location"] == "/"


def test_the_health_is_told_while_the_database_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside the loop that answers everybody, and by one thread however often it is asked."""
    going_on = threading.Event()
    monkeypatch.setattr(mounts, "HEALTH_S", 0.2)
    monkeypatch.setattr(mounts, "_asking", [])
    monkeypatch.setattr(mounts, "_state", lambda: (going_on.wait(60), ({"status": "sehat"}, 200))[1])
    before = threading.active_count()
    for _ in range(5):
        begun = time.monotonic()
        assert get("/sehat")[0] == 503
        assert time.monotonic() - begun < 5
    assert threading.active_count() <= before + 1
    going_on.set()
    mounts._asking[-1].result(10)
    assert get("/sehat")[0] == 200


def test_without_a_thread_of_its_own_everybody_would_wait_for_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The defence taken out: the state is found out where all are answered."""

    def at_once() -> Future[Any]:
        found: Future[Any] = Future()
        found.set_result(mounts._state())
        return found

    monkeypatch.setattr(mounts, "_asked", at_once)
    monkeypatch.setattr(mounts, "_state", lambda: (time.sleep(1), ({"status": "sehat"}, 200))[1])
    monkeypatch.setattr(mounts, "HEALTH_S", 0.1)
    begun = time.monotonic()
    get("/sehat")
    assert time.monotonic() - begun >= 1


def test_the_health_says_so_while_every_run_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise FileRefusedError("file.not_found")

    runs = Runs(fails)
    monkeypatch.setattr(mounts, "RUNS", runs)
    runs.of(Sources()).result.exception(20)
    for _ in range(3):  # each look begins another try
        assert get("/sehat")[0] == 503


@pytest.mark.parametrize("path", ["/media/x.html", "/media/x.png"])
def test_a_file_to_take_away_is_the_file_and_never_a_page_of_ours(path: str) -> None:
    _, headers, body = get(path)
    assert b"Streamlit's own page" in body  # what was put there, not the page of the app
    assert "sandbox" in headers["content-security-policy"]
    assert "'self'" not in headers["content-security-policy"]
    assert headers["content-disposition"].startswith("attachment")


def test_without_leaving_files_alone_the_page_would_be_taken_away_in_place_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(headers_module, "_MEDIA", "/tiada/")
    assert get("/media/x.html")[2] == index_page()


def test_health_tells_whether_the_run_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    class Done:
        class analysis:
            run = {"run_id": "abc"}  # noqa: RUF012

    ready, refused = Runs(lambda *_: Done), Runs(lambda *_: (_ for _ in ()).throw(FileRefusedError("file.not_found")))  # type: ignore[arg-type,return-value]
    for runs, status, said in ((ready, 200, b'"status":"sehat"'), (refused, 503, b'"status":"gagal"')):
        monkeypatch.setattr(mounts, "RUNS", runs)
        kept = runs.of(mounts.settings.sources())
        kept.result.exception(5)
        monkeypatch.setattr(runs, "of", lambda _, kept=kept: kept)
        assert get("/sehat")[0] == status
        code, headers, body = get("/health")
        assert (code, headers["cache-control"]) == (status, "no-store")
        assert said in body


def test_the_settings_of_streamlit_run_are_those_of_jangkau_serve() -> None:
    tables = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    flat = {f"{table}.{name}": value for table, values in tables.items() for name, value in values.items()}
    assert flat == OPTIONS


def test_no_statistics_are_sent_and_only_this_computer_is_served() -> None:
    assert OPTIONS["browser.gatherUsageStats"] is False
    assert OPTIONS["server.showEmailPrompt"] is False
    assert OPTIONS["server.address"] == "127.0.0.1"
    assert OPTIONS["server.enableXsrfProtection"] is True


def test_streamlit_finds_the_app_and_it_is_short() -> None:
    source = (ROOT / "app.py").read_text("utf-8")
    assert discover_asgi_app(ROOT / "app.py").import_string == "app:app"
    assert len(source.splitlines()) <= 30
    ast.parse(source)
    assert SCRIPT.is_file()


def test_colours_of_the_page_are_those_of_every_export() -> None:
    css = (OURS / "page.css").read_text("utf-8")
    for name, colour in {**STATE_COLOURS, "outline": BLANK_OUTLINE}.items():
        assert f"--jk-{name}: {colour};" in css


@pytest.mark.slow
def test_what_is_there_when_the_server_is_ready_is_not_searched_for_garbage_after_every_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(store_access, "_kept", [])
    gc.unfreeze()
    try:
        app._warm()
        left = len(gc.get_objects())  # what a search goes through
        assert gc.get_freeze_count() > 100_000 > left
    finally:
        gc.unfreeze()
