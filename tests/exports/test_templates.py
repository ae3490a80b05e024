"""Templates that were filled come back whole through the readers."""

import io
from pathlib import Path

import openpyxl
import pytest

from coverage.exports.templates import TEMPLATES, write_template
from coverage.imports.asset_lists import read_assets
from coverage.imports.evidence_lists import read_evidence
from coverage.imports.landmark_lists import read_landmarks
from coverage.imports.places import Region
from coverage.language.words import LANGUAGES, Words
from coverage.readers.kinds import landmark_kinds
from coverage.readers.measurements import read_measurements
from coverage.readers.people import read_population
from coverage.run.inputs import Inputs, load_inputs


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return load_inputs()


def filled(kind: str, inputs: Inputs, language: str, rows: list[dict[str, object]], path: Path) -> Path:
    """The template with values written under its headings, from the second row on."""
    words = Words(language)
    book = openpyxl.load_workbook(io.BytesIO(write_template(kind, inputs.villages, words)))
    sheet = book.worksheets[0]
    heads = {words(f"start.column.{name}"): at for at, name in enumerate(TEMPLATES[kind].columns, start=1)}
    assert [cell.value for cell in sheet[1]] == list(heads)
    for at, row in enumerate(rows, start=2):
        for name, value in row.items():
            sheet.cell(at, heads[words(f"start.column.{name}")], value)
    book.save(path / f"{kind}.xlsx")
    return path / f"{kind}.xlsx"


@pytest.mark.parametrize("language", LANGUAGES)
def test_assets_of_every_kind_and_status_to_pick_come_in(inputs: Inputs, language: str, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template("assets", inputs.villages, Words(language))))
    columns = TEMPLATES["assets"].columns
    lists = {
        columns[at]: [cell.value for cell in column if cell.value] for at, column in enumerate(book["daftar"].columns)
    }
    lists = {name: found for name, found in lists.items() if found}
    assert {"kind", "status", "village", "subdistrict"} <= set(lists)
    rows: list[dict[str, object]] = [
        {"name": f"Titik {at}", "kind": kind, "status": lists["status"][at % len(lists["status"])]}
        | {"lat": -8.1 + at / 1000, "lon": 112.2, "operator": "Telkomsel; XL", "height_m": 42}
        for at, kind in enumerate(lists["kind"])
    ]
    found, _ = read_assets(filled("assets", inputs, language, rows, tmp_path), Region(inputs.villages))
    assert found["name"].nunique() == len(rows)
    assert found["kind"].nunique() == len(rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_come_in_and_what_is_left_empty_is_not_known(inputs: Inputs, language: str, tmp_path: Path) -> None:
    found = read_population(filled("population", inputs, language, [{"population": 1234}], tmp_path))
    assert found["population"].tolist() == [1234]
    first = inputs.villages.sort_values(["subdistrict", "village"])["village_code_bps"].iloc[0]
    assert found["village_code_bps"].tolist() == [first]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_official_list_comes_in_with_its_states(inputs: Inputs, language: str, tmp_path: Path) -> None:
    states = [Words(language)(f"core.state.{state}") for state in ("blank", "weak", "served")]
    path = filled("evidence", inputs, language, [{"claim": state} for state in states], tmp_path)
    book = openpyxl.load_workbook(path)
    book.worksheets[0].delete_rows(5, len(inputs.villages))  # as the template asks
    book.save(path)
    found = read_evidence(path, Region(inputs.villages))
    assert found["claimed_state"].tolist() == ["blank", "weak", "served"]
    assert (found["match"] == "agreed").all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_field_tests_come_in(inputs: Inputs, language: str, tmp_path: Path) -> None:
    words = Words(language)
    rows: list[dict[str, object]] = [
        {"lat": -8.1, "lon": 112.2, "time": "2026-11-29 09:30", "operator": "XL", "rsrp": -95},
        {"lat": -8.2, "lon": 112.1, "time": "2026-11-29 10:30", "result": words("start.result.none")},
    ]
    found, _ = read_measurements(filled("measurements", inputs, language, rows, tmp_path))
    assert len(found) == 2


def test_the_same_villages_give_the_same_bytes(inputs: Inputs) -> None:
    first, again = (write_template("population", inputs.villages, Words("id")) for _ in range(2))
    assert first == again


@pytest.mark.parametrize("language", LANGUAGES)
def test_landmarks_of_every_kind_to_pick_come_in(inputs: Inputs, language: str, tmp_path: Path) -> None:
    words, village = Words(language), inputs.villages.iloc[0]
    rows: list[dict[str, object]] = [
        {"landmark_kind": words.kind(kind), "landmark_name": f"Titik {at}", "electricity": words("exports.yes")}
        | {"village": village["village"], "subdistrict": village["subdistrict"], "internet": words("exports.no")}
        for at, kind in enumerate(landmark_kinds())
    ]
    found, _ = read_landmarks(filled("landmarks", inputs, language, rows, tmp_path), Region(inputs.villages))
    assert set(found["kind"]) == set(landmark_kinds())
    assert found[["electricity", "internet"]].to_numpy().tolist() == [[True, False]] * len(found)
