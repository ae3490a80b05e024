"""Hamlets, service points and busy places: read, kept, in or out of reach, names of pockets, candidates."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coverage.base.schema import LANDMARKS, LANDMARKS_SERVED, check
from coverage.exports.html_map import write_html_map
from coverage.exports.landmarks import HAMLETS, POINTS, landmarks_frame, landmarks_table
from coverage.exports.pockets import hamlets_of, pockets_of_village
from coverage.imports.apply import apply_plan, plan_for
from coverage.imports.interpret import interpret
from coverage.imports.landmark_lists import read_landmarks
from coverage.imports.list_options import guess
from coverage.imports.places import Region
from coverage.imports.read import read
from coverage.language.reasons import state_word
from coverage.language.words import Words
from coverage.proposals.proposal import checked
from coverage.readers.kinds import asset_kinds, landmark_kinds
from coverage.readers.parameters import read_parameters
from coverage.readers.proposals import proposal_rules
from coverage.readers.vocabulary import landmark_kind
from coverage.run.analysis import analyze, run_id
from coverage.run.inputs import Inputs, load_inputs, with_landmarks
from coverage.run.pockets import pocket_numbers, with_pockets
from coverage.run.privacy import for_outsiders
from coverage.run.proposals import points_of
from coverage.run.result import Analysis
from coverage.run.sources import Sources
from coverage.run.stored_inputs import with_stored
from coverage.store import Actor, open_store
from coverage.villages_served.landmarks import with_hamlets
from coverage.web.import_page.markers import of_plan

ME = Actor("ana", "editor")
INDONESIAN = Words("id")
SIDOMULYO = "3505010004"


@pytest.fixture(scope="module")
def blitar() -> Inputs:
    return load_inputs()


@pytest.fixture(scope="module")
def plain(blitar: Inputs) -> Analysis:
    return analyze(blitar, read_parameters())


def landmarks(*rows: dict[str, Any]) -> pd.DataFrame:
    """Table LANDMARKS; what a row does not say is empty."""
    table = pd.DataFrame([{"source": "list", **row} for row in rows], columns=LANDMARKS.names).astype(object)
    table["landmark_id"] = [f"L{number}" for number in range(len(table))]
    table = table.assign(village="-", subdistrict="-")
    table = table.where(table.notna(), None).astype({name: float for name in ("lon", "lat", "people")})
    return check(table, LANDMARKS)


def run_with(plain: Analysis, table: pd.DataFrame, **parameters: Any) -> Analysis:
    """The run with landmarks, as it would be computed with them."""
    rules = plain.parameters.model_copy(update=parameters)
    found = None if parameters else plain.found_pockets
    return with_pockets(replace(plain, landmarks=table, parameters=rules), found=found)


def first_pocket(analysis: Analysis) -> dict[str, Any]:
    assert analysis.pockets is not None
    named = analysis.pockets[analysis.pockets["pocket"] > 0].sort_values("people")
    return {str(name): value for name, value in named.iloc[-1].items()}


# ---- lists --------------------------------------------------------------------------------------------------------


def test_a_list_of_hamlets_is_read_with_what_hamlets_are_called_there(blitar: Inputs, tmp_path: Path) -> None:
    """With and without positions; a word for it in the cell or the heading stays, and RT and RW go along."""
    path = tmp_path / "daftar.csv"
    path.write_text(
        "Kecamatan,Desa,Jorong,RT,Lintang,Bujur,Jumlah Penduduk\n"
        "Bakung,Bululawang,Krajan,,-8.3001,112.0801,300\n"
        "Bakung,Sidomulyo,Dukuh Wates,01,,,\n"
        "Bakung,Sidomulyo,Salam,,,,120\n"
    )
    raw = read(path)
    assert guess(raw).record == "landmarks"
    found, notes = read_landmarks(path, Region(blitar.villages))
    assert found["name"].tolist() == ["Jorong Krajan", "Dukuh Wates, RT 01", "Jorong Salam"]
    assert (found["kind"] == "hamlet").all()
    assert found["village"].tolist() == ["Bululawang", "Sidomulyo", "Sidomulyo"]
    assert found["lon"].isna().tolist() == [False, True, True]
    assert found["people"].fillna(-1).tolist() == [300, -1, 120]
    assert ("imports.note.no_position", {"file": "daftar.csv", "count": 2}) in notes


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SDN 2 Bakung", "school"),
        ("MI Al-Huda", "school"),
        ("Puskesmas Pembantu Lorejo", "clinic"),
        ("Kantor Desa Sidomulyo", "office"),
        ("Masjid depan SDN 1", "worship"),
        ("Pantai Tambakrejo", "tourism"),
        ("Simpang empat pasar", "crossing"),
        ("Toko Mina", None),
    ],
)
def test_what_a_point_is_is_told_by_its_name(text: str, kind: str | None) -> None:
    assert landmark_kind(text) == kind


def test_an_answer_that_cannot_be_read_is_not_known(blitar: Inputs, tmp_path: Path) -> None:
    path = tmp_path / "sekolah.csv"
    path.write_text(
        "NPSN,Nama Sekolah,Desa,Kecamatan,Lintang,Bujur,Listrik,Internet\n"
        "1,SDN Bululawang 1,Bululawang,Bakung,-8.3101,112.0801,PLN,Tidak\n"
        "2,SMPN 2 Bakung,Sidomulyo,Bakung,-8.2901,112.0901,entah,\n"
    )
    assert guess(read(path)).record == "landmarks"
    found, notes = read_landmarks(path, Region(blitar.villages))
    assert found["electricity"].tolist() == [True, None]
    assert found["internet"].tolist() == [False, None]
    assert ("imports.note.unread_electricity", {"file": "sekolah.csv", "count": 1}) in notes


def test_two_imports_add_up_and_are_taken_back(blitar: Inputs, tmp_path: Path) -> None:
    """A list without a column of electricity takes none away; a landmark that is gone goes only when asked."""
    store = open_store(f"sqlite:///{tmp_path / 'kantor.db'}")
    region = Region(blitar.villages)

    def taken(text: str, retire: tuple[str, ...] = ()) -> tuple[str, dict[str, int]]:
        path = tmp_path / "sekolah.csv"
        path.write_text(text)
        raw = read(path)
        plan = plan_for(interpret(raw, guess(raw, record="landmarks"), region), store, ME)
        centres = dict.fromkeys(blitar.villages["village_code_bps"], (112.1, -8.2))
        assert of_plan(plan, interpret(raw, guess(raw, record="landmarks"), region), centres, INDONESIAN) != (None,)
        return apply_plan(plan, store, ME, retire=retire).import_id, plan.counts

    head = "Nama Sekolah,Desa,Kecamatan,Lintang,Bujur"
    first, counts = taken(f"{head},Listrik\nSDN Satu,Sidomulyo,Bakung,-8.2901,112.0901,ya\nSDN Dua,Bakung,Bakung,,,\n")
    assert counts == {"new": 2, "changed": 0, "unchanged": 0, "missing": 0}
    again, counts = taken(f"{head}\nSDN Satu,Sidomulyo,Bakung,-8.2911,112.0901\n", ("school/3505010008/sdn_dua",))
    assert counts == {"new": 0, "changed": 1, "unchanged": 0, "missing": 1}
    kept = store.imports.landmarks(viewer=ME)
    assert kept[["name", "lat", "electricity"]].to_numpy().tolist() == [["SDN Satu", -8.2911, True]]
    inputs = with_stored(blitar, Sources(), store)
    assert inputs.landmarks is not None
    assert inputs.criteria is not None
    assert inputs.criteria["facilities"].sum() == 1
    store.imports.take_back(again, ME)
    kept = store.imports.landmarks(viewer=ME)
    assert kept["lat"].fillna(0).tolist() == [-8.2901, 0]
    store.imports.take_back(first, ME)
    assert store.imports.landmarks(viewer=ME).empty
    store.close()


# ---- pockets ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_hamlets_name_the_pocket_they_lie_in_the_most_central_first(plain: Analysis) -> None:
    pocket = first_pocket(plain)
    assert plain.found_pockets is not None
    assert plain.pockets is not None
    row = plain.pockets.index[
        (plain.pockets["village_code_bps"] == pocket["village_code_bps"])
        & (plain.pockets["pocket"] == pocket["pocket"])
    ][0]
    outline = plain.found_pockets.shapes[row]
    edge = outline.representative_point()
    here = {"kind": "hamlet", "village_code_bps": pocket["village_code_bps"]}
    table = landmarks(
        {**here, "name": "Dusun Tepi", "lon": edge.x + 0.0002, "lat": edge.y},
        {**here, "name": "Dusun Tengah", "lon": pocket["lon"], "lat": pocket["lat"]},
        {**here, "name": "Dusun Jauh", "lon": pocket["lon"] + 0.3, "lat": pocket["lat"]},
        {**here, "name": "Dusun Tanpa Letak"},
    )
    found = run_with(plain, table)
    assert found.pockets is not None
    told = found.pockets.loc[row]
    assert told["hamlets"].split("\n") == ["Dusun Tengah", "Dusun Tepi"]
    assert told["hamlets_are"] == "inside"
    assert hamlets_of(told, INDONESIAN) == "Dusun Tengah dan Dusun Tepi"
    assert found.landmarks is not None
    state = found.landmarks.set_index("name")
    assert state.loc["Dusun Tengah", ["state", "pocket"]].tolist() == ["blank", pocket["pocket"]]
    assert state.loc["Dusun Tanpa Letak", "state"] == "unknown"
    assert pd.isna(state.loc["Dusun Tanpa Letak", "pocket"])
    said = pd.DataFrame(
        {
            "village_code_bps": pocket["village_code_bps"],
            "lon": [pocket["lon"], np.nan, np.nan, 0.0],
            "lat": [pocket["lat"], np.nan, np.nan, 0.0],
            "landmark": [None, "dukuh tengah", "Dusun Jauh", "Dusun Tengah"],
        }
    )
    assert b'"name":"Dusun Tengah"' in write_html_map(found, INDONESIAN)
    number = int(pocket["pocket"])
    assert pocket_numbers(found, said).tolist() == [number, number, 0, 0]  # a place of its own goes before a name
    assert pocket_numbers(found, said.iloc[:1].assign(kind="hint")).tolist() == [0]  # speaks of its village alone
    there = found.found_pockets
    assert there is not None
    none = replace(there, table=there.table.iloc[:0], pieces=there.pieces.iloc[:0])
    assert pocket_numbers(replace(found, found_pockets=none), said.iloc[:2]).tolist()[0] == 0


def test_a_proposal_and_a_service_point_at_one_place_are_told_the_same_across_the_edge_of_a_pocket(
    plain: Analysis,
) -> None:
    pocket, land, assets, pockets = first_pocket(plain), plain.land, plain.assets, plain.pockets
    assert land is not None
    assert assets is not None
    assert pockets is not None
    mast = assets.set_index("asset_id").geometry[pocket["nearest_id"]]
    way = [(np.interp(at, (0, 1), (pocket["lon"], mast.x)), np.interp(at, (0, 1), (pocket["lat"], mast.y)))
           for at in np.linspace(0, 1, 121)]  # fmt: skip
    code = pocket["village_code_bps"]
    at = [{"village_code_bps": code, "name": "SD", "lon": lon, "lat": lat} for lon, lat in way]
    told = run_with(plain, landmarks(*({**one, "kind": "school"} for one in at))).landmarks
    assert told is not None
    rest = {"asked": "small_tower", "channel": "bakti", "year": 2026, "stage": "draft", "stage_on": "2026-03-01"}
    rules = proposal_rules()
    points = [checked({**one, **rest, "proposal_id": f"{number}"}, rules) for number, one in enumerate(at)]
    found = [point.facts for point in points_of(plain, land, points, rules).values()]
    states = [{"served": True, "blank": False, "unknown": None}[state] for state in told["state"]]
    assert [facts.served for facts in found] == states
    assert {True, False} <= set(states)
    own = told["pocket"].notna().to_numpy()  # a landmark knows pockets of its own village alone
    assert own.any()
    assert [one.pocket for one, here in zip(found, own, strict=True) if here] == told["pocket"][own].tolist()
    assert not any(one.pocket for one, state in zip(found, states, strict=True) if state)


def test_a_hamlet_near_a_pocket_says_so_and_one_without_a_place_is_not_guessed(plain: Analysis) -> None:
    pocket, found = first_pocket(plain), plain.found_pockets
    assert found is not None
    code = pocket["village_code_bps"]
    here = {"kind": "hamlet", "village_code_bps": code}
    outline = found.shapes[(found.table["village_code_bps"] == code) & (found.table["pocket"] == pocket["pocket"])]
    west, south, _, _ = outline.to_crs(plain.land.crs).total_bounds  # type: ignore[union-attr]
    beside = gpd.GeoSeries([shapely.Point(west - 300, south)], crs=found.crs).to_crs(4326)[0]

    def named(*rows: dict[str, Any], near_m: float = 5000.0) -> tuple[Any, str]:
        table = with_hamlets(found.table, found, landmarks(*rows), landmark_kinds(), near_m)
        row = table[(table["village_code_bps"] == code) & (table["pocket"] == pocket["pocket"])].iloc[0]
        return row["hamlets_are"], hamlets_of(row, INDONESIAN)

    near = {**here, "name": "Dusun Dekat", "lon": beside.x, "lat": beside.y}
    assert named(near) == ("near", "dekat Dusun Dekat")
    assert named(near, near_m=100.0) == (None, "")
    assert named({**here, "name": "Dusun X"}) == ("unplaced", "dusun belum berkoordinat")
    assert named({**near, "village_code_bps": "3505010001"}) == (None, "")  # of another village


def test_a_served_village_with_pockets_is_served_in_part(plain: Analysis) -> None:
    rule = plain.parameters.rule()
    assert state_word("served", rule, INDONESIAN, pockets=2).endswith("terlayani sebagian, 2 kantong")
    assert state_word("served", rule, INDONESIAN) == state_word("served", rule, INDONESIAN, pockets=0)
    for state in ("weak", "blank", "unknown"):
        assert state_word(state, rule, INDONESIAN, pockets=2) == INDONESIAN(f"core.state.{state}")
    anybody = next(one for one in plain.parameters.rules if one.asks_for_anybody)
    assert "terlayani" not in state_word("served", anybody, INDONESIAN, 0.9, 2)
    assert plain.pockets is not None
    counts = plain.pocket_counts()
    assert counts.sum() == (plain.pockets["pocket"] > 0).sum()
    others = [one.name for one in plain.parameters.rules if one.name != rule.name]
    assert plain.pocket_counts(others[0]).empty  # pockets of one rule say nothing under another


# ---- coverage and candidates --------------------------------------------------------------------------------------


def test_points_are_held_against_the_rule_and_candidates_ranked(plain: Analysis) -> None:
    """Out of reach first, then with electricity; unknown internet is not "none", and has no rank."""
    pocket = first_pocket(plain)
    out = {"kind": "school", "village_code_bps": pocket["village_code_bps"], "lon": pocket["lon"], "lat": pocket["lat"]}
    assert plain.assets is not None
    tower = plain.assets[(plain.assets["kind"] == "tower") & (plain.assets["status"] == "operational")].iloc[0]
    at = {"kind": "clinic", "village_code_bps": SIDOMULYO, "lon": tower.geometry.x, "lat": tower.geometry.y}
    table = landmarks(
        {**at, "name": "in", "internet": False, "electricity": True},
        {**out, "name": "out dark", "internet": False, "electricity": False},
        {**out, "name": "out asked", "internet": False},
        {**out, "name": "out lit", "internet": False, "electricity": True},
        {**out, "name": "online", "internet": True, "electricity": True},
        {**out, "name": "not asked", "electricity": True},
        {"kind": "school", "village_code_bps": SIDOMULYO, "name": "nowhere", "internet": False},
    )
    found = run_with(plain, table).landmarks
    assert found is not None
    check(found, LANDMARKS_SERVED)
    ranked = found.dropna(subset="rank").sort_values("rank")["name"].tolist()
    assert ranked == ["out lit", "out asked", "out dark", "nowhere", "in"]
    told = found.set_index("name")
    assert told.loc[["in", "online", "nowhere"], "state"].tolist() == ["served", "blank", "unknown"]
    assert told.loc["in", "certainty"] == "sure"
    assert told["people_near"].isna().tolist() == [False] * 6 + [True]
    words = landmarks_table(replace(plain, landmarks=found), INDONESIAN, *POINTS).set_index("name")
    assert words.loc["not asked", "internet"] == "belum diketahui"
    assert "belum diketahui" in words.loc["not asked", "reason"]
    assert "calon titik akses urutan 1" in words.loc["out lit", "reason"]


def test_people_near_a_point_are_those_of_the_cells_around_it(plain: Analysis) -> None:
    lon, lat = (float(plain.villages[name].iloc[100]) for name in ("centre_lon", "centre_lat"))
    code = plain.villages["village_code_bps"].iloc[100]
    point = {"kind": "market", "name": "Pasar", "village_code_bps": code, "lon": lon, "lat": lat}
    found = run_with(plain, landmarks(point)).landmarks
    assert found is not None
    assert plain.land is not None
    place = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326).to_crs(plain.land.crs)[0]
    x, y = plain.land.centres
    near = np.hypot(x - place.x, y - place.y) <= 500
    people = plain.villages["population"].to_numpy()[plain.cells["village_position"]] * plain.cells["people_share"]
    assert found["people_near"].iloc[0] == pytest.approx(people[near].sum())


def test_without_a_list_of_assets_nothing_is_out_of_reach(blitar: Inputs, plain: Analysis) -> None:
    """A missing list of towers, or of cameras, makes places unknown, never out of reach."""
    pocket = first_pocket(plain)
    at = {"village_code_bps": pocket["village_code_bps"], "lon": pocket["lon"], "lat": pocket["lat"], "internet": False}
    table = landmarks({**at, "kind": "school", "name": "a"}, {**at, "kind": "crossing", "name": "b"})
    found = analyze(replace(with_landmarks(blitar, table), assets=None), read_parameters()).landmarks
    assert found is not None
    assert found["state"].tolist() == ["unknown", "unknown"]
    assert found["rank"].fillna(0).tolist() == [1, 0]
    assert plain.assets is not None
    assets = plain.assets[plain.assets["kind"] != "cctv"].reset_index(drop=True)
    without_cameras = analyze(replace(with_landmarks(blitar, table), assets=assets), read_parameters())
    told = without_cameras.landmarks
    assert told is not None
    assert told["state"].tolist() == ["blank", "unknown"]
    listed = run_with(plain, table, default_rule="official").landmarks  # the office's list judges villages, not points
    assert listed is not None
    assert listed["state"].tolist()[0] == "unknown"


def test_busy_places_are_held_against_cameras_and_outsiders_learn_nothing_of_them(plain: Analysis) -> None:
    assert plain.assets is not None
    cameras = plain.assets[(plain.assets["kind"] == "cctv") & (plain.assets["status"] == "operational")]
    camera = cameras.geometry.iloc[0]
    here = {"kind": "crossing", "village_code_bps": SIDOMULYO, "lat": camera.y}
    table = landmarks(
        {**here, "name": "watched", "lon": camera.x + 0.0002},
        {**here, "name": "not watched", "lon": camera.x + 0.05},
        {**here, "kind": "school", "name": "school", "lon": camera.x},
    )
    found = run_with(plain, table)
    assert found.landmarks is not None
    assert found.landmarks["state"].tolist()[:2] == ["served", "blank"]
    seen = for_outsiders(found)
    assert seen.landmarks is not None
    assert seen.landmarks["name"].tolist() == ["school"]
    frame = landmarks_frame(seen, INDONESIAN)
    assert frame is not None
    assert set(frame["kind"]) == {"school"}
    assert asset_kinds()["cctv"].private


def test_the_hamlets_come_back_with_their_state_and_read_back(blitar: Inputs, plain: Analysis, tmp_path: Path) -> None:
    pocket = first_pocket(plain)
    here = {"kind": "hamlet", "village_code_bps": pocket["village_code_bps"]}
    table = landmarks(
        {**here, "name": "Dusun Krajan", "lon": pocket["lon"], "lat": pocket["lat"], "people": 40},
        {**here, "name": "Dusun Salam"},
    )
    found = run_with(plain, table)
    told = landmarks_table(found, INDONESIAN, *HAMLETS)
    assert told["state"].tolist() == ["blank", "unknown"]
    assert told["reason"].tolist() == [
        f"Di luar jangkauan. Di kantong {pocket['pocket']} desa itu.",
        "Belum berkoordinat, jadi belum dapat dinilai.",
    ]
    assert any("Dusun Krajan" in line for line in pockets_of_village(found, pocket["village_code_bps"], INDONESIAN))
    path = tmp_path / "hamlets.csv"
    told.to_csv(path, index=False)
    again, _ = read_landmarks(path, Region(blitar.villages))
    assert again["name"].tolist() == ["Dusun Krajan", "Dusun Salam"]
    assert (again["kind"] == "hamlet").all()


def test_a_run_is_named_by_its_landmarks_too(blitar: Inputs) -> None:
    rules = read_parameters()
    one, other = (landmarks({"kind": "hamlet", "name": name, "village_code_bps": SIDOMULYO}) for name in ("a", "b"))
    names = {run_id(blitar, rules), *(run_id(with_landmarks(blitar, table), rules) for table in (one, other))}
    assert len(names) == 3
