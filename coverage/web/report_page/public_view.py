"""The public page of the region: open or not, what is held back, its address, and a sheet for the wall."""

from __future__ import annotations

from urllib.parse import urlsplit

import pypdfium2
import streamlit as st

from coverage.exports.public_page import write_poster
from coverage.exports.registry import PDF
from coverage.web import office, publishing, store_access
from coverage.web.addresses import public_url
from coverage.web.context import Context
from coverage.web.downloads import file_name, take_button
from coverage.web.html import put, tag


def show(context: Context) -> None:
    """Render the view."""
    words = context.words
    st.caption(words("public.office.hint"))
    decided = context.decisions.settings.get("public")
    if office.may_decide("public"):
        _decide(context)
    else:
        st.caption(words("public.office.only_admin"))
    office.show_decided(context, "public")
    if decided is None:
        st.info(words("public.office.is_off"))
        return
    found = publishing.published(context.region)
    key = "public.office.making" if found is None else "public.office.made"
    st.caption(words(key, run_id=(found or {}).get("run_id", "")))
    here = urlsplit(st.context.url or "")
    address = f"{here.scheme}://{here.netloc}{public_url(context.region)}"
    put(tag("p", words("public.office.is_on"), " ", tag("a", address, href=address, target="_blank")))
    if not store_access.serves_others():
        st.warning(words("public.office.here_only"))
    poster = write_poster(context.analysis, address, words)
    title = words("public.office.poster")
    take_button(title, poster, file_name(context.analysis, words, title, ".pdf"), PDF, key="take_poster")
    picture = pypdfium2.PdfDocument(poster)[0].render(scale=1).to_pil()
    st.image(picture, width=360, alt=words("public.office.code"))


def _decide(context: Context) -> None:
    words, decided = context.words, context.decisions.settings.get("public")
    with st.form("public", border=True):
        on = st.checkbox(words("public.office.on"), value=decided is not None, key="public_on")
        held = st.multiselect(
            words("public.office.held_back"),
            publishing.may_be_held(),
            default=publishing.held_at_first() if decided is None else decided.value["held_back"],
            format_func=words.kind,
            help=words("public.office.held_back_help"),
            key="public_held",
        )
        if st.form_submit_button(words("public.office.keep"), type="primary"):
            office.decide(context, "public", {"held_back": sorted(held)} if on else None)
            with st.spinner(words("public.office.making")):
                publishing.publish(context.analysis)
            st.rerun(scope="app")
