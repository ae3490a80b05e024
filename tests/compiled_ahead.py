"""Compile what a run with terrain needs, so that the processes of a whole test run find it and do not each compile it."""

import os
import tempfile
from pathlib import Path

from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import load_inputs
from tests.made_valley import write_elevation, write_towers, write_villages


def main() -> None:
    """Compute the region that ships and the made valley."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["JANGKAU_DATA_DIR"], folder, parameters = name, Path(name), read_parameters()
        write_villages(folder / "desa.geojson")
        write_towers(folder / "menara.csv", ("M1", 5.0, 0.0, "Satu"))
        write_elevation(folder / "dem.tif")
        valley = load_inputs(folder / "desa.geojson", [folder / "menara.csv"], elevation=[folder / "dem.tif"])
        for inputs in (valley, load_inputs()):
            analyze(inputs, parameters, prepare(inputs, parameters))


if __name__ == "__main__":
    main()
