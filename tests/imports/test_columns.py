"""Columns of lists as districts publish them: what each holds is told by its name and its values."""

from pathlib import Path

import pytest

from coverage.imports.blocks import make_raw
from coverage.imports.columns import field_of
from coverage.imports.interpret import interpret
from coverage.imports.list_options import guess
from coverage.imports.read import read

LISTS = {
    "menara, Satu Data": (
        "kode_provinsi,nama_provinsi,kecamatan,kelurahan,nama_pemilik,tinggi_menara,satuan,latitude,longitude,tahun",
        "35,JAWA TIMUR,Sutojayan,Kaulon,PT Protelindo,42,METER,-8.1355,112.2245,2022",
        {
            "owner": "nama_pemilik",
            "height_m": "tinggi_menara",
            "lat": "latitude",
            "lon": "longitude",
            "village": "kelurahan",
            "subdistrict": "kecamatan",
        },
    ),
    "menara, dinas": (
        "NO,SITE ID,SITE NAME,TOWER PROVIDER,TENANT,TYPE TOWER,TINGGI (M),ALAMAT,DESA/KEL,KEC,LONG,LAT,KET",
        '1,BLT001,KAULON,PT. TBG,"TELKOMSEL, XL",SST,52,Jl. Raya 1,Kaulon,Sutojayan,112.2245,-8.1355,-',
        {
            "asset_id": "SITE ID",
            "name": "SITE NAME",
            "owner": "TOWER PROVIDER",
            "operator": "TENANT",
            "height_m": "TINGGI (M)",
            "address": "ALAMAT",
            "village": "DESA/KEL",
            "subdistrict": "KEC",
            "lon": "LONG",
            "lat": "LAT",
            "note": "KET",
        },
    ),
    "wifi": (
        "No;Nama Lokasi;Alamat;Kecamatan;Kelurahan;Lintang;Bujur;Provider;Bandwidth;Status",
        "1;Alun-alun;Jl. Merdeka;Sutojayan;Kaulon;-8,1355;112,2245;Icon+;50 Mbps;Aktif",
        {
            "name": "Nama Lokasi",
            "address": "Alamat",
            "operator": "Provider",
            "status": "Status",
            "lat": "Lintang",
            "lon": "Bujur",
        },
    ),
    "cctv": (
        "id|Nama CCTV|Lokasi|Koordinat|Status|URL Stream",
        "7|SP. Kaulon|Simpang tiga|-8.1355, 112.2245|Online|http://contoh",
        {"asset_id": "id", "name": "Nama CCTV", "coordinates": "Koordinat", "status": "Status", "address": "Lokasi"},
    ),
    "x dan y": (
        "Nama Titik,Koordinat X,Koordinat Y,Elevasi (mdpl)",
        "A,112.2245,-8.1355,150",
        {"name": "Nama Titik", "lon": "Koordinat X", "lat": "Koordinat Y"},
    ),
    "ls dan bt": ("Lokasi,LS,BT", "A,8.1355,112.2245", {"name": "Lokasi", "lat": "LS", "lon": "BT"}),
    "tanpa nama yang dikenal": (
        "Perangkat,Kolom A,Kolom B",
        "ODP-01,-8.1355,112.2245",
        {"lat": "Kolom A", "lon": "Kolom B"},
    ),
    "kepemilikan": (
        "nama menara,latitude_menara,longitude_menara,status,ketinggian_dari_tanah",
        "A,-8.1355,112.2245,Milik Sendiri,40",
        {"lat": "latitude_menara", "lon": "longitude_menara"},
    ),
    "odp": (
        "NAMA ODP,LATITUDE,LONGITUDE,KAPASITAS,TANGGAL GO LIVE",
        "ODP-BLR-FA/01,-8.1355,112.2245,8,2021-03-02",
        {"lat": "LATITUDE", "lon": "LONGITUDE"},
    ),
    "berbahasa Inggris": (
        "Tower ID,Owner,Height,Lat,Lng,District,Village,Install Date",
        "T1,Telkomsel,42,-8.1355,112.2245,A,B,2020",
        {
            "asset_id": "Tower ID",
            "owner": "Owner",
            "height_m": "Height",
            "lat": "Lat",
            "lon": "Lng",
            "subdistrict": "District",
            "village": "Village",
        },
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_columns_of_lists_that_districts_publish_are_understood(name: str) -> None:
    header, row, expected = LISTS[name]
    separator = next(mark for mark in "|;," if mark in header)
    import csv

    rows = list(csv.reader([header, row], delimiter=separator))
    found = guess(make_raw([(1, rows[0]), (2, rows[1])], "daftar.csv"), "tower").columns
    assert {what: found.get(what) for what in expected} == expected
    assert "no" not in {column.casefold() for column in found.values()}


def test_a_column_that_only_sounds_like_a_status_is_none() -> None:
    header, row, _ = LISTS["kepemilikan"]
    assert "status" not in guess(make_raw([(1, header.split(",")), (2, row.split(","))], "x.csv"), "tower").columns


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("LATTITUDE", "lat"),
        ("LONGTITUDE", "lon"),
        ("Lintang (LS)", "lat"),
        ("BUJUR TIMUR", "lon"),
        ("titik kordinat", "coordinates"),
        ("Tinggi Menara (m)", "height_m"),
        ("No.", "skip"),
        ("Kode Desa", "village_code"),
        ("Nama Kecamatan", "subdistrict"),
        ("Warna", None),
        ("Kepala Desa", None),
        ("Elevasi mdpl", None),
    ],
)
def test_names_of_columns(name: str, what: str | None) -> None:
    assert field_of(name) == what


def test_the_folders_of_a_kml_from_google_earth_say_the_kind(tmp_path: Path) -> None:
    mark = "<Placemark><name>{}</name><Point><coordinates>112.2{},-8.13,0</coordinates></Point></Placemark>"
    folders = "".join(
        f"<Folder><name>{folder}</name>{mark.format(name, at)}</Folder>"
        for at, (folder, name) in enumerate((("Menara BTS", "A"), ("CCTV", "B"), ("ODP", "C")))
    )
    (tmp_path / "x.kml").write_text(
        f"<kml xmlns='http://www.opengis.net/kml/2.2'><Document><Folder><name>2024</name>{folders}</Folder></Document></kml>",
        "utf-8",
    )
    raw = read(tmp_path / "x.kml")
    found = interpret(raw, guess(raw), None)
    assert found.accepted["kind"].tolist() == ["tower", "cctv", "fiber_node"]
