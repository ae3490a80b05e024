"""What to build in which year: exact against exhaustive search, wishes kept, and stopped when asked."""

from dataclasses import replace

import numpy as np
import pytest

from coverage.base.errors import ParameterError
from coverage.exports.plan import curve_sentences
from coverage.language.words import Words
from coverage.rollout.edits import PlanEdit, with_edit
from coverage.rollout.milp import Progress
from coverage.rollout.naive import naive_choice
from coverage.rollout.plan import curve
from coverage.rollout.problem import Problem, choice_of
from coverage.rollout.programme import by_end_of_year, in_own_year, programme_of, values_of
from coverage.rollout.relaxation import fitting, limited, relax
from coverage.rollout.selection import select
from tests.rollout.made import aims, exhaustive, large_problem, small_problem

JUTA = 1_000_000


def problem(options: list[tuple[str, str, int, int, int, int]], budgets: list[int], **more: object) -> Problem:
    """From (village, measure, people, capital, running, piece), in millions of rupiah; three pieces in a row."""
    villages = tuple(sorted({option[0] for option in options}))
    values = {
        "villages": villages,
        "subdistricts": tuple("Wates" for _ in villages),
        "village": np.array([villages.index(option[0]) for option in options]),
        "measure": tuple(option[1] for option in options),
        "people": np.array([option[2] for option in options]),
        "capital": np.array([option[3] * JUTA for option in options]),
        "running": np.array([option[4] * JUTA for option in options]),
        "piece": np.array([option[5] for option in options]),
        "piece_parent": np.array([-1, 0, 1]),
        "piece_capital": np.array([10, 10, 10]) * JUTA,
        "piece_running": np.zeros(3, dtype=np.int64),
        "years": tuple(range(2027, 2027 + len(budgets))),
        "budgets": np.array(budgets) * JUTA,
        "weights": np.ones(len(villages)),
        **more,
    }
    return Problem(**values)  # type: ignore[arg-type]


def built(made: Problem, **asked: object) -> dict[str, tuple[str, int]]:
    choice = select(made, gap=0.0, **asked).choice  # type: ignore[arg-type]
    return {
        made.villages[made.village[o]]: (made.measure[o], made.years[choice.option_year[o]])
        for o in np.flatnonzero(choice.option_year >= 0)
    }


def test_two_small_villages_beat_one_large_one_for_the_same_money() -> None:
    made = problem([("A", "tower", 100, 10, 0, -1), ("B", "tower", 60, 5, 0, -1), ("C", "tower", 60, 5, 0, -1)], [10])
    assert built(made) == {"B": ("tower", 2027), "C": ("tower", 2027)}
    found = select(made, gap=0.0)
    assert (found.bound, found.gap, found.status) == (120, 0, "optimal")


def test_a_village_gets_one_measure_and_the_one_that_serves_more_where_money_allows() -> None:
    options = [("A", "satellite", 10, 1, 0, -1), ("A", "tower", 100, 10, 0, -1)]
    assert built(problem(options, [5])) == {"A": ("satellite", 2027)}
    assert built(problem(options, [15])) == {"A": ("tower", 2027)}


def test_for_the_same_people_sooner_then_cheaper() -> None:
    options = [("A", "tower", 50, 9, 0, -1), ("A", "radio_link", 50, 8, 0, -1)]
    assert built(problem(options, [10, 10])) == {"A": ("radio_link", 2027)}


def test_the_cheaper_measure_is_taken_also_where_the_search_begins_with_the_dearer_one() -> None:
    """A found plan that cannot serve more people was kept with its fibre for 9 where radio for 8 serves the same."""
    made = problem([("A", "tower", 50, 9, 0, -1), ("A", "radio_link", 50, 8, 0, -1)], [10])
    found = select(made, gap=0.001, start=choice_of(made, np.array([0, -1]))).choice
    assert found.option_year.tolist() == [-1, 0]


def test_running_cost_is_paid_every_year_unless_told_otherwise() -> None:
    """5 to build and 4 a year: 9 in the first year, 4 in the second, while the second has only 3."""
    made = problem([("A", "satellite", 10, 5, 4, -1)], [9, 3])
    assert built(made) == {}
    assert built(replace(made, running_in_budget=False)) == {"A": ("satellite", 2027)}


def test_money_left_over_does_not_pass_to_the_next_year() -> None:
    made = problem([("A", "tower", 10, 10, 0, -1)], [6, 6])
    assert built(made) == {}


def test_trunk_is_paid_once_and_a_village_behind_needs_it_all() -> None:
    """Pieces 0 - 1 - 2 of 10 each; B at the end of piece 2 needs 30, A at the end of piece 0 then nothing more."""
    options = [("A", "fiber", 10, 1, 0, 0), ("B", "fiber", 50, 1, 0, 2)]
    assert built(problem(options, [12])) == {"A": ("fiber", 2027)}
    assert built(problem(options, [31])) == {"B": ("fiber", 2027)}
    assert built(problem(options, [32])) == {"A": ("fiber", 2027), "B": ("fiber", 2027)}
    assert built(problem(options, [11, 21])) == {"A": ("fiber", 2027), "B": ("fiber", 2028)}


def test_a_trunk_is_built_with_the_first_village_that_needs_it() -> None:
    made = problem([("A", "fiber", 10, 1, 0, 0), ("B", "fiber", 50, 1, 0, 2)], [11, 21])
    choice = select(made, gap=0.0).choice
    assert choice.piece_year.tolist() == [0, 1, 1]
    capital, _ = choice.spending(made)
    assert (capital // JUTA).tolist() == [11, 21]


def test_wishes() -> None:
    options = [("A", "tower", 100, 10, 0, -1), ("B", "tower", 60, 10, 0, -1), ("C", "tower", 50, 10, 0, -1)]
    made = problem(options, [10, 10])
    assert set(built(made)) == {"A", "B"}
    assert built(replace(made, edits=(PlanEdit("pin", "C", year=2028),))) == {
        "A": ("tower", 2027),
        "C": ("tower", 2028),
    }
    assert set(built(replace(made, edits=(PlanEdit("forbid", "A"),)))) == {"B", "C"}
    split = replace(made, subdistricts=("Wates", "Wates", "Bakung"), minimum={"Bakung": 1})
    assert set(built(split)) == {"A", "C"}
    assert set(built(replace(made, weights=np.array([0.1, 1.0, 1.0])))) == {"B", "C"}


def test_a_village_may_be_fixed_with_its_measure() -> None:
    made = problem([("A", "tower", 100, 10, 0, -1), ("A", "satellite", 5, 1, 0, -1)], [10])
    fixed = replace(made, edits=(PlanEdit("pin", "A", "satellite", 2027),))
    assert built(fixed) == {"A": ("satellite", 2027)}


def test_a_measure_is_pinned_to_a_village_or_forbidden_in_one_or_in_all() -> None:
    two = [("A", "tower", 100, 10, 0, -1), ("A", "satellite", 5, 1, 0, -1)]
    made = problem([*two, ("B", "tower", 60, 10, 0, -1), ("B", "satellite", 5, 1, 0, -1)], [10, 10])
    by_satellite = PlanEdit("pin", "A", "satellite")
    assert built(replace(made, edits=(by_satellite,)))["A"] == ("satellite", 2028)  # in whatever year is best
    assert built(replace(made, edits=(by_satellite,)))["B"][0] == "tower"
    assert built(replace(made, edits=(PlanEdit("forbid", "A", "tower"),)))["A"][0] == "satellite"
    assert {by for by, _ in built(replace(made, edits=(PlanEdit("forbid", measure="tower"),))).values()} == {
        "satellite"
    }
    for gap in (0.0, 0.001):
        found = select(replace(made, edits=(by_satellite,)), gap=gap)
        assert found.choice.people(made) == found.bound == 65


def test_a_new_pin_takes_the_place_of_the_one_before() -> None:
    first, other = PlanEdit("pin", "A", "tower", 2027), PlanEdit("pin", "B", year=2028)
    assert with_edit((first, other), PlanEdit("pin", "A", "tower", 2028)) == (
        other,
        PlanEdit("pin", "A", "tower", 2028),
    )
    assert with_edit((other, PlanEdit("forbid", "A")), PlanEdit("forbid", "A", "tower"))[1:] == (
        PlanEdit("forbid", "A"),
        PlanEdit("forbid", "A", "tower"),
    )


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"edits": (PlanEdit("pin", "A", year=2040),)}, "rollout.fixed_year"),
        ({"edits": (PlanEdit("pin", "Z", year=2027),)}, "rollout.fixed_impossible"),
        ({"edits": (PlanEdit("pin", "A", "fiber", 2027),)}, "rollout.fixed_impossible"),
        ({"edits": (PlanEdit("pin", "A", year=2027), PlanEdit("forbid", "A"))}, "rollout.pin_forbidden"),
        ({"edits": (PlanEdit("pin", "A", "tower"), PlanEdit("forbid", measure="tower"))}, "rollout.pin_forbidden"),
        ({"edits": (PlanEdit("pin", "A", year=2027),), "budgets": np.array([9 * JUTA])}, "rollout.pin_too_dear"),
        ({"minimum": {"Wates": 3}}, "rollout.minimum_impossible"),
        ({"edits": (PlanEdit("pin", "A"), PlanEdit("pin", "B", year=2027))}, "rollout.pins_too_dear"),
    ],
)
def test_wishes_that_cannot_be_met_are_named(wish: dict[str, object], code: str) -> None:
    made = problem([("A", "tower", 100, 10, 0, -1), ("B", "tower", 60, 10, 0, -1)], [10])
    for gap in (0.0, 0.001):
        with pytest.raises(ParameterError) as caught:
            select(replace(made, **wish), gap=gap)  # type: ignore[arg-type]
        assert caught.value.code == code


def test_no_options_no_plan_and_no_money_no_plan() -> None:
    nothing = problem([], [10])
    assert select(nothing).choice.people(nothing) == 0
    assert built(problem([("A", "tower", 10, 10, 0, -1)], [0])) == {}


@pytest.mark.slow
def test_two_hundred_small_plans_equal_exhaustive_search_to_the_rupiah() -> None:
    """Most people, then served soonest, then for the least rupiah; and None where the wishes cannot be met."""
    impossible = 0
    for seed in range(200):
        made = small_problem(seed)
        expected = exhaustive(made)
        try:
            found = select(made, gap=0.0)
        except ParameterError:
            impossible += 1
            assert expected is None, seed
            continue
        assert aims(made, found.choice) == expected, seed
        assert found.choice.within_budget(made), seed
        assert found.bound == expected[0], seed
    assert 0 < impossible < 40


@pytest.mark.parametrize("seed", range(40))
def test_no_option_of_the_best_plan_is_ruled_out(seed: int) -> None:
    made = small_problem(seed)
    expected = exhaustive(made)
    if expected is None:
        return
    taken = select(made, gap=0.0).choice.option_year >= 0
    fits = fitting(made)
    relaxed = relax(made, limited(made, programme_of(made), fits), 0.0, 10.0)
    assert relaxed is not None
    assert fits[taken].all()
    assert relaxed.pool(expected[0] - 0.5)[taken].all()


def test_what_no_year_can_pay_is_ruled_out_with_the_trunk_that_it_needs() -> None:
    """Pieces 0 - 1 - 2 of 10 each. Nobody lives at piece 0, so it is built with piece 1 and B: 21 at least."""
    options = [("A", "tower", 10, 21, 0, -1), ("B", "fiber", 10, 1, 0, 1), ("C", "fiber", 10, 12, 0, 2)]
    assert fitting(problem(options, [20, 20])).tolist() == [False, False, False]
    assert fitting(problem(options, [20, 21])).tolist() == [True, True, False]
    assert fitting(problem(options, [22])).tolist() == [True, True, True]
    upkeep = problem([("A", "tower", 10, 15, 6, -1)], [20, 20])
    assert fitting(upkeep).tolist() == [False]
    assert fitting(replace(upkeep, running_in_budget=False)).tolist() == [True]


@pytest.mark.parametrize("seed", range(20))
def test_both_forms_of_the_programme_say_the_same(seed: int) -> None:
    """The best plan keeps to the rows of both, and is worth the same in both."""
    made = small_problem(seed)
    if exhaustive(made) is None:
        return
    choice = select(made, gap=0.0).choice
    by_end = values_of(made, choice)
    for form in (by_end_of_year(made, programme_of(made)), in_own_year(made, programme_of(made))):
        values = form.own(by_end)
        assert (form.by_end(values) == by_end).all()
        assert (values <= form.programme.upper).all()
        assert (form.programme.rows @ values <= form.programme.row_upper + 1e-6).all()
        assert (form.programme.rows @ values >= form.programme.row_lower - 1e-6).all()
        assert form.programme.objective @ values == choice.gain(made)


@pytest.mark.slow
def test_ten_tight_years_are_proven() -> None:
    """A year pays for one link, and upkeep leaves room for four: the four largest villages, and small ones beside."""
    people = [5710, 5693, 5278, 5147, 5110, 4303, 4000, 3871, 3768, 3629, 3292, 3035]
    links = [(f"V{v:02}", "radio_link", served, 173, 17, -1) for v, served in enumerate(people)]
    small = [(f"V{v:02}", "satellite", 5 + v, 13, 28, -1) for v in range(12)]
    made = problem(links + small, [250] * 10)
    found = select(made, gap=0.001, seconds=30.0)
    assert found.status == "optimal"
    assert sum(people[:4]) <= found.choice.people(made) <= found.bound <= sum(people[:4]) + 200


@pytest.mark.parametrize("seed", range(40))
def test_the_relaxation_is_never_below_the_optimum_and_the_quick_way_keeps_its_gap(seed: int) -> None:
    made = small_problem(seed)
    expected = exhaustive(made)
    relaxed = relax(made, programme_of(made), 0.0, 10.0)
    if expected is None:
        return
    assert relaxed is not None
    assert relaxed.bound >= expected[0] - 1e-6
    quick = select(made, gap=0.01)
    assert quick.choice.people(made) * 1.01 >= expected[0]
    assert quick.bound >= expected[0]
    assert quick.choice.within_budget(made)


def test_the_naive_plan_goes_down_the_ranking_and_is_never_better() -> None:
    options = [("A", "tower", 100, 10, 0, -1), ("B", "tower", 60, 5, 0, -1), ("C", "tower", 60, 5, 0, -1)]
    made = problem(options, [10])
    assert naive_choice(made, ["A", "B", "C"]).option_year.tolist() == [0, -1, -1]
    assert naive_choice(made, ["B", "A", "C"]).option_year.tolist() == [-1, 0, 0]
    assert naive_choice(replace(made, edits=(PlanEdit("forbid", "B"),)), ["B", "A"]).option_year.tolist() == [0, -1, -1]
    assert naive_choice(replace(made, edits=(PlanEdit("pin", "C", year=2027),)), ["A", "B"]).option_year.tolist() == [
        -1,
        0,
        0,
    ]
    for seed in range(60):
        other = replace(small_problem(seed), minimum={}, edits=())
        naive = naive_choice(other, other.villages)
        assert naive.within_budget(other)
        assert naive.people(other) <= select(other, gap=0.0, start=naive).choice.people(other)


def test_the_naive_plan_counts_the_trunk_of_a_measure() -> None:
    """Fibre for 1 with 10 of trunk is dearer than radio for 8; once the trunk is there, it is not."""
    both = [("A", "fiber", 50, 1, 0, 0), ("A", "radio_link", 50, 8, 0, -1), ("B", "fiber", 50, 1, 0, 0)]
    made = problem(both, [30])
    assert naive_choice(made, ["A", "B"]).option_year.tolist() == [-1, 0, 0]
    assert naive_choice(made, ["B", "A"]).option_year.tolist() == [0, -1, 0]


def test_with_more_money_the_naive_plan_may_serve_fewer_and_the_best_one_never_does() -> None:
    """With 9, A is passed over and B served; with 10, A takes it all."""
    made = problem([("A", "tower", 10, 10, 0, -1), ("B", "tower", 60, 5, 0, -1)], [10])
    points = curve(made, ["A", "B"], shares=(0.9, 1.0, 1.5))
    assert points["people_naive"].tolist() == [60, 10, 70]
    assert points["people"].tolist() == [60, 60, 70]
    (said,) = curve_sentences(points, Words("id"))
    assert "Rp 9 juta melayani 60 orang, tetapi Rp 10 juta hanya 10" in said
    assert not curve_sentences(points.iloc[1:], Words("id"))


def test_a_regency_is_solved_to_the_gap_and_the_naive_plan_is_worse() -> None:
    made = large_problem(seed=1, villages=60, years=3, share=0.6)
    naive = naive_choice(made, sorted(made.villages, key=lambda code: code[::-1]))
    found = select(made, gap=0.001, seconds=60.0, start=naive)
    assert found.status == "optimal"
    assert found.gap <= 0.001
    assert found.choice.within_budget(made)
    assert naive.people(made) < found.choice.people(made) <= found.bound


def test_it_can_be_watched_and_stopped_and_keeps_the_best_so_far() -> None:
    made = large_problem(seed=2, villages=120, years=4, share=0.1)
    naive = naive_choice(made, made.villages)
    seen: list[Progress] = []

    def watch(progress: Progress) -> bool:
        seen.append(progress)
        return len(seen) >= 3

    found = select(made, gap=1e-6, seconds=60.0, start=naive, watch=watch)
    assert found.status == "stopped"
    assert len(seen) <= 20
    assert found.choice.within_budget(made)
    assert found.choice.people(made) >= naive.people(made)
    assert found.bound >= found.choice.people(made)
    assert found.gap > 0


def test_the_same_input_gives_the_same_plan() -> None:
    made = large_problem(seed=3, villages=20, years=2, share=0.5)
    first, second = select(made), select(made)
    assert (first.choice.option_year == second.choice.option_year).all()


def test_trunk_of_a_choice_follows_the_earliest_village() -> None:
    made = problem([("A", "fiber", 10, 1, 0, 1), ("B", "fiber", 50, 1, 0, 2)], [50, 50])
    assert choice_of(made, np.array([1, 0])).piece_year.tolist() == [0, 0, 0]
    assert choice_of(made, np.array([0, 1])).piece_year.tolist() == [0, 0, 1]
    assert choice_of(made, np.array([-1, -1])).piece_year.tolist() == [-1, -1, -1]
