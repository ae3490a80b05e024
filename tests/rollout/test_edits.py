"""Decisions by hand: as the command line writes them, and as plans of before kept them."""

import pytest

from coverage.base.errors import ParameterError
from coverage.cli.rollout import _forbidden, _pins
from coverage.rollout.edits import PlanEdit, edits_from


def test_the_command_line_pins_and_forbids() -> None:
    assert list(_pins(["3505010001=2027", "3505010002=small_tower", "93.01.01.2001=4g_tower@2028"])) == [
        PlanEdit("pin", "3505010001", None, 2027),
        PlanEdit("pin", "3505010002", "small_tower"),
        PlanEdit("pin", "93.01.01.2001", "4g_tower", 2028),
    ]
    assert [_forbidden(text) for text in ("3505010001", "93.01.01.2001", "4g_tower", "3505010001=satellite")] == [
        PlanEdit("forbid", "3505010001"),
        PlanEdit("forbid", "93.01.01.2001"),
        PlanEdit("forbid", None, "4g_tower"),
        PlanEdit("forbid", "3505010001", "satellite"),
    ]


@pytest.mark.parametrize("text", ["3505010001", "3505010001=", "3505010001=satellite@tahun depan"])
def test_what_is_no_pin_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ParameterError) as caught:
        list(_pins([text]))
    assert caught.value.code == "rollout.budget_unreadable"


def test_plans_kept_before_read_as_the_same_decisions() -> None:
    kept = {"fixed": {"A": 2027, "B": 2028}, "fixed_measure": {"B": "fiber"}, "excluded": ["C"]}
    edits = (PlanEdit("pin", "A", None, 2027), PlanEdit("pin", "B", "fiber", 2028), PlanEdit("forbid", "C"))
    assert edits_from(kept) == edits
    assert edits_from({"edits": [vars(edit) for edit in edits]}) == edits
