"""Chances that a village is blank, held against made worlds: of those told with 80 %, do 80 % hold?

Made hills over the regency that ships, cells of 100 m, every twentieth tower of the sample and phones indoors, so that many villages are in
doubt.
The worlds are drawn by another way (`tests/made_truth.py`): a smooth random field, every tower at every cell, and heights
of towers between 30 and 60 m where the prediction took 42 m, traced anew for each world.

    python scripts/bench/bench_chances.py [--worlds 60] [--picture FILE.png]
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2]))

from coverage.base.schema import CONNECTION
from coverage.land.cells import make_land
from coverage.reach.model import radio_of
from coverage.reach.repeaters import towers_of
from coverage.reach.signal import Tower, signal_map
from coverage.reach.signal_at_places import land_signal
from coverage.reach.signal_draws import drawn_shares
from coverage.reach.terrain import Terrain, fractal_terrain
from coverage.readers.parameters import read_parameters
from coverage.run.inputs import load_inputs
from tests.made_truth import reliability, tower_levels, true_shares

BLANK_BELOW, MARGIN_M, CELL_M, HEIGHTS_M = 0.1, 20_000.0, 100.0, (30.0, 60.0)


def main() -> None:
    """Measure, and tell."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--worlds", type=int, default=60)
    asked.add_argument("--picture", type=Path)
    options = asked.parse_args()
    parameters, inputs = read_parameters(), load_inputs()
    assert inputs.assets is not None
    radio, land = radio_of(parameters), make_land(inputs.villages, parameters.cell_m, parameters.row_m)
    radio = radio.model_copy(update={"phone": radio.phone.model_copy(update={"place": "indoor"})})
    rows, columns = (int((axis.max() - axis.min() + 2 * MARGIN_M) / CELL_M) for axis in land.centres[::-1])
    hills = fractal_terrain(rows, columns, CELL_M, 2500.0, seed=7, roughness=1.9)
    corner = (float(axis.min()) - MARGIN_M for axis in land.centres)
    terrain = Terrain(hills.height_m, *corner, CELL_M, land.crs)
    towers = inputs.assets[(inputs.assets["kind"] == "tower") & (inputs.assets["status"] == "operational")].iloc[::20]
    made = towers_of(towers.assign(height_m=np.nan), range(len(towers)), parameters.kinds, radio, terrain)
    signal = signal_map(terrain, made, radio)
    village, area = land.cells["village_position"].to_numpy(), land.cells["area_m2"].to_numpy()
    none = pd.DataFrame(0.0, index=land.cells.index, columns=["cellular", CONNECTION])
    began = time.perf_counter()
    weight = area / np.bincount(village, area)[village]
    drawn = drawn_shares(land, terrain, signal, none, radio, weight, village, len(land.village_codes))
    print(
        f"{len(land.village_codes)} villages, {len(made)} towers, {radio.uncertainty.draws} draws: "
        f"{time.perf_counter() - began:.2f} s"
    )
    rng = np.random.default_rng(11)
    known = replace(signal, towers=tuple(replace(one, spread_db=radio.uncertainty.tower_db) for one in made))

    def levels() -> np.ndarray:
        """Signal of towers of other heights."""
        return tower_levels(terrain, replace(signal, towers=tuple(_other_height(one, rng) for one in made)), radio)

    truth = true_shares(land, terrain, known, levels, radio, options.worlds, seed=3)
    for name, chance, held in (
        ("blank", (drawn.cellular < BLANK_BELOW).mean(axis=1), truth < BLANK_BELOW),
        ("at least half in reach", (drawn.cellular >= 0.5).mean(axis=1), truth >= 0.5),
    ):
        table = reliability(chance, held, 10)
        print(f"\n{name}: told and held, by tenths of the chance\n{table.round(3).to_string()}")
        if options.picture and name == "blank":
            _draw(table, options.picture)
    pieces = land_signal(land, terrain, signal, radio)
    predicted = np.bincount(village, weight * (1 - pieces["share_none"]))[:, None]
    right = (predicted < BLANK_BELOW) == (truth < BLANK_BELOW)
    print(f"\nthe plain statement blank or not holds in {right.mean():.1%}")


def _other_height(tower: Tower, rng: np.random.Generator) -> Tower:
    return replace(tower, transmitter=replace(tower.transmitter, height_m=float(rng.uniform(*HEIGHTS_M))))


def _draw(table: pd.DataFrame, path: Path) -> None:
    """The reliability diagram."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#888", linewidth=1, linestyle="--")
    axes.scatter(table["told"], table["held"], s=10 + 2 * np.sqrt(table["cases"]), color="#1f5fa8")
    axes.plot(table["told"], table["held"], color="#1f5fa8")
    axes.set(xlabel="chance told that a village is blank", ylabel="part of the made worlds in which it is", aspect=1)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
