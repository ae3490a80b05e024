"""Akun: who may do what, for administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from coverage.language.words import Words
from coverage.store import Actor, Store, may
from coverage.store.permissions import ACCOUNT_ROLES
from coverage.web import messages, store_access
from coverage.web.account_page import tokens
from coverage.web.context import ACCOUNTS_URL, Context, Page
from coverage.web.html import column_table, heading, put, tag
from coverage.web.widgets import choice


def show(context: Context) -> None:
    """Render the page."""
    words = context.words
    heading(words("accounts.title"), tag("p", words("accounts.intro")))
    store, who = context.open_store(), store_access.who()
    if store is None:
        return
    if who is None or not may(who, "manage_accounts"):
        st.info(words("accounts.not_allowed"))
        return
    messages.show("accounts")
    accounts = store.accounts.all(who)
    if accounts:
        _list(accounts, words)
        _change(store, accounts, words)
    else:
        st.warning(words("accounts.none"))
    _add(store, not accounts, words)
    tokens.show(context, store)


def _list(accounts: list[dict[str, Any]], words: Words) -> None:
    ways = ["password" if one["has_password"] else "outside" for one in accounts]
    since = [one["locked_at"] and words("accounts.locked_since", when=words.date(one["locked_at"])) for one in accounts]
    columns = {
        words("accounts.head.name"): [one["name"] for one in accounts],
        words("accounts.head.role"): [words(f"inventory.role.{one['role']}") for one in accounts],
        words("accounts.head.sign_in"): [words(f"accounts.sign_in.{way}") for way in ways],
        words("accounts.head.state"): [text or "–" for text in since],
        words("accounts.head.created"): [words.date(one["created_at"]) for one in accounts],
        words("accounts.head.by"): [one["created_by"] for one in accounts],
    }
    put(column_table(columns, words("accounts.title")), key="accounts_table")


def _change(store: Store, accounts: list[dict[str, Any]], words: Words) -> None:
    """Role, password, lock and removal of one account; each counts at once."""
    roles = {one["name"]: one["role"] for one in accounts}
    with st.container(border=True, key="account_change"):
        put(tag("h2", words("accounts.change")))
        name = st.selectbox(words("accounts.which"), list(roles), index=None, key="account_name")
        if name is None:
            return
        left, middle, right = st.columns(3)
        label, at, key = words("accounts.head.role"), ACCOUNT_ROLES.index(roles[name]), f"account_role_{name}"
        role = choice(words, label, ACCOUNT_ROLES, "inventory.role", left, index=at, key=key)
        if left.button(words("accounts.set_role"), key="account_set_role", disabled=role == roles[name]):
            _do(lambda who: store.accounts.set_role(name, role, who), words("accounts.role_set", name=name), words)
        with middle.form("account_password", border=False, clear_on_submit=True):
            new = st.text_input(words("inventory.new_password"), type="password", autocomplete="new-password")
            if st.form_submit_button(words("accounts.set_password")):
                text = words("accounts.password_set", name=name)
                _do(lambda who: store.accounts.set_password(name, new, who), text, words)
        locked = any(one["locked_at"] for one in accounts if one["name"] == name)
        way = "unlock" if locked else "lock"
        if right.button(words(f"accounts.{way}"), key="account_lock", help=words("accounts.lock_help")):
            _do(lambda who: store.accounts.lock(name, not locked, who), words(f"accounts.is_{way}ed", name=name), words)
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
        label, roles = words("accounts.head.role"), ("admin",) if first else ACCOUNT_ROLES
        role = choice(words, label, roles, "inventory.role", two, key="account_new_role")
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
    with messages.kept_refusal("accounts", words):
        change(store_access.acting())
        messages.keep("accounts", done)
    st.rerun()


PAGE = Page("accounts", ACCOUNTS_URL, show, hidden=True)
