"""Which of several processes a request is for, by its head."""

import pytest

from coverage.web.server.processes import number_in

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
