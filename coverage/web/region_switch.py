"""The region in the header: which one is shown, and the way to any other."""

from __future__ import annotations

from functools import cache

import streamlit as st

from coverage.language.words import Words
from coverage.places.regencies import codes_of, search_regencies
from coverage.readers.nation import OFFERED, regencies
from coverage.readers.shipped import REGIONS
from coverage.store import may
from coverage.store.region_files import choose_region, region_codes
from coverage.web import messages, session, store_access
from coverage.web.context import DATA_URL, PROVINCE_URL, START_URL, go_to, link_to
from coverage.web.fair_queue import fragment
from coverage.web.html import as_label, heading, put, tag


@cache
def names() -> dict[str, str]:
    """Every regency of Indonesia by the code of its region: kind and name, province, codes where they differ."""
    table = regencies()
    bps, other = table["regency_code_bps"], table["regency_code_kemendagri"]
    beside = (" · BPS " + bps).mask((bps == "") | (bps == other.str.replace(".", "", regex=False)), "")
    labels = table["regency"] + ", " + table["province"] + " · " + other + beside
    return dict(sorted(zip(codes_of(table), labels, strict=True), key=lambda item: item[1]))


@cache
def provinces() -> dict[str, str]:
    """Province of every regency, by the same code."""
    table = regencies()
    return dict(zip(codes_of(table), table["province"], strict=True))


def choose(words: Words, key: str) -> None:
    """Render the search by province and name; choosing shows that region."""
    labels, of, present, field = names(), provinces(), session.region(), f"{key}_search"
    left, right = st.columns([1, 2])
    everywhere, offered = words("web.region.all"), sorted(set(of.values()))
    province = left.selectbox(
        words("web.region.province"), offered, index=None, key=f"{key}_province", placeholder=everywhere
    )
    inside = [code for code in labels if code != present and province in (None, of[code])]
    right.selectbox(
        words("web.region.search"),
        inside,
        index=None,
        key=field,
        format_func=labels.__getitem__,
        placeholder=words("web.region.hint"),
        on_change=lambda: session.choose_region(st.session_state.pop(field)),
    )


def ask(words: Words) -> bool:
    """Ask which region is meant where the address names none, or several; return whether it was asked."""
    refused, first = session.refused_region(), session.first_region()
    if refused is None or first is None:
        return False
    (text, error), labels = refused, names()
    known = labels.get(first, first).split(",")[0]
    asked = error.code.removeprefix("region.")
    heading(words(f"web.region.{asked}", text=error.place.value, region=known))
    if asked == "no_villages":
        put(tag("p", words("web.region.bring_help")))
        if st.button(words("web.region.bring"), key="asked_bring", type="primary"):
            session.choose_region(first)
            st.session_state["data_kind"] = "boundaries"
            go_to(DATA_URL)
    for one in search_regencies(text, regencies())[:OFFERED] if asked != "no_villages" else ():
        st.button(as_label(labels[one.code]), key=f"asked_{one.code}", on_click=session.choose_region, args=(one.code,))
    choose(words, key="asked")
    opened = words("web.region.open", region=known)
    st.button(opened, key="asked_first", on_click=session.choose_region, args=(first,))
    return True


def show(words: Words, progress: tuple[int, int] | None) -> None:
    """Render the switch with what is ready of what the region needs; a region that was given as a file stays."""
    present = session.region()
    if present is not None:
        with st.container(key="region"):
            _box(words, progress, present)


@fragment
def _box(words: Words, progress: tuple[int, int] | None, present: str) -> None:
    """What the switch holds is sent where it is opened: every regency of the nation is 30 kB a page."""
    if session.region() != present:
        st.rerun(scope="app")
    labels = names()
    label = labels.get(present, present).split(",")[0]
    if progress is not None and progress[0] < progress[1]:
        label = f"{label} · {progress[0]}/{progress[1]}"
    with st.popover(as_label(label), key="region_box", on_change="rerun") as box:
        if not box.open:
            return
        choose(words, key="region")
        copied, told = words("web.region.copied"), words("web.region.link")
        attributes = {"type": "button", "title": told, "data_link": session.link(), "data_done": copied}
        put(tag("button", words("web.region.copy"), cls="jk-copy", **attributes))
        if progress is not None:
            link_to(START_URL, words("start.progress", ready=progress[0], count=progress[1]))
        link_to(PROVINCE_URL, words("nation.page.link"))
        others = [code for code in dict.fromkeys([*REGIONS, *region_codes()]) if code != present and code in labels]
        for code in others:
            name, key = as_label(labels[code]), f"region_{code}"
            st.button(name, key=key, type="tertiary", on_click=session.choose_region, args=(code,))
        if may(store_access.who(), "import") and present != session.first_region():
            st.button(words("web.region.first"), key="region_first", on_click=_open_first, args=(present, words))
        messages.show("region")


def _open_first(code: str, words: Words) -> None:
    with messages.kept_refusal("region", words):
        choose_region(code, store_access.acting())
