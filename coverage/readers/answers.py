"""Load what a process sent that read a stranger's file, which may have got hold of it: tables, and nothing that runs.

A pickle calls whatever it names. Here it may name what tables and our records are made of, and is refused otherwise.
"""

from __future__ import annotations

import io
import pickle
from dataclasses import is_dataclass
from enum import Enum
from typing import Any

import pandas as pd
from pandas.api.extensions import ExtensionArray, ExtensionDtype
from pydantic import BaseModel

_OF_TABLES = {
    "builtins": {"bytearray", "complex", "frozenset", "range", "set", "slice"},
    "affine": {"Affine"},
    "collections": {"OrderedDict"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "geopandas.array": {"GeometryArray", "GeometryDtype"},
    "geopandas.geodataframe": {"GeoDataFrame"},
    "geopandas.geoseries": {"GeoSeries"},
    "numpy": {"dtype", "ndarray"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.numeric": {"_frombuffer"},
    "pandas._libs.arrays": {"__pyx_unpickle_NDArrayBacked"},
    "pandas._libs.internals": {"_unpickle_block"},
    "pandas._libs.tslibs.nattype": {"_nat_unpickle"},
    "pandas._libs.tslibs.timestamps": {"_unpickle_timestamp"},
    "pandas.core.indexes.base": {"_new_Index"},
    "pandas.core.internals.managers": {"BlockManager", "SingleBlockManager"},
    "pathlib": {"Path", "PosixPath", "PurePosixPath", "PureWindowsPath", "WindowsPath"},
    "pyarrow.lib": {"_restore_array", "py_buffer", "type_for_alias"},
    "pyproj.crs.crs": {"CRS"},
    "shapely.io": {"from_wkb"},
}
_COLUMNS = (pd.DataFrame, pd.Series, pd.Index, ExtensionArray, ExtensionDtype, pd.Interval, pd.Timedelta, pd.Period)
_RECORDS = (Exception, Enum, BaseModel, tuple)
_NOT_OF_READERS = ("cli", "web")


class _TablesUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name in _OF_TABLES.get(module, ()):
            return super().find_class(module, name)
        top, *rooms = module.split(".")
        ours = top == "coverage" and rooms[:1] and rooms[0] not in _NOT_OF_READERS
        if "." not in name and (ours or top == "pandas" or module == "builtins"):
            found = super().find_class(module, name)
            kinds = _RECORDS if ours else _COLUMNS if top == "pandas" else Exception
            if isinstance(found, type) and (issubclass(found, kinds) or (ours and is_dataclass(found))):
                return found
        raise pickle.UnpicklingError(f"{module}.{name}")


def load_answer(data: bytes) -> Any:
    """Load a pickle of tables and records of ours.

    Raises
    ------
    pickle.UnpicklingError
        It is none, or names anything else.
    """
    try:
        return _TablesUnpickler(io.BytesIO(data)).load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # whatever a forged one makes of our classes
        raise pickle.UnpicklingError(type(error).__name__) from error
