"""Maps, tables and sheets say of a state whether it is sure or possible."""

from pathlib import Path

import matplotlib.pyplot as plt

from coverage.exports import drawing
from coverage.exports.html_map import write_html_map
from coverage.exports.map_furniture import state_handles
from coverage.exports.village_sheet import write_village_sheets
from coverage.exports.workbook import write_workbook
from coverage.language.words import Words
from tests.exports.conftest import CODES, Small
from tests.exports.test_papers import pages
from tests.exports.test_workbook import sheets, table


def test_maps_mark_what_is_only_possible_and_count_it(small: Small, words: Words) -> None:
    data = drawing.map_data(small, words)
    assert data.villages["name"][data.villages["possible"]].tolist() == ["Tengah"]
    labels = [handle.get_label() for handle in state_handles(words, {}, int(data.villages["possible"].sum()))]
    assert labels[-1] == "mungkin (1)"
    assert len(state_handles(words, {})) == len(labels) - 1
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
