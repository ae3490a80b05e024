"""The project keeps its own promises: module list, ranges and pins, wheel, no foreign hosts."""

import ast
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.installed import needed

ROOT = Path(__file__).parents[1]


def rooms() -> set[str]:
    """Every module or package directly inside coverage/."""
    names = {path.stem for path in (ROOT / "coverage").glob("*.py") if path.stem != "__init__"}
    return names | {path.parent.name for path in (ROOT / "coverage").glob("*/__init__.py")}


def test_the_picture_and_the_table_of_rooms_are_the_packages_in_the_order_of_the_import_contract() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = [layer.removeprefix("coverage.") for layer in contracts[0]["layers"]]
    assert set(layers) == rooms()
    picture = re.search(r"```\ncoverage/.*?```", page, flags=re.DOTALL)
    assert picture is not None
    lines = picture[0].splitlines()
    drawn = [word for line in lines for word in re.split(r"\s+", line[2:24].strip()) if word in rooms()]
    assert drawn == layers
    assert len(lines) <= 30
    assert max(map(len, lines)) <= 100
    assert re.findall(r"^\| `(\w+)`", page, flags=re.MULTILINE) == layers


def requirements() -> list[Requirement]:
    """Every requirement of the project, those of the extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = (line for extra in project["optional-dependencies"].values() for line in extra)
    return [Requirement(line) for line in (*project["dependencies"], *extras)]


def pinned() -> dict[str, str]:
    """The version of each distribution in ``constraints.txt``."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def test_requirements_are_ranges_with_both_ends_and_name_no_host() -> None:
    for requirement in requirements():
        assert requirement.url is None, requirement
        assert sorted(part.operator for part in requirement.specifier) == ["<", ">="], requirement


def test_constraints_pin_every_distribution_exactly_and_name_no_host() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert all(line.startswith("#") or re.fullmatch(r"[\w.\-]+==[\w.]+", line) for line in lines), lines
    assert "://" not in "".join(lines)
    pins = pinned()
    for requirement in requirements():
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement
    missing = needed([str(requirement) for requirement in requirements()]) - set(pins)
    assert not missing, "these are brought by others, and are not in constraints.txt"


def test_no_two_classes_share_a_name() -> None:
    names = [
        name
        for path in (ROOT / "coverage").rglob("*.py")
        if "versions" not in path.parts
        for name in re.findall(r"^class (\w+)", path.read_text("utf-8"), flags=re.MULTILINE)
    ]
    assert not {name for name in names if names.count(name) > 1}


def test_scripts_import_what_is_there() -> None:
    """Trials and benches run by hand alone: a name that moved would break them unseen."""
    missing = [
        f"{script.name}: {node.module}.{name.name}"
        for script in (ROOT / "scripts").rglob("*.py")
        for node in ast.walk(ast.parse(script.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in ("coverage", "tests")
        for name in node.names
        if not is_there(str(node.module), name.name)
    ]
    assert missing == []
    assert not is_there("coverage.run.what_if", "Proposal")
    assert is_there("coverage.run.what_if", "what_if")


def is_there(module: str, name: str) -> bool:
    """Whether a module defines or imports a name at its top, or is a package that holds it or finds it when asked."""
    path = ROOT.joinpath(*module.split("."))
    if path.joinpath(name).with_suffix(".py").exists() or path.joinpath(name).is_dir():
        return True
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    bound: set[str] = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
            continue
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                bound.add(part.id)
            elif isinstance(part, ast.alias):
                bound.add(part.asname or part.name)
            elif isinstance(part, ast.Constant) and path.is_dir():  # told by name, and imported when asked for
                bound.add(str(part.value))
    return name in bound


def test_modules_stay_short_enough_for_a_readers_head() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in (ROOT / "coverage").rglob("*.py")
        if (count := len(path.read_text("utf-8").splitlines())) > 470
    }
    assert not long


@pytest.mark.slow
def test_a_built_wheel_in_an_empty_environment_analyzes_the_region_that_ships(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        build[0] = getattr(sys, "_base_executable", sys.executable)
    subprocess.run(build, check=True, timeout=300)
    (wheel,) = tmp_path.glob("jangkau-*.whl")
    venv.create(tmp_path / "empty", with_pip=False)
    python = tmp_path / "empty" / "bin" / "python"
    # The pinned dependencies are those of this environment; only the wheel itself is new, so only it is installed.
    site = subprocess.run(
        [python, "-c", "import site; print(site.getsitepackages()[0])"], capture_output=True, text=True, check=True
    ).stdout.strip()
    subprocess.run([build[0], "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel], check=True)
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (Path(site) / "dependencies.pth").write_text(ours, "utf-8")
    folder = tmp_path / "somewhere"
    folder.mkdir()
    done = subprocess.run(
        [python, "-I", "-m", "coverage.cli", "analyze"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len((folder / "out" / "villages.csv").read_text("utf-8").splitlines()) == 249
    place = subprocess.run(
        [python, "-I", "-c", "import coverage; print(coverage.__file__)"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert site in place
