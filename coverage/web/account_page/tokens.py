"""Tokens of other programs: issued and shown once, withdrawn."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from coverage.store import Store
from coverage.web import messages, store_access
from coverage.web.addresses import features_url
from coverage.web.context import Context
from coverage.web.html import as_label, column_table, put, tag

_ISSUED = "token_issued"


def show(context: Context, store: Store) -> None:
    """Render the section."""
    words, here = context.words, urlsplit(st.context.url or "")
    put(tag("h2", words("accounts.tokens.title")))
    address = f"{here.scheme}://{here.netloc}{features_url(context.region)}"
    st.caption(as_label(words("accounts.tokens.hint", address=address)))
    messages.show("tokens")
    issued = st.session_state.pop(_ISSUED, None)
    if issued is not None:
        st.warning(words("accounts.tokens.issued", name=issued[0]))
        st.code(issued[1], language=None)
    kept = store.tokens.all(store_access.who())
    if kept:
        columns = {
            words("accounts.tokens.name"): [one["name"] for one in kept],
            words("accounts.head.created"): [words.date(one["created_at"]) for one in kept],
            words("accounts.head.by"): [one["created_by"] for one in kept],
        }
        put(column_table(columns, words("accounts.tokens.title")), key="tokens_table")
        _withdraw(context, store, {one["token_id"]: one["name"] for one in kept})
    else:
        st.caption(words("accounts.tokens.none"))
    with st.form("token_add", clear_on_submit=True):
        name = st.text_input(words("accounts.tokens.name"), max_chars=100, key="token_name", autocomplete="off")
        if st.form_submit_button(words("accounts.tokens.issue")):
            with messages.kept_refusal("tokens", words):
                st.session_state[_ISSUED] = (name.strip(), store.tokens.issue(name, store_access.acting()))
            st.rerun()


def _withdraw(context: Context, store: Store, names: dict[str, str]) -> None:
    words = context.words
    with st.container(horizontal=True, vertical_alignment="bottom", key="token_withdraw"):
        title = words("accounts.tokens.which")
        token_id = st.selectbox(title, list(names), index=None, format_func=names.__getitem__, key="token_which")
        if st.button(words("accounts.tokens.withdraw"), disabled=token_id is None, key="token_withdraw_now"):
            with messages.kept_refusal("tokens", words):
                store.tokens.withdraw(str(token_id), store_access.acting())
                messages.keep("tokens", words("accounts.tokens.withdrawn", name=names[str(token_id)]))
            st.rerun()
