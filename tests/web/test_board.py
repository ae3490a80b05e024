"""The board under the map: contradictions, who said what, and decisions that are kept and taken back."""

from dataclasses import replace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from coverage.base.schema import EVIDENCE
from coverage.exports.board import board_table, write_minutes
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
