"""kill -9 at any moment: the old state or the new one, never between."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from coverage.store import open_store
from tests.faults import trials
from tests.store.stores import ADMIN, EDITOR, VIEWER, make_assets


@pytest.fixture
def template(sqlite_template: Path, tmp_path: Path) -> Path:
    """A SQLite store with three assets and one change to undo."""
    path = Path(shutil.copyfile(sqlite_template, tmp_path / "awal.db"))
    store = open_store(str(path))
    store.assets.add(make_assets({}, {}, {}), EDITOR)
    store.assets.change("wifi-3", 1, {"note": "x"}, EDITOR)
    store.close()
    return path


@pytest.mark.parametrize("action", trials.ACTIONS)
def test_dying_before_any_statement_leaves_the_old_state_or_the_new_one(
    template: Path, tmp_path: Path, action: str
) -> None:
    tally = trials.die_everywhere(template, tmp_path, action)
    assert tally.tried > 6
    assert tally.half_done == 0, tally.notes


@pytest.mark.parametrize("action", ["change", "import"])
def test_without_the_transaction_some_of_these_deaths_leave_half_a_change(
    template: Path, tmp_path: Path, action: str
) -> None:
    """The defence taken out: every statement is kept on its own."""
    tally = trials.die_everywhere(template, tmp_path, action, without_transaction=True)
    assert tally.half_done > 0


WORK = pytest.mark.parametrize("work", [trials.save_for_ever, trials.import_for_ever], ids=["saving", "importing"])


@WORK
def test_kill_9_at_random_moments(template: Path, work: Any) -> None:
    tally = trials.kill_trials(str(template), 30, work)
    assert (tally.damaged, tally.half_done, tally.lost) == (0, 0, 0)
    assert tally.tried == 30
    assert tally.kept > 0


@pytest.mark.slow
@pytest.mark.alone
def test_kill_9_while_a_plan_an_import_and_a_save_run_at_once(template: Path) -> None:
    """One process that does all three, twenty times; the store is whole, and what was acknowledged is there."""
    counted: Counter[str] = Counter()
    for trial in range(20):
        sent = trials.run_and_kill(trials.everything_for_ever, 2 + trial % 5, trial % 7 / 7, str(template), trial)
        counted.update(kind for kind, _ in sent)
        store = open_store(str(template))
        assert trials.half_done(store) == []
        versions = store.assets.table(viewer=VIEWER).set_index("asset_id")["version"]
        assert all(versions[name] >= version for name, version in (what for kind, what in sent if kind == "save"))
        imported = {one["import_id"] for one in store.imports.all(ADMIN, 10_000)}
        assert {what for kind, what in sent if kind == "import"} <= imported
        decided = [one.value for one in store.settings.history("3505", "plan")]
        assert all(what in decided for kind, what in sent if kind == "plan")
        assert all({"turn", "people"} == set(value) for value in decided)
        store.close()
    assert min(counted[kind] for kind in ("save", "import", "plan")) > 0


def test_kill_9_while_a_file_is_taken_in(template: Path) -> None:
    tally = trials.kill_trials(str(template), 8, trials.take_in_for_ever, seed=3)
    assert (tally.tried, tally.damaged, tally.half_done, tally.lost) == (8, 0, 0, 0)
    assert tally.kept > 0


def test_kill_9_while_a_backup_is_put_back_leaves_one_of_the_two_states(template: Path, tmp_path: Path) -> None:
    store = open_store(str(template))
    store.backups.make(tmp_path / "a.zip", ADMIN)
    store.assets.add(make_assets(*({"asset_id": f"b-{n}"} for n in range(40))), EDITOR)
    store.backups.make(tmp_path / "b.zip", ADMIN)
    store.close()
    for trial in range(12):
        trials.run_and_kill(trials.restore_for_ever, trial % 3, trial / 12, str(template), trial)
        store = open_store(str(template))
        assert len(store.assets.table(viewer=VIEWER)) in (3, 43)
        assert trials.half_done(store) == []
        store.close()


def test_kill_9_in_the_first_start_leaves_nothing_that_looks_like_a_store(tmp_path: Path) -> None:
    for trial in range(8):
        file = tmp_path / str(trial) / "jangkau.db"
        trials.run_and_kill(start, 0, trial / 4, str(file))
        store = open_store(str(file))
        assert store.assets.table().empty
        assert store.database.writable
        store.close()


def start(pipe: trials.Connection, url: str) -> None:
    pipe.send("ready")
    open_store(url)
