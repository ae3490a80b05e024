"""What a channel asks for, what a proposal lacks, and what the register warns of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from coverage.exports.register import known_of
from coverage.language.words import Words
from coverage.proposals.completeness import completeness, missing
from coverage.proposals.proposal import Attachment, Proposal, checked
from coverage.proposals.rules import Channel
from coverage.proposals.to_plan import paid_pins
from coverage.proposals.warnings import PointFacts, warnings_of
from coverage.readers.parameters import read_parameters
from coverage.readers.proposals import proposal_rules
from coverage.rollout.edits import PlanEdit
from coverage.run.analysis import analyze
from coverage.run.inputs import load_inputs
from coverage.run.proposals import points_of
from tests.store.stores import asked_at

RULES = proposal_rules()
KAULON = "3505060010"


def made(number: int = 1, **more: Any) -> Proposal:
    base = {"proposal_id": f"3505-2026-{number:03d}", "stage": "draft", "stage_on": "2026-03-01"}
    return checked({**base, **asked_at(KAULON), **more}, RULES)


def told(*proposals: Proposal, today: str = "2026-11-29", **known: Any) -> dict[str, list[str]]:
    deadlines, facts = known.get("deadlines", {}), known.get("facts", {})
    return {
        name: [one.code for one in found]
        for name, found in warnings_of(proposals, RULES, today, deadlines, facts).items()
    }


def test_every_channel_takes_something_and_every_stage_can_be_reached_from_the_first() -> None:
    reached, new = set[str](), {RULES.first}
    while new:
        reached |= new
        new = {step for stage in new for step in RULES.stages[stage].next} - reached
    assert reached == set(RULES.stages)
    assert list(RULES.stages) == [
        "draft", "complete", "submitted", "under_review", "returned", "approved", "built", "on_air", "refused",
    ]  # fmt: skip
    assert set(RULES.items) == {name for channel in RULES.channels.values() for name in channel.items}
    assert set(RULES.asked) == {name for channel in RULES.channels.values() for name in channel.takes}


def test_what_is_missing_and_by_whom_it_can_be_had_in_the_order_the_channel_asks() -> None:
    photo = Attachment("v", "utara.jpg", "photos", "0" * 64, 1)
    one = replace(made(lon=112.1, lat=-8.1, answers={"electricity": "PLN"}), files=(photo,) * 3)
    states = completeness(one, RULES, {"people": "420 orang", "tower": "4,1 km"})
    assert [state.key for state in states] == list(RULES.channels["bakti"].items)
    done = {state.key: (state.value, state.origin) for state in states if state.done}
    assert done == {
        "coordinates": ("-8.100000, 112.100000", "place"),
        "people": ("420 orang", "run"),
        "tower_distance": ("4,1 km", "run"),
        "electricity": ("PLN", "answer"),
    }
    assert {state.key: state.item.by for state in missing(states)} == {
        "official": "office", "signal": "office", "land": "owner", "land_papers": "owner", "caretaker": "village",
        "photos": "village", "facilities": "village", "livelihood": "village", "village_letter": "village",
    }  # fmt: skip
    whole = replace(one, files=(photo,) * 4)
    assert "photos" not in {state.key for state in missing(completeness(whole, RULES, {}))}


def test_the_office_knows_better_than_the_run() -> None:
    states = completeness(made(answers={"people": "512 jiwa (sensus dusun)"}), RULES, {"people": "420 orang"})
    assert next((s.value, s.origin) for s in states if s.key == "people") == ("512 jiwa (sensus dusun)", "answer")


def test_a_point_asked_for_last_year_and_still_open_is_told_until_it_is_done() -> None:
    before = made(1, year=2025, stage="submitted", lon=112.1, lat=-8.1)
    again = made(2, year=2026, lon=112.1004, lat=-8.1)
    assert told(before, again) == {"3505-2026-002": ["asked_before"]}
    for stage in ("refused", "on_air", "built"):
        assert told(replace(before, stage=stage), again) == {}
    assert told(before, made(2, year=2026, lon=112.105, lat=-8.1)) == {}
    assert told(before, replace(again, year=2025)) == {}


def test_of_villages_without_a_point_the_hamlet_decides() -> None:
    before = made(1, year=2023, stage="under_review", hamlet="Krajan")
    assert told(before, made(2, hamlet="krajan"))["3505-2026-002"] == ["asked_before", "no_place"]
    assert told(before, made(2, hamlet="Sumber"))["3505-2026-002"] == ["no_place"]


def test_a_point_that_is_now_served_is_told_and_one_of_which_nothing_is_sure_is_not() -> None:
    one = made(lon=112.1, lat=-8.1)
    for served, expected in ((True, {one.proposal_id: ["served"]}), (False, {}), (None, {})):
        assert told(one, facts={one.proposal_id: PointFacts(served)}) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (PointFacts(True, None, ("2026-05-01",)), ["still_blank"]),
        (PointFacts(True, None, ("2026-02-01",)), []),
        (PointFacts(False), ["still_blank_on_map"]),
        (PointFacts(True), []),
        (PointFacts(None), []),
    ],
)
def test_a_built_one_that_still_measures_blank(facts: PointFacts, expected: list[str]) -> None:
    one = made(stage="built", stage_on="2026-04-01", lon=112.1, lat=-8.1)
    assert told(one, facts={one.proposal_id: facts}).get(one.proposal_id, []) == expected


def test_a_deadline_nears_passes_and_concerns_only_what_is_with_the_district() -> None:
    one, until = made(lon=112.1, lat=-8.1), {"bakti": "2026-12-10"}
    assert told(one, deadlines=until) == {one.proposal_id: ["deadline"]}
    assert told(one, today="2026-11-01", deadlines=until) == {}
    assert told(one, today="2026-12-11", deadlines=until) == {one.proposal_id: ["deadline_past"]}
    assert told(replace(one, stage="submitted"), deadlines=until) == {}
    assert told(replace(one, channel="pasti"), deadlines=until) == {}


def test_two_points_within_one_pocket_are_told_to_each() -> None:
    one, other = made(1, lon=112.1, lat=-8.1), made(2, lon=112.104, lat=-8.1)
    facts = {"3505-2026-001": PointFacts(False, 1), "3505-2026-002": PointFacts(False, 1)}
    assert told(one, other, facts=facts) == {"3505-2026-001": ["same_pocket"], "3505-2026-002": ["same_pocket"]}
    assert told(one, replace(other, stage="refused"), facts=facts) == {}
    scattered = {name: PointFacts(False, 0) for name in facts}
    assert told(one, other, facts=scattered) == {}


@pytest.mark.slow
def test_a_point_in_a_pocket_knows_its_people_its_towers_and_what_was_measured_around_it() -> None:
    analysis = analyze(load_inputs(), read_parameters())
    assert analysis.pockets is not None
    assert analysis.land is not None
    pocket = analysis.pockets[analysis.pockets["pocket"] == 1].iloc[0]
    code = pocket["village_code_bps"]
    measured = pd.DataFrame(
        {
            "measurement_id": ["a", "b", "c"],
            "lon": [pocket["lon"], pocket["lon"], pocket["lon"] + 0.1],
            "lat": [pocket["lat"]] * 3,
            "time": ["2026-05-01 09:00", "kemarin", "2026-05-01"],
            "operator": ["Satu", "Satu", "Satu"],
            "rsrp_dbm": [float("nan")] * 3,
            "mbit_s": [float("nan")] * 3,
            "told": ["none"] * 3,
        }
    )
    ids = {"proposal_id": "x", "stage": "draft", "stage_on": "2026-03-01"}
    inside = checked({**ids, **asked_at(code, lon=pocket["lon"], lat=pocket["lat"])}, RULES)
    village = checked({**ids, **asked_at(code, proposal_id="y")}, RULES)
    near = {"landmark_id": "a", "kind": "school", "name": "SDN 1", "village_code_bps": code, "lon": pocket["lon"]}
    marks = pd.DataFrame([{**near, "lat": pocket["lat"] + 0.01}, {**near, "name": "SDN 2", "lat": pocket["lat"]}])
    analysis = replace(analysis, landmarks=marks)
    found = points_of(analysis, analysis.land, [inside, village], RULES, measured)
    assert [name for name, _ in found["x"].nearby] == ["SDN 2", "SDN 1"]
    assert "SDN 1 (1,1 km)" in known_of(found["x"], Words("id"))["facilities"]
    assert found["x"].people == pocket["people"]
    assert (found["x"].in_pocket, found["x"].facts.pocket, found["x"].facts.served) == (True, 1, False)
    assert found["x"].facts.silent == ("2026-05-01",)
    assert len(found["x"].measured) == 2
    assert found["x"].tower_m == pytest.approx(pocket["nearest_m"])
    assert (found["y"].in_pocket, found["y"].facts.served) == (False, None)
    assert found["y"].people > found["x"].people - 1


def test_approved_proposals_that_others_pay_go_into_the_plan_in_their_year() -> None:
    def named(channel: Channel) -> str:
        return channel.name.en

    kept = [
        made(1, stage="approved", year=2028),
        made(2, stage="submitted", village_code_bps="3505030003"),
        made(3, stage="approved", channel="apbd", village_code_bps="3505030001"),
        made(4, stage="on_air", channel="pasti", asked="satellite", year=2024, village_code_bps="3505010001"),
        made(5, stage="approved", year=2035, village_code_bps="3505010002"),
        made(6, stage="approved", year=2029),
    ]
    first = PlanEdit("pin", KAULON, "small_tower", 2028, paid_by="BAKTI (SIGNAL)")
    second = PlanEdit("pin", "3505010001", "satellite", 2027, paid_by="PASTI (BAKTI's internet access)")
    assert set(paid_pins(kept, RULES, (2027, 2028, 2029), named)) == {first, second}
    table = pd.DataFrame(
        {"village_code_bps": [KAULON, "3505010001"], "measure": ["small_tower", "satellite"], "possible": [True, False]}
    )
    assert paid_pins(kept, RULES, (2027, 2028, 2029), named, table) == (first,)
