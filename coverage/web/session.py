"""One visitor's choices (language, rule, village) in the session and, where useful, in the address."""

from __future__ import annotations

import re
import time
from collections.abc import Container
from urllib.parse import urlencode

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.language.words import LANGUAGES, Language
from coverage.readers.nation import region_code, region_that_ships
from coverage.run.sources import Sources
from coverage.store import may
from coverage.store.region_files import files_of, region_codes
from coverage.web import linked, settings, store_access
from coverage.web.maps.layers import Viewer

FILTERS = ("kecamatan", "keadaan")
"""Keys of the filters of lists; also their names in the address."""
_REGION, _LANGUAGE, _VILLAGE, _RULE, _FLY, _ASSET = "region", "language", "village", "rule", "fly", "asset"

_KEPT = {"wilayah": _REGION, "bahasa": _LANGUAGE, "aturan": _RULE, "desa": _VILLAGE}
"""Where the session keeps what the address says."""
_OF_ALL_REGIONS = (_LANGUAGE, "import_", store_access.TICKET)
"""What begins so in the session stays in every region: the language, a list being brought in, the sign-in."""


def viewer() -> Viewer:
    """The current viewer and what they may see."""
    who = store_access.who()
    if who is None:
        return Viewer(sees_cctv=False)
    return Viewer(who.name, who.role, may(who, "view_cctv"))


def language() -> Language:
    """The visitor's language: chosen, else from the address (``?bahasa=en``), else the default."""
    wanted = st.session_state.get(_LANGUAGE) or st.query_params.get("bahasa")
    return next((known for known in LANGUAGES if known == wanted), settings.language())


def choose_language(wanted: Language) -> None:
    """Set the language in the session and the address."""
    st.session_state[_LANGUAGE] = wanted
    st.query_params["bahasa"] = wanted
    for key, chosen in list(st.session_state.items()):
        several = isinstance(chosen, list) and chosen and all(isinstance(one, str) for one in chosen)
        if isinstance(chosen, str) or several:
            st.session_state[key] = chosen  # reassigned, or widgets keep the old language


def first_region() -> str | None:
    """Code of the region that is shown to who names none; None where a file of boundaries was given."""
    files = files_of(settings.sources().region)
    return None if files is None else files.code


def region() -> str | None:
    """Code of the visitor's region: chosen, else of the address (``?wilayah=3329``), else the first."""
    wanted = _wanted_region()
    return first_region() if wanted is None or refused_region() else region_code(wanted) or wanted


def address() -> str:
    """What the address says of what is shown, on every page: Streamlit leaves it behind with the page before."""
    for name, key in _KEPT.items():
        if name in st.query_params:
            st.session_state.setdefault(key, st.query_params[name])
    said = {name: st.session_state.get(key) for name, key in _KEPT.items()}
    return urlencode({name: value for name, value in said.items() if isinstance(value, str)})


def refused_region() -> tuple[str, JangkauError] | None:
    """What was asked for as the region where it is none, or one of several, and why it cannot be shown."""
    wanted = _wanted_region()
    if wanted is None or {wanted, region_code(wanted)} & {*region_codes()}:
        return None
    try:
        region_that_ships(wanted)
    except JangkauError as error:
        return wanted, error
    return None


def _wanted_region() -> str | None:
    wanted = st.session_state.get(_REGION) or st.query_params.get("wilayah")
    return wanted if isinstance(wanted, str) and first_region() is not None else None


def choose_region(code: str | None) -> None:
    """Show another region; what was chosen, tried out or made in the one before is left."""
    if code is None:
        return
    for key in [key for key in st.session_state if not str(key).startswith(_OF_ALL_REGIONS)]:
        left = st.session_state.pop(key)
        if hasattr(left, "stop"):  # a computation under way
            left.stop()
    for name in [name for name in st.query_params if name != "bahasa"]:
        del st.query_params[name]
    st.session_state[_REGION] = code
    st.query_params["wilayah"] = code


def sources() -> Sources:
    """The files of the run that the visitor looks at: those named at the start belong to the first region."""
    machine, wanted = settings.sources(), region()
    return machine if wanted is None or wanted == first_region() else machine.of_region(wanted)


def rule(names: Container[str], default: str) -> str:
    """The chosen rule."""
    wanted = st.session_state.get(_RULE) or st.query_params.get("aturan")
    return wanted if isinstance(wanted, str) and wanted in names else default


def choose_rule(wanted: str) -> None:
    """Set the rule in the session and the address."""
    st.session_state[_RULE] = wanted
    st.query_params["aturan"] = wanted


def link() -> str:
    """Address of what is shown, for somebody else to open; ``page.js`` adds the view and the layers of the map."""
    said = {**st.query_params.to_dict(), "bahasa": language()}
    code = region()
    if code is not None:
        said["wilayah"] = code
    if isinstance(st.session_state.get(_RULE), str):
        said["aturan"] = st.session_state[_RULE]
    if isinstance(st.session_state.get(_VILLAGE), str):
        said["desa"] = st.session_state[_VILLAGE]
    settings_text = linked.settings_text()
    if settings_text is not None:
        said[linked.SETTINGS] = settings_text
    several = [(name, one) for name in FILTERS for one in st.session_state.get(name) or ()]
    written = [*((name, value) for name, value in said.items() if name not in FILTERS), *several]
    return f"{st.context.url or ''}?{urlencode(written)}"


def village(codes: Container[str]) -> str | None:
    """BPS code of the chosen village, in the session or the address (``?desa=3505060010``); None if not in
    ``codes``.
    """
    wanted = st.session_state[_VILLAGE] if _VILLAGE in st.session_state else st.query_params.get("desa")
    return wanted if wanted in codes else None


def choose_village(code: str | None, fly: bool = False) -> None:
    """Set or clear the village; ``fly`` moves the map there (a click does not)."""
    st.session_state[_VILLAGE] = code
    st.session_state[_ASSET] = None
    if code is None:
        st.query_params.pop("desa", None)
    else:
        st.query_params["desa"] = code
    if fly:
        st.session_state[_FLY] = time.time_ns() // 1_000_000


def flight() -> int:
    """A number that grows with every wish to see the chosen village; 0 before the first, the village's code if the
    address names one and no view of its own.
    """
    if _FLY not in st.session_state:
        named = "" if linked.VIEW in st.query_params else st.query_params.get("desa", "")
        st.session_state[_FLY] = int(named) if re.fullmatch(r"[0-9]{1,10}", named) else 0
    return int(st.session_state[_FLY])


def asset() -> str | None:
    """Id of the asset that was clicked last, until a village is chosen."""
    chosen = st.session_state.get(_ASSET)
    return chosen if isinstance(chosen, str) else None


def choose_asset(asset_id: str | None) -> None:
    """Show the facts of an asset."""
    st.session_state[_ASSET] = asset_id
