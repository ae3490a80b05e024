"""What the page says of a region, a village, an asset."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coverage.exports.figures import totals
from coverage.exports.tables import villages_table
from coverage.language.words import Words
from coverage.run.result import Analysis
from coverage.web import facts
from coverage.web.maps.layers import Viewer


def test_states_add_up_to_the_villages_under_every_rule(analysis: Analysis) -> None:
    for rule in facts.rules_of(analysis).values():
        assert sum(facts.summary(analysis, rule).counts.values()) == len(analysis.villages)


def test_people_without_service_are_those_out_of_reach(analysis: Analysis) -> None:
    rule = facts.rules_of(analysis)["no_cellular"]
    rows = analysis.village_service.query("service == 'cellular'")
    answer = facts.summary(analysis, rule)
    assert answer.population == 1_223_745
    assert answer.without_service == 1_223_745 - rows["population_served"].round().sum()


def test_under_a_rule_about_a_list_the_people_of_the_listed_villages_count(analysis: Analysis) -> None:
    listed = analysis.states("official")[lambda states: states == "blank"].index
    people = analysis.villages.set_index("village_code_bps")["population"][listed].sum()
    assert facts.summary(analysis, facts.rules_of(analysis)["official"]).without_service == pytest.approx(people)


def test_unknown_states_leave_the_people_unknown_and_never_zero(analysis: Analysis) -> None:
    unknown = replace(analysis, blank_spots=analysis.blank_spots.assign(state="unknown"))
    answer = facts.summary(unknown, facts.rules_of(analysis)["overlay"])
    assert (answer.counts["unknown"], answer.counts["blank"], answer.without_service) == (248, 0, None)


def test_people_not_known_are_not_counted_as_none(analysis: Analysis) -> None:
    nobody = replace(analysis, villages=analysis.villages.assign(population=np.nan))
    answer = facts.summary(nobody, facts.rules_of(analysis)["overlay"])
    assert (answer.population, answer.without_service) == (None, None)


def test_the_facts_of_kaulon(analysis: Analysis, words: Words) -> None:
    kaulon = facts.village_facts(analysis, "3505060010", "overlay", words)
    assert (kaulon.name, kaulon.place, kaulon.state) == ("Kaulon", "Kecamatan Sutojayan, Kabupaten Blitar", "blank")
    assert kaulon.kemendagri == "35.05.12.2011"
    assert [fact.rule for fact in kaulon.rules] == [
        "Tumpang susun aset",
        "Sama sekali tanpa sinyal seluler (0 %)",
        "Sinyal seluler lemah",
        "Tanpa Wi-Fi publik",
        "Tanpa titik koneksi",
        "Daftar resmi",
    ]
    assert all(fact.reason for fact in kaulon.rules)
    assert kaulon.rank.startswith("urutan ")
    assert kaulon.nearest[0][1].endswith("m")
    assert len(kaulon.evidence) == 1
    assert "3505060014" in kaulon.evidence[0]
    assert "kode bertentangan" in kaulon.evidence[0]


def test_signal_and_ground_are_told_only_where_they_are_known(analysis: Analysis, words: Words) -> None:
    assert facts.village_facts(analysis, "3505060010", "overlay", words).signal == []
    codes = analysis.villages["village_code_bps"]
    heard = pd.DataFrame(
        {
            "village_code_bps": codes,
            "share_strong": 0.25,
            "share_weak": 0.5,
            "share_none": 0.25,
            "people_strong": 100.0,
            "people_weak": 200.0,
            "people_none": 100.0,
            "centre_class": "weak",
            "centre_rsrp_dbm": -109.4,
            "operators": 1,
            "single_operator": "Satu",
        }
    )
    ground = analysis.villages.assign(elevation_m=312.4, slope_deg=8.25, ruggedness_m=14.0)
    told = facts.village_facts(replace(analysis, village_signal=heard, villages=ground), "3505060010", "overlay", words)
    assert [value for _, value in told.signal] == [
        "100 jiwa (25%)",
        "200 jiwa (50%)",
        "100 jiwa (25%)",
        "lemah (-109 dBm)",
        "hanya Satu",
        "312 m",
        "8,2°",
    ]


def test_a_village_that_is_not_there_is_a_fault(analysis: Analysis, words: Words) -> None:
    with pytest.raises(IndexError):
        facts.village_facts(analysis, "0000000000", "overlay", words)


@pytest.mark.parametrize(
    ("code", "name", "said"),
    [
        ("3505060010", "Blitar", "Kabupaten Blitar"),
        ("3271010001", "Bogor", "Kota Bogor"),
        ("3271010001", "Kota Bogor", "Kota Bogor"),
        ("3505060010", "KAB. BLITAR", "KAB. BLITAR"),
    ],
)
def test_a_city_is_not_a_regency(code: str, name: str, said: str, words: Words) -> None:
    assert facts.regency_name(code, name, words) == said


def test_search_finds_a_village_by_name_and_by_both_codes(analysis: Analysis) -> None:
    label = facts.village_label(analysis)["3505060010"]
    assert all(part in label for part in ("Kaulon", "Sutojayan", "3505060010", "35.05.12.2011"))
    assert len(set(facts.village_label(analysis).values())) == 248  # names that occur twice are told apart


def test_facts_of_an_asset_say_that_it_is_invented(analysis: Analysis, words: Words) -> None:
    assert analysis.assets is not None
    shown = facts.asset_facts(analysis, Viewer(), analysis.assets["asset_id"].iloc[0], words)
    assert shown is not None
    assert shown.sample
    assert facts.asset_facts(analysis, Viewer(), "nobody's", words) is None
    assert facts.asset_facts(replace(analysis, assets=None), Viewer(), "nobody's", words) is None


def test_the_screen_counts_the_people_that_the_papers_count(analysis: Analysis, words: Words) -> None:
    rule = facts.rules_of(analysis)[analysis.parameters.default_rule]
    assert facts.summary(analysis, rule).without_service == totals(villages_table(analysis, words)).population_unserved


def test_under_a_rule_of_0_percent_little_signal_is_not_called_served(analysis: Analysis, words: Words) -> None:
    spots = analysis.blank_spots.query("rule == 'no_cellular' and state == 'served'").set_index("village_code_bps")
    code = str(spots["share"].idxmin())
    few = facts.village_facts(analysis, code, "no_cellular", words)
    assert spots["share"][code] < 0.5
    assert few.told == f"ada sinyal di sebagian kecil wilayah ({words.share(spots['share'][code])})"
    assert facts.village_facts(analysis, str(spots["share"].idxmax()), "no_cellular", words).told == "ada sinyal"
    assert [fact.told for fact in few.rules if fact.rule == "Sinyal seluler lemah"] == ["lemah"]
