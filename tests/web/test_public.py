"""The public page: files for anybody while an administrator keeps it open, and nothing else."""

import json
import shutil
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit.testing.v1 import AppTest

from coverage.base.errors import PermissionDeniedError
from coverage.exports.output_folder import write_outputs
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis
from coverage.store import Actor, Store
from coverage.web import publishing, store_access
from coverage.web.publishing import folder_of, publish, published
from coverage.web.server.public import PublicPages
from tests.web.asking import Asking

ADMIN, EDITOR = Actor("rina", "admin"), Actor("budi", "editor")


def put(text: str, region: str = "3505") -> None:
    about = {
        "key": text,
        "run_id": "abc",
        "name": f"Wilayah <{region}>",
        "outputs": {"index.html": {}, "villages.csv": {}},
    }
    files = {"index.html": text.encode(), "villages.csv": b"a,b\n", "run.json": json.dumps(about).encode()}
    write_outputs(folder_of(region), files)


async def the_app(request: Request) -> PlainTextResponse:
    return PlainTextResponse("the app")


class Visitor(Asking):
    app = Starlette(routes=[Route("/{name:path}", the_app)], middleware=[Middleware(PublicPages)])


@pytest.fixture
def client(store: Store) -> Visitor:
    return Visitor()


def test_files_are_for_anybody_and_asked_for_again_by_etag(client: Visitor) -> None:
    put("<h1>Peta</h1>" * 100)
    assert client.get("/publik").headers["location"] == client.get("/publik/").headers["location"] == "/publik/3505/"
    assert client.get("/publik/3505").headers["location"] == "/publik/3505/"
    first = client.get("/publik/3505/")
    assert first.text == "<h1>Peta</h1>" * 100
    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["cache-control"] == "no-cache"
    assert "set-cookie" not in first.headers
    assert first.headers["content-type"] == "text/html; charset=utf-8"
    assert "frame-ancestors 'self'" in first.headers["content-security-policy"]
    again = client.get("/publik/3505/", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = client.get("/publik/3505/", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == first.text
    assert client.ask("HEAD", "/publik/3505/").headers["content-length"] == first.headers["content-length"]
    assert "immutable" in client.get("/publik/3505/villages.csv?v=abc").headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["3505/run.json", "3505/../jangkau.db", "3505/%2e%2e/jangkau.db", "..%2f", "9999/", "3505/x", ".3505/"]
)
def test_nothing_else_is_told(client: Visitor, path: str) -> None:
    put("Peta")
    assert client.get(f"/publik/{path}").status_code == 404
    assert client.post("/publik/3505/").status_code == 405
    assert client.get("/publikasi").text == "the app"


def test_new_files_count_at_once_and_a_page_that_is_closed_is_gone(client: Visitor) -> None:
    assert client.get("/publik/").status_code == 404
    put("Lama")
    assert client.get("/publik/3505/").text == "Lama"
    put("Baru")
    assert client.get("/publik/3505/").text == "Baru"
    marker = folder_of("3505") / "run.json"
    kept = marker.read_bytes()
    marker.unlink()  # others are being put there
    assert client.get("/publik/3505/").text == "Baru"
    marker.write_bytes(kept)
    put("Lain", "3506")
    assert "Wilayah &lt;3506&gt;" in client.get("/publik/").text
    shutil.rmtree(folder_of("3505"))
    assert client.get("/publik/3505/").status_code == 404


def test_an_administrator_alone_opens_it_and_it_follows_run_and_decision(
    store: Store, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[list[str]] = []

    def compute(_job: Any, _make: Any, _analysis: Any, _ground: Any, held: list[str]) -> dict[str, bytes]:
        made.append(held)
        return {"index.html": b"Peta"}

    monkeypatch.setattr(publishing, "compute", compute)
    publish(analysis)
    assert made == []
    assert published("3505") is None
    with pytest.raises(PermissionDeniedError):
        store.settings.decide("3505", "public", {"held_back": []}, EDITOR)
    for held in ([], ["tower"], ["tower"]):
        store.settings.decide("3505", "public", {"held_back": held}, ADMIN)
        publish(analysis)
    assert made == [[], ["tower"]]
    assert (published("3505") or {})["run_id"] == analysis.run["run_id"]
    publishing.follow(SimpleNamespace(tried=((),)), SimpleNamespace(analysis=None))  # type: ignore[arg-type]
    store.settings.decide("3505", "public", None, ADMIN)
    publish(analysis)
    assert published("3505") is None
    assert list(folder_of("3505").parent.iterdir()) == []


def the_view(analysis, inputs):  # type: ignore[no-untyped-def]  # no name of this module is known there
    from coverage.language.words import Words
    from coverage.web.context import Context
    from coverage.web.maps.layers import Viewer
    from coverage.web.report_page import public_view

    public_view.show(Context(analysis, inputs, Words("id"), Viewer(), None))  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_view_offers_the_switch_to_administrators_and_the_sheet_to_all(
    store: Store, analysis: Analysis, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "compute", lambda *_: {"index.html": b"Peta"})
    shown = AppTest.from_function(the_view, default_timeout=60, args=(analysis, inputs)).run()
    assert not shown.exception
    assert set(shown.multiselect(key="public_held").value) == set(publishing.held_at_first())
    shown.checkbox(key="public_on").check()
    next(one for one in shown.button if one.label == "Simpan").click().run()
    assert not shown.exception
    assert published("3505") is not None
    assert "/publik/3505/" in "".join(one.proto.body for one in shown.get("html"))
    monkeypatch.setattr(store_access, "who", lambda *_: EDITOR)
    shown.run()
    assert not shown.exception
    assert not [one for one in shown.checkbox if one.key == "public_on"]
