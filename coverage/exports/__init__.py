"""Exports: the tables of a run as bytes in a format, one module a format.

Every writer takes an :class:`coverage.exports.like.AnalysisLike` and :class:`coverage.words.Words` and returns bytes;
only :mod:`coverage.exports.output_folder` touches the user's disk.
"""

from coverage.exports.like import AnalysisLike
from coverage.exports.output_folder import write_outputs

__all__ = ["AnalysisLike", "write_outputs"]
