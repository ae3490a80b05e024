"""A list goes in as one change, and comes out again as one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from shapely import Point

from coverage.base.errors import RowError, StoreError
from coverage.imports.asset_lists import read_assets
from coverage.store import Store
from tests.store.stores import ADMIN, EDITOR, VIEWER, make_assets

LIST = """id_aset,jenis,nama,kondisi,pemilik,bujur,lintang
W-01,wifi,Balai Desa Ngrejo,aktif,Diskominfo,112.10,-8.25
W-02,wifi,Puskesmas Bakung,rusak,Diskominfo,112.12,-8.26
M-01,menara,Menara Gandusari,aktif,Swasta,112.30,-8.00
"""


def test_a_clean_list_goes_in_as_one_change_and_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "daftar.csv"
    file.write_text(LIST, "utf-8")
    frame, _ = read_assets(file)
    done = store.imports.add_assets(frame, file.name, EDITOR, "daftar 2026")
    assert (done.added, done.changed, done.unchanged) == (3, 0, 0)
    lines = [line for name in ("W-01", "W-02", "M-01") for line in store.history.of(name, VIEWER)]
    assert {line.import_id for line in lines} == {done.import_id}
    assert len({line.change_id for line in lines}) == 1
    again = store.imports.add_assets(frame, file.name, EDITOR)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
    assert [line["source"] for line in store.imports.all(VIEWER)] == ["daftar.csv", "daftar.csv"]


def test_an_import_changes_known_assets_in_the_columns_it_has(three: Store) -> None:
    three.assets.change("wifi-1", 1, {"note": "dekat pasar", "photos": "https://foto.example/1.jpg"}, EDITOR)
    frame = make_assets({"status": "damaged", "name": "Nama Baru"}, {"asset_id": "wifi-9"})
    done = three.imports.add_assets(frame, "daftar.xlsx", EDITOR)
    assert (done.added, done.changed, done.unchanged) == (1, 1, 0)
    row = three.assets.one("wifi-1").iloc[0]
    assert (row["status"], row["name"], row["note"], row["photos"]) == (
        "damaged",
        "Nama Baru",
        "dekat pasar",
        "https://foto.example/1.jpg",
    )


def test_one_bad_row_and_nothing_goes_in(three: Store) -> None:
    with pytest.raises(RowError) as refused:
        three.imports.add_assets(
            make_assets({"name": "baru"}, {"asset_id": "wifi-2"}, {"asset_id": "wifi-3", "height_m": -5.0}),
            "daftar.csv",
            EDITOR,
        )
    assert (refused.value.place.row, refused.value.place.column) == (3, "height_m")
    assert len(three.assets.table(viewer=VIEWER)) == 3
    assert three.assets.one("wifi-1").iloc[0]["version"] == 1
    assert three.imports.all(VIEWER) == []


def test_an_import_sent_twice_is_done_once(store: Store) -> None:
    first = store.imports.add_assets(make_assets({"asset_id": None}), "a.csv", EDITOR, import_id="impor-1")
    assert store.imports.add_assets(make_assets({"asset_id": None}), "a.csv", EDITOR, import_id="impor-1") == first
    assert len(store.assets.table()) == 1


def test_an_import_is_taken_back_and_later_edits_stay(three: Store) -> None:
    frame = make_assets({"name": "Dari impor", "status": "damaged"}, {"asset_id": "wifi-2"}, {"asset_id": "wifi-3"})
    done = three.imports.add_assets(frame, "salah.csv", EDITOR)
    three.assets.change("wifi-1", 2, {"name": "Dibetulkan tangan"}, ADMIN)
    three.assets.change("wifi-3", 1, {"note": "sudah dicek"}, ADMIN)
    back = three.imports.take_back(done.import_id, ADMIN, "berkas salah")
    assert back.set_back == ["wifi-1", "wifi-2"]
    assert back.kept == {"wifi-1": ["name"], "wifi-3": ["note"]}
    known = three.assets.one("wifi-1").iloc[0]
    assert (known["name"], known["status"], known["version"]) == ("Dibetulkan tangan", "operational", 4)
    assert list(three.assets.table(viewer=VIEWER)["asset_id"]) == ["cctv-1", "rute-1", "wifi-1", "wifi-3"]
    assert three.assets.one("wifi-2").iloc[0]["struck_out"]
    assert three.imports.all(VIEWER)[0]["taken_back_by"] == "adi"
    with pytest.raises(StoreError, match="store.no_such_import"):
        three.imports.take_back(done.import_id, ADMIN)


def test_kind_and_place_are_taken_back_together_or_not_at_all(three: Store) -> None:
    """A point with the kind of a line would be no asset: so a moved place keeps the imported kind with it."""
    frame = make_assets({"asset_id": "rute-1", "kind": "wifi", "geometry": Point(112.1, -8.1)})
    done = three.imports.add_assets(frame, "salah.csv", EDITOR)
    three.assets.change("rute-1", 2, {"geometry": Point(112.3, -8.1)}, ADMIN)
    back = three.imports.take_back(done.import_id, ADMIN)
    assert sorted(back.kept["rute-1"]) == ["geometry", "kind"]
    row = three.assets.one("rute-1").iloc[0]
    assert (row["kind"], row.geometry.geom_type) == ("wifi", "Point")


def test_row_order_does_not_matter(store: Store) -> None:
    frame = make_assets(*({"name": f"n{n}"} for n in range(6)))
    store.imports.add_assets(frame.iloc[::-1], "a.csv", EDITOR)
    again = store.imports.add_assets(frame, "a.csv", EDITOR)
    assert again.unchanged == 6
    pd.testing.assert_series_equal(store.assets.table()["name"], frame["name"], check_dtype=False)
