"""Our package shares its name with a test tool that numba looks for: both orders of import must work."""

import importlib
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from coverage.base import compiled

ROOT = Path(__file__).parents[1]
KERNEL = "coverage.land.scanlines"


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run a line of Python in a fresh interpreter from the checkout."""
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
@pytest.mark.parametrize("first", ["import coverage", f"import {KERNEL}", "import coverage.base.compiled"])
def test_kernels_compile_after_our_package_was_imported(first: str) -> None:
    done = run(
        f"{first}\nimport numpy as np\nfrom {KERNEL} import add_lengths\nlength = np.zeros(3)\n"
        "add_lengths(np.array([0.5]), np.array([2.5]), np.array([0]), 1.0, length)\n"
        "import coverage, sys\nassert sys.modules['coverage'] is coverage and coverage.__path__\n"
        "print(length.tolist())"
    )
    assert (done.stdout.strip(), done.returncode) == ("[0.5, 1.0, 0.5]", 0), done.stderr


@pytest.mark.slow
def test_what_is_compiled_is_kept_until_a_compiled_function_anywhere_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """numba itself looks at the file of the caller alone."""
    (tmp_path / "made_kernel.py").write_text("def twice(x):\n    return 2.0 * x\n")
    monkeypatch.syspath_prepend(tmp_path)
    twice = importlib.import_module("made_kernel").twice
    hits = []
    for fingerprint in ("one", "one", "another"):
        monkeypatch.setattr(compiled, "_fingerprint", lambda said=fingerprint: said)
        made = compiled.compiled()(twice)
        assert made(1.0) == 2.0
        hits.append(sum(made.stats.cache_hits.values()))
    assert hits == [0, 1, 0]


def test_every_compiled_function_lies_in_a_room_that_is_looked_at() -> None:
    home = Path(compiled.__file__).parents[1]
    found = {file.relative_to(home).parts[0] for file in home.rglob("*.py") if b"compiled(" in file.read_bytes()}
    assert "reach" in found
    assert found <= set(compiled.CORE)


def test_numba_imported_by_itself_over_our_package_is_the_crash_that_we_go_around() -> None:
    done = run("import coverage, numba")
    if done.returncode == 0:
        pytest.skip("this numba no longer trips over our name: coverage/base/compiled.py may be simplified")
    assert "coverage" in done.stderr


def test_nothing_here_brings_the_test_tool_of_the_same_name() -> None:
    names = {(found.metadata["Name"] or "").lower() for found in metadata.distributions()}
    assert not names & {"coverage", "pytest-cov", "pytest_cov"}
    import coverage

    assert Path(coverage.__path__[0]).resolve() == ROOT / "coverage"
