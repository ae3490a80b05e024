"""``jangkau rollout``: the plan under a budget, out as files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import pandas as pd
import typer

from coverage.base.errors import ParameterError, Place
from coverage.cli.common import DEFAULT_WORDS, CctvOption, OutOption, WordsOption, progress_bar, say
from coverage.cli.operator import current_operator
from coverage.cli.run_options import with_sources
from coverage.exports import write_outputs
from coverage.exports.plan import budget_sentence, outcome_sentences, proof_sentence, with_basis, write_rollout
from coverage.exports.tables import csv_bytes
from coverage.imports.asset_lists import read_assets
from coverage.language.words import Words
from coverage.places.regencies import region_of
from coverage.proposals.to_plan import paid_pins
from coverage.readers.costs import read_costs
from coverage.readers.geofiles import read_geofile
from coverage.readers.proposals import proposal_rules
from coverage.rollout.cooperation import better_from_neighbours
from coverage.rollout.edits import PlanEdit
from coverage.rollout.plan import PlanRequest, RolloutPlan, priority_weights
from coverage.rollout.site_survey import SiteSurvey
from coverage.run.analysis import analyze, prepare
from coverage.run.decisions import decided_parameters, gather_decisions
from coverage.run.planning import PlanResult, make_plan, money_curve, survey_of
from coverage.run.privacy import without_private_feeds
from coverage.run.result import Analysis
from coverage.run.sources import Sources
from coverage.run.stored_inputs import gather_inputs
from coverage.store.existing import open_existing
from coverage.store.losses import loss_cache

V = TypeVar("V")

FIRST_YEAR, LAST_YEAR = 2000, 2100
_PIN = "3505030003=small_tower@2027"


@with_sources
def rollout_command(
    sources: Sources,
    budget: Annotated[list[str], typer.Option(help="TAHUN=RUPIAH, boleh berulang. / YEAR=RUPIAH, repeatable.")],
    neighbours: Annotated[Path | None, typer.Option(help="Aset kabupaten tetangga. / Neighbours' assets.")] = None,
    costs: Annotated[Path | None, typer.Option(help="Biaya sendiri (TOML). / Own costs.")] = None,
    roads: Annotated[Path | None, typer.Option(help="Garis jalan untuk rute fiber. / Road lines for fibre.")] = None,
    fix: Annotated[
        list[str] | None,
        typer.Option(help="KODE=TAHUN, KODE=CARA atau KODE=CARA@TAHUN yang wajib. / CODE=MEASURE@YEAR: a must."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(help="KODE, CARA atau KODE=CARA yang dilarang. / CODE, MEASURE or CODE=MEASURE to leave out."),
    ] = None,
    minimum: Annotated[list[str] | None, typer.Option(help="KECAMATAN=JUMLAH desa. / SUBDISTRICT=VILLAGES.")] = None,
    weighted: Annotated[bool, typer.Option(help="Timbang menurut prioritas. / Weight people by priority.")] = False,
    approved: Annotated[
        bool,
        typer.Option(
            "--approved", help="Dengan usulan disetujui yang dibayar pihak lain. / With proposals paid by others."
        ),
    ] = False,
    allow_sea: Annotated[bool, typer.Option(help="Fiber boleh lewat laut. / Fibre may cross the sea.")] = False,
    gap: Annotated[float, typer.Option(min=0, max=1, help="Selisih yang diterima. / Gap accepted.")] = 0.001,
    seconds: Annotated[float, typer.Option(min=1, help="Waktu paling lama. / Time limit.")] = 60.0,
    include_cctv: CctvOption = False,
    out: OutOption = Path("out"),
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """``jangkau rollout``.

    Contoh / Example: jangkau rollout --budget 2027=5000000000 --budget 2028=5000000000
      --fix 3505030003=small_tower@2027 --exclude 3505030001=satellite
    """
    priced = read_costs(costs)
    budgets = read_budgets(budget)
    with progress_bar() as bar:
        task = bar.add_task(words("cli.step.read"), total=None)
        inputs = gather_inputs(sources)
        settings = decided_parameters(sources, inputs, gather_decisions(sources, inputs))
        ground = prepare(inputs, settings, loss_cache())
        analysis = analyze(inputs, settings, ground)
        bar.update(task, description=words("rollout.step"))
        found = survey_of(analysis, ground, priced, read_geofile(roads) if roads else None, allow_sea)
        request = PlanRequest(
            budgets,
            edits=(
                *_pins(fix or []),
                *map(_forbidden, exclude or ()),
                *(_approved(analysis, found, list(budgets), words) if approved else ()),
            ),
            minimum=_pairs(minimum or [], int, "Wates=2"),
            weights=priority_weights(analysis.priority) if weighted else None,
        )
        planned = make_plan(analysis, found, priced, request, gap, seconds)
        money = money_curve(analysis, planned, min(seconds, 10.0))
        files = _files(analysis, planned, money, words, include_cctv)
        if neighbours:
            files["cooperation.csv"] = _cooperation(analysis, neighbours)
        write_outputs(out, files)
    _print_plan(planned.plan, planned.naive, words)
    for text in (*outcome_sentences(analysis, planned.plan, words), budget_sentence(analysis, planned.plan, words)):
        say(text)
    say(words("rollout.written", out=str(out), files=", ".join(sorted(files))))


def _approved(analysis: Analysis, found: SiteSurvey, years: list[int], words: Words) -> tuple[PlanEdit, ...]:
    """What others pay by approved proposals of the register."""
    store = open_existing()
    if store is None:
        return ()
    lines = store.proposals.all(region_of(analysis.villages), current_operator())
    store.close()
    proposals, language = [line.proposal for line in lines], words.language
    rest = (years, lambda channel: channel.name.in_language(language), found.measures)
    return paid_pins(proposals, proposal_rules(), *rest)


def read_budgets(given: list[str]) -> dict[int, int]:
    """Read ``YEAR=RUPIAH`` options."""
    found = _pairs(given, float, "2027=5000000000")
    for year, money in found.items():
        if not FIRST_YEAR <= int(year) <= LAST_YEAR or not 0 <= money < math.inf:
            value = next(text for text in given if text.partition("=")[0].strip() == year)
            raise ParameterError("rollout.budget_out_of_range", Place(value=value), first=FIRST_YEAR, last=LAST_YEAR)
    return {int(year): round(money) for year, money in found.items()}


def _pins(given: list[str]) -> Iterator[PlanEdit]:
    """Read ``CODE=YEAR``, ``CODE=MEASURE`` and ``CODE=MEASURE@YEAR``."""
    for code, said in _pairs(given, str, _PIN).items():
        measure, _, year = said.rpartition("@") if "@" in said or said.isdigit() else (said, "", "")
        if not said or (year and not year.isdigit()):
            raise ParameterError("rollout.budget_unreadable", Place(value=f"{code}={said}"), example=_PIN)
        yield PlanEdit("pin", code, measure or None, int(year) if year else None)


def _forbidden(text: str) -> PlanEdit:
    """Read ``CODE``, ``MEASURE`` or ``CODE=MEASURE``."""
    code, _, measure = text.partition("=")
    if not measure and not code.replace(".", "").isdigit():
        code, measure = "", code
    return PlanEdit("forbid", code or None, measure or None)


def _pairs(given: list[str], number: Callable[[str], V], example: str) -> dict[str, V]:
    """Read ``NAME=NUMBER`` options."""
    pairs: dict[str, V] = {}
    for text in given:
        name, _, value = text.partition("=")
        if name.strip() in pairs:
            raise ParameterError("rollout.given_twice", Place(value=text), name=name.strip())
        try:
            if example.startswith("2"):
                int(name)
            pairs[name.strip()] = number(value)
        except ValueError as error:
            raise ParameterError("rollout.budget_unreadable", Place(value=text), example=example) from error
    return pairs


def _files(
    analysis: Analysis, planned: PlanResult, money: pd.DataFrame, words: Words, include_cctv: bool
) -> dict[str, bytes]:
    found, plan, rule = planned.survey, planned.plan, analysis.parameters.rule()
    shown = found.measures if include_cctv else without_private_feeds(found.measures, analysis)
    measures = shown.drop(columns="piece").assign(
        why=[
            words(f"rollout.condition.{reason}", distance=words.distance(distance))
            for reason, distance in zip(shown["reason"], shown["distance_m"], strict=True)
        ],
        distance_m=shown["distance_m"].round().astype("Int64"),
        mast_m=shown["mast_m"].astype(float).round(1),
        rule=rule.name,
        cost_basis="indicative",
    )
    files = {
        "rollout.csv": write_rollout(analysis, plan, words),
        "rollout_years.csv": csv_bytes(with_basis(plan.years, analysis, plan)),
        "rollout_curve.csv": csv_bytes(with_basis(money, analysis, plan)),
        "measures.csv": csv_bytes(measures),
    }
    if found.routes is not None and len(found.routes.tree.parent):
        lines = found.routes.lines().assign(year=plan.piece_year)
        files["rollout_routes.geojson"] = lines[lines["year"] > 0].to_json().encode()
    return files


def _cooperation(analysis: Analysis, neighbours: Path) -> bytes:
    """Blank and weak villages that a neighbour's asset could serve better."""
    states = analysis.states()
    asked = list(states.index[states.isin(["blank", "weak"])])
    theirs, _ = read_assets(neighbours)
    return csv_bytes(
        better_from_neighbours(analysis.villages, analysis.assets, theirs, analysis.parameters.kinds, asked)
    )


def _print_plan(plan: RolloutPlan, naive: RolloutPlan, words: Words) -> None:
    for year in plan.years.to_dict("records"):
        say(
            words(
                "rollout.summary",
                year=str(year["year"]),
                villages=year["villages"],
                people=year["people_newly_served"],
                capital=words.money(year["capital_idr"]),
                running=words.money(year["running_idr"]),
                budget=words.money(year["budget_idr"]),
            )
        )
    say(words("rollout.against_naive", people=plan.people, naive=naive.people, difference=plan.people - naive.people))
    say(proof_sentence(plan, words))
    say("• " + words("rollout.indicative"), style="dim")
    say("• " + words("rollout.own_people"), style="dim")
