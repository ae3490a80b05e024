"""Jangkau without its extras, and beside coverage.py, whose package has the same name."""

import os
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.installed import needed

ROOT = Path(__file__).parents[1]

BLOCK = """
import sys

class Absent:
    # Modules that would not be installed cannot be found.
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
import importlib.util
_find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in {absent!r} else _find_spec(name, package)
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that, on the path, hides every module that the base installation does not bring."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    brought = needed(project["dependencies"])
    absent = {
        module
        for module, names in packages_distributions().items()
        if module != "coverage" and not any(canonicalize_name(name) in brought for name in names)
    }
    assert {"streamlit", "starlette", "folium", "altair", "psycopg", "pytest"} <= absent
    folder = tmp_path_factory.mktemp("bare")
    (folder / "sitecustomize.py").write_text(BLOCK.format(absent=absent), "utf-8")
    return folder


def jangkau(bare: Path, folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return python(bare, folder, "-m", "coverage.cli", *words, **settings)


def python(bare: Path, folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(bare), str(ROOT))), **settings}
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.slow
def test_without_extras_the_whole_flow_runs_and_all_papers_are_written(bare: Path, tmp_path: Path) -> None:
    done = jangkau(bare, tmp_path, "analyze", "--out", "hasil")
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "hasil" / "villages.csv").read_text("utf-8").splitlines()) == 249
    assert {"report.pdf", "map.html", "report.xlsx"} <= {path.name for path in (tmp_path / "hasil").iterdir()}


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "said"), [("id", "Pasang dengan"), ("en", "Install them with")])
def test_without_the_extra_web_serve_says_what_to_install(bare: Path, tmp_path: Path, lang: str, said: str) -> None:
    done = jangkau(bare, tmp_path, "serve", "--no-browser", "--port", "0", "--lang", lang)
    assert done.returncode == 1
    assert said in done.stderr
    assert "jangkau[web]" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_without_the_extra_postgis_a_postgres_address_says_what_to_install(bare: Path, tmp_path: Path) -> None:
    done = jangkau(
        bare, tmp_path, "assets", "list", JANGKAU_DATABASE_URL="postgresql://ani:kata-sandi-rahasia@127.0.0.1/jangkau"
    )
    assert done.returncode == 1
    assert "jangkau[postgis]" in done.stderr
    assert "kata-sandi-rahasia" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_without_extras_each_command_but_serve_can_be_asked_for_help(bare: Path, tmp_path: Path) -> None:
    commands = ["analyze", "reconcile", "rollout", "assets", "data", "villages", "radio"]
    code = f"""import sys
from coverage.cli import main
for command in {commands}:
    sys.argv = ["jangkau", command, "--help"]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, command
    print("END OF", command)
"""
    done = python(bare, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    assert [line.split()[-1] for line in done.stdout.splitlines() if line.startswith("END OF")] == commands


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of installed packages with ours in it."""
    folder = tmp_path / "site"
    shutil.copytree(ROOT / "coverage", folder / "coverage", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "coverage" / "data").symlink_to(ROOT / "data")
    return folder


def with_coverage_py(site: Path) -> None:
    """Its distribution, as pip would register it."""
    (site / "coverage-7.15.0.dist-info").mkdir()
    (site / "coverage-7.15.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: coverage\nVersion: 7.15.0\n"
    )


def start(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(site), *libraries))}
    command = [sys.executable, "-S", "-c", "from coverage.cli import main; main()", *words]
    return subprocess.run(command, cwd=site, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("left", ['"""Code coverage measurement for Python"""\n__version__ = "7.15.0"\n', None])
@pytest.mark.parametrize(("lang", "said"), [("id", "lingkungan tersendiri"), ("en", "environment of its own")])
def test_written_over_by_coverage_py_it_says_so_at_start(site: Path, left: str | None, lang: str, said: str) -> None:
    with_coverage_py(site)
    if left is None:  # it was uninstalled again, and took our file with it
        (site / "coverage" / "__init__.py").unlink()
    else:
        (site / "coverage" / "__init__.py").write_text(left, "utf-8")
    done = start(site, "users", "list", "--lang", lang)
    assert done.returncode == 1
    assert "coverage.py" in done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_installed_over_coverage_py_it_works_and_says_what_is_broken(site: Path) -> None:
    with_coverage_py(site)
    done = start(site, "reconcile", "--help")
    assert done.returncode == 0, done.stderr
    assert "coverage.py" in done.stderr
    (site / "coverage-7.15.0.dist-info" / "METADATA").unlink()
    (site / "coverage-7.15.0.dist-info").rmdir()
    assert start(site, "reconcile", "--help").stderr == ""
