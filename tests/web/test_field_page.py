"""The field page's server: who may send, what is taken once, what is refused and why, and what outsiders see."""

from __future__ import annotations

import json
import re
import shutil
from collections import namedtuple
from concurrent.futures import Future

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from coverage.language.words import Words
from coverage.store import Actor, Store
from coverage.web import run_cache
from coverage.web.addresses import OURS
from coverage.web.server import field
from coverage.web.server.base_path import BasePath
from coverage.web.server.headers import GuardedPages
from coverage.web.server.mounts import routes
from coverage.web.tickets import COOKIE
from tests.store.field_reports import a_photo, a_report, picture, said
from tests.web.asking import Asking

ADMIN = Actor("pengelola", "admin")
PASSWORD = "kata sandi yang panjang 2026"
APP = Starlette(routes=routes(), middleware=[Middleware(BasePath), Middleware(GuardedPages)])


@pytest.fixture(autouse=True)
def nothing_sent_yet() -> None:
    field._sent.clear()


@pytest.fixture
def office(store: Store) -> Store:
    for name, role in (("ani", "admin"), ("budi", "surveyor"), ("citra", "viewer")):
        store.accounts.add(name, role, PASSWORD, ADMIN)
    return store


class Phone(Asking):
    app = APP


def phone(store: Store, name: str | None = "budi") -> Phone:
    return Phone({COOKIE: store.accounts.begin_session(name)} if name else None)


def test_the_page_is_ours_works_under_a_path_and_has_a_worker_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_BASE_PATH", "/jangkau")
    anybody = Phone()
    assert anybody.get("/jangkau/lapangan").headers["location"] == "/jangkau/lapangan/"
    page = anybody.get("/jangkau/lapangan/")
    assert "script-src 'self' 'wasm-unsafe-eval';" in page.headers["content-security-policy"]
    assert not re.search(r"<script>|style=| on\w+=|https?://|(?:src|href)=\"/", page.text)
    worker = anybody.get("/jangkau/lapangan/pekerja.js")
    assert re.match(r'const VERSION = "[0-9a-f]{16}";', worker.text)
    for name in re.findall(r'"([\w./]+)"', re.search(r"FILES = \[(.*)\]", worker.text)[1]):  # type: ignore[index]
        assert anybody.get(f"/jangkau/lapangan/{name}").status_code == 200, name
    assert anybody.get("/jangkau/lapangan/..%2fpage.css").status_code == 404


def test_every_word_that_the_page_asks_for_is_there_and_none_in_vain() -> None:
    page, script = ((OURS / "lapangan" / name).read_text("utf-8") for name in ("index.html", "halaman.js"))
    built = {f"state_{state}" for state in ("waiting", "photos", "sent", "refused")}
    built |= {"none", "weak", "strong", "rsrp_dbm", "mbit_s", "locating", "locate", "locate_again", "no_permission"}
    asked = {*re.findall(r'data-word="(\w+)"', page), *re.findall(r"words\.(\w+)", script), *built, "no_fix"}
    assert asked == set(Words("id").unfilled("field.page."))


def test_who_may_report_and_from_where(office: Store) -> None:
    report = json.dumps(said(1))
    assert phone(office, None).post("/lapangan/laporan", content=report).status_code == 401
    assert phone(office, "citra").post("/lapangan/laporan", content=report).status_code == 403
    elsewhere = phone(office).post("/lapangan/laporan", content=report, headers={"origin": "https://jahat.example"})
    assert elsewhere.status_code == 403
    assert office.reports.table("3505", ADMIN).empty
    assert phone(office).post("/lapangan/laporan", content=report).json() == {"kept": True}
    signed = Phone()
    wrong = signed.post("/lapangan/masuk?bahasa=en", json={"name": "budi", "password": "salah"})
    assert (wrong.status_code, wrong.json()["told"]) == (403, "Name or password is wrong. Check them and try again.")
    assert signed.post("/lapangan/masuk", json={"name": "budi", "password": PASSWORD}).status_code == 204
    assert signed.post("/lapangan/laporan", content=report).status_code == 200
    assert len(office.reports.table("3505", ADMIN)) == 1


def test_a_report_and_its_photos_come_in_any_number_of_times_and_are_kept_once(office: Store) -> None:
    content = picture()
    photo, budi = a_photo(content), phone(office)
    report = a_report(1, [photo])
    address = f"/lapangan/foto/{report.report_id}/{photo.photo_id}"
    assert budi.put(address, content=content).status_code == 422  # not announced yet
    for _ in range(2):
        assert budi.post("/lapangan/laporan", content=report.model_dump_json()).status_code == 200
    assert budi.put(address, content=content[:-1]).status_code == 422
    assert budi.put(address, content=content + b"x").status_code == 413
    for _ in range(2):
        assert budi.put(address, content=content).json() == {"kept": True}
    assert office.reports.table("3505", ADMIN)["photos"][0][0]["lat"] == -8.125
    shown = f"/lapangan/foto/{photo.photo_id}"
    assert phone(office, "citra").get(shown).content == content
    assert phone(office, "citra").get(shown).headers["cache-control"] == "private, no-store"
    for outsider in ("budi", None):
        assert phone(office, outsider).get(shown).status_code == 404
    other = budi.post("/lapangan/laporan", content=a_report(1, note="lain").model_dump_json())
    assert other.status_code == 409


def test_limits_are_told(office: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    budi = phone(office)
    told = budi.post("/lapangan/laporan", content=json.dumps(said(1, lat=99)))
    assert (told.status_code, "lat" in told.json()["told"]) == (422, True)
    assert budi.post("/lapangan/laporan", content=b"{" * (field.MOST_BYTES + 1)).status_code == 413
    assert budi.post("/lapangan/masuk", content=b"[" * 1999).status_code == 403
    monkeypatch.setitem(field.MOST_IN_AN_HOUR, "report", 3)
    answers = [budi.post("/lapangan/laporan", content=json.dumps(said(number))).status_code for number in range(3)]
    assert answers == [200, 200, 429] or answers == [200, 429, 429]
    photo = a_photo(picture())
    report = a_report(0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: namedtuple("Usage", "free")(1000))
    full = budi.put(f"/lapangan/foto/{report.report_id}/{photo.photo_id}", content=picture())
    assert (full.status_code, full.json()["told"]) == (507, Words("id")("field.server.full"))


@pytest.fixture
def computed(analysis: run_cache.Analysis, monkeypatch: pytest.MonkeyPatch) -> run_cache.Run:
    """The region's run, as if it had been computed."""
    run = run_cache.Run()
    done: Future[object] = run.result  # type: ignore[assignment]
    done.set_result(namedtuple("Computed", "analysis")(analysis))
    monkeypatch.setattr(field.RUNS, "of", lambda _: run)
    return run


def test_what_the_phone_works_on_is_small_and_for_who_may_report(office: Store, computed: run_cache.Run) -> None:
    assert phone(office, None).get("/lapangan/wilayah.json").status_code == 401
    assert phone(office, "citra").get("/lapangan/wilayah.json").status_code == 403
    answer = phone(office).get("/lapangan/wilayah.json?wilayah=3505")
    found = answer.json()
    assert (found["who"], found["region"], len(found["villages"])) == ("budi", "3505", 248)
    assert set(field.OPERATORS) <= set(found["operators"])
    assert int(answer.headers["content-length"]) < 100_000
