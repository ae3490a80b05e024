"""Asking servers: again after a hiccup, never elsewhere, never too much, never too long."""

import socket

import pytest

from coverage.base.errors import FileRefusedError, JangkauError, UnavailableError
from coverage.fetch import Client
from coverage.language.words import LANGUAGES, Words
from tests.fetch.served import Served, failing_first, send, serving, sleeping


def refusal(client: Client, url: str) -> JangkauError:
    """The error, after checking that both languages say it with what to do."""
    with pytest.raises(JangkauError) as caught:
        client.get(url)
    for language in LANGUAGES:
        words = Words(language)
        assert words.has(f"error.{caught.value.code}.remedy")
        assert "–" not in words.error(caught.value)
    return caught.value


def test_a_file_comes_as_it_is(served: Served) -> None:
    served.files["/a"] = b"isi"
    assert served.client().get(f"{served.url}/a").body == b"isi"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(served: Served, status: int) -> None:
    served.files["/a"] = b"isi"
    served.before = failing_first(2, status)
    assert served.client().get(f"{served.url}/a").body == b"isi"
    assert len(served.asked) == 3


def test_a_server_that_says_how_long_to_wait_is_given_that_long(served: Served) -> None:
    served.files["/a"] = b"isi"
    waited: list[float] = []
    client = Client(served.source(), pause=waited.append)
    left = [2]

    def busy(handler: object) -> bool:
        left[0] -= 1
        if left[0] >= 0:
            send(handler, b"", 429, retry_after="7" if left[0] else "9999")  # type: ignore[arg-type]
        return left[0] >= 0

    served.before = busy
    client.get(f"{served.url}/a")
    assert waited == [7, 30]


def test_one_that_stays_busy_is_given_up_and_named(served: Served) -> None:
    served.before = failing_first(99)
    error = refusal(served.client(), f"{served.url}/a")
    assert (error.code, error.details["status"], len(served.asked)) == ("fetch.refused", 503, 4)


def test_a_refusal_for_good_is_not_asked_again(served: Served) -> None:
    served.before = failing_first(99, 403)
    assert refusal(served.client(), f"{served.url}/a").details["status"] == 403
    assert len(served.asked) == 1


def test_a_server_that_does_not_answer_in_time_is_given_up(served: Served) -> None:
    served.before = sleeping(1.5)
    client = Client(served.source(), waits=(1.0, 0.2, 5.0), pause=lambda seconds: None)
    assert refusal(client, f"{served.url}/a").code == "fetch.timed_out"


def test_and_so_is_one_that_trickles_without_end(served: Served) -> None:
    def trickle(handler: object) -> bool:
        import time

        handler.send_response(200)  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        for _ in range(30):
            handler.wfile.write(b"x" * 70_000)  # type: ignore[attr-defined]
            time.sleep(0.05)
        return True

    served.before = trickle
    client = Client(served.source(max_mb=500), waits=(1.0, 1.0, 0.3), pause=lambda seconds: None)
    assert refusal(client, f"{served.url}/a").code == "fetch.timed_out"


def test_a_truncated_answer_is_asked_for_again_and_never_taken(served: Served) -> None:
    served.files["/a"] = b"seluruh isi"
    left = [1]

    def cut(handler: object) -> bool:
        left[0] -= 1
        if left[0] >= 0:
            send(handler, b"selu", content_length="11")  # type: ignore[arg-type]
            handler.close_connection = True  # type: ignore[attr-defined]
        return left[0] >= 0

    served.before = cut
    assert served.client().get(f"{served.url}/a").body == b"seluruh isi"
    left[0] = 99
    assert refusal(served.client(), f"{served.url}/a").code == "fetch.broken_off"


def test_more_than_is_allowed_is_refused(served: Served) -> None:
    served.files["/a"] = b"x" * 2_000_000
    error = refusal(served.client(max_mb=1), f"{served.url}/a")
    assert isinstance(error, FileRefusedError)
    assert error.code == "fetch.too_large"


def test_a_redirect_on_the_same_host_is_followed(served: Served) -> None:
    served.files["/b"] = b"isi"
    served.replies["/a"] = lambda handler: send(handler, b"", 302, location="/b")
    assert served.client().get(f"{served.url}/a").body == b"isi"


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost/",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "http://user@127.0.0.1/",
        "//lain.example/x",
        "ftp://127.0.0.1/",
    ],
)
def test_a_redirect_elsewhere_is_refused_and_not_asked(served: Served, target: str) -> None:
    served.replies["/a"] = lambda handler: send(handler, b"", 302, location=target)
    assert refusal(served.client(), f"{served.url}/a").code == "fetch.other_host"
    assert len(served.asked) == 1


def test_without_that_the_other_host_would_be_asked(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The defence taken out: a server of the source's sends us to another name, and to what only this computer sees."""
    served.files["/dalam"] = b"hanya untuk komputer ini"
    elsewhere = served.url.replace("127.0.0.1", "localhost")
    served.replies["/a"] = lambda handler: send(handler, b"", 302, location=f"{elsewhere}/dalam")
    assert refusal(served.client(private=False), f"{served.url}/a").code == "fetch.private_address"
    assert refusal(served.client(), f"{served.url}/a").code == "fetch.other_host"
    monkeypatch.setattr(Client, "_require_allowed", lambda *_: "siapa saja")
    assert served.client(private=False).get(f"{served.url}/a").body == b"hanya untuk komputer ini"


def test_a_redirect_in_circles_ends(served: Served) -> None:
    served.replies["/a"] = lambda handler: send(handler, b"", 302, location="/a")
    assert refusal(served.client(), f"{served.url}/a").code == "fetch.too_many_redirects"
    assert len(served.asked) == 6


def test_a_private_address_is_not_asked_unless_the_source_is_the_offices_own(served: Served) -> None:
    assert refusal(served.client(private=False), f"{served.url}/a").code == "fetch.private_address"
    assert served.asked == []


def test_a_public_name_that_leads_to_a_private_address_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, served: Served
) -> None:
    client = served.client()
    source = client.source.model_copy(update={"url": "https://data.example/x", "private": False})
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *_, **__: [(2, 1, 6, "", ("10.0.0.5", 443)), (2, 1, 6, "", ("93.184.216.34", 443))],
    )
    assert refusal(Client(source), "https://data.example/x").code == "fetch.private_address"


def test_without_a_network_it_says_so() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    served = Served(url=f"http://127.0.0.1:{port}")
    error = refusal(served.client(), f"{served.url}/a")
    assert (type(error), error.code) == (UnavailableError, "fetch.no_network")
    assert "jaringan tidak ada" in Words("id").error(error)


def test_a_name_that_cannot_be_found_is_no_network_either(monkeypatch: pytest.MonkeyPatch, served: Served) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    source = served.source().model_copy(update={"url": "https://data.example/x", "private": False})
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert refusal(Client(source), "https://data.example/x").code == "fetch.no_network"


def test_the_proxy_of_the_environment_is_asked_instead(monkeypatch: pytest.MonkeyPatch, served: Served) -> None:
    with serving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        proxy.before = lambda handler: send(handler, b"lewat proksi") is None
        source = served.source().model_copy(update={"url": "http://data.example/x", "private": False})
        assert Client(source).get("http://data.example/x").body == b"lewat proksi"
        assert proxy.asked == [("http://data.example/x", "")]
    assert served.asked == []


def test_no_password_of_this_computer_goes_out(
    monkeypatch: pytest.MonkeyPatch, served: Served, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("rumah") / "netrc"
    netrc.write_text("machine 127.0.0.1 login ani password rahasia\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[str | None] = []

    def look(handler: object) -> bool:
        seen.append(handler.headers.get("authorization"))  # type: ignore[attr-defined]
        return False

    served.before = look
    served.files["/a"] = b"isi"
    served.client().get(f"{served.url}/a")
    assert seen == [None]
