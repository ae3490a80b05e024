"""Lists as they came from the field, by the number of their file, and relatives of each: what is honest gets in.

The files lie in ``field`` beside the checkout; the relatives are made here, with other names, separators and values.
"""

import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
import typer
from typer.testing import CliRunner

from coverage.base.errors import ColumnError, CrsError, FileRefusedError, ParameterError, RowError
from coverage.cli.data import data
from coverage.cli.import_assets import import_command
from coverage.cli.rollout import read_budgets
from coverage.imports.columns import field_of
from coverage.imports.interpret import interpret
from coverage.imports.list_options import guess
from coverage.imports.places import Region
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.imports.report import report
from coverage.imports.result import Interpretation
from coverage.imports.values import read_bands, read_date
from coverage.land.cells import make_land
from coverage.language.notes import lacking_of, note_sentence
from coverage.language.words import LANGUAGES, Words
from coverage.places.reconcile import reconcile
from coverage.places.village_matching import propose_codes
from coverage.reach.asset_counts import repair_list
from coverage.readers.elevation import read_terrain
from coverage.readers.parameters import read_parameters
from coverage.readers.people import read_population
from coverage.readers.people_places import places_on_land, tells_where_people_live
from coverage.readers.villages import read_villages
from coverage.run.analysis import analyze
from coverage.run.inputs import load_inputs

A, B, C = (-8.156107, 112.208381), (-8.079418, 112.167889), (-8.106983, 112.310606)
alone = typer.Typer()
alone.command()(import_command)


@pytest.fixture(scope="module")
def blitar() -> Region:
    return read_region("3505")


@pytest.fixture
def field(shared: Path) -> Path:
    return shared / "field"


def understood(path: Path, region: Region, kind: str = "tower", sheet: str | None = None, **how: Any) -> Interpretation:
    raw = read(path, sheet, how.pop("crs", None))
    choices = guess(raw)
    if choices.record == "assets" and "kind" not in choices.columns:
        choices = replace(choices, kind=kind)
    found = interpret(raw, replace(choices, **how), region)
    assert found.rows == found.accepted_rows + found.refused_rows
    return found


def table(path: Path, header: str, *rows: str) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def told(found: Interpretation) -> str:
    lines = report(found, Words("id"))
    return "\n".join([*lines["notes"], *(row["reason"] for row in lines["refused_rows"])])


def column(found: Interpretation, name: str) -> list[Any]:
    return found.accepted[name].tolist()


def codes(found: Interpretation) -> list[str]:
    return [code.removeprefix("import.") for code in found.refused["code"]]


# Columns: judged by their values as well as their names, found inside longer headers, several for one field.


def test_02_prefixes_of_groups_are_taken_off_every_field(field: Path, blitar: Region) -> None:
    found = understood(field / "02-kobo.csv", blitar)
    assert column(found, "name") == ["Balai Desa A", "Balai Desa B"]
    assert column(found, "kind") == ["wifi", "wifi"]
    assert column(found, "asset_id") == ["aa-1", "aa-2"]


def test_02_a_list_without_a_name_is_asked_about(tmp_path: Path, blitar: Region) -> None:
    path = table(tmp_path / "a.csv", "lat,lon,warna", f"{A[0]},{A[1]},merah")
    assert "--column name=" in told(understood(path, blitar))


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("grup_a/grup_b/nama_menara", "name"),
        ("data.attributes.nama_titik", "name"),
        ("Nama Tiang FO Baru", "name"),
        ("wifi_nama", "name"),
        ("cctv_alamat", "address"),
        ("odp_pemilik", "owner"),
        ("menara_status", "status"),
        ("site_tinggi_m", "height_m"),
        ("Nomor Tiang", "asset_id"),
        ("status.label", "status"),
        ("operator.name", "operator"),
        ("region.name", None),
        ("Nama Kepala Desa", None),
        ("Nama Pemilik Lahan", None),
        ("TANGGAL IJIN", None),
        ("Tgl Terbit IMB", None),
        ("Tahun Izin", None),
        ("Tanggal Pembangunan (Izin)", None),
        ("Tanggal SK", None),
        ("Tahun", "reported_on"),
        ("Tahun Data", "reported_on"),
        ("Tgl. Pemasangan", "installed_on"),
        ("Alamat IP", None),
        ("Long/Lat", "coordinates"),
        ("Frekuensi Kerja (MHz)", "band_mhz"),
        ("Tahun Pembangunan Menara", "installed_on"),
    ],
)
def test_known_words_are_found_inside_longer_headers_and_not_in_those_of_else(header: str, what: str | None) -> None:
    assert field_of(header) == what


def test_33_a_key_of_the_office_is_no_village_code(field: Path, blitar: Region, tmp_path: Path) -> None:
    found = understood(field / "33-id-desa-lokal.csv", blitar)
    assert (found.accepted_rows, found.refused_rows) == (2, 0)
    assert "id_desa" in found.unused
    other = table(tmp_path / "a.csv", "kode_kelurahan;nama;lat;lon", f"K-7;X;{A[0]};{A[1]}", f"K-8;Y;{B[0]};{B[1]}")
    assert understood(other, blitar).accepted_rows == 2


def test_a_code_in_parts_is_still_a_village_code(tmp_path: Path, blitar: Region) -> None:
    path = table(
        tmp_path / "a.csv", "kode_prov,kode_kab,kode_kec,kode_desa,nama,lat,lon", f"35,5,60,10,X,{A[0]},{A[1]}"
    )
    assert column(understood(path, blitar), "village_code_entered") == ["3505060010"]


def test_34_the_label_of_a_status_counts_not_its_code(field: Path, blitar: Region, tmp_path: Path) -> None:
    assert column(understood(field / "34-status-kode.csv", blitar), "status") == ["operational", "damaged", "damaged"]
    other = table(
        tmp_path / "a.csv",
        "id,state_code,state.code,state.name,lat,lon",
        f"1,0,1,Aktif,{A[0]},{A[1]}",
        f"2,1,0,Rusak,{B[0]},{B[1]}",
    )
    assert column(understood(other, blitar), "status") == ["operational", "damaged"]


@pytest.mark.parametrize("name", ["36-nama-site-lokasi.csv", "37-fat.csv"])
def test_36_37_a_known_word_inside_a_longer_header_names(name: str, field: Path, blitar: Region) -> None:
    assert column(understood(field / name, blitar), "name")[0] in ("SDN 1", "FAT-1")


def test_several_columns_feed_one_field(tmp_path: Path, blitar: Region) -> None:
    found = understood(
        table(
            tmp_path / "a.csv",
            "nama,lat,lon,Desa,Kelurahan,Operator 1,Operator 2,Operator 3",
            f"X,{A[0]},{A[1]},Kedungbunder,,Telkomsel,XL Axiata,",
            f"Y,{B[0]},{B[1]},,Sumberjo,,Smartfren,Axis",
        ),
        blitar,
    )
    assert column(found, "operator") == ["Telkomsel, XL Axiata", "Smartfren, Axis"]
    assert found.accepted["village_code_entered"].notna().all()
    assert found.unused == ()


@pytest.mark.parametrize("header", ["TANGGAL IJIN", "Tgl Terbit IMB", "Tanggal", "Tahun Data", "Tgl SK"])
def test_a_date_that_is_not_said_to_be_of_installation_is_left_out_and_told(
    header: str, tmp_path: Path, blitar: Region
) -> None:
    found = understood(table(tmp_path / "a.csv", f"nama,lat,lon,{header}", f"X,{A[0]},{A[1]},2020-01-01"), blitar)
    assert column(found, "installed_on") == [None]
    assert found.unused == (header,)


def test_a_date_of_installation_in_the_future_is_taken_and_marked_unless_it_is_planned(
    tmp_path: Path, blitar: Region
) -> None:
    lines = [
        f"{name},{A[0]},{A[1]},{date},{status}"
        for name, date, status in (
            ("P", "2199-12-31", "Aktif"),
            ("Q", "2098", ""),
            ("R", "2199-01-01", "Rencana"),
            ("S", "2020-01-01", "Aktif"),
        )
    ]
    found = understood(table(tmp_path / "a.csv", "nama,lat,lon,tanggal pasang,status", *lines), blitar)
    assert column(found, "installed_on") == ["2199-12-31", "2098", "2199-01-01", "2020-01-01"]
    assert column(found, "needs_check") == [True, True, False, False]
    assert "2 tanggal terletak di masa depan (misalnya 2199-12-31)" in told(found)


def test_names_of_a_program_are_words(tmp_path: Path, blitar: Region) -> None:
    header = "siteName,siteLatitude,siteLongitude,towerHeightM,operatorName"
    found = understood(table(tmp_path / "a.csv", header, f"X,{A[0]},{A[1]},42,Telkomsel"), blitar)
    assert [column(found, name) for name in ("name", "height_m", "operator")] == [["X"], [42.0], ["Telkomsel"]]


@pytest.mark.parametrize("written", ["17/Agu/2019", "17.Agt.2019", "17-Agu-19", "17 Agustus 2019"])
def test_a_month_by_name_between_any_separators(written: str) -> None:
    assert read_date(written, "dmy") == ("2019-08-17", ())


def test_one_position_written_as_text_decides_nothing_for_the_others(tmp_path: Path, blitar: Region) -> None:
    shapes = [
        {"type": "Point", "coordinates": [str(A[1]), str(A[0])]},
        {"type": "MultiPoint", "coordinates": [[B[1], B[0], 3.0]]},
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [C[1], str(C[0])]}]},
        {"type": "Point", "coordinates": ["-", "?"]},
    ]
    features = [{"type": "Feature", "properties": {"Nama": "X"}, "geometry": shape} for shape in shapes]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    found = understood(path, blitar)
    assert (found.accepted_rows, codes(found)) == (3, ["bad_geometry"])
    assert "ditulis sebagai teks" in told(found)


def test_lines_in_quotes_as_a_whole_are_split(tmp_path: Path, blitar: Region) -> None:
    lines = ["Nama,Lat,Lon", *(f"{name},{place[0]},{place[1]}" for name, place in (("X", A), ('""Y, Z""', B)))]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(f'"{line}"' for line in lines), "utf-8")
    assert column(understood(path, blitar), "name") == ["X", "Y, Z"]
    path.write_text("desa\n" + "\n".join(f'"{name}, Kec. Wates"' for name in "ABC"), "utf-8")
    assert list(read(path).frame.columns) == ["desa"]  # a list of one column stays one


def test_names_of_columns_beside_the_rows(tmp_path: Path, blitar: Region) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"columns": ["nama", "lat", "lon"], "index": [0, 1], "data": [["X", *A], ["Y", *B]]}))
    assert column(understood(path, blitar), "name") == ["X", "Y"]


def test_blanks_within_the_coordinates_of_a_placemark(tmp_path: Path, blitar: Region) -> None:
    path = tmp_path / "a.kml"
    place = f"<Point><coordinates> {A[1]}, {A[0]} ,0 </coordinates></Point>"
    path.write_text(f"<kml><Document><Placemark><name>X</name>{place}</Placemark></Document></kml>", "utf-8")
    assert column(understood(path, blitar), "name") == ["X"]


def test_a_shape_as_postgis_writes_it_and_the_end_of_a_text_of_dos(tmp_path: Path, blitar: Region) -> None:
    rows = [f"X,SRID=4326;POINT({A[1]} {A[0]})", f"Y,POINT Z ({B[1]} {B[0]} 10)", "\x1a"]
    found = understood(table(tmp_path / "a.csv", "nama,geom", *rows), blitar)
    assert (column(found, "name"), found.refused_rows) == (["X", "Y"], 0)


def test_the_side_of_the_globe_in_a_column_of_its_own(tmp_path: Path, blitar: Region) -> None:
    header = "nama,lat_deg,lat_min,lat_sec,lat_dir,lon_deg,lon_min,lon_sec,lon_dir"
    found = understood(table(tmp_path / "a.csv", header, "X,8,9,21.98,S,112,12,30.17,E"), blitar)
    assert found.accepted.geometry.iloc[0].y == pytest.approx(A[0], abs=1e-5)
    found = understood(table(tmp_path / "b.csv", "nama;lintang;sisi;bujur;sisi 2", f"X;{-A[0]};LS;{A[1]};BT"), blitar)
    assert found.accepted.geometry.iloc[0].y == pytest.approx(A[0])


def test_words_that_every_header_begins_with_say_nothing(tmp_path: Path, blitar: Region) -> None:
    header = "dsk_inv_nama,dsk_inv_tinggi,dsk_inv_lat,dsk_inv_lon"
    found = understood(table(tmp_path / "a.csv", header, f"X,42,{A[0]},{A[1]}"), blitar)
    assert (column(found, "name"), column(found, "height_m")) == (["X"], [42.0])


# A good position beats a doubtful name.


def test_43_a_place_counts_beside_a_doubtful_village(field: Path, blitar: Region) -> None:
    found = understood(field / "43-name-against-place.csv", blitar)
    assert (found.accepted_rows, column(found, "needs_check")) == (3, [True] * 3)
    assert "Tidak Dikenal" in told(found)


def test_44_the_kind_before_every_header_and_names_that_differ_by_a_dot(field: Path, blitar: Region) -> None:
    found = understood(field / "44-kind-in-header.csv", blitar)
    assert column(found, "name") == ["Tower A", "Tower B", "TOWER HCPT_03", "TOWER HCPT_03."]
    assert column(found, "needs_check") == [False, False, True, True]
    assert "TOWER HCPT_03" in told(found)


# Values: bands, heights, identifiers, dates, states.


def test_11_serial_numbers_of_excel_among_dates_are_read(field: Path, blitar: Region) -> None:
    found = understood(field / "11-serial-campur.xlsx", blitar)
    assert column(found, "installed_on") == ["2020-03-15", "2021-12-01", "2019-07-31", "2018-01-05"]
    assert "43905" in told(found)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("44197", "2021-01-01"),
        ("31-Jul-19", "2019-07-31"),
        ("2019/07/31", "2019-07-31"),
        ("20190731", "2019-07-31"),
        ("Kamis, 5 Januari 2018", "2018-01-05"),
        ("Mar 5, 2020", "2020-03-05"),
        ("31 07 2019", "2019-07-31"),
        ("12/2021", "2021"),
        ("2021-12", "2021"),
        ("12345678", None),
    ],
)
def test_dates_in_every_form(text: str, day: str | None) -> None:
    assert read_date(text, None)[0] == day


def test_16_heights_with_their_units(field: Path, blitar: Region) -> None:
    heights = understood(field / "16-tinggi.csv", blitar).accepted["height_m"]
    assert heights.dropna().round(1).tolist() == [71.9, 42.5, 52.0, 42.0]


def test_17_bands_of_a_list(field: Path, blitar: Region) -> None:
    found = understood(field / "17-pita.csv", blitar)
    assert found.accepted["band_mhz"].dropna().tolist() == [900, 900, 2100, 1800, 900, 1800, 1800, 850]
    assert column(found, "note")[0] == "frekuensi: 900/1800/2100"
    notes = column(found, "note")
    assert [text for text in notes if text] == [
        f"frekuensi: {text}"
        for text in ("900/1800/2100", "900, 1800", "4G", "900 MHz & 2300 MHz", "1800;2300", "850-900")
    ]
    assert column(found, "needs_check") == [False] * 4 + [True] + [False] * 4


@pytest.mark.parametrize(
    ("text", "bands"),
    [
        ("900/1800/2100", (900, 1800, 2100)),
        ("B3", (1800,)),
        ("1800;2300", (1800, 2300)),
        ("B3, B8", (900, 1800)),
        ("GSM900/DCS1800", (900, 1800)),
        ("2,4 dan 5,8 GHz", (2400, 5800)),
        ("L1800 + U2100", (1800, 2100)),
        ("2.300", (2300,)),
        ("1800 (20 MHz)", (1800,)),
        ("4G", ()),
        ("3", ()),
    ],
)
def test_bands_in_every_form(text: str, bands: Sequence[float]) -> None:
    assert read_bands(text) == tuple(bands)


def test_18_identifiers_that_differ_in_case_and_blanks_are_pointed_out(field: Path, blitar: Region) -> None:
    found = understood(field / "18-id-ganda.csv", blitar)
    assert codes(found) == ["duplicate_id", "duplicate_id"]
    assert dict(zip(column(found, "asset_id"), column(found, "needs_check"), strict=True))["t-01"]
    assert "T-01 / t-01" in told(found)


def test_25_the_words_of_netbox_for_a_status(field: Path, blitar: Region) -> None:
    found = understood(field / "25-netbox-sites.csv", blitar)
    assert column(found, "status") == ["operational", "planned", "decommissioned", "damaged"]


def test_40_the_state_of_an_official_list_is_read(field: Path, blitar: Region) -> None:
    found = understood(field / "40-official-with-state.csv", blitar)
    assert column(found, "claimed_state") == ["served", "weak", "blank"]


def test_46_classes_of_signal_of_the_village_census(field: Path, blitar: Region) -> None:
    found = understood(field / "46-podes-signal.csv", blitar)
    assert column(found, "claimed_state") == ["served", "served", "served", "weak", "blank", "blank"]


@pytest.mark.parametrize(
    ("header", "values", "states"),
    [
        ("Sinyal telepon seluler 2021", "1234", ["served", "served", "weak", "blank"]),
        ("Sinyal telepon seluler 2014", "123", ["served", "weak", "blank"]),
        ("Sinyal telepon seluler", "4321", ["blank", "weak", "served", "served"]),
        ("Sinyal telepon seluler", "123", []),
    ],
)
def test_46_codes_of_signal_belong_to_an_edition(
    header: str, values: str, states: Sequence[str], tmp_path: Path, blitar: Region
) -> None:
    villages = blitar.villages.iloc[: len(values)]
    rows = [
        f"{code},{name},{value}"
        for code, name, value in zip(villages["village_code_bps"], villages["village"], values, strict=True)
    ]
    found = understood(table(tmp_path / "a.csv", f"kode_desa,nama_desa,{header}", *rows), blitar)
    assert column(found, "claimed_state") == list(states)
    assert codes(found) == ["podes_edition"] * (len(values) - len(states))


# Geometry


def test_47_a_good_geometry_counts_beside_a_broken_property(field: Path, blitar: Region) -> None:
    assert understood(field / "47-wkt-property-broken.geojson", blitar).accepted_rows == 1


# Places: metres of any zone, every form of degrees, and the edge of the region.


def test_01_the_system_that_is_named_counts_for_a_table_and_each_row_by_itself(field: Path, blitar: Region) -> None:
    found = understood(field / "01-utm49s.csv", blitar, crs="EPSG:32749")
    assert column(found, "asset_id") == ["M-0", "M-1", "M-4", "M-5"]
    assert codes(found) == ["in_neighbour"] * 2
    assert "Kota Blitar" in told(found)
    assert understood(field / "01-utm49s.csv", blitar, repairs=frozenset({"utm"})).accepted_rows == 4
    with pytest.raises(CrsError, match=r"geofile\.unknown_crs"):
        read(field / "01-utm49s.csv", crs="NONSENSE")


def test_a_system_named_for_a_map_counts_before_what_the_map_says(tmp_path: Path, blitar: Region) -> None:
    shape = {"type": "Point", "coordinates": [633121, 9098245]}
    one = {"type": "Feature", "properties": {"nama": "A"}, "geometry": shape}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [one] * 2}), "utf-8")
    found = understood(path, blitar, crs="EPSG:32749")
    assert found.accepted.geometry.iloc[0].x == pytest.approx(A[1], abs=1e-5)


def test_20_each_row_by_its_zone(field: Path, blitar: Region) -> None:
    found = understood(field / "20-zona.csv", blitar)
    assert found.accepted_rows == 4
    assert found.accepted.geometry.x.iloc[0] == pytest.approx(A[1], abs=1e-5)


def test_21_two_zones_in_one_file(field: Path, blitar: Region) -> None:
    found = understood(field / "21-zona-campur.csv", blitar)
    assert column(found, "asset_id") == ["T1", "T2", "T3"]
    assert "-8.3" in told(found)  # the fourth lies in the sea: told where


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("nama,zona,x,y", "A,49,633121,9098245"),
        ("nama,Zona UTM,x,y", "A,EPSG:32749,633121,9098245"),
        ("nama,utm_zone,easting,northing", "A,49 South,633121,9098245"),
        ("nama,X (UTM 49S),Y (UTM 49S)", "A,633121,9098245"),
        ("nama,koordinat", "A,49M 633121 9098245"),
        ("nama,koordinat", "A,49 S 633121 mE 9098245 mN"),
    ],
)
def test_a_zone_is_understood_in_every_form(header: str, row: str, tmp_path: Path, blitar: Region) -> None:
    found = understood(table(tmp_path / "a.csv", header, row), blitar)
    assert found.accepted.geometry.x.tolist() == [pytest.approx(A[1], abs=1e-5)]


def test_19_degrees_in_every_form(field: Path, blitar: Region) -> None:
    found = understood(field / "19-dms-id.csv", blitar)
    assert column(found, "asset_id") == ["T1", "T2", "T3", "T4", "T7", "T8", "T9", "T10", "T11", "T12"]
    assert codes(found) == ["short_code", "link_without_place"]


@pytest.mark.parametrize(
    "text",
    [
        "08.14.44,8 LS 112.12.46,8 BT",
        "geo:-8.245778,112.213000?z=17",
        "geo:0,0?q=-8.245778,112.213000(Menara)",
        "https://www.openstreetmap.org/#map=17/-8.245778/112.213000",
        "https://www.openstreetmap.org/?mlat=-8.245778&mlon=112.213000",
        "https://waze.com/ul?ll=-8.245778%2C112.213000",
        "8 derajat 14 menit 44,8 detik LS, 112 derajat 12 menit 46,8 detik BT",
        "8°14.7467'S 112°12.7800'E",
    ],
)
def test_a_place_in_further_forms(text: str, tmp_path: Path, blitar: Region) -> None:
    found = understood(table(tmp_path / "a.csv", "nama;koordinat", f"A;{text}"), blitar)
    assert [(round(one.y, 4), round(one.x, 4)) for one in found.accepted.geometry] == [(-8.2458, 112.213)]


def test_23_four_numbers_are_named_for_what_they_are(field: Path, blitar: Region) -> None:
    found = understood(field / "23-campur.geojson", blitar)
    assert codes(found) == ["no_geometry", "empty_geometry"]
    assert "empat angka" in told(found)


def test_an_asset_a_little_outside_an_official_outline_is_marked_not_refused(tmp_path: Path, blitar: Region) -> None:
    official = Region(blitar.villages.assign(boundary_quality="official"), blitar.neighbours)
    south = blitar.villages.geometry.union_all().bounds[1]
    x = next(x for x, y in shapely.get_coordinates(blitar.villages.geometry.union_all()) if y == south)
    rows = [f"{name},{south - metres / 111_320},{x}" for name, metres in (("300 m", 300), ("3 km", 3000))]
    found = understood(table(tmp_path / "a.csv", "nama,lat,lon", *rows), official)
    assert (column(found, "name"), column(found, "needs_check")) == (["300 m"], [True])
    assert codes(found) == ["outside_region"]


# Files: encodings, descriptions, tracks, layers, records inside records.


def test_04c_letters_of_a_shapefile_that_does_not_say_its_encoding(field: Path, blitar: Region) -> None:
    found = understood(field / "04c-cp1252-ldid0.zip", blitar)
    assert column(found, "name")[1:3] == ["Menara “B”", "Menara Señor"]
    assert "Windows-1252" in told(found)


def test_letters_of_a_table_that_is_not_utf_8_are_told(tmp_path: Path, blitar: Region) -> None:
    (tmp_path / "a.csv").write_bytes(f"nama,lat,lon\nKafé,{A[0]},{A[1]}\n".encode("cp1252"))
    found = understood(tmp_path / "a.csv", blitar)
    assert column(found, "name") == ["Kafé"]
    assert "Windows-1252" in told(found)


def test_a_name_that_a_shapefile_cut_off_is_known() -> None:
    assert field_of("tahun_pemb") == "installed_on"


def test_a_shapefile_that_declares_another_encoding_than_it_holds(tmp_path: Path, blitar: Region) -> None:
    # Toblerity/Fiona#510, #512 and geopandas/pyogrio#380: UTF-8 inside, Windows-1252 declared.
    shape = gpd.GeoDataFrame({"nama": ["Kafé Señor"]}, geometry=[shapely.Point(A[1], A[0])], crs="EPSG:4326")
    shape.to_file(tmp_path / "a.shp", encoding="utf-8")
    (tmp_path / "a.cpg").write_text("1252")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in tmp_path.glob("a.*"):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    assert column(understood(tmp_path / "a.zip", blitar), "name") == ["Kafé Señor"]


@pytest.mark.slow
def test_tables_of_styles_are_no_layer_and_a_name_of_a_layer_may_have_blanks(tmp_path: Path, blitar: Region) -> None:
    # bravemaster3/GeoDeploy#95, geopandas/pyogrio#355: layer_styles beside several layers, the first alone was read.
    point = gpd.GeoDataFrame({"nama": ["A"]}, geometry=[shapely.Point(A[1], A[0])], crs="EPSG:4326")
    path = tmp_path / "a.gpkg"
    point.to_file(path, layer="Menara 2024")
    point.assign(nama="B").to_file(path, layer="CCTV")
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, styleQML TEXT)")
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', 'layer_styles')"
        )
    found = understood(path, blitar, sheet="*")
    assert dict(zip(column(found, "name"), column(found, "kind"), strict=True)) == {"A": "tower", "B": "cctv"}
    assert understood(path, blitar, sheet="Menara 2024").accepted_rows == 1


@pytest.mark.slow
def test_all_shapefiles_of_an_archive_are_one_list(tmp_path: Path, blitar: Region) -> None:
    for name, kind in (("A", "menara"), ("B", "cctv")):
        shape = gpd.GeoDataFrame({"nama": [name]}, geometry=[shapely.Point(A[1], A[0])], crs="EPSG:4326")
        shape.to_file(tmp_path / f"{kind}.shp")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in [*tmp_path.glob("menara.*"), *tmp_path.glob("cctv.*")]:
            archive.write(part, f"data/{part.name}")
    found = understood(tmp_path / "a.zip", blitar, sheet="*")
    assert dict(zip(column(found, "name"), column(found, "kind"), strict=True)) == {"A": "tower", "B": "cctv"}


def test_a_code_that_a_table_gives_to_two_villages_is_ambiguous_alone_and_settled_by_the_name() -> None:
    # edwardsamuel/Wilayah-Administratif-Indonesia#33, cahyadsn/wilayah#7: one code, two villages.
    villages = pd.DataFrame(
        {"village_code_bps": ["9107182005"] * 2, "village": ["Kamlin", "Kwari"], "subdistrict": "Wemak"}
    )
    asked = pd.DataFrame({"code": ["9107182005"] * 2, "village": ["", "Kwari"]})
    assert reconcile(asked, villages)["status"].tolist() == ["ambiguous", "agreed"]


def test_two_villages_of_one_name_in_a_subdistrict_are_ambiguous() -> None:
    # edwin/database-wilayah-kemendagri#2: a kelurahan and a desa Inobonto.
    villages = pd.DataFrame(
        {"village_code_bps": ["7101130006", "7101130014"], "village": "Inobonto", "subdistrict": "Bolaang"}
    )
    found = reconcile(pd.DataFrame({"village": ["Inobonto"], "subdistrict": ["Bolaang"]}), villages)
    assert found["status"].tolist() == ["ambiguous"]


def test_06_the_table_in_a_description_becomes_fields(field: Path, blitar: Region) -> None:
    found = understood(field / "06-html-desc.kml", blitar)
    assert column(found, "asset_id") == ["T1", "T2"]
    assert column(found, "height_m") == [72.0, 52.0]
    assert column(found, "owner") == ["PT A", "PT B"]
    assert column(found, "status") == ["damaged", "operational"]


KML = "<kml xmlns='http://www.opengis.net/kml/2.2' xmlns:gx='http://www.google.com/kml/ext/2.2'><Document>{}</Document></kml>"


@pytest.mark.parametrize(
    ("description", "note", "owner"),
    [
        ("<![CDATA[<b>Pemilik</b>: PT A<br>Tinggi: 42 m]]>", None, "PT A"),
        ("<![CDATA[Dekat balai desa, <i>pagar hijau</i>]]>", "Dekat balai desa, <i>pagar hijau</i>", None),
        ("<![CDATA[<table><tr><th>Pemilik</th><td>PT A</td></tr></table>Pagar hijau]]>", None, None),
    ],
)
def test_what_a_description_says_is_kept(
    description: str, note: str | None, owner: str | None, tmp_path: Path, blitar: Region
) -> None:
    mark = f"<Placemark><name>A</name><description>{description}</description><Point><coordinates>{A[1]},{A[0]}</coordinates></Point></Placemark>"
    (tmp_path / "a.kml").write_text(KML.format(mark), "utf-8")
    found = understood(tmp_path / "a.kml", blitar)
    assert column(found, "owner") == [owner]
    assert note is None or column(found, "note") == [note]
    assert "description" not in found.unused


def test_07_a_track_is_a_line_and_of_a_point_and_a_line_the_fitting_one_counts(field: Path, blitar: Region) -> None:
    found = understood(field / "07-gxtrack.kml", blitar, "fiber_route")
    assert column(found, "name") == ["Rute FO 1", "Rute FO 2"]
    assert set(found.accepted.geom_type) == {"LineString"}
    towers = understood(field / "07-gxtrack.kml", blitar)
    assert (column(towers, "name"), codes(towers)) == (["Rute FO 2"], ["wrong_geometry"])


@pytest.mark.slow
def test_08_all_layers_of_a_map_are_read(field: Path, blitar: Region) -> None:
    found = understood(field / "08-dua-layer.gpkg", blitar, sheet="*")
    assert column(found, "kind") == ["tower"] * 4 + ["fiber_route"]
    with pytest.raises(FileRefusedError, match=r"geofile\.several_layers"):
        read(field / "08-dua-layer.gpkg", "Bukan lapisan")


def test_49_records_inside_records_are_read(field: Path, blitar: Region) -> None:
    found = understood(field / "49-nested-cameras.json", blitar, "cctv")
    assert column(found, "name") == ["Simpang A", "Simpang B", "Simpang C"]
    assert found.raw.frame["kecamatan"].tolist() == ["Wlingi", "Wlingi", "Talun"]


@pytest.mark.parametrize(
    "text",
    [
        '{"a1": {"nama": "X", "lat": -8.156107, "lng": 112.208381}, "a2": {"nama": "Y", "lat": -8.079418, "lng": 112.167889}}',
        '{"nama": "X", "lat": -8.156107, "lon": 112.208381}\n{"nama": "Y", "lat": -8.079418, "lon": 112.167889}\n',
        '[["Nama", "Latitude", "Longitude"], ["X", -8.156107, 112.208381], ["Y", -8.079418, 112.167889]]',
        'var menara = [{"nama": "X", "lat": -8.156107, "lon": 112.208381}, {"nama": "Y", "lat": -8.079418, "lon": 112.167889}];',
        '{"spatialReference": {"wkid": 32749}, "features": [{"attributes": {"nama": "X"}, "geometry": {"x": 633121, "y": 9098245}},'
        ' {"attributes": {"nama": "Y"}, "geometry": {"x": 628684, "y": 9106738}}]}',
        '{"elements": [{"type": "node", "lat": -8.156107, "lon": 112.208381, "tags": {"name": "X"}},'
        ' {"type": "node", "lat": -8.079418, "lon": 112.167889, "tags": {"name": "Y"}}]}',
        '{"type": "Feature", "properties": {"nama": "X"}, "geometry": {"type": "Point", "coordinates": [112.208381, -8.156107]}}\n'
        '{"type": "Feature", "properties": {"nama": "Y"}, "geometry": {"type": "Point", "coordinates": [112.167889, -8.079418]}}',
    ],
    ids=["by name", "a line each", "lists", "script", "arcgis", "overpass", "features a line each"],
)
def test_json_in_the_forms_that_servers_give_it(text: str, tmp_path: Path, blitar: Region) -> None:
    (tmp_path / "a.json").write_text(text, "utf-8")
    found = understood(tmp_path / "a.json", blitar)
    assert column(found, "name") == ["X", "Y"]
    assert found.accepted.geometry.y.round(5).tolist() == [round(A[0], 5), round(B[0], 5)]


def test_a_point_as_survey_tools_keep_it(tmp_path: Path, blitar: Region) -> None:
    path = table(tmp_path / "a.csv", "nama,lokasi_gps", f"X,{A[0]} {A[1]} 210.5 4.9", f"Y,{B[0]} {B[1]} 0 0")
    assert understood(path, blitar).accepted.geometry.x.tolist() == [A[1], B[1]]


# Boundaries: overlaps, forests and waters, outlines without codes.


def test_28_outlines_that_overlap_by_some_hectares_are_repaired_and_both_named(field: Path) -> None:
    villages, notes = read_villages(field / "28-tumpang-tindih.geojson")
    told = dict(notes)["villages.note.overlap_given"]
    assert (len(villages), told["count"]) == (2, 1)
    said = note_sentence({"code": "villages.note.overlap_given", **told}, Words("id"))
    assert re.search(r"Desa A – Desa B: \d+,\d+ ha → Desa [AB]", said)


def test_41_neither_a_lake_nor_a_forest_is_a_village(field: Path) -> None:
    villages, notes = read_villages(field / "41-water-village.geojson")
    assert villages["village"].tolist() == ["Desa Contoh"]
    assert {code for code, _ in notes} >= {"villages.note.water_dropped", "villages.note.forest_dropped"}
    found = reconcile(
        pd.DataFrame({"code": ["3322888888", "3322080999"]}), pd.DataFrame(villages.drop(columns="geometry"))
    )
    assert found["reason"].tolist() == ["water", "forest"]


def test_48_outlines_without_codes_are_said_to_have_none_and_matched_by_name_and_place(
    field: Path, tmp_path: Path
) -> None:
    path = field / "48-osm-relation.geojson"
    with pytest.raises(FileRefusedError, match=r"villages\.no_codes") as refused:
        read_villages(path)
    assert "jangkau data match" in Words("id").error(refused.value)
    done = CliRunner().invoke(data, ["match", str(path), "--out", str(tmp_path / "usulan.geojson")])
    assert done.exit_code == 0, done.output
    villages, _ = read_villages(tmp_path / "usulan.geojson")
    assert villages["village_code_bps"].tolist() == ["3505010001"]
    assert "same_name" in (tmp_path / "usulan.csv").read_text("utf-8-sig")


def test_gadm_outlines_are_matched_and_a_name_that_does_not_fit_is_left_out() -> None:
    square = shapely.box(112.0, -8.3, 112.05, -8.25)
    outlines = gpd.GeoDataFrame(
        {"NAME_4": ["Plandireja", "Bukit Lain"], "CC_4": ["NA", "NA"]},
        geometry=[square, shapely.box(112.1, -8.3, 112.15, -8.25)],
        crs="EPSG:4326",
    )
    villages = pd.DataFrame(
        {
            "village_code_bps": ["3505010001", "3505010002"],
            "village_code_kemendagri": ["35.05.05.2003", "35.05.05.2004"],
            "village": ["Plandirejo", "Tumpakoyot"],
            "subdistrict": "Bakung",
            "lon": [112.02, 112.12],
            "lat": [-8.27, -8.27],
        }
    )
    found = propose_codes(outlines, "NAME_4", villages)
    assert found["how"].tolist() == ["close_name", "place_only"]
    assert found["village_code_bps"].iloc[0] == "3505010001"


# Elevation with holes, and towers alone: what a whole run says.


@pytest.fixture(scope="module")
def grounds(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The elevation that file 29 makes."""
    folder = tmp_path_factory.mktemp("case_29")
    (folder / "dem").mkdir()
    subprocess.run([sys.executable, str(shared / "field" / "29-dem-void-make.py")], cwd=folder, check=True)
    return folder / "dem"


@pytest.mark.slow
def test_29_holes_that_are_not_declared_feet_and_zeros_are_told_with_the_raw_value(
    grounds: Path, blitar: Region
) -> None:
    land = make_land(blitar.villages)
    for name, code, value in (
        ("undeclared", "implausible", -32767),
        ("wrongtag", "implausible", -32767),
        ("m9999_undeclared_i16", "implausible", -9999),
        ("fltmin", "implausible", -3.4028234663852886e38),
        ("feet", "feet", 5655),
    ):
        with pytest.raises(FileRefusedError, match=f"elevation.{code}") as refused:
            read_terrain(land, [grounds / f"{name}.tif"], 5000.0, 90.0)
        assert refused.value.place.value == pytest.approx(value, rel=1e-2)
        assert f"{name}.tif" in Words("id").error(refused.value)
    _, notes = read_terrain(land, [grounds / "zeros.tif"], 5000.0, 90.0)
    assert dict(notes)["elevation.note.zeros"]["villages"] > 0


@pytest.mark.slow
def test_29_no_village_in_a_declared_hole_is_blank(field: Path, grounds: Path) -> None:
    parameters = read_parameters()
    rule = "no_cellular"
    whole, holed = (
        analyze(load_inputs(assets=[field / "42-towers-only.csv"], elevation=[grounds / f"{name}.tif"]), parameters)
        for name in ("full", "declared")
    )
    assert whole.run["missing_ground"] is None
    changed = (holed.states(rule) != whole.states(rule)).to_numpy()
    assert changed.any()
    assert set(holed.states(rule)[changed]) == {"unknown"}
    told = holed.run["missing_ground"]
    assert min(told["cells"], told["villages"], told["villages_unknown"]) > 0
    assert any("belum dapat dinilai" in text for text in lacking_of(holed.run, Words("id")))


@pytest.mark.slow
def test_42_with_towers_alone_the_missing_lists_are_named_and_what_is_known_is_ranked(field: Path) -> None:
    found = analyze(load_inputs(assets=[field / "42-towers-only.csv"]), read_parameters())
    assert found.parameters.default_rule == "weak_cellular"
    assert found.states().value_counts().to_dict() == {"blank": 235, "weak": 7, "served": 6}
    assert len(found.priority) == 242
    told = "\n".join(lacking_of(found.run, Words("id")))
    assert "titik koneksi belum ada" in told
    assert "menara belum ada" not in told
    overlay = found.blank_spots[found.blank_spots["rule"] == "overlay"]
    assert overlay["missing"].unique().tolist() == ["backhaul"]


# Names alone, people, and what is typed on the command line.


def test_45_a_name_alone_is_ambiguous_where_another_is_one_letter_apart(field: Path) -> None:
    villages = pd.DataFrame(
        {
            "village_code_bps": ["3213030001", "3213040002", "3213050003"],
            "village": ["Purwodadi", "Purwadadi", "Mandala"],
            "subdistrict": ["A", "B", "C"],
        }
    )
    listed = pd.read_csv(field / "45-one-letter-apart.csv").rename(columns={"desa": "village"})
    found = reconcile(listed, villages)
    assert found["status"].tolist() == ["ambiguous", "ambiguous", "agreed"]
    assert "Purwodadi" in found["candidates"].iloc[0]
    assert "Purwadadi" in found["candidates"].iloc[0]
    with_place = reconcile(listed.assign(subdistrict=["A", "B", "C"]), villages)
    assert with_place["status"].tolist() == ["agreed"] * 3


def test_50_people_by_the_names_of_villages_are_taken_wherever_they_are_given(
    field: Path, tmp_path: Path, blitar: Region
) -> None:
    villages = pd.DataFrame(blitar.villages.drop(columns="geometry"))
    found = read_population(field / "50-own-names-population.csv", villages=villages)
    assert dict(zip(found["village_code_bps"], found["population"], strict=True)) == {
        "3505010001": 2855,
        "3505010002": 3092,
    }
    other = table(tmp_path / "a.csv", "KEC;DESA/KELURAHAN;JML PENDUDUK", "Bakung;Plandirejo;2.855", "JUMLAH;;2.855")
    assert read_population(other, villages=villages)["population"].tolist() == [2855]
    lost = table(tmp_path / "b.csv", "Kecamatan,Desa,Jumlah", "Bakung,Tidak Ada Di Sini,5")
    with pytest.raises(RowError, match=r"people\.unknown_village"):
        read_population(lost, villages=villages)


def test_26_footprints_of_buildings_are_people(field: Path, blitar: Region) -> None:
    path = field / "26-openbuildings.csv"
    assert tells_where_people_live(path)
    assert not tells_where_people_live(field / "50-own-names-population.csv")
    land = make_land(blitar.villages.assign(population=100.0))
    people, notes = places_on_land(land, path)
    assert people.places == 1
    assert [code for code, _ in notes][:1] == ["people.note.points_outside"]  # the other stands in no drawn village


@pytest.mark.parametrize(
    "given",
    [["27=5000000000"], ["2027=5e9", "2027=6e9"], ["2027=-1"], ["2027=inf"], ["2027=nan"], ["20270=1"], ["2027"]],
)
def test_a_budget_that_cannot_be_meant_is_refused(given: list[str]) -> None:
    with pytest.raises(ParameterError) as told_:
        read_budgets(given)
    assert Words("id").error(told_.value)


@pytest.mark.parametrize(
    "option",
    [["--repair", "tebak"], ["--column", "warna=x"], ["--column", "lat"], ["--crs", "NONSENSE"], ["--sheet", "Lain"]],
)
def test_an_option_that_cannot_be_obeyed_is_refused(option: list[str], tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "nama,lat,lon", f"X,{A[0]},{A[1]}")
    done = CliRunner().invoke(alone, [str(path), "--kind", "tower", "--dry-run", *option])
    assert done.exit_code != 0


@pytest.mark.parametrize("header", ["desa,kecamatan,operator", "kode_desa,desa,penduduk"])
def test_a_list_of_villages_without_places_is_sent_to_the_kinds_of_list_that_fit(header: str, tmp_path: Path) -> None:
    path = table(
        tmp_path / "a.csv", header, "Kaulon,Sutojayan,Telkomsel" if "operator" in header else "3505060005,Kaulon,9"
    )
    done = CliRunner().invoke(alone, [str(path), "--kind", "tower", "--dry-run", "--region", "3505"])
    assert isinstance(done.exception, ColumnError)
    said = Words("id").error(done.exception)
    for text in ("a.csv", "desa", "jangkau evidence import", "jangkau villages import", "daftar resmi", "data desa"):
        assert text in said


def test_a_column_is_mapped_to_nothing_by_command(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "nama,lat,lon,tinggi", f"X,{A[0]},{A[1]},42")
    choices = guess(read(path), "tower").with_named(["height_m=", "name=nama", "note=tinggi"])
    assert "height_m" not in choices.columns
    assert choices.columns["note"] == "tinggi"


# The same in the words of page Impor: what is read is named, and what is not says file, row, value and remedy.


def screen(found: Interpretation, words: Words) -> str:
    """What page Impor says of a list: counts, notes, columns, merged spellings, unused columns, and refused rows."""
    said = report(found, words)
    columns = [f"{words(f'imports.field.{what}')}: {name}" for what, name in said["columns"].items()]
    refused = [f"{row['row']}: {row['reason']}" for row in said["refused_rows"]]
    count = f"{words('import_page.accepted')}: {said['accepted']}"
    return "\n".join(
        [
            count,
            *said["notes"],
            *columns,
            *said["gathered"],
            *said.get("figures", []),
            *said["unused_columns"],
            *refused,
        ]
    )


@pytest.mark.parametrize(
    ("name", "accepted", "telling"),
    [
        ("01-utm49s.csv", 4, ["EPSG:32749", "4: ", "5: ", "Kota Blitar", "-8.112102"]),
        ("02-kobo.csv", 2, ["grp_situs/nama_titik", "grp_situs/jenis_perangkat", "grp_situs/foto"]),
        ("04c-cp1252-ldid0.zip", 4, ["04c-cp1252-ldid0.zip", "Windows-1252"]),
        ("06-html-desc.kml", 2, ['"Rusak"', ": PEMILIK"]),
        ("07-gxtrack.kml", 2, [("1 bentuk memuat beberapa macam", "1 features hold several shapes")]),
        ("08-dua-layer.gpkg", 5, ["Menara, Jalur FO"]),
        ("11-serial-campur.xlsx", 4, ["43905", "2020-03-15"]),
        ("16-tinggi.csv", 8, ["tinggi", '"-42"', ("perlu diperiksa", "to be checked")]),
        ("17-pita.csv", 9, ["900 / 1800 / 2100 MHz", "frekuensi", '"4G"']),
        ("18-id-ganda.csv", 5, ["T-01 / t-01", ("Beri setiap aset kode sendiri", "a code of its own")]),
        ("19-dms-id.csv", 10, ["7PMV+XX Blitar", "https://maps.app.goo.gl/abcDEF123"]),
        ("20-zona.csv", 4, ["EPSG:32749"]),
        ("21-zona-campur.csv", 3, ["EPSG:32748, EPSG:32749, EPSG:32750", "5: ", "-8.347851"]),
        ("23-campur.geojson", 4, [("empat angka", "four numbers"), "2: ", "6: "]),
        ("25-netbox-sites.csv", 4, ['"decommissioning"', ("dihentikan", "decommissioned"), '"offline"']),
        ("33-id-desa-lokal.csv", 2, ["\nid_desa", "nama_site"]),
        ("34-status-kode.csv", 3, [": status.label", "\nstatus.code", '"Maintenance"']),
        ("36-nama-site-lokasi.csv", 1, [": nama_site_lokasi"]),
        ("37-fat.csv", 1, [": Nama FAT"]),
        ("40-official-with-state.csv", 3, [": status"]),
        ("43-name-against-place.csv", 3, ["Tidak Dikenal → Kedungbunder", "0 → ", "Kaulon (Sutojayan)"]),
        ("44-kind-in-header.csv", 4, [": menara_nama", "TOWER HCPT_03"]),
        (
            "45-one-letter-apart.csv",
            1,
            ["Purwodadi (Bakung); ", "Purwadadi (Bakung)", ("Tambahkan kecamatan", "Add the subdistrict")],
        ),
        ("46-podes-signal.csv", 6, [": Kekuatan sinyal telepon seluler"]),
        ("47-wkt-property-broken.geojson", 1, ["\nWKT"]),
        ("49-nested-cameras.json", 3, [("di desa lain daripada yang tertulis", "another village than is written")]),
        ("50-own-names-population.csv", 2, ["\nJumlah", ": Kelurahan"]),
    ],
)
def test_the_screen_says_of_each_file_what_was_read_and_what_was_not(
    name: str, accepted: int, telling: list[str | tuple[str, ...]], field: Path, blitar: Region
) -> None:
    region = blitar
    how: dict[str, Any] = {"01": {"crs": "EPSG:32749"}, "08": {"sheet": "*"}}.get(name[:2], {})
    if name.startswith("45"):  # a region that has both names
        villages = blitar.villages.copy()
        villages.loc[villages.index[:3], "village"] = ["Purwodadi", "Purwadadi", "Mandala"]
        region = replace(blitar, villages=villages)
    kind = {"07": "fiber_route", "49": "cctv"}.get(name[:2], "tower")
    found = understood(field / name, region, kind, **how)
    for words in map(Words, LANGUAGES):
        said = screen(found, words)
        assert f"{words('import_page.accepted')}: {accepted}" in said
        for text in telling:
            assert any(one in said for one in ((text,) if isinstance(text, str) else text)), (text, said)
        assert not any("–" in row["reason"] for row in report(found, words)["refused_rows"])


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    ("name", "telling"),
    [
        ("28-tumpang-tindih.geojson", ["28-tumpang-tindih.geojson", "Desa A – Desa B: 30"]),
        ("41-water-village.geojson", ["1 ", "41-water-village.geojson", "888", "999"]),
        ("48-osm-relation.geojson", ["48-osm-relation.geojson", "jangkau data match"]),
        ("26-openbuildings.csv", ["26-openbuildings.csv", "1 "]),
        ("42-towers-only.csv", [("titik koneksi belum ada", "no list of assets for connection point")]),
    ],
)
def test_the_screen_says_of_maps_people_and_runs_what_they_lack(
    name: str, telling: list[str | tuple[str, ...]], language: str, field: Path, blitar: Region
) -> None:
    words, path = Words(language), field / name
    if name.startswith("42"):
        lines = lacking_of(analyze(load_inputs(assets=[path]), read_parameters()).run, words)
    elif name.startswith("26"):
        notes = places_on_land(make_land(blitar.villages.assign(population=100.0)), path)[1]
        lines = [words(code, **values) for code, values in notes]
    elif name.startswith("48"):
        with pytest.raises(FileRefusedError) as refused:
            read_villages(path)
        lines = [words.error(refused.value)]
    else:
        lines = [words(code, **values) for code, values in read_villages(path)[1]]
    said = "\n".join(lines)
    for text in telling:
        assert any(one in said for one in ((text,) if isinstance(text, str) else text)), (text, said)


# What a list does not say is not taken for more than it is.


def test_what_name_note_or_folder_calls_planned_or_gone_does_not_operate(tmp_path: Path, blitar: Region) -> None:
    rows = [("Menara A (rencana)", ""), ("Menara B", "sudah dibongkar"), ("Menara C", "belum aktif, dekat jalan rusak")]
    rows += [("Menara D", "dibangun 2019, jalan rusak"), ("Menara E", "")]
    lines = [f'{name},{A[0] + at / 1000},{A[1]},"{note}"' for at, (name, note) in enumerate(rows)]
    found = understood(table(tmp_path / "a.csv", "nama,lat,lon,keterangan", *lines), blitar)
    expected = ["planned", "decommissioned", "inactive", "operational", "operational"]
    assert column(found, "status") == expected
    assert column(found, "needs_check")[:3] == [True] * 3
    assert "3 baris tanpa status" in told(found)
    stated = table(tmp_path / "b.csv", "nama,lat,lon,status", f"Menara A (rencana),{A[0]},{A[1]},aktif")
    assert column(understood(stated, blitar), "status") == ["operational"]
    marks = "".join(
        f"<Folder><name>{folder}</name><Placemark><name>{name}</name><Point><coordinates>{A[1]},{A[0]}</coordinates>"
        "</Point></Placemark></Folder>"
        for folder, name in (("Rencana Menara 2027", "M1"), ("Menara Eksisting", "M2"))
    )
    (tmp_path / "c.kml").write_text(KML.format(marks), "utf-8")
    assert column(understood(tmp_path / "c.kml", blitar), "status") == ["planned", "operational"]


def test_a_reach_that_its_kind_cannot_have_is_left_out_and_marked(tmp_path: Path, blitar: Region) -> None:
    rows = [f"A,{A[0]},{A[1]},wifi,50 km", f"B,{B[0]},{B[1]},wifi,0", f"C,{C[0]},{C[1]},menara,8 km"]
    found = understood(table(tmp_path / "a.csv", "nama,lat,lon,jenis,jangkauan", *rows), blitar)
    assert found.accepted["reach_m"].isna().tolist() == [True, True, False]
    assert column(found, "needs_check") == [True, True, False]
    assert column(found, "note")[0] == "jangkauan: 50 km"
    assert "50 km" in told(found)


def test_an_official_list_with_a_column_of_states_calls_no_empty_cell_blank(tmp_path: Path, blitar: Region) -> None:
    rows = ["Kaulon,Sutojayan,tidak ada", "Kalipang,Sutojayan,-", "Jegu,Sutojayan,"]
    raw = read(table(tmp_path / "a.csv", "desa,kecamatan,sinyal", *rows))
    found = interpret(raw, guess(raw, record="official_list"), blitar)
    assert column(found, "claimed_state") == ["blank"]
    assert codes(found) == ["unknown_claim", "unknown_claim"]
    alone = read(table(tmp_path / "b.csv", "desa,kecamatan", "Kaulon,Sutojayan"))
    assert column(interpret(alone, guess(alone, record="official_list"), blitar), "claimed_state") == ["blank"]


@pytest.mark.parametrize("header", ["Rusak sejak", "Tanggal Rusak", "tgl_gangguan", "Broken since"])
def test_since_when_an_asset_is_broken_is_kept_under_its_heading_and_it_does_not_operate(
    header: str, tmp_path: Path, blitar: Region
) -> None:
    assert field_of(header) == "broken_since"
    rows = [f"A,{A[0]},{A[1]},rusak,5 Maret 2026", f"B,{B[0]},{B[1]},,2026-01-02", f"C,{C[0]},{C[1]},,-"]
    found = understood(table(tmp_path / "a.csv", f"nama,lat,lon,status,{header}", *rows), blitar)
    assert column(found, "status") == ["damaged", "damaged", "operational"]
    assert column(found, "note") == [f"{header}: 5 Maret 2026", f"{header}: 2026-01-02", None]
    assert column(found, "installed_on") == [None] * 3
    assert "2026-01-02" in told(found)
    assert set(repair_list(found.accepted)["note"]) == {f"{header}: 5 Maret 2026", f"{header}: 2026-01-02"}


# What Excel shows otherwise than it keeps it.


def workbook(path: Path, *rows: Sequence[Any], merged: str = "", hidden: str = "", hidden_row: int = 0) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    if hidden:
        sheet.column_dimensions[hidden].hidden = True
    if hidden_row:
        sheet.row_dimensions[hidden_row].hidden = True
    book.save(path)
    return path


VILLAGES = [("3505010001", "Plandirejo"), ("3505010002", "Tumpakoyot"), ("3505010003", "Bululawang")]


def test_a_figure_in_one_cell_over_several_villages_is_not_the_figure_of_each(tmp_path: Path, blitar: Region) -> None:
    people = [(*VILLAGES[0], 6000), (*VILLAGES[1], None), (*VILLAGES[2], 700)]
    path = workbook(tmp_path / "a.xlsx", ("Kode Desa", "Desa", "Penduduk"), *people, merged="C2:C3")
    raw = read(path)
    found = interpret(raw, guess(raw, record="villages"), blitar)
    assert dict(zip(column(found, "village_code_bps"), column(found, "population"), strict=True)) == {"3505010003": 700}
    assert codes(found) == ["shared_figure"] * 2
    assert "6000" in told(found)
    with pytest.raises(RowError, match=r"people\.shared_number") as refused:
        read_population(path)
    assert "6000" in Words("id").error(refused.value)
    states = [(*VILLAGES[0], "Tidak ada"), (*VILLAGES[1], None), (*VILLAGES[2], None)]
    path = workbook(tmp_path / "b.xlsx", ("Kode Desa", "Desa", "Sinyal"), *states, merged="C2:C3")
    raw = read(path)
    found = interpret(raw, guess(raw, record="survey"), blitar)  # the merged cell says so of two, the third says none
    assert column(found, "claimed_state") == ["blank", "blank"]
    assert codes(found) == ["no_answer"]


def test_what_excel_hides_is_told(tmp_path: Path, blitar: Region) -> None:
    rows = [("Nama", "Lat", "Lon", "Status"), ("M1", *A, "Rusak"), ("M2", *B, "Rusak")]
    found = understood(workbook(tmp_path / "a.xlsx", *rows, hidden="D"), blitar)
    assert column(found, "status") == ["damaged"] * 2
    assert "D (Status)" in told(found)
    found = understood(workbook(tmp_path / "b.xlsx", *rows, hidden_row=3), blitar)
    assert found.accepted_rows == 2
    assert "baris 3" in told(found)
    assert "tersembunyi" not in told(understood(workbook(tmp_path / "c.xlsx", *rows), blitar))


def test_a_row_of_totals_is_no_village_and_no_asset(tmp_path: Path, blitar: Region) -> None:
    people = [("Bakung", name, 1000) for _, name in VILLAGES]
    sums = [("Jumlah Kecamatan Bakung", "", 3000), ("Bakung", "", 3000), ("JUMLAH", "", 3000)]
    raw = read(workbook(tmp_path / "a.xlsx", ("Kecamatan", "Desa", "Penduduk"), *people, *sums))
    found = interpret(raw, guess(raw, record="villages"), blitar)
    assert column(found, "population") == [1000] * 3
    assert codes(found) == ["no_village", "no_village", "totals_row"]
    towers = [("M1", "menara", *A), ("M2", "menara", *B), ("Jumlah", "", "", ""), ("Jumlah menara", "menara", "", "")]
    found = understood(workbook(tmp_path / "b.xlsx", ("Nama", "Jenis", "Lat", "Lon"), *towers), blitar)
    assert column(found, "name") == ["M1", "M2"]
    assert found.refused_rows == 2


# Lists as offices of a district send them, tried on the whole chain.


@pytest.mark.parametrize(
    ("written", "status"),
    [("tdk aktif", "inactive"), ("dlm pembangunan", "under_construction"), ("blm terpasang", "planned"),
     ("RR", "damaged"), ("RB", "damaged"), ("B", "operational")],
)  # fmt: skip
def test_a_status_in_short_is_read(tmp_path: Path, blitar: Region, written: str, status: str) -> None:
    path = table(tmp_path / "a.csv", "nama,lat,lon,kondisi", f"X,{A[0]},{A[1]},{written}", f"Y,{B[0]},{B[1]},Aktif")
    assert column(understood(path, blitar), "status") == [status, "operational"]


def test_a_remark_that_is_nothing_but_a_status_is_one_and_a_road_is_none(tmp_path: Path, blitar: Region) -> None:
    rows = [f"X,{A[0]},{A[1]},Rusak", f"Y,{B[0]},{B[1]},dekat jalan rusak", f"Z,{C[0]},{C[1]},Aktif"]
    found = understood(table(tmp_path / "a.csv", "nama,lat,lon,Ket", *rows), blitar)
    assert column(found, "status") == ["damaged", "operational", "operational"]
    assert column(found, "needs_check")[0]
    assert "1 baris tanpa status, tetapi" in told(found)


def test_an_unknown_status_is_told_once_and_never_as_said_by_a_note(tmp_path: Path, blitar: Region) -> None:
    path = table(tmp_path / "a.csv", "nama,lat,lon,status", f"X,{A[0]},{A[1]},entah", f"Y,{B[0]},{B[1]},aktif")
    said = told(understood(path, blitar))
    assert "tanpa status, tetapi" not in said
    assert 'Status "entah" tidak dikenal. Pakai salah satu dari: beroperasi, rusak, direncanakan' in said


@pytest.mark.parametrize(
    ("written", "kind"),
    [("Tower 4 Kaki", "tower"), ("CCTV PTZ", "cctv"), ("Radio PTP", "radio_link"), ("Menara SST 42m", "tower"),
     ("Tiang CCTV", None), ("Menara / CCTV", None), ("Videotron", None)],
)  # fmt: skip
def test_a_kind_inside_a_longer_text_is_read_where_it_names_one(
    tmp_path: Path, blitar: Region, written: str, kind: str | None
) -> None:
    rows = (f"M{at},Menara,{A[0] + at / 500},{A[1]}" for at in range(3))
    path = table(tmp_path / "a.csv", "nama,jenis,lat,lon", f"X,{written},{B[0]},{B[1]}", *rows)
    found = understood(path, blitar)
    assert column(found, "kind")[:1] == [kind or "tower"]
    assert codes(found) == ([] if kind else ["unknown_kind"])


def test_an_error_of_excel_refuses_a_row_only_where_something_rests_on_the_cell(tmp_path: Path, blitar: Region) -> None:
    rows = [f"X,{A[0]},{A[1]},42,#REF!", f"Y,#DIV/0!,{B[1]},42,", f"Z,{C[0]},{C[1]},#N/A,", "Jumlah,,,#REF!,"]
    found = understood(table(tmp_path / "a.csv", "nama,lat,lon,tinggi,selisih", *rows), blitar)
    assert column(found, "name") == ["X"]
    assert codes(found) == ["excel_error", "excel_error", "totals_row"]


def test_a_row_that_stands_for_several_assets_says_so(tmp_path: Path, blitar: Region) -> None:
    rows = [f"Taman,CCTV,4,{A[0]},{A[1]}", f"Pasar,CCTV,1,{B[0]},{B[1]}"]
    found = understood(table(tmp_path / "a.csv", "Lokasi,Jenis,Jumlah,Lat,Lon", *rows), blitar)
    assert "1 baris mewakili lebih dari satu aset menurut kolom Jumlah (seluruhnya 5)" in told(found)
    assert column(found, "note") == ["Jumlah: 4", "Jumlah: 1"]
    assert column(found, "needs_check") == [True, False]


def test_people_grouped_by_points_and_by_commas_in_one_column(tmp_path: Path, blitar: Region) -> None:
    rows = ['Sutojayan,Kaulon,"4,321"', "Sutojayan,Bacem,5.100", "Sutojayan,Sutojayan,6000"]
    found = understood(table(tmp_path / "a.csv", "Kecamatan,Desa,Jumlah Penduduk", *rows), blitar)
    assert sorted(found.accepted["population"]) == [4321, 5100, 6000]


def test_codes_of_villages_are_no_identifiers_of_assets_and_a_bare_number_says_what_it_is_kept_as(
    tmp_path: Path, blitar: Region
) -> None:
    rows = ["'35.05.12.2011,Desa Kaulon,4321", "'35.05.12.2009,Ds. Bacem,5100"]
    found = understood(table(tmp_path / "a.csv", "kode,desa,jumlah", *rows), blitar)
    assert (found.choices.record, found.accepted_rows) == ("villages", 2)
    assert "bukan sebagai penduduk" in told(found)


def test_folders_within_folders_tell_the_kind(tmp_path: Path, blitar: Region) -> None:
    point, line = f"{A[1]},{A[0]}", f"{A[1]},{A[0]} {B[1]},{B[0]}"
    path = tmp_path / "a.kml"
    path.write_text(
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>Menara</name><Folder><name>Telkomsel</name>'
        f"<Placemark><name>BTS 1</name><Point><coordinates>{point}</coordinates></Point></Placemark></Folder></Folder>"
        "<Folder><name>Jalur FO</name><Placemark><name>FO 1</name><LineString><coordinates>"
        f"{line}</coordinates></LineString></Placemark></Folder></Document></kml>",
        "utf-8",
    )
    assert column(understood(path, blitar), "kind") == ["tower", "fiber_route"]


def test_a_date_is_not_said_to_hold_a_time_for_a_letter(tmp_path: Path, blitar: Region) -> None:
    path = table(tmp_path / "a.csv", "nama,lat,lon,tgl pemasangan", f"X,{A[0]},{A[1]},Triwulan II 2022")
    assert "jam atau zona waktu" not in told(understood(path, blitar))


def test_the_place_of_an_outline_elsewhere_is_told(tmp_path: Path, blitar: Region) -> None:
    ring = [[106.8, -6.2], [106.81, -6.2], [106.81, -6.19], [106.8, -6.2]]
    shapes = [{"type": "Point", "coordinates": [A[1], A[0]]}, {"type": "Polygon", "coordinates": [ring]}]
    features = [{"type": "Feature", "properties": {"nama": f"N{at}"}, "geometry": one} for at, one in enumerate(shapes)]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    assert "lintang -6.19" in told(understood(path, blitar))
