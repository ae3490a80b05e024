"""Body of ``jangkau analyze``."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
from rich.table import Table

from coverage.base.errors import ParameterError, Place
from coverage.base.schema import STATES
from coverage.cli.common import console, progress_bar, say
from coverage.cli.second_process import SecondProcess
from coverage.exports import outlines, write_outputs
from coverage.exports.excel import anybody_remark
from coverage.exports.plan import budget_sentence, outcome_sentences
from coverage.language.notes import mark_sentence, notes_of
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.readers.tables import plain
from coverage.run.analysis import analyze, prepare
from coverage.run.decisions import Decisions, decided_parameters, gather_decisions, office_plan
from coverage.run.planning import PlanResult, money_curve
from coverage.run.pockets import pockets_of
from coverage.run.privacy import for_outsiders
from coverage.run.result import Analysis, Ground
from coverage.run.sources import Sources
from coverage.run.stored_inputs import gather_inputs
from coverage.store.losses import loss_cache
from coverage.villages_served.calibration import LEAST_BLOCKS

PLAN_SECONDS = 10.0
"""Time limit of the plan; its gap is in ``run.json``."""


@dataclass(frozen=True)
class AnalyzeRequest:
    """Options of the command."""

    sources: Sources
    budget: list[str]
    out: Path
    include_cctv: bool
    pockets_of: list[str] = field(default_factory=list)


def run_analysis(asked: AnalyzeRequest, words: Words, beside: SecondProcess | None) -> None:
    """Read, compute, write, report; no file is written if an input is refused.

    The second process makes the papers; None for no papers.
    """
    with progress_bar() as bar:
        task = bar.add_task(words("cli.step.read"), total=1.0)
        inputs = gather_inputs(asked.sources)
        if beside is not None:
            _begin_outlines(beside, inputs.villages)
        decisions = gather_decisions(asked.sources, inputs)
        settings = decided_parameters(asked.sources, inputs, decisions)
        budgets = _budgets(asked.budget)
        bar.update(task, description=words("cli.step.land"))
        ground = prepare(inputs, settings, loss_cache())
        analysis = analyze(
            inputs,
            settings,
            ground,
            progress=lambda step, done, _=None: bar.update(
                task, description=words(f"cli.step.{step}"), completed=0.4 * done
            ),
        )
        if asked.sources.calibrate and analysis.run.get("measurements", {}).get("calibration") is None:
            raise ParameterError("measurements.too_few", least=LEAST_BLOCKS)

        def begins(name: str, done: float) -> None:
            bar.update(task, description=words("cli.step.write_file", file=name), completed=0.4 + 0.6 * done)

        bar.update(task, description=words("rollout.step"))
        own_pockets = dict(_pockets_of(analysis, text, words) for text in asked.pockets_of)
        analysis, planned = _with_plan(analysis, ground, budgets, decisions)
        analysis = _without_cells(analysis)
        del ground  # frees a gigabyte in a province
        cctv, plan = asked.include_cctv, planned.plan
        drawn = None if beside is None else _drawn(beside, analysis, planned, words, cctv, decisions.letterhead)
        from coverage.exports.bundle import core_names, output_files, paper_files
        from coverage.exports.registry import formats_of
        from coverage.exports.run_file import write_run_file  # while the second process works

        files = output_files(analysis, words, core_names(analysis, plan), plan=plan, include_cctv=cctv, progress=begins)
        files |= own_pockets
        write_outputs(asked.out, files)  # quick ones first
        if drawn is not None:
            here = [one.name for one in formats_of(analysis, True) if not (one.is_core or one.is_drawn)]
            files |= paper_files(analysis, words, here, plan=plan, include_cctv=cctv, progress=begins)
            begins("report.pdf", 1.0)
            files |= drawn.result()
            files["run.json"] = write_run_file(analysis, {k: v for k, v in files.items() if k != "run.json"})
            write_outputs(asked.out, files)
    _print_result(analysis, planned, asked.out, sorted(files), words)


def _budgets(given: list[str]) -> dict[int, int] | None:
    if not given:
        return None
    from coverage.cli.rollout import read_budgets  # brings all that the plan's command needs

    return read_budgets(given)


def _pockets_of(analysis: Analysis, text: str, words: Words) -> tuple[str, bytes]:
    """Name and content of the file of the pockets of one operator or technology."""
    from coverage.exports.pockets import write_pockets

    by, _, value = (part.strip() for part in text.partition("="))
    if by not in ("operator", "technology") or not value:
        raise ParameterError("pockets.choice", Place(value=text))
    found, unknown = pockets_of(analysis, by, value)
    if unknown:
        say(words("pockets.perhaps_own", count=unknown, of=text))
    return f"pockets_{by}_{plain(value)}.csv", write_pockets(for_outsiders(found), words)


def _begin_outlines(beside: SecondProcess, villages: pd.DataFrame) -> None:
    """Prepare the outlines in the second process, which is idle as yet, for both."""

    def keep(made: Future[outlines.Outlines]) -> None:
        if not made.cancelled() and made.exception() is None:
            outlines.keep(villages, made.result())

    beside.begin("coverage.exports.outlines:made_of", villages).add_done_callback(keep)


def _drawn(
    beside: SecondProcess, analysis: Analysis, planned: PlanResult, words: Words, include_cctv: bool, letterhead: Any
) -> Future[dict[str, bytes]]:
    """Make all drawn files in the second process, from one preparation."""
    shown = replace(analysis, reached=replace(analysis.reached, signal=None), terrain=None, compared=None)
    curve = money_curve(analysis, planned, seconds=PLAN_SECONDS)
    given = {"plan": planned.plan, "curve": curve, "include_cctv": include_cctv, "letterhead": letterhead}
    return beside.begin("coverage.exports.bundle:drawn_files", shown, words, **given)


def _without_cells(analysis: Analysis) -> Analysis:
    """The run without its cells, which no file shows, but for the signal."""
    none = analysis.cells.head(0).copy()  # a copy: a view would keep the whole
    reached = replace(analysis.reached, table=none, usable=None, pieces=None)
    return replace(analysis, cells=none, reach=none, reach_most=none, land=None, reached=reached)


def _with_plan(
    analysis: Analysis, ground: Ground, budgets: dict[int, int] | None, decisions: Decisions
) -> tuple[Analysis, PlanResult]:
    """Add the plan."""
    planned = office_plan(analysis, ground, decisions, PLAN_SECONDS, budgets)
    return replace(analysis, run={**analysis.run, "rollout": planned.about()}), planned


def _print_result(analysis: Analysis, planned: PlanResult, out: Path, files: list[str], words: Words) -> None:
    counts = analysis.run["counts"]
    say(
        words(
            "cli.summary",
            villages=counts["villages"],
            subdistricts=counts["subdistricts"],
            area=words.number(counts["area_km2"], 1),
            population=counts["population"],
        )
    )
    decided = [rule for rule in analysis.parameters.rules if rule.name in counts["states"]]
    table = Table(words("cli.rule"), *state_words(words, *decided).values())
    for rule, states in counts["states"].items():
        table.add_row(words.rule(rule), *(words.number(states[state]) for state in STATES))
    console.print(table)
    if remark := anybody_remark([rule for rule in analysis.parameters.rules if rule.enabled], words):
        say(remark)
    if len(analysis.conflicts):
        say(words("cli.conflicts", count=len(analysis.conflicts)))
    _print_measurements(analysis, words)
    budgets = planned.request.budgets
    say(
        words(
            "rollout.assumed" if planned.plan.assumed else "rollout.given",
            first=str(min(budgets)),
            last=str(max(budgets)),
            budget=words.money(sum(budgets.values())),
            villages=len(planned.plan.rollout),
            people=planned.plan.people,
            naive=planned.naive.people,
        )
    )
    for text in (*outcome_sentences(analysis, planned.plan, words), budget_sentence(analysis, planned.plan, words)):
        console.print(text)
    for note in notes_of(analysis.run, words):
        console.print("! " + note)
    for mark in analysis.run["approximations"]:
        say("• " + mark_sentence(mark, analysis.run, words), style="dim")
    say(words("cli.written", out=str(out), files=", ".join(files), run_id=analysis.run["run_id"]))


def _print_measurements(analysis: Analysis, words: Words) -> None:
    """Report the agreement of measurements and prediction, and the implied offset."""
    told = analysis.run.get("measurements")
    if not told or not told["with_prediction"]:
        return
    share = words.percent(told["agreed"] / told["with_prediction"])
    say(words("measurements.agreed", count=told["with_prediction"], share=share))
    found, applied = told["calibration"], told["calibration_applied_db"]
    if found is not None:
        say(
            words(
                "measurements.offset_left" if applied else "measurements.offset",
                offset=words.number(found["offset_db"], 1),
                error=words.number(found["error_db"], 1),
                applied=words.number(applied, 1),
            )
        )
