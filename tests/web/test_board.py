"""The board under the map: contradictions, who said what, and decisions that are kept and taken back."""

from dataclasses import replace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from coverage.base.schema import EVIDENCE, in_form
from coverage.exports.board import board_table, list_series, statement_lines, write_minutes
from coverage.language.words import Words
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis
from coverage.store import Actor, Store
from coverage.web import frame
from coverage.web.map_page.board import CHOSEN, decision
from coverage.web.run_cache import ComputedRun, Run
from coverage.web.server.app import SCRIPT

KAULON = "3505060010"


def with_evidence(analysis: Analysis, *rows: tuple[str, str, str, str]) -> Analysis:
    made = [
        {"evidence_id": f"x:{k}", "village_code_bps": code, "kind": kind, "claimed_state": state, "date": date}
        | {"match": "agreed", "source": "uji.csv"}
        for k, (code, kind, state, date) in enumerate(rows)
    ]
    assert analysis.evidence is not None
    return replace(analysis, evidence=pd.concat([analysis.evidence, pd.DataFrame(made, columns=EVIDENCE.names)]))


@pytest.mark.slow
def test_a_field_test_that_contradicts_list_and_calculation_opens_the_village_and_a_decision_closes_it(
    analysis: Analysis,
) -> None:
    words = Words("id")
    assert not board_table(analysis, words)["open"].any()  # the list of 2023 and the calculation agree
    tested = with_evidence(analysis, (KAULON, "field_test", "served", "2025-03-01"))
    board = board_table(tested, words)
    assert board.loc[board["open"], "village_code_bps"].tolist() == [KAULON]
    row = board.iloc[0]
    assert (row["said_field_test"], row["said_official_list"]) == ("terlayani (2025)", "blank spot (2023)")
    settled = decision(KAULON, "served", "dua operator terdengar di balai desa", Actor("ani", "editor"))
    assert tested.evidence is not None
    after = board_table(replace(tested, evidence=pd.concat([tested.evidence, settled])), words)
    assert not after["open"].any()
    assert after.set_index("village_code_bps")["decided"].dropna().to_dict() == {KAULON: "terlayani"}
    assert write_minutes(tested, words).startswith(b"%PDF")


def test_lists_by_year_tell_what_changed_and_no_name_is_made_up_for_those_that_were_only_counted(
    analysis: Analysis,
) -> None:
    words = Words("id")
    series = dict(list_series(analysis, words))
    assert series["Daftar resmi 2023"] == "7 desa, dengan namanya"
    assert series["Diberitakan 2023"].startswith("8 desa menurut pemberitaan setempat")
    assert "3 di antaranya sudah teratasi" in series["Diberitakan 2023"]
    assert series["Diberitakan 2023"].endswith("Berbeda dari daftar tahun itu yang dipegang (7 desa)")
    assert "14 desa" in series["Diberitakan 2024-2025"]
    assert "nama desanya tidak diterbitkan" in series["Diberitakan 2024-2025"]
    later = with_evidence(
        analysis, (KAULON, "official_list", "blank", "2024"), ("3505010004", "official_list", "blank", "2024")
    )
    told = dict(list_series(later, words))["Daftar resmi 2024"]
    assert told.startswith("2 desa, dengan namanya; 1 baru sejak 2023: Sidomulyo; 6 tidak lagi tercantum sejak 2023: ")
    board = board_table(later, words).set_index("village_code_bps")
    assert board["said_official_list"].str.contains("tidak lagi tercantum", na=False).sum() >= 6
    assert board["open"].sum() >= 6


def test_a_report_in_a_pocket_is_told_of_the_pocket_and_a_decision_there_leaves_the_village_open(
    analysis: Analysis,
) -> None:
    words, pockets = Words("id"), analysis.pockets
    assert pockets is not None
    pocket = pockets[pockets["pocket"] > 0].sort_values("people").iloc[-1]
    code, place = pocket["village_code_bps"], (float(pocket["lon"]), float(pocket["lat"]))
    said = with_evidence(analysis, (code, "field_test", "served", "2025-03-01"))
    assert said.evidence is not None
    said = replace(said, evidence=in_form(said.evidence, EVIDENCE))
    said.evidence.loc[said.evidence.index[-1], ["lon", "lat"]] = place
    board = board_table(said, words)
    own = board[(board["village_code_bps"] == code) & (board["pocket"] == pocket["pocket"])].iloc[0]
    assert (own["said_field_test"], own["open"], own["heard"]) == ("terlayani (2025)", True, True)
    others = board[(board["village_code_bps"] == code) & ~board["heard"]]
    assert (others["said_field_test"] == "desanya: terlayani (2025)").all()
    settled = decision(code, "blank", "diukur ulang", Actor("ani", "editor"), place)
    after = board_table(replace(said, evidence=pd.concat([said.evidence, settled], ignore_index=True)), words)
    rows = after[after["village_code_bps"] == code].fillna({"pocket": 0}).set_index("pocket")
    assert (rows.loc[pocket["pocket"], "decided"], rows.loc[pocket["pocket"], "open"]) == ("blank spot", False)
    assert rows["decided"].notna().sum() == 1
    lines = statement_lines(said, code, words, int(pocket["pocket"]))
    assert [who for who, _ in lines] == ["Uji lapangan", "Hitungan"]


@pytest.mark.slow
def test_an_editor_keeps_a_decision_and_takes_it_back(
    analysis: Analysis, inputs: Inputs, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tested = with_evidence(analysis, (KAULON, "field_test", "served", "2025-03-01"))
    run = Run()
    run.result.set_result(ComputedRun(inputs, tested, None, inputs))  # type: ignore[arg-type]
    monkeypatch.setattr(frame.RUNS, "of", lambda sources: run)
    app = AppTest.from_file(SCRIPT, default_timeout=60)
    app.session_state[CHOSEN] = KAULON
    app.run()
    assert not app.exception
    app.selectbox(key="board_state").select("terlayani")
    app.text_input(key="board_reason").input("dua operator terdengar")
    next(button for button in app.button if button.label == "Catat keputusan").click().run()
    kept = store.evidence.table(viewer=Actor("ani", "admin"))
    assert kept[["village_code_bps", "kind", "claimed_state"]].to_numpy().tolist() == [[KAULON, "decision", "served"]]
    assert kept["source"].str.endswith("dua operator terdengar").all()
