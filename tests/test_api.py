"""The Python API: the worked example of docs/api.md, line by line, and what importing it costs."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

import coverage

PAGE = Path(__file__).parents[1] / "docs" / "api.md"


@pytest.mark.slow
def test_the_worked_example_of_the_page_gives_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "docs/api.md", str(PAGE), 0)
    assert len(test.examples) > 25
    said: list[str] = []
    doctest.DocTestRunner().run(test, out=said.append)
    assert not said, "".join(said)


@pytest.mark.parametrize(
    "program", ["import coverage; dir(coverage)", "from coverage.cli.app import run; run(['--help'])"]
)
def test_names_and_lists_of_commands_take_no_library_before_one_is_used(program: str) -> None:
    told = f"import sys; {program}; sys.exit(bool({{'pandas', 'numpy', 'streamlit'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", told], cwd=PAGE.parents[1], check=False).returncode == 0


def test_the_names_are_those_that_are_promised_and_no_others() -> None:
    assert {name for name in coverage.__all__ if name != "__version__"} == set(coverage._PLACES)
    for name in coverage.__all__:
        assert getattr(coverage, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'Coverage'"):
        coverage.Coverage  # noqa: B018
