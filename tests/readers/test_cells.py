"""Cells that phones heard: a hint by village, and never more than that."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coverage.base.errors import ColumnError, FileRefusedError
from coverage.base.schema import EVIDENCE, check
from coverage.readers.cells import COLUMNS
from coverage.readers.hints import read_hints
from coverage.readers.parameters import read_parameters
from coverage.run.inputs import load_inputs
from coverage.villages_served.blank_spots import conflicts, listed_states
from coverage.villages_served.statements import contradictions, statements


def line(lon: float, lat: float, net: object = 10, samples: int = 7, updated: object = 1_700_000_000) -> str:
    return f"LTE,510,{net},2035,{samples}1,,{lon},{lat},1000,{samples},1,1600000000,{updated},-95"


def test_a_cell_is_a_hint_of_its_village_and_changes_no_state(tmp_path: Path) -> None:
    inputs = load_inputs()
    place = inputs.villages.to_crs(4326).geometry.representative_point()
    (x, y), code = (place.x.iloc[0], place.y.iloc[0]), inputs.villages["village_code_bps"].iloc[0]
    lines = [line(x, y), line(x, y, 89, 5, 1_500_000_000), line(x, y, 99), line(x, 3.0), line(x, y, "x"), line(x, 95.0)]
    whole, bare = tmp_path / "sel.csv", tmp_path / "510.csv.gz"
    whole.write_text("\n".join([",".join(COLUMNS), *lines]), "utf-8")
    bare.write_bytes(gzip.compress("\n".join(lines).encode()))
    table, notes = read_hints(whole, inputs.villages)
    assert table.drop(columns=["evidence_id", "source"]).equals(
        read_hints(bare, inputs.villages)[0].drop(columns=["evidence_id", "source"])
    )
    check(table, EVIDENCE)
    row = table.iloc[0]
    assert (len(table), row["village_code_bps"], row["kind"]) == (1, code, "hint")
    assert (row["operator"], row["date"], row["source"]) == (
        "510-99, Indosat, Telkomsel",
        "2023-11-14",
        "sel.csv (n = 19)",
    )
    assert notes == [
        ("cells.note.read", {"file": "sel.csv", "count": 3, "villages": 1}),
        ("cells.note.unread", {"file": "sel.csv", "count": 2, "row": 6}),
    ]
    # It lists nothing, yet puts a village that is computed as blank forward, leaning as before.
    assert listed_states(table) is None
    rule = read_parameters().rule("overlay")
    spots = pd.DataFrame({"village_code_bps": [code], "rule": rule.name, "state": "blank"})
    found = contradictions(statements(spots, rule, table, None, read_parameters().statements)).loc[(code, 0)]
    assert (found["open"], found["leaning"]) == (True, "blank")
    assert conflicts(spots, table, rule.name)["kind"].tolist() == ["state"]


def test_a_list_of_something_else_is_refused_by_name(tmp_path: Path) -> None:
    villages = load_inputs().villages
    (tmp_path / "a.csv").write_text("lat,lon,net\n1,2,3\n", "utf-8")
    with pytest.raises(ColumnError, match="cells.columns"):
        read_hints(tmp_path / "a.csv", villages)
    (tmp_path / "b.csv").write_text(line(112.0, 99.0), "utf-8")
    with pytest.raises(FileRefusedError, match="cells.nothing") as refused:
        read_hints(tmp_path / "b.csv", villages)
    assert refused.value.place.row == 1


def test_an_operator_that_is_no_number_and_a_cell_that_nobody_heard_are_no_hint(tmp_path: Path) -> None:
    villages = load_inputs().villages
    place = villages.to_crs(4326).geometry.representative_point().iloc[0]
    none = [line(place.x, place.y, net) for net in ("inf", "1e300", -1)] + [line(place.x, place.y, samples=0)]
    (tmp_path / "a.csv").write_text("\n".join([line(place.x, place.y), *none]), "utf-8")
    table, notes = read_hints(tmp_path / "a.csv", villages)
    assert table["source"].tolist() == ["a.csv (n = 7)"]
    assert notes[1] == ("cells.note.unread", {"file": "a.csv", "count": 4, "row": 2})


def test_the_place_of_a_hint_is_the_same_in_any_order_of_rows(tmp_path: Path) -> None:
    villages = load_inputs().villages
    place = villages.to_crs(4326).geometry.representative_point().iloc[0]
    lines = [line(place.x + step, place.y) for step in (0, 2e-5, 1e-5)]
    (tmp_path / "a.csv").write_text("\n".join(lines), "utf-8")
    (tmp_path / "b.csv").write_text("\n".join(lines[::-1]), "utf-8")
    found = [read_hints(tmp_path / name, villages, "sel")[0][["lon", "lat"]] for name in ("a.csv", "b.csv")]
    assert found[0].equals(found[1])


def test_a_packed_list_that_is_damaged_is_refused(tmp_path: Path) -> None:
    random = np.random.default_rng(1).uniform(111, 113, 500)
    data = bytearray(gzip.compress("\n".join(line(lon, -8.1) for lon in random).encode()))
    data[len(data) // 2] ^= 0xFF
    (tmp_path / "510.csv.gz").write_bytes(data)
    with pytest.raises(FileRefusedError, match="file.unreadable"):
        read_hints(tmp_path / "510.csv.gz", load_inputs().villages)
