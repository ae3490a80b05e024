"""PostgreSQL goes away in the middle of a save: rolled back, tried once more, and never kept twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from coverage.base.errors import UnavailableError
from coverage.store import Store, database, open_store
from tests.faults import trials
from tests.store.stores import EDITOR, VIEWER, Cluster, administer, copy_of, make_assets


@pytest.fixture
def store(postgis_url: str) -> Iterator[Store]:
    opened = open_store(postgis_url)
    opened.assets.add(make_assets({}), EDITOR)
    yield opened
    opened.close()


def backend(connection: Any) -> int:
    return int(connection.info.backend_pid)


def terminate(url: str, pid: int) -> None:
    administer(url, f"SELECT pg_terminate_backend({pid})")


def once_before(store: Store, statement: int, strike: Callable[[int], None]) -> None:
    """Strike right before the n-th statement of the store's next transaction, once."""
    seen = 0

    @event.listens_for(store.database.engine, "before_cursor_execute")
    def _strike(connection: sa.Connection, *_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            strike(backend(connection.connection.driver_connection))


@pytest.mark.parametrize("statement", range(1, 8))
def test_a_connection_lost_before_any_statement_is_made_good(store: Store, postgis_url: str, statement: int) -> None:
    once_before(store, statement, lambda pid: terminate(postgis_url, pid))
    assert store.assets.change("wifi-1", 1, {"note": "tersimpan"}, EDITOR) == 2
    assert [line.version for line in store.history.of("wifi-1", VIEWER)] == [1, 2]
    assert trials.half_done(store) == []


def lose_the_answer(store: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server keeps the next change and dies before it says so."""
    commit = store.database.engine.dialect.do_commit

    def kept_but_not_told(connection: Any) -> None:
        monkeypatch.undo()
        commit(connection)
        terminate(url, backend(connection.driver_connection))
        connection.execute("SELECT 1")

    monkeypatch.setattr(store.database.engine.dialect, "do_commit", kept_but_not_told)


def test_a_change_that_was_kept_without_an_answer_is_not_made_twice(
    store: Store, postgis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_the_answer(store, postgis_url, monkeypatch)
    made = store.assets.add(make_assets({"asset_id": None}), EDITOR)
    assert made == ["wifi-00001"]
    assert list(store.assets.table()["asset_id"]) == ["wifi-00001", "wifi-1"]


def test_without_a_name_for_the_change_it_would_be_made_twice(
    store: Store, postgis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defence taken out: every try goes by a name of its own."""
    lose_the_answer(store, postgis_url, monkeypatch)
    once = database.Database._once
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            database.Database,
            "_once",
            lambda self, who, action, work, note, _: once(self, who, action, work, note, database.new_change_id()),
        )
        store.assets.add(make_assets({"asset_id": None}), EDITOR)
    assert list(store.assets.table()["asset_id"]) == ["wifi-00001", "wifi-00002", "wifi-1"]


@pytest.fixture
def database_url(cluster_template: tuple[str, str]) -> Iterator[str]:
    """A database on a server that may be stopped."""
    with copy_of(cluster_template) as url:
        yield url


def test_a_server_that_falls_in_the_middle_of_a_save_keeps_the_old_state(cluster: Cluster, database_url: str) -> None:
    store = open_store(database_url)
    store.assets.add(make_assets({}), EDITOR)
    once_before(store, 5, lambda _: cluster.stop("immediate"))
    with pytest.raises(UnavailableError, match="store.lost"):
        store.assets.change("wifi-1", 1, {"note": "x"}, EDITOR)
    with pytest.raises(UnavailableError, match="store.lost"):
        store.assets.table()
    cluster.start()
    assert [line.version for line in store.history.of("wifi-1", VIEWER)] == [1]
    assert trials.half_done(store) == []
    assert store.assets.change("wifi-1", 1, {"note": "x"}, EDITOR) == 2
    store.close()


def test_a_server_that_falls_and_comes_back_keeps_the_change_once(cluster: Cluster, database_url: str) -> None:
    store = open_store(database_url)
    store.assets.add(make_assets({}), EDITOR)

    def restart(_: int) -> None:
        cluster.stop("immediate")
        cluster.start()

    once_before(store, 5, restart)
    assert store.assets.change("wifi-1", 1, {"note": "x"}, EDITOR) == 2
    assert [line.version for line in store.history.of("wifi-1", VIEWER)] == [1, 2]
    store.close()
