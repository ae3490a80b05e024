"""Places where people hear one operator alone, on a made valley."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from coverage.exports.registry import ExportRequest, formats, formats_of
from coverage.language.words import Words
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze
from coverage.run.inputs import load_inputs
from coverage.run.one_operator import one_operator_places, tells_operators
from tests.made_valley import LEMBAH, LERENG, write_elevation, write_towers, write_villages


@pytest.mark.slow
def test_people_who_hear_one_operator_alone_are_a_place_and_a_second_operator_ends_it(tmp_path: Path) -> None:
    write_villages(tmp_path / "desa.geojson")
    write_towers(tmp_path / "menara.csv", ("M1", 5.0, 0.0, "Satu"))
    write_elevation(tmp_path / "dem.tif")
    inputs = load_inputs(tmp_path / "desa.geojson", [tmp_path / "menara.csv"], elevation=[tmp_path / "dem.tif"])
    # By hand: the slope hears the one tower everywhere (600 people); behind the ridge nobody hears anything.
    one = analyze(inputs, read_parameters())
    assert tells_operators(one)
    found = one_operator_places(one)
    assert found[["village_code_bps", "operator", "state"]].to_numpy().tolist() == [[LERENG, "Satu", "served"]]
    assert found["people"].tolist() == pytest.approx([600])
    assert one.village_signal is not None
    heard = one.village_signal.set_index("village_code_bps")["share_one_operator"]
    assert heard[[LEMBAH, LERENG]].tolist() == [0, 1]
    written = formats()["one_operator.csv"].make(ExportRequest(one, Words("en"))).decode("utf-8-sig")
    assert len(written.strip().splitlines()) == 2
    assert inputs.assets is not None
    second = inputs.assets[inputs.assets["asset_id"] == "M1"].assign(asset_id="M9", operator="Dua")
    both = analyze(replace(inputs, assets=pd.concat([inputs.assets, second], ignore_index=True)), read_parameters())
    assert one_operator_places(both).empty
    # Of a tower that names nobody another operator may be heard: then nothing is told, rather than nobody.
    unnamed = pd.concat([inputs.assets, second.assign(operator=None)], ignore_index=True)
    unsaid = analyze(replace(inputs, assets=unnamed), read_parameters())
    assert not tells_operators(unsaid)
    assert "one_operator.csv" not in {made.name for made in formats_of(unsaid, False)}
