"""kill -9 of the server while phones send: no report lost, none kept twice (200 kills: ``scripts/try_field.py``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.field_trials import kill_trials


@pytest.mark.slow
def test_no_report_is_lost_or_doubled_by_a_server_that_dies(tmp_path: Path) -> None:
    found = kill_trials(tmp_path, 5)
    assert (found.lost, found.doubled, found.photos_lost, found.left_over) == (0, 0, 0, 0)
    assert (found.kills, found.made) == (5, 15)


@pytest.mark.slow
def test_with_a_new_name_for_each_try_reports_are_doubled(tmp_path: Path) -> None:
    """The defence taken out: the phone's identifier."""
    assert kill_trials(tmp_path, 1, new_names=True).doubled > 0
