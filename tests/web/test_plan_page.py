"""The page Rencana without a browser: money, wishes, the plan, what is possible where, scenarios."""

import json
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from coverage.language.words import Words
from coverage.readers.costs import read_costs
from coverage.rollout.edits import PlanEdit
from coverage.run.decisions import decisions_in, office_plan
from coverage.store import Actor
from coverage.web import settings, store_access
from coverage.web.html import as_label
from coverage.web.maps.map_view import year_colours
from coverage.web.plan_page import plan_costs
from coverage.web.plan_page.request import PlanForm
from coverage.web.plan_page.scenarios import document
from coverage.web.run_cache import RUNS
from tests.store.stores import asked_at

KALIGAMBIR = "3505030003"


def plan_only() -> None:
    from coverage.web import frame, linked, session, settings
    from coverage.web.plan_page import page as plan_page

    linked.take_settings()
    computed = frame.RUNS.of(settings.sources()).result.result()
    plan_page.show(
        frame.Context(
            analysis=computed.analysis,
            inputs=computed.inputs,
            ground=computed.ground,
            words=frame.words_in("id"),
            viewer=session.viewer(),
        )
    )


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(store_access, "_kept", [])
    made = AppTest.from_function(plan_only, default_timeout=120)
    made.session_state["plan_tab"] = "Tabel"  # the map is a frame that only a browser has
    made.run()
    assert not made.exception
    return made


def html(page: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in page.get("html"))


def compute(page: AppTest, seconds: float = 60.0, pressed: bool = True) -> AppTest:
    if pressed:
        page.button(key="plan_compute").click()
    page.run()
    deadline = time.monotonic() + seconds
    while "plan_job" in page.session_state and time.monotonic() < deadline:
        job = page.session_state["plan_job"]
        job.result.exception(max(0.1, deadline - time.monotonic()))
        page.run()
    assert not page.exception
    return page


def open_tab(page: AppTest, name: str) -> AppTest:
    page.session_state["plan_tab"] = name
    page.run()
    assert not page.exception
    return page


def test_before_anything_is_computed_the_page_says_what_to_do_and_that_costs_are_indicative(page: AppTest) -> None:
    assert "Susun rencana" in html(page)
    assert "indikatif" in html(page)
    assert "Seluruhnya Rp 3 miliar" in " ".join(caption.value for caption in page.caption)
    assert "hanya ANDAIAN" in " ".join(caption.value for caption in page.caption)
    page.number_input(key="plan_budget").set_value(900).run()
    assert "ANDAIAN" not in " ".join(caption.value for caption in page.caption)


@pytest.mark.slow
def test_a_budget_of_three_years_with_a_village_fixed_and_one_left_out(page: AppTest) -> None:
    page.session_state["plan_edits"] = (
        PlanEdit("pin", "3505030001", year=2028, who="ani"),
        PlanEdit("forbid", KALIGAMBIR),
    )
    page.multiselect(key="plan_subdistricts").set_value(["Wates"]).run()
    page.number_input(key="plan_minimum_Wates").set_value(3).run()
    compute(page)
    made = page.session_state["plan_made"]
    rows = made.planned.plan.rollout
    assert rows.set_index("village_code_bps").loc["3505030001", "year"] == 2028
    assert KALIGAMBIR not in set(rows["village_code_bps"])
    assert (rows["subdistrict"] == "Wates").sum() >= 3
    years = made.planned.plan.years
    assert (years["capital_idr"] + years["running_idr"] <= 10**9).all()
    assert made.planned.plan.people > 0
    assert "Terbukti" in html(page)
    assert f"{made.planned.plan.people:,}".replace(",", ".") in html(page)
    assert "ditetapkan oleh kantor (ani)" in " ".join(page.dataframe[0].value["Alasan"].astype(str).str.lower())
    assert "tanpa cara apa pun" in html(page)  # what was forbidden, and what both cost against the free plan
    free = made.planned.free
    assert free.people >= made.planned.plan.people
    assert f"rencana bebas melayani {free.people:,} orang".replace(",", ".") in html(page)
    page.button(key="plan_drop_0").click()  # and the plan follows
    page = compute(page, pressed=False)
    assert page.session_state["plan_made"].planned.request.edits == (PlanEdit("forbid", KALIGAMBIR),)
    assert page.session_state["plan_made"].planned.free == free  # not searched for again
    page.button(key="plan_undo").click()
    assert len(compute(page, pressed=False).session_state["plan_made"].planned.request.edits) == 2


def test_wishes_that_cannot_be_met_are_told(page: AppTest) -> None:
    page.number_input(key="plan_budget").set_value(1).run()
    page.session_state["plan_edits"] = (PlanEdit("pin", KALIGAMBIR, year=2027),)
    compute(page)
    assert "Kaligambir ditetapkan untuk 2027" in page.error[0].value
    assert "lepas ketetapan desa Kaligambir" in page.error[0].value
    assert "plan_made" not in page.session_state


def test_a_changed_budget_says_that_the_plan_is_of_another(page: AppTest) -> None:
    compute(page)
    assert not page.info
    page.number_input(key="plan_years").set_value(4).run()
    assert "berubah sejak rencana ini disusun" in page.info[0].value


def test_each_village_is_told_what_is_possible_and_why_not(page: AppTest) -> None:
    open_tab(page, "Pilihan per desa")
    text = html(page)
    for measure in ("Wi-Fi publik", "Perpanjangan fiber", "Radio link", "Satelit", "Menara kecil"):
        assert measure in text
    assert "terlalu jauh" in text or "terlalu panjang" in text
    compute(page)
    assert "mulai terlayani" in html(page)


def test_the_curve_stands_beside_going_down_the_ranking(page: AppTest) -> None:
    compute(page)
    open_tab(page, "Kurva")
    curve = page.session_state["plan_made"].curve
    assert curve["people"].is_monotonic_increasing
    assert (curve["people"] >= curve["people_naive"]).all()
    assert "Menuruni peringkat" in html(page)


@pytest.mark.slow
def test_costs_that_are_changed_are_used_and_can_be_put_back(page: AppTest) -> None:
    open_tab(page, "Biaya")
    page.session_state[plan_costs.VALUES] = {"radio_link.capital.0": 900_000_000.0}
    page.session_state["plan_tab"] = "Tabel"
    page.run()
    compute(page)
    dear = page.session_state["plan_made"].planned.plan.people
    plan_costs_of = page.session_state["plan_made"].planned.costs
    assert plan_costs_of.measures[2].capital[0].value == 900_000_000
    page.session_state[plan_costs.VALUES] = {}
    page.run()
    assert compute(page).session_state["plan_made"].planned.plan.people > dear


def test_other_values_keep_year_and_source_and_nonsense_is_refused() -> None:
    costs = plan_costs.with_values(read_costs(), {"fiber.capital.0": 1.0, "discount_rate": 0.1})
    assert costs.measures[1].capital[0].value == 1.0
    assert costs.measures[1].capital[0].source == read_costs().measures[1].capital[0].source
    assert costs.discount_rate.value == 0.1
    with pytest.raises(ValueError, match="horizon"):
        plan_costs.with_values(read_costs(), {"horizon_years": 0.5})


@pytest.mark.slow
def test_new_places_serve_people_and_say_how_good_they_are(page: AppTest) -> None:
    open_tab(page, "Lokasi baru")
    page.number_input(key="sites_count").set_value(3).run()
    page.button(key="sites_compute").click().run()
    chosen, sites = page.session_state["sites_job"].result.result(60)
    assert len(chosen) == 3
    assert chosen["people_added"].is_monotonic_decreasing
    assert sites.people == chosen["people_added"].sum()


@pytest.mark.slow
def test_neighbours_assets_name_the_villages_they_would_serve_better(page: AppTest) -> None:
    open_tab(page, "Kerja sama")
    rows = "asset_id,kind,name,status,lon,lat\nTLG-1,tower,Menara tetangga,operational,112.226,-8.302\n"
    page.file_uploader(key="neighbours_file").set_value(("tetangga.csv", rows.encode(), "text/csv")).run()
    assert not page.exception
    assert "TLG-1" in html(page)


@pytest.mark.slow
def test_a_plan_is_saved_and_opened_again_as_it_was(page: AppTest) -> None:
    page.number_input(key="plan_years").set_value(2).run()
    compute(page)
    before = page.session_state["plan_made"]
    open_tab(page, "Skenario")
    page.text_input(key="plan_name").set_value("Usulan <b>2027</b>")
    page.button[-1].click().run()
    assert not page.exception
    assert "Disimpan" in page.success[0].value
    page.number_input(key="plan_years").set_value(5).run()
    store = store_access.opened_store().store
    assert store is not None
    (saved,) = store.scenarios.all("3505", store_access.who())
    assert saved["name"] == "Usulan <b>2027</b>"
    assets = store.scenarios.load(saved["scenario_id"], store_access.who())
    assert len(assets) == len(before.planned.plan.rollout)
    assert set(assets["status"]) == {"planned"}
    page.button(key=f"open_{saved['scenario_id']}").click().run()
    assert not page.exception
    after = page.session_state["plan_made"]
    assert page.number_input(key="plan_years").value == 2
    assert after.planned.plan.rollout.equals(before.planned.plan.rollout)
    assert after.planned.plan.years.equals(before.planned.plan.years)
    assert after.planned.plan.gap == pytest.approx(before.planned.plan.gap)
    assert "sama seperti ketika disimpan" in page.success[0].value
    assert "Usulan &lt;b&gt;2027" in html(page)
    assert "Desa yang berbeda: 0" in html(page)
    page.session_state["plan_edits"] = (PlanEdit("forbid", before.planned.plan.rollout["village_code_bps"].iloc[0]),)
    compute(page)
    assert "Desa yang berbeda: 0" not in html(page)
    assert "Desa yang berbeda" in html(page)


def test_what_is_saved_holds_nothing_but_json(page: AppTest) -> None:
    compute(page)
    made = page.session_state["plan_made"]
    text = json.dumps(document(made, PlanForm(made.planned.request, None, None, False)))
    assert json.loads(text)["rows"][0][0] in set(made.planned.plan.rollout["village_code_bps"])


def test_years_go_from_dark_to_pale() -> None:
    colours = list(year_colours(range(2027, 2037)).values())
    assert len(set(colours)) == 10
    light = [int(colour[1:3], 16) + int(colour[3:5], 16) + int(colour[5:], 16) for colour in colours]
    assert light == sorted(light)
    assert year_colours([2027]) == {2027: "#142E54"}


def test_costs_are_written_and_read_in_the_numbers_of_the_reader() -> None:
    setup = read_costs().measures[0].capital[0]
    for language, money, share in (("id", "8.000.000,5", "5,25 %"), ("en", "8,000,000.5", "5.25 %")):
        words = Words(language)
        assert plan_costs._written(8_000_000.5, "capital.0", setup, words) == money
        assert plan_costs._read(money, "capital.0", setup, words) == 8_000_000.5
        assert plan_costs._written(0.0525, "discount_rate", None, words) == share
        assert plan_costs._read(share, "discount_rate", None, words) == 0.0525
    assert plan_costs._read("0.05", "capital.0", setup, Words("id")) is None  # neither 5 nor five hundredths unasked
    assert plan_costs._read("-3", "capital.0", setup, Words("id")) is None
    assert plan_costs._read("banyak", "capital.0", setup, Words("id")) is None


@pytest.mark.slow
def test_the_offices_plan_is_there_in_another_session_with_its_budget_and_costs(page: AppTest) -> None:
    page.number_input(key="plan_budget").set_value(700).run()
    page.session_state[plan_costs.VALUES] = {"discount_rate": 0.1}
    made = compute(page).session_state["plan_made"]
    other = AppTest.from_function(plan_only, default_timeout=120)
    other.session_state["plan_tab"] = "Tabel"
    other.run()
    assert not other.exception
    assert other.number_input(key="plan_budget").value == 700
    again = other.session_state["plan_made"]
    assert again.planned.costs.discount_rate.value == 0.1
    assert again.planned.plan.rollout.equals(made.planned.plan.rollout)
    assert any("Rencana kantor" in caption.value for caption in other.caption)
    computed = RUNS.of(settings.sources()).result.result()
    decided = decisions_in(store_access.opened_store().store, settings.sources(), computed.inputs)
    papers = office_plan(computed.analysis, computed.ground, decided, 1.0)
    assert papers.plan.rollout.equals(again.planned.plan.rollout)  # the papers' plan is the one on the screen
    assert papers.costs.discount_rate.value == 0.1
    assert not papers.plan.assumed
    kept = store_access.opened_store().store.settings.current("3505")  # type: ignore[union-attr]
    for budget, there in ((700, True), (800, False)):  # a link with the office's budget shows its plan, another's not
        linked = AppTest.from_function(plan_only, default_timeout=120)
        linked.session_state["plan_tab"] = "Tabel"
        linked.query_params["pengaturan"] = json.dumps({"plan_budget": budget})
        linked.run()
        assert not linked.exception
        assert linked.number_input(key="plan_budget").value == budget
        assert ("plan_made" in linked.session_state) == there
    assert store_access.opened_store().store.settings.current("3505") == kept  # type: ignore[union-attr]
    other.button(key="office_back_plan").click().run()
    assert not other.exception
    assert not any("Rencana kantor" in caption.value for caption in other.caption)


def test_approved_proposals_that_others_pay_are_taken_over_once(page: AppTest) -> None:
    store = store_access.opened_store().store
    assert store is not None
    asked = asked_at("3505060010", stage="approved", year=2028, channel="bakti")
    store.proposals.add([asked, asked_at("3505030003")], Actor("eko", "editor"))
    page.run()
    page.button(key="plan_approved").click().run()
    assert not page.exception
    (edit,) = page.session_state["plan_edits"]
    assert (edit.village, edit.measure, edit.year, edit.paid_by) == (
        "3505060010", "small_tower", 2028, "BAKTI (SIGNAL)",
    )  # fmt: skip
    assert as_label("dibayar BAKTI (SIGNAL)") in " ".join(str(one.value) for one in page.caption)
    assert not [button for button in page.button if button.key == "plan_approved"]
