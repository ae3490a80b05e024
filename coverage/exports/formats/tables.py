"""Tables as CSV."""

from coverage.exports.registry import CSV, ExportRequest, export


@export("villages.csv", "data", CSV, place=10, is_core=True)
def _villages(asked: ExportRequest) -> bytes:
    from coverage.exports.tables import write_villages

    return write_villages(asked.analysis, asked.words)


@export("priority.csv", "data", CSV, place=20, is_core=True)
def _priority(asked: ExportRequest) -> bytes:
    from coverage.exports.tables import write_priority

    return write_priority(asked.analysis, asked.words)


@export("pockets.csv", "data", CSV, "pockets", place=30, is_core=True)
def _pockets(asked: ExportRequest) -> bytes:
    from coverage.exports.pockets import write_pockets

    return write_pockets(asked.analysis, asked.words)


@export("one_operator.csv", "data", CSV, "operators", place=31)
def _one_operator(asked: ExportRequest) -> bytes:
    from coverage.exports.one_operator import write_one_operator

    return write_one_operator(asked.analysis, asked.words)


@export("hamlets.csv", "data", CSV, "hamlets", place=32, is_core=True)
def _hamlets(asked: ExportRequest) -> bytes:
    from coverage.exports.landmarks import HAMLETS, write_landmarks

    return write_landmarks(asked.analysis, asked.words, *HAMLETS)


@export("service_points.csv", "data", CSV, "service_points", place=34, is_core=True)
def _service_points(asked: ExportRequest) -> bytes:
    from coverage.exports.landmarks import POINTS, write_landmarks

    return write_landmarks(asked.analysis, asked.words, *POINTS)


@export("conflicts.csv", "data", CSV, place=50, is_core=True)
def _conflicts(asked: ExportRequest) -> bytes:
    from coverage.exports.tables import write_conflicts

    return write_conflicts(asked.analysis, asked.words)


@export("board.csv", "data", CSV, place=55)
def _board(asked: ExportRequest) -> bytes:
    from coverage.exports.board import write_board

    return write_board(asked.analysis, asked.words)


@export("assets.csv", "data", CSV, place=60)
def _assets(asked: ExportRequest) -> bytes:
    from coverage.exports.tables import write_assets

    return write_assets(asked.analysis)
