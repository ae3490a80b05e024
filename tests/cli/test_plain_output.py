"""What a Windows console does: output in code page 1252, no user name, no ``resource``, no fork."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from coverage.store import folder

ROOT = Path(__file__).parents[2]
SAY = (
    "from coverage.cli import plain_output\n{before}\nimport sys\n"
    "from coverage.cli.common import console, problems\n"
    "console.print('a\\u200bb ≥ 5 − 3 → ○ Šabac Ā 漢 –')\nproblems.print('galat ≥ −')\n"
)
USE = "plain_output.use_plain_output()"


def in_code_page(code: str, encoding: str = "cp1252") -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, timeout=120)


def test_output_in_a_code_page_keeps_its_meaning() -> None:
    done = in_code_page(SAY.format(before=USE))
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("cp1252").strip() == "ab >= 5 - 3 -> o Šabac A ? –"
    assert done.stderr.decode("cp1252").strip() == "galat >= -"


def test_without_that_the_first_such_character_ends_the_command() -> None:
    done = in_code_page(SAY.format(before=""))
    assert done.returncode
    assert b"UnicodeEncodeError" in done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", pytest.param("cp437", marks=pytest.mark.slow)])
def test_commands_end_well_in_any_code_page(encoding: str) -> None:
    code = """import sys
from coverage.cli import main
for words in (["analyze", "--help"], ["reconcile", "tiada≥.csv"]):
    sys.argv = ["jangkau", *words]
    try:
        main()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.write(f"{ended.code or 0} ")
"""
    done = in_code_page(code, encoding)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert done.stderr.startswith(b"0 ")
    assert done.stderr.endswith(b"1 ")
    assert b"Traceback" not in done.stderr


def test_a_user_whom_the_system_does_not_name_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise ModuleNotFoundError("No module named 'pwd'")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert folder.user_name() == "komputer ini"


def test_a_file_is_read_apart_without_limits_of_the_system_and_without_fork() -> None:
    """As on Windows: no module ``resource``, no ``os.fork``, no ``os.nice``, no ``unshare``."""
    code = (
        "import os, sys\n"
        "from coverage.readers import child, geofiles, tables, worker\n"
        "sys.modules['resource'] = None; sys.platform = 'win32'\n"
        "for name in ('fork', 'nice'): delattr(os, name)\n"
        "child.give_up()\n"
        "from coverage.readers.shipped import region_dir\n"
        "done, found = worker._answer('coverage.readers.tables', 'read_table', (region_dir() / 'villages.csv',), {})\n"
        "assert done, found\nprint(len(found.frame))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.stdout.strip(), done.returncode) == ("248", 0), done.stderr
