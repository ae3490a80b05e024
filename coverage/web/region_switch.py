"""The region in the header: which one is shown, and the way to any other."""

from __future__ import annotations

from functools import cache

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.language.words import Words
from coverage.places.regencies import codes_of
from coverage.readers.nation import regencies
from coverage.readers.shipped import REGIONS
from coverage.store import may
from coverage.store.region_files import choose_region, region_codes
from coverage.web import session, store_access
from coverage.web.html import as_label

_SEARCH, _PROBLEM = "region_search", "region_problem"


@cache
def names() -> dict[str, str]:
    """Every regency of Indonesia by the code of its region: kind and name, province."""
    table = regencies()
    labels = table["regency"] + ", " + table["province"] + " · " + table["regency_code_kemendagri"]
    return dict(sorted(zip(codes_of(table), labels, strict=True), key=lambda item: item[1]))


def show(words: Words) -> None:
    """Render the switch; a region that was given as a file stays."""
    present = session.region()
    if present is None:
        return
    labels = names()
    with st.container(key="region"), st.popover(as_label(_short(labels.get(present, present))), key="region_box"):
        st.selectbox(
            words("web.region.search"),
            [code for code in labels if code != present],
            index=None,
            key=_SEARCH,
            format_func=labels.__getitem__,
            placeholder=words("web.region.hint"),
            on_change=lambda: session.choose_region(st.session_state.pop(_SEARCH)),
        )
        others = [code for code in dict.fromkeys([*REGIONS, *region_codes()]) if code != present and code in labels]
        for code in others:
            st.button(
                as_label(labels[code]),
                key=f"region_{code}",
                type="tertiary",
                on_click=session.choose_region,
                args=(code,),
            )
        if may(store_access.who(), "import") and present != session.first_region():
            st.button(words("web.region.first"), key="region_first", on_click=_open_first, args=(present,))
        problem = st.session_state.pop(_PROBLEM, None)
        if problem is not None:
            st.error(as_label(words.error(problem)))


def _short(label: str) -> str:
    return label.split(",")[0]


def _open_first(code: str) -> None:
    try:
        choose_region(code, store_access.acting())
    except JangkauError as error:
        st.session_state[_PROBLEM] = error
