"""The board of contradictions: what each source says of a village, weighed by source and age."""

import pandas as pd
import pytest

from coverage.base.parameters import StatementParameters
from coverage.base.schema import EVIDENCE
from coverage.readers.parameters import read_parameters
from coverage.villages_served.blank_spots import conflicts
from coverage.villages_served.statements import contradictions, statements

RULE = read_parameters().rule("overlay")
WEIGHTS = StatementParameters(
    weight={"field_test": 4, "official_list": 2, "prediction": 2, "podes": 1}, half_life_years=2
)


def spots(**states: str) -> pd.DataFrame:
    rows = [(code, "overlay", state) for code, state in states.items()]
    return pd.DataFrame(rows, columns=["village_code_bps", "rule", "state"])


def evidence(*rows: tuple[str, str, str, str | None]) -> pd.DataFrame:
    made = [
        {"evidence_id": str(k), "village_code_bps": code, "kind": kind, "claimed_state": state, "date": date}
        | {"match": "agreed", "source": f"{kind} {date}"}
        for k, (code, kind, state, date) in enumerate(rows)
    ]
    return pd.DataFrame(made, columns=EVIDENCE.names)


def whole(said: pd.DataFrame) -> pd.DataFrame:
    """Villages as wholes."""
    return contradictions(said).xs(0, level="pocket")


def test_half_of_a_statement_is_left_after_its_half_life_and_the_newest_of_a_source_counts() -> None:
    rows = evidence(
        ("a", "official_list", "blank", "2021-01-01"),
        ("a", "official_list", "blank", "2023-01-01"),
        ("a", "field_test", "served", "2025-01-01"),
    )
    said = statements(spots(a="served"), RULE, rows, None, WEIGHTS).set_index(["source", "date"])["weight"]
    assert said["official_list", "2021-01-01"] == 0
    assert said["official_list", "2023-01-01"] == pytest.approx(1, abs=0.001)  # two of 2, two years old
    assert said["field_test", "2025-01-01"] == 4
    found = whole(statements(spots(a="served"), RULE, rows, None, WEIGHTS)).loc["a"]
    assert (found["sources"], found["states"], found["leaning"], found["open"]) == (3, 2, "served", True)
    assert found["lean_share"] == pytest.approx(6 / 7, abs=0.001)


def test_a_hint_of_service_somewhere_contradicts_only_what_all_call_blank() -> None:
    rows = evidence(
        ("a", "hint", "served", "2026-01-01"),
        ("b", "hint", "served", "2026-01-01"),
        ("c", "hint", "served", "2026-01-01"),
        ("c", "field_test", "served", "2026-01-01"),
    )
    weights = StatementParameters(weight={"prediction": 2, "field_test": 4, "hint": 0.5}, half_life_years=2)
    found = whole(statements(spots(a="weak", b="blank", c="served"), RULE, rows, None, weights))
    assert found["open"].to_dict() == {"a": False, "b": True, "c": False}
    states = spots(a="weak", b="blank", c="served").assign(reason=None)
    assert conflicts(states, rows, "overlay")["village_code_bps"].tolist() == ["b"]


def test_what_is_not_known_says_nothing_and_agreement_is_no_contradiction() -> None:
    rows = evidence(("b", "podes", "blank", "2024"), ("c", "podes", "unknown", "2024"))
    said = statements(spots(a="unknown", b="blank", c="served"), RULE, rows, None, WEIGHTS)
    assert set(said["village_code_bps"]) == {"b", "c"}
    found = whole(said)
    assert not found["open"].any()
    assert found.loc["b", "sources"] == 2


def test_the_lists_of_years_show_which_village_was_dropped_and_that_a_decision_settles_it() -> None:
    # Blitar published 7 villages in 2023, later others; here three: one dropped, one kept, one new.
    lists = [("a", "official_list", "blank", "2023"), ("b", "official_list", "blank", "2023")]
    lists += [("b", "official_list", "blank", "2025"), ("c", "official_list", "blank", "2025")]
    said = statements(spots(a="blank", b="blank", c="blank"), RULE, evidence(*lists), None, WEIGHTS)
    assert set(said.loc[said["dropped"], "village_code_bps"]) == {"a"}
    found = whole(said)
    assert found["open"].to_dict() == {"a": True, "b": False, "c": False}
    settled = evidence(*lists, ("a", "decision", "served", "2025-06-01"))
    after = whole(statements(spots(a="blank", b="blank", c="blank"), RULE, settled, None, WEIGHTS)).loc["a"]
    assert (after["decided"], after["open"]) == ("served", False)
    later = evidence(*lists, ("a", "decision", "served", "2025-06-01"), ("a", "field_test", "blank", "2026-01-01"))
    reopened = whole(statements(spots(a="blank"), RULE, later, None, WEIGHTS)).loc["a"]
    assert pd.isna(reopened["decided"])
    assert reopened["open"]


def test_of_rows_of_one_day_most_count_and_of_equally_many_the_least_service() -> None:
    rows = [("a", "complaint", state, "2025-01-01") for state in ("served", "blank", "blank")]
    rows += [("b", "complaint", state, "2025-01-01") for state in ("served", "blank")]
    said = statements(spots(), RULE, evidence(*rows), None, StatementParameters(weight={"complaint": 1}))
    assert said.set_index("village_code_bps")["state"].to_dict() == {"a": "blank", "b": "blank"}
    assert said.set_index("village_code_bps")["count"].to_dict() == {"a": 3, "b": 2}


def test_measured_places_of_a_day_speak_for_all_or_for_a_part() -> None:
    places = pd.DataFrame(
        {
            "village_code_bps": ["a", "a", "b", "b", None],
            "measured_class": ["none", "none", "none", "strong", "none"],
            "time": ["2025-03-01 08:00", "2025-03-01 09:00", "2025-03-02", "2025-03-02", "2025-03-02"],
        }
    )
    said = statements(spots(a="served", b="served"), RULE, None, places, StatementParameters(weight={"measurement": 4}))
    measured = said[said["source"] == "measurement"].set_index("village_code_bps")
    assert measured["state"].to_dict() == {"a": "blank", "b": "weak"}
    assert measured["date"].to_dict() == {"a": "2025-03-01", "b": "2025-03-02"}
    assert measured["count"].to_dict() == {"a": 2, "b": 2}


def test_what_is_said_in_a_pocket_counts_for_it_and_a_decision_on_it_for_nothing_else() -> None:
    rows = evidence(
        ("a", "complaint", "blank", "2025-02-01"),
        ("a", "field_test", "served", "2025-01-01"),
        ("a", "decision", "served", "2025-03-01"),
    ).assign(pocket=[0, 2, 2])
    pockets = pd.DataFrame({"village_code_bps": "a", "pocket": [1, 2, 0]})
    said = statements(spots(a="weak"), RULE, rows, None, WEIGHTS, pockets)
    lines = said.groupby("pocket")["source"].agg(set).to_dict()
    assert lines[0] == {"prediction", "complaint", "field_test"}  # the decision settles the pocket, not the village
    assert lines[1] == {"prediction"}
    assert lines[2] == {"prediction", "field_test", "decision"}
    found = contradictions(said)
    assert found.loc[("a", 0), "open"]
    assert not found.loc[("a", 1), "open"]
    assert (found.loc[("a", 2), "decided"], found.loc[("a", 2), "open"]) == ("served", False)


def test_a_complaint_does_not_take_back_what_another_said_in_the_same_year() -> None:
    rows = evidence(("a", "complaint", "blank", "2025-03-13"), ("a", "complaint", "served", "2025-03-14"))
    said = statements(spots(a="blank"), RULE, rows, None, WEIGHTS).set_index("source").loc["complaint"]
    assert (said["state"], said["count"], said["date"]) == ("blank", 2, "2025-03-14")
