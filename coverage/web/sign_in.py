"""The person in the header: sign-in, sign-out, own password, and the way to the accounts."""

from __future__ import annotations

import streamlit as st

from coverage.language.words import Words
from coverage.store import Actor, Store, may
from coverage.web import messages, store_access
from coverage.web.context import ACCOUNTS_URL, link_to
from coverage.web.fair_queue import stepping_aside
from coverage.web.html import as_label, put, tag


def show(words: Words) -> None:
    """Render who is signed in, or the sign-in; nothing without a store, as the page says why."""
    store, who = store_access.opened_store().store, store_access.who()
    if store is None:
        return
    if who is None:
        with messages.shown_refusal(words):
            store_access.sign_in_from_outside()
    accounts = store.accounts.exist()
    label = (
        words("inventory.sign_in") if who is None else as_label(who.name) if accounts else words("web.page.accounts")
    )
    with st.container(key="person"), st.popover(label, key="person_box"):
        if who is None:
            _sign_in(words)
        else:
            _signed_in(store, who, accounts, words)
    ticket = st.session_state.get(store_access.TICKET)  # for ``page.js``, after signing in or out
    if ticket and who is None:
        put(tag("span", cls="jk-ticket", data_ticket=ticket), key="ticket")


def _signed_in(store: Store, who: Actor, accounts: bool, words: Words) -> None:
    role = words(f"inventory.role.{who.role}")
    said = "inventory.person" if accounts else "accounts.this_computer"
    st.markdown(words(said, name=as_label(who.name), role=role))
    if may(who, "manage_accounts"):
        link_to(ACCOUNTS_URL, words("web.page.accounts"))
    if accounts:
        _change_password(store, who, words)
        st.button(words("inventory.sign_out"), on_click=store_access.sign_out, key="sign_out")


def _change_password(store: Store, who: Actor, words: Words) -> None:
    with (
        st.expander(words("inventory.change_password")),
        st.form("change_password", border=False, clear_on_submit=True),
    ):
        old = st.text_input(words("inventory.old_password"), type="password", autocomplete="current-password")
        new = st.text_input(words("inventory.new_password"), type="password", autocomplete="new-password")
        if st.form_submit_button(words("inventory.change_password"), type="primary"):
            with messages.shown_refusal(words), stepping_aside():
                store.accounts.change_own_password(old, new, who)
                st.success(words("inventory.password_is_changed"))


def _sign_in(words: Words) -> None:
    """By password, or through the OIDC provider."""
    outside = store_access.outside_offered()
    if outside:
        st.button(words("inventory.sign_in_outside"), on_click=st.login, key="sign_in_outside", type="primary")
    with st.form("sign_in", border=False):
        name = st.text_input(words("inventory.account"), autocomplete="username")
        password = st.text_input(words("inventory.password"), type="password", autocomplete="current-password")
        if st.form_submit_button(words("inventory.sign_in_now"), type="secondary" if outside else "primary"):
            with messages.shown_refusal(words), stepping_aside():
                store_access.sign_in(name, password)
