"""The table beside the map: what is filtered is what is shown, dimmed and downloaded."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coverage.language.words import Words
from coverage.run.areas import UNSTATED, area_of, operators_at_centres
from coverage.run.result import Analysis
from coverage.villages_served.village_signal import centres_of
from coverage.web.map_page import village_table as table


def test_filters_keep_what_fits_all_of_them(analysis: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = analysis.parameters.default_rule
    chosen: dict[str, object] = {}
    monkeypatch.setattr(table.st, "session_state", chosen)
    assert table.filtered(analysis, rule) is None
    chosen |= {table.STATES: ["another"], table.SUBDISTRICTS: ["Atlantis"], table.OPERATORS: ["Nobody"]}
    assert table.filtered(analysis, rule) is None  # what is not offered is not filtered by
    chosen |= {table.STATES: ["blank", "weak"], table.SUBDISTRICTS: ["WONOTIRTO", "Wonotirto"], table.SHARE: 60}
    kept = table.filtered(analysis, rule)
    assert kept is not None
    found = analysis.villages[kept.to_numpy()]
    spots = analysis.blank_spots[analysis.blank_spots["rule"] == rule].set_index("village_code_bps")
    rows = spots.loc[analysis.villages["village_code_bps"]]
    wanted = rows["state"].isin(["blank", "weak"]) & (rows["share"] <= 0.6)
    wanted &= (analysis.villages["subdistrict"].str.title() == "Wonotirto").to_numpy()
    assert 0 < len(found) == int(wanted.sum())
    text = table._csv(analysis, Words("id"), found["village_code_bps"]).decode("utf-8-sig")
    assert all(code in text for code in found["village_code_bps"])
    assert len(pd.read_csv(io.StringIO(text), comment="#")) == len(found)
    assert analysis.assets is not None
    assert (analysis.assets["kind"] == "cctv").any()
    rows = pd.read_csv(io.StringIO(text), comment="#")
    assert rows["Pantauan CCTV: terdekat (m)"].isna().all()  # three distances to a camera say where it stands
    assert rows["Seluler: terdekat (m)"].notna().any()


def test_an_operator_is_at_the_centre_of_a_village_where_its_area_is(analysis: Analysis) -> None:
    found = operators_at_centres(analysis)
    assert found is not None
    names = sorted({name for each in found for name in each})
    assert len(names) == 4
    area = area_of(analysis, "operator", names[0])
    inside = centres_of(analysis.villages).within(area).to_numpy()
    told = np.array([names[0] in each for each in found])
    assert 0 < told.sum() < len(told)
    assert (inside == told).mean() > 0.99  # a circle is drawn with 64 corners


def test_a_mast_without_an_operator_is_not_no_operator(analysis: Analysis) -> None:
    assert analysis.assets is not None
    first = operators_at_centres(analysis)
    assert first is not None
    gone = next(name for each in first for name in each if name)
    assets = analysis.assets.assign(operator=analysis.assets["operator"].replace(gone, None))
    found = operators_at_centres(replace(analysis, assets=assets))
    assert found is not None
    assert all(UNSTATED in now for before, now in zip(first, found, strict=True) if gone in before)
    assert [bool(each) for each in found] == [bool(each) for each in first]
    assert operators_at_centres(replace(analysis, assets=analysis.assets.assign(operator=None))) is None
