"""Two processes of the app, each with a data folder of its own, on one PostGIS database."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from coverage.store import Store, open_store
from tests.browser.by_socket import visiting
from tests.browser.conftest import ADMIN, EDITED, PASSWORD, Server, patience, served
from tests.browser.test_by_request import TYPED, redeemed, ticket_for


@pytest.fixture(scope="module")
def both(office_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    left, right = (tmp_path_factory.mktemp(name) for name in ("kiri", "kanan"))
    with served(left, database=office_database) as here, served(right, database=office_database) as there:
        yield here, there


@pytest.fixture
def kept(office_database: str) -> Iterator[Store]:
    store = open_store(office_database)
    yield store
    store.close()


def test_a_session_counts_in_both_and_a_ticket_only_where_it_was_given(both: tuple[Server, Server]) -> None:
    here, there = both
    with visiting(here.url) as visit:
        ticket = ticket_for(visit)
    assert redeemed(there, ticket)[0] == 403
    status, headers = redeemed(here, ticket)  # refused there, it is none the worse here
    assert status == 204
    token = headers["set-cookie"].partition("=")[2].partition(";")[0]
    for server in both:
        with visiting(server.url, token) as visit:
            visit.run()
            assert visit.button("Keluar")
    with visiting(there.url, token) as leaving, visiting(here.url, token) as staying:
        staying.run()
        leaving.run()
        leave = leaving.button("Keluar")
        assert leave
        leaving.run({leave: True})
        staying.run()
        assert staying.button("Keluar") is None


def save(server: Server, token: str, name: str) -> str:
    """Change the name of the first asset; what the page said."""
    with visiting(server.url, token) as editor:
        editor.run()
        table, typed = editor.table(), {**TYPED, "edited_rows": {"0": {"name": name}}}
        editor.run({table: typed})
        button = editor.button("Simpan 1 aset")
        assert button
        editor.run({table: typed, button: True})
        return editor.said()


def test_what_is_saved_in_one_is_shown_in_the_other_within_two_seconds(
    both: tuple[Server, Server], kept: Store
) -> None:
    here, there = both
    token = kept.accounts.sign_in("budi", PASSWORD)
    for at, (writes, reads) in enumerate([(here, there), (there, here)]):
        name = f"Dari seberang {at}"
        with visiting(reads.url, token) as reader:
            reader.run()
            assert name.encode() not in b"".join(one.dataframe.arrow_data.data for one in reader.elements)
            save(writes, token, name)
            begun = time.monotonic()
            reader.run()
            assert name.encode() in b"".join(one.dataframe.arrow_data.data for one in reader.elements)
            assert time.monotonic() - begun < 2 * patience()


def test_two_editors_of_one_row_lose_nothing(both: tuple[Server, Server], kept: Store) -> None:
    """Each has typed over what the other has: the second is told, and the first's words stay."""
    here, there = both
    token, other = kept.accounts.sign_in("budi", PASSWORD), kept.accounts.sign_in("ani", PASSWORD)
    before = int(kept.assets.one(EDITED, viewer=ADMIN)["version"].iloc[0])
    with visiting(there.url, other) as late:
        late.run()
        table, typed = late.table(), {**TYPED, "edited_rows": {"0": {"name": "Yang kedua"}}}
        late.run({table: typed})
        button = late.button("Simpan 1 aset")
        assert button
        save(here, token, "Yang pertama")
        late.run({table: typed, button: True})
        said = late.said()
    row = kept.assets.one(EDITED, viewer=ADMIN).iloc[0]
    assert (row["name"], int(row["version"])) == ("Yang pertama", before + 1)
    assert "Yang pertama" in said
    assert "Yang kedua" in said
