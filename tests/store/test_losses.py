"""The signal of towers kept on disk: found again, damaged files passed over, never more than allowed."""

import os
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from coverage.reach.radials import Medium, Transmitter, Window, loss_window, loss_windows
from coverage.reach.terrain import fractal_terrain
from coverage.store import losses
from coverage.store.losses import LossCache

MEDIUM = Medium(reach_m=1500.0)


def window(number: int = 1, side: int = 21) -> Window:
    return Window(-3, 4, np.full((side, side), number, np.uint8))


def test_what_was_kept_is_found_again(tmp_path: Path) -> None:
    LossCache(tmp_path / "signal").put("k", window(7))
    found = LossCache(tmp_path / "signal").get("k")
    assert found is not None
    assert (found.row, found.column, found.loss.dtype) == (-3, 4, np.uint8)
    assert (found.loss == 7).all()
    assert LossCache(tmp_path / "signal").get("another") is None
    assert LossCache(tmp_path / "nowhere").get("k") is None


@pytest.mark.parametrize("at", [0, 8, 20, 40, -1])
def test_a_damaged_file_is_passed_over_wherever_the_damage_is(tmp_path: Path, at: int) -> None:
    kept = LossCache(tmp_path)
    kept.put("k", window())
    content = bytearray((tmp_path / "k.loss").read_bytes())
    content[at] ^= 255
    (tmp_path / "k.loss").write_bytes(content)
    assert kept.get("k") is None
    kept.put("k", window(9))
    assert kept.get("k") is not None


def test_a_file_is_checked_once_and_again_when_it_was_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []
    monkeypatch.setattr(losses.zlib, "crc32", lambda *given: checked.append(1) or crc32(*given))
    kept, file = LossCache(tmp_path), tmp_path / "k.loss"
    kept.put("k", window(7))
    os.utime(file, (1000, 1000))
    checked.clear()
    assert all(kept.get("k") is not None for _ in range(3))
    assert len(checked) == 1
    assert file.stat().st_mtime > 1000  # used
    file.write_bytes(file.read_bytes()[:-1] + b"\x09")
    os.utime(file, (2000, 2000))
    assert kept.get("k") is None
    kept.put("k", window(9))
    found = kept.get("k")
    assert found is not None
    assert (found.loss == 9).all()


@pytest.mark.parametrize("length", [0, 5, 30, 400])
def test_a_file_cut_short_is_passed_over(tmp_path: Path, length: int) -> None:
    kept = LossCache(tmp_path)
    kept.put("k", window())
    (tmp_path / "k.loss").write_bytes((tmp_path / "k.loss").read_bytes()[:length])
    assert kept.get("k") is None


def test_the_folder_never_holds_more_than_allowed_and_the_oldest_goes_first(tmp_path: Path) -> None:
    kept = LossCache(tmp_path, most_bytes=10_000)
    for number in range(40):
        kept.put(f"k{number}", window(number, side=30))
        os.utime(tmp_path / f"k{number}.loss", (number, number))
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 10_000
    assert kept.get("k39") is not None
    assert kept.get("k0") is None


def test_a_folder_that_cannot_be_written_to_only_means_that_nothing_is_kept(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder", "utf-8")
    kept = LossCache(blocked)
    kept.put("k", window())
    assert kept.get("k") is None


class Counting(LossCache):
    """Counts what is computed anew."""

    new = 0

    def put(self, key: str, kept: Window) -> None:
        self.new += 1
        super().put(key, kept)


@pytest.mark.slow
def test_after_one_tower_moved_only_that_tower_is_computed(tmp_path: Path) -> None:
    terrain, store = fractal_terrain(300, 300, 30.0, 200.0, seed=1), Counting(tmp_path)
    towers = [Transmitter(1000.0 + 700 * k, 4000.0, 30.0, 0.9) for k in range(9)]
    list(loss_windows(terrain, towers, MEDIUM, store))
    assert store.new == 9
    again = list(loss_windows(terrain, towers, MEDIUM, store))
    assert store.new == 9
    towers[3] = Transmitter(4000.0, 6000.0, 30.0, 0.9)
    moved = list(loss_windows(terrain, towers, MEDIUM, store))
    assert store.new == 10
    for number, (one, other) in enumerate(zip(again, moved, strict=True)):
        assert (one.loss.shape == other.loss.shape and (one.loss == other.loss).all()) == (number != 3)
    assert (moved[3].loss == loss_window(terrain, towers[3], MEDIUM).kept().loss).all()
