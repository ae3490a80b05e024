"""Sign-in, sign-out and the current user."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.language.words import Words
from coverage.store import Actor, Store, may
from coverage.web import store_access
from coverage.web.context import ACCOUNTS_URL, link_to
from coverage.web.html import put, tag


def show_person(
    store: Store, who: Actor | None, words: Words, not_signed_in: str, beside: Callable[[Actor], None] | None = None
) -> None:
    """Show the current user, with ``beside`` for more, or the sign-in form with the text for an anonymous visitor."""
    with st.container(key="inventory_person", horizontal=True, vertical_alignment="center"):
        if who is None:
            _sign_in(words, not_signed_in)
            return
        role = words(f"inventory.role.{who.role}")
        key = "inventory.person" if store.accounts.exist() else "inventory.this_computer"
        st.caption(words(key, name=who.name, role=role))
        if beside is not None:
            beside(who)
        if may(who, "manage_accounts"):
            link_to(ACCOUNTS_URL, words("web.page.accounts"))
        if store.accounts.exist():
            _change_password(store, who, words)
            st.button(words("inventory.sign_out"), on_click=store_access.sign_out, key="sign_out")


def _change_password(store: Store, who: Actor, words: Words) -> None:
    with st.popover(words("inventory.change_password")), st.form("change_password", border=False, clear_on_submit=True):
        old = st.text_input(words("inventory.old_password"), type="password", autocomplete="current-password")
        new = st.text_input(words("inventory.new_password"), type="password", autocomplete="new-password")
        if st.form_submit_button(words("inventory.change_password"), type="primary"):
            try:
                store.accounts.change_own_password(old, new, who)
                st.success(words("inventory.password_is_changed"))
            except JangkauError as error:
                st.error(words.error(error))


def _sign_in(words: Words, not_signed_in: str) -> None:
    """By password, or through the OIDC provider."""
    problem = None
    try:
        store_access.sign_in_from_outside()
    except JangkauError as error:
        problem = words.error(error)
    with st.popover(words("inventory.sign_in")):
        outside = store_access.outside_offered()
        if outside:
            st.button(words("inventory.sign_in_outside"), on_click=st.login, key="sign_in_outside", type="primary")
        with st.form("sign_in", border=False):
            name = st.text_input(words("inventory.account"), autocomplete="username")
            password = st.text_input(words("inventory.password"), type="password", autocomplete="current-password")
            if st.form_submit_button(words("inventory.sign_in_now"), type="secondary" if outside else "primary"):
                try:
                    store_access.sign_in(name, password)
                except JangkauError as error:
                    st.error(words.error(error))
    st.caption(not_signed_in)
    if problem:
        st.error(problem)
    _ticket()


def _ticket() -> None:
    """Pass ``page.js`` the ticket after sign-in, or the sign-out."""
    ticket = st.session_state.get(store_access.TICKET)
    if ticket:
        put(tag("span", cls="jk-ticket", data_ticket=ticket), key="ticket")
