"""What a run can be written as: makers registered by :func:`coverage.exports.registry.export`, found by being here.

What writes a file is imported when one is made, so that listing the formats costs nothing.
"""
