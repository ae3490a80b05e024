"""Page Inventaris without a browser: filters, one asset's facts, the repair list, what would be built."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from coverage.base.schema import NEEDS_REPAIR
from coverage.imports.asset_lists import read_assets
from coverage.language.words import Words
from coverage.readers.shipped import region_dir
from coverage.run.result import Analysis
from coverage.store import Actor, AssetFilter, Store
from coverage.web import context
from coverage.web.html import as_label
from coverage.web.run_cache import RUNS

EDITOR = Actor("eko", "editor")
WORDS = Words("id")


def inventory_only() -> None:
    from coverage.web import frame, session, settings
    from coverage.web.inventory_page import page as inventory_page

    computed = frame.RUNS.of(settings.sources()).result.result()
    inventory_page.show(
        frame.Context(
            analysis=computed.analysis,
            inputs=computed.inputs,
            ground=computed.ground,
            words=frame.words_in("id"),
            viewer=session.viewer(),
        )
    )


def history_only() -> None:
    import streamlit as st

    from coverage.web import frame, store_access
    from coverage.web.inventory_page.asset_history import show_history

    store = store_access.opened_store().store
    assert store is not None
    show_history(
        store, store_access.who(), st.session_state["asset"], {"3505060010": "Kaulon, Sutojayan"}, frame.words_in("id")
    )


def place_only(analysis: object) -> None:
    import streamlit as st

    from coverage.web import frame, session, store_access
    from coverage.web.inventory_page import asset_drawing, asset_place

    store, words = store_access.opened_store().store, frame.words_in("id")
    assert store is not None
    if "take" in st.session_state:  # as the button of the list does
        asset_drawing.choose(store, st.session_state.pop("take"), words)
    made = frame.Context(analysis, None, words, session.viewer(), None)  # type: ignore[arg-type]
    asset_place.show(made, store, store_access.who())


@pytest.fixture
def store(store: Store, analysis: Analysis) -> Store:
    """The sample list in an inventory of its own."""
    store.imports.add_assets(read_assets(region_dir() / "assets_sample.csv")[0], "assets_sample.csv", EDITOR)
    store.villages.use(analysis.villages)
    return store


@pytest.fixture
def page(store: Store, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    RUNS._runs.clear()
    monkeypatch.setattr(context, "show_map", lambda *_, **__: None)  # a frame that only a browser has
    return AppTest.from_function(inventory_only, default_timeout=120)


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def view(page: AppTest, name: str) -> AppTest:
    page.session_state["inventory_view"] = name
    return run(page)


def captions(page: AppTest) -> str:
    return " | ".join(str(one.value) for one in page.caption)


def html(page: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in page.get("html"))


@pytest.mark.slow
def test_the_list_is_narrowed_to_a_subdistrict_and_then_to_a_village(page: AppTest, store: Store) -> None:
    run(page)
    every = store.assets.page(viewer=EDITOR)
    assert f"{every.total} aset" in captions(page)
    there = store.assets.page(AssetFilter(subdistricts=("Wlingi",)), EDITOR, limit=1000)
    page.multiselect(key="f_subdistricts").set_value(["Wlingi"]).run()
    assert 0 < there.total < every.total
    assert f"{there.total} aset" in captions(page)
    offered = set(page.multiselect(key="f_villages").options)
    assert offered == {f"{name} (Wlingi)" for name in there.rows["village"]}
    village = there.rows["village_code_bps"].iloc[0]
    page.multiselect(key="f_villages").set_value([village]).run()
    assert f"{int((there.rows['village_code_bps'] == village).sum())} aset" in captions(page)


@pytest.mark.slow
def test_to_be_checked_are_those_marked_and_those_whose_village_does_not_fit(page: AppTest, store: Store) -> None:
    first, second = store.assets.page(viewer=EDITOR).rows["asset_id"].iloc[:2]
    store.assets.change(first, 1, {"needs_check": True}, EDITOR)
    store.assets.change(second, 1, {"village_code_entered": "3505060010"}, EDITOR)
    run(page)
    page.checkbox(key="f_check").check().run()
    assert "2 aset" in captions(page)
    assert set(page.dataframe[0].value["check"]) == {"perlu diperiksa", "desa tidak sesuai letak"}


def one(store: Store, changes: dict[str, object]) -> AppTest:
    asset = store.assets.page(viewer=EDITOR).rows["asset_id"].iloc[0]
    store.assets.change(asset, 1, changes, EDITOR, "survei")
    page = AppTest.from_function(history_only, default_timeout=60)
    page.session_state["asset"] = asset
    return run(page)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("3505060010", "Kaulon, Sutojayan – berbeda dari letaknya"),
        ("3273010001", "kode 3273010001, bukan desa di wilayah ini"),
    ],
)
def test_the_village_that_was_entered_is_told_by_its_name(store: Store, code: str, said: str) -> None:
    told = html(one(store, {"village_code_entered": code}))
    assert said in told
    assert f"Desa tercatat: – → {said.partition(' –')[0]}" in told


def test_photos_are_links_and_nothing_but_web_addresses_is(store: Store) -> None:
    page = one(store, {"photos": "https://foto.blitarkab.go.id/1.jpg\nhttps://foto.blitarkab.go.id/2.jpg"})
    links = page.get("link_button")
    assert [(link.proto.label, link.proto.url) for link in links] == [
        ("Foto 1", "https://foto.blitarkab.go.id/1.jpg"),
        ("Foto 2", "https://foto.blitarkab.go.id/2.jpg"),
    ]


@pytest.mark.slow
def test_damaged_assets_make_a_list_with_place_owner_day_and_people(page: AppTest, store: Store) -> None:
    run(page)
    towers = store.assets.page(AssetFilter(kinds=("tower",), statuses=("operational",)), EDITOR).rows
    chosen = list(towers.loc[towers["village"].notna(), "asset_id"].iloc[:2])
    for asset in chosen:
        store.assets.change(asset, 1, {"status": "damaged", "owner": "Swasta"}, EDITOR, "disambar petir")
    before = int(store.assets.table(viewer=EDITOR)["status"].isin(NEEDS_REPAIR).sum())
    view(page, "repairs")
    shown: pd.DataFrame = page.dataframe[0].value
    assert len(shown) == before
    mine = shown[shown.iloc[:, 0].isin(chosen)]
    assert len(mine) == 2
    assert set(mine[WORDS("inventory.field.owner")]) == {"Swasta"}
    assert mine[WORDS("inventory.field.village")].notna().all()
    assert mine[WORDS("inventory.repairs.since")].str.match(r"\d+ \w+ \d{4}").all()
    people = shown[WORDS("inventory.repairs.people")]
    assert list(people) == sorted(people, reverse=True)


def test_names_of_villages_beside_a_drawing_are_no_markup(
    store: Store, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "show_map", lambda *_, **__: None)
    named = replace(analysis, villages=analysis.villages.assign(village="*Desa* [x](http://a)"))
    page = AppTest.from_function(place_only, default_timeout=60, args=(named,))
    page.session_state["drawn_form"] = "point"
    run(page)
    page.text_input(key="drawn_point").set_value("-8.094, 112.225").run()
    assert as_label("*Desa* [x](http://a)") in captions(page)


def test_a_route_is_written_changed_against_a_conflict_split_and_found_in_an_area(
    store: Store, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "show_map", lambda *_, **__: None)
    page = AppTest.from_function(place_only, default_timeout=60, args=(analysis,))
    page.session_state["drawn_form"] = "point"
    run(page)
    page.text_input(key="drawn_point").set_value("-8.094, 112.225").run()
    page.selectbox(key="add_kind_point").set_value("tower")
    page.number_input(key="add_azimuth_deg").set_value(0.0)
    page.number_input(key="add_tilt_deg").set_value(4.0)
    page.text_input(key="add_technology").set_value("5G")
    page.button(key="FormSubmitter:add_asset-Tambah").click()
    run(page)
    emptied = page.number_input(key="add_azimuth_deg").value, page.text_input(key="add_technology").value
    assert emptied == (None, "")
    sector = store.assets.table(viewer=EDITOR).query("technology == '5G'").iloc[0]
    assert sector[["azimuth_deg", "tilt_deg"]].tolist() == [0, 4]
    assert sector[["eirp_dbm", "antenna", "site_id"]].isna().all()
    page.session_state["drawn_form"] = "line"
    run(page)
    write(page, "line", "-8.094, 112.225\n-8.098, 112.230\n-9.50, 112.17")
    assert ["1 dari 3 titik" in one.value for one in page.warning] == [True]
    write(page, "line", "-8.094, 112.225\n-8.098, 112.230\n-8.095, 112.240")
    page.text_input(key="add_name").set_value("Rute sekolah")
    page.button(key="FormSubmitter:add_asset-Tambah").click()
    run(page)
    assert (text_of(page), page.text_input(key="add_name").value) == ("", "")
    added = store.assets.one("RUTE-007", viewer=EDITOR).iloc[0]  # the office has RUTE-001 to 006
    assert added["name"] == "Rute sekolah"
    assert page.session_state["drawn_lit"] == [[(-8.094, 112.225), (-8.098, 112.230), (-8.095, 112.240)]]

    write(page, "line", "-8.094, 112.225")
    page.session_state["take"] = "RUTE-007"
    run(page)
    assert text_of(page) == "-8.094, 112.225"  # not saved yet, so not given up for another
    page.session_state["take"] = "TWR-001"
    run(page)
    page.button(key="move_none").click()
    run(page)
    assert text_of(page) == "-8.094, 112.225"
    write(page, "line", "")
    page.session_state["take"] = "RUTE-007"
    run(page)
    other = shapely.LineString([(112.225, -8.094), (112.230, -8.099)])
    store.assets.change("RUTE-007", 1, {"geometry": other, "owner": "Desa"}, Actor("budi", "editor"))
    write(page, "line", "-8.094, 112.225\n-8.097, 112.232\n-8.095, 112.240")
    page.button(key="move").click()
    run(page)
    assert WORDS("inventory.conflict") in [one.value for one in page.error]
    assert "112.232" in text_of(page)  # nothing is lost
    page.radio(key="clash_RUTE-007_geometry").set_value("yours")
    page.button(key="merge").click()
    run(page)
    now = store.assets.one("RUTE-007", viewer=EDITOR).iloc[0]
    assert (now["owner"], now.geometry.coords[1]) == ("Desa", (112.232, -8.097))
    mine = now.geometry.wkt

    page.session_state["take"] = "RUTE-007"
    run(page)
    kept = text_of(page)
    write(page, "line", "-8.094, 112.225\n-8.094, 112.225\n-8.095, 112.240")
    page.number_input(key="drawn_split_at").set_value(2).run()
    assert page.button(key="split").disabled  # two points at one place are no route
    assert not page.exception
    write(page, "line", kept)
    store.assets.change("RUTE-007", int(now["version"]), {"geometry": other}, Actor("budi", "editor"))
    write(page, "line", "-8.094, 112.225\n-8.095, 112.240")
    page.button(key="move").click()
    run(page)
    page.button(key="merge").click()  # theirs
    run(page)
    assert text_of(page) == ""  # the drawing of an old version is done with
    now = store.assets.one("RUTE-007", viewer=EDITOR).iloc[0]
    store.assets.change("RUTE-007", int(now["version"]), {"geometry": shapely.from_wkt(mine)}, EDITOR)
    page.session_state["take"] = "RUTE-007"
    run(page)
    page.number_input(key="drawn_split_at").set_value(2).run()
    page.button(key="split").click()
    run(page)
    assert store.assets.one("RUTE-008", viewer=EDITOR).geometry.iloc[0].coords[0] == (112.232, -8.097)
    page.segmented_control(key="drawn_form").set_value("area")
    run(page)
    write(page, "area", "-8.09, 112.22\n-8.09, 112.25\n-8.10, 112.25\n-8.10, 112.22")
    within = set(page.dataframe[0].value.iloc[:, 0])
    assert {"RUTE-007", "RUTE-008"} <= within
    assert f"{len(within)} aset di dalam area" in captions(page)


def text_of(page: AppTest) -> str:
    return str(page.text_area(key="drawn_line").value)


def write(page: AppTest, form: str, text: str) -> None:
    page.text_area(key=f"drawn_{form}").set_value(text).run()


@pytest.mark.slow
def test_planned_assets_are_built_for_a_look_and_nothing_real_changes(page: AppTest, store: Store) -> None:
    towers = store.assets.page(AssetFilter(kinds=("tower",)), EDITOR).rows
    for asset in towers["asset_id"].iloc[:3]:
        store.assets.change(asset, 1, {"status": "planned"}, EDITOR)
    revision = store.assets.revision()
    view(page, "scenarios")
    for heading in ("Sekarang", "Sesudah dibangun"):
        assert f"<h3>{heading}</h3>" in html(page)
    assert "Desa yang berubah" in html(page)
    assert "<td>blank spot</td><td>terlayani</td>" in html(page)  # what it is now, and with the three towers
    page.text_input(key="scenario_name").set_value("Menara 2027").run()
    next(button for button in page.button if button.label == "Simpan skenario").click().run()
    assert not page.exception
    assert [saved["name"] for saved in store.scenarios.all("3505", EDITOR)] == ["Menara 2027"]
    assert store.assets.revision() == revision
