"""A real PostgreSQL that hangs, and one that stops: pages say so in time, show the last run, and go on by themselves."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WAIT, Server, served
from tests.store.stores import Cluster

AWAY = "Basis data tidak menjawab"
Away = Callable[[Cluster], contextlib.AbstractContextManager[None]]


@pytest.fixture(scope="module")
def office(office_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("office"), database=office_database) as server:
        yield server


def processes(cluster: Cluster) -> list[int]:
    """The database server and its children, itself first."""
    first = int((Path(cluster.data) / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    return [first, *map(int, children)]


@contextlib.contextmanager
def hanging(cluster: Cluster) -> Iterator[None]:
    stopped = processes(cluster)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def stopped(cluster: Cluster) -> Iterator[None]:
    cluster.stop("immediate")
    try:
        yield
    finally:
        cluster.start()


def health(server: Server) -> int:
    try:
        with urllib.request.urlopen(f"{server.url}/sehat", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("away", [hanging, stopped])
def test_pages_say_so_show_the_last_run_and_go_on(
    office: Server, cluster: Cluster, browser: Browser, away: Away
) -> None:
    page: Page = browser.new_page()
    page.set_default_timeout(WAIT)
    page.goto(f"{office.url}/prioritas")
    last = page.get_by_text("Nomor hitungan").first
    expect(last).to_be_visible(timeout=WAIT)
    said = page.get_by_text("Yang tampil adalah hitungan terakhir")
    with away(cluster):
        time.sleep(2.2)  # an answer counts for two seconds
        begun = time.monotonic()
        page.reload()
        expect(said.first).to_be_visible(timeout=WAIT)
        expect(last).to_be_visible(timeout=WAIT)
        assert time.monotonic() - begun < 30
        assert health(office) == 503
    expect(said).to_have_count(0, timeout=WAIT)
    deadline = time.monotonic() + 60
    while health(office) != 200 and time.monotonic() < deadline:
        time.sleep(1)
    assert health(office) == 200
    page.close()
