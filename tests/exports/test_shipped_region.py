"""The region that ships through every export: the same figures everywhere, small enough, soon enough."""

import io
import json
import re
import time
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from coverage.exports.bundle import output_files, paper_files
from coverage.language.words import Words
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze
from coverage.run.inputs import load_inputs
from coverage.run.result import Analysis
from tests.exports.test_papers import needs_poppler, pages


@pytest.fixture(scope="module")
def shipped() -> Analysis:
    return analyze(load_inputs(), read_parameters())


@pytest.fixture(scope="module")
def files(shipped: Analysis) -> dict[str, bytes]:
    return output_files(shipped, Words("id"))


@pytest.fixture(scope="module")
def csv(files: dict[str, bytes]) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(files["villages.csv"]), dtype={"village_code_bps": str})


@pytest.mark.slow
def test_geopackage_and_map_say_what_the_csv_says(files: dict[str, bytes], csv: pd.DataFrame, tmp_path: Path) -> None:
    (tmp_path / "villages.gpkg").write_bytes(files["villages.gpkg"])
    layer = gpd.read_file(tmp_path / "villages.gpkg", layer="villages")
    for column in ("village_code_bps", "state", "share_served", "population_served", "reason_no_cellular"):
        assert layer[column].tolist() == csv[column].tolist(), column
    block = re.search(r'id="data">(.*?)</script>', files["map.html"].decode("utf-8"), re.S)
    assert block
    drawn = {village["code"]: village["state"] for village in json.loads(block[1])["villages"]}
    assert drawn == dict(zip(csv["village_code_bps"], csv["state"], strict=True))
    assert len(files["map.html"]) < 3_000_000


@needs_poppler
@pytest.mark.slow
def test_workbook_and_report_in_time_and_with_the_same_figures(
    shipped: Analysis, csv: pd.DataFrame, tmp_path: Path
) -> None:
    began = time.process_time()
    made = paper_files(shipped, Words("id"), ["report.pdf", "report.xlsx"])
    assert time.process_time() - began < 20
    blank, words = int((csv["state"] == "blank").sum()), Words("id")
    unserved = (csv["population"] - csv["population_served"]).sum()
    text = pages(made["report.pdf"], tmp_path)
    assert f"{blank} blank spot" in text[0]
    assert words.number(unserved) in text[0]
    assert set(csv.loc[csv["state"] == "blank", "village_code_bps"]) <= set(
        re.findall(r"\b3505\d{6}\b", " ".join(text))
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(made["report.xlsx"]))
    assert book.get_sheet_by_name("Ringkasan").to_python(skip_empty_area=False)[3][3] == blank
