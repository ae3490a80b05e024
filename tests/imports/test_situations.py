"""Every situation of ``docs/field-cases.md``: what the file holds gets in, the rest is refused by row."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

from coverage.imports.interpret import interpret
from coverage.imports.list_options import guess
from coverage.imports.places import Region
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.imports.result import Interpretation
from tests.imports.situations import SITUATIONS, Situation

LOG = Path(__file__).parents[2] / "docs" / "field-cases.md"


@pytest.fixture(scope="module")
def blitar() -> Region:
    return read_region("3505")


def values(found: Interpretation, what: str) -> list[Any]:
    shapes = found.accepted.geometry.to_numpy()
    if what == "place":
        return [(round(one.y, 4), round(one.x, 4)) for one in shapes]
    if what == "length":
        return [int(shapely.get_num_coordinates(one)) for one in shapes]
    return [None if pd.isna(value) else value for value in found.accepted[what]]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
def test_what_people_report_gets_in(situation: Situation, tmp_path: Path, blitar: Region) -> None:
    raw = read(situation.written(tmp_path), **situation.options)
    choices = guess(raw, record="assets")
    if "kind" not in choices.columns:
        choices = replace(choices, kind=situation.kind)
    found = interpret(raw, choices, blitar)
    assert found.rows == found.accepted_rows + found.refused_rows
    assert tuple(code.removeprefix("import.") for code in found.refused["code"]) == situation.refused
    assert {what: values(found, what) for what in situation.expected} == situation.expected


def test_the_log_tells_every_situation() -> None:
    log = LOG.read_text("utf-8")
    assert [one.name for one in SITUATIONS if f"| {one.name} |" not in log] == []
