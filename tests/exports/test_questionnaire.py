"""The questionnaire is filled, protected and checked as it is entered, valid for ODK, and comes back whole."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from pyxform.xls2xform import convert
from typer.testing import CliRunner

from coverage.cli.app import app
from coverage.exports.questionnaire import CLAIMS, write_questionnaire, write_xlsform
from coverage.imports.evidence_lists import read_evidence
from coverage.imports.list_options import guess
from coverage.imports.places import Region
from coverage.imports.read import read
from coverage.language.words import LANGUAGES, Words
from coverage.run.inputs import Inputs, load_inputs
from coverage.villages_served.answers import answers


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return load_inputs()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_filled_workbook_comes_back_whole_and_what_is_empty_is_no_answer(
    inputs: Inputs, language: str, tmp_path: Path
) -> None:
    words, villages = Words(language), inputs.villages
    own = villages[villages["subdistrict"] == "Bakung"].sort_values("village")
    hamlets = {own["village_code_bps"].iloc[0]: ["Krajan", "=Sumber"]}
    book = openpyxl.load_workbook(io.BytesIO(write_questionnaire(villages, "Bakung", words, hamlets)))
    sheet = book.worksheets[0]
    assert sheet.max_row == 1 + len(own) + 1 + 40
    assert sheet.protection.sheet
    assert (sheet["B2"].protection.locked, sheet["E2"].protection.locked) == (True, False)
    assert sheet["D3"].value == "'=Sumber"
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert any(words("core.state.blank") in str(formula) for formula in lists.values())
    for row, state in zip((2, 3, 4), CLAIMS, strict=True):
        sheet.cell(row, 5, words(f"core.state.{state}"))
        sheet.cell(row, 6, dt.date(2026, 11, row))
    path = tmp_path / f"{words('questionnaire.sheet')}-bakung.xlsx"
    book.save(path)
    assert guess(read(path)).record == "survey"
    found = read_evidence(path, Region(villages), "survey").dropna(subset="claimed_state")
    assert found["claimed_state"].tolist() == list(CLAIMS)
    assert found["village_code_bps"].tolist() == [*own["village_code_bps"].iloc[[0, 0, 1]]]
    assert found["date"].tolist() == ["2026-11-02", "2026-11-03", "2026-11-04"]


def test_the_form_is_valid_for_odk_and_asks_in_both_languages(inputs: Inputs, tmp_path: Path) -> None:
    path = tmp_path / "xlsform.xlsx"
    path.write_bytes(write_xlsform(inputs.villages, "3505", "Blitar"))
    made = convert(xlsform=path, validate=False)
    assert made.warnings == []
    assert 'id="jangkau_3505"' in made.xform
    assert "Sinyal seluler di sana" in made.xform
    assert "Mobile signal there" in made.xform
    assert made.xform.count("<name>3505") == len(inputs.villages)


ANSWERS = (
    ("3505010001", "blank", "2026-11-02", -8.21, 112.05),
    ("3505010002", "weak", "2026-11-03", None, None),
    ("3505010003", "served", "2026-11-04", -8.2, 112.06),
)


def kobo(path: Path) -> Path:
    """As KoboToolbox writes XML values with groups in headings: ``group/field``, semicolons, a place in five columns."""
    place = [f"jawaban/_posisi_{part}" for part in ("latitude", "longitude", "altitude", "precision")]
    heads = ["start", "deviceid", "wilayah/bagian", "wilayah/kode_desa", "wilayah/dusun", "jawaban/sinyal"]
    heads += ["jawaban/tanggal", "jawaban/posisi", *place, "jawaban/foto", "jawaban/foto_URL", "jawaban/catatan"]
    heads += ["_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by"]
    heads += ["__version__", "_tags", "_index"]
    rows = []
    for at, (code, state, day, lat, lon) in enumerate(ANSWERS, start=1):
        where = ["", "", "", "", ""] if lat is None else [f"{lat} {lon} 0 5", lat, lon, 0, 5]
        row = [f"{day}T08:00:00.000+07:00", "ee.kobotoolbox.org:x", "k1", code, "Krajan", state, day, *where]
        row += ["a.jpg", "https://kobo/a.jpg", "di balik bukit", 400 + at, f"0000-{at}", f"{day}T01:02:03"]
        rows.append([*row, "", "", "submitted_via_web", "", "vAbc", "", at])
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL).writerows([heads, *rows])
    return path


def odk(path: Path) -> Path:
    """As ODK Central writes submissions: ``group-field``, the key and the state of each at the end."""
    place = [f"jawaban-posisi-{part}" for part in ("Latitude", "Longitude", "Altitude", "Accuracy")]
    heads = ["SubmissionDate", "start", "deviceid", "wilayah-bagian", "wilayah-kode_desa", "wilayah-dusun"]
    heads += ["jawaban-sinyal", "jawaban-tanggal", *place, "jawaban-foto", "jawaban-catatan", "meta-instanceID", "KEY"]
    heads += ["SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status", "ReviewState"]
    heads += ["DeviceID", "Edits", "FormVersion"]
    rows = []
    for at, (code, state, day, lat, lon) in enumerate(ANSWERS, start=1):
        where = ["", "", "", ""] if lat is None else [lat, lon, 0, 5]
        row = [f"{day}T01:02:03.000Z", f"{day}T08:00:00.000+07:00", "collect:x", "k1", code, "Krajan", state, day]
        row += [*where, "a.jpg", "di balik bukit", f"uuid:{at}", f"uuid:{at}", "7", "petugas", 1, 1, "", "", "x", 0, ""]
        rows.append(row)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heads, *rows])
    return path


def as_excel(path: Path) -> Path:
    table = pd.read_csv(path, sep=None, engine="python", dtype=str, keep_default_na=False)
    table.to_excel(path.with_suffix(".xlsx"), index=False)
    return path.with_suffix(".xlsx")


@pytest.mark.parametrize("excel", [False, True], ids=["csv", "xlsx"])
@pytest.mark.parametrize("made", [kobo, odk])
def test_exports_of_kobo_and_odk_come_back_whole(inputs: Inputs, made: object, excel: bool, tmp_path: Path) -> None:
    path = made(tmp_path / "kuesioner.csv")  # type: ignore[operator]
    path = as_excel(path) if excel else path
    assert guess(read(path)).record == "survey"
    found = read_evidence(path, Region(inputs.villages), "survey")
    got = found[["village_code_bps", "claimed_state", "date"]].itertuples(index=False, name=None)
    assert list(got) == [answer[:3] for answer in ANSWERS]
    assert set(found["match"]) == {"agreed"}


def test_who_has_not_answered_and_what_an_answer_contradicts(inputs: Inputs) -> None:
    villages = inputs.villages
    codes = villages["village_code_bps"]
    shapes = villages.geometry
    middle = next(at for at in range(len(villages)) if shapes.intersects(shapes.iloc[at]).sum() > 4)
    around = codes[shapes.intersects(shapes.iloc[middle]) & (codes != codes.iloc[middle])].tolist()
    far = next(code for code in codes if code not in (*around, codes.iloc[middle]))
    rows = [(codes.iloc[middle], "served", "2026-11-01"), *((code, "blank", "2026") for code in around)]
    rows += [(codes.iloc[middle], "weak", "2025-10-01"), (far, "blank", "2025")]
    evidence = pd.DataFrame(rows, columns=["village_code_bps", "claimed_state", "date"]).assign(kind="survey")
    state = ["blank" if at == middle else "unknown" for at in range(len(codes))]
    spots = pd.DataFrame({"village_code_bps": codes, "rule": "r", "state": state})
    found = answers(villages, evidence, spots, "r").set_index("village_code_bps")
    one = found.loc[codes.iloc[middle]]
    assert (one["prediction"], one["neighbours"], one["before"]) == (True, True, True)
    assert not found.loc[around, ["prediction", "before"]].any().any()
    assert pd.isna(found.loc[far, "claim"])  # answered last year only
    assert found["claim"].notna().sum() == 1 + len(around)
    nothing = answers(villages, None, spots, "r")
    assert nothing["claim"].isna().all()
    assert not nothing[["prediction", "neighbours", "before"]].any().any()


@pytest.mark.slow
def test_the_command_writes_a_form_a_subdistrict_and_checks_answers(tmp_path: Path) -> None:
    asked = ["questionnaire", "3505", "--out", str(tmp_path), "--subdistrict"]
    done = CliRunner().invoke(app, [*asked, "bakung"])
    assert done.exit_code == 0, done.output
    assert sorted(file.name for file in tmp_path.iterdir()) == ["kuesioner-bakung.xlsx", "xlsform.xlsx"]
    assert CliRunner().invoke(app, [*asked, "tidak ada"]).exit_code == 1
    done = CliRunner().invoke(app, ["questionnaire", "3505", "--out", str(tmp_path), "--check"])
    assert "0 dari 248 desa sudah menjawab; 248 belum." in done.output
    assert len(pd.read_csv(tmp_path / "jawaban.csv")) == 248
