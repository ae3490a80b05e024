"""What a plan leaves: a satellite terminal for 8 of 5,310 people serves no village."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from coverage.base.parameters import Parameters
from coverage.exports.plan import outcome_sentences
from coverage.language.words import Words
from coverage.readers.parameters import read_parameters
from coverage.rollout.plan import RolloutPlan
from coverage.run.outcome import outcome_of
from coverage.web.plan_page.layer import plan_layer


@dataclass
class Run:
    """Fields as the outcome needs them: three villages, of which nobody is in reach."""

    villages: pd.DataFrame
    village_service: pd.DataFrame
    blank_spots: pd.DataFrame
    evidence: pd.DataFrame
    parameters: Parameters


CODES = ["3505010001", "3505010002", "3505010003"]
PEOPLE = [5310.0, 1000.0, 400.0]


@pytest.fixture
def run() -> Any:
    return Run(
        pd.DataFrame({"village_code_bps": CODES, "population": PEOPLE}),
        pd.DataFrame({"village_code_bps": CODES, "service": "connection", "population_served": [0.0, 100.0, 0.0]}),
        pd.DataFrame({"village_code_bps": CODES, "rule": "overlay", "state": "blank", "share_unknown": 0.0}),
        pd.DataFrame(
            {"village_code_bps": CODES[:1], "kind": "official_list", "claimed_state": "blank", "date": ["2023"]}
        ),
        read_parameters(),
    )


@pytest.fixture
def plan() -> RolloutPlan:
    rows = pd.DataFrame(
        {
            "village_code_bps": CODES,
            "village": ["Satu", "Dua", "Tiga"],
            "measure": ["satellite", "fiber", "fiber"],
            "year": [2028, 2027, 2027],
            "people_newly_served": [8, 200, 390],
        }
    )
    return RolloutPlan(rows, pd.DataFrame(), 598, 598.0, 598.0, 0.0, "optimal", ())


def test_a_village_is_served_in_part_or_at_one_point_only(run: Any, plan: RolloutPlan) -> None:
    found = outcome_of(run, plan)
    assert found.villages["outcome"].tolist() == ["one_point", "partly", "served"]
    assert found.villages["share_after"].tolist() == pytest.approx([8 / 5310, 0.3, 0.975])
    assert found.villages["people_left"].tolist() == [5302, 700, 10]
    assert found.villages["listed"].tolist() == [True, False, False]
    assert (found.before, found.left) == (6610, 6012)
    assert found.counts == {"served": 1, "partly": 1, "one_point": 1}


def test_the_plan_says_who_stays_without_service_and_which_listed_village_does(run: Any, plan: RolloutPlan) -> None:
    said = outcome_sentences(run, plan, Words("id"))
    assert said == [
        "Sebelum rencana 6.610 orang belum terlayani; setelah rencana 6.012 orang tetap belum terlayani.",
        "Dari 3 desa yang dibangun: 1 terlayani, 1 terlayani sebagian, 1 mendapat satu titik saja.",
        "Desa pada daftar resmi yang setelah itu belum terlayani penuh (penduduk terlayani): Satu (<1%).",
    ]


def test_the_map_of_the_plan_says_how_far_each_village_is_served(run: Any, plan: RolloutPlan) -> None:
    planned: Any = SimpleNamespace(plan=plan, survey=SimpleNamespace(routes=None))
    drawn = plan_layer(run, planned, Words("id"))["villages"]
    assert [(one["outcome"], one["left"]) for one in drawn.values()] == [
        ("one_point", True),
        ("partly", False),
        ("served", False),
    ]
    assert drawn[CODES[0]]["said"] == "satu titik saja (<1% penduduk); daftar resmi, belum terlayani penuh"
    assert drawn[CODES[2]]["said"] == "terlayani (98% penduduk)"


def test_where_people_are_not_known_nothing_is_said_of_them(run: Any, plan: RolloutPlan) -> None:
    run.villages["population"] = float("nan")
    run.village_service["population_served"] = float("nan")
    found = outcome_of(run, plan)
    assert found.villages["outcome"].tolist() == [None] * 3
    assert (found.before, found.left) == (None, None)


def test_villages_without_a_figure_of_people_are_told_beside_the_sum(run: Any, plan: RolloutPlan) -> None:
    lost = run.villages["village_code_bps"] == CODES[1]
    run.villages["population"] = run.villages["population"].astype(float).mask(lost)
    run.village_service["population_served"] = (
        run.village_service["population_served"].astype(float).mask(run.village_service["village_code_bps"] == CODES[1])
    )
    found = outcome_of(run, plan)
    assert found.uncounted == 1
    said = outcome_sentences(run, plan, Words("id"))
    assert said[1] == (
        "Itu tanpa 1 desa blank spot atau lemah yang tidak punya angka penduduk: orang di sana tidak terhitung."
    )
