"""Accounts: passwords, slowed sign-ins, sessions."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
import threading
import traceback
from typing import Literal

import argon2
import pytest
import sqlalchemy as sa

from coverage.base.errors import PermissionDeniedError, RowError, StoreError
from coverage.store import Actor, Store, accounts, sign_in_attempts
from tests.store.stores import ADMIN, HASHER, Clock

PASSWORD = "kopi tubruk di Blitar"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A try whose turn has not come is refused at once, but where a test lets it wait."""
    monkeypatch.setattr(sign_in_attempts, "PATIENCE_S", 0)


@pytest.fixture
def staffed(store: Store) -> Store:
    """A store with an admin and an editor."""
    store.accounts.add("Adi", "admin", PASSWORD, ADMIN)
    store.accounts.add("eko", "editor", PASSWORD, ADMIN)
    return store


def test_who_signs_in_has_the_role_of_the_account(staffed: Store) -> None:
    assert staffed.accounts.signed_in(staffed.accounts.sign_in("eko", PASSWORD)) == Actor("eko", "editor")
    assert staffed.accounts.signed_in(staffed.accounts.sign_in(" ADI ", PASSWORD)) == Actor("adi", "admin")
    assert staffed.accounts.signed_in("bukan token") is None


def test_a_role_that_is_changed_counts_at_once(staffed: Store) -> None:
    token = staffed.accounts.sign_in("eko", PASSWORD)
    staffed.accounts.set_role("eko", "viewer", ADMIN)
    assert staffed.accounts.signed_in(token) == Actor("eko", "viewer")


@pytest.mark.parametrize(
    ("name", "password"), [("eko", "salah sama sekali"), ("tidak-ada", PASSWORD), ("eko", ""), ("", "")]
)
def test_a_wrong_name_and_a_wrong_password_are_told_alike(staffed: Store, name: str, password: str) -> None:
    with pytest.raises(PermissionDeniedError) as refused:
        staffed.accounts.sign_in(name, password)
    assert refused.value.code == "store.wrong_password"
    assert refused.value.details == {}


def test_passwords_are_hashed_as_owasp_advises_at_least() -> None:
    assert HASHER.type is argon2.Type.ID
    assert (HASHER.memory_cost, HASHER.time_cost) >= (19 * 1024, 2)
    assert HASHER.hash_len >= 32


def test_passwords_and_tokens_are_kept_as_hashes_only(staffed: Store) -> None:
    token = staffed.accounts.sign_in("eko", PASSWORD)
    with staffed.database.reading() as connection:
        hashed = connection.execute(sa.text("SELECT password_hash FROM users WHERE name = 'eko'")).scalar()
        everything = "".join(
            str(connection.execute(sa.text(f"SELECT * FROM {table}")).all())
            for table in ("users", "sessions", "attempts", "journal")
        )
    assert hashed.startswith("$argon2id$")
    assert PASSWORD not in everything
    assert token not in everything


def failures(store: Store, clock: Clock, name: str, count: int) -> None:
    for _ in range(count):
        clock.wait(1000)
        with pytest.raises(PermissionDeniedError, match="store.wrong_password"):
            store.accounts.sign_in(name, "salah sama sekali")


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes on only when it is told to."""
    monkeypatch.setattr(Clock, "__call__", lambda self: self.now)


@pytest.mark.usefixtures("still")
def test_failed_sign_ins_are_slowed_more_and_more(staffed: Store, clock: Clock) -> None:
    waits = []
    for _ in range(sign_in_attempts.FREE_FAILURES + 12):
        with pytest.raises(PermissionDeniedError, match="store.wrong_password"):
            staffed.accounts.sign_in("eko", "salah sama sekali")
        try:
            staffed.accounts.sign_in("eko", PASSWORD if waits else "salah sama sekali")
        except PermissionDeniedError as error:
            if error.code == "store.slowed":
                waits.append(error.details["seconds"])
                clock.wait(error.details["seconds"])
    assert waits[:4] == [1, 2, 4, 8]
    assert set(waits[4:]) == {sign_in_attempts.LONGEST_WAIT_S} == {8}


def test_the_right_password_is_not_even_looked_at_while_waiting(staffed: Store, clock: Clock) -> None:
    for _ in range(sign_in_attempts.FREE_FAILURES):
        with pytest.raises(PermissionDeniedError):
            staffed.accounts.sign_in("eko", "salah sama sekali")
    failures(staffed, clock, "eko", 5)
    with pytest.raises(PermissionDeniedError, match="store.slowed"):
        staffed.accounts.sign_in("eko", PASSWORD)
    assert staffed.accounts.signed_in(staffed.accounts.sign_in("adi", PASSWORD))  # others are not locked out by it
    clock.wait(300)
    assert staffed.accounts.signed_in(staffed.accounts.sign_in("eko", PASSWORD))
    with pytest.raises(PermissionDeniedError, match="store.wrong_password"):  # and the count begins anew
        staffed.accounts.sign_in("eko", "salah sama sekali")


def let_wait(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> list[float]:
    """Let tries wait, without taking the time; how long each waited."""
    slept: list[float] = []
    monkeypatch.setattr(sign_in_attempts, "PATIENCE_S", 20.0)
    monkeypatch.setattr(sign_in_attempts, "_sleep", lambda seconds: (slept.append(seconds), clock.wait(seconds)))
    return slept


@pytest.mark.usefixtures("still")
def test_a_right_password_counts_from_the_address_of_many_failures_too_only_later(
    staffed: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = let_wait(monkeypatch, clock)
    for _ in range(60):
        with pytest.raises(PermissionDeniedError, match="store.wrong_password"):
            staffed.accounts.sign_in("eko", "salah sama sekali", address="203.0.113.9")
    assert slept[:5] == [1, 2, 4, 8, 8]  # and so a guesser has one try in eight seconds
    assert len(slept) >= 57
    slept.clear()
    assert staffed.accounts.signed_in(staffed.accounts.sign_in("eko", PASSWORD, address="203.0.113.9"))
    assert sum(slept) <= sign_in_attempts.LONGEST_WAIT_S


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("limit", ["MOST_WAITING", "MOST_OF_SOURCE"])
def test_no_more_than_so_many_wait_at_once(staffed: Store, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    for _ in range(sign_in_attempts.FREE_FAILURES):
        with pytest.raises(PermissionDeniedError, match="store.wrong_password"):
            staffed.accounts.sign_in("eko", "salah sama sekali")
    monkeypatch.setattr(sign_in_attempts, "PATIENCE_S", 20.0)
    monkeypatch.setattr(sign_in_attempts, limit, 2)
    go_on, asleep = threading.Event(), threading.Semaphore(0)

    def sleep(_: float) -> None:
        asleep.release()
        go_on.wait(20)

    monkeypatch.setattr(sign_in_attempts, "_sleep", sleep)
    codes: list[str] = []

    def guess() -> None:
        with pytest.raises(PermissionDeniedError) as refused:
            staffed.accounts.sign_in("eko", "salah sama sekali")
        codes.append(refused.value.code)

    threads = [threading.Thread(target=guess) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert asleep.acquire(timeout=20)
    with pytest.raises(PermissionDeniedError, match="store.slowed"):  # the third, at once
        staffed.accounts.sign_in("eko", PASSWORD)
    assert codes == []
    monkeypatch.setattr(sign_in_attempts.Attempts, "_count", lambda *_: None)  # their turn
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert codes == ["store.wrong_password"] * 2
    assert staffed.accounts.sign_in("eko", PASSWORD)


def test_without_slowing_a_guesser_would_find_the_password(staffed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The defence taken out: no failure counts, and the 21st guess is in."""
    monkeypatch.setattr(sign_in_attempts.Attempts, "_count", lambda *_: None)
    for _ in range(20):
        with pytest.raises(PermissionDeniedError, match="store.wrong_password"):
            staffed.accounts.sign_in("eko", "salah sama sekali")
    assert staffed.accounts.sign_in("eko", PASSWORD)


def test_with_slowing_the_same_guesser_is_stopped(staffed: Store) -> None:
    codes = []
    for guess in ["salah sama sekali"] * 20 + [PASSWORD]:
        with pytest.raises(PermissionDeniedError) as refused:
            staffed.accounts.sign_in("eko", guess)
        codes.append(refused.value.code)
    assert codes.count("store.wrong_password") < 10
    assert codes[-1] == "store.slowed"


@pytest.mark.usefixtures("still")
def test_guesses_at_once_count_one_by_one(staffed: Store) -> None:
    codes: list[str] = []

    def guess() -> None:
        try:
            staffed.accounts.sign_in("eko", "salah sama sekali")
        except PermissionDeniedError as error:
            codes.append(error.code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(codes) == 12
    assert codes.count("store.wrong_password") == sign_in_attempts.FREE_FAILURES


class Quick(accounts.argon2.PasswordHasher):
    """Knows the right password without computing."""

    def verify(self, _: object, password: str | bytes) -> Literal[True]:
        if password != PASSWORD:
            raise accounts.argon2.exceptions.VerifyMismatchError
        return True

    def check_needs_rehash(self, *_: object) -> bool:
        return False


@pytest.mark.slow
@pytest.mark.usefixtures("still")
def test_a_thousand_tries_a_minute_from_one_address_keep_nobody_elsewhere_out(
    staffed: Store, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(accounts, "_hasher", Quick())
    codes = []
    for number in range(1000):
        clock.wait(0.06)
        name = ("eko", "adi", f"orang-{number}")[number % 3]
        with pytest.raises(PermissionDeniedError) as refused:
            staffed.accounts.sign_in(name, "salah sama sekali", address="203.0.113.9")
        codes.append(refused.value.code)
        if number % 100 == 99:
            assert staffed.accounts.sign_in("eko", PASSWORD, address="203.0.113.10")
    assert codes.count("store.wrong_password") < 120  # once a second, after the first thirty


@pytest.mark.usefixtures("still")
def test_without_telling_addresses_apart_a_stranger_would_keep_everybody_out(
    staffed: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defence taken out: all failures count together."""
    monkeypatch.setattr(accounts, "_hasher", Quick())
    monkeypatch.setattr(sign_in_attempts, "_counter", lambda *parts: "|".join(parts[2:]))
    for _ in range(5):
        with pytest.raises(PermissionDeniedError):
            staffed.accounts.sign_in("eko", "salah sama sekali", address="203.0.113.9")
    with pytest.raises(PermissionDeniedError, match="store.slowed"):
        staffed.accounts.sign_in("eko", PASSWORD, address="203.0.113.10")


@pytest.mark.slow
@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("defended", [True, False])
def test_a_flood_from_the_same_address_keeps_a_known_device_not_out_and_without_its_cookie_it_would(
    staffed: Store, monkeypatch: pytest.MonkeyPatch, clock: Clock, defended: bool
) -> None:
    """A stranger behind the office's own address, with ten tries a second; no try waits, so a turn has to be free."""
    monkeypatch.setattr(accounts, "_hasher", Quick())
    if not defended:
        monkeypatch.setattr(sign_in_attempts, "_signature", lambda *_: secrets.token_hex(16))  # none is ever right
    device = staffed.accounts.device("eko")
    entered = 0
    for number in range(600):
        clock.wait(0.1)
        with pytest.raises(PermissionDeniedError):
            staffed.accounts.sign_in("eko", "salah sama sekali", address="203.0.113.9")
        if number % 100 == 50:
            with contextlib.suppress(PermissionDeniedError):
                entered += bool(staffed.accounts.sign_in("eko", PASSWORD, address="203.0.113.9", device=device))
    assert entered == (6 if defended else 0)


@pytest.mark.usefixtures("still")
def test_a_device_is_slowed_by_itself_and_its_cookie_is_good_for_its_accounts_only(
    staffed: Store, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(accounts, "_hasher", Quick())
    attempts, shared = staffed.accounts._attempts, staffed.accounts.device("eko")
    shared = staffed.accounts.device("adi", shared)  # two people at one computer

    def known(account: str, device: str) -> bool:
        return attempts.source(account, "203.0.113.9", device)[0] == "device"

    name, signature = staffed.accounts.device("eko").split(".")
    assert known("eko", shared)
    assert known("adi", shared)
    for account, forged in (
        ("adi", f"{name}.{signature}"),  # of another account
        ("eko", f"{'0' * 32}.{signature}"),  # of another browser
        ("tiada", shared),
        ("eko", name),
        ("eko", f"{name}."),
        ("eko", f"{name}.ÿ"),
        ("eko", ""),
    ):
        assert not known(account, forged)
    assert len(staffed.accounts.device("eko", ".".join([name, *"abcdefgh"])).split(".")) <= 6
    codes = []
    for _ in range(10):
        with pytest.raises(PermissionDeniedError) as refused:
            staffed.accounts.sign_in("eko", "salah sama sekali", device=shared)
        codes.append(refused.value.code)
    assert codes.count("store.wrong_password") == sign_in_attempts.FREE_FAILURES
    assert staffed.accounts.sign_in("eko", PASSWORD, address="203.0.113.9")  # a stolen cookie locks nobody out
    staffed.accounts.set_password("eko", "dari admin sekarang", ADMIN)
    assert not known("eko", shared)
    assert known("adi", shared)


def test_a_network_of_ipv6_counts_as_one_address() -> None:
    """One customer has 2**64 of them: each would bring three more tries."""
    networks = {sign_in_attempts.network(f"2001:db8:1:2::{last:x}") for last in range(50)}
    assert networks == {"2001:db8:1:2::/64"}
    assert sign_in_attempts.network("2001:db8:1:3::1") not in networks
    assert sign_in_attempts.network("::ffff:203.0.113.9") == sign_in_attempts.network("203.0.113.9") == "203.0.113.9"
    assert sign_in_attempts.network("") == ""


@pytest.mark.usefixtures("still")
def test_the_answer_does_not_tell_which_names_are_accounts(staffed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_hasher", Quick())

    def told(name: str) -> list[str]:
        codes = []
        for _ in range(6):
            with pytest.raises(PermissionDeniedError) as refused:
                staffed.accounts.sign_in(name, "salah sama sekali", address="203.0.113.9")
            codes.append(str(refused.value))
        return codes

    assert told("eko") == told("tiada")
    with staffed.database.reading() as connection:
        kept = str(connection.execute(sa.text("SELECT * FROM attempts")).all())
    assert "eko" not in kept
    assert "203.0.113.9" not in kept


@pytest.mark.usefixtures("still")
def test_attempts_are_forgotten_after_a_while(staffed: Store, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(accounts, "_hasher", Quick())
    for number in range(40):
        with pytest.raises(PermissionDeniedError):
            staffed.accounts.sign_in(f"orang-{number}", "x", address=f"198.51.100.{number}")
    clock.wait(2 * sign_in_attempts.FORGOTTEN.total_seconds())
    assert staffed.accounts.sign_in("eko", PASSWORD)
    with staffed.database.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM attempts")).scalar() <= 2


@pytest.mark.usefixtures("still")
def test_a_clock_that_was_years_ahead_for_a_moment_locks_nobody_out_and_keeps_no_session(
    staffed: Store, clock: Clock
) -> None:
    right, years = clock.now, dt.timedelta(days=3 * 365)
    clock.now = right + years
    ahead = staffed.accounts.sign_in("adi", PASSWORD)
    for _ in range(sign_in_attempts.FREE_FAILURES + 1):
        with pytest.raises(PermissionDeniedError):
            staffed.accounts.sign_in("eko", "salah sama sekali")
    staffed.accounts.set_role("eko", "editor", ADMIN)  # a change of the inventory in those years
    clock.now = right
    assert staffed.accounts.signed_in(ahead) is None
    token = staffed.accounts.sign_in("eko", PASSWORD)
    assert staffed.accounts.signed_in(token)
    clock.now = right + dt.timedelta(days=400)
    assert staffed.accounts.signed_in(token) is None


def test_signing_in_changes_the_session(staffed: Store) -> None:
    first = staffed.accounts.sign_in("eko", PASSWORD)
    second = staffed.accounts.sign_in("eko", PASSWORD, old_token=first)
    assert first != second
    assert len(second) >= 40
    assert staffed.accounts.signed_in(first) is None
    assert staffed.accounts.signed_in(second)
    staffed.accounts.sign_out(second)
    assert staffed.accounts.signed_in(second) is None


def test_a_session_ends_when_idle_and_after_a_week(staffed: Store, clock: Clock) -> None:
    token = staffed.accounts.sign_in("eko", PASSWORD)
    for _ in range(16):
        clock.wait(10 * 3600)
        assert staffed.accounts.signed_in(token)
    clock.wait(10 * 3600)
    assert staffed.accounts.signed_in(token) is None
    token = staffed.accounts.sign_in("eko", PASSWORD)
    clock.wait(12 * 3600 + 5)
    assert staffed.accounts.signed_in(token) is None


def test_a_new_password_ends_the_sessions_and_the_old_password(staffed: Store, clock: Clock) -> None:
    token = staffed.accounts.sign_in("eko", PASSWORD)
    staffed.accounts.change_own_password(PASSWORD, "wedang jahe hangat", Actor("eko", "editor"))
    assert staffed.accounts.signed_in(token) is None
    with pytest.raises(PermissionDeniedError):
        staffed.accounts.sign_in("eko", PASSWORD)
    assert staffed.accounts.sign_in("eko", "wedang jahe hangat")
    with pytest.raises(PermissionDeniedError, match="store.wrong_password"):
        staffed.accounts.change_own_password("bukan ini", "wedang jahe hangat", Actor("eko", "editor"))
    staffed.accounts.set_password("eko", "dari admin sekarang", ADMIN)
    clock.wait(60)
    assert staffed.accounts.sign_in("eko", "dari admin sekarang")


@pytest.mark.parametrize(
    ("name", "role", "password", "code"),
    [
        ("", "viewer", PASSWORD, "store.bad_name"),
        ("a\nb", "viewer", PASSWORD, "store.bad_name"),
        ("x" * 101, "viewer", PASSWORD, "store.bad_name"),
        ("EKO", "viewer", PASSWORD, "store.account_taken"),
        ("budi", "raja", PASSWORD, "store.unknown_role"),
        ("budi", "anonymous", PASSWORD, "store.unknown_role"),
        ("budi", "viewer", "pendek", "store.weak_password"),
        ("administrator", "viewer", "Administrator", "store.weak_password"),
        ("budi", "viewer", "x" * 201, "store.weak_password"),
    ],
)
def test_an_account_that_cannot_be(staffed: Store, name: str, role: str, password: str, code: str) -> None:
    with pytest.raises(RowError) as refused:
        staffed.accounts.add(name, role, password, ADMIN)
    assert refused.value.code == code
    assert password not in str(refused.value)


def test_the_last_admin_stays(staffed: Store) -> None:
    with pytest.raises(StoreError, match="store.last_admin"):
        staffed.accounts.remove("adi", ADMIN)
    with pytest.raises(StoreError, match="store.last_admin"):
        staffed.accounts.set_role("adi", "viewer", ADMIN)
    staffed.accounts.set_role("eko", "admin", ADMIN)
    token = staffed.accounts.sign_in("adi", PASSWORD)
    staffed.accounts.remove("adi", ADMIN)
    assert staffed.accounts.signed_in(token) is None
    assert [user["name"] for user in staffed.accounts.all(ADMIN)] == ["eko"]
    staffed.accounts.remove("eko", ADMIN)  # without any account the store serves this computer only
    assert not staffed.accounts.exist()


def test_a_locked_account_cannot_sign_in_and_keeps_what_it_is(staffed: Store) -> None:
    token = staffed.accounts.sign_in("eko", PASSWORD)
    staffed.accounts.lock("Eko", True, ADMIN)
    assert staffed.accounts.signed_in(token) is None
    with pytest.raises(PermissionDeniedError, match="store.wrong_password"):  # a stranger is not told of the lock
        staffed.accounts.sign_in("eko", "salah sama sekali")
    for sign_in in (lambda: staffed.accounts.sign_in("eko", PASSWORD), lambda: staffed.accounts.begin_session("eko")):
        with pytest.raises(PermissionDeniedError, match="store.account_locked"):
            sign_in()
    (eko,) = [one for one in staffed.accounts.all(ADMIN) if one["name"] == "eko"]
    assert eko["locked_at"]
    staffed.accounts.lock("eko", False, ADMIN)
    assert staffed.accounts.signed_in(token) is None
    assert staffed.accounts.signed_in(staffed.accounts.sign_in("eko", PASSWORD)) == Actor("eko", eko["role"])


def test_a_locked_admin_does_not_count_as_the_last_one(staffed: Store) -> None:
    with pytest.raises(StoreError, match="store.last_admin"):
        staffed.accounts.lock("adi", True, ADMIN)
    staffed.accounts.set_role("eko", "admin", ADMIN)
    staffed.accounts.lock("eko", True, ADMIN)
    for change in (lambda: staffed.accounts.lock("adi", True, ADMIN), lambda: staffed.accounts.remove("adi", ADMIN)):
        with pytest.raises(StoreError, match="store.last_admin"):
            change()


def test_an_account_for_an_outside_sign_in_has_no_password(staffed: Store) -> None:
    staffed.accounts.add("vina@Blitarkab.go.id", "viewer", None, ADMIN)
    with pytest.raises(PermissionDeniedError, match="store.wrong_password"):
        staffed.accounts.sign_in("vina@blitarkab.go.id", "")
    assert staffed.accounts.signed_in(staffed.accounts.begin_session("vina@blitarkab.go.id")) == Actor(
        "vina@blitarkab.go.id", "viewer"
    )
    with pytest.raises(PermissionDeniedError, match="store.no_account"):
        staffed.accounts.begin_session("orang@lain.example")
    assert staffed.accounts.begin_session("vina@BLITARKAB.go.id")
    for other in ("Vina@blitarkab.go.id", "ｖina@blitarkab.go.id", "vina @blitarkab.go.id"):
        with pytest.raises(PermissionDeniedError, match="store.no_account"):
            staffed.accounts.begin_session(other)  # somebody else
    staffed.accounts.add("Vina@blitarkab.go.id", "editor", None, ADMIN)
    assert staffed.accounts.signed_in(staffed.accounts.begin_session("Vina@blitarkab.go.id")) == Actor(
        "Vina@blitarkab.go.id", "editor"
    )
    staffed.accounts.set_role("Vina@Blitarkab.go.id", "admin", ADMIN)
    assert {one["name"]: one["role"] for one in staffed.accounts.all(ADMIN)}["vina@blitarkab.go.id"] == "viewer"


def test_no_secret_in_a_traceback(staffed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with staffed.database.transaction() as (connection, _):
        connection.exec_driver_sql("ALTER TABLE users RENAME COLUMN role TO peran")
    with pytest.raises(sa.exc.DBAPIError) as broken:
        staffed.accounts.add("budi", "viewer", PASSWORD, ADMIN)
    text = "".join(traceback.format_exception(broken.value))
    assert "$argon2" not in text
    assert PASSWORD not in text
