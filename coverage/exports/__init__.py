"""Exports: the tables of a run as bytes, one module a format.

Writers take a :class:`~coverage.run.result.RunTables` and :class:`~coverage.language.words.Words` and return bytes;
files are registered in :mod:`coverage.exports.formats`; only :mod:`coverage.exports.output_folder` writes to disk.
"""

from coverage.exports.output_folder import write_outputs
from coverage.run.result import RunTables

__all__ = ["RunTables", "write_outputs"]
