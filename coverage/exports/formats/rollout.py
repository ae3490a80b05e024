"""The rollout plan."""

from coverage.exports.registry import CSV, XLSX, ExportRequest, export


@export("rollout.csv", "data", CSV, "plan", place=30, is_core=True, shows_plan=True)
def _table(asked: ExportRequest) -> bytes:
    from coverage.exports.plan import write_rollout

    assert asked.plan is not None
    return write_rollout(asked.analysis, asked.plan, asked.words)


@export("rollout.xlsx", "data", XLSX, "plan", place=40, shows_plan=True)
def _workbook(asked: ExportRequest) -> bytes:
    from coverage.exports.plan import write_plan_workbook

    assert asked.plan is not None
    return write_plan_workbook(asked.analysis, asked.plan, asked.words)
