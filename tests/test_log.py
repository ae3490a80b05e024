"""The log: one line an event, where it is wanted, with tracebacks, and without secrets or personal data."""

import ast
import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from coverage.base import log
from coverage.base.errors import FileRefusedError, Place, RowError
from coverage.cli.app import run
from coverage.web.background_jobs import Job
from coverage.web.run_cache import Runs
from coverage.web.settings import Sources

ROOT = Path(__file__).parents[1]
PASSWORD, TICKET, CLIENT_SECRET = (
    "kata-sandi-Rahasia-2026",
    "q8Zk3vT1n5Xw7Yb2Rm4Lc6Hd9Jf0Gs_Pa-Uo1Ei8Nt3",
    "rahasia-OIDC-99",
)
PERSON, EMAIL = "Siti Aminah", "siti.aminah@blitarkab.go.id"
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d (DEBUG|INFO|WARNING|ERROR|CRITICAL) [\w.]+ .+")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A log file that everything goes to, down to what is said when debugging."""
    file = tmp_path / "jangkau.log"
    for name in (log.LEVEL, log.FILE):
        monkeypatch.setenv(name, "")
    hook = threading.excepthook
    log.configure("debug", file)
    yield file
    monkeypatch.setenv(log.FILE, "")
    log.configure("warning")
    threading.excepthook = hook


def lines(file: Path) -> list[str]:
    found = file.read_text("utf-8").splitlines()
    assert all(LINE.fullmatch(line) for line in found), found
    return found


def test_each_event_is_one_line_whatever_is_in_it(written: Path) -> None:
    logging.getLogger("coverage.test").info("first\nsecond\r\nthird")
    assert len(lines(written)) == 1
    assert r"first\nsecond\r\nthird" in written.read_text("utf-8")


def test_what_an_exception_says_is_left_out_and_its_place_is_not(written: Path) -> None:
    def read() -> None:
        try:
            raise KeyError(PERSON)
        except KeyError as error:
            raise RowError("row.bad", Place(file=f"{PERSON}.xlsx", row=3, value=EMAIL)) from error

    try:
        read()
    except RowError as error:
        log.background_failure(logging.getLogger("coverage.test"), "import", error)
    (line,) = lines(written)
    assert f"WARNING coverage.test import failed [RowError(row.bad) at {__name__}:" in line
    assert re.search(r"> [\w.]+:\d+ read; from KeyError at [\w.]+:\d+ read\]", line)
    assert PERSON not in line
    assert EMAIL not in line


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"connecting to postgresql+psycopg://jangkau:{PASSWORD}@basis/jangkau", PASSWORD),
        (f"POST /sesi ticket={TICKET}", TICKET),
        (f"handed in {TICKET}", TICKET),
        (f"client_secret: {CLIENT_SECRET}", CLIENT_SECRET),
        (f"JANGKAU_PASSWORD='{PASSWORD}'", PASSWORD),
        (f"signed in as {EMAIL}", EMAIL),
    ],
)
def test_what_looks_like_a_secret_is_masked_even_where_a_message_of_ours_holds_it(
    written: Path, text: str, secret: str
) -> None:
    logging.getLogger("coverage.test").error("%s", text)
    assert secret not in written.read_text("utf-8")
    assert "***" in lines(written)[0]


def test_what_other_libraries_fill_in_is_left_out_but_for_numbers(written: Path) -> None:
    logging.getLogger("another.library").warning("%s pressed %s %d times", PERSON, "Simpan", 3)
    logging.getLogger("another.library").warning("%(who)s pressed", {"who": PERSON})
    logging.getLogger("another.library").error(ValueError(PERSON))
    wrong = logging.LogRecord("another.library", logging.INFO, "", 1, "%s of %d", (PERSON, PERSON), None)
    assert log.OneLine().format(wrong).endswith("%s of %d")
    found = lines(written)
    assert "… pressed … 3 times" in found[0]
    assert PERSON not in "".join(found)


def test_streamlits_own_tracebacks_go_through_it(written: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from streamlit.logger import get_logger

    from coverage.web.server.serving import log_through_ours

    log_through_ours()
    for name in ("streamlit.test_log_first", "streamlit.test_log_second"):
        logger = get_logger(name)
        try:
            raise ValueError(PERSON)
        except ValueError:
            logger.exception("Uncaught app execution")
    found = lines(written)
    assert len(found) == 2
    assert all(f"Uncaught app execution [ValueError at {__name__}:" in line for line in found)
    assert PERSON not in "".join(found) + capfd.readouterr().err


def test_work_in_the_background_that_fails_is_logged_with_its_traceback(written: Path) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError(PERSON)

    job: Job[None] = Job(fail)
    assert isinstance(job.result.exception(10), ZeroDivisionError)
    made = Runs(fail).of(Sources())  # type: ignore[arg-type]
    assert isinstance(made.result.exception(60), ZeroDivisionError)
    thread = threading.Thread(target=fail, name="any")
    thread.start()
    thread.join()
    found = [line for line in lines(written) if " failed " in line]
    assert [re.search(r" (\w+|thread any) failed ", line)[1] for line in found] == ["job", "run", "thread any"]  # type: ignore[index]
    assert all("ZeroDivisionError at " in line and " fail]" in line for line in found)


def test_a_level_that_is_none_and_a_file_that_cannot_be_written_are_refused(
    written: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--log-level", "banyak", "users", "list"]) == 1
    assert "debug, info, warning, error" in capsys.readouterr().err
    with pytest.raises(FileRefusedError):
        log.configure("info", tmp_path / "no folder" / "x.log")


@pytest.mark.slow
@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_command_logs_where_it_is_told_to_and_no_password_gets_in(tmp_path: Path, by: str) -> None:
    address = f"postgresql://{PERSON.split()[0]}:{PASSWORD}@127.0.0.1:1/jangkau"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JANGKAU_DATABASE_URL": address}
    options = ["--log-level", "debug", "--log-file", "catatan.log"] if by == "option" else []
    if by == "environment":
        environment |= {log.LEVEL: "debug", log.FILE: str(tmp_path / "catatan.log")}
    program = "from coverage.cli.app import app, run\n"
    program += "import coverage.store as store\n"
    program += "def fail(*_, **__): raise ValueError(__import__('os').environ['JANGKAU_DATABASE_URL'])\n"
    program += f"store.open_store = fail\nraise SystemExit(run({[*options, 'users', 'list']!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "ValueError" in done.stderr
    (line,) = lines(tmp_path / "catatan.log")
    assert "command failed [ValueError at " in line
    assert PASSWORD not in line


@pytest.mark.slow
def test_every_message_of_ours_is_a_constant() -> None:
    """Counts and ids are filled in by the log; a message put together from data could hold anything."""
    for path in (ROOT / "coverage").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "_log"
            ):
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"
