"""The pages, run without a browser: what they show and what they do when something is chosen."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from coverage.exports.tables import villages_table
from coverage.language.words import Words
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis
from coverage.run.reweigh import ordered
from coverage.web import frame, settings
from coverage.web.run_cache import RUNS, ComputedRun, Run
from coverage.web.server.app import SCRIPT


@pytest.fixture
def app(analysis: Analysis, inputs: Inputs, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    run = Run()
    run.result.set_result(ComputedRun(inputs, analysis, None, inputs))  # type: ignore[arg-type]
    monkeypatch.setattr(frame.RUNS, "of", lambda sources: run)
    return AppTest.from_file(SCRIPT, default_timeout=60)


def html(app: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in app.get("html"))


@pytest.mark.slow
def test_the_map_page_says_the_answer_in_numbers(app: AppTest, analysis: Analysis) -> None:
    app.run()
    assert not app.exception
    blank = int((analysis.states() == "blank").sum())
    page = html(app)
    assert "Jangkauan layanan di Kabupaten Blitar" in page
    assert f"{blank} <small>desa</small>" in page
    assert "1.223.745" in page
    assert "contoh" in page
    assert "region_search" not in {box.key for box in app.selectbox}  # 514 regencies are sent where their box is opened


def test_a_village_in_the_address_is_shown_with_its_facts(app: AppTest) -> None:
    app.query_params["desa"] = "3505060010"
    app.run()
    page = html(app)
    assert "<h2>Kaulon</h2>" in page
    assert "35.05.12.2011" in page


@pytest.mark.parametrize("code", ["", "3505999999", "<script>", "../x"])
def test_a_village_in_the_address_that_is_not_there_is_passed_over(app: AppTest, code: str) -> None:
    app.query_params["desa"] = code
    app.run()
    assert not app.exception
    assert "Klik satu desa di peta" in html(app)


def test_another_rule_shows_its_own_states(app: AppTest, analysis: Analysis) -> None:
    app.run()
    app.selectbox(key="rule_choice").select("no_public_wifi").run()
    blank = int((analysis.states("no_public_wifi") == "blank").sum())
    assert f"{blank} <small>desa</small>" in html(app)
    assert "Tanpa Wi-Fi publik" in html(app)


def test_files_of_the_map_are_under_the_rule_of_the_map(analysis: Analysis, inputs: Inputs) -> None:
    """They used to be under the office's rule, whatever rule the map showed."""
    other = ordered(analysis, inputs, analysis.parameters.priority, "no_public_wifi").analysis
    assert (other.parameters.default_rule, other.run["run_id"] == analysis.run["run_id"]) == ("no_public_wifi", False)
    assert set(villages_table(other, Words("id"))["rule"]) == {"no_public_wifi"}
    lacking = other.states().isin(["blank", "weak"])
    assert set(other.priority["village_code_bps"]) == set(lacking.index[lacking])


def test_the_page_in_english(app: AppTest) -> None:
    app.query_params["bahasa"] = "en"
    app.run()
    page = html(app)
    assert "Service coverage in Kabupaten Blitar" in page
    assert "1,223,745" in page
    assert 'data-language="en"' in page
    assert "sample" in page


def test_when_a_file_is_refused_the_page_says_why_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_REGION", "tidak_ada.geojson")
    app = AppTest.from_file(SCRIPT, default_timeout=60).run()
    assert RUNS.of(settings.sources()).result.exception(60)
    assert not app.exception
    assert "Peta tidak dapat ditampilkan" in html(app)
    assert "tidak_ada.geojson" in html(app)
    assert "Jangkauan layanan" not in html(app)


def test_a_weight_moves_the_order_and_reset_moves_it_back(app: AppTest) -> None:
    page = AppTest.from_function(priority_only, default_timeout=60).run()
    first = page.dataframe[0].value.iloc[:, 2].tolist()
    for name in ("people_unserved", "share_unserved", "centre_unserved", "officially_listed"):
        page.slider(key=f"weight_{name}").set_value(0)
    page.run()
    assert not page.exception
    moved = page.dataframe[0].value.iloc[:, 2].tolist()
    assert moved != first
    assert sorted(moved) == sorted(first)
    page.button[0].click().run()
    assert page.dataframe[0].value.iloc[:, 2].tolist() == first


def priority_only() -> None:
    from coverage.web import frame, session, settings
    from coverage.web.priority_page import page as priority_page

    computed = frame.RUNS.of(settings.sources()).result.result()
    priority_page.show(
        frame.Context(
            analysis=computed.analysis,
            inputs=computed.inputs,
            ground=computed.ground,
            words=frame.words_in("id"),
            viewer=session.viewer(),
        )
    )


def test_filters_narrow_the_list(app: AppTest) -> None:
    page = AppTest.from_function(priority_only, default_timeout=60).run()
    count = len(page.dataframe[0].value)
    page.multiselect(key="kecamatan").select("Bakung").run()
    assert set(page.dataframe[0].value["Kecamatan"]) == {"Bakung"}
    page.multiselect(key="keadaan").select("weak").run()
    assert set(page.dataframe[0].value["Keadaan"]) == {"Lemah"}
    assert len(page.dataframe[0].value) < count


def test_all_weights_at_zero_is_said_and_not_divided_by(app: AppTest) -> None:
    page = AppTest.from_function(priority_only, default_timeout=60).run()
    for slider in page.slider:
        slider.set_value(0)
    page.run()
    assert not page.exception
    assert "Semua bobot nol" in page.warning[0].value


@pytest.mark.slow
def test_with_no_asset_list_every_state_is_unknown_and_nothing_is_ranked(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JANGKAU_REGION", str(shared / "bogor" / "villages_bps_2020.geojson"))
    app = AppTest.from_file(SCRIPT, default_timeout=120).run()
    assert not app.exception
    page = html(app)
    assert "Kota Bogor" in page
    assert "68 <small>desa</small>" in page
    assert "belum diketahui" in page
    listed = AppTest.from_function(priority_only, default_timeout=60).run()
    assert "belum ada yang diurutkan. Masukkan daftar aset" in listed.info[0].value
