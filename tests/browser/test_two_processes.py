"""Two processes of the app behind one port, on one PostGIS database."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from coverage.store import Store, open_store
from coverage.web.server.processes import COOKIE
from coverage.web.tickets import named
from tests.browser.by_socket import visiting
from tests.browser.conftest import ADMIN, EDITED, PASSWORD, Server, patience, served
from tests.browser.test_by_request import TYPED, ask, redeemed, ticket_for


@pytest.fixture(scope="module")
def both(office_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("dua"), "--processes", "2", database=office_database) as server:
        for number in (0, 1):
            with visiting(server.url, process=of(server, number)) as visit:
                visit.run()
        yield server


def of(server: Server, number: int) -> str:
    """The cookie that keeps a visitor with a process."""
    return f"{named(COOKIE, {'host': urlsplit(server.url).netloc})}={number}"


@pytest.fixture
def kept(office_database: str) -> Iterator[Store]:
    store = open_store(office_database)
    yield store
    store.close()


def test_a_session_counts_in_both_and_a_ticket_only_where_it_was_given(both: Server) -> None:
    here, there = of(both, 0), of(both, 1)
    with visiting(both.url, process=here) as visit:
        ticket = ticket_for(visit)
    assert redeemed(both, ticket, there)[0] == 403
    status, headers = redeemed(both, ticket, here)  # refused there, it is none the worse here
    assert status == 204
    token = headers["set-cookie"].partition("=")[2].partition(";")[0]
    with visiting(both.url, token, process=there) as leaving, visiting(both.url, token, process=here) as staying:
        for visit in (staying, leaving):
            visit.run()
            assert visit.button("Keluar")
        leave = leaving.button("Keluar")
        assert leave
        leaving.run({leave: True})
        staying.run()
        assert staying.button("Keluar") is None


def save(server: Server, process: str, token: str, name: str) -> str:
    """Change the name of the first asset; what the page said."""
    with visiting(server.url, token, process=process) as editor:
        editor.run()
        table, typed = editor.table(), {**TYPED, "edited_rows": {"0": {"name": name}}}
        editor.run({table: typed})
        button = editor.button("Simpan 1 aset")
        assert button
        editor.run({table: typed, button: True})
        return editor.said()


def test_what_is_saved_in_one_is_shown_in_the_other_within_a_second(both: Server, kept: Store) -> None:
    here, there = of(both, 0), of(both, 1)
    token = kept.accounts.sign_in("budi", PASSWORD)
    for at, (writes, reads) in enumerate([(here, there), (there, here)]):
        name = f"Dari seberang {at}"
        with visiting(both.url, token, process=reads) as reader:
            reader.run()
            assert name.encode() not in b"".join(one.dataframe.arrow_data.data for one in reader.elements)
            save(both, writes, token, name)
            begun = time.monotonic()
            reader.run()
            assert name.encode() in b"".join(one.dataframe.arrow_data.data for one in reader.elements)
            assert time.monotonic() - begun < patience()


def test_two_editors_of_one_row_lose_nothing(both: Server, kept: Store) -> None:
    """Each has typed over what the other has: the second is told, and the first's words stay."""
    token, other = kept.accounts.sign_in("budi", PASSWORD), kept.accounts.sign_in("ani", PASSWORD)
    before = int(kept.assets.one(EDITED, viewer=ADMIN)["version"].iloc[0])
    with visiting(both.url, other, process=of(both, 1)) as late:
        late.run()
        table, typed = late.table(), {**TYPED, "edited_rows": {"0": {"name": "Yang kedua"}}}
        late.run({table: typed})
        button = late.button("Simpan 1 aset")
        assert button
        save(both, of(both, 0), token, "Yang pertama")
        late.run({table: typed, button: True})
        said = late.said()
    row = kept.assets.one(EDITED, viewer=ADMIN).iloc[0]
    assert (row["name"], int(row["version"])) == ("Yang pertama", before + 1)
    assert "Yang pertama" in said
    assert "Yang kedua" in said


def test_a_visitor_stays_with_one_process_and_one_that_dies_is_replaced(both: Server) -> None:
    asked = [ask(f"{both.url}/")[2]["set-cookie"] for _ in range(2)]
    assert {one.partition(";")[0] for one in asked} == {of(both, 0), of(both, 1)}  # newcomers in turns
    assert "set-cookie" not in ask(f"{both.url}/", cookies=of(both, 1))[2]
    with visiting(both.url, process=of(both, 1)) as stays:
        stays.run()
        (first, *_) = _children(both)
        os.kill(first, signal.SIGKILL)
        stays.run()
        with visiting(both.url, process=of(both, 0)) as again:  # waits for the new one, or is taken in by the other
            again.run()
            assert again.elements
    until = time.monotonic() + 10 * patience()
    while len(_children(both)) < 2 and time.monotonic() < until:  # one that had hardly served waits a second
        time.sleep(0.1)
    assert first not in _children(both)
    assert len(_children(both)) == 2


def _children(server: Server) -> list[int]:
    pid = server.process.pid
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
