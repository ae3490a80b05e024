"""``jangkau serve`` starts the app for this computer only."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from coverage.cli import serve as command
from coverage.cli.app import run
from coverage.run.sources import Sources
from coverage.web.server.serving import FIRST_PORT, listen, url_of
from coverage.web.start_token import start_path

ROOT = Path(__file__).parents[2]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(
        command,
        "_run",
        lambda listening, opened, processes: calls.append(
            {
                "url": url_of(listening),
                "opened": opened,
                "sources": Sources.from_environment(),
                "lang": os.environ["JANGKAU_LANG"],
            }
        ),
    )
    return calls


def test_with_no_arguments_the_region_that_ships_opens_in_the_browser(
    started: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve"]) == 0
    assert started[0]["sources"] == Sources()
    assert started[0]["lang"] == "id"
    assert started[0]["opened"] == started[0]["url"] + start_path()
    assert started[0]["opened"] in capsys.readouterr().out


def test_files_and_language_reach_the_app(started: list[dict[str, Any]]) -> None:
    assert (
        run(
            [
                "serve",
                "--region",
                "desa.geojson",
                "--assets",
                "a.csv",
                "--assets",
                "b.csv",
                "--evidence",
                "e.csv",
                "--no-browser",
                "--port",
                "0",
                "--lang",
                "en",
            ]
        )
        == 0
    )
    assert started[0]["sources"] == Sources(
        region="desa.geojson", assets=(Path("a.csv"), Path("b.csv")), evidence=(Path("e.csv"),)
    )
    assert (started[0]["lang"], started[0]["opened"]) == ("en", None)


def test_the_base_path_is_in_the_address_that_is_opened(
    started: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", "--base-path", "jangkau/"]) == 0
    assert started[0]["opened"].startswith(started[0]["url"] + "/jangkau/mulai?kunci=")
    assert run(["serve", "--base-path", "/a b"]) == 2
    assert "--base-path" in capsys.readouterr().err


def test_a_port_in_use_is_refused_where_named_and_passed_over_where_not(capsys: pytest.CaptureFixture[str]) -> None:
    with listen(0) as taken:
        port = taken.getsockname()[1]
        assert run(["serve", "--no-browser", "--port", str(port)]) == 2
        assert "--port" in capsys.readouterr().err
    with listen() as first, listen() as second:
        assert FIRST_PORT <= first.getsockname()[1] < second.getsockname()[1]


def test_an_address_of_another_computer_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_path", lambda _: "")
    assert run(["serve", "--no-browser", "--address", "192.0.2.7"]) == 2
    assert "--address" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:"),
        ("0.0.0.0", "http://127.0.0.1:"),
        ("::1", "http://[::1]:"),
        ("::", "http://[::1]:"),
    ],
)
def test_each_address_is_listened_on_and_said_as_a_browser_takes_it(address: str, url: str) -> None:
    with listen(0, address) as listening:
        assert url_of(listening).startswith(url)


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """The smallest app."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ya"})


SERVER = """
from coverage.web.server.app import OPTIONS
from coverage.web.server.serving import listen, run, url_of
from tests.web.test_serve import answer
listening = listen(0)
print(url_of(listening), flush=True)
run(answer, listening, OPTIONS, url_of(listening))
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="the browser is named by BROWSER on POSIX only")
def test_the_server_answers_opens_the_browser_and_ends_when_told_to(tmp_path: Path) -> None:
    browser = tmp_path / "browser.sh"
    browser.write_text(f"#!/bin/sh\necho \"$1\" > '{tmp_path}/opened'\n", "utf-8")
    browser.chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "BROWSER": f"{browser} %s"}
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], cwd=tmp_path, env=environment, text=True, stdout=subprocess.PIPE
    ) as server:
        try:
            assert server.stdout
            url = server.stdout.readline().strip()
            with urllib.request.urlopen(url, timeout=60) as answered:
                assert answered.read() == b"ya"
            deadline = time.monotonic() + 60
            while not (tmp_path / "opened").exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            assert (tmp_path / "opened").read_text("utf-8").strip() == url
            server.send_signal(signal.SIGINT)
            server.wait(60)
        finally:
            server.kill()


def test_what_is_accepted_sends_small_answers_at_once() -> None:
    """A connection has the protocol and the option of the socket it was accepted from: asyncio asks for the first."""
    with listen(0) as listening, socket.create_connection(listening.getsockname()):
        listening.setblocking(True)
        with listening.accept()[0] as accepted:
            assert accepted.proto == socket.IPPROTO_TCP
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
