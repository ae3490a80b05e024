"""Impor without a browser: nothing is made twice, marks lie where the rows do, what is refused is not called missing."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from coverage.imports.apply import plan_for
from coverage.imports.interpret import interpret
from coverage.imports.list_options import guess
from coverage.imports.mappings import Mappings
from coverage.imports.plan import make_plan
from coverage.imports.read import read
from coverage.imports.result import Interpretation
from coverage.language.words import Words
from coverage.store import Actor, Store
from coverage.web.import_page import import_draft, markers
from coverage.web.import_page.import_draft import Draft
from coverage.web.maps.layers import STORE, LayerStore
from coverage.web.maps.map_view import Marks

ADMIN = Actor("adi", "admin")
LIST = """Kode,Nama,Lintang,Bujur,Tinggi
T-1,Menara Satu,-8.12345,112.21234,30
T-2,Menara Dua,8.12345,112.22345,30
T-3,Menara Tiga,112.21345,-8.12345,30
T-4,Menara Empat,0,0,30
T-5,Menara Lima,-7.51234,112.01234,30
"""


@pytest.fixture
def found(tmp_path: Path) -> Interpretation:
    path = tmp_path / "menara.csv"
    path.write_text(LIST, "utf-8")
    raw = read(path)
    return interpret(raw, guess(raw, "tower"), import_draft.region())


def inventory(*ids: str) -> gpd.GeoDataFrame:
    columns = {
        "asset_id": list(ids),
        "kind": "tower",
        "name": [f"Lama {name}" for name in ids],
        "status": "operational",
    }
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(112.3, -8.1)] * len(ids), crs="EPSG:4326")


def drawn(marks: Marks | None) -> list[dict[str, Any]]:
    assert marks is not None
    packed = STORE.get(marks.layer)
    assert packed is not None
    features: list[dict[str, Any]] = json.loads(gzip.decompress(packed))["features"]
    return features


def test_what_was_made_is_made_again_only_from_something_else() -> None:
    draft, made = Draft("a.csv", b""), []
    for key in ("x", "x", "y", "y"):
        draft.memo("plan", key, lambda: made.append(1))
    assert len(made) == 2
    assert draft.knows("plan", "y")
    assert not draft.knows("plan", "x")


@pytest.mark.slow
def test_accepting_a_repair_checks_the_rows_anew_and_keeps_every_offer(store: Store) -> None:
    draft = Draft("menara.csv", LIST.encode())
    raw = import_draft.raw_of(draft)
    import_draft.understand(draft, raw, Mappings(store, ADMIN))
    draft.kind = "tower"
    assert import_draft.checked(draft, raw).accepted_rows == 1
    draft.repairs = frozenset({"minus"})
    assert import_draft.checked(draft, raw).accepted_rows == 2
    assert import_draft.unrepaired(draft, raw).refused_rows == 4
    draft.keep = frozenset({("owner", "X")})
    assert import_draft.columns_key(draft) == import_draft.columns_key(replace(draft, keep=frozenset()))


@pytest.mark.slow
def test_no_copy_of_an_upload_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    import_draft.raw_of(Draft("../../menara.csv", LIST.encode()))
    assert list(tmp_path.iterdir()) == []


def test_a_repair_is_drawn_from_where_it_is_written_to_where_it_would_lie(found: Interpretation) -> None:
    offered = found.refused[found.refused["offer"].notna()].reset_index(drop=True)
    before, after = markers.of_offers(offered, [False, True], found.raw, Words("id"))
    (minus,) = drawn(before)  # a latitude of 112 degrees is nowhere on the earth
    assert minus["geometry"]["coordinates"] == [112.22345, 8.12345]
    assert minus["properties"]["to"] == [-8.12345, 112.22345]
    assert [mark["properties"]["group"] for mark in drawn(after)] == ["after", "accepted"]
    assert [mark["geometry"]["coordinates"] for mark in drawn(after)] == [[112.22345, -8.12345], [112.21345, -8.12345]]


def test_an_asset_on_a_refused_row_is_not_missing_from_the_list(found: Interpretation) -> None:
    plan = make_plan(found, inventory("T-1", "T-2", "T-9"))
    assert list(plan.missing["asset_id"]) == ["T-9"]
    groups = [mark["properties"]["group"] for mark in drawn(markers.of_plan(plan, found, {}, Words("id"))[0])]
    assert sorted(groups) == ["changed", "missing", "refused"]  # those far from Indonesia are not drawn


def test_marks_that_had_to_make_room_are_made_anew(found: Interpretation, monkeypatch: pytest.MonkeyPatch) -> None:
    draft, plan, made = Draft("a.csv", b""), make_plan(found, inventory("T-1")), []

    def make() -> tuple[Marks | None]:
        made.append(1)
        return markers.of_plan(plan, found, {}, Words("id"))

    markers.memoised_marks(draft, "plan_marks", 1, make)
    markers.memoised_marks(draft, "plan_marks", 1, make)
    assert len(made) == 1
    monkeypatch.setattr(STORE, "_layers", LayerStore()._layers)
    (marks,) = markers.memoised_marks(draft, "plan_marks", 1, make)
    assert len(made) == 2
    assert drawn(marks)


def test_what_is_said_of_villages_is_drawn_at_their_centres(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "aduan.csv"
    path.write_text(
        "desa,kecamatan,sinyal\nKaulon,Sutojayan,lemah\nKaulon,Sutojayan,lemah\nAtlantis,X,lemah\n", "utf-8"
    )
    raw = read(path)
    found = interpret(raw, guess(raw), import_draft.region())
    plan = plan_for(found, store, ADMIN)
    (mark,) = drawn(markers.of_plan(plan, found, {"3505060010": (112.22, -8.14)}, Words("id"))[0])
    assert (mark["geometry"]["coordinates"], mark["properties"]["group"]) == ([112.22, -8.14], "new")
    assert mark["properties"]["said"] == ["Kaulon (Sutojayan)", "2 x"]


PEOPLE = 'Desa,Kecamatan,Jumlah Penduduk,Sekolah\nKaulon,Sutojayan,"5.147",3\nKalipang,Sutojayan,4.200,2\nX,Y,1,1\n'


def import_only() -> None:
    from coverage.web import frame, session, settings
    from coverage.web.import_page import page as import_page

    computed = frame.RUNS.of(settings.sources()).result.result()
    import_page.show(
        frame.Context(
            analysis=computed.analysis,
            inputs=computed.inputs,
            ground=computed.ground,
            words=frame.words_in("id"),
            viewer=session.viewer(),
        )
    )


def button(page: AppTest, label: str) -> Any:
    return next(found for found in page.button if found.label.startswith(label))


@pytest.mark.slow
def test_figures_of_villages_take_the_same_steps_as_assets(store: Store) -> None:
    page = AppTest.from_function(import_only, default_timeout=120)
    page.session_state["import_draft"] = Draft("penduduk.csv", PEOPLE.encode())
    page.run()
    assert not page.exception
    assert page.session_state["import_draft"].record == "villages"
    assert page.multiselect[0].value == ["Sekolah"]
    button(page, "Kolom sudah benar").click().run()
    assert not page.exception
    assert store.imports.figures(ADMIN).empty
    button(page, "Terapkan: 2 desa baru, 0 berubah").click().run()
    assert not page.exception
    assert store.imports.figures(ADMIN)["figure"].tolist() == ["Sekolah", "population"] * 2
    (line,) = store.imports.all(ADMIN)
    button(page, "Ya, tarik kembali").click().run()
    assert store.imports.figures(ADMIN).empty
    assert store.imports.all(ADMIN)[0]["taken_back_at"] is not None
    assert line["record"] == "figures"


@pytest.mark.slow
def test_what_a_list_is_of_can_be_said_otherwise_than_guessed(store: Store) -> None:
    page = AppTest.from_function(import_only, default_timeout=120)
    page.session_state["import_draft"] = Draft("daftar.csv", b"Desa,Kecamatan\nKaulon,Sutojayan\n")
    page.run()
    assert page.session_state["import_draft"].record == "official_list"
    page.button_group[0].set_value("reports").run()
    assert page.session_state["import_draft"].record == "complaint"
    assert not [found for found in page.button if found.label.startswith("Kolom sudah benar")]  # the claim is asked for
    claim = next(box for box in page.selectbox if box.label.startswith("Keadaan sinyal menurut"))
    claim.set_value("weak").run()
    button(page, "Kolom sudah benar").click().run()
    button(page, "Terapkan: 1 bukti baru").click().run()
    assert not page.exception
    assert store.evidence.table(ADMIN)[["kind", "claimed_state"]].values.tolist() == [["complaint", "weak"]]
