"""The published towers of Kota Bandung over made ground with holes, and over half of it, by the command line."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import Affine

from coverage.cli.app import run

WEST, SOUTH, EAST, NORTH = 107.35, -7.2, 107.95, -6.6
CELL = 1 / 400
MISSING = -32767
STATES = ["state_no_cellular", "state_weak_cellular"]


def write_ground(path: Path, values: np.ndarray) -> Path:
    rows, columns = values.shape
    place = Affine(CELL, 0, WEST, 0, -CELL, NORTH)
    with rasterio.open(
        path, "w", "GTiff", columns, rows, 1, "EPSG:4326", place, dtype="float32", nodata=MISSING
    ) as file:
        file.write(values.astype("float32"), 1)
    return path


def grounds(folder: Path) -> dict[str, Path]:
    """A basin below a mountain, with ridges: whole, with two holes, and its western half."""
    x = np.arange(WEST, EAST, CELL) + CELL / 2
    y = np.arange(NORTH, SOUTH, -CELL)[:, None] - CELL / 2
    whole = 700 + 1400 * np.exp(-(((x - 107.6) / 0.1) ** 2 + ((y + 6.77) / 0.05) ** 2))
    whole = whole + 250 * np.sin(x * 300) * np.cos(y * 260)
    holes = whole.copy()
    holes[(x > 107.58) & (x < 107.64) & (y > -6.95) & (y < -6.90)] = MISSING
    holes[(x > 107.68) & (x < 107.71) & (y > -6.93) & (y < -6.90)] = MISSING
    half = whole[:, : int((107.62 - WEST) / CELL)]
    made = {"whole": whole, "holes": holes, "half": half}
    return {name: write_ground(folder / f"{name}.tif", values) for name, values in made.items()}


@pytest.mark.slow
@pytest.mark.parametrize("every", [1, 400], ids=["all 763 towers", "two of them, so that some villages are blank"])
def test_no_village_turns_blank_because_the_height_of_the_ground_is_missing(
    every: int, shared: Path, tmp_path: Path
) -> None:
    towers = json.loads((shared / "bandung" / "towers.json").read_text("utf-8"))
    towers["features"] = towers["features"][::every]
    (tmp_path / "menara.json").write_text(json.dumps(towers), "utf-8")
    given = ["--region", "3273", "--assets", str(tmp_path / "menara.json"), "--kind", "tower", "--skip-refused"]
    found, told = {}, {}
    for name, ground in grounds(tmp_path).items():
        out = tmp_path / name
        assert run(["analyze", *given, "--elevation", str(ground), "--no-papers", "--out", str(out)]) == 0
        found[name] = pd.read_csv(out / "villages.csv", dtype=str).set_index("village_code_bps")[STATES]
        told[name] = json.loads((out / "run.json").read_text("utf-8"))["missing_ground"]
    assert told["whole"] is None
    if every > 1:
        assert (found["whole"] == "blank").to_numpy().any()
    for name in ("holes", "half"):
        blank = found[name] == "blank"
        assert not (blank & (found["whole"] != "blank")).to_numpy().any()
        assert (found[name] == "unknown").to_numpy().sum() > 0
        assert told[name]["cells"] > 0
        assert told[name]["villages"] >= (found[name] == "unknown").any(axis=1).sum() > 0
