"""The fibre network by the Open Fibre Data Standard."""

from coverage.exports.registry import JSON, ExportRequest, export


@export("fibre_ofds.json", "data", JSON, place=100)
def _network(asked: ExportRequest) -> bytes:
    from coverage.exports.ofds import write_ofds

    return write_ofds(asked.analysis, asked.words)
