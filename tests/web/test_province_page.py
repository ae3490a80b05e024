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
    gpd.GeoDataFrame(table, geometry=shapes, crs=4326).to_file(folder / "nation.gpkg", layer="regencies")
    plan = {"budgets": {"2027": 5_000_000_000}, "budget_assumed": True, "villages": 0, "people_newly_served": 0}
    run = {"run_id": "562175397c17", "version": "1", "counts": {"villages": 300}, "inputs": {}, "common_plan": plan}
    (folder / "run.json").write_text(json.dumps(run))
    return folder


@pytest.mark.slow
def test_figures_say_of_how_many_regencies_and_lead_into_one(computed: Path, words: Words) -> None:
    page = AppTest.from_function(province_only, default_timeout=60).run()
    text = shown(page)
    assert "Provinsi Jawa Timur" in text
    assert words("core.mark.mark_sample") in text  # the blank spots rest on invented assets
    assert words("nation.page.of", known=1, count=3) in text
    assert page.button(key="province_begin").label == words("nation.page.again", province="Jawa Timur", count=38)
    plan = words("nation.plan_assumed", budget=words.money(5_000_000_000), villages=0, people=0)
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
