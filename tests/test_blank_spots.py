"""Blank spots by named rules: three-valued, never guessed."""

import pandas as pd
import pytest

from coverage.base.kinds import AssetKind, ServiceReach
from coverage.base.parameters import Rule
from coverage.base.schema import EVIDENCE, check
from coverage.language.reasons import state_reasons
from coverage.language.words import Words
from coverage.villages_served.blank_spots import blank_spots, conflicts, listed_codes, listed_states, states_again

KINDS = {
    "tower": AssetKind(gives=(ServiceReach(service="cellular", reach_m=3000, source="t"),)),
    "wifi": AssetKind(gives=(ServiceReach(service="public_wifi", reach_m=100, source="t"),)),
    "fiber_node": AssetKind(gives=(ServiceReach(service="backhaul", reach_m=5000, source="t"),)),
}
OVERLAY = Rule(
    name="overlay",
    services=("cellular", "public_wifi", "backhaul"),
    needs=("cellular", "backhaul"),
    blank_below=0.1,
    weak_below=0.5,
    source="t",
)
NO_WIFI = Rule(name="no_public_wifi", services=("public_wifi",), needs=("public_wifi",), source="t")
NO_CELLULAR = Rule(name="no_cellular", services=("cellular",), needs=("cellular",), source="t")
OFFICIAL = Rule(name="official", method="listed", source="t")


def service_rows(**shares: dict[str, float | None]) -> pd.DataFrame:
    """A VILLAGE_SERVICE table: ``service_rows(cellular={"A": 0.3})``; a share of None is a service without a list."""
    rows = []
    for service, by_village in shares.items():
        for code, share in by_village.items():
            known = share is not None
            rows.append(
                {
                    "village_code_bps": code,
                    "service": service,
                    "known": known,
                    "share_served": share if known else float("nan"),
                    "nearest_asset_kind": {"public_wifi": "wifi", "cellular": "tower"}.get(service, "fiber_node")
                    if known
                    else None,
                    "nearest_asset_m": 7400.0 if known else float("nan"),
                }
            )
    return pd.DataFrame(rows)


def states(service: pd.DataFrame, *rules: Rule, listed: dict[str, str] | None = None) -> dict[tuple[str, str], str]:
    table = blank_spots(service, rules, KINDS, listed)
    return {(row.village_code_bps, row.rule): row.state for row in table.itertuples()}


def full(share: float) -> pd.DataFrame:
    return service_rows(cellular={"A": 0.0}, backhaul={"A": 0.0}, connection={"A": share})


@pytest.mark.parametrize(
    ("share", "state"),
    [(0.0, "blank"), (0.099, "blank"), (0.1, "weak"), (0.499, "weak"), (0.5, "served"), (1.0, "served")],
)
def test_the_thresholds_of_the_overlay(share: float, state: str) -> None:
    assert states(full(share), OVERLAY) == {("A", "overlay"): state}


def test_without_a_tower_list_a_village_out_of_reach_is_unknown_and_never_blank() -> None:
    service = service_rows(
        cellular={"A": None, "B": None}, backhaul={"A": 0.0, "B": 0.9}, connection={"A": 0.0, "B": 0.9}
    )
    assert states(service, OVERLAY, NO_CELLULAR) == {
        ("A", "overlay"): "unknown",
        ("B", "overlay"): "served",
        ("A", "no_cellular"): "unknown",
        ("B", "no_cellular"): "unknown",
    }


def test_a_village_is_without_cellular_only_where_nobody_at_all_is_in_reach() -> None:
    service = service_rows(cellular={"A": 0.0, "B": 1e-4})
    assert states(service, NO_CELLULAR) == {("A", "no_cellular"): "blank", ("B", "no_cellular"): "served"}


def test_public_wifi_never_clears_a_cellular_blank_spot() -> None:
    service = service_rows(cellular={"A": 0.0}, public_wifi={"A": 1.0})
    assert states(service, NO_CELLULAR)["A", "no_cellular"] == "blank"


def test_the_official_rule_is_unknown_without_a_list() -> None:
    assert states(full(1.0), OFFICIAL) == {("A", "official"): "unknown"}
    assert states(full(1.0), OFFICIAL, listed={"A": "blank"}) == {("A", "official"): "blank"}
    assert states(full(1.0), OFFICIAL, listed={"A": "weak"}) == {("A", "official"): "weak"}


def test_a_village_that_is_not_on_the_official_list_is_not_known_to_be_served() -> None:
    table = blank_spots(full(1.0), [OFFICIAL], KINDS, {"B": "blank"})
    assert table[["state", "reason"]].values.tolist() == [["unknown", "not_listed"]]


def partly(share: float, unknown: float, **more: float) -> pd.DataFrame:
    """One village of which a part is not known."""
    return service_rows(cellular={"A": share}).assign(share_unknown=unknown, **more)


@pytest.mark.parametrize(
    ("share", "unknown", "state"),
    [(0.0, 1.0, "unknown"), (0.6, 0.4, "served"), (0.2, 0.1, "weak"), (0.2, 0.4, "unknown"), (0.0, 0.05, "blank"),
     (0.05, 0.1, "unknown")],
)  # fmt: skip
def test_what_is_not_known_is_neither_served_nor_blank(share: float, unknown: float, state: str) -> None:
    rule = NO_CELLULAR.model_copy(update={"blank_below": 0.1, "weak_below": 0.5})
    table = blank_spots(partly(share, unknown), [rule], KINDS)
    assert table["state"].tolist() == [state]
    if state == "unknown":
        assert table["reason"].tolist() == ["no_ground"]
        assert "ketinggian medan" in state_reasons(table, [rule], KINDS, Words("id"))[0]


def test_nobody_in_reach_but_a_few_not_known_is_not_blank_under_a_rule_about_nobody_at_all() -> None:
    assert states(partly(0.0, 0.001), NO_CELLULAR) == {("A", "no_cellular"): "unknown"}


def test_the_reason_names_the_list_that_is_missing_and_not_the_one_that_was_given() -> None:
    service = service_rows(cellular={"A": 0.0}, backhaul={"A": None}, connection={"A": 0.0})
    service.loc[service["service"] == "connection", "known"] = False
    table = blank_spots(service, [OVERLAY], KINDS)
    assert table[["state", "reason", "missing"]].values.tolist() == [["unknown", "no_asset_list", "backhaul"]]
    assert state_reasons(table, [OVERLAY], KINDS, Words("id")).tolist() == [
        "daftar aset untuk titik koneksi belum ada, jadi belum dapat dinilai"
    ]


def test_of_several_official_lists_the_latest_counts_and_of_one_the_least_service() -> None:
    rows = pd.concat(
        [
            evidence(evidence_id="old:1", claimed_state="blank", date="2021"),
            evidence(evidence_id="new:1", claimed_state="served", date="2024"),
            evidence(evidence_id="new:2", claimed_state="weak", date="2024"),
        ]
    )
    assert listed_states(rows) == {"A": "weak"}
    assert listed_codes(rows) == set()


def test_states_at_another_reach_are_those_of_the_whole_table_made_anew() -> None:
    def service(cellular: float, connection: float) -> pd.DataFrame:
        shares = {"cellular": cellular, "backhaul": 0.0, "public_wifi": 0.0, "connection": connection}
        return service_rows(**{name: {"A": share, "B": share / 2} for name, share in shares.items()})

    # Two services are judged by the union of all that connect, which has changed with the third.
    either = Rule(name="either", services=("public_wifi", "backhaul"), needs=(), blank_below=0.1, source="t")
    rules = (OVERLAY, NO_CELLULAR.model_copy(update={"enabled": False}), either, NO_WIFI, OFFICIAL)
    before, now = service(0.3, 0.3), service(0.0, 0.0)
    spots, listed = blank_spots(before, rules, KINDS, {"A": "blank"}), {"A": "blank"}
    again = states_again(spots, {"cellular"}, now, rules, KINDS, listed)
    assert again.tolist() == blank_spots(now, rules, KINDS, listed)["state"].tolist()
    assert again.tolist() != spots["state"].tolist()


def test_a_disabled_rule_gives_no_row() -> None:
    assert states(full(1.0), NO_WIFI.model_copy(update={"enabled": False}), OVERLAY).keys() == {("A", "overlay")}


def test_the_reason_names_what_is_missing_and_what_is_nearest() -> None:
    spots = blank_spots(
        service_rows(public_wifi={"A": 0.0}, connection={"A": 0.0}, cellular={"A": 0.0}, backhaul={"A": 0.0}),
        [NO_WIFI, OVERLAY],
        KINDS,
    )
    texts = state_reasons(spots, [NO_WIFI, OVERLAY], KINDS, Words("id"))
    assert texts[0] == "tidak ada Wi-Fi publik aktif dalam 100 m; Wi-Fi publik terdekat 7,4 km"
    assert texts[1].startswith("tidak ada menara, Wi-Fi publik, atau titik koneksi aktif yang menjangkau; simpul fiber")


def evidence(**changes: object) -> pd.DataFrame:
    row = {
        "evidence_id": "list:1",
        "village_code_bps": "A",
        "kind": "official_list",
        "claimed_state": "blank",
        "match": "agreed",
        "given_code": "A",
        "given_village": "A",
        "given_subdistrict": None,
        "source": None,
        "date": "2023",
    }
    return check(pd.DataFrame([{**row, **changes}]), EVIDENCE)


def test_a_listed_village_that_computes_as_served_is_a_conflict() -> None:
    table = conflicts(blank_spots(full(0.9), [OVERLAY], KINDS), evidence(), "overlay")
    assert table[["village_code_bps", "kind", "computed_state", "claimed_state"]].values.tolist() == [
        ["A", "state", "served", "blank"]
    ]


def test_unknown_disagrees_with_nothing_and_blank_agrees() -> None:
    assert conflicts(blank_spots(full(0.0), [OVERLAY], KINDS), evidence(), "overlay").empty
    unknown = service_rows(cellular={"A": None}, backhaul={"A": None}, connection={"A": None})
    assert conflicts(blank_spots(unknown, [OVERLAY], KINDS), evidence(), "overlay").empty


def test_a_wrong_code_beside_a_certain_name_is_on_the_list_and_a_conflict() -> None:
    rows = evidence(match="code_conflict")
    assert listed_codes(rows) == {"A"}
    table = conflicts(blank_spots(full(0.0), [OVERLAY], KINDS), rows, "overlay")
    assert table[["kind", "match"]].values.tolist() == [["match", "code_conflict"]]


def test_without_evidence_there_is_no_list_and_no_conflict() -> None:
    assert listed_codes(None) is None
    assert conflicts(blank_spots(full(0.0), [OVERLAY], KINDS), None, "overlay").empty
