"""What CONTRIBUTING.md says that a change is, is what it takes."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from coverage.readers.kinds import asset_kinds
from coverage.readers.parameters import read_parameters
from coverage.web import frame
from tests.made_data import data_with_kinds

GUIDE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text("utf-8")


def added(file: str) -> str:
    """The lines that the guide adds to a file."""
    block = re.search(rf"^ # {re.escape(file)}[^\n]*\n((?:[+\-][^\n]*\n)+)", GUIDE, flags=re.MULTILINE)
    assert block is not None, file
    return "".join(f"{line[1:]}\n" for line in block[1].splitlines() if line.startswith("+"))


def test_the_kind_of_the_guide_is_a_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_SHIPPED_DATA", str(data_with_kinds(tmp_path / "data", added("data/kinds.toml"))))
    assert asset_kinds()["vsat"].service == "public_wifi"


def test_the_rule_of_the_guide_is_one(tmp_path: Path) -> None:
    file = tmp_path / "sendiri.toml"
    file.write_text(added("data/rules.toml"), "utf-8")
    assert "most_cellular" in [rule.name for rule in read_parameters(file).rules]
    assert "most_cellular" not in tomllib.loads((Path("data") / "rules.toml").read_text("utf-8"))


@pytest.mark.parametrize("file", ["coverage/exports/formats/names.py", "coverage/web/hello_page/page.py"])
def test_the_modules_of_the_guide_are_python_and_import_what_there_is(file: str) -> None:
    code = added(file)
    ast.parse(code)
    imports = [line for line in code.splitlines() if line.startswith(("import ", "from "))]
    exec("\n".join(imports), {})


def test_the_list_of_pages_in_the_guide_is_the_one_there_is() -> None:
    line = re.search(r"^-(PAGES = .*)$", GUIDE, flags=re.MULTILINE)
    assert line is not None
    assert line[1] in Path(str(frame.__file__)).read_text("utf-8")
