"""Jangkau: which villages the network does not reach, which come first, what it costs, what is owned today.

For scripts and notebooks, the flow in five names, each imported when it is first used (``docs/api.md``)::

    from coverage import Parameters, analyze, load_inputs, read_parameters, write_outputs
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coverage.base.parameters import Parameters
    from coverage.exports.run_outputs import write_outputs
    from coverage.readers.parameters import read_parameters
    from coverage.run.analysis import analyze
    from coverage.run.inputs import load_inputs

__version__ = "0.1.0"
__all__ = ["Parameters", "__version__", "analyze", "load_inputs", "read_parameters", "write_outputs"]

_PLACES = {
    "Parameters": "coverage.base.parameters",
    "analyze": "coverage.run.analysis",
    "load_inputs": "coverage.run.inputs",
    "read_parameters": "coverage.readers.parameters",
    "write_outputs": "coverage.exports.run_outputs",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
