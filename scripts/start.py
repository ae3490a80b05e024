"""Install Jangkau beside this checkout and start it, or run its tests. Needs only Python 3.11 or later and pip.

    python scripts/start.py          install and open the app on the region that ships
    python scripts/start.py test     install and run all tests; further words go to pytest
    python scripts/start.py test --fast   the fast half, to be run before every commit
    python scripts/start.py jangkau  install and run the command line; further words go to it

Everything goes into the folder .venv of this checkout; nothing else on the computer is changed. The environment is made
without its own pip (some systems ship Python without one) and filled by the pip that is there.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
"""Exact versions that were tested together."""
ENVIRONMENT = ROOT / ".venv"
PROGRAMS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = PROGRAMS / ("python.exe" if os.name == "nt" else "python")


def install(extra: str) -> None:
    """Make the environment and install the checkout in it, unless that was done for these very requirements."""
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + CONSTRAINTS.read_bytes()).hexdigest()
    stamp = ENVIRONMENT / f"installed-{extra.replace(',', '-')}.txt"
    if PYTHON.is_file() and stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    print(
        "Memasang Jangkau ke folder .venv (beberapa menit) ... / Installing into .venv (some minutes) ...", flush=True
    )
    if not PYTHON.is_file():
        venv.create(ENVIRONMENT, with_pip=False, clear=ENVIRONMENT.exists())
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(PYTHON),
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--constraint",
        str(CONSTRAINTS),
        "--editable",
        f"{ROOT}[{extra}]",
    ]
    if subprocess.run(command, check=False).returncode:
        sys.exit(
            "Pemasangan gagal: periksa sambungan internet dan pip (versi 22.3 ke atas), lalu jalankan lagi. / "
            "Installing failed: check the connection and pip (22.3 or later), then run again."
        )
    # On all cores, and without the libraries' own tests: pip compiles everything on one. Where the system asks Python to
    # keep no compiled files, every start would otherwise compile all libraries anew.
    compiling = [str(PYTHON), "-m", "compileall", "-q", "-j", "0", "-x", r"site-packages.*[/\\]tests?[/\\]"]
    subprocess.run([*compiling, str(ENVIRONMENT)], check=False)
    stamp.write_text(wanted, "utf-8")


WORKERS = str(min(4, os.cpu_count() or 1))
SPREAD = ("-n", WORKERS, "--dist", "worksteal")
IN_BROWSER = ("tests/browser", "tests/exports/test_html_map.py", "-m", "browser")
FAST = (*SPREAD, "--hypothesis-profile=fast", "-m", "not (browser or postgis or alone or slow)")


def check() -> None:
    """Refuse to go on where coverage.py, whose package has the same name, would be found in place of ours."""
    if any(ENVIRONMENT.glob("**/site-packages/coverage/__init__.py")):
        sys.exit(
            "Alat uji coverage.py terpasang di .venv dan bernama sama dengan paket Jangkau: hapus folder .venv, lalu "
            "jalankan lagi. / The test tool coverage.py is installed in .venv and has the name of Jangkau's package: "
            "delete the folder .venv, then run again."
        )


def test(words: list[str]) -> int:
    """Run the tests: all, the fast half (``--fast``), or those that the words name."""
    command = [str(PYTHON), "-m", "pytest", *(word for word in words if word != "--fast")]
    if "--fast" in words:
        return _run(*command, *FAST)
    if not all(word.startswith("-") for word in words):  # certain tests were asked for
        return _run(*command)
    # Those in a browser run one after the other, beside the others, and come first where the processor is short: they take
    # longest. What kills processes comes last, undisturbed by these. What is compiled is compiled before the others begin:
    # each of their processes would do so anew.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        beside = subprocess.Popen([*command, *IN_BROWSER], cwd=ROOT, stdout=said, stderr=subprocess.STDOUT)
        try:
            _run(str(PYTHON), "-m", "tests.compiled_ahead")
            status = _run(*command, *SPREAD, "-m", "not (browser or alone)", behind=True)
            status = beside.wait() or status
        finally:
            beside.kill()
        said.seek(0)
        print(said.read(), flush=True)
    return _run(*command, *SPREAD, "tests/faults", "-m", "alone") or status


def _run(*command: str, behind: bool = False) -> int:
    begin = (lambda: os.nice(5)) if behind and hasattr(os, "nice") else None
    return subprocess.run(command, cwd=ROOT, check=False, preexec_fn=begin).returncode


def main() -> int:
    """Do what the command line asks for."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this very script says so to older Pythons
        sys.exit("Jangkau memerlukan Python 3.11 atau lebih baru. / Jangkau needs Python 3.11 or later.")
    task, *rest = sys.argv[1:] or ["serve"]
    if task == "test":
        install("web,postgis,cluster,test,dev")
        check()
        return test(rest)
    install("web,postgis,cluster")
    check()
    words = rest if task == "jangkau" else [task, *rest]
    return subprocess.run([str(PYTHON), "-m", "coverage.cli", *words], check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
