"""Several processes: which one a request is for, by its head, and what becomes of those that do not start."""

import asyncio
import time

import pytest
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import Message

from coverage.base.errors import UnavailableError
from coverage.web.server import processes
from coverage.web.server.processes import NUMBER, Front, StaysWithProcess, number_in
from coverage.web.server.serving import listen

HEAD = b"GET / HTTP/1.1\r\nHost: kantor.go.id:8501\r\nCookie: a=b; jangkau_proses_8501=%s; jangkau_proses=0\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "number"),
    [
        (HEAD % b"1", 1),
        (HEAD.replace(b"Cookie", b"COOKIE") % b"1" + b"Cookie: jangkau_proses_8501=0", 1),
        (HEAD % b"2", None),
        (HEAD % b"-1", None),
        (HEAD % b"", None),
        (HEAD.replace(b":8501", b"") % b"1", 0),  # each installation of a host has a cookie of its own
        (b"GET / HTTP/1.1\r\n\r\n", None),
        (b"\x16\x03\x01\x02\x00\x01\x00\xff\xfe", None),
        (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 200, None),
    ],
)
def test_the_cookie_names_the_process(head: bytes, number: int | None) -> None:
    assert number_in(head, 2) == number


@pytest.mark.parametrize("header", ["x-forwarded-for", "via", ""])
@pytest.mark.parametrize("stays", [True, False])
def test_a_connection_of_a_proxy_serves_one_request(monkeypatch: pytest.MonkeyPatch, header: str, stays: bool) -> None:
    """The next one over it may be of another visitor, whose process is another one."""
    monkeypatch.setenv(NUMBER, "1")
    given = [(header.encode(), b"203.0.113.9")] if header else []
    given += [(b"cookie", b"jangkau_proses=1")] if stays else []
    answered: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        answered.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": given}
    asyncio.run(StaysWithProcess(HTMLResponse("Peta"))(scope, receive, send))
    headers = Headers(scope=answered[0])
    assert (headers.get("connection") == "close") == bool(header)
    assert ("set-cookie" in headers) != stays


@pytest.mark.parametrize("program", ["coverage.web.places", "tests.web.ready_and_ends"])
def test_processes_that_never_serve_are_given_up(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Also those that say they do, and end at once."""
    monkeypatch.setattr(processes, "_PROGRAM", program)
    monkeypatch.setattr(processes, "STARTS", 2)
    with listen(0) as listening, pytest.raises(UnavailableError, match=r"serve\.process_ends"):
        asyncio.run(asyncio.wait_for(Front(listening, 1).run(), 60))


def test_one_that_served_is_started_again_at_once_and_one_that_did_not_after_pauses_that_grow() -> None:
    """As many failures of another count for nothing: the first is to come back."""
    with listen(0) as listening:
        front = Front(listening, 2)
        now = time.monotonic()
        for _ in range(processes.STARTS):
            front._ended(0)
        assert 10 < front._due[0] - now < 20
        front._serving[1] = now - processes.STEADY_S
        front._ended(1)
        assert front._in_vain == {0: processes.STARTS, 1: 0}
        assert front._due[1] <= time.monotonic()
        front._ended(1)
        assert front._in_vain[1] == 1
        front._places.close()
