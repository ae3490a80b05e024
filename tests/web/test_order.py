"""The page Prioritas: criteria, methods, comparisons of criteria, stability, two villages side by side."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from coverage.web import order_choice
from coverage.web.html import as_label


def priority_only() -> None:
    from coverage.web import frame, session, settings
    from coverage.web.priority_page import page as priority_page

    computed = frame.RUNS.of(settings.sources()).result.result()
    priority_page.show(
        frame.Context(
            analysis=computed.analysis,
            inputs=computed.inputs,
            ground=computed.ground,
            words=frame.words_in("id"),
            viewer=session.viewer(),
        )
    )


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_function(priority_only, default_timeout=120).run()


def open_tab(page: AppTest, name: str) -> AppTest:
    page.session_state["order_tab"] = name
    page.run()
    assert not page.exception
    return page


def html(page: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in page.get("html"))


def villages(page: AppTest) -> list[str]:
    open_tab(page, "Daftar")
    return page.dataframe[0].value.iloc[:, 2].tolist()  # type: ignore[no-any-return]


@pytest.mark.slow
def test_a_criterion_left_out_counts_no_more_and_one_turned_round_turns_the_order(page: AppTest) -> None:
    before = villages(page)
    open_tab(page, "Kriteria dan cara")
    page.multiselect(key="criteria_used").set_value(["people_unserved"]).run()
    by_people = villages(page)
    assert by_people != before
    assert not any(slider.key == "weight_share_unserved" for slider in page.slider)
    open_tab(page, "Kriteria dan cara")
    page.selectbox(key="direction_people_unserved").set_value("less_is_urgent").run()
    assert villages(page) == by_people[::-1]


def test_no_criterion_at_all_is_said(page: AppTest) -> None:
    open_tab(page, "Kriteria dan cara")
    page.multiselect(key="criteria_used").set_value([]).run()
    assert not page.exception
    assert "Semua bobot nol" in page.warning[0].value


@pytest.mark.parametrize("method", ["topsis", "promethee"])
def test_another_method_gives_its_own_scores(page: AppTest, method: str) -> None:
    scores = page.dataframe[0].value["Skor"].tolist()
    open_tab(page, "Kriteria dan cara")
    page.selectbox(key="order_method").set_value(method).run()
    assert "bukan jumlah" in page.info[0].value
    open_tab(page, "Daftar")
    assert page.dataframe[0].value["Skor"].tolist() != scores


@pytest.mark.slow
def test_comparisons_make_weights_and_contradictions_are_told(page: AppTest) -> None:
    open_tab(page, "Kriteria dan cara")
    page.multiselect(key="criteria_used").set_value(["people_unserved", "share_unserved", "centre_unserved"]).run()
    page.selectbox(key="order_weighting").set_value("pairwise").run()
    assert len(page.select_slider) == 3
    page.select_slider(key="pair_people_unserved_share_unserved").set_value(2).run()  # 3 times
    page.select_slider(key="pair_people_unserved_centre_unserved").set_value(2).run()
    assert "sejalan" in page.success[0].value
    assert "60,0%" in html(page)
    page.select_slider(key="pair_share_unserved_centre_unserved").set_value(8).run()
    page.select_slider(key="pair_people_unserved_share_unserved").set_value(-8).run()
    page.select_slider(key="pair_people_unserved_centre_unserved").set_value(8).run()
    page.select_slider(key="pair_share_unserved_centre_unserved").set_value(-8).run()
    assert "saling bertentangan" in page.warning[0].value
    assert "paling tidak sejalan" in page.warning[0].value


def test_entropy_gives_the_weights_itself(page: AppTest) -> None:
    open_tab(page, "Kriteria dan cara")
    page.selectbox(key="order_weighting").set_value("entropy").run()
    assert not page.exception
    assert not [slider for slider in page.slider if str(slider.key).startswith("weight_")]
    assert "entropi" in " ".join(caption.value for caption in page.caption)


def test_stability_shows_ranges_swaps_and_agreement(page: AppTest) -> None:
    open_tab(page, "Seberapa kokoh")
    text = html(page) + " ".join(caption.value for caption in page.caption)
    for expected in ("Rentang urutan", "menukar dua desa", "Kendall", "TOPSIS", "PROMETHEE", "benih 1"):
        assert expected in text
    assert len(page.dataframe[0].value) > 5
    page.slider(key="order_spread").set_value(60).run()
    assert not page.exception
    assert "60%" in " ".join(caption.value for caption in page.caption)


def test_two_villages_are_compared_with_reasons(page: AppTest) -> None:
    first, second = villages(page)[:2]
    open_tab(page, "Bandingkan dua desa")
    assert f"{first} didahulukan daripada {second}" in html(page)
    codes = page.selectbox(key="compare_first").options
    assert len(codes) > 10
    page.selectbox(key="compare_second").select_index(0).run()
    assert "dua desa yang berbeda" in page.info[0].value


def test_reset_goes_back_to_the_runs_own_parameters(page: AppTest) -> None:
    before = villages(page)
    open_tab(page, "Kriteria dan cara")
    page.multiselect(key="criteria_used").set_value(["complaints", "people_unserved"]).run()
    page.selectbox(key="order_method").set_value("topsis").run()
    page.button[0].click().run()
    assert page.selectbox(key="order_method").value == "weighted_sum"
    assert villages(page) == before


@pytest.mark.slow
def test_a_table_of_ones_own_becomes_criteria(page: AppTest, tmp_path: Path) -> None:
    listed = page.dataframe[0].value["Kode BPS"].tolist()
    rows = "".join(f"{code},{position}\n" for position, code in enumerate(listed))
    open_tab(page, "Kriteria dan cara")
    page.file_uploader(key="own_table").set_value(
        ("miskin.csv", f"kode_bps,indeks *miskin*\n{rows}".encode(), "text/csv")
    )
    page.run()
    assert not page.exception
    assert "dapat dipakai" in page.success[0].value.lower()
    page.multiselect(key="criteria_used").set_value(["indeks *miskin*"]).run()
    open_tab(page, "Daftar")
    assert page.dataframe[0].value["Kode BPS"].tolist() == listed[::-1]
    label = next(slider.label for slider in page.slider if slider.key == "weight_indeks *miskin*")
    assert label == as_label("Indeks *miskin*")


def test_steps_of_a_comparison_are_saatys_scale() -> None:
    assert [round(order_choice.times_of(step), 4) for step in (-8, -1, 0, 1, 8)] == [0.1111, 0.5, 1.0, 2.0, 9.0]
    assert [order_choice.step_of(order_choice.times_of(step)) for step in range(-8, 9)] == list(range(-8, 9))


def test_a_label_means_nothing_to_markdown() -> None:
    assert as_label("[x](javascript:1) **b**") == r"\[x\]\(javascript\:1\) \*\*b\*\*"
