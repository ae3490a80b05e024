"""A folder of results holds one whole set: the old one or the new one, and other people's files stay."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from coverage.base.errors import UnavailableError
from coverage.exports import output_folder
from coverage.exports.output_folder import write_outputs
from coverage.language.words import Words

OLD = {"villages.csv": b"old villages", "map.html": b"old map", "run.json": b"old run"}
NEW = {"villages.csv": b"new villages", "map.html": b"new map", "run.json": b"new run", "priority.csv": b"new"}


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_new_folder_with_its_parents(tmp_path: Path) -> None:
    write_outputs(tmp_path / "a" / "b", NEW)
    assert content(tmp_path / "a" / "b") == NEW
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_a_folder_that_exists_keeps_what_is_not_ours(tmp_path: Path) -> None:
    write_outputs(tmp_path / "out", OLD)
    (tmp_path / "out" / "catatan rapat.docx").write_bytes(b"mine")
    (tmp_path / "out" / "foto").mkdir()
    write_outputs(tmp_path / "out", NEW)
    (tmp_path / "out" / "foto").rmdir()
    assert content(tmp_path / "out") == {**NEW, "catatan rapat.docx": b"mine"}


def test_a_file_of_the_run_before_goes_unless_somebody_changed_it(tmp_path: Path) -> None:
    papers = {"report.pdf": b"old report", "report.xlsx": b"old workbook"}
    told = {name: {"sha256": hashlib.sha256(text).hexdigest()} for name, text in papers.items()}
    told["../catatan.txt"] = {"sha256": hashlib.sha256(b"mine").hexdigest()}
    (tmp_path / "catatan.txt").write_bytes(b"mine")
    out = tmp_path / "out"
    write_outputs(out, {**papers, "run.json": json.dumps({"outputs": told}).encode()})
    (out / "report.xlsx").write_bytes(b"edited by the office")
    write_outputs(out, NEW)
    assert content(out) == {**NEW, "report.xlsx": b"edited by the office"}
    assert (tmp_path / "catatan.txt").read_bytes() == b"mine"


@pytest.mark.parametrize("step", range(1, 8))
def test_a_failure_at_any_step_leaves_the_old_set(step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    write_outputs(out, OLD)
    calls = 0

    def failing(source: object, target: object) -> None:
        nonlocal calls
        calls += 1
        if calls == step:
            raise PermissionError(13, "used by another program")
        os.rename(str(source), str(target))

    monkeypatch.setattr(output_folder.os, "replace", failing)
    with pytest.raises(UnavailableError) as caught:
        write_outputs(out, NEW)
    assert caught.value.code == "output.locked"
    assert content(out) == OLD
    assert "Tutup berkas itu" in Words("id").error(caught.value)


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        path.write_bytes(data[:3])
        if path.name == "run.json":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(output_folder, "_write_flushed", full)
    with pytest.raises(UnavailableError) as caught:
        write_outputs(tmp_path / "out", NEW)
    assert caught.value.code == "output.not_written"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", range(1, 8))
def test_a_process_killed_at_any_step_is_put_right_by_the_next(
    step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write_outputs(out, OLD)
    calls = 0

    class KilledError(BaseException):
        """Stands for a kill: nothing that follows it is run."""

    def dying(source: object, target: object) -> None:
        nonlocal calls
        calls += 1
        if calls == step:
            raise KilledError
        os.rename(str(source), str(target))

    with monkeypatch.context() as patch:
        patch.setattr(output_folder.os, "replace", dying)
        patch.setattr(output_folder, "_discard", lambda staging: None)
        with pytest.raises(KilledError):
            write_outputs(out, NEW)
    visible = {name: data for name, data in content_of_files(out).items() if not name.startswith(".")}
    assert "run.json" not in visible or visible == OLD
    output_folder._recover(out)
    assert {name: content(out)[name] for name in OLD} == OLD
    write_outputs(out, NEW)
    assert content(out) == NEW


def content_of_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "", ".hidden", "a\\b", "CON:", "a\n"])
def test_only_plain_names_of_ours(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        write_outputs(tmp_path / "out", {name: b""})
    assert not (tmp_path / "out").exists()


def test_a_file_where_the_folder_should_be_is_a_message_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(UnavailableError):
        write_outputs(tmp_path / "out", NEW)
    assert (tmp_path / "out").read_bytes() == b""
