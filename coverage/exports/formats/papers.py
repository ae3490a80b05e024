"""Papers for the office and its villages."""

from coverage.exports.registry import PDF, XLSX, ExportRequest, export


@export("report.pdf", "office", PDF, place=10, is_drawn=True, shows_plan=True, is_first_choice=True)
def _report(asked: ExportRequest) -> bytes:
    from coverage.exports.report import write_report

    return write_report(asked.analysis, asked.words, plan=asked.plan, curve=asked.curve, letterhead=asked.letterhead)


@export("report.xlsx", "office", XLSX, place=20, shows_plan=True, is_first_choice=True)
def _workbook(asked: ExportRequest) -> bytes:
    from coverage.exports.workbook import write_workbook

    return write_workbook(asked.analysis, asked.words, plan=asked.plan)


@export("village_sheets.pdf", "village", PDF, place=10, is_drawn=True, shows_plan=True)
def _village_sheets(asked: ExportRequest) -> bytes:
    from coverage.exports.village_sheet import write_village_sheets

    return write_village_sheets(asked.analysis, asked.words, asked.codes, plan=asked.plan)


@export("proposals.pdf", "village", PDF, place=20, is_drawn=True)
def _proposals(asked: ExportRequest) -> bytes:
    from coverage.exports.evidence_pack import drafts, write_pack_pdf

    return write_pack_pdf(asked.analysis, asked.words, drafts(asked.analysis, asked.codes), asked.letterhead)


@export("minutes.pdf", "office", PDF, place=30, is_drawn=True)
def _minutes(asked: ExportRequest) -> bytes:
    from coverage.exports.board import write_minutes

    return write_minutes(asked.analysis, asked.words, asked.letterhead)
