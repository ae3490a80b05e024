"""``jangkau serve`` starts the app for this computer only."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest
import typer

from coverage.cli import serve as command
from coverage.cli.app import run
from coverage.run.sources import Sources


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(
        command,
        "_run",
        lambda port, address, headless: calls.append(
            {
                "port": port,
                "headless": headless,
                "sources": Sources.from_environment(),
                "lang": os.environ["JANGKAU_LANG"],
            }
        ),
    )
    for name in (*Sources().to_environment(), "JANGKAU_LANG"):
        monkeypatch.setenv(name, "")  # so that what the command sets is taken back afterwards
    return calls


def test_with_no_arguments_the_region_that_ships_opens_in_the_browser(
    started: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve"]) == 0
    assert started[0]["sources"] == Sources()
    assert (started[0]["headless"], started[0]["lang"]) == (False, "id")
    assert f"http://127.0.0.1:{started[0]['port']}" in capsys.readouterr().out


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
    assert (started[0]["headless"], started[0]["lang"]) == (True, "en")


def test_a_port_in_use_is_refused_where_named_and_passed_over_where_not() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(typer.BadParameter):
            command.free_port(port)
        assert command.free_port(0) not in (0, port)
