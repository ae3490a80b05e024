"""The inventory from the command line: what people see, and what a file must not give away."""

from __future__ import annotations

from pathlib import Path

import pytest

from coverage.cli.app import run
from coverage.store import open_store
from tests.store.stores import VIEWER

LIST = """id_aset,jenis,nama,kondisi,pemilik,bujur,lintang
W-01,wifi,"=HYPERLINK(""http://x"")",aktif,Diskominfo,112.10,-8.25
C-01,cctv,Simpang Lima,aktif,Diskominfo,112.12,-8.26
"""


@pytest.fixture(autouse=True)
def office(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office with one list taken in."""
    monkeypatch.delenv("JANGKAU_DATABASE_URL", raising=False)
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "jangkau.db").write_bytes(sqlite_template.read_bytes())
    (tmp_path / "daftar.csv").write_text(LIST, "utf-8")
    assert run(["assets", "import", str(tmp_path / "daftar.csv"), "--note", "survei"]) == 0
    return tmp_path


@pytest.mark.slow
def test_a_list_goes_in_and_is_shown(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assets", "import", str(office / "daftar.csv")]) == 0
    assert "0 ditambahkan, 0 diubah, 2 tetap" in capsys.readouterr().out
    assert run(["assets", "list", "--kind", "wifi"]) == 0
    shown = capsys.readouterr().out
    assert "W-01" in shown
    assert "1 dari 1 aset" in shown
    assert run(["assets", "show", "C-01", "--lang", "en"]) == 0
    assert "Simpang Lima" in capsys.readouterr().out
    assert run(["assets", "history", "W-01"]) == 0
    assert "survei" in capsys.readouterr().out


def test_an_asset_that_is_not_there_is_told_with_exit_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assets", "show", "W-99"]) == 1
    assert "W-99" in capsys.readouterr().err


def test_an_export_leaves_cameras_out_unless_asked_for_and_runs_no_formula(office: Path) -> None:
    assert run(["assets", "export", str(office / "umum.csv")]) == 0
    public = (office / "umum.csv").read_text("utf-8-sig")
    assert "C-01" not in public
    assert "'=HYPERLINK" in public
    assert run(["assets", "export", str(office / "dinas.csv"), "--include-cctv"]) == 0
    assert "C-01" in (office / "dinas.csv").read_text("utf-8-sig")


@pytest.mark.slow
def test_a_backup_is_made_and_put_back(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backup", str(office / "a.zip")]) == 0
    assert "2 aset, 2 baris riwayat" in capsys.readouterr().out
    (office / "data" / "jangkau.db").write_bytes(b"rusak" * 1000)
    assert run(["assets", "list"]) == 1
    assert "jangkau restore" in capsys.readouterr().err
    assert run(["restore", str(office / "a.zip"), "--yes"]) == 0
    assert ".damaged-" in capsys.readouterr().out
    assert run(["assets", "list"]) == 0
    assert run(["restore", str(office / "tidak-ada.zip"), "--yes"]) == 1


def test_accounts_are_set_up_listed_and_removed_without_showing_a_password(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JANGKAU_PASSWORD", "kopi tubruk panas")
    assert run(["users", "add", "Ani", "--role", "admin"]) == 0
    assert run(["users", "list"]) == 0
    assert run(["users", "add", "budi", "--role", "raja"]) == 1
    monkeypatch.setenv("JANGKAU_PASSWORD", "teh poci hangat")
    assert run(["users", "password", "ani"]) == 0
    assert run(["users", "add", "citra", "--role", "admin"]) == 0
    assert run(["users", "set-role", "citra", "viewer"]) == 0
    assert run(["users", "lock", "citra"]) == 0
    assert run(["users", "unlock", "citra"]) == 0
    assert run(["users", "set-role", "citra", "raja"]) == 1
    assert run(["users", "set-role", "ani", "viewer"]) == 1  # nobody would be left who may manage accounts
    assert run(["users", "journal"]) == 0
    assert run(["users", "remove", "citra"]) == 0
    told = capsys.readouterr()
    assert "= citra (viewer)" in told.out
    assert "kopi" not in told.out + told.err
    store = open_store()
    assert store.accounts.signed_in(store.accounts.sign_in("ani", "teh poci hangat"))
    assert store.history.of("W-01", VIEWER)
    store.close()
    assert run(["users", "remove", "ani"]) == 0
