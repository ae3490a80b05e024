"""Exports: the tables of a run as bytes in a format, one module a format.

Every writer takes an :class:`like.RunTables` and :class:`language.words.Words` and returns bytes;
only :mod:`coverage.exports.output_folder` touches the user's disk.
"""

from coverage.exports.output_folder import write_outputs
from coverage.run.result import RunTables

__all__ = ["RunTables", "write_outputs"]
