"""Page Provinsi: figures of the regencies, the way into one, and computing them in the background."""

import json
import os
import time
from pathlib import Path
from unittest.mock import Mock

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from coverage.base.errors import UnavailableError
from coverage.cli.rollout import read_budgets
from coverage.exports.nation import regency_table
from coverage.language.words import Words
from coverage.readers.costs import read_costs
from coverage.run.planning import default_request
from coverage.web.province_page import results

pytestmark = pytest.mark.usefixtures("store")


def province_only() -> None:
    from coverage.web import frame
    from coverage.web.province_page.page import PAGE

    frame._show_page(PAGE, frame.words_in("id"))


def shown(page: AppTest) -> str:
    assert not page.exception
    return "".join(element.proto.body for element in page.get("html"))


class Figures:
    def __init__(self, **figures: object) -> None:
        self.figures = figures


@pytest.fixture
def computed(store: object) -> Path:
    """Results of three regencies: with everything, without a list of assets, without people."""
    folder = results.folder_of("35")
    folder.mkdir(parents=True)
    about = {"province": "Jawa Timur", "rule": "overlay", "run_id": "a", "villages": 100, "served": 0, "weak": 0}
    known = {"served": 83, "weak": 5, "blank": 12, "unknown": 0, "population": 1000, "population_unserved": 250}
    kept = [
        Figures(**about | known, regency_code_kemendagri="35.05", regency="Kabupaten Blitar", population_unknown=0,
                pockets=7, spent_idr=2_000_000_000, approximations="sample_assets"),
        Figures(**about, blank=0, unknown=100, regency_code_kemendagri="35.06", regency="Kabupaten Kediri",
                population=1000, people_newly_served=0, spent_idr=0, approximations="approximate_boundaries"),
        Figures(**about | known | {"population": None, "population_unserved": None}, spent_idr=0,
                regency_code_kemendagri="35.07", regency="Kabupaten Malang", approximations="approximate_boundaries"),
    ]  # fmt: skip
    common = pd.DataFrame({"regency_code_kemendagri": [], "people_newly_served": []})
    table = regency_table(kept, common)  # type: ignore[arg-type]
    shapes = [
        shapely.box(112, -8.3, 112.4, -7.9),
        shapely.box(112, -7.9, 112.4, -7.6),
        shapely.box(112.4, -8.3, 113, -7.9),
    ]
    written(folder, gpd.GeoDataFrame(table, geometry=shapes, crs=4326), budget_assumed=True)
    return folder


def written(folder: Path, table: gpd.GeoDataFrame, budget_assumed: bool, **plan: object) -> None:
    """Leave what a run of these regencies leaves, with a budget of 3 and of 2 thousand million rupiah."""
    table.to_file(folder / "nation.gpkg", layer="regencies")
    plan = {"villages": 0, "people_newly_served": 0} | plan
    plan |= {"budgets": {"2027": 3_000_000_000, "2028": 2_000_000_000}, "budget_assumed": budget_assumed}
    run = {"run_id": "562175397c17", "version": "1", "counts": {"villages": 300}, "inputs": {}, "common_plan": plan}
    run["regencies"] = {code: {} for code in table["regency_code_kemendagri"]}
    (folder / "run.json").write_text(json.dumps(run))
    results._read.cache_clear()


@pytest.mark.slow
def test_figures_say_of_how_many_regencies_and_lead_into_one(computed: Path, words: Words) -> None:
    page = AppTest.from_function(province_only, default_timeout=60).run()
    text = shown(page)
    assert "Provinsi Jawa Timur" in text
    assert words("core.mark.mark_sample") in text  # the blank spots rest on invented assets
    assert words("nation.page.of", known=1, count=3) in text
    assert page.button(key="province_begin").label == words("nation.page.again", province="Jawa Timur", count=38)
    plan = words("nation.plan_assumed", budget=words.money(5_000_000_000), years=2, villages=0, people=0)
    assert f"{plan} ({words('nation.page.of', known=1, count=3)})" in text
    assert page.selectbox(key="province_by").value == "blank"  # of people no more is known than of one regency
    assert page.button(key="province_open").label == "Buka Kabupaten Blitar"  # where the visitor comes from
    page.session_state["province_regency"] = "3506"
    page.run()
    card = shown(page).partition("<h2>Kabupaten Kediri</h2>")[2].partition("</section>")[0]
    assert "100" in card
    assert "<dd>–</dd>" in card  # people without service are not known, and not nobody
    assert "Rp" not in card  # and nothing can be planned for them, which is no plan that costs nothing
    assert page.button(key="province_open").label == "Buka Kabupaten Kediri"


@pytest.mark.slow
def test_of_the_nations_run_villages_and_people_are_the_provinces(computed: Path, words: Words) -> None:
    table = gpd.read_file(computed / "nation.gpkg", layer="regencies")
    table["common_villages"], table["common_people"] = [3, 0, 0], [70, 0, 0]
    table.loc[2, ["regency_code_kemendagri", "common_villages", "common_people"]] = ["33.01", 40, 9000]
    computed.joinpath("run.json").unlink()
    written(computed.parent, table, budget_assumed=False, villages=43, people_newly_served=9070)
    page = AppTest.from_function(province_only, default_timeout=60).run()
    text = shown(page)
    plan = words("nation.plan", budget=words.money(5_000_000_000), years=2, villages=3, people=70)
    assert f"{plan}; {words('nation.plan_part', count=3, here=2)} ({words('nation.page.of', known=1, count=2)})" in text
    assert words("nation.page.files_of_all", count=3) in text
    assert page.number_input(key="province_budget_35").value is None  # the nation's budget is not the province's


@pytest.mark.slow
def test_the_budget_of_the_last_run_stands_in_its_field(computed: Path, words: Words) -> None:
    page = AppTest.from_function(province_only, default_timeout=60).run()
    assert page.number_input(key="province_budget_35").value is None  # assumed
    assert words("nation.page.files_of_all", count=3) not in shown(page)
    written(computed, gpd.read_file(computed / "nation.gpkg", layer="regencies"), budget_assumed=False)
    page = AppTest.from_function(province_only, default_timeout=60).run()
    field = page.number_input(key="province_budget_35")
    assert field.value == 2500  # a year, of 3 and 2 thousand million
    assert field.max * 1_000_000 * 10 < 2**63  # rupiah of all years


def test_earlier_results_plan_nothing_where_people_are_not_known(computed: Path) -> None:
    table = gpd.read_file(computed / "nation.gpkg", layer="regencies")
    table["spent_idr"] = table["common_people"] = 0
    written(computed, table, budget_assumed=True)
    found = results.found("35")
    assert found is not None
    assert (
        found.regencies[["spent_idr", "common_people"]].notna().to_numpy().tolist() == [[True] * 2] + [[False] * 2] * 2
    )


def test_results_of_elsewhere_or_unreadable_are_not_the_provinces(computed: Path) -> None:
    assert results.found("33") is None
    computed.joinpath("nation.gpkg").write_bytes(b"no map")
    os.utime(computed / "run.json", (1, 1))
    with pytest.raises(UnavailableError, match=r"nation\.unreadable"):
        results.found("35")


def test_a_budget_a_year_is_that_of_the_common_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(results.subprocess, "Popen", lambda command, **_: commands.append(command) or Mock())
    results.ProvinceRun("35", "id", 7_000_000_000)
    budgets = [one.partition("=")[2] for one in commands[0] if one.startswith("--budget=")]
    assert read_budgets(budgets) == dict.fromkeys(default_request(read_costs()).budgets, 7_000_000_000)


@pytest.mark.slow
def test_a_run_that_fails_says_why_and_two_do_not_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "_runs", {})
    results.begin("00", "id")
    with pytest.raises(UnavailableError, match=r"nation\.busy"):
        results.begin("35", "id")
    run = results.run_of("00")
    assert run is not None
    until = time.monotonic() + 120
    while run.running and time.monotonic() < until:
        time.sleep(0.1)
    assert run.problem
    assert "00" in run.problem
