"""Every role is tried against everything that a store can be asked to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import shapely

from coverage.base.errors import JangkauError, PermissionDeniedError, ReadOnlyStoreError, StoreError
from coverage.base.schema import EVIDENCE
from coverage.proposals.proposal import Attachment
from coverage.store import ACTIONS, Actor, AssetFilter, Change, Store
from coverage.store import permissions as table
from tests.store.field_reports import a_photo, a_report
from tests.store.stores import ADMIN, EDITOR, VIEWER, asked_at, make_assets

PHOTO = a_photo(b"x")
REPORT = a_report(1, photos=[PHOTO])

# Written by hand, apart from the table in the code: what an office expects of each role.
ANYBODY = {"view"}
READING = {"view_cctv", "view_history", "view_evidence", "view_runs", "view_scenarios", "view_imports"}
READING |= {"view_proposals"}
EDITING = {
    "report",
    "add",
    "change",
    "split",
    "decommission",
    "strike_out",
    "set_back",
    "undo",
    "import",
    "take_back_import",
    "add_evidence",
    "withdraw_evidence",
    "save_run",
    "save_scenario",
    "change_settings",
    "edit_proposals",
}
MANAGING = {"set_back_all", "backup", "restore", "manage_accounts", "view_journal", "publish"}
EXPECTED = {
    "anonymous": ANYBODY,
    "program": ANYBODY | {"view_proposals"},
    "surveyor": ANYBODY | {"report", "change_own_password"},
    "viewer": ANYBODY | READING | {"change_own_password"},
    "editor": ANYBODY | READING | {"change_own_password"} | EDITING,
    "admin": ANYBODY | READING | {"change_own_password"} | EDITING | MANAGING,
    "penyusup": set(),
}


def evidence() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {name: None if name in ("lon", "lat") else "x" for name in EVIDENCE.names}
            | {"evidence_id": "daftar.csv:1", "kind": "complaint", "claimed_state": "blank", "match": "agreed"}
        ]
    )


def figures() -> pd.DataFrame:
    return pd.DataFrame({"village_code_bps": ["3505060010"], "figure": "population", "value": 1.0})


def attempts(store: Store, folder: Path) -> dict[str, list[Callable[[Actor], object]]]:
    """Every method that asks for a permission, under the action it asks for."""
    archive = folder / "ada.zip"
    store.backups.make(archive, ADMIN)
    return {
        "view": [
            lambda a: store.assets.table(viewer=a),
            lambda a: store.assets.page(viewer=a),
            lambda a: store.assets.one("wifi-1", viewer=a),
            lambda a: store.assets.owners(a),
            lambda a: store.imports.figures(a),
        ],
        "view_history": [
            lambda a: store.history.of("wifi-1", a),
            lambda a: store.assets.table(at="2026-05-01", viewer=a),
            lambda a: store.history.broken_since(a),
            lambda a: store.assets.one("wifi-1", "2026-05-01", a),
        ],
        "view_evidence": [
            lambda a: store.evidence.table(a),
            lambda a: store.reports.table("3505", a),
            lambda a: store.reports.photo(PHOTO.photo_id, a),
        ],
        "report": [
            lambda a: store.reports.add(REPORT, a),
            lambda a: store.reports.photo_said(REPORT.report_id, PHOTO.photo_id, a),
            lambda a: store.reports.add_photo(REPORT.report_id, PHOTO, dict.fromkeys(("taken_at", "lon", "lat")), a),
        ],
        "view_runs": [lambda a: store.runs.all("3505", a), lambda a: store.runs.load("r1", a)],
        "view_scenarios": [lambda a: store.scenarios.all("3505", a), lambda a: store.scenarios.load("s1", a)],
        "view_imports": [lambda a: store.imports.all(a), lambda a: store.mappings.all(a)],
        "view_proposals": [lambda a: store.proposals.all("3505", a), lambda a: store.proposals.history("x", a)],
        "edit_proposals": [
            lambda a: store.proposals.add([asked_at("3505060010")], a),
            lambda a: store.proposals.change("x", 1, {"note": "x"}, a),
            lambda a: store.proposals.move("x", 1, "complete", "2026-11-29", a),
            lambda a: store.proposals.attach("x", 1, Attachment("v", "a.jpg", "photos", "0" * 64, 1), a),
            lambda a: store.proposals.detach("x", 1, "v", a),
            lambda a: store.proposals.undo("x", 1, a),
        ],
        "view_journal": [lambda a: store.database.journal_lines(a)],
        "add": [lambda a: store.assets.add(make_assets({"asset_id": None}), a)],
        "change": [
            lambda a: store.assets.change("wifi-1", 1, {"note": "x"}, a),
            lambda a: store.assets.change_many([], a),
        ],
        "split": [lambda a: store.assets.split(Change("wifi-1", 1, {}), shapely.Point(112, -8), a)],
        "decommission": [lambda a: store.assets.decommission("wifi-1", 1, a)],
        "strike_out": [lambda a: store.assets.strike_out("wifi-1", 1, a)],
        "set_back": [lambda a: store.history.set_back("wifi-1", 1, 1, a)],
        "set_back_all": [lambda a: store.history.set_back_all("2026-05-01", a)],
        "undo": [lambda a: store.history.undo_last(a)],
        "import": [
            lambda a: store.imports.add_assets(make_assets({}), "daftar.csv", a),
            lambda a: store.imports.add_evidence(evidence(), "daftar.csv", a),
            lambda a: store.imports.add_figures(figures(), "daftar.csv", a),
            lambda a: store.mappings.save("menara", {}, a),
            lambda a: store.mappings.forget("menara", a),
        ],
        "take_back_import": [lambda a: store.imports.take_back("i1", a)],
        "add_evidence": [lambda a: store.evidence.add(evidence(), a)],
        "withdraw_evidence": [
            lambda a: store.evidence.withdraw(["daftar.csv:1"], a),
            lambda a: store.reports.mark_wrong([REPORT.report_id], True, a),
        ],
        "save_run": [lambda a: store.runs.save("3505", {"run_id": "r"}, {}, "hitungan", a)],
        "change_settings": [lambda a: store.settings.decide("3505", "rule", "official", a)],
        "publish": [lambda a: store.settings.decide("3505", "public", {"held_back": []}, a)],
        "save_scenario": [lambda a: store.scenarios.save("3505", "rencana", make_assets({}), a)],
        "backup": [lambda a: store.backups.make(folder / "baru.zip", a)],
        "restore": [lambda a: store.backups.restore(archive, a)],
        "manage_accounts": [
            lambda a: store.accounts.add("baru", "viewer", "sebuah sandi", a),
            lambda a: store.accounts.all(a),
            lambda a: store.accounts.set_role("baru", "editor", a),
            lambda a: store.accounts.set_password("baru", "sandi berikut", a),
            lambda a: store.accounts.remove("baru", a),
        ],
        "change_own_password": [lambda a: store.accounts.change_own_password("sandi lama", "sandi berikut", a)],
    }


def outcome(attempt: Callable[[Actor], object], who: Actor) -> str:
    try:
        attempt(who)
    except PermissionDeniedError as error:
        return error.code
    except JangkauError as error:  # granted, and refused for a reason of its own
        return error.code
    return "done"


@pytest.mark.parametrize("role", list(EXPECTED))
def test_what_is_not_granted_is_refused_in_the_store(three: Store, tmp_path: Path, role: str) -> None:
    tried = attempts(three, tmp_path)
    assert set(tried) | {"view_cctv"} == set(ACTIONS)
    for action, ways in tried.items():
        for way in ways:
            refused = outcome(way, Actor("orang", role)) == "store.not_granted"
            assert refused == (action not in EXPECTED[role]), (role, action)


def test_nobody_is_treated_as_somebody_who_has_not_signed_in(three: Store, tmp_path: Path) -> None:
    for action, ways in attempts(three, tmp_path).items():
        for way in ways:
            refused = outcome(way, None) == "store.not_granted"  # type: ignore[arg-type]
            assert refused == (action not in ANYBODY), action


def test_without_the_check_an_outsider_would_change_the_inventory(
    three: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defence taken out: a store that asks nobody."""
    monkeypatch.setitem(table.GRANTS, "penyusup", frozenset(ACTIONS))
    assert three.assets.change("wifi-1", 1, {"note": "diubah"}, Actor("x", "penyusup")) == 2


@pytest.mark.parametrize("viewer", [None, Actor("", "anonymous")])
def test_cameras_are_shown_to_those_who_signed_in_only(three: Store, viewer: Actor | None) -> None:
    for seen in (
        three.assets.table(viewer=viewer),
        three.assets.page(viewer=viewer).rows,
        three.assets.one("cctv-1", viewer=viewer),
        three.assets.table(AssetFilter(kinds=("cctv",), struck_out=True), viewer=viewer),
    ):
        assert "cctv" not in set(seen["kind"])
    assert three.assets.page(viewer=viewer).total == 2
    assert three.assets.page(AssetFilter(text="Simpang"), viewer=viewer).total == 0
    for who in (VIEWER, EDITOR, ADMIN):
        assert "cctv" in set(three.assets.table(viewer=who)["kind"])


def test_a_store_that_can_only_be_read_refuses_everybody(three: Store) -> None:
    three.database.writable = False
    with pytest.raises(ReadOnlyStoreError):
        three.assets.change("wifi-1", 1, {"note": "x"}, ADMIN)
    with pytest.raises(PermissionDeniedError):
        three.assets.change("wifi-1", 1, {"note": "x"}, VIEWER)
    with pytest.raises(ReadOnlyStoreError):
        three.accounts.sign_in("x", "y")


def test_the_person_at_this_computer_needs_no_account_until_there_is_one(store: Store) -> None:
    for here in ("127.0.0.1", "::1", "[::1]", "localhost", "127.0.0.53"):
        assert store.accounts.local_actor(here, "eko") == Actor("eko", "admin")
    for elsewhere in ("0.0.0.0", "192.168.1.4", "::", "", "jangkau.blitarkab.go.id", "127.0.0.1.evil.example"):
        with pytest.raises(PermissionDeniedError, match="store.sign_in_needed"):
            store.accounts.local_actor(elsewhere, "eko")
    store.accounts.add("adi", "admin", "sandi yang panjang", ADMIN)
    with pytest.raises(StoreError, match="store.sign_in_needed"):
        store.accounts.local_actor("127.0.0.1", "eko")
