"""A new format is one file and its words."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from coverage.exports import formats as package
from coverage.exports import registry
from coverage.exports.bundle import core_names, file_names, output_files
from coverage.exports.registry import formats, formats_of
from coverage.language.words import Words
from coverage.web.report_page.paper_set import groups
from tests.exports.conftest import Small

FORMAT = '''"""Names of villages, one a line."""

from coverage.exports.registry import ExportRequest, export


@export("names.txt", "data", "text/plain", is_core=True)
def _names(asked: ExportRequest) -> bytes:
    return "\\n".join(asked.analysis.villages["village"]).encode()
'''


@pytest.fixture
def with_new_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    formats()
    (tmp_path / "names_of_villages.py").write_text(FORMAT, "utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    monkeypatch.setattr(registry, "_FOUND", dict(registry._FOUND))
    formats.cache_clear()
    yield
    formats.cache_clear()
    sys.modules.pop(f"{package.__name__}.names_of_villages", None)


def test_a_format_is_written_offered_and_named_in_the_run_file(with_new_format: None, small: Small) -> None:
    assert "names.txt" in file_names()
    assert "names.txt" in core_names(small)
    assert "names.txt" in [one.name for one in groups(small, with_plan=False)["data"]]  # type: ignore[arg-type]
    files = output_files(small, Words("id"), ["names.txt"])
    assert files["names.txt"].decode().splitlines() == list(small.villages["village"])
    assert b"names.txt" in files["run.json"]


def test_what_a_run_lacks_is_not_offered(small: Small) -> None:
    names = [one.name for one in formats_of(small, with_plan=False)]
    assert "names.txt" not in names
    needing = {"rollout.csv", "rollout.xlsx", "signal.tif", "one_operator.csv", "pockets.csv", "hamlets.csv"}
    needing |= {"service_points.csv"}
    assert needing == set(formats()) - set(names)


def test_two_makers_of_one_file_are_refused() -> None:
    registry.formats()  # those that ship are there, whichever test comes first
    with pytest.raises(ValueError, match=r"map\.kmz"):
        registry.export("map.kmz", "maps", "x")(lambda asked: b"")


def test_a_run_without_papers_imports_nothing_that_draws_nor_the_library_of_databases() -> None:
    import subprocess

    code = "import sys, coverage.cli.analyze_run, coverage.exports.html_map; from coverage.exports.registry import formats; formats()"
    code += "; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"matplotlib", "reportlab", "scipy.optimize", "rasterio", "sqlalchemy"} & set(loaded)
