"""The order of villages: worked by hand, and what must always hold."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from coverage.base.errors import ColumnError, ParameterError
from coverage.base.parameters import Criterion, PairwiseComparison, PriorityParameters
from coverage.base.schema import PRIORITY
from coverage.ranking.criteria import single_operator
from coverage.ranking.priority import compare_methods, compare_villages, decide, neighbour_swaps, rank_villages
from coverage.ranking.scoring import decision_methods
from coverage.readers.parameters import read_parameters
from tests.examples import examples

NAN = float("nan")


def criterion(name: str, weight: float = 1.0, **more: object) -> Criterion:
    return Criterion(name=name, weight=weight, source="test", **more)  # type: ignore[arg-type]


def parameters(*criteria: Criterion, **more: object) -> PriorityParameters:
    return PriorityParameters(criteria=criteria, draws=50, **more)  # type: ignore[arg-type]


def region(rows: list[tuple[str, float, float, float, bool | None, str]]) -> tuple[pd.DataFrame, ...]:
    """Tables of a region from (code, population, share served, metres to backhaul, centre served, state)."""
    codes = [row[0] for row in rows]
    villages = pd.DataFrame(
        {
            "village_code_bps": codes,
            "village": [f"Desa {c}" for c in codes],
            "subdistrict": "Wates",
            "population": [row[1] for row in rows],
        }
    )
    services = []
    for code, _, share, metres, centre, _ in rows:
        services.append((code, "connection", share, centre, NAN))
        services.append((code, "backhaul", 0.0, False, metres))
    service = pd.DataFrame(
        services, columns=["village_code_bps", "service", "share_served", "centre_served", "nearest_asset_m"]
    )
    spots = pd.DataFrame(
        {
            "village_code_bps": codes,
            "rule": "overlay",
            "state": [row[5] for row in rows],
            "share": [row[2] for row in rows],
        }
    )
    return villages, service, spots


THREE = [
    ("3505010001", 4000.0, 0.75, 1000.0, True, "weak"),  # 1000 people unserved
    ("3505010002", 2000.0, 0.0, 9000.0, False, "blank"),  # 2000 people unserved
    ("3505010003", 1000.0, 0.9, 100.0, True, "served"),
]


def test_parts_and_score_worked_by_hand() -> None:
    criteria = (criterion("people_unserved", 3), criterion("share_unserved", 1))
    table = rank_villages(*region(THREE), parameters(*criteria), "overlay")
    # weights 3/4 and 1/4; people on a scale from 0 to the largest village, 4000
    assert table["village_code_bps"].tolist() == ["3505010002", "3505010001"]
    assert table["rank"].tolist() == [1, 2]
    assert table["value_people_unserved"].tolist() == [2000, 1000]
    assert table["part_people_unserved"].tolist() == pytest.approx([0.75 * 0.5, 0.75 * 0.25])
    assert table["part_share_unserved"].tolist() == pytest.approx([0.25, 0.25 * 0.25])
    assert table["score"].tolist() == pytest.approx([0.625, 0.25])
    assert json.loads(table["reasons"][0]) == [["people_unserved", 2000.0], ["share_unserved", 1.0]]


def test_a_served_village_is_not_ranked_and_does_not_move_the_others() -> None:
    criteria = (criterion("people_unserved"), criterion("distance_to_connection_m", scale_from=0, scale_to=10_000))
    everyone = parameters(*criteria, states=("blank", "weak", "served"))
    all_three = rank_villages(*region(THREE), everyone, "overlay")
    two = rank_villages(*region(THREE), parameters(*criteria), "overlay")
    assert len(all_three) == 3
    both = all_three.set_index("village_code_bps").loc[two["village_code_bps"], "score"]
    assert both.tolist() == two["score"].tolist()


def test_near_a_connection_point_comes_first_where_less_is_urgent() -> None:
    near = criterion("distance_to_connection_m", direction="less_is_urgent", scale_from=1000, scale_to=9000)
    table = rank_villages(*region(THREE), parameters(near), "overlay")
    assert table["village_code_bps"].tolist() == ["3505010001", "3505010002"]
    assert table["score"].tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("transformation", "expected"), [("linear", 0.25), ("square_root", 0.5), ("logarithm", np.log(1001) / np.log(4001))]
)
def test_transformations(transformation: str, expected: float) -> None:
    people = criterion("people_unserved", transformation=transformation)
    table = rank_villages(*region(THREE), parameters(people), "overlay").set_index("village_code_bps")
    assert table.loc["3505010001", "score"] == pytest.approx(expected)


def test_centre_and_official_list() -> None:
    evidence = pd.DataFrame({"kind": ["official_list"], "claimed_state": ["blank"], "village_code_bps": ["3505010001"]})
    criteria = (criterion("centre_unserved", 3), criterion("officially_listed", 1))
    table = rank_villages(*region(THREE), parameters(*criteria), "overlay", evidence)
    table = table.set_index("village_code_bps")
    assert table.loc["3505010001", ["value_centre_unserved", "value_officially_listed"]].tolist() == [0, 1]
    assert table["score"].to_dict() == pytest.approx({"3505010002": 0.75, "3505010001": 0.25})


def test_without_a_list_nobody_is_known_to_be_on_it() -> None:
    everyone = parameters(criterion("officially_listed"), states=("blank", "weak", "served"))
    table = rank_villages(*region(THREE), everyone, "overlay")
    assert table["value_officially_listed"].isna().all()


def test_without_an_official_list_its_weight_goes_to_the_others() -> None:
    both = parameters(criterion("share_unserved", 1), criterion("officially_listed", 9))
    table = rank_villages(*region(THREE), both, "overlay").set_index("village_code_bps")
    assert table.loc["3505010002", "score"] == 1.0
    assert (table["part_officially_listed"] == 0).all()
    assert json.loads(table.loc["3505010002", "missing"]) == ["officially_listed"]


def test_a_missing_figure_counts_as_the_median_never_as_zero() -> None:
    rows = [
        (f"350501000{i}", people, 0.0, 100.0, False, "blank") for i, people in enumerate([1000.0, 2000.0, 4000.0, NAN])
    ]
    table = rank_villages(*region(rows), parameters(criterion("people_unserved")), "overlay")
    table = table.set_index("village_code_bps")
    assert table.loc["3505010003", "score"] == pytest.approx(0.5)  # 2000 of 4000
    assert np.isnan(table.loc["3505010003", "value_people_unserved"])
    assert json.loads(table.loc["3505010003", "reasons"]) == []
    assert table.loc["3505010003", "rank"] == 3  # ties with the village of 2000 people, later by code


def test_everything_unknown_still_gives_an_order() -> None:
    rows = [(f"350501000{i}", NAN, NAN, NAN, None, "unknown") for i in (2, 1)]
    chosen = parameters(criterion("people_unserved"), criterion("centre_unserved"), states=("unknown",))
    table = rank_villages(*region(rows), chosen, "overlay")
    assert table["village_code_bps"].tolist() == ["3505010001", "3505010002"]
    assert table["score"].tolist() == [0, 0]


def test_no_village_to_rank_gives_an_empty_table_with_its_columns() -> None:
    table = rank_villages(*region(THREE[2:]), parameters(criterion("people_unserved")), "overlay")
    assert len(table) == 0
    assert table.columns.tolist() == [
        *PRIORITY.names,
        "rank_median",
        "share_first_k",
        "value_people_unserved",
        "part_people_unserved",
        "reasons",
        "missing",
    ]


def test_equal_villages_go_by_code() -> None:
    rows = [(f"350501000{i}", 100.0, 0.0, 100.0, False, "blank") for i in (3, 1, 2)]
    table = rank_villages(*region(rows), parameters(criterion("people_unserved")), "overlay")
    assert table["village_code_bps"].tolist() == ["3505010001", "3505010002", "3505010003"]
    assert (table["rank_best"] == table["rank"]).all()
    assert (table["rank_worst"] == table["rank"]).all()


def test_a_column_that_the_planner_brings() -> None:
    extra = pd.DataFrame({"village_code_bps": ["3505010001", "3505010002"], "IDM": [0.4, 0.8]})
    poor = criterion("village_index", column="IDM", direction="less_is_urgent", scale_from=0, scale_to=1)
    table = rank_villages(*region(THREE), parameters(poor), "overlay", extra=extra)
    assert table["village_code_bps"].tolist() == ["3505010001", "3505010002"]
    assert table["score"].tolist() == pytest.approx([0.6, 0.2])


def test_a_column_is_never_mistaken_for_a_built_in_criterion_of_its_name() -> None:
    extra = pd.DataFrame({"village_code_bps": ["3505010001", "3505010002"], "warga": [7.0, 5.0]})
    own = criterion("people_unserved", column="warga")
    table = rank_villages(*region(THREE), parameters(own), "overlay", extra=extra)
    assert table["value_people_unserved"].tolist() == [7, 5]


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ({"village_code_bps": ["3505010001"]}, "priority.column_missing"),
        ({"village_code_bps": ["3505010001"], "IDM": ["maju"]}, "priority.not_a_number"),
        ({"village_code_bps": ["3505010001"] * 2, "IDM": [1, 2]}, "priority.village_twice"),
    ],
)
def test_a_column_that_cannot_be_used_is_refused_by_name(extra: dict[str, list[object]], code: str) -> None:
    with pytest.raises(ColumnError) as caught:
        rank_villages(
            *region(THREE), parameters(criterion("village_index", column="IDM")), "overlay", extra=pd.DataFrame(extra)
        )
    assert caught.value.code == code


def test_a_scale_given_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(ParameterError):
        rank_villages(*region(THREE), parameters(criterion("share_unserved", scale_from=1, scale_to=0)), "overlay")


def test_range_of_ranks_is_where_the_weights_can_move_it() -> None:
    """With shares of 1 and 0 against 0 and 1 the weights alone decide; equal weights can go either way."""
    rows = [
        ("3505010001", 1000.0, 0.0, 0.0, True, "blank"),
        ("3505010002", 1000.0, 1.0, 0.0, False, "blank"),
        ("3505010003", 1000.0, 1.0, 0.0, True, "blank"),
    ]
    equal = parameters(criterion("share_unserved"), criterion("centre_unserved"))
    table = rank_villages(*region(rows), equal, "overlay")
    assert table["rank_best"].tolist() == [1, 1, 3]
    assert table["rank_worst"].tolist() == [2, 2, 3]
    firm = parameters(criterion("share_unserved", 10), criterion("centre_unserved", 1))
    assert rank_villages(*region(rows), firm, "overlay")["rank_worst"].tolist() == [1, 2, 3]
    again = rank_villages(*region(rows), equal, "overlay")
    pd.testing.assert_frame_equal(table, again)


numbers = st.floats(0, 1, allow_nan=False)
villages_ = st.lists(
    st.tuples(
        st.integers(0, 20_000),
        numbers,
        st.floats(0, 80_000),
        st.booleans(),
        st.sampled_from(["blank", "weak", "served", "unknown"]),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=examples(40))
@given(villages_, st.randoms(use_true_random=False))
def test_what_must_always_hold(rows: list[tuple[int, float, float, bool, str]], random: object) -> None:
    data = [
        (f"35050100{i:02d}", float(people), share, metres, centre, state)
        for i, (people, share, metres, centre, state) in enumerate(rows)
    ]
    chosen = read_parameters().priority.model_copy(update={"draws": 20})
    table = rank_villages(*region(data), chosen, "overlay")
    parts = table[[f"part_{c.name}" for c in chosen.criteria]]
    assert np.allclose(parts.sum(axis=1), table["score"])
    assert table["score"].between(0, 1).all()
    assert table["score"].is_monotonic_decreasing
    assert (table["rank"] == np.arange(1, len(table) + 1)).all()
    assert (table["rank_best"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_worst"]).all()
    shuffled = list(data)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(table, rank_villages(*region(shuffled), chosen, "overlay"))


def many(n: int = 30) -> tuple[pd.DataFrame, ...]:
    random = np.random.default_rng(7)
    return region(
        [
            (
                f"35050100{i:02d}",
                float(random.integers(500, 9000)),
                float(random.random() * 0.5),
                float(random.integers(200, 20_000)),
                bool(random.random() < 0.5),
                "blank",
            )
            for i in range(n)
        ]
    )


def test_methods_agree_where_one_criterion_decides_and_are_compared_where_not() -> None:
    one = decide(*many(), parameters(criterion("people_unserved")), "overlay")
    _, agree = compare_methods(one)
    assert agree.loc[agree["second"] == "topsis", "kendall"].tolist() == pytest.approx([1.0])
    several = decide(*many(), read_parameters().priority, "overlay")
    table, agree = compare_methods(several)
    assert len(agree) == 3
    assert agree["kendall"].between(0.3, 1).all()
    assert (np.sort(table.to_numpy(), axis=0) == np.arange(1, 31)[:, None]).all()


@pytest.mark.parametrize("method", decision_methods())
def test_the_order_follows_the_method_chosen(method: str) -> None:
    chosen = parameters(criterion("people_unserved", 2), criterion("centre_unserved", 1), method=method)
    table = rank_villages(*many(), chosen, "overlay")
    ranks_, _ = compare_methods(decide(*many(), chosen, "overlay"), [method])
    assert table.set_index("village_code_bps")["rank"].to_dict() == ranks_[method].to_dict()
    assert (table["rank_best"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_worst"]).all()


def test_weights_from_pairwise_comparisons_and_their_contradictions() -> None:
    criteria = (criterion("people_unserved"), criterion("share_unserved"), criterion("centre_unserved"))
    pairs = [
        ("people_unserved", "share_unserved", 2),
        ("people_unserved", "centre_unserved", 4),
        ("share_unserved", "centre_unserved", 2),
    ]
    fine = parameters(
        *criteria,
        weighting="pairwise",
        comparisons=tuple(PairwiseComparison(first=a, second=b, times=t) for a, b, t in pairs),
    )
    decision = decide(*many(), fine, "overlay")
    assert decision.weights.tolist() == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert decision.consistency_ratio == pytest.approx(0, abs=1e-9)


def test_weights_by_entropy_leave_out_what_all_villages_share() -> None:
    rows = [(f"350501000{i}", people, 0.0, 10.0, False, "blank") for i, people in ((1, 1000.0), (2, 3000.0))]
    by_entropy = parameters(criterion("people_unserved"), criterion("centre_unserved"), weighting="entropy")
    assert decide(*region(rows), by_entropy, "overlay").weights.tolist() == [1, 0]


def test_neighbours_that_a_small_change_of_weight_would_swap() -> None:
    swaps = neighbour_swaps(decide(*many(), read_parameters().priority, "overlay"))
    table = rank_villages(*many(), read_parameters().priority, "overlay").set_index("village_code_bps")
    assert len(swaps) > 20
    upper, lower = table.loc[swaps["upper"], "rank"].to_numpy(), table.loc[swaps["lower"], "rank"].to_numpy()
    assert (lower == upper + 1).all()


def test_two_villages_side_by_side() -> None:
    criteria = (criterion("people_unserved", 3), criterion("share_unserved", 1))
    decision = decide(*region(THREE), parameters(*criteria), "overlay")
    table = compare_villages(decision, "3505010002", "3505010001")
    # share 0.25 - 0.0625 = 0.1875, people 0.375 - 0.1875 = 0.1875: as the criteria stand
    assert table["criterion"].tolist() == ["people_unserved", "share_unserved"]
    assert table["difference"].tolist() == pytest.approx([0.1875, 0.1875])
    assert table[["value_first", "value_second"]].iloc[0].tolist() == [2000, 1000]


def test_people_weakly_served_are_those_in_reach_where_the_village_is_weak() -> None:
    everyone = parameters(criterion("people_weakly_served"), states=("blank", "weak", "served"))
    table = rank_villages(*region(THREE), everyone, "overlay").set_index("village_code_bps")
    assert table["value_people_weakly_served"].to_dict() == {"3505010001": 3000, "3505010002": 0, "3505010003": 0}
    assert table.loc["3505010001", "score"] == pytest.approx(0.75)  # of the largest village, 4000


def test_a_village_with_one_operator_alone() -> None:
    """Village 1 hears operators X and Y, village 2 only X (twice), village 3 nobody."""
    villages = gpd.GeoDataFrame(
        {"village_code_bps": ["1", "2", "3"], "centre_lon": [112.0, 112.05, 113.0], "centre_lat": [-8.0, -8.0, -8.0]},
        geometry=[Point(112, -8)] * 3,
        crs="EPSG:4326",
    )
    masts = gpd.GeoDataFrame(
        {
            "kind": "tower",
            "status": ["operational"] * 4 + ["damaged"],
            "operator": ["X", "Y", "X", None, "Y"],
            "reach_m": np.nan,
            "band_mhz": np.nan,
            "on_fiber": None,
            "height_m": np.nan,
        },
        geometry=[Point(112.025, -8), Point(111.99, -8), Point(112.05, -8), Point(112.05, -8), Point(112.05, -8)],
        crs="EPSG:4326",
    )
    assert single_operator(villages, masts, read_parameters().kinds).tolist() == [0, 1, 0]
    nobody = single_operator(villages, masts.assign(operator=None), read_parameters().kinds)
    assert nobody.isna().all()
    assert single_operator(villages, None, read_parameters().kinds).isna().all()
