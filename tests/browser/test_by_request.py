"""What a viewer, or nobody at all, can do without a browser: by messages and requests of their own making.

Every attack is also tried on the same app with the defence taken out (:mod:`tests.browser.defenceless`), where it
succeeds.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import re
import select
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pandas as pd
import pytest
from playwright.sync_api import Browser
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus

from coverage.readers.shipped import region_dir
from coverage.store import Actor, Store
from tests.browser.by_socket import TICKED, Socket, cookie_for, visiting
from tests.browser.conftest import ADMIN, EDITED, PASSWORD, Server, served

OTHER_SITE = "https://penipu.example"
TYPED = {"edited_rows": {"0": {"name": "Diubah diam-diam"}}, "added_rows": [], "deleted_rows": []}


@pytest.fixture(scope="module")
def bare(office: Server) -> Iterator[Server]:
    """The same office without defences."""
    command = [sys.executable, "-m", "tests.browser.defenceless"]
    with served(office.folder, command=command, log="defenceless.log") as started:
        yield started


@contextmanager
def visit_as(server: Server, store: Store, name: str | None) -> Iterator[Socket]:
    token = store.accounts.sign_in(name, PASSWORD) if name else None
    with visiting(server.url, token) as visit:
        visit.run()
        yield visit


def ask(
    url: str, method: str = "GET", cookies: str = "", body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    request = urllib.request.Request(url, body, {"cookie": cookies, **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def name_now(store: Store) -> str:
    return str(store.assets.one(EDITED, viewer=ADMIN)["name"].iloc[0])


# ---------------------------------------------------------------- messages


def test_a_viewer_who_says_what_an_editor_would_say_changes_nothing(office: Server, kept: Store) -> None:
    """The buttons' identifiers are the same for everybody, so a viewer can know them; for the editor they work."""
    with visit_as(office, kept, "budi") as editor:
        table, undo = editor.table(), editor.button("Urungkan perubahan terakhir")
        editor.run({table: TYPED})
        save = editor.button("Simpan 1 aset")
        assert save
        assert undo
        revision = kept.assets.revision()
        with visit_as(office, kept, "citra") as viewer:
            for pressed in ({save: True}, {undo: True}, {save: True, undo: True}):
                viewer.run({table: TYPED, viewer.table(): TYPED, **pressed})
                assert viewer.button("Simpan 1 aset") is None
            assert kept.assets.revision() == revision
        editor.run({table: TYPED, save: True})
    assert name_now(kept) == "Diubah diam-diam"


def save_after(server: Server, kept: Store, happened: str) -> str:
    """An editor types, loses their role or their session elsewhere, and presses a button of the page that is open."""
    token = kept.accounts.sign_in("budi", PASSWORD)
    with visiting(server.url, token) as editor:
        editor.run()
        table = editor.table()
        editor.run({table: TYPED})
        save = editor.button("Simpan 1 aset")
        assert save
        if happened == "made a viewer":
            kept.accounts.set_role("budi", "viewer", ADMIN)
        else:
            kept.accounts.sign_out(token)
        editor.run({table: TYPED, save: True})
        assert ("tidak boleh melakukan ini" in editor.said()) == (name_now(kept) != "Diubah diam-diam")
    return name_now(kept)


@pytest.mark.parametrize("happened", ["made a viewer", "signed out"])
def test_a_page_that_is_still_open_saves_nothing_for_who_may_not_any_more(
    office: Server, kept: Store, happened: str
) -> None:
    assert save_after(office, kept, happened) == "Terminal Pagergunung"


def test_without_asking_again_who_it_is_the_open_page_would_save(bare: Server, kept: Store) -> None:
    assert save_after(bare, kept, "made a viewer") == "Diubah diam-diam"


def page_of_another_site(server: Server, token: str) -> str | None:
    """A page of another site opens a socket here; the browser sends our cookie along where it is not kept from it."""
    try:
        with visiting(server.url, token, origin=OTHER_SITE) as visit:
            visit.run()
            return visit.button("Keluar")
    except InvalidStatus:
        return None


def test_a_page_of_another_site_gets_no_answer_and_without_the_defence_it_would(
    office: Server, bare: Server, kept: Store
) -> None:
    token = kept.accounts.sign_in("budi", PASSWORD)
    assert page_of_another_site(office, token) is None
    assert page_of_another_site(bare, token)


# ---------------------------------------------------------------- files to take away


def cameras_in(server: Server, kept: Store, cookies: str) -> int:
    """How many cameras somebody reads who got the address of a file that an editor had made with them."""
    with visit_as(server, kept, "budi") as editor:
        box = next(
            one.checkbox.id
            for one in editor.elements
            if one.WhichOneof("type") == "checkbox" and one.checkbox.id.endswith("-take_cctv")
        )
        editor.run({box: TICKED})
        address = server.url + editor.take("assets.csv")
        status, body, headers = ask(address, cookies=editor.cookies)
        assert (status, body.count(b"CCTV-") > 10) == (200, True)
        assert headers["content-type"].startswith("text/csv")
        status, body, _ = ask(address, cookies=cookies, headers={"range": "bytes=0-100000"})
        return body.count(b"CCTV-")


@pytest.mark.parametrize("value", ["", "dikarang"])
def test_a_file_with_cameras_is_given_to_signed_in_users_only(office: Server, kept: Store, value: str) -> None:
    assert cameras_in(office, kept, cookie_for(office.url, value) if value else "") == 0
    assert cameras_in(office, kept, cookie_for(office.url, kept.accounts.sign_in("citra", PASSWORD))) > 10


def test_without_that_guard_the_address_would_be_enough(bare: Server, kept: Store) -> None:
    assert cameras_in(bare, kept, "") > 10


def test_who_has_not_signed_in_takes_the_list_without_cameras(office: Server, kept: Store) -> None:
    with visit_as(office, kept, None) as visitor:
        status, body, headers = ask(office.url + visitor.take("assets.csv"))
    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert "cctv" not in set(pd.read_csv(io.BytesIO(body)).iloc[:, 1])
    assert b"CCTV-" not in body


def shown_of_cameras(visit: Socket, cameras: pd.DataFrame) -> list[str]:
    """What a page said of cameras: numbers, names, places."""
    said = visit.said()
    places = cameras["lon"].map("{:.5f}".format) + "|" + cameras["lat"].map("{:.5f}".format)
    told = [word for word in (*cameras["asset_id"], *cameras["name"]) if word in said]
    return told + [place for place in places if all(part.rstrip("0") in said for part in place.split("|"))]


@pytest.mark.parametrize("page", ["", "prioritas", "rencana", "sinyal", "inventaris", "impor", "data", "laporan"])
def test_no_page_says_anything_of_a_camera_to_who_has_not_signed_in(office: Server, page: str) -> None:
    listed = pd.read_csv(region_dir() / "assets_sample.csv")
    others = set(listed.loc[listed["kind"] != "cctv", "name"])
    cameras = listed[(listed["kind"] == "cctv") & ~listed["name"].isin(others)]
    assert len(cameras) > 50
    with visiting(office.url, page=page) as visitor:
        visitor.run()
        assert len(visitor.elements) > 3
        assert shown_of_cameras(visitor, cameras) == []


def test_somebody_signed_in_is_told_of_them(office: Server, kept: Store) -> None:
    """The same search finds them where they are shown, so it could find them above."""
    cameras = pd.read_csv(region_dir() / "assets_sample.csv").query("kind == 'cctv'")
    with visit_as(office, kept, "citra") as visitor:
        assert len(shown_of_cameras(visitor, cameras)) > 10


# ---------------------------------------------------------------- files handed in


def hand_in(
    server: Server, visit: Socket, size: int, name: str = "berkas", token: str | None = None, send: bool = True
) -> int:
    """Hand in a file as a page does; ``send=False`` says how long it will be and waits for the answer to that."""
    border = b'--batas\r\nContent-Disposition: form-data; name="x"; filename="x.csv"\r\n\r\n'
    end = b"\r\n--batas--\r\n"
    given = {
        "Content-Type": "multipart/form-data; boundary=batas",
        "Cookie": visit.cookies,
        "X-Xsrftoken": token or visit.cookies.partition("=")[2].partition(";")[0],
        "Content-Length": str(len(border) + size + len(end)),
    }
    asked = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    with contextlib.closing(asked):
        asked.putrequest("PUT", f"/_stcore/upload_file/{visit.session}/{name}")
        for header, value in given.items():
            asked.putheader(header, value)
        asked.endheaders(border + b"1" * size + end if send else None)
        return asked.getresponse().status


def begin(server: Server, visit: Socket, size: int, name: str) -> socket.socket:
    """Begin to hand in a file that does not come to an end; the connection gets an answer only if it is refused."""
    address = urlsplit(server.url)
    token = visit.cookies.partition("=")[2].partition(";")[0]
    asked = socket.create_connection((address.hostname, address.port), timeout=30)
    asked.sendall(
        f"PUT /_stcore/upload_file/{visit.session}/{name} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Content-Type: multipart/form-data; boundary=batas\r\nCookie: {visit.cookies}\r\n"
        f"X-Xsrftoken: {token}\r\nContent-Length: {size}\r\n\r\n--batas".encode()
    )
    return asked


def test_who_has_not_signed_in_can_hand_in_nothing_and_without_the_defence_they_could(
    office: Server, bare: Server, kept: Store
) -> None:
    with visit_as(office, kept, None) as visit:
        assert hand_in(office, visit, 10) == 403
    with visit_as(bare, kept, None) as visit:
        assert hand_in(bare, visit, 10) == 204


def test_handing_in_needs_the_token_of_our_page_and_without_the_defence_it_would_not(
    office: Server, bare: Server, kept: Store
) -> None:
    for server, answers in ((office, (204, 403)), (bare, (204, 204))):
        with visit_as(server, kept, "budi") as visit:
            assert (hand_in(server, visit, 10), hand_in(server, visit, 10, token="dikarang")) == answers


MB = 2**20


def test_too_much_is_not_taken_and_without_the_limits_it_would_be(office: Server, bare: Server, kept: Store) -> None:
    """Each file has a limit, and so has what one visit hands in: the fifth file of 45 MB is too much."""
    with visit_as(office, kept, "budi") as visit:
        assert hand_in(office, visit, 51 * MB, send=False) == 413
        assert [hand_in(office, visit, 45 * MB, str(n)) for n in range(4)] == [204] * 4
        assert hand_in(office, visit, 45 * MB, "4", send=False) == 413
    with visit_as(bare, kept, None) as visit:
        assert hand_in(bare, visit, 51 * MB) == 204
        assert [hand_in(bare, visit, 45 * MB, str(n)) for n in range(5)] == [204] * 5


def refused_of(server: Server, visit: Socket, count: int, wait_s: float = 30) -> list[bytes]:
    """Status lines of those that are refused of so many files of 45 MB under way; which come first is open."""
    with contextlib.ExitStack() as open_ones:
        asked = [open_ones.enter_context(begin(server, visit, 45 * MB, f"tunda{n}")) for n in range(count)]
        answered: list[socket.socket] = []
        deadline = time.monotonic() + wait_s
        while len(answered) < count - 4 and time.monotonic() < deadline:
            answered += select.select([one for one in asked if one not in answered], [], [], 1)[0]
        more, _, _ = select.select([one for one in asked if one not in answered], [], [], 2)
        return [one.recv(12) for one in answered + more]


def test_files_under_way_count(office: Server, kept: Store) -> None:
    """Of seven files at once, none of which has come yet, four are waited for and three refused."""
    with visit_as(office, kept, "budi") as visit:
        assert refused_of(office, visit, 7) == [b"HTTP/1.1 413"] * 3


def test_without_counting_them_all_would_be_taken(bare: Server, kept: Store) -> None:
    with visit_as(bare, kept, "budi") as visit:
        assert refused_of(bare, visit, 5, wait_s=3) == []  # a refusal comes at once


# ---------------------------------------------------------------- what is guessed


def raw(server: Server, path: str) -> tuple[int, bytes]:
    """Ask for a path exactly as it is written, which no library here would do."""
    head, body = answered(server, f"GET {path}".encode())
    return int(head.split()[1]), body


def answered(server: Server, asked: bytes, headers: bytes = b"", body: bytes = b"") -> tuple[bytes, bytes]:
    """Head and body of the answer to a request sent byte by byte as it is written."""
    address = urlsplit(server.url)
    host = address.netloc.encode()
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(asked + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n")
        connection.sendall(headers + b"\r\n" + body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, rest = answer.partition(b"\r\n\r\n")
    return head, rest


UP = ("..", "%2e%2e", "..%2f..", "%2e%2e%2f%2e%2e", "..%5c..", "....//", "%252e%252e", "..;", "\\..")


@pytest.mark.parametrize("home", ["/aset/jangkau", "/aset/leaflet", "/lapis", "/media", "/static", "/component"])
@pytest.mark.parametrize("up", UP)
def test_no_path_leads_out_of_a_folder_that_is_served(office: Server, home: str, up: str) -> None:
    """Neither to the program nor to the inventory, nor to a file of the computer."""
    for depth in (1, 4, 12):
        for file in ("frame.py", "jangkau.db", "etc/hostname", "etc/passwd"):
            status, body = raw(office, f"{home}/{f'{up}/' * depth}{file}")
            assert b"root:" not in body
            assert b"SQLite format" not in body
            assert b"def show" not in body
            assert status in (200, 400, 403, 404)
            assert status != 200 or b"<title>Jangkau" in body  # a page of ours has no other address


def test_without_looking_where_a_path_leads_the_program_would_be_given(office: Server, bare: Server) -> None:
    """The defences of Starlette and of Streamlit taken out."""
    wanted = "/aset/jangkau/%2e%2e/frame.py"
    assert raw(office, wanted)[0] in (400, 404)
    status, body = raw(bare, wanted)
    assert (status, b"def show" in body) == (200, True)


def test_addresses_of_files_and_layers_cannot_be_guessed(office: Server) -> None:
    """They are hashes of 128 bits and more: names that are near are none."""
    for path in ("/media/1.csv", f"/media/{'0' * 56}.zip", "/lapis/assets.json", f"/lapis/{'0' * 32}.json"):
        status, body = raw(office, path)
        assert status == 404, (path, body[:200])


def test_nobody_has_a_file_made_in_the_name_of_another_visit(office: Server, kept: Store) -> None:
    """A message names the visit it is of; another's name in it changes nothing."""
    with visit_as(office, kept, "budi") as editor, visit_as(office, kept, None) as stranger:
        offered = [one.download_button for one in editor.elements if one.WhichOneof("type") == "download_button"]
        assert offered
        for session in (editor.session, stranger.session):
            message = BackMsg()
            message.backend_operation_request.request_id = "x"
            message.backend_operation_request.session_id = session
            message.backend_operation_request.deferred_file.file_id = offered[0].deferred_file_id
            stranger.connection.send(message.SerializeToString())
            answer = ForwardMsg()
            while answer.WhichOneof("type") != "backend_operation_response":
                answer.ParseFromString(stranger.connection.recv(30))  # type: ignore[arg-type]
            url = answer.backend_operation_response.deferred_file.url
            assert not url or ask(office.url + url)[0] == 404
        assert ask(office.url + editor.take(offered[0].id.rpartition("_")[2]), cookies=editor.cookies)[0] == 200


# ---------------------------------------------------------------- lines smuggled into an answer

LINE = "%0d%0aX-Selundup:%20ya%0d%0a%0d%0a"
PATHS = ("/{}", "/peta?x={}", "/peta/?{}", "/mulai?kunci={}", "/aset/jangkau{}", "/media/{}.csv", "/lapis/{}.json")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("line", [LINE, LINE.replace("%0d", ""), "%22;%20filename=%22x.exe", "%E5%98%8A%E5%98%8D"])
def test_nothing_in_an_address_becomes_a_line_of_the_answer(office: Server, path: str, line: str) -> None:
    head, _ = answered(office, f"GET {path.format(line)}".encode())
    assert head.isascii()
    lines = dict(one.split(b": ", 1) for one in head.lower().replace(b"\r", b"\n").splitlines()[1:] if one)
    assert b"x-selundup" not in lines  # in an address of a redirect it stays percent-encoded
    assert b"x.exe" not in lines.get(b"content-disposition", b"")


@pytest.mark.parametrize(
    "name", [b"a\r\nX-Selundup: ya", b'a"; filename="x.exe', "désa\u202e.csv".encode(), b"\0", b""]
)
def test_the_name_of_a_file_handed_in_is_repeated_in_no_answer(office: Server, kept: Store, name: bytes) -> None:
    with visit_as(office, kept, "budi") as visit:
        body = (
            b'--batas\r\nContent-Disposition: form-data; name="x"; filename="' + name + b'"\r\n\r\n1\r\n--batas--\r\n'
        )
        given = (
            f"Content-Type: multipart/form-data; boundary=batas\r\nCookie: {visit.cookies}\r\n"
            f"X-Xsrftoken: {visit.cookies.partition('=')[2].partition(';')[0]}\r\nContent-Length: {len(body)}\r\n"
        )
        head, said = answered(office, f"PUT /_stcore/upload_file/{visit.session}/nama".encode(), given.encode(), body)
    assert int(head.split()[1]) in (204, 400)
    for part in (b"selundup", b"x.exe", "désa".encode()):
        assert part not in (head + said).lower()


# ---------------------------------------------------------------- sessions planted before signing in


def ticket_for(visit: Socket) -> str:
    """Sign in as budi at the page; the ticket that the page is given."""
    visit.run()
    fields = {
        one.text_input.label: one.text_input.id for one in visit.elements if one.WhichOneof("type") == "text_input"
    }
    enter = next(
        one.button.id for one in visit.elements if one.WhichOneof("type") == "button" and one.button.is_form_submitter
    )
    visit.run({fields["Nama akun"]: "budi", fields["Kata sandi"]: PASSWORD, enter: True})
    (ticket,) = re.findall(r'data-ticket=\\"([^\\]{20,})', visit.said())
    return str(ticket)


def redeemed(server: Server, ticket: str, cookie: str = "") -> tuple[int, dict[str, str]]:
    status, _, headers = ask(f"{server.url}/sesi", "POST", cookie, ticket.encode(), {"origin": server.url})
    return status, headers


def session_after(server: Server, planted: str) -> str:
    """The session of somebody in whose browser a cookie was planted before they signed in."""
    with visiting(server.url, planted) as visit:
        ticket = ticket_for(visit)
    status, headers = redeemed(server, ticket, cookie_for(server.url, planted))
    assert status == 204
    return headers["set-cookie"].partition("=")[2].partition(";")[0]


def start_token_of(server: Server) -> str:
    """The start token of an office as it was before its first account."""
    file = server.folder / "mulai.kunci"
    if not file.exists():
        file.write_text("t" * 43, "ascii")
    return file.read_text("ascii").strip()


@pytest.mark.parametrize("planted", ["own value", "start token", "ended session"])
def test_a_cookie_planted_before_signing_in_is_not_the_session_afterwards(
    office: Server, kept: Store, planted: str
) -> None:
    ended = kept.accounts.sign_in("citra", PASSWORD)
    kept.accounts.sign_out(ended)
    value = {"own value": "ditanam" * 6, "start token": start_token_of(office), "ended session": ended}[planted]
    with visiting(office.url, value) as visit:
        visit.run()
        assert visit.button("Keluar") is None  # worth nothing before, either
    session = session_after(office, value)
    assert session != value
    assert kept.accounts.signed_in(value) is None
    assert kept.accounts.signed_in(session) == Actor("budi", "editor")


def test_a_session_of_another_planted_while_the_page_was_open_is_replaced(office: Server, kept: Store) -> None:
    with visiting(office.url) as visit:
        ticket = ticket_for(visit)
    elsewhere = kept.accounts.sign_in("budi", PASSWORD)
    anothers = kept.accounts.sign_in("citra", PASSWORD)
    status, headers = redeemed(office, ticket, cookie_for(office.url, anothers))
    session = headers["set-cookie"].partition("=")[2].partition(";")[0]
    assert status == 204
    assert session not in (elsewhere, anothers)
    assert kept.accounts.signed_in(anothers) is None  # what was planted ends
    assert kept.accounts.signed_in(elsewhere)  # signing in at another computer ends nothing here
    assert redeemed(office, ticket, cookie_for(office.url, anothers))[0] == 403  # a ticket is good once


def test_without_a_new_session_what_was_planted_would_be_it(bare: Server, kept: Store) -> None:
    planted = "ditanam" * 6
    assert session_after(bare, planted) == planted
    assert kept.accounts.signed_in(planted) == Actor("budi", "editor")


def test_the_start_token_is_worth_nothing_once_there_is_an_account(office: Server, kept: Store) -> None:
    token = start_token_of(office)
    ask(f"{office.url}/mulai?kunci={token}")
    with visiting(office.url, token) as visit:
        visit.run()
        assert "komputer ini" not in visit.said()
        assert hand_in(office, visit, 10) == 403
    assert kept.accounts.signed_in(token) is None


# ---------------------------------------------------------------- what comes out


def trace_of(server: Server, kept: Store) -> str:
    """What a page tells of a fault of the program's, brought about by a message that no page of ours sends."""
    with visit_as(server, kept, "citra") as visit:
        visit.run({visit.table(): "{"})
        (shown,) = [one.exception for one in visit.elements if one.WhichOneof("type") == "exception"]
        return "\n".join(shown.stack_trace) + shown.message


def test_a_fault_shows_nothing_of_the_program_and_without_the_setting_it_would(
    office: Server, bare: Server, kept: Store
) -> None:
    assert 'File "' not in trace_of(office, kept)
    assert 'File "' in trace_of(bare, kept)


def test_the_start_token_is_in_no_log_and_with_a_log_of_requests_it_would(office: Server, bare: Server) -> None:
    for server, log, there in ((office, "server.log", False), (bare, "defenceless.log", True)):
        ask(f"{server.url}/mulai?kunci={start_token_of(server)}")
        ask(f"{server.url}/sehat")
        assert (start_token_of(server) in (server.folder / log).read_text("utf-8")) is there


def test_the_log_of_the_server_holds_no_password_and_no_session(office: Server, kept: Store) -> None:
    """After signing in at the page, a wrong ticket, and a fault of the program's while somebody was signed in."""
    with visiting(office.url) as visit:
        ticket = ticket_for(visit)
    status, headers = redeemed(office, ticket)
    assert status == 204
    token = headers["set-cookie"].partition("=")[2].partition(";")[0]
    ask(f"{office.url}/sesi", "POST", cookie_for(office.url, token), b"tiket-dikarang", {"origin": office.url})
    trace_of(office, kept)
    log = (office.folder / "server.log").read_text("utf-8")
    assert "Traceback" in log  # it is written to
    for secret in (PASSWORD, token, ticket, "tiket-dikarang", "$argon2"):
        assert secret not in log


def smuggled(server: Server, browser: Browser) -> bool:
    """Whether a script that got into the page somehow is run."""
    page = browser.new_page()
    page.goto(f"{server.url}/inventaris")
    page.get_by_text("Inventaris aset").first.wait_for()
    page.evaluate("""() => { const script = document.createElement("script");
        script.textContent = "window.smuggled = true"; document.body.append(script); }""")
    ran = bool(page.evaluate("() => window.smuggled === true"))
    page.close()
    return ran


def test_a_smuggled_script_is_not_run_and_without_the_policy_it_would_be(
    office: Server, bare: Server, browser: Browser
) -> None:
    assert not smuggled(office, browser)
    assert smuggled(bare, browser)
