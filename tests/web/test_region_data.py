"""Page Data without a browser: what it tells, what it takes in and refuses, and who may change anything."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import Affine
from streamlit.testing.v1 import AppTest

from coverage.base.errors import InputError, PermissionDeniedError
from coverage.base.schema import EVIDENCE
from coverage.language.words import LANGUAGES, Words
from coverage.run.inputs import Inputs, load_inputs
from coverage.run.result import Analysis
from coverage.run.sources import Sources
from coverage.run.stored_inputs import with_stored
from coverage.store import Actor, Store
from coverage.store.region_files import RegionFiles, active_code
from coverage.web import store_access
from coverage.web.data_page import data_trial, evidence
from coverage.web.data_page.region_data import changed_states, comparison, holdings, outcome
from coverage.web.facts import village_facts
from coverage.web.run_cache import RUNS
from tests.readers.test_speed_tiles import key_of
from tests.store.field_reports import a_photo, a_report

pytestmark = pytest.mark.slow

EDITOR = Actor("ani", "editor")


@dataclass
class Upload:
    """What Streamlit hands over of an uploaded file."""

    name: str
    content: bytes

    def getvalue(self) -> bytes:
        return self.content

    def getbuffer(self) -> bytes:
        return self.content


def begin(
    kind: str,
    *uploads: Upload,
    title: str = "",
    dated: str = "",
    measure: str | None = None,
    calibrate: bool = False,
    who: Actor = EDITOR,
) -> data_trial.Trial:
    more = {"measure": measure, "calibrate": calibrate}
    return data_trial.begin(kind, uploads, title, dated, more, "3505", who)  # type: ignore[arg-type]


def people_of(villages: pd.DataFrame, each: int = 1000) -> Upload:
    rows = "".join(f"{code},{each}\n" for code in villages["village_code_bps"])
    return Upload("penduduk.csv", f"kode_bps,penduduk\n{rows}".encode())


def told(analysis: Analysis, inputs: Inputs, language: str = "id") -> dict[str, tuple[str, str, str]]:
    words = Words(language)  # type: ignore[arg-type]
    found = holdings(analysis, inputs, Sources(), RegionFiles("3505"), False, words)
    return {one.kind: (one.used, one.origin, one.dated) for one in found}


def test_the_region_that_ships_is_told_with_what_is_approximate(
    store: Store, analysis: Analysis, inputs: Inputs
) -> None:
    found = told(analysis, inputs)
    assert found["boundaries"][0] == "248 desa, 1.621 km²"
    assert found["population"][0] == "248 dari 248 desa, 1.223.745 orang"
    assert found["evidence"][0] == "7 baris; 6 jelas desanya, 1 perlu diperiksa"
    assert found["evidence"][2] == "Data 2023"
    assert found["people"][:2] == ("Dianggap merata di dalam desa", "–")
    marks = {one.kind: one.marks for one in holdings(analysis, inputs, Sources(), RegionFiles("3505"), False, Words())}
    assert marks["boundaries"] == ("approximate_boundaries",)
    assert marks["assets"] == ("sample_assets",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_brought_in_is_told_with_who_when_and_how_old(
    store: Store, analysis: Analysis, inputs: Inputs, language: str
) -> None:
    trial = begin("population", people_of(inputs.villages), title="Dukcapil", dated="2016")
    data_trial.use(trial, True, EDITOR)
    _, origin, dated = told(analysis, inputs, language)["population"]
    assert origin.startswith("Dukcapil; ")
    assert "ani" in origin
    assert "2016" in dated
    assert "10" in dated


def test_measurements_are_told_with_what_they_can_be_held_against(store: Store, inputs: Inputs) -> None:
    first = Upload("uji 1.csv", b"lat,lon,rsrp\n-8.1,112.2,-90\n")
    second = Upload("uji 2.csv", b"lintang;bujur;keluhan\n-8,11;112,21;tidak ada sinyal\n")
    trial = begin("measurements", first, second, calibrate=True)
    found = RUNS.of(trial.sources(Sources())).result.result(120)
    assert found.inputs.measurements is not None
    assert (len(found.inputs.measurements), found.inputs.calibrate) == (2, True)
    assert told(found.analysis, found.inputs)["measurements"][0].startswith("2 titik; belum ada prediksi")
    assert load_inputs().measurements is None
    data_trial.use(trial, True, EDITOR)
    assert told(found.analysis, found.inputs)["measurements"][1].startswith("uji 1.csv, uji 2.csv")
    assert len(load_inputs().measurements) == 2  # type: ignore[arg-type]
    RegionFiles("3505").undo("measurements", EDITOR)
    assert load_inputs().measurements is None


def test_hints_are_kept_named_with_their_licence_and_taken_back(store: Store, inputs: Inputs, tmp_path: Path) -> None:
    place = inputs.villages.to_crs(4326).geometry.representative_point()
    code = inputs.villages["village_code_bps"].iloc[0]
    cells = f"LTE,510,10,2035,71,,{place.x.iloc[0]},{place.y.iloc[0]},1000,7,1,1600000000,1700000000,-95\n"
    tiles = pd.DataFrame({"quadkey": [key_of(place.x.iloc[0], place.y.iloc[0])], "tests": [5], "devices": [2]})
    tiles.to_parquet(tmp_path / "t.parquet")
    mobile = Upload("2024-04-01_performance_mobile_tiles.parquet", (tmp_path / "t.parquet").read_bytes())
    trial = begin("hints", Upload("510.csv", cells.encode()), mobile)
    found = RUNS.of(trial.sources(Sources())).result.result(120)
    assert found.analysis.states().equals(RUNS.of(Sources()).result.result(120).analysis.states())
    used, origin, dated = told(found.analysis, found.inputs)["hints"]
    assert "CC BY-SA 4.0" in used
    assert "CC BY-NC-SA 4.0" in used
    assert found.analysis.evidence is not None
    said = "".join(village_facts(found.analysis, code, found.analysis.parameters.rule().name, Words("en")).evidence)
    assert "Hint (no proof) (Telkomsel): phones had service somewhere in this village. Source: 510.csv (n = 7)" in said
    assert lists_rows(found.analysis.evidence) == lists_rows(inputs.evidence)
    data_trial.use(trial, True, EDITOR)
    _, origin, dated = told(found.analysis, found.inputs)["hints"]
    assert origin.startswith("510.csv, 2024-04-01_performance_mobile_tiles.parquet")
    assert dated == "Data 1 April 2024"
    kept = load_inputs().evidence
    assert kept is not None
    assert (kept["kind"] == "hint").sum() == len(found.analysis.evidence) - len(inputs.evidence)  # type: ignore[arg-type]
    RegionFiles("3505").remove("hints", EDITOR)
    assert not (load_inputs().evidence["kind"] == "hint").any()  # type: ignore[index]
    with pytest.raises(InputError, match=r"speed_tiles\.fixed"):
        begin("hints", Upload("2024-04-01_performance_fixed_tiles.parquet", mobile.content))


def lists_rows(rows: pd.DataFrame | None) -> list[str]:
    return list(evidence.lists_of(rows)["list"])


def test_what_was_named_at_the_start_is_told_as_such(store: Store, analysis: Analysis, inputs: Inputs) -> None:
    found = holdings(analysis, inputs, Sources(people=Path("/x/p.csv")), RegionFiles("3505"), False, Words())
    people = next(one for one in found if one.kind == "population")
    assert (people.given, people.origin) == (True, "Disebut saat Jangkau dijalankan: p.csv")


def test_a_trial_changes_nothing_until_it_is_used_and_can_be_taken_back(store: Store, inputs: Inputs) -> None:
    trial = begin("population", people_of(inputs.villages))
    found = RUNS.of(trial.sources(Sources())).result.result(120)
    assert found.inputs.villages["population"].sum() == 248_000
    assert load_inputs().villages["population"].sum() == 1_223_745
    data_trial.use(trial, True, EDITOR)
    assert load_inputs().villages["population"].sum() == 248_000
    RegionFiles("3505").undo("population", EDITOR)
    assert load_inputs().villages["population"].sum() == 1_223_745


def test_boundaries_of_another_regency_begin_a_region_of_their_own(store: Store, shared: Path) -> None:
    content = (shared / "bogor" / "villages_bps_2020.geojson").read_bytes()
    trial = begin("boundaries", Upload("bogor.geojson", content))
    assert (trial.code, trial.regency) == ("3271", "Kota Bogor")
    assert active_code() is None
    assert len(RUNS.of(trial.sources(Sources())).result.result(120).analysis.villages) == 68
    data_trial.use(trial, True, EDITOR)
    assert active_code() == "3271"
    assert len(load_inputs().villages) == 68


def test_boundaries_with_kemendagri_codes_come_with_their_table_of_codes(store: Store, inputs: Inputs) -> None:
    own = inputs.villages.assign(
        KDEPUM=inputs.villages["village_code_kemendagri"],
        NAMOBJ=inputs.villages["village"],
        WADMKC=inputs.villages["subdistrict"],
    )[["KDEPUM", "NAMOBJ", "WADMKC", "geometry"]]
    table = inputs.villages[["village_code_bps", "village_code_kemendagri", "village"]].to_csv(index=False)
    trial = begin("boundaries", Upload("batas.geojson", own.to_json().encode()), Upload("kode.csv", table.encode()))
    assert (trial.code, trial.regency) == ("3505", None)
    assert [version.kind for version in trial.versions] == ["boundaries", "crosswalk"]


def test_the_note_that_came_with_fetched_data_is_taken_over(store: Store, inputs: Inputs) -> None:
    note = Upload(
        "penduduk.sumber.json",
        json.dumps(
            {
                "title": "WorldPop",
                "licence": "CC BY 4.0",
                "dated": "2025",
                "added_by": "orang lain",
                "sha256": {"../x": "y"},
            }
        ).encode(),
    )
    about = begin("population", people_of(inputs.villages), note).versions[0].about
    assert (about["title"], about["licence"], about["dated"], about["added_by"]) == (
        "WorldPop",
        "CC BY 4.0",
        "2025",
        "ani",
    )
    assert list(about["sha256"]) == ["penduduk_desa.csv"]


@pytest.mark.parametrize(
    ("kind", "uploads", "more", "code"),
    [
        ("population", [], {}, "data.one_file"),
        ("population", [Upload("a.csv", b""), Upload("b.csv", b"")], {}, "data.one_file"),
        ("population", [Upload("a.exe", b"")], {}, "region_files.wrong_ending"),
        ("population", [Upload("a.csv", b"x")], {"dated": "kemarin"}, "data.bad_date"),
        ("population", [Upload("a.csv", b"x")], {"dated": "2026-02-30"}, "data.bad_date"),
        ("population", [Upload("a.csv", b"x"), Upload("a.sumber.json", b"[")], {}, "data.bad_note"),
        ("people", [Upload("kepadatan_2020.tif", b"II*\0")], {}, "raster.measure_unclear"),
        ("boundaries", [Upload("../../a.geojson", b"<VRTDataset/>")], {}, "geofile.unknown_format"),
        ("elevation", [Upload("tile.hgt", b"")], {}, "region_files.wrong_tile_name"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_with_a_remedy(
    store: Store, kind: str, uploads: list[Upload], more: dict[str, str], code: str
) -> None:
    with pytest.raises(InputError) as caught:
        begin(kind, *uploads, **more)  # type: ignore[arg-type]
    assert caught.value.code == code
    for language in LANGUAGES:
        words = Words(language)
        assert words.has(f"error.{code}.remedy")
        assert "berkas_0" not in words.error(caught.value)


def test_a_raster_whose_measure_only_the_planner_knows_is_tried_again_as_they_say(
    store: Store, tmp_path: Path, inputs: Inputs
) -> None:
    west, south, east, north = inputs.villages.total_bounds
    cell = 1 / 120
    counts = np.full((int((north - south) / cell) + 4, int((east - west) / cell) + 4), 700, dtype=np.float32)
    with rasterio.open(
        tmp_path / "p.tif",
        "w",
        driver="GTiff",
        height=counts.shape[0],
        width=counts.shape[1],
        count=1,
        dtype="float32",
        crs=4326,
        nodata=-1,
        transform=Affine(cell, 0, west - cell, 0, -cell, north + cell),
    ) as file:
        file.write(counts, 1)
    # 700 people a km² on the region's 1,621 km² are 1.1 million; 700 a hectare would be a hundred times as many.
    trial = begin("people", Upload("p.tif", (tmp_path / "p.tif").read_bytes()), measure="per_hectare")
    wrong = RUNS.of(trial.sources(Sources())).result.result(120)
    assert wrong.ground.population is not None
    right = RUNS.of(data_trial.with_measure(trial, "per_km2", EDITOR).sources(Sources())).result.result(120)
    assert right.ground.population is not None
    assert right.ground.population.sum() == pytest.approx(700 * inputs.villages["area_km2"].sum(), rel=0.01)
    assert wrong.ground.population.sum() == pytest.approx(100 * right.ground.population.sum(), rel=1e-6)


def test_a_viewer_takes_nothing_in(store: Store, inputs: Inputs) -> None:
    with pytest.raises(PermissionDeniedError):
        begin("population", people_of(inputs.villages), who=Actor("x", "viewer"))


def test_before_and_after_are_held_against_one_another(analysis: Analysis) -> None:
    before = outcome(analysis)
    moved = before.states.copy()
    first = moved.index[moved == "blank"][0]
    moved[first] = "served"
    after = type(before)(
        moved.value_counts().reindex(["served", "weak", "blank", "unknown"], fill_value=0).to_dict(),
        248,
        1_000_000.0,
        None,
        moved,
        before.names,
        before.rule,
    )
    rows = dict((name, (old, new)) for name, old, new in comparison(before, after, Words("id")))
    blank = before.counts["blank"]
    assert rows["Desa blank spot"] == (str(blank), str(blank - 1))
    assert rows["Penduduk"] == ("1.223.745", "1.000.000")
    assert rows["Penduduk tanpa layanan"][1] == "–"
    changed = changed_states(before, after)
    assert changed[["before", "after"]].to_numpy().tolist() == [["blank", "served"]]


def complaints(inputs: Inputs) -> pd.DataFrame:
    """Two rows as page Impor keeps them."""
    assert inputs.evidence is not None
    ids = [f"3505/{'a' * 12}/aduan 2025.csv:{row}" for row in (2, 3)]
    return inputs.evidence.iloc[:2].assign(kind="complaint", claimed_state="weak", match="agreed", evidence_id=ids)


def test_lists_of_evidence_are_told_apart(store: Store, inputs: Inputs) -> None:
    rows = complaints(inputs)
    store.evidence.add(rows[EVIDENCE.names], EDITOR)
    together = with_stored(inputs, Sources(), store).evidence
    assert together is not None
    assert len(together) == 9
    lists = evidence.lists_of(together)
    assert lists[["kind", "rows", "unsure", "kept"]].to_numpy().tolist() == [
        ["complaint", 2, 0, True],
        ["official_list", 7, 1, False],
    ]


def test_a_list_that_ships_and_is_imported_once_more_counts_once(store: Store, inputs: Inputs) -> None:
    assert inputs.evidence is not None
    again = inputs.evidence.assign(evidence_id=[f"3505/impor/resmi.csv:{row}" for row in range(2, 9)])
    store.evidence.add(again.iloc[:6][EVIDENCE.names], EDITOR)
    together = with_stored(inputs, Sources(), store).evidence
    assert together is not None
    assert len(together) == 7
    assert together["evidence_id"].str.startswith("3505/impor").sum() == 6
    assert set(together["village_code_bps"]) == set(inputs.evidence["village_code_bps"])
    store.evidence.add(again.iloc[6:].assign(claimed_state="weak")[EVIDENCE.names], EDITOR)  # it says something else
    both = with_stored(inputs, Sources(), store).evidence
    assert both is not None
    assert len(both) == 8


def test_evidence_of_another_region_is_left_out(store: Store, inputs: Inputs) -> None:
    rows = complaints(inputs)
    rows["evidence_id"] = rows["evidence_id"].str.replace("3505/", "3271/")
    store.evidence.add(rows[EVIDENCE.names], EDITOR)
    assert with_stored(inputs, Sources(), store) is inputs


def test_every_change_of_the_evidence_calls_for_a_new_run(store: Store, inputs: Inputs) -> None:
    seen = [store_access.records_revision()]
    rows = complaints(inputs)
    store.evidence.add(rows[EVIDENCE.names], EDITOR)
    seen.append(store_access.records_revision())
    store.evidence.withdraw(rows["evidence_id"].tolist()[:1], EDITOR)
    seen.append(store_access.records_revision())
    assert len(set(seen)) == 3


def test_imported_figures_of_villages_become_people_and_criteria(store: Store, inputs: Inputs) -> None:
    code = str(inputs.villages["village_code_bps"].iloc[0])
    assert with_stored(inputs, Sources(), store) is inputs
    done = store.imports.add_figures(
        pd.DataFrame(
            [(code, "population", 1234.0), (code, "Sekolah", 3.0), ("3271010001", "Sekolah", 9.0)],
            columns=["village_code_bps", "figure", "value"],
        ),
        "penduduk.xlsx",
        EDITOR,
    )
    found = with_stored(inputs, Sources(), store)
    first = found.villages.iloc[0]
    assert (first["population"], first["population_basis"]) == (1234.0, "penduduk.xlsx")
    assert found.villages["population"].iloc[1] == inputs.villages["population"].iloc[1]
    assert found.people_imported == 1
    assert found.population_estimated  # those of the other villages still are
    assert found.criteria is not None
    assert found.criteria["Sekolah"].dropna().to_dict() == {code: 3.0}
    given = with_stored(inputs, Sources(people=Path("p.csv")), store)
    assert given.villages["population"].equals(inputs.villages["population"])
    brought_in_later = replace(inputs, people_at="2999-01-01T00:00:00+00:00")
    assert with_stored(brought_in_later, Sources(), store).villages["population"].iloc[0] != 1234.0
    store.imports.take_back(done.import_id, EDITOR)
    assert with_stored(inputs, Sources(), store) is inputs


def data_only() -> None:
    from coverage.web import frame, session, settings
    from coverage.web.data_page import page as data_page

    computed = frame.RUNS.of(settings.sources()).result.result()
    data_page.show(
        frame.Context(
            analysis=computed.analysis,
            inputs=computed.inputs,
            ground=computed.ground,
            words=frame.words_in("id"),
            viewer=session.viewer(),
        )
    )


def test_the_page_of_the_region_that_ships(store: Store) -> None:
    page = AppTest.from_function(data_only, default_timeout=120).run()
    assert not page.exception
    assert "Data Kabupaten Blitar" in " ".join(str(element.proto.body) for element in page.get("html"))
    assert page.button(key="data_try_boundaries").disabled


def test_reports_from_phones_are_shown_with_their_photos_and_marked_wrong_and_back(store: Store) -> None:
    photo = a_photo(b"x")
    report = a_report(1, [photo, a_photo(b"y", 2)], note="<b>di balik bukit</b>")
    store.reports.add(report, EDITOR)
    store.reports.add_photo(
        report.report_id, photo, {"taken_at": "2026-11-20T10:04:05", "lon": 1.0, "lat": 2.0}, EDITOR
    )
    page = AppTest.from_function(data_only, default_timeout=120).run()
    page.segmented_control(key="data_kind").set_value("measurements").run()
    assert not page.exception
    shown = " ".join(str(element.proto.body) for element in page.get("html"))
    for said in (
        "Krajan",
        "Telkomsel: tidak ada",
        f"/lapangan/foto/{photo.photo_id}",
        "1 foto masih di ponsel",
        "&lt;b",
    ):
        assert said in shown
    page.multiselect(key="reports_chosen_False").set_value([report.report_id])
    page.text_input(key="reports_why").set_value("salah tempat").run()
    page.button(key="reports_mark").click().run()
    assert store.reports.table("3505", EDITOR).empty
    page.toggle(key="reports_wrong").set_value(True).run()
    page.multiselect(key="reports_chosen_True").set_value([report.report_id]).run()
    page.button(key="reports_mark").click().run()
    assert len(store.reports.table("3505", EDITOR)) == 1


def test_whoever_has_not_signed_in_sees_everything_and_is_offered_nothing(store: Store) -> None:
    store.accounts.add("ani", "admin", "kata sandi yang panjang 2026", Actor("x", "admin"))
    page = AppTest.from_function(data_only, default_timeout=120).run()
    assert not page.exception
    assert "Hanya penyunting dan pengelola" in page.info[0].value
    assert not page.button
    assert not page.get("file_uploader")


def test_a_region_given_as_a_file_can_be_kept(store: Store, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_REGION", str(shared / "bogor" / "villages_bps_2020.geojson"))
    page = AppTest.from_function(data_only, default_timeout=120).run()
    assert not page.exception
    page.button(key="data_adopt").click().run()
    assert "tanpa --region" in page.success[0].value.replace("\\", "")
    monkeypatch.delenv("JANGKAU_REGION")
    assert len(load_inputs().villages) == 68
