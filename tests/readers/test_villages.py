"""Boundary files in every format, sound and otherwise."""

import io
import json
import time
import zipfile

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.base.errors import CrsError, FileRefusedError, InputError, RowError
from coverage.readers.geofiles import read_geofile, sniff
from coverage.readers.villages import read_villages
from tests.examples import examples

CODES = ["3505030001", "3505030003"]


@pytest.fixture
def three():
    """Two villages and a forest, side by side."""
    shapes = [shapely.box(112.2 + at / 100, -8.3, 112.21 + at / 100, -8.29) for at in range(3)]
    return gpd.GeoDataFrame(
        {
            "village_code": ["id3505030003", "id3505030001", "id3505030999"],
            "village": ["Kali Gambir", "Serang", "Hutan"],
            "district": "Panggungrejo",
            "regency": "Blitar",
        },
        geometry=shapes,
        crs="EPSG:4326",
    )


def write(features, path, kind):
    """Write a file of a kind, under whatever name."""
    if kind == "geojson":
        path.write_text(features.to_json(drop_id=True), "utf-8")
    elif kind == "gpkg":
        features.to_file(path.with_suffix(".gpkg"), driver="GPKG", layer="desa")
        path.with_suffix(".gpkg").replace(path)
    elif kind == "parquet":
        features.to_parquet(path)
    elif kind == "shp":
        folder = path.parent / "parts"
        folder.mkdir()
        short = {"village_code": "ADM4_PCODE", "village": "ADM4_EN", "district": "ADM3_EN", "regency": "ADM2_EN"}
        features.rename(columns=short).to_file(folder / "desa.shp", driver="ESRI Shapefile")
        pack(path, {f"peta/{part.name}": part.read_bytes() for part in folder.iterdir()})
    elif kind in ("kml", "kmz"):
        text = kml(features).encode()
        if kind == "kml":
            path.write_bytes(text)
        else:
            pack(path, {"doc.kml": text, "files/icon.png": b"x"})
    return path


def pack(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def kml(features):
    def ring(points):
        return "<LinearRing><coordinates>" + " ".join(f"{x},{y},0" for x, y in points) + "</coordinates></LinearRing>"

    marks = "".join(
        f"<Placemark><name>{row.village}</name><ExtendedData><SchemaData schemaUrl='#s'>"
        f"<SimpleData name='village_code'>{row.village_code}</SimpleData></SchemaData>"
        f"<Data name='kecamatan'><value>{row.district}</value></Data><Data name='regency'><value>Blitar</value></Data>"
        f"</ExtendedData><MultiGeometry><Polygon><outerBoundaryIs>{ring(row.geometry.exterior.coords)}"
        "</outerBoundaryIs></Polygon></MultiGeometry></Placemark>"
        for row in features.itertuples()
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><kml xmlns='http://www.opengis.net/kml/2.2'><Document>"
        "<NetworkLink><Link><href>http://example.org/more.kml</href></Link></NetworkLink>"
        f"<Folder>{marks}</Folder></Document></kml>"
    )


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "shp", "kml", "kmz", "parquet"])
@pytest.mark.parametrize("name", ["desa.dat", "desa.geojson"])
def test_every_format_gives_the_same_villages_whatever_the_file_is_called(three, tmp_path, kind, name):
    villages, notes = read_villages(write(three, tmp_path / name, kind))
    assert villages["village_code_bps"].tolist() == CODES
    assert villages["village"].tolist() == ["Serang", "Kali Gambir"]
    assert villages["subdistrict"].tolist() == ["Panggungrejo"] * 2
    assert villages["village_code_kemendagri"].notna().all()
    assert villages["area_km2"].tolist() == pytest.approx([1.219, 1.219], abs=0.01)
    assert [code for code, _ in notes] == ["villages.note.forest_dropped"]


@pytest.mark.parametrize("kind", ["gpkg", "shp", "parquet"])
def test_other_reference_systems_are_brought_to_degrees(three, tmp_path, kind):
    villages, _ = read_villages(write(three.to_crs("EPSG:32749"), tmp_path / "desa", kind))
    assert villages["centre_lon"].tolist() == pytest.approx([112.215, 112.205], abs=1e-5)


def test_old_geojson_may_name_its_reference_system(three, tmp_path):
    content = json.loads(three.to_crs("EPSG:32749").to_json(drop_id=True))
    content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32749"}}
    (tmp_path / "desa.geojson").write_text(json.dumps(content))
    assert len(read_villages(tmp_path / "desa.geojson")[0]) == 2
    content["crs"] = {"type": "name", "properties": {"name": "TM-3 punya kami"}}
    (tmp_path / "desa.geojson").write_text(json.dumps(content))
    with pytest.raises(CrsError, match=r"geofile\.unknown_crs"):
        read_villages(tmp_path / "desa.geojson")


def test_a_shapefile_without_prj_is_refused_never_guessed(three, tmp_path):
    write(three, tmp_path / "desa.zip", "shp")
    with zipfile.ZipFile(tmp_path / "desa.zip") as archive:
        members = {name: archive.read(name) for name in archive.namelist() if not name.endswith(".prj")}
    with pytest.raises(CrsError, match=r"geofile\.no_crs"):
        read_villages(pack(tmp_path / "tanpa_prj.zip", members))


def test_metres_that_are_declared_degrees_are_refused(three, tmp_path):
    wrong = three.to_crs("EPSG:32749").set_crs("EPSG:4326", allow_override=True)
    with pytest.raises(CrsError, match=r"geofile\.metres_as_degrees"):
        read_villages(write(wrong, tmp_path / "desa.gpkg", "gpkg"))


@pytest.mark.slow
def test_of_several_layers_the_one_called_villages_is_taken_and_else_the_file_is_refused(three, tmp_path):
    three.to_file(tmp_path / "a.gpkg", driver="GPKG", layer="villages")
    three.to_file(tmp_path / "a.gpkg", driver="GPKG", layer="lain")
    assert len(read_villages(tmp_path / "a.gpkg")[0]) == 2
    with pytest.raises(FileRefusedError) as refused:
        read_geofile(tmp_path / "a.gpkg")
    assert refused.value.details["layers"] == ["villages", "lain"]


VRT = (
    "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>{}</SrcDataSource><GeometryType>wkbPoint</GeometryType>"
    "</OGRVRTLayer></OGRVRTDataSource>"
)


@pytest.mark.parametrize(
    "text",
    [
        VRT,
        "<WFSDataSource><URL>http://127.0.0.1/wfs</URL></WFSDataSource>",
        "<GDAL_WMS></GDAL_WMS>",
        "",
        "[]",
        "halo",
        '{"type": "Topology", "objects": {}}',
        '{"type": "FeatureCollection"}',
        '{"type": "FeatureCollection", "features": [1]}',
    ],
)
def test_what_gdal_would_open_but_is_no_map_of_ours_is_refused(tmp_path, text):
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    path = tmp_path / "x.geojson"
    path.write_text(text.format(secret) if "{}" in text[:80] and "OGRVRT" in text else text)
    with pytest.raises(FileRefusedError):
        read_villages(path)


def test_a_vrt_inside_a_zip_is_not_opened(tmp_path):
    path = pack(tmp_path / "desa.zip", {"desa.shp": VRT, "desa.shx": VRT, "desa.dbf": VRT})
    with pytest.raises(FileRefusedError, match=r"geofile\.unknown_format"):
        read_villages(path)


def test_members_of_a_zip_cannot_leave_the_temporary_folder(three, tmp_path):
    write(three, tmp_path / "desa.zip", "shp")
    with zipfile.ZipFile(tmp_path / "desa.zip") as archive:
        members = {"../../" + name: archive.read(name) for name in archive.namelist()}
    with pytest.raises(FileRefusedError, match=r"geofile\.unsafe_archive"):
        read_villages(pack(tmp_path / "slip.zip", members))
    assert not list(tmp_path.parent.glob("peta"))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    with pytest.raises(FileRefusedError, match=r"geofile\.bomb"):
        read_villages(pack(tmp_path / "bom.zip", {"doc.kml": b" " * 10_000_000}))


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
    ],
)
def test_kml_with_entities_is_refused(tmp_path, head):
    (tmp_path / "x.kml").write_text(f"<?xml version='1.0'?>{head}<kml><Placemark><name>A</name></Placemark></kml>")
    with pytest.raises(FileRefusedError, match=r"file\.unreadable"):
        read_villages(tmp_path / "x.kml")


def test_a_ring_that_does_not_close_names_its_feature(tmp_path):
    feature = {
        "type": "Feature",
        "properties": {"iddesa": "3505030003", "nama": "A"},
        "geometry": {"type": "Polygon", "coordinates": [[[112, -8], [112.1, -8], [112.1, -8.1], [112, -8.05]]]},
    }
    good = feature | {"geometry": json.loads(shapely.to_geojson(shapely.box(112, -8, 112.1, -7.9)))}
    (tmp_path / "x.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [good, feature]}))
    with pytest.raises(RowError) as refused:
        read_villages(tmp_path / "x.geojson")
    assert (refused.value.code, refused.value.place.row) == ("geofile.bad_geometry", 2)


def test_a_file_that_is_not_there_or_empty_of_villages_says_so(tmp_path):
    with pytest.raises(FileRefusedError, match=r"file\.not_found"):
        read_villages(tmp_path / "tidak_ada.geojson")
    (tmp_path / "x.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(FileRefusedError, match=r"villages\.none"):
        read_villages(tmp_path / "x.geojson")


def test_the_own_crosswalk_goes_before_the_one_that_ships(tmp_path):
    shape = json.loads(shapely.to_geojson(shapely.box(106.8, -6.6, 106.81, -6.59)))
    (tmp_path / "x.geojson").write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {"kode": "32.71.01.1999", "nama": "Mulyaharja"},
                        "geometry": shape,
                    }
                ],
            }
        )
    )
    with pytest.raises(FileRefusedError, match=r"villages\.crosswalk_needed"):
        read_villages(tmp_path / "x.geojson")
    own = pd.DataFrame({"village_code_bps": ["3271010001"], "village_code_kemendagri": ["32.71.01.1999"]})
    assert read_villages(tmp_path / "x.geojson", own)[0]["village_code_bps"].tolist() == ["3271010001"]


@pytest.mark.slow
@settings(max_examples=examples(60))
@given(kind=st.sampled_from(["geojson", "gpkg", "shp", "kml", "parquet"]), data=st.data())
def test_a_damaged_file_is_refused_in_our_own_words_or_read_whole(tmp_path_factory, kind, data):
    folder = tmp_path_factory.mktemp("rusak")  # a folder an example: a damaged file may leave traces of GDAL's
    shapes = [shapely.box(112.2, -8.3, 112.21, -8.29)]
    whole = gpd.GeoDataFrame(
        {"village_code": ["id3505030003"], "village": ["A"], "district": ["B"]}, geometry=shapes, crs="EPSG:4326"
    )
    content = bytearray(write(whole, folder / "desa", kind).read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / "rusak").write_bytes(content)
    try:
        villages, _ = read_villages(folder / "rusak")
    except InputError:
        return
    assert len(villages) == 1


def test_what_a_file_is_is_told_from_its_content(three, tmp_path):
    expected = {"geojson": "geojson", "gpkg": "gpkg", "shp": "zip", "kml": "kml", "kmz": "zip", "parquet": "parquet"}
    assert {kind: sniff(write(three, tmp_path / kind, kind)) for kind in expected} == expected
    (tmp_path / "plain.sqlite").write_bytes(b"SQLite format 3\0" + bytes(100))
    assert sniff(tmp_path / "plain.sqlite") is None


def test_blitar_as_bps_publishes_it(shared):
    started = time.process_time()
    villages, notes = read_villages(shared / "blitar" / "villages_bps_2020.geojson")
    seconds = time.process_time() - started
    assert len(villages) == 248
    assert villages["subdistrict"].nunique() == 22
    assert villages["area_km2"].sum() == pytest.approx(1616.0, rel=0.001)
    assert villages["village_code_kemendagri"].notna().all()
    assert set(villages["boundary_quality"]) == {"official"}
    assert notes == [("villages.note.forest_dropped", {"file": "villages_bps_2020.geojson", "count": 12})]
    assert seconds < 5  # well under one second on an idle machine; the bench script prints it


def test_bogor_as_bps_publishes_it(shared):
    villages, notes = read_villages(shared / "bogor" / "villages_bps_2020.geojson")
    assert (len(villages), villages["subdistrict"].nunique(), notes) == (68, 6, [])


def test_the_kemendagri_file_is_read_repaired_and_its_one_overlap_above_a_hectare_given_to_one(shared):
    villages, notes = read_villages(shared / "blitar" / "villages_kemendagri_2026.geojson")
    assert len(villages) == 248
    assert villages["subdistrict"].nunique() == 22
    found = [code for code, _ in notes]
    assert found.count("villages.note.repaired") == 3
    told = dict(notes)["villages.note.overlap_given"]
    assert (told["count"], told["pairs"]) == (1, [["Kendalrejo – Bence:", 1.1, "ha", "→ Bence"]])
    assert found.count("villages.note.crosswalk_used") == found.count("villages.note.small_overlaps") == 1


def test_kmz_may_hold_its_document_under_any_name(three, tmp_path):
    path = pack(tmp_path / "x.kmz", {"peta.kml": kml(three).encode()})
    assert len(read_villages(path)[0]) == 2
    assert io.BytesIO(path.read_bytes()).read(2) == b"PK"


def test_a_code_written_by_a_spreadsheet_is_known_beside_those_of_another_regency(tmp_path):
    """Villages of two regencies, one code as a number with separators: both get their name from the list that ships."""
    shapes = [shapely.box(112.2 + at / 100, -8.3, 112.21 + at / 100, -8.29) for at in range(2)]
    codes = ["3505030003", "3,506,010,001"]
    features = gpd.GeoDataFrame(
        {"village_code_bps": codes, "village": ["Serang", "B"]}, geometry=shapes, crs="EPSG:4326"
    )
    features.to_parquet(path := tmp_path / "dua.parquet")
    found, _ = read_villages(path)
    known = {code: kemendagri for code, kemendagri in found[["village_code_bps", "village_code_kemendagri"]].to_numpy()}
    assert known["3505030003"].startswith("35.05.")
    assert known["3506010001"].startswith("35.06.")
