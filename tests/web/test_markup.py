"""Whatever a name holds, the page shows it as text."""

import pytest

from coverage.language.words import Words
from coverage.web.html import Html, joined, marks, put, state_chip, table, tag
from tests.web.hostile import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_becomes_text_in_an_element_and_in_an_attribute(name: str) -> None:
    made = tag("p", name, title=name)
    inside = made.removeprefix("<p ").removesuffix("</p>")
    assert inside.count("<") == 0
    assert inside.count(">") == 1  # the end of our own opening tag
    assert inside.count('"') == 2  # around our own attribute


def test_html_of_ours_is_not_escaped_twice() -> None:
    assert tag("p", tag("b", "a & b"), " <c>") == "<p><b>a &amp; b</b> &lt;c&gt;</p>"
    assert joined("<", tag("br"), None) == "&lt;<br>"


def test_cells_of_a_table_are_escaped() -> None:
    made = table(["Desa"], [["<x>"], ["<y>"]], "<z>")
    assert all(f"&lt;{letter}&gt;" in made for letter in "xyz")


def test_plain_text_is_refused_where_html_is_wanted() -> None:
    with pytest.raises(TypeError, match=r"html\.tag"):
        put("<b>not made here</b>")  # type: ignore[arg-type]


def test_a_state_is_named_beside_its_colour() -> None:
    assert state_chip("blank", "blank spot") == (
        '<span class="jk-chip"><span class="jk-swatch jk-blank" aria-hidden="true"></span>Blank spot</span>'
    )


def test_a_figure_is_marked_only_where_the_run_says_so(words: Words) -> None:
    run = {"approximations": ["sample_assets"]}
    made = marks(run, words, "sample_assets", "estimated_people")
    assert isinstance(made, Html)
    assert made.count("jk-mark") == 1
    assert ">contoh<" in made
    assert "rekaan" in made
