"""``jangkau analyze``: the whole flow, out as files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from coverage.analysis import Analysis, Ground, analyze, prepare
from coverage.cli.rollout import read_budgets
from coverage.cli.shell import (
    AssetsOption,
    CrosswalkOption,
    EvidenceOption,
    LanguageOption,
    ParametersOption,
    RegionOption,
    console,
    progress_bar,
    words_of,
)
from coverage.errors import ParameterError
from coverage.exports import write_outputs
from coverage.exports.bundle import (
    BY_VILLAGE,
    PAPERS,
    Progress,
    core_names,
    output_files,
    paper_files,
    raster_names,
)
from coverage.exports.run_file import write_run_file
from coverage.field_evidence import LEAST_BLOCKS, calibrated, calibration
from coverage.inputs import load_inputs, with_criteria
from coverage.parameters import Parameters, ReachModel
from coverage.people import Measure
from coverage.planning import Planned, default_wishes, make_plan, money_curve, survey_of
from coverage.readers.costs import read_costs
from coverage.readers.parameters import read_parameters
from coverage.rollout.plan import Wishes
from coverage.schema import STATES
from coverage.store.losses import kept_losses
from coverage.words import Words

PLAN_SECONDS = 10.0
"""Longest search for the plan; ``run.json`` says how good it is proven to be."""
EPILOG = (
    "Contoh / Example: jangkau analyze --region desa.geojson --assets menara.csv --assets wifi.xlsx "
    "--evidence daftar_resmi.csv --out hasil"
)


def analyze_command(
    region: RegionOption = None,
    assets: AssetsOption = None,
    people: Annotated[
        Path | None,
        typer.Option(
            help="Penduduk per desa (CSV, Excel), raster penduduk (GeoTIFF), titik permukiman atau bangunan. / "
            "People per village, a population raster, settlement points or buildings."
        ),
    ] = None,
    people_measure: Annotated[
        Measure | None,
        typer.Option(help="Isi raster penduduk, bila namanya tidak jelas. / What the population raster holds."),
    ] = None,
    evidence: EvidenceOption = None,
    crosswalk: CrosswalkOption = None,
    elevation: Annotated[
        list[Path] | None,
        typer.Option(
            help="Ketinggian medan: GLO-30, SRTM, DEMNAS (GeoTIFF, HGT; boleh berulang). / Elevation tiles, repeatable."
        ),
    ] = None,
    clutter: Annotated[
        Path | None,
        typer.Option(help="Model permukaan atau tutupan lahan (GeoTIFF). / Surface model or land cover."),
    ] = None,
    measurements: Annotated[
        list[Path] | None,
        typer.Option(
            help="Uji lapangan dan aduan: posisi, operator, RSRP atau Mbit/s (boleh berulang). / "
            "Drive tests, speed tests and complaints, repeatable."
        ),
    ] = None,
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate",
            help="Geser perkiraan sinyal menurut uji lapangan. / Shift the predicted signal to what was measured.",
        ),
    ] = False,
    reach_model: Annotated[
        ReachModel | None,
        typer.Option(
            help="Model jangkauan menara; tanpa ini: sinyal bila ada ketinggian, selain itu lingkaran. / "
            "How far towers reach; if not given: signal where elevation is given, else circles."
        ),
    ] = None,
    parameters: ParametersOption = None,
    criteria: Annotated[
        Path | None,
        typer.Option(help="Angka sendiri per kode desa, untuk prioritas. / Own figures by village code."),
    ] = None,
    facilities: Annotated[
        Path | None, typer.Option(help="Titik fasilitas publik, untuk prioritas. / Points of public facilities.")
    ] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            help="Anggaran rencana, TAHUN=RUPIAH, boleh berulang; bila tidak ditulis, yang di data/costs.toml. / "
            "Budget of the plan, YEAR=RUPIAH, repeatable; if left out, the one in data/costs.toml."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder hasil. / Folder for the results.")] = Path("out"),
    papers: Annotated[
        bool,
        typer.Option(
            "--papers/--no-papers",
            help="Juga laporan PDF, buku kerja, peta cetak, KMZ, lembar desa, dan lainnya; tanpa itu lebih cepat. / "
            "Also report, workbook, printed map, KMZ, village sheets and the rest; without them it is faster.",
        ),
    ] = True,
    include_cctv: Annotated[
        bool, typer.Option("--include-cctv", help="Sertakan posisi CCTV. / Include CCTV positions.")
    ] = False,
    lang: LanguageOption = "id",
) -> None:
    """Hitung desa mana yang belum terjangkau dan urutan prioritasnya. / Find blank spots and rank them."""
    words = words_of(lang)
    with progress_bar() as bar:
        task = bar.add_task(words("cli.step.read"), total=1.0)
        inputs = load_inputs(
            region, assets or (), people, evidence or (), crosswalk, people_measure,
            elevation=elevation or (), clutter=clutter, measurements=measurements or (),
        )
        inputs = with_criteria(inputs, criteria, facilities)
        settings = read_parameters(parameters)
        if reach_model:
            settings = settings.model_copy(update={"reach_model": reach_model})
        wishes = Wishes(read_budgets(budget)) if budget else None
        bar.update(task, description=words("cli.step.land"))
        ground = prepare(inputs, settings, kept_losses())
        analysis = analyze(
            inputs,
            settings,
            ground,
            progress=lambda step, done: bar.update(task, description=words(f"cli.step.{step}"), completed=0.4 * done),
        )
        if calibrate:
            analysis = analyze(inputs, _calibrated(analysis), ground)
        bar.update(task, description=words("rollout.step"))
        analysis, planned = _with_plan(analysis, ground, wishes)
        del ground  # half a gigabyte in a province, and the papers need the room

        def begins(name: str, done: float) -> None:
            bar.update(task, description=words("cli.step.write_file", file=name), completed=0.4 + 0.6 * done)

        files = _write(out, analysis, planned, words, papers, include_cctv, begins)
    _tell(analysis, planned, out, files, words)


analyze_command.__doc__ = f"{analyze_command.__doc__}\n\n{EPILOG}"


def _tell_measurements(analysis: Analysis, words: Words) -> None:
    """Say how often measurements agree with the prediction, and the offset that they speak for."""
    told = analysis.run.get("measurements")
    if not told or not told["with_prediction"]:
        return
    share = words.percent(told["agreed"] / told["with_prediction"])
    console.print(words("measurements.agreed", count=words.number(told["with_prediction"]), share=share))
    found, applied = told["calibration"], told["calibration_applied_db"]
    if found is not None:
        console.print(
            words(
                "measurements.offset_left" if applied else "measurements.offset",
                offset=words.number(found["offset_db"], 1),
                error=words.number(found["error_db"], 1),
                applied=words.number(applied, 1),
            )
        )


def _calibrated(analysis: Analysis) -> Parameters:
    """The parameters with the offset that the measurements speak for."""
    found = None if analysis.compared is None else calibration(analysis.compared, analysis.parameters)
    if found is None:
        raise ParameterError("measurements.too_few", least=LEAST_BLOCKS)
    return calibrated(analysis.parameters, found)


def _write(
    out: Path, analysis: Analysis, planned: Planned, words: Words, papers: bool, include_cctv: bool, begins: Progress
) -> list[str]:
    """Write the figures and the map, which are ready soon, and then the papers beside them; return all names."""
    plan = planned.plan
    names = [*core_names(plan), *raster_names(analysis)]
    files = output_files(analysis, words, names, plan=plan, include_cctv=include_cctv, progress=begins)
    write_outputs(out, files)
    if papers:
        made = paper_files(
            analysis,
            words,
            [*PAPERS, *BY_VILLAGE],
            plan=plan,
            curve=money_curve(analysis, planned, seconds=PLAN_SECONDS),
            include_cctv=include_cctv,
            progress=begins,
        )
        files = {**files, **made}
        files["run.json"] = write_run_file(analysis, {k: v for k, v in files.items() if k != "run.json"})
        write_outputs(out, files)
    return sorted(files)


def _with_plan(analysis: Analysis, ground: Ground, wishes: Wishes | None) -> tuple[Analysis, Planned]:
    """Add the plan, and say in the run what was assumed for it."""
    costs = read_costs()
    planned = make_plan(
        analysis, survey_of(analysis, ground, costs), costs, wishes or default_wishes(costs), seconds=PLAN_SECONDS
    )
    about = {**planned.about(), "budget_assumed": wishes is None}
    return replace(analysis, run={**analysis.run, "rollout": about}), planned


def _tell(analysis: Analysis, planned: Planned, out: Path, files: list[str], words: Words) -> None:
    counts = analysis.run["counts"]
    console.print(
        words(
            "cli.summary",
            villages=words.number(counts["villages"]),
            subdistricts=words.number(counts["subdistricts"]),
            area=words.number(counts["area_km2"], 1),
            population=words.number(counts["population"]),
        )
    )
    table = Table(words("cli.rule"), *(words(f"core.state.{state}") for state in STATES))
    for rule, states in counts["states"].items():
        table.add_row(
            words(f"core.rule.{rule}") if words.has(f"core.rule.{rule}") else rule,
            *(words.number(states[state]) for state in STATES),
        )
    console.print(table)
    if len(analysis.conflicts):
        console.print(words("cli.conflicts", count=words.number(len(analysis.conflicts))))
    _tell_measurements(analysis, words)
    budgets = planned.wishes.budgets
    console.print(
        words(
            "rollout.assumed" if analysis.run["rollout"]["budget_assumed"] else "rollout.given",
            first=str(min(budgets)),
            last=str(max(budgets)),
            budget=words.money(sum(budgets.values())),
            villages=words.number(len(planned.plan.rollout)),
            people=words.number(planned.plan.people),
            naive=words.number(planned.naive.people),
        )
    )
    for mark in analysis.run["approximations"]:
        console.print("• " + words(f"core.mark.{mark}"), style="dim")
    console.print(words("cli.written", out=str(out), files=", ".join(files), run_id=analysis.run["run_id"]))
