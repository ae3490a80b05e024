"""Akun: who may do what, for administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.language.words import Words
from coverage.store import Actor, Store, may
from coverage.store.permissions import ACCOUNT_ROLES
from coverage.web import store_access
from coverage.web.context import ACCOUNTS_URL, Context, Page
from coverage.web.html import as_label, put, table, tag

_TOLD = "accounts_told"


def show(context: Context) -> None:
    """Render the page."""
    words, found, who = context.words, store_access.opened_store(), store_access.who()
    put(
        tag("header", tag("h1", words("accounts.title")), tag("p", words("accounts.intro")), cls="jk-heading"),
        key="heading",
    )
    if found.store is None:
        assert found.problem is not None
        put(tag("p", words.error(found.problem), cls="jk-refused", role="alert"))
        return
    if who is None or not may(who, "manage_accounts"):
        st.info(words("accounts.not_allowed"))
        return
    told, text = st.session_state.pop(_TOLD, (None, ""))
    if told is not None:
        (st.success if told else st.error)(as_label(text))
    accounts = found.store.accounts.all(who)
    if accounts:
        _list(accounts, words)
        _change(found.store, accounts, words)
    else:
        st.warning(words("accounts.none"))
    _add(found.store, not accounts, words)


def _list(accounts: list[dict[str, Any]], words: Words) -> None:
    heads = [words(f"accounts.head.{name}") for name in ("name", "role", "sign_in", "created", "by")]
    rows = [
        [
            one["name"],
            words(f"inventory.role.{one['role']}"),
            words(f"accounts.sign_in.{'password' if one['has_password'] else 'outside'}"),
            words.date(one["created_at"]),
            one["created_by"],
        ]
        for one in accounts
    ]
    put(table(heads, rows, words("accounts.title")), key="accounts_table")


def _change(store: Store, accounts: list[dict[str, Any]], words: Words) -> None:
    """Role, password and removal of one account; each counts at once."""
    roles = {one["name"]: one["role"] for one in accounts}
    with st.container(border=True, key="account_change"):
        put(tag("h2", words("accounts.change")))
        name = st.selectbox(words("accounts.which"), list(roles), index=None, key="account_name")
        if name is None:
            return
        left, middle, right = st.columns(3)
        role = left.selectbox(
            words("accounts.head.role"),
            ACCOUNT_ROLES,
            index=ACCOUNT_ROLES.index(roles[name]),
            key=f"account_role_{name}",
            format_func=lambda one: words(f"inventory.role.{one}"),
        )
        if left.button(words("accounts.set_role"), key="account_set_role", disabled=role == roles[name]):
            _do(lambda who: store.accounts.set_role(name, role, who), words("accounts.role_set", name=name), words)
        with middle.form("account_password", border=False, clear_on_submit=True):
            new = st.text_input(words("inventory.new_password"), type="password", autocomplete="new-password")
            if st.form_submit_button(words("accounts.set_password")):
                text = words("accounts.password_set", name=name)
                _do(lambda who: store.accounts.set_password(name, new, who), text, words)
        with right.popover(words("accounts.remove")):
            st.caption(words("accounts.remove_help"))
            if st.button(words("accounts.remove_now", name=name), key="account_remove", type="primary"):
                _do(lambda who: store.accounts.remove(name, who), words("accounts.removed", name=name), words)


def _add(store: Store, first: bool, words: Words) -> None:
    """A new account; the first one manages the others."""
    with st.form("account_add", clear_on_submit=True):
        put(tag("h2", words("accounts.add")))
        one, two, three = st.columns(3)
        name = one.text_input(words("inventory.account"), autocomplete="off", key="account_new_name")
        role = two.selectbox(
            words("accounts.head.role"),
            ("admin",) if first else ACCOUNT_ROLES,
            key="account_new_role",
            format_func=lambda role: words(f"inventory.role.{role}"),
        )
        password = three.text_input(
            words("inventory.password"),
            type="password",
            autocomplete="new-password",
            key="account_new_password",
            help=words("accounts.password_help"),
        )
        outside = store_access.outside_offered() and st.checkbox(words("accounts.outside"), key="account_new_outside")
        if st.form_submit_button(words("accounts.add_now"), type="primary"):
            given = None if outside else password
            _do(lambda who: store.accounts.add(name, role, given, who), words("accounts.added", name=name), words)


def _do(change: Callable[[Actor], object], done: str, words: Words) -> None:
    """Make a change as who presses the button now, and say what came of it."""
    try:
        change(store_access.acting())
    except JangkauError as error:
        st.session_state[_TOLD] = (False, words.error(error))
    else:
        st.session_state[_TOLD] = (True, done)
    st.rerun()


PAGE = Page("accounts", ACCOUNTS_URL, show, hidden=True)
