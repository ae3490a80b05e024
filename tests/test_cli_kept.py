"""The inventory from the command line."""

from pathlib import Path

import pytest

from coverage.cli.app import run
from coverage.readers.shipped import region_dir

SAMPLE = str(region_dir() / "assets_sample.csv")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(list(arguments)) == 0
    return capsys.readouterr().out


def test_a_list_goes_in_is_listed_and_comes_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "528 ditambahkan" in said(capsys, "assets", "import", SAMPLE)
    assert "528 tetap" in said(capsys, "assets", "import", SAMPLE)
    assert "2 dari 17 aset" in said(capsys, "assets", "list", "--status", "damaged", "--limit", "2")
    assert "1 of" in said(capsys, "assets", "list", "--text", "TWR-001", "--lang", "en")
    assert "dicatat" in said(capsys, "assets", "history", "TWR-001")
    said(capsys, "assets", "export", str(folder / "aset.csv"))
    assert len((folder / "aset.csv").read_text("utf-8-sig").splitlines()) == 529


def test_a_backup_brings_back_what_was(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "assets", "import", SAMPLE)
    said(capsys, "backup", str(folder / "cadangan.zip"))
    database = folder / "data" / "jangkau.db"
    database.write_bytes(b"x" * 5000)
    assert run(["assets", "list"]) == 1
    assert "jangkau restore" in capsys.readouterr().err
    said(capsys, "restore", str(folder / "cadangan.zip"), "--yes")
    assert "dari 528 aset" in said(capsys, "assets", "list")


def test_accounts(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Belum ada akun" in said(capsys, "users", "list")
    monkeypatch.setenv("JANGKAU_PASSWORD", "kata sandi yang panjang")
    assert "dibuat" in said(capsys, "users", "add", "ani", "--role", "admin")
    assert "ani" in said(capsys, "users", "list")
    assert run(["users", "add", "ani"]) == 1
    assert run(["users", "add", "budi", "--role", "raja"]) == 1
    assert "viewer" in capsys.readouterr().err


def test_what_is_refused_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assets", "import", str(folder / "tidak-ada.csv")]) == 1
    assert run(["restore", str(folder / "tidak-ada.zip"), "--yes"]) == 1
    assert "tidak ditemukan" in capsys.readouterr().err
