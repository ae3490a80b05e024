"""Every kept table is of a region, or says why not; what older stores kept for all goes to the region it was made for."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from shapely import Point

from coverage.store import Store, models, open_store
from coverage.store.settings import NAMES
from tests.store.stores import ADMIN, EDITOR, VIEWER, asked_at, make_assets
from tests.store.test_migrations import move
from tests.store.test_regions import BLITAR, BOGOR, IN_BLITAR, IN_BOGOR

REGION_IS = {
    "assets": "regency_code",
    "settings": "region",
    "runs": "region",
    "scenarios": "region",
    "evidence": "village_code_bps",
    "figures": "village_code_bps",
    "landmarks": "village_code_bps",
    "proposals": "region",
    "field_reports": "region",
    "run_days": "region",
}
"""The column that tells the region; a village's code begins with that of its regency."""
NO_REGION = {
    "state": "the revision of the whole store",
    "journal": "who did what; each line is of a change in a table that has a region",
    "asset_history": "of an asset, which moves between regions with its place",
    "imports": "one list may hold several regions; each row lies in its own",
    "mappings": "how the columns of a list are read: the same list comes for many regions",
    "counters": "numbers in the identifiers of assets, unique in the store",
    "run_tables": "of a run",
    "field_photos": "of a report",
    "users": "accounts of the store",
    "sessions": "of an account",
    "attempts": "of an account",
    "tokens": "of the store, as accounts are",
}


def test_every_kept_table_has_a_region_or_a_reason_why_not() -> None:
    assert sorted([*REGION_IS, *NO_REGION]) == sorted(models.metadata.tables)
    for table, column in REGION_IS.items():
        assert column in models.metadata.tables[table].c


def test_blitar_and_kota_bogor_in_one_store_see_nothing_of_each_other(store: Store) -> None:
    for villages in (BLITAR, BOGOR):
        store.villages.use(villages)
    at = {"3505": IN_BLITAR, "3271": IN_BOGOR}
    for region in ("3505", "3271"):
        store.assets.add(make_assets({"asset_id": region, "geometry": at[region]}), EDITOR)
        for name in NAMES:
            store.settings.decide(region, name, f"{name} {region}", ADMIN)
        store.scenarios.save(region, f"usulan {region}", make_assets({}), EDITOR)
        store.runs.save(region, {"run_id": f"r-{region}"}, {}, f"hitungan {region}", EDITOR)
        store.proposals.add([asked_at(f"{region}010001")], EDITOR)
    for region, villages in (("3505", BLITAR), ("3271", BOGOR)):
        mine = store.villages.region_filter(villages)
        assert list(store.assets.table(mine, viewer=VIEWER)["asset_id"]) == [region]
        assert {name: one.value for name, one in store.settings.current(region).items()} == {
            name: f"{name} {region}" for name in NAMES
        }
        assert [one["name"] for one in store.scenarios.all(region, VIEWER)] == [f"usulan {region}"]
        assert [one["name"] for one in store.runs.all(region, VIEWER)] == [f"hitungan {region}"]
        assert [one.proposal.proposal_id for one in store.proposals.all(region, VIEWER)] == [f"{region}-2026-001"]
    assert len(store.proposals.all("3505+3271", VIEWER)) == 2
    assert (
        store.proposals.all("3329", VIEWER)
        == store.scenarios.all("3329", VIEWER)
        == store.runs.all("3329", VIEWER)
        == []
    )
    assert store.settings.current("3329") == {}


@pytest.mark.parametrize("code", ["3505010001", "93.01.01.2001"])
def test_what_an_older_store_kept_for_all_goes_to_the_region_it_was_made_for(store: Store, url: str, code: str) -> None:
    region = code[:5] if "." in code else code[:4]
    tables = {"v": pd.DataFrame({"village_code_bps": [code]}), "n": pd.DataFrame({"n": [1]})}
    store.runs.save("?", {"run_id": "r"}, tables, "hitungan", EDITOR)
    store.runs.save("?", {"run_id": "lain"}, {"n": pd.DataFrame({"n": [1]})}, "tanpa desa", EDITOR)
    plan = json.dumps({"kind": "jangkau-plan", "rows": [[code, "satellite", 2027]]})
    store.scenarios.save("?", "rencana", make_assets({}), EDITOR, plan)
    store.scenarios.save("?", "di Bogor", make_assets({"geometry": Point(106.8, -6.6)}), EDITOR, "usulan")
    store.scenarios.save("?", "kosong", make_assets({}).iloc[:0], EDITOR)
    store.close()
    move(url, "0006")
    again = open_store(url)
    scenarios = {one["name"] for one in again.scenarios.all(region, VIEWER)}
    assert scenarios == {"rencana", "kosong"}  # what nobody can tell of is shown everywhere
    assert {one["name"] for one in again.scenarios.all("3271", VIEWER)} == {"di Bogor", "kosong"}
    assert {one["name"] for one in again.runs.all(region, VIEWER)} == {"hitungan", "tanpa desa"}
    assert {one["name"] for one in again.runs.all("3271", VIEWER)} == {"tanpa desa"}
    assert again.runs.load("r", VIEWER).tables["v"]["village_code_bps"].tolist() == [code]
    again.close()
