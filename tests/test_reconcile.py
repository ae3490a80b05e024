"""Reconciling a list of villages: what a planner may rely on, on a region small enough to check by eye."""

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.base.errors import JangkauError
from coverage.language.words import Words
from coverage.places.reconcile import RESULT, STATUSES, reconcile
from coverage.readers.village_lists import read_crosswalk, read_village_list
from tests.examples import examples

CONFLICTS = {"code_conflict", "name_conflict", "ambiguous"}

VILLAGES = pd.DataFrame(
    [
        ("3505020006", "Ngadipuro", "Wonotirto"),
        ("3505030001", "Serang", "Panggungrejo"),
        ("3505030003", "Kaligambir", "Panggungrejo"),
        ("3505030006", "Panggungrejo", "Panggungrejo"),
        ("3505040002", "Sukorejo", "Wates"),
        ("3505060003", "Sutojayan", "Sutojayan"),
        ("3505060006", "Sukorejo", "Sutojayan"),
        ("3505060007", "Kalipang", "Sutojayan"),
        ("3505060010", "Kaulon", "Sutojayan"),
        ("3505130006", "Doko", "Doko"),
        ("3505130007", "Suru", "Doko"),
        ("3505130008", "Sumberurip", "Doko"),
    ],
    columns=["village_code_bps", "village", "subdistrict"],
)
CROSSWALK = pd.DataFrame(
    [
        ("3505030003", "35.05.13.2006", "KALIGAMBIR"),
        ("3505060006", "35.05.12.1003", "SUKOREJO"),
        ("3505060010", "35.05.12.2011", "KAULON"),
        ("3505040002", "35.05.20.2005", "SUKOREJO"),
        ("1109072008", "11.01.01.2001", "LATIUNG"),
        ("3507100001", "35.07.01.2001", "SUMBERAGUNG"),
    ],
    columns=["village_code_bps", "village_code_kemendagri", "village"],
)


def match(
    code: object = "",
    village: object = "",
    subdistrict: object = "",
    villages: pd.DataFrame = VILLAGES,
    crosswalk: pd.DataFrame | None = CROSSWALK,
    **more: object,
) -> Any:
    rows = pd.DataFrame([{"code": code, "village": village, "subdistrict": subdistrict, **more}], dtype=object)
    return reconcile(rows, villages, crosswalk).iloc[0]


def told(code: object = "", village: object = "", subdistrict: object = "", **more: Any) -> tuple[str, str]:
    result = match(code, village, subdistrict, **more)
    return result["status"], result["village_code_bps"]


def test_code_and_name_that_agree_are_agreed_however_written() -> None:
    codes = ["3505030003", "id3505030003", "3505030003.0", 3505030003.0, "35.05.13.2006", "35.05.030.003"]
    names = ["Kaligambir", "Kali Gambir", "DESA KALI GAMBIR", "Kel. Kaligambir"]
    written = pd.DataFrame(
        itertools.product(codes, names, ["", "Kec. Panggungrejo"]),
        columns=["code", "village", "subdistrict"],
        dtype=object,
    )
    found = reconcile(written, VILLAGES, CROSSWALK)
    assert len(found) == len(written)
    assert written[(found["status"] != "agreed") | (found["village_code_bps"] != "3505030003")].empty


def test_the_result_names_the_village_as_the_region_does_with_both_codes() -> None:
    result = match("35.05.13.2006", "KALI GAMBIR", "panggung rejo")
    assert tuple(result[["village", "subdistrict", "village_code_bps", "village_code_kemendagri"]]) == (
        "Kaligambir",
        "Panggungrejo",
        "3505030003",
        "35.05.13.2006",
    )


@pytest.mark.parametrize("village", ["Kaligambr", "Kaligambiir", "Kaligmabir", "Kaligembir", "Kalligambir"])
def test_a_small_misspelling_beside_the_right_code_is_spelling(village: str) -> None:
    assert told("3505030003", village) == ("spelling", "3505030003")


def test_a_code_in_no_list_with_a_name_sure_within_its_subdistrict_is_a_code_conflict() -> None:
    result = match("3505060014", "Kaulon", "Sutojayan")
    assert (result["status"], result["village_code_bps"]) == ("code_conflict", "3505060010")
    words = Words("id")(f"reconcile.reason.{result['reason']}", **result["reason_details"])
    assert words == ("Kode 3505060014 tidak ada di daftar; nama dan kecamatan cocok dengan Kaulon (3505060010).")
    assert told("3505060014", "Kaulon") == ("code_conflict", "3505060010")
    assert match("id3505060014.0", "Kaulon", "Sutojayan")["reason_details"]["code"] == "3505060014"


def test_code_and_name_of_two_villages_are_a_conflict_even_though_both_exist() -> None:
    assert told("3505060007", "Kaulon", "Sutojayan") == ("code_conflict", "3505060010")
    result = match("3505060007", "Ngadipuro")
    assert (result["status"], result["village_code_bps"]) == ("name_conflict", "")
    assert result["candidates"] == "3505060007 Kalipang (Sutojayan); 3505020006 Ngadipuro (Wonotirto)"


def test_a_valid_code_with_a_name_of_nowhere_is_a_name_conflict() -> None:
    assert told("3505060007", "Atlantis") == ("name_conflict", "")
    assert told("3505060007", "Atlantis", "Sutojayan") == ("name_conflict", "3505060007")


def test_the_name_of_a_neighbour_goes_before_a_close_name() -> None:
    villages = pd.DataFrame(
        [("3505060001", "Sumberejo", "Sutojayan"), ("3505060002", "Sumberojo", "Sutojayan")],
        columns=["village_code_bps", "village", "subdistrict"],
    )
    assert told("3505060001", "Sumberojo", villages=villages) == ("code_conflict", "3505060002")
    assert told("3505060001", "Sumberejo", villages=villages) == ("agreed", "3505060001")


def test_a_close_name_is_refused_where_another_village_of_the_regency_has_the_name_as_written() -> None:
    villages = pd.DataFrame(
        [("3505060001", "Sumberejo", "Sutojayan"), ("3505040001", "Sumberojo", "Wates")],
        columns=["village_code_bps", "village", "subdistrict"],
    )
    assert told("3505060001", "Sumberojo", villages=villages) == ("ambiguous", "")
    assert told("3505060001", "Sumberojo", "Sutojayan", villages=villages) == ("spelling", "3505060001")


def test_namesakes_need_a_code_or_a_subdistrict() -> None:
    assert told("", "Sukorejo") == ("ambiguous", "")
    assert told("", "Sukorejo", "Wates") == ("agreed", "3505040002")
    assert told("3505060006", "Sukorejo") == ("agreed", "3505060006")
    assert match("", "Sukorejo")["candidates"] == "3505040002 Sukorejo (Wates); 3505060006 Sukorejo (Sutojayan)"


def test_a_subdistrict_that_contradicts_is_never_passed_over() -> None:
    assert told("3505030003", "Kaligambir", "Wates") == ("name_conflict", "3505030003")
    assert told("3505030003", "Kaligambir", "Atlantis") == ("name_conflict", "3505030003")
    assert told("3505060006", "Sukorejo", "Wates") == ("code_conflict", "3505040002")
    assert told("", "Kaligambir", "Wates") == ("name_conflict", "")
    assert told("3505030003", "", "Wates") == ("name_conflict", "")


@pytest.mark.parametrize(
    "subdistrict",
    [
        "Panggung Rejo",
        "KEC. PANGGUNGREJO",
        "Kecamatan Panggungrejo, Kab. Blitar",
        "Pangungrejo",
        "3505030",
        "3505030.0",
    ],
)
def test_a_subdistrict_is_understood_however_written(subdistrict: str) -> None:
    assert told("", "Kaligambir", subdistrict) == ("agreed", "3505030003")
    assert told("3505030003", "Kaligambir", subdistrict) == ("agreed", "3505030003")


def test_a_name_alone_is_enough_where_only_one_village_has_it() -> None:
    assert told("", "Kali Gambir") == ("agreed", "3505030003")
    assert told("", "Kaligamber") == ("spelling", "3505030003")


def test_short_names_are_believed_less() -> None:
    assert told("", "Suro") == ("ambiguous", "")
    assert told("", "Suro", "Doko") == ("ambiguous", "")
    assert told("3505130007", "Suro") == ("spelling", "3505130007")
    assert told("3505130007", "Sro") == ("name_conflict", "")


@pytest.mark.parametrize(
    ("code", "note"),
    [("3.50503E+09", "code_damaged"), ("35050300", "code_unreadable"), ("3505030003001", "code_unreadable")],
)
def test_a_code_that_cannot_be_used_is_no_code_and_says_so(code: str, note: str) -> None:
    result = match(code, "Kaligambir", "Panggungrejo")
    assert (result["status"], result["village_code_bps"]) == ("agreed", "3505030003")
    assert result["reason_details"]["notes"] == [note]
    assert told(code, "") == ("not_found", "")


def test_an_undotted_kemendagri_code_is_a_conflict_that_names_the_village() -> None:
    assert told("3505132006", "Kaligambir") == ("code_conflict", "3505030003")
    assert told("3505132006", "Kaligambr") == ("code_conflict", "3505030003")
    assert told("3505132006", "Atlantis") == ("name_conflict", "")
    assert told("3505132006") == ("ambiguous", "")
    assert told("3505132006", "Kaligambir", crosswalk=None) == ("ambiguous", "")


def test_digits_that_exist_in_both_systems() -> None:
    """3505060010 is Kaulon (BPS); here it is also the undotted Kemendagri code of Ngadipuro."""
    both = pd.concat(
        [CROSSWALK, pd.DataFrame([("3505020006", "35.05.06.0010", "NGADIPURO")], columns=CROSSWALK.columns)]
    )
    assert told("3505060010", crosswalk=both) == ("ambiguous", "")
    assert told("3505060010", "Kaulon", crosswalk=both) == ("agreed", "3505060010")
    assert told("3505060010", "Ngadipuro", crosswalk=both) == ("code_conflict", "3505020006")
    twins = VILLAGES.assign(village=VILLAGES["village"].replace("Ngadipuro", "Kaulon"))
    assert told("3505060010", "Kaulon", villages=twins, crosswalk=both.replace("NGADIPURO", "KAULON")) == (
        "ambiguous",
        "",
    )


def test_a_village_of_elsewhere_is_not_found_here() -> None:
    assert told("1109072008", "Latiung") == ("not_found", "")
    assert told("3507100001", "Sumberagung") == ("not_found", "")
    assert told("3507100001") == ("not_found", "")
    assert told("9999999999", "Atlantis") == ("not_found", "")


def test_a_code_of_elsewhere_with_a_name_of_here_is_a_conflict_that_picks_nothing() -> None:
    assert told("3507100001", "Kaulon") == ("name_conflict", "")
    assert told("7301010001", "Kaulon") == ("name_conflict", "")
    assert told("3507100001", "Kaulon", "Sutojayan") == ("code_conflict", "3505060010")


def test_a_row_of_another_regency_is_not_matched_by_its_name() -> None:
    villages = VILLAGES.assign(regency="Blitar")
    assert match("", "Kaulon", villages=villages, regency="Kab. Malang")["reason"] == "other_regency"
    assert told("", "Kaulon", villages=villages, regency="Kota Blitar") == ("not_found", "")
    assert told("", "Kaulon", villages=villages, regency="KABUPATEN BLITAR") == ("agreed", "3505060010")
    assert told("3505060010", "Kaulon", villages=villages, regency="Kota Blitar") == ("name_conflict", "3505060010")


def test_a_forest_polygon_is_no_village() -> None:
    assert told("3505060999", "Kaulon/Htn") == ("not_found", "")
    assert told("id3505060999", "Kaulon") == ("not_found", "")


def test_a_code_of_another_edition_is_known_by_the_crosswalk() -> None:
    newer = pd.concat(
        [
            CROSSWALK,
            pd.DataFrame(
                [("3505130016", "35.05.01.2001", "SUMBERURIP"), ("3505060007", "35.05.12.2009", "SUTOJAYAN")],
                columns=CROSSWALK.columns,
            ),
        ]
    )
    assert told("3505130016", "Sumberurip", crosswalk=newer) == ("agreed", "3505130008")
    assert match("3505130016", "Sumberurip", crosswalk=newer)["reason"] == "other_edition"
    # 3505060007 is Kalipang here and Sutojayan in the newer edition: the name decides, and alone the code is not
    # enough.
    assert told("3505060007", "Kalipang", crosswalk=newer) == ("agreed", "3505060007")
    assert told("3505060007", "Sutojayan", crosswalk=newer) == ("code_conflict", "3505060003")
    assert told("3505060007", crosswalk=newer) == ("ambiguous", "")
    assert match("3505060003", "Sutojayan", crosswalk=newer)["village_code_kemendagri"] == "35.05.12.2009"


def test_other_names_of_the_crosswalk_are_names_too() -> None:
    named = CROSSWALK.assign(other_names=["Kaliwungu|Gambiran"] + [None] * (len(CROSSWALK) - 1))
    assert told("3505030003", "Gambiran", crosswalk=named) == ("agreed", "3505030003")


def test_a_region_without_names_of_subdistricts_says_that_they_were_not_checked() -> None:
    result = match("3505030003", "Kaligambir", "Panggungrejo", villages=VILLAGES.drop(columns="subdistrict"))
    assert (result["status"], result["reason_details"]["notes"]) == ("agreed", ["subdistrict_unchecked"])


def test_an_empty_list_and_an_empty_region_are_no_trouble() -> None:
    assert reconcile(pd.DataFrame({"code": []}), VILLAGES).empty
    assert list(reconcile(pd.DataFrame({"code": []}), VILLAGES).columns) == list(RESULT)
    assert told("3505030003", "Kaligambir", villages=VILLAGES.iloc[:0], crosswalk=None) == ("not_found", "")
    assert told("3505030003", "Kaligambir", villages=VILLAGES.iloc[:0]) == ("not_found", "")


def test_a_row_that_says_nothing_is_not_found() -> None:
    assert told() == ("not_found", "")
    assert told("-", "–", "Sutojayan") == ("not_found", "")


def test_rows_keep_the_numbers_of_their_file() -> None:
    rows = pd.DataFrame({"row": [7, 3], "code": ["3505030003", "x"], "village": ["Kaligambir", "y"]})
    assert reconcile(rows, VILLAGES)["row"].tolist() == [7, 3]
    assert reconcile(rows.drop(columns="row"), VILLAGES)["row"].tolist() == [1, 2]


def test_every_reason_that_has_words_can_be_given() -> None:
    source = (Path(__file__).parents[1] / "coverage" / "places" / "reconcile.py").read_text("utf-8")
    keys = Words("id").keys()
    said = [key.removeprefix("reconcile.reason.") for key in keys if key.startswith("reconcile.reason.")]
    assert all(f'"{key}"' in source or f'"{key.removesuffix("_close")}"' in source for key in said)


texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "Kaulon", "Sukorejo", "Kali Gambir", "suru", "Wates", "Sutojayan", "II"]),
    st.sampled_from(["3505060010", "3505060006", "3505132006", "35.05.12.2011", "3505060014", "1109072008", "3.5E+09"]),
)
lists = st.lists(st.tuples(texts, texts, texts), max_size=6)


def frame(rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["code", "village", "subdistrict"], dtype=object)


@pytest.mark.slow
@given(lists)
@settings(max_examples=examples(20))
def test_as_many_rows_out_as_in_with_a_known_status_and_no_surprise(rows: list[tuple[str, str, str]]) -> None:
    try:
        result = reconcile(frame(rows), VILLAGES, CROSSWALK)
    except JangkauError:
        return
    assert len(result) == len(rows)
    assert result["status"].isin(STATUSES).all()
    named = result["village_code_bps"] != ""
    assert result["village_code_bps"][named].isin(VILLAGES["village_code_bps"]).all()
    assert (result["village_code_bps"][result["status"].isin(["ambiguous", "not_found"])] == "").all()
    assert named[result["status"].isin(["agreed", "spelling", "code_conflict"])].all()
    words = Words("en")
    assert all(words.has(f"reconcile.reason.{reason}") for reason in result["reason"])


@pytest.mark.slow
@given(lists, st.randoms(use_true_random=False))
@settings(max_examples=examples(15))
def test_the_order_of_the_rows_changes_nothing(rows: list[tuple[str, str, str]], random: Any) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    columns = ["status", "village_code_bps", "reason", "candidates"]
    one = reconcile(frame(rows), VILLAGES, CROSSWALK)[columns].iloc[order].reset_index(drop=True)
    shuffled = VILLAGES.sample(frac=1, random_state=random.randrange(1000))
    other = reconcile(frame([rows[at] for at in order]), shuffled, CROSSWALK.iloc[::-1])[columns]
    pd.testing.assert_frame_equal(one, other)


@st.composite
def regions(draw: st.DrawFn) -> pd.DataFrame:
    codes = draw(
        st.lists(
            st.integers(1101010001, 1101040099).filter(lambda n: n % 1000 not in (888, 999)),
            min_size=1,
            max_size=12,
            unique=True,
        )
    )
    names = st.text("abcdeiou -'/IV2", min_size=1, max_size=8)
    return pd.DataFrame(
        {
            "village_code_bps": [str(code) for code in codes],
            "village": [draw(names) for _ in codes],
            "subdistrict": [f"Kec {code // 1000}" for code in codes],
        }
    )


@pytest.mark.slow
@given(regions())
@settings(max_examples=examples(20))
def test_an_exact_row_of_the_region_always_agrees(villages: pd.DataFrame) -> None:
    rows = villages.rename(columns={"village_code_bps": "code"})
    result = reconcile(rows, villages)
    assert (result["status"] == "agreed").all()
    assert (result["village_code_bps"] == villages["village_code_bps"]).all()
    assert (reconcile(rows.drop(columns="subdistrict"), villages)["status"] == "agreed").all()


# On real data


@pytest.fixture(scope="module")
def blitar(shared: Path) -> pd.DataFrame:
    features = json.loads((shared / "blitar" / "villages_bps_2020.geojson").read_text("utf-8"))["features"]
    table = pd.DataFrame([feature["properties"] for feature in features])
    table = table[~table["village_code"].str.endswith("999")]
    return pd.DataFrame(
        {
            "village_code_bps": table["village_code"].str[2:],
            "village": table["village"],
            "subdistrict": table["district"],
            "regency": table["regency"],
        }
    ).reset_index(drop=True)


@pytest.fixture(scope="module")
def bridge(shared: Path) -> pd.DataFrame:
    return read_crosswalk(shared / "codes" / "bps_kemendagri_2024.csv")


@pytest.fixture(scope="module")
def bare(bridge: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"code": bridge["village_code_kemendagri"].str.replace(".", ""), "village": bridge["village"]})


def test_the_official_list_of_blitar(shared: Path, blitar: pd.DataFrame) -> None:
    rows, _ = read_village_list(shared / "blitar" / "official_blankspots_2023.csv", blitar)
    for crosswalk in (None, read_crosswalk(shared / "blitar" / "crosswalk.csv")):
        result = reconcile(rows, blitar, crosswalk)
        assert result["status"].tolist() == ["agreed"] * 3 + ["code_conflict"] + ["agreed"] * 3
        assert result["village_code_bps"].tolist() == [
            "3505030003",
            "3505030001",
            "3505030006",
            "3505060010",
            "3505040001",
            "3505020001",
            "3505020006",
        ]


def test_the_kemendagri_villages_of_2026_agree_with_those_of_bps_2020(shared: Path, blitar: pd.DataFrame) -> None:
    features = json.loads((shared / "blitar" / "villages_kemendagri_2026.geojson").read_text("utf-8"))["features"]
    rows = pd.DataFrame([{"code": f["properties"]["kode"], "village": f["properties"]["nama"]} for f in features])
    result = reconcile(rows, blitar, read_crosswalk(shared / "blitar" / "crosswalk.csv"))
    assert (result["status"] == "agreed").sum() == 248
    assert result["village_code_bps"].nunique() == 248


@pytest.mark.slow
def test_every_village_of_the_country_agrees_with_itself_in_both_systems(bridge: pd.DataFrame) -> None:
    rows = pd.DataFrame({"code": bridge["village_code_bps"], "village": bridge["village"]})
    result = reconcile(rows, bridge, bridge)
    # Of two villages the digits are the same in both systems: which system is meant cannot be told, and need not be.
    assert (result["status"] == "agreed").sum() == len(bridge) - 2
    assert result["village"][result["status"] != "agreed"].tolist() == ["", ""]
    dotted = reconcile(rows.assign(code=bridge["village_code_kemendagri"]), bridge, bridge)
    assert (dotted["status"] == "agreed").all()
    assert (dotted["village_code_bps"] == bridge["village_code_bps"]).all()


@pytest.mark.slow
def test_no_kemendagri_code_without_dots_is_ever_taken_for_a_bps_code(
    bridge: pd.DataFrame, bare: pd.DataFrame, blitar: pd.DataFrame
) -> None:
    for region, statuses in ((bridge, CONFLICTS), (blitar, {*CONFLICTS, "not_found"})):
        result = reconcile(bare, region, bridge)
        assert set(result["status"]) <= statuses
        named = result["village_code_bps"] != ""
        assert (result["village_code_bps"] == bridge["village_code_bps"])[named].all()
        here = bridge["village_code_bps"].isin(region["village_code_bps"])
        assert set(result["status"][here]) <= CONFLICTS
        assert named[here].mean() > 0.999


@pytest.mark.slow
def test_digits_without_a_name_that_exist_in_both_systems_are_ambiguous(
    bridge: pd.DataFrame, bare: pd.DataFrame
) -> None:
    result = reconcile(bare[["code"]], bridge, bridge)
    assert (result["status"] == "ambiguous").all()
    in_both = bare["code"].isin(set(bridge["village_code_bps"]))
    assert in_both.sum() == 3843
    assert (result["reason"][in_both] == "digits_in_both").all()
    alone = reconcile(bridge[["village_code_bps"]].rename(columns={"village_code_bps": "code"}), bridge, bridge)
    assert (alone["status"] == "agreed").sum() == len(bridge) - 3843


def test_a_slip_in_a_name_beside_its_code_is_never_another_village(blitar: pd.DataFrame) -> None:
    random = np.random.default_rng(1)
    names = blitar["village"].map(lambda name: slip(name, random))
    rows = pd.DataFrame({"code": blitar["village_code_bps"], "village": names, "subdistrict": blitar["subdistrict"]})
    result = reconcile(rows, blitar)
    assert (result["village_code_bps"] == blitar["village_code_bps"]).all()
    assert result["status"].isin(["agreed", "spelling"]).mean() > 0.95
    alone = reconcile(rows.drop(columns="code"), blitar)
    assert (alone["village_code_bps"] == blitar["village_code_bps"])[alone["village_code_bps"] != ""].all()
    assert alone["status"].isin(["agreed", "spelling"]).mean() > 0.9


def slip(name: str, random: np.random.Generator) -> str:
    """One letter left out, doubled by its neighbour, replaced, or swapped with the next."""
    at = int(random.integers(1, len(name) - 1))
    return [
        name[:at] + name[at + 1 :],
        name[:at] + "a" + name[at:],
        name[:at] + "e" + name[at + 1 :],
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    ][int(random.integers(4))]
