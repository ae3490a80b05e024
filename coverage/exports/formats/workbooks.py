"""Workbooks of Excel."""

from coverage.exports.registry import XLSX, ExportRequest, export


@export("report.xlsx", "office", XLSX, place=20, shows_plan=True, is_first_choice=True)
def _report(asked: ExportRequest) -> bytes:
    from coverage.exports.workbook import write_workbook

    return write_workbook(asked.analysis, asked.words, plan=asked.plan)


@export("priority.xlsx", "office", XLSX, place=30, is_core=True)
def _priority(asked: ExportRequest) -> bytes:
    from coverage.exports.excel import write_priority_workbook

    return write_priority_workbook(asked.analysis, asked.words)


@export("assets.xlsx", "data", XLSX, place=70)
def _assets(asked: ExportRequest) -> bytes:
    from coverage.exports.workbook import write_asset_workbook

    return write_asset_workbook(asked.analysis, asked.words)
