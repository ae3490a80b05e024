"""The process that opens files of strangers: no network, little memory, little time; its death is a refusal."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from coverage.base.errors import FileRefusedError
from coverage.readers import confined
from coverage.readers.tables import read_table_bytes

CHILD = Path(confined.__file__).with_name("child.py")
LOAD = (
    f"import importlib.util as u; s = u.spec_from_file_location('child', {str(CHILD)!r}); c = u.module_from_spec(s); "
    "s.loader.exec_module(c); "
)


def told(code: str) -> str:
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process give up its network")
def test_it_has_no_network_where_the_system_lets_it_give_it_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        call = f"import socket\ntry:\n socket.create_connection(('127.0.0.1', {port}), 2); print('connected')\nexcept OSError: print('none')"
        assert told(call) == "connected"
        allowed = told("import ctypes; print(ctypes.CDLL(None).unshare(0x50000000))")
        if allowed != "0":
            pytest.skip("this system does not let a process give up its network")
        assert told(LOAD + "c.give_up()\n" + call) == "none"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_it_has_little_memory() -> None:
    fill = "\ntry:\n len(bytearray(3 * 2**30)); print('filled')\nexcept MemoryError: print('refused')"
    assert told("pass" + fill) == "filled"
    assert told(LOAD + "c.give_up()" + fill) == "refused"


def test_one_that_hangs_is_ended_and_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "lambat.py"
    slow.write_text("import time; time.sleep(60)", "utf-8")
    monkeypatch.setattr(confined, "_CHILD", slow)
    monkeypatch.setattr(confined, "TIMEOUT_S", 1)
    with pytest.raises(FileRefusedError, match=r"file\.unreadable"):
        read_table_bytes(b"\xd0\xcf\x11\xe0" + bytes(100), "x.xls")


def test_one_that_dies_is_a_refusal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dead = tmp_path / "mati.py"
    dead.write_text("import os; os.abort()", "utf-8")
    monkeypatch.setattr(confined, "_CHILD", dead)
    with pytest.raises(FileRefusedError, match=r"file\.unreadable"):
        read_table_bytes(b"\xd0\xcf\x11\xe0" + bytes(100), "x.xls")
