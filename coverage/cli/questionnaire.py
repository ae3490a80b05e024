"""``jangkau questionnaire``: forms to ask every village with, and what the answers contradict."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from coverage.base.errors import ParameterError, Place
from coverage.cli.common import DEFAULT_WORDS, OutOption, WordsOption, say, write_file
from coverage.exports.questionnaire import write_questionnaire, write_xlsform
from coverage.exports.sanitize import neutral_frame
from coverage.language.words import Words
from coverage.places.regencies import region_of
from coverage.readers.kinds import landmark_kinds
from coverage.run.analysis import analyze
from coverage.run.decisions import decided_parameters, gather_decisions
from coverage.run.sources import Sources
from coverage.run.stored_inputs import gather_inputs
from coverage.villages_served.answers import DOUBTS, answers
from coverage.villages_served.landmarks import hamlets_by_village


def questionnaire_command(
    region: Annotated[
        str | None, typer.Argument(metavar="[CODE]", help="Kode atau nama kabupaten/kota. / Code or name of a regency.")
    ] = None,
    subdistrict: Annotated[
        str | None, typer.Option(help="Satu kecamatan saja. / One subdistrict only.", show_default=False)
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Periksa jawaban yang sudah masuk. / Check the answers that came in.")
    ] = False,
    out: OutOption = Path("kuesioner"),
    words: WordsOption = DEFAULT_WORDS,
) -> None:
    """Kuesioner tiap kecamatan (Excel), dan formulir KoboToolbox/ODK (XLSForm). / Forms by subdistrict.

    Contoh / Example: jangkau questionnaire 3505 --out kuesioner; jangkau questionnaire 3505 --check
    """
    if check:
        _check(region, out, words)
        return
    inputs = gather_inputs(Sources(region=region))
    villages, hamlets = inputs.villages, hamlets_by_village(inputs.landmarks, landmark_kinds("hamlet"))
    names = sorted(villages["subdistrict"].unique())
    wanted = [name for name in names if subdistrict is None or name.casefold() == subdistrict.casefold()]
    if not wanted:
        raise ParameterError("questionnaire.no_such_subdistrict", Place(value=subdistrict), offered=names)
    for name in wanted:
        plain = re.sub(r"[^\w-]+", "-", name.lower()).strip("-")
        write_file(out / f"kuesioner-{plain}.xlsx", write_questionnaire(villages, name, words, hamlets))
    regency = ", ".join(villages["regency"].unique())
    write_file(out / "xlsform.xlsx", write_xlsform(villages, region_of(villages), regency))
    say(words("questionnaire.written", count=len(wanted), folder=str(out)))


def _check(region: str | None, out: Path, words: Words) -> None:
    """Who has not answered, and which answers contradict something."""
    sources = Sources(region=region)
    inputs = gather_inputs(sources)
    parameters = decided_parameters(sources, inputs, gather_decisions(sources, inputs))
    run = analyze(inputs, parameters)
    table = answers(run.villages, run.evidence, run.blank_spots, parameters.default_rule)
    write_file(out / "jawaban.csv", neutral_frame(table).to_csv(index=False).encode("utf-8-sig"))
    missing = int(table["claim"].isna().sum())
    say(words("questionnaire.answered", answered=len(table) - missing, count=len(table), missing=missing))
    for doubt in DOUBTS:
        found = table[table[doubt]]
        if len(found):
            named = ", ".join(f"{row.village} ({row.subdistrict})" for row in found.head(10).itertuples(index=False))
            say(words(f"questionnaire.doubt.{doubt}", count=len(found), villages=named))
    say(words("questionnaire.checked", file=str(out / "jawaban.csv")))
