"""Page Usulan without a browser: who sees and edits, a proposal from form to stage, files, deadlines, what is missing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from coverage.run.inputs import Inputs
from coverage.run.result import Analysis, Ground
from coverage.store import Actor, Store
from coverage.store.proofs import keep_proof, proof_files
from coverage.store.region_files import RegionFiles
from coverage.web import frame, store_access
from coverage.web.run_cache import ComputedRun, Run
from tests.readers.test_proofs import write_photo
from tests.store.stores import EDITOR, VIEWER, asked_at

KAULON = "3505060010"


def proposals_only() -> None:
    import streamlit as st

    from coverage.web import frame, session, settings
    from coverage.web.proposals_page import page as proposals_page

    computed = frame.RUNS.of(settings.sources()).result.result()
    words = frame.words_in(st.query_params.get("bahasa", "id"))
    proposals_page.show(
        frame.Context(
            analysis=computed.analysis,
            inputs=computed.inputs,
            ground=computed.ground,
            words=words,
            viewer=session.viewer(),
        )
    )


@pytest.fixture
def page(store: Store, analysis: Analysis, inputs: Inputs, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    assert analysis.land is not None
    run = Run()
    run.result.set_result(ComputedRun(inputs, analysis, Ground(analysis.land, analysis.cells), inputs))  # type: ignore[arg-type]
    monkeypatch.setattr(frame.RUNS, "of", lambda sources: run)
    return AppTest.from_function(proposals_only, default_timeout=120)


def run(page: AppTest) -> str:
    page.run()
    assert not page.exception
    said = " ".join(str(element.proto.body) for element in page.get("html"))
    return said + " ".join(str(one.value) for one in (*page.caption, *page.info, *page.error, *page.toast))


def press(page: AppTest, label: str) -> None:
    next(button for button in page.button if button.label == label).click()


def as_role(monkeypatch: pytest.MonkeyPatch, who: Actor | None) -> None:
    monkeypatch.setattr(store_access, "who", lambda *_: who)


def test_who_is_not_signed_in_sees_nothing_and_a_viewer_changes_nothing(
    page: AppTest, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.proposals.add([asked_at(KAULON, name="SDN Kaulon 2")], EDITOR)
    as_role(monkeypatch, None)
    assert "hanya untuk yang masuk" in run(page)
    assert len(page.dataframe) == len(page.button) == 0
    as_role(monkeypatch, VIEWER)
    page.session_state["proposal_chosen"] = "3505-2026-001"
    assert "SDN Kaulon 2" in run(page)
    assert [button.label for button in page.button] == []


@pytest.mark.slow
def test_a_proposal_is_registered_completed_and_moved(page: AppTest, store: Store) -> None:
    assert "Belum ada usulan" in run(page)
    page.selectbox(key="new_village").set_value(KAULON)
    page.text_input(key="new_name_0").set_value("SDN Kaulon 2")
    page.text_input(key="new_place_0").set_value("-8.15, 112.25")
    page.button(key="new_add").click()
    said = run(page)
    one = store.proposals.all("3505", VIEWER)[0].proposal
    assert (one.name, one.lat, one.lon, one.stage, one.channel) == ("SDN Kaulon 2", -8.15, 112.25, "draft", "bakti")
    assert "Kelengkapan menurut saluran" in said
    assert "butir terisi" in said
    next(box for box in page.text_input if box.label.startswith("Listrik")).set_value("PLN 900 VA")
    next(button for button in page.button if button.label == "Simpan" and "fill" in str(button.form_id)).click()
    assert "PLN 900 VA" in run(page)
    press(page, "Pindahkan")
    assert "Lengkap" in run(page)
    now = store.proposals.all("3505", VIEWER)[0]
    assert (now.proposal.stage, now.proposal.stage_on) == ("complete", dt.date.today().isoformat())
    page.button(key="proposal_undo").click()
    run(page)
    assert store.proposals.all("3505", VIEWER)[0].proposal.stage == "draft"


@pytest.mark.slow
def test_what_was_built_goes_into_the_inventory_and_counts_once_it_is_on_air(page: AppTest, store: Store) -> None:
    store.proposals.add([asked_at(KAULON, name="SDN Kaulon 2", asked="public_wifi", lat=-8.15, lon=112.25)], EDITOR)
    code, version = "3505-2026-001", 1
    page.session_state["proposal_chosen"] = code
    for stage in ("complete", "submitted", "approved", "built"):
        run(page)
        assert [button for button in page.button if button.key == "proposal_built"] == []
        version = store.proposals.move(code, version, stage, "2999-11-01", EDITOR)
    run(page)
    page.button(key="proposal_built").click()
    assert "tercatat di inventaris" in run(page)
    kept = store.assets.one(code, viewer=EDITOR).iloc[0]
    assert (kept["kind"], kept["status"], kept["name"]) == ("wifi", "under_construction", "SDN Kaulon 2")
    store.proposals.move(code, version, "on_air", "2999-12-01", EDITOR)
    run(page)
    page.button(key="proposal_built").click()
    run(page)
    assert store.assets.one(code, viewer=EDITOR).iloc[0]["status"] == "operational"
    run(page)
    assert [button for button in page.button if button.key == "proposal_built"] == []


def test_what_is_refused_is_told_and_nothing_is_kept(page: AppTest, store: Store) -> None:
    run(page)
    page.selectbox(key="new_village").set_value(KAULON)
    page.text_input(key="new_name_0").set_value("SDN")
    page.text_input(key="new_place_0").set_value("di sebelah masjid")
    page.button(key="new_add").click()
    assert "di sebelah masjid" in run(page)
    assert page.text_input(key="new_name_0").value == "SDN"
    assert store.proposals.all("3505", VIEWER) == []


def test_a_deadline_that_nears_is_told(page: AppTest, store: Store) -> None:
    store.proposals.add([asked_at(KAULON, lon=112.25, lat=-8.15)], EDITOR)
    until = (dt.date.today() + dt.timedelta(days=9)).isoformat()
    store.settings.decide("3505", "proposals", {"deadlines": {"bakti": until}}, EDITOR)
    assert "tinggal 9 hari" in run(page)


def test_photos_are_kept_with_their_time_place_and_checksum(page: AppTest, store: Store, tmp_path: Path) -> None:
    (name,) = store.proposals.add([asked_at(KAULON)], EDITOR)
    files = RegionFiles("3505")
    for number, side in enumerate(("utara", "selatan", "timur", "barat"), start=1):
        file = keep_proof(
            files, write_photo(tmp_path / f"{side}.jpg", size=(200 + number, 100)), "photos", EDITOR, side
        )
        assert store.proposals.attach(name, number, file, EDITOR) == number + 1
        assert proof_files(files, file)[0].read_bytes() == (tmp_path / f"{side}.jpg").read_bytes()
    page.session_state["proposal_chosen"] = name
    said = run(page)
    assert "4 foto" in said
    assert "-8.12500, 112.25000" in said
    assert "data:image/jpeg;base64," in said
    page.button(key="proof_off_3").click()
    assert "baru 3 dari 4 foto" in run(page)


def test_the_measures_of_the_office_plan_become_proposals_once(page: AppTest, store: Store, analysis: Analysis) -> None:
    codes = analysis.priority["village_code_bps"].head(2).tolist()
    rows = [[codes[0], "small_tower", 2027], [codes[1], "satellite", 2027]]
    store.settings.decide("3505", "plan", {"rows": rows}, EDITOR)
    run(page)
    page.button(key="plan_take").click()
    run(page)
    kept = [line.proposal for line in store.proposals.all("3505", VIEWER)]
    assert sorted((one.village_code_bps, one.asked, one.year) for one in kept) == sorted(map(tuple, rows))
    assert page.button(key="plan_take").disabled


def test_the_page_speaks_english(page: AppTest, store: Store) -> None:
    store.proposals.add([asked_at(KAULON)], EDITOR)
    page.query_params["bahasa"] = "en"
    page.session_state["proposal_chosen"] = "3505-2026-001"
    said = run(page)
    assert "Completeness by channel" in said
    assert "the village government" in said
