"""Runs that are kept come back as they were, and say what changed since."""

import pytest

from coverage.base.errors import PermissionDeniedError
from coverage.exports.comparison import compare
from coverage.exports.tables import write_priority, write_villages
from coverage.language.words import Words
from coverage.run.result import Analysis
from coverage.store import Actor, Store
from coverage.web.report_page.saved_runs import SavedRunEntry, entries, keep, load, one_a_year

EDITOR, NOBODY = Actor("budi", "editor"), None


def test_a_kept_run_comes_back_as_it_was(analysis: Analysis, words: Words, store: Store) -> None:
    keep(store, analysis, "akhir tahun", EDITOR)
    keep(store, analysis, "akhir tahun, diperbaiki", EDITOR)
    (entry,) = entries(store, "3505", EDITOR)
    assert (entry.run_id, entry.note, entry.saved_by) == (analysis.run["run_id"], "akhir tahun, diperbaiki", "budi")
    back = load(store, entry, EDITOR)
    for write in (write_villages, write_priority):
        assert write(back, words) == write(analysis, words)
    assert back.parameters.model_dump() == analysis.parameters.model_dump()
    found = compare(back, analysis, words)
    assert set(found.villages["change"]) == {"same"}
    assert len(found.assets) + len(found.inputs) + len(found.parameters) == 0
    with pytest.raises(PermissionDeniedError):
        load(store, entry, NOBODY)
    with pytest.raises(PermissionDeniedError):
        entries(store, "3505", NOBODY)
    with pytest.raises(PermissionDeniedError):
        keep(store, analysis, "x", Actor("citra", "viewer"))


def test_the_latest_run_stands_for_its_year() -> None:
    def entry(key: str, saved_at: str) -> SavedRunEntry:
        return SavedRunEntry(key, key, "", saved_at, "budi")

    first, last, other = (entry(*pair) for pair in (("a", "2026-02-01"), ("b", "2026-12-01"), ("c", "2027-01-05")))
    assert one_a_year([other, last, first]) == {2026: last, 2027: other}
