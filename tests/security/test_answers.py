"""What a process that reads strangers' files sends back is loaded as tables, and runs nothing."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coverage.base.errors import FileRefusedError, Place
from coverage.readers import apart
from coverage.readers.answers import load_answer
from coverage.run.inputs import read_inputs
from coverage.run.sources import Sources


class Forged:
    """Calls whatever it is made of when it is loaded."""

    def __init__(self, call: Any, *given: Any) -> None:
        self.call = (call, given)

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize(
    "forged",
    [
        Forged(os.system, "true"),
        Forged(eval, "1 + 1"),
        Forged(getattr, [], "append"),
        Forged(pd.read_pickle, "/tidak/ada"),
        Forged(pd.ExcelWriter, "/tidak/ada.xlsx"),
        Forged(pd.HDFStore, "/tidak/ada.h5"),
        Forged(np.load, "/tidak/ada.npy"),
        Forged(apart.start_python, "os", 0),
        Forged(apart.Path.read_bytes, Path("/etc/hostname")),
    ],
)
def test_a_forged_answer_is_refused(forged: Forged) -> None:
    with pytest.raises(pickle.UnpicklingError):
        load_answer(pickle.dumps((True, forged), protocol=5))


def test_without_that_it_would_run(tmp_path: Path) -> None:
    made = tmp_path / "dijalankan"
    forged = pickle.dumps((True, Forged(os.mkdir, str(made))), protocol=5)
    with pytest.raises(pickle.UnpicklingError):
        load_answer(forged)
    assert not made.exists()
    pickle.loads(forged)
    assert made.exists()


@pytest.mark.slow
def test_the_server_refuses_the_file_whose_answer_is_forged() -> None:
    with pytest.raises(FileRefusedError, match=r"file\.unreadable"):
        apart.read_apart(Forged, os.getpid)
    assert apart.read_apart(str, "x") == "x"


def test_tables_and_records_arrive_as_they_are() -> None:
    inputs = read_inputs(Sources())
    found = load_answer(pickle.dumps(inputs, protocol=5))
    pd.testing.assert_frame_equal(found.villages, inputs.villages)
    assert found.files == inputs.files
    frame = pd.DataFrame(
        {
            "number": pd.array([1, None], "Int64"),
            "share": pd.array([0.5, None], "Float64"),
            "yes": pd.array([True, None], "boolean"),
            "when": pd.to_datetime(["2026-11-29", None]),
            "here": pd.to_datetime(["2026-11-29", None]).tz_localize("UTC"),
            "kind": pd.Categorical(["a", "b"]),
            "text": ["x", None],
            "any": [Path("a"), {1, 2}],
        },
        index=pd.MultiIndex.from_tuples([(1, "a"), (2, "b")]),
    )
    places = gpd.GeoDataFrame(frame, geometry=[shapely.Point(112, -8), None], crs=32749)
    pd.testing.assert_frame_equal(load_answer(pickle.dumps(places, protocol=5)), places)
    numbers = {"raster": np.ones((2, 2), np.float32)[:, ::-1], "one": np.float64(1), "at": pd.Timestamp("2026-11-29")}
    assert str(load_answer(pickle.dumps(numbers, protocol=5))) == str(numbers)
    error = load_answer(pickle.dumps(FileRefusedError("file.unreadable", Place(file="x"), problem="y"), protocol=5))
    assert error.code == "file.unreadable"
