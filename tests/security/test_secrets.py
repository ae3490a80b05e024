"""No secret where others read: in a traceback, a message, a file. Each trial is also made without the defence."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa

from coverage.base.errors import ParameterError, UnavailableError
from coverage.language.words import Words
from coverage.store import Store, accounts, engine, open_store
from coverage.store.engine import address
from tests.store.stores import ADMIN

PASSWORD = "kopi tubruk panas sekali"
MISTYPED = "postgresql://eko:kopi@tubruk:panas@basisdata/inventaris"
"""A password with an @ that was not written as %40: what comes after it is taken for a host and a port."""


NOT_THERE = "postgresql://eko:panas@127.0.0.1:1/inventaris"


def told(error: BaseException) -> str:
    """Everything that a log or a screen would show of an error."""
    return "".join(traceback.format_exception(error)) + repr(error)


@pytest.mark.parametrize("url", [MISTYPED, "mysql://eko:kopi%40panas@basisdata/x"])
def test_an_address_that_cannot_be_read_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ParameterError) as refused:
        address(url)
    for language in ("id", "en"):
        assert "panas" not in told(refused.value) + Words(language).error(refused.value)  # type: ignore[arg-type]


def test_the_library_itself_would_repeat_it() -> None:
    with pytest.raises(ValueError, match="panas"):
        sa.make_url(MISTYPED)


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    with pytest.raises(UnavailableError) as refused:
        open_store(NOT_THERE)
    assert "panas" not in told(refused.value)


def broken(store: Store) -> str:
    """What an error of the database's tells while an account is being made."""
    with store.database.transaction() as (connection, _):
        connection.exec_driver_sql("ALTER TABLE users RENAME COLUMN role TO peran")
    with pytest.raises(sa.exc.DBAPIError) as refused:
        store.accounts.add("budi", "viewer", PASSWORD, ADMIN)
    return told(refused.value)


def test_an_error_of_the_database_tells_no_values(store: Store) -> None:
    assert "$argon2" not in broken(store)


def test_without_hiding_them_the_hash_of_the_password_would_stand_there(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = sa.create_engine
    monkeypatch.setattr(engine.sa, "create_engine", lambda *a, **k: made(*a, **{**k, "hide_parameters": False}))
    store = open_store(sqlite_url)
    assert "$argon2" in broken(store)
    store.close()


class _AsTheyAre:
    """Instead of a hash: the password itself."""

    def hash(self, password: str) -> str:
        return password


def in_the_file(path: str) -> bool:
    return PASSWORD.encode() in b"".join(part.read_bytes() for part in Path(path).parent.glob("jangkau.db*"))


def test_the_file_of_the_inventory_holds_no_password_and_no_session(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    store.accounts.add("ani", "admin", PASSWORD, ADMIN)
    token = store.accounts.sign_in("ani", PASSWORD)
    store.close()
    assert not in_the_file(sqlite_url)
    assert token.encode() not in Path(sqlite_url).read_bytes()


def test_without_hashing_the_password_would_stand_in_the_file(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_hasher", _AsTheyAre())
    store = open_store(sqlite_url)
    store.accounts.add("ani", "admin", PASSWORD, ADMIN)
    store.close()
    assert in_the_file(sqlite_url)


def test_a_backup_holds_no_session(store: Store, tmp_path: Path) -> None:
    store.accounts.add("ani", "admin", PASSWORD, ADMIN)
    token = store.accounts.sign_in("ani", PASSWORD)
    store.backups.make(tmp_path / "a.zip", ADMIN)
    store.backups.restore(tmp_path / "a.zip", ADMIN)
    assert store.accounts.signed_in(token) is None


def test_without_ending_the_session_before_its_cookie_would_go_on_working(store: Store) -> None:
    """Signing in ends it (tests/store/test_accounts.py); here it is not told which one it was."""
    store.accounts.add("ani", "admin", PASSWORD, ADMIN)
    first = store.accounts.sign_in("ani", PASSWORD)
    kept = store.accounts.sign_in("ani", PASSWORD)
    assert store.accounts.signed_in(first)
    assert store.accounts.signed_in(store.accounts.sign_in("ani", PASSWORD, old_token=kept))
    assert store.accounts.signed_in(kept) is None


def test_without_the_check_cameras_would_be_shown_to_anybody(three: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from coverage.store import permissions

    assert "cctv" not in set(three.assets.table()["kind"])
    monkeypatch.setitem(permissions.GRANTS, "anonymous", frozenset({"view", "view_cctv"}))
    assert "cctv" in set(three.assets.table()["kind"])
