"""Page Akun: an administrator manages accounts, and nobody else."""

import pytest
from streamlit.testing.v1 import AppTest

from coverage.base.errors import PermissionDeniedError
from coverage.store import Actor, Store
from coverage.web import store_access

PASSWORD = "kata sandi yang panjang 2026"


def accounts_only() -> None:
    from coverage.web import frame
    from coverage.web.account_page.page import PAGE

    frame._show_page(PAGE, frame.words_in("id"))


def signed_in(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_access, "who", lambda *_: Actor("rina", role))  # type: ignore[arg-type]


def roles(store: Store) -> dict[str, str]:
    return {one["name"]: one["role"] for one in store.accounts.all(Actor("rina", "admin"))}


def page() -> AppTest:
    shown = AppTest.from_function(accounts_only, default_timeout=60).run()
    assert not shown.exception
    return shown


@pytest.mark.slow
def test_the_first_account_is_an_administrator(store: Store) -> None:
    shown = page()
    assert shown.selectbox(key="account_new_role").options == ["pengelola"]
    shown.text_input(key="account_new_name").input("ani")
    shown.text_input(key="account_new_password").input(PASSWORD)
    next(one for one in shown.button if one.label == "Buat akun").click().run()
    assert roles(store) == {"ani": "admin"}


@pytest.mark.slow
def test_an_administrator_changes_roles_passwords_and_removes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, role in (("ani", "admin"), ("budi", "viewer"), ("citra", "viewer")):
        store.accounts.add(name, role, PASSWORD, Actor("rina", "admin"))
    signed_in("admin", monkeypatch)
    shown = page()
    shown.selectbox(key="account_name").select("budi").run()
    shown.selectbox(key="account_role_budi").select("editor").run()
    shown.button(key="account_set_role").click().run()
    assert roles(store) == {"ani": "admin", "budi": "editor", "citra": "viewer"}
    next(one for one in shown.text_input if one.label == "Kata sandi baru").input("pendek")
    next(one for one in shown.button if one.label == "Pasang kata sandi baru").click().run()
    assert shown.error
    assert store.accounts.sign_in("budi", PASSWORD)
    shown.button(key="account_lock").click().run()
    with pytest.raises(PermissionDeniedError, match="store.account_locked"):
        store.accounts.sign_in("budi", PASSWORD)
    assert shown.button(key="account_lock").label == "Buka kunci"
    shown.button(key="account_lock").click().run()
    assert store.accounts.sign_in("budi", PASSWORD)
    shown.button(key="account_remove").click().run()
    assert roles(store) == {"ani": "admin", "citra": "viewer"}
    shown.selectbox(key="account_name").select("ani").run()
    shown.button(key="account_remove").click().run()
    assert shown.error
    assert roles(store) == {"ani": "admin", "citra": "viewer"}  # the last administrator stays


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_nobody_else_sees_an_account_or_a_form(store: Store, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    store.accounts.add("ani", "admin", PASSWORD, Actor("rina", "admin"))
    signed_in(role, monkeypatch)
    shown = page()
    assert not shown.text_input
    assert "ani" not in "".join(element.proto.body for element in shown.get("html")).split()
    assert shown.info


def test_a_token_is_shown_once_and_withdrawn(store: Store) -> None:
    store.accounts.add("ani", "admin", PASSWORD, Actor("rina", "admin"))
    with pytest.MonkeyPatch.context() as patch:
        signed_in("admin", patch)
        shown = page()
        shown.text_input(key="token_name").input("QGIS")
        next(one for one in shown.button if one.label == "Buat token").click().run()
        (token,) = (one.value for one in shown.code)
        assert store.tokens.holder(token) == Actor("QGIS", "program")
        assert not shown.run().code
        shown.selectbox(key="token_which").select_index(0).run()
        shown.button(key="token_withdraw_now").click().run()
        assert store.tokens.holder(token) is None
