"""The Python API: the worked example of docs/api.md, line by line, and what importing it costs."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

import coverage

PAGE = Path(__file__).parents[1] / "docs" / "api.md"


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


def test_importing_the_names_takes_no_library_before_one_is_used() -> None:
    program = "import sys, coverage; dir(coverage); sys.exit(bool({'pandas', 'numpy', 'streamlit'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], cwd=PAGE.parents[1], check=False).returncode == 0


def test_the_names_are_those_that_are_promised_and_no_others() -> None:
    assert {name for name in coverage.__all__ if name != "__version__"} == set(coverage._PLACES)
    for name in coverage.__all__:
        assert getattr(coverage, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'Coverage'"):
        coverage.Coverage  # noqa: B018
