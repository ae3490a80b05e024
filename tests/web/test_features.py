"""OGC API Features: what the standard asks for, read by GDAL, and nothing that the reader's role may not see."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest
import shapely
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from coverage.run.inputs import Inputs
from coverage.run.result import Analysis
from coverage.store import Actor, Store
from coverage.web import run_cache
from coverage.web.server import serving
from coverage.web.server.base_path import BasePath
from coverage.web.server.features import routes
from coverage.web.server.headers import GuardedPages, ThisComputerOnly
from tests.web.asking import Asking

ADMIN = Actor("pengelola", "admin")
PASSWORD = "kata sandi yang panjang 2026"
GUARDS = (BasePath, GuardedPages, ThisComputerOnly)
APP = Starlette(routes=routes(), middleware=[Middleware(each) for each in GUARDS])
ROOT = "/ogc/3505"


class Program(Asking):
    app = APP

    def read(self, path: str = "", **options: Any) -> Any:
        answer = self.get(f"{ROOT}{path}", **options)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def ready(store: Store, analysis: Analysis, inputs: Inputs, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store without accounts, and the run of the region."""
    done: Future[Any] = Future()
    done.set_result(run_cache.ComputedRun(inputs, analysis, None, inputs))  # type: ignore[arg-type]
    run = run_cache.Run()
    run.result = done
    monkeypatch.setattr(run_cache.RUNS, "shown", lambda _: (run, False))
    return store


@pytest.fixture
def office(ready: Store) -> Store:
    store = ready
    for name, role in (("ani", "admin"), ("budi", "surveyor"), ("citra", "viewer")):
        store.accounts.add(name, role, PASSWORD, ADMIN)
    values = {
        "name": "Mast Bakung",
        "village_code_bps": "3505010001",
        "asked": "small_tower",
        "channel": "bakti",
        "year": 2027,
    }
    store.proposals.add([{**values, "stage": "draft", "stage_on": "2026-11-01"}], ADMIN)
    return store


def bearing(token: str) -> dict[str, dict[str, str]]:
    return {"headers": {"authorization": f"Bearer {token}"}}


def test_every_document_that_the_core_asks_for_and_its_links(office: Store, analysis: Analysis) -> None:
    anybody = Program()
    assert anybody.get("/ogc").headers["location"] == ROOT
    links = {link["rel"]: link["href"] for link in anybody.read()["links"]}
    assert set(links) == {"self", "service-desc", "conformance", "data"}
    assert all(link.startswith("https://jangkau.blitarkab.go.id/ogc/3505") for link in links.values())
    assert anybody.read("/conformance")["conformsTo"][0].endswith("ogcapi-features-1/1.0/conf/core")
    api = anybody.get(f"{ROOT}/api")
    assert api.headers["content-type"].startswith("application/vnd.oai.openapi+json")
    assert "/collections/villages/items" in api.json()["paths"]
    found = {one["id"]: one for one in anybody.read("/collections")["collections"]}
    assert list(found) == ["villages", "pockets", "assets"]
    assert anybody.read("/collections/villages") == found["villages"]
    west, south, east, north = found["villages"]["extent"]["spatial"]["bbox"][0]
    assert 111 < west < east < 113
    assert -9 < south < north < -7
    page = anybody.read("/collections/villages/items?limit=100")
    seen = [feature["id"] for feature in page["features"]]
    while further := [link["href"] for link in page["links"] if link["rel"] == "next"]:
        page = anybody.get(further[0].partition(".go.id")[2]).json()
        seen += [feature["id"] for feature in page["features"]]
    assert seen == sorted(analysis.villages["village_code_bps"])
    assert page["numberMatched"] == 248
    one = anybody.read(f"/collections/villages/items/{seen[3]}")
    assert one["id"] == seen[3]
    assert one["geometry"]["type"].endswith("Polygon")


def test_a_box_and_a_property_choose(office: Store) -> None:
    anybody = Program()
    blank = anybody.read("/collections/villages/items?state=blank")
    assert blank["numberMatched"] == blank["numberReturned"] == 12
    lon, lat = (blank["features"][0]["properties"][f"centre_{name}"] for name in ("lon", "lat"))
    near = anybody.read(f"/collections/villages/items?bbox={lon},{lat},0,{lon},{lat},9")
    assert blank["features"][0]["id"] in [feature["id"] for feature in near["features"]]
    assert anybody.read("/collections/villages/items?bbox=170,-20,-170,20")["numberMatched"] == 0
    assert anybody.read("/collections/pockets/items?limit=99999999")["numberMatched"] > 0


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "offset=-1", "bbox=1,2,3", "bbox=1,5,2,4", "bbox=nan,0,1,1", "rahasia=1"]
)
def test_a_wrong_parameter_is_refused(office: Store, query: str) -> None:
    assert Program().get(f"{ROOT}/collections/villages/items?{query}").status_code == 400


def test_roles_and_tokens_decide_and_programs_see_no_camera(office: Store, analysis: Analysis) -> None:
    assert analysis.assets is not None
    cameras = set(analysis.assets.loc[analysis.assets["kind"] == "cctv", "asset_id"])
    proposals, assets = f"{ROOT}/collections/proposals/items", "/collections/assets/items?limit=10000"

    def seen(program: Program, **options: Any) -> set[str]:
        return {feature["id"] for feature in program.read(assets, **options)["features"]}

    anybody, viewer = Program(), Program({"jangkau_sesi": office.accounts.begin_session("citra")})
    surveyor = Program({"jangkau_sesi": office.accounts.begin_session("budi")})
    assert [one.get(proposals).status_code for one in (anybody, surveyor, viewer)] == [401, 403, 200]
    token = office.tokens.issue("QGIS dinas", ADMIN)
    assert not seen(anybody) & cameras
    assert not seen(anybody, **bearing(token)) & cameras
    assert cameras < seen(viewer)
    told = anybody.get(proposals, **bearing(token)).json()
    assert [one["properties"]["name"] for one in told["features"]] == ["Mast Bakung"]
    camera = sorted(cameras)[0]
    for options in ({}, bearing(token)):
        assert anybody.get(f"{ROOT}/collections/assets/items/{camera}", **options).status_code == 404
        assert camera not in anybody.get(f"{ROOT}/collections/villages/items?limit=10000", **options).text
    kept = office.tokens.all(ADMIN)
    assert [(one["name"], one["created_by"]) for one in kept] == [("QGIS dinas", "pengelola")]
    assert token.encode() not in (office.database.path or b"").read_bytes()  # type: ignore[union-attr]
    office.tokens.withdraw(kept[0]["token_id"], ADMIN)
    assert anybody.get(proposals, **bearing(token)).status_code == 401
    assert anybody.get(ROOT, headers={"authorization": "Basic x"}).status_code == 401


def test_without_accounts_a_program_of_this_computer_reads_by_token_alone(ready: Store) -> None:
    token, here = ready.tokens.issue("QGIS", ADMIN), {"host": "127.0.0.1:8501"}
    asked = {"": 403, "Bearer salah": 403, f"Bearer {token}": 200}
    for said, status in asked.items():
        assert Program().get(ROOT, headers={**here, "authorization": said}).status_code == status
    assert Program().get(ROOT, **bearing(token)).status_code == 403  # of another host


@pytest.fixture
def address(office: Store) -> Iterator[str]:
    listening = serving.listen(0)
    server = uvicorn.Server(uvicorn.Config(APP, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"{serving.url_of(listening)}{ROOT}"
    server.should_exit = True
    thread.join()
    listening.close()


READ = """
import json, sys
import pyogrio
address, token = sys.argv[1:]
pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": f"token:{token}", "GDAL_HTTP_TIMEOUT": "60", "NO_PROXY": "127.0.0.1"})
read = {name: pyogrio.read_dataframe(address, layer=name) for name in pyogrio.list_layers(address)[:, 0]}
box = pyogrio.read_dataframe(address, layer="villages", bbox=(112.0, -8.3, 112.05, -8.25))
areas = dict(zip(read["villages"]["village_code_bps"], read["villages"].geometry.area))
names = {name: sorted(table["name"]) for name, table in read.items() if "name" in table}
print(json.dumps({"layers": sorted(read), "areas": areas, "names": names, "box": len(box)}))
"""
"""In a process of its own: GDAL waits for an answer with Python's lock held."""


@pytest.mark.slow
def test_gdal_reads_it_page_by_page_with_a_token(office: Store, analysis: Analysis, address: str) -> None:
    token = office.tokens.issue("GDAL", ADMIN)
    call = [sys.executable, "-c", READ, f"OAPIF:{address}", token]
    done = subprocess.run(call, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert read["layers"] == ["assets", "pockets", "proposals", "villages"]
    villages = analysis.villages
    ours = dict(zip(villages["village_code_bps"], shapely.area(villages.geometry.to_numpy()), strict=True))
    assert read["areas"] == pytest.approx(ours, rel=1e-6)
    assert 0 < read["box"] < len(ours)
    assert analysis.assets is not None
    shown = analysis.assets.loc[analysis.assets["kind"] != "cctv", "name"]
    assert read["names"] == {"assets": sorted(shown), "proposals": ["Mast Bakung"]}
