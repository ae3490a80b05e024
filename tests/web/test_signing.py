"""The session cookie: given once, to a page of ours only, and worth nothing once the store ended its session."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from coverage.store import Actor, Store
from coverage.web import store_access
from coverage.web import tickets as signing
from coverage.web.addresses import layer_url
from coverage.web.maps import layers
from coverage.web.maps.layers import STORE
from coverage.web.server import headers as security
from coverage.web.server import mounts
from coverage.web.server.headers import ThisComputerOnly
from coverage.web.server.mounts import routes
from coverage.web.start_token import _token, start_path, start_token
from coverage.web.store_access import OpenedStore
from coverage.web.tickets import COOKIE, DEVICE, LIFETIME, TICKET_S, TICKETS, Tickets, named, outside_name

ADMIN = Actor("pengelola", "admin")
PASSWORD = "kata sandi yang panjang 2026"
HOST = "jangkau.blitarkab.go.id"
OURS = {"origin": f"https://{HOST}", "host": HOST}


@pytest.fixture
def staffed(store: Store) -> Store:
    for name, role in (("ani", "admin"), ("citra", "viewer")):
        store.accounts.add(name, role, PASSWORD, ADMIN)
    return store


def ask(
    path: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    client: tuple[str, int] | None = ("127.0.0.1", 1),
    scheme: str = "https",
    kind: str = "http",
    query: str = "",
) -> tuple[int, dict[str, str], bytes]:
    """Ask the app without a network: status, headers, body; for a web socket the code it is closed with."""
    app = Starlette(routes=routes(), middleware=[Middleware(ThisComputerOnly)])
    sent: list[dict[str, Any]] = []
    waiting = iter(
        [
            {"type": "http.request", "body": body, "more_body": False}
            if kind == "http"
            else {"type": "websocket.connect"}
        ]
    )

    async def receive() -> dict[str, Any]:
        for message in waiting:
            return message
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    given = {"host": "127.0.0.1:8501"} | (headers or {})
    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "http_version": "1.1",
        "scheme": scheme,
        "root_path": "",
        "server": ("127.0.0.1", 8501),
        "client": client,
    }
    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, app(scope, receive, send)).result()
    if kind == "websocket":
        return sent[0].get("code", 0), {}, b""
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:])


def cookie_of(headers: dict[str, str], name: str = COOKIE) -> Any:
    return SimpleCookie(headers["set-cookie"])[name]


def cookie(value: str, host: str = "127.0.0.1:8501") -> dict[str, str]:
    """The cookie of a session, as a browser sends it to this host."""
    return {"host": host, "cookie": f"{named(COOKIE, {'host': host})}={value}"}


# ---------------------------------------------------------------- tickets


def test_a_ticket_is_good_once_and_for_a_minute() -> None:
    now = [0.0]
    tickets = Tickets(lambda: now[0])
    first, second = tickets.issue("a"), tickets.issue("b")
    assert tickets.redeem(first) == ("a", "")
    assert tickets.redeem(first) is None
    assert tickets.redeem("dikarang") is None
    now[0] = TICKET_S + 1
    assert tickets.redeem(second) is None


@pytest.mark.usefixtures("staffed")
def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites_and_ends() -> None:
    status, headers, _ = ask("/sesi", "POST", OURS, TICKETS.issue("token").encode())
    assert status == 204
    cookie = cookie_of(headers)
    assert (cookie.value, cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (
        "token",
        True,
        True,
        "strict",
        "/",
    )
    assert int(cookie["max-age"]) == LIFETIME.total_seconds()
    assert headers["cache-control"] == "no-store"


@pytest.mark.usefixtures("staffed")
def test_who_signs_in_gets_the_cookie_of_the_device_too_for_a_year_and_keeps_it_after_signing_out() -> None:
    _, headers, _ = ask("/sesi", "POST", OURS, TICKETS.issue("token", "perangkat").encode())
    device = cookie_of(headers, DEVICE)
    assert (device.value, device["httponly"], device["secure"], device["samesite"]) == (
        "perangkat",
        True,
        True,
        "strict",
    )
    assert device["max-age"] == str(365 * 86400)
    assert DEVICE not in SimpleCookie(ask("/sesi", "DELETE", OURS)[1]["set-cookie"])


@pytest.mark.usefixtures("staffed")
def test_two_installations_at_ports_of_one_host_keep_out_of_each_others_cookies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Browsers tell no ports apart; without a name by port the second would sign the visitor of the first out."""

    def names() -> set[str]:
        hosts = [HOST, f"{HOST}:8443", f"{HOST}:8444"]
        asked = [{"host": host, "origin": f"https://{host}"} for host in hosts]
        given = [ask("/sesi", "POST", headers, TICKETS.issue("x").encode())[1]["set-cookie"] for headers in asked]
        return {one.partition("=")[0] for one in given}

    assert names() == {COOKIE, f"{COOKIE}_8443", f"{COOKIE}_8444"}
    monkeypatch.setattr(signing, "named", lambda cookie, _: cookie)
    assert names() == {COOKIE}


@pytest.mark.usefixtures("staffed")
def test_on_this_computer_without_https_the_cookie_works_too() -> None:
    here = {"origin": "http://127.0.0.1:8501"}
    _, headers, _ = ask("/sesi", "POST", here, TICKETS.issue("token").encode(), scheme="http")
    assert not cookie_of(headers, f"{COOKIE}_8501")["secure"]


def test_the_session_of_the_cookie_before_ends_with_signing_in(staffed: Store) -> None:
    planted, own = (staffed.accounts.sign_in("citra", PASSWORD) for _ in range(2))
    ticket = TICKETS.issue(own).encode()
    assert ask("/sesi", "POST", {**OURS, "cookie": f"{COOKIE}={planted}"}, b"dikarang")[0] == 403
    assert staffed.accounts.signed_in(planted)  # a forged ticket ends nothing
    assert ask("/sesi", "POST", {**OURS, "cookie": f"{COOKIE}={planted}"}, ticket)[0] == 204
    assert staffed.accounts.signed_in(planted) is None
    assert staffed.accounts.signed_in(own)


FOREIGN = [{"origin": "https://penipu.example"}, {"origin": "null"}, {}, {"origin": f"https://{HOST}.penipu.example"}]


@pytest.mark.usefixtures("staffed")
@pytest.mark.parametrize("origin", FOREIGN, ids=str)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_another_site_can_neither_sign_a_visitor_in_nor_out(origin: dict[str, str], method: str) -> None:
    ticket = TICKETS.issue("token")
    status, headers, _ = ask("/sesi", method, {"host": HOST} | origin, ticket.encode())
    assert status == 403
    assert "set-cookie" not in headers
    assert TICKETS.redeem(ticket) == ("token", "")


@pytest.mark.usefixtures("staffed")
def test_without_looking_at_the_origin_another_site_could(monkeypatch: pytest.MonkeyPatch) -> None:
    """The defence taken out."""
    monkeypatch.setattr(signing, "from_our_page", lambda _: True)
    status, headers, _ = ask(
        "/sesi", "POST", {"host": HOST, "origin": "https://penipu.example"}, TICKETS.issue("penipu").encode()
    )
    assert (status, cookie_of(headers).value) == (204, "penipu")


@pytest.mark.usefixtures("staffed")
@pytest.mark.parametrize(("body", "status"), [(b"", 403), (b"dikarang", 403), (b"\xff", 403), (b"x" * 100_000, 413)])
def test_what_is_no_ticket_gets_no_cookie(body: bytes, status: int) -> None:
    answered, headers, _ = ask("/sesi", "POST", OURS, body)
    assert answered == status
    assert "set-cookie" not in headers


@pytest.mark.usefixtures("staffed")
def test_signing_out_takes_the_cookie_away() -> None:
    status, headers, _ = ask("/sesi", "DELETE", OURS)
    assert (status, cookie_of(headers).value, cookie_of(headers)["max-age"]) == (204, "", "0")


# ---------------------------------------------------------------- who holds a cookie


def test_a_cookie_is_worth_what_its_session_is_worth_now(staffed: Store) -> None:
    token = staffed.accounts.sign_in("citra", PASSWORD)
    assert store_access.holder_of(token) == Actor("citra", "viewer")
    staffed.accounts.set_role("citra", "editor", ADMIN)
    assert store_access.holder_of(token) == Actor("citra", "editor")
    staffed.accounts.sign_out(token)
    assert store_access.holder_of(token) is None
    for nobody in (None, "", "dikarang", token + "x"):
        assert store_access.holder_of(nobody) is None


def test_without_accounts_the_cookie_says_nothing_and_the_address_decides(store: Store) -> None:
    assert store_access.holder_of(start_token(), {"JANGKAU_BOUND_TO": "0.0.0.0"}) is None
    for said in (None, "", "apa saja", start_token()[:-1]):
        assert store_access.holder_of(said, {}) is None
    here = store_access.holder_of(start_token(), {})
    assert here is not None
    assert here.role == "admin"


# ---------------------------------------------------------------- cameras by address


@pytest.fixture
def layer() -> str:
    feature = {"type": "Feature", "geometry": None, "properties": {"kind": "cctv", "id": "cctv-1"}}
    return layer_url(STORE.put({"type": "FeatureCollection", "features": [feature]}))


def test_a_layer_with_cameras_is_given_to_signed_in_users_only_and_kept_by_nobody(staffed: Store, layer: str) -> None:
    token = staffed.accounts.sign_in("citra", PASSWORD)
    assert ask(layer)[0] == 404
    assert ask(layer, headers=cookie("dikarang"))[0] == 404
    status, headers, _ = ask(layer, headers=cookie(token))
    assert (status, headers["cache-control"]) == (200, "private, no-store")
    staffed.accounts.sign_out(token)
    assert ask(layer, headers=cookie(token))[0] == 404


@pytest.mark.usefixtures("staffed")
def test_without_asking_who_it_is_the_address_of_the_layer_would_be_enough(
    layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defence taken out: the layer is given to whoever knows its address."""
    monkeypatch.setattr(mounts, "sees_cameras", lambda _: True)
    assert ask(layer)[0] == 200


@pytest.mark.usefixtures("staffed")
def test_a_layer_without_cameras_needs_no_account() -> None:
    feature = {"type": "Feature", "geometry": None, "properties": {"kind": "wifi"}}
    status, headers, _ = ask(layer_url(STORE.put({"type": "FeatureCollection", "features": [feature]})))
    assert status == 200
    assert "immutable" in headers["cache-control"]


def test_the_layer_made_for_somebody_who_has_not_signed_in_holds_no_camera(analysis: Any) -> None:
    for sees in (True, False):
        made = layers.asset_layer(analysis, layers.Viewer(sees_cctv=sees))
        assert made is not None
        assert any(feature["properties"]["kind"] == "cctv" for feature in made["features"]) is sees


def test_while_the_store_cannot_be_opened_nobody_sees_a_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_access, "opened_store", lambda: OpenedStore(None))
    assert store_access.sees_cameras("apa saja") is False


# ---------------------------------------------------------------- this computer only


HERE = {"host": "localhost:8501"}
ELSEWHERE = [
    ({"host": "192.168.1.4:8501"}, ("192.168.1.20", 5000)),
    (HERE, ("192.168.1.20", 5000)),
    (HERE, None),
    ({"host": "penipu.example:8501"}, ("127.0.0.1", 1)),  # a name of another site that was made to lead here
    ({"host": "localhost:8501", "x-forwarded-for": "36.79.1.2"}, ("127.0.0.1", 1)),  # through a web server in front
    ({"host": "localhost:8501", "forwarded": "for=36.79.1.2"}, ("127.0.0.1", 1)),
]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(("headers", "client"), ELSEWHERE)
def test_without_accounts_other_computers_are_turned_away(headers: dict[str, str], client: Any) -> None:
    status, _, body = ask("/aset/jangkau/page.js", headers=headers, client=client)
    assert status == 403
    assert b"jangkau users add" in body
    assert ask("/_stcore/stream", headers=headers, client=client, kind="websocket")[0] == 1008


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "localhost"])
def test_without_accounts_this_computer_is_served_at_the_address_with_the_token(host: str) -> None:
    status, headers, body = ask("/aset/jangkau/page.js", headers={"host": host})
    assert (status, b"/mulai?kunci=" in body) == (403, True)
    assert ask("/_stcore/stream", headers={"host": host}, kind="websocket")[0] == 1008
    path, _, query = start_path().partition("?")
    status, headers, _ = ask(path, headers={"host": host}, query=query)
    assert (status, headers["location"], headers["cache-control"]) == (303, "/", "no-store")
    given = cookie_of(headers, named(COOKIE, {"host": host}))
    assert (given["httponly"], given["samesite"]) == (True, "strict")
    assert ask("/aset/jangkau/page.js", headers=cookie(given.value, host))[0] == 200
    assert ask("/aset/jangkau/page.js", headers={"host": host, "cookie": f"{COOKIE}_1={given.value}"})[0] == 403
    for wrong in ("", "kunci=", "kunci=dikarang", f"{query}x"):
        assert "set-cookie" not in ask(path, headers={"host": host}, query=wrong)[1]


@pytest.mark.usefixtures("store")
def test_the_token_stays_and_only_its_owner_can_read_it(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "baru"))
    made = start_token()
    (file,) = (tmp_path / "baru").iterdir()
    assert file.read_text() == made
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0
    _token.cache_clear()
    assert start_token() == made
    file.write_text("rusak")
    _token.cache_clear()
    assert start_token() not in ("rusak", made)


@pytest.mark.usefixtures("staffed")
def test_the_token_is_worth_nothing_once_there_is_an_account() -> None:
    assert store_access.holder_of(start_token(), {}) is None


@pytest.mark.usefixtures("staffed")
@pytest.mark.parametrize(("headers", "client"), ELSEWHERE)
def test_with_accounts_others_are_let_in(headers: dict[str, str], client: Any) -> None:
    assert ask("/aset/jangkau/page.js", headers=headers, client=client)[0] == 200


@pytest.mark.usefixtures("store")
def test_without_the_token_whoever_comes_through_this_computer_would_be_an_administrator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The defence taken out: a plain web server in front says nothing of whom it passes on, and everybody is here."""
    assert ask("/aset/jangkau/page.js", headers=HERE)[0] == 403
    monkeypatch.setattr(security, "is_start_token", lambda _: True)
    monkeypatch.setattr(store_access, "is_start_token", lambda _: True)
    assert ask("/aset/jangkau/page.js", headers=HERE)[0] == 200
    assert store_access.holder_of(None, {}).role == "admin"  # type: ignore[union-attr]


# ---------------------------------------------------------------- outside services


SAID = {"is_logged_in": True, "email": "Ani@blitarkab.go.id", "email_verified": True, "iat": 1_000_000}


def test_an_outside_service_is_believed_what_it_vouches_for() -> None:
    assert outside_name(SAID, now=1_000_100) == "Ani@blitarkab.go.id"


@pytest.mark.parametrize(
    "change",
    [
        {"is_logged_in": False},
        {"email": ""},
        {"email": None},
        {"email": ["x"]},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "false"},
        {"email_verified": "true"},
        {"email_verified": 0},
        {"email_verified": 1},
        {"iat": 1_001_000},
        {"iat": True},
        {"iat": None},
        {"iat": "kemarin"},
        {"iat": 1},
    ],
)
def test_and_not_what_it_does_not(change: dict[str, Any]) -> None:
    assert outside_name(SAID | change, now=1_000_100) is None
    assert outside_name({key: value for key, value in SAID.items() if key != "email_verified"}, 1_000_100) is None


def test_without_looking_whether_the_address_is_verified_a_stranger_would_be_the_administrator(staffed: Store) -> None:
    """The defence taken out: whatever address somebody wrote at the service names the account."""
    stranger = SAID | {"email": "ani", "email_verified": False}
    assert outside_name(stranger, now=1_000_100) is None
    holder = staffed.accounts.signed_in(staffed.accounts.begin_session(str(stranger["email"])))
    assert holder == Actor("ani", "admin")
