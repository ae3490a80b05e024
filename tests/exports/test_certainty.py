"""Maps, tables and sheets say of a state whether it is sure or possible."""

from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from coverage.base.schema import STATES
from coverage.exports import drawing
from coverage.exports.evaluation import write_comparison, write_indicators
from coverage.exports.html_map import write_html_map
from coverage.exports.kml import write_kmz
from coverage.exports.map_furniture import state_handles
from coverage.exports.village_sheet import write_village_sheets
from coverage.exports.workbook import write_workbook
from coverage.language.words import Words
from tests.exports.conftest import CODES, Small
from tests.exports.test_kml_geojson import KML, document
from tests.exports.test_papers import pages
from tests.exports.test_workbook import sheets, table

STATE = {state: Words("id")(f"core.state.{state}") for state in STATES}


def test_maps_mark_what_is_only_possible_and_count_it(small: Small, words: Words) -> None:
    data = drawing.map_data(small, words)
    assert data.villages["name"][data.villages["possible"]].tolist() == ["Tengah"]
    labels = [handle.get_label() for handle in state_handles(words, STATE, {}, int(data.villages["possible"].sum()))]
    assert labels[-1] == "mungkin (1)"
    assert len(state_handles(words, STATE, {})) == len(labels) - 1
    figure, axes = plt.subplots()
    drawing.draw_villages(axes, data)
    plt.close(figure)
    dashed = [one for one in axes.collections if one.get_linestyle()[0][1] is not None and len(one.get_paths())]
    assert [len(one.get_paths()) for one in dashed] == [1]
    page = write_html_map(small, words).decode()
    assert page.count('"possible":true') == 1
    assert "mungkin: dapat berubah" in page


def test_workbook_and_village_sheet_say_how_sure_a_state_is(small: Small, words: Words, tmp_path: Path) -> None:
    listed = sheets(write_workbook(small, words))
    rows = {row["Desa/kelurahan"]: row for row in table(listed["Semua desa"], "Kode BPS")}
    assert rows["Tengah"]["Kepastian"] == "mungkin"
    assert rows["Barat"]["Kepastian"] == "pasti"
    written = write_village_sheets(small, words, [CODES[1], CODES[2]])
    first, second = pages(written, tmp_path)[:2]
    assert "lemah · mungkin" in first
    assert "blank spot · pasti" in second


@pytest.fixture
def few(small: Small) -> Small:
    """BAKTI's rule of 0 % decides: 38 of the 5,769 people of Tengah are in range, and it is on the official list."""
    parameters = small.parameters.model_copy(update={"default_rule": "no_cellular"})
    spots, service = small.blank_spots.copy(), small.village_service.copy()
    spots.loc[(spots["village_code_bps"] == CODES[1]) & (spots["rule"] == "no_cellular"), "state"] = "served"
    service.loc[(service["village_code_bps"] == CODES[1]) & (service["service"] == "cellular"), "share_served"] = (
        38 / 5769
    )
    evidence = small.evidence.assign(village_code_bps=[CODES[2], CODES[1]])
    return replace(small, parameters=parameters, blank_spots=spots, village_service=service, evidence=evidence)


def test_where_any_signal_is_enough_a_village_with_little_of_it_is_not_called_served(
    few: Small, words: Words, tmp_path: Path
) -> None:
    said = "ada sinyal di sebagian kecil wilayah (<1%)"
    listed = sheets(write_workbook(few, words))
    rows = {row["Desa/kelurahan"]: row for row in table(listed["Semua desa"], "Kode BPS")}
    assert rows["Tengah"]["Keadaan"] == said
    assert rows["Timur"]["Keadaan"] == "ada sinyal"
    assert rows["Barat"]["Keadaan"] == "blank spot"
    sheet = pages(write_village_sheets(few, words, [CODES[1]]), tmp_path)[0]
    assert said in " ".join(sheet.split())
    marks = {mark.findtext(f"{KML}name"): mark for mark in document(write_kmz(few, words)).iter(f"{KML}Placemark")}
    assert f"<b>{said.replace('<', '&lt;')} · mungkin</b>" in marks["Tengah"].findtext(f"{KML}description")
    assert marks["Tengah"].findtext(f"{KML}styleUrl") == "#served_possible"
    assert "ada sinyal (2, 1 mungkin)" in {node.text for node in document(write_kmz(few, words)).iter(f"{KML}name")}
    page = write_html_map(few, words).decode()
    assert '"label":"ada sinyal"' in page
    assert '"label":"terlayani"' not in page


def test_nor_in_a_comparison_an_evaluation_or_a_count(few: Small, words: Words) -> None:
    after = replace(few, run={**few.run, "run_id": "fedcba654321"})
    before = few.blank_spots.copy()
    there = (before["village_code_bps"] == CODES[1]) & (before["rule"] == "no_cellular")
    before.loc[there, "state"] = "blank"
    compared = sheets(write_comparison(replace(few, blank_spots=before), after, words))
    cells = [str(cell) for rows in compared.values() for row in rows for cell in row]
    assert "ada sinyal di sebagian kecil wilayah (<1%)" in cells
    evaluated = sheets(write_indicators({2026: few, 2027: after}, words))
    cells += [str(cell) for rows in evaluated.values() for row in rows for cell in row]
    assert cells.count("ada sinyal") >= 2
    assert "terlayani" not in {cell.lower() for cell in cells}
    counted = {str(cell) for row in sheets(write_workbook(few, words))["Ringkasan"] for cell in row}
    assert {"Ada sinyal", "Terlayani / ada sinyal / ada Wi-Fi publik"} < counted  # the second of all rules together
    other = replace(few, parameters=few.parameters.model_copy(update={"default_rule": "overlay"}))
    evaluated = sheets(write_indicators({2026: other, 2027: after}, words))
    assert "terlayani / ada sinyal" in {str(cell) for rows in evaluated.values() for row in rows for cell in row}
