"""What an office decides is kept by region, with who and when and the way back."""

import pytest

from coverage.base.errors import PermissionDeniedError
from coverage.store import Store
from coverage.store.permissions import ANONYMOUS
from tests.store.stores import ADMIN, EDITOR, VIEWER

BLITAR, BREBES = "3505", "3329"


def test_what_is_decided_counts_for_its_region_until_it_is_decided_anew(store: Store) -> None:
    store.settings.decide(BLITAR, "rule", "no_backhaul", EDITOR)
    store.settings.decide(BREBES, "rule", "official", ADMIN)
    store.settings.decide(BLITAR, "priority", {"weights": {"people_unserved": 2.5}}, ADMIN)
    now = store.settings.current(BLITAR)
    assert (now["rule"].value, now["rule"].who) == ("no_backhaul", EDITOR.name)
    assert now["priority"].value == {"weights": {"people_unserved": 2.5}}
    assert store.settings.current(BREBES)["rule"].value == "official"


def test_there_is_a_way_back_to_what_was_decided_before_and_to_what_ships(store: Store) -> None:
    assert store.settings.revision() is None
    assert store.settings.current(BLITAR) == {}
    store.settings.decide(BLITAR, "rule", "official", EDITOR)
    store.settings.decide(BLITAR, "rule", "official", EDITOR)  # no new decision
    store.settings.decide(BLITAR, "rule", "overlay", ADMIN)
    assert [line.value for line in store.settings.history(BLITAR, "rule")] == ["overlay", "official"]
    back = store.settings.go_back(BLITAR, "rule", EDITOR)
    assert back is not None
    assert store.settings.current(BLITAR)["rule"].value == "official"
    store.settings.decide(BLITAR, "rule", None, EDITOR)
    assert store.settings.current(BLITAR) == {}
    assert len(store.settings.history(BLITAR, "rule")) == 4  # nothing is forgotten


def test_a_viewer_decides_nothing_and_everybody_sees_what_was_decided(store: Store) -> None:
    for nobody in (VIEWER, ANONYMOUS, None):
        with pytest.raises(PermissionDeniedError):
            store.settings.decide(BLITAR, "rule", "official", nobody)
    assert store.settings.current(BLITAR) == {}


def test_decisions_are_in_the_backup(store: Store, tmp_path) -> None:  # type: ignore[no-untyped-def]
    store.settings.decide(BLITAR, "plan", {"budgets": {"2027": 1_000_000_000}}, EDITOR)
    store.backups.make(tmp_path / "b.zip", ADMIN)
    store.settings.decide(BLITAR, "plan", None, EDITOR)
    store.backups.restore(tmp_path / "b.zip", ADMIN)
    assert store.settings.current(BLITAR)["plan"].value == {"budgets": {"2027": 1_000_000_000}}
