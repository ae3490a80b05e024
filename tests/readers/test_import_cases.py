"""What may be wrong with a list, case by case: each test carries the number of its case, its files lie in ``corpus``.

Accepted with a note, set aside, refused as a file, or asked about: whatever comes of it, the rows of a list are those
that were accepted and those that were refused. The cases of rasters (61 to 67) are in ``test_rasters``.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coverage.base.errors import ColumnError, CrsError, FileRefusedError, JangkauError
from coverage.exports.refused import refused_file
from coverage.exports.sanitize import neutral
from coverage.imports.interpret import interpret
from coverage.imports.list_options import guess
from coverage.imports.places import Region
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.imports.report import report
from coverage.imports.result import Interpretation
from coverage.language.words import Words

CORPUS = Path(__file__).with_name("corpus")
PLACE = (112.22451, -8.13551)


@pytest.fixture(scope="module")
def region() -> Region:
    return read_region("3505")


def taken(
    name: str,
    region: Region,
    kind: str | None = "tower",
    crs: str | None = None,
    sheet: str | None = None,
    **changes: Any,
) -> Interpretation:
    raw = read(CORPUS / name, sheet, crs)
    found = interpret(raw, replace(guess(raw, kind), **changes), region)
    assert found.rows == found.accepted_rows + found.refused_rows == len(raw.frame)
    for row in report(found, Words("id"))["refused_rows"]:
        assert row["reason"]
        assert "{" not in row["reason"]
        assert row["code"].startswith("import.")
    return found


def notes(found: Interpretation) -> set[str]:
    return {key.rsplit(".", 1)[-1] for key, _ in found.notes}


def codes(found: Interpretation) -> list[str]:
    return [code.removeprefix("import.") for code in found.refused["code"]]


def offers(found: Interpretation) -> list[tuple[str, float, float]]:
    return [(one.code, one.lon, one.lat) for one in found.refused["offer"] if one is not None]


def places(found: Interpretation) -> list[tuple[float, float]]:
    return [(round(point.x, 5), round(point.y, 5)) for point in found.accepted.geometry]


def refused(name: str, region: Region, kind: str | None = "tower") -> str:
    with pytest.raises(JangkauError) as told:
        taken(name, region, kind)
    assert Words("id").error(told.value)
    return told.value.code


def test_01_swapped_latitude_and_longitude_are_set_aside_and_the_swap_is_offered(region: Region) -> None:
    found = taken("01_tertukar.csv", region)
    assert set(codes(found)) == {"swapped"}
    assert len(offers(found)) == 20
    repaired = taken("01_tertukar.csv", region, repairs=frozenset({"swap"}))
    assert (repaired.accepted_rows, places(repaired)[0]) == (20, (112.2, -8.12))


def test_01_a_swap_that_brings_fewer_than_95_percent_inside_is_not_offered(region: Region, tmp_path: Path) -> None:
    rows = [f"M{n},{112.2 if n else 139.2},{-8.12 - n / 1000}" for n in range(10)]
    (tmp_path / "x.csv").write_text("\n".join(["nama,latitude,longitude", *rows]) + "\n", "utf-8")
    assert offers(taken(str(tmp_path / "x.csv"), region)) == []


def test_02_decimal_commas_are_read(region: Region) -> None:
    found = taken("02_koma.csv", region)
    assert places(found) == [PLACE]
    assert "comma" in notes(found)


def test_03_degrees_minutes_and_seconds_are_read_with_ls_and_bt_or_without(region: Region) -> None:
    found = taken("03_dms.csv", region)
    assert places(found) == [(112.2245, -8.1355)] * 2
    assert "dms" in notes(found)


def test_04_both_in_one_cell_are_read(region: Region) -> None:
    assert places(taken("04_satu_sel.csv", region)) == [PLACE, (112.22452, -8.13552)]


def test_05_metres_are_set_aside_and_the_zone_is_offered(region: Region) -> None:
    found = taken("05_utm.csv", region)
    assert codes(found) == ["metres"] * 2
    assert {one.detail for one in found.refused["offer"]} == {"EPSG:32749"}
    repaired = taken("05_utm.csv", region, repairs=frozenset({"utm"}))
    assert places(repaired)[0] == pytest.approx((112.2243, -8.1363), abs=2e-4)


def test_06_several_points_are_set_aside(region: Region) -> None:
    assert codes(taken("06_titik.csv", region)) == ["several_points"]


def test_07_a_lost_minus_is_set_aside_and_offered(region: Region) -> None:
    found = taken("07_minus.csv", region)
    assert codes(found) == ["lost_minus"]
    assert offers(found) == [("minus", *PLACE)]


def test_08_zero_and_zero_is_no_place(region: Region) -> None:
    found = taken("08_nol.csv", region)
    assert (codes(found), offers(found)) == (["zero"], [])


def test_09_nan_is_set_aside(region: Region) -> None:
    assert codes(taken("09_nan.csv", region)) == ["nan"]


def test_10_infinity_is_set_aside(region: Region) -> None:
    assert codes(taken("10_tak_hingga.csv", region)) == ["infinite"]


def test_11_off_the_earth_is_set_aside(region: Region) -> None:
    assert codes(taken("11_luar_bumi.csv", region)) == ["out_of_range"]


def test_12_outside_the_region_names_the_regency_where_it_is_known(region: Region) -> None:
    found = taken("12_luar_wilayah.csv", region)
    assert codes(found) == ["in_neighbour", "outside_region"]
    assert "Tulungagung" in report(found, Words("id"))["refused_rows"][0]["reason"]
    assert found.accepted["village_code_bps"].notna().all()


def test_13_a_cell_that_excel_made_a_date_is_set_aside(region: Region) -> None:
    assert codes(taken("13_tanggal.xlsx", region)) == ["excel_date"]


def test_14_fewer_than_three_decimals_are_noted(region: Region) -> None:
    found = taken("14_dua_desimal.csv", region)
    assert found.accepted_rows == 1
    assert "few_decimals" in notes(found)


def test_15_a_lost_decimal_point_is_set_aside_and_offered(region: Region) -> None:
    found = taken("15_desimal_hilang.csv", region)
    assert codes(found) == ["lost_point"]
    assert offers(found) == [("point", *PLACE)]


def test_16_thousands_separators_are_set_aside_and_the_point_is_offered(region: Region) -> None:
    found = taken("16_ribuan.csv", region)
    assert codes(found) == ["thousands"]
    assert offers(found) == [("point", *PLACE)]


def test_17_text_with_blanks_is_read(region: Region) -> None:
    found = taken("17_spasi.csv", region)
    assert places(found) == [PLACE]
    assert "spaces" in notes(found)


def test_18_a_feature_without_geometry_is_set_aside(region: Region) -> None:
    found = taken("18_null.geojson", region)
    assert (codes(found), found.accepted_rows) == (["no_geometry"], 1)


def test_19_an_empty_geometry_is_set_aside(region: Region) -> None:
    found = taken("19_kosong.geojson", region)
    assert (codes(found), found.accepted_rows) == (["empty_geometry"], 1)


def test_20_a_self_crossing_outline_is_repaired_and_the_change_of_area_noted() -> None:
    from coverage.readers.villages import read_villages

    made, told = read_villages(CORPUS / "20_silang.geojson")
    assert made.geometry.is_valid.all()
    assert any("repaired" in key for key, _ in told)


def test_21_heights_of_points_are_left_out_and_noted(region: Region) -> None:
    found = taken("21_tiga_dimensi.geojson", region)
    assert found.accepted.geometry.to_wkt().tolist() == ["POINT (112.2245 -8.1355)"]
    assert "third_dimension" in notes(found)


def test_22_a_collection_of_one_is_that_one(region: Region) -> None:
    found = taken("22_koleksi.geojson", region)
    assert found.accepted.geom_type.tolist() == ["Point"]
    assert "collection" in notes(found)


def test_23_a_line_is_no_tower(region: Region) -> None:
    assert codes(taken("23_jenis_salah.geojson", region)) == ["wrong_geometry"]
    assert taken("23_jenis_salah.geojson", region, "fiber_route").accepted_rows == 1


def test_24_villages_that_share_more_than_a_hectare_are_refused() -> None:
    from coverage.readers.villages import read_villages

    with pytest.raises(FileRefusedError, match=r"villages\.overlap"):
        read_villages(CORPUS / "24_tumpang.geojson")


def test_25_gaps_between_villages_are_accepted() -> None:
    from coverage.readers.villages import read_villages

    assert len(read_villages(CORPUS / "25_celah.geojson")[0]) == 2


def test_26_more_than_a_million_vertices_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from coverage.places import villages
    from coverage.readers.villages import read_villages

    assert villages.MAX_VERTICES == 1_000_000
    angle = np.linspace(0, 2 * np.pi, 10_001)
    ring = np.column_stack([112.2 + np.cos(angle) / 100, -8.3 + np.sin(angle) / 100]).round(7)
    ring[-1] = ring[0]
    text = ",".join(f"[{x},{y}]" for x, y in ring.tolist())
    (tmp_path / "x.geojson").write_text(
        '{"type":"Feature","properties":{"iddesa":"3505030001","nmdesa":"A","nmkec":"B"},"geometry":{"type":"Polygon",'
        f'"coordinates":[[{text}]]}}}}',
        "utf-8",
    )
    monkeypatch.setattr(villages, "MAX_VERTICES", 10_001)
    assert len(read_villages(tmp_path / "x.geojson")[0]) == 1
    monkeypatch.setattr(villages, "MAX_VERTICES", 10_000)
    with pytest.raises(FileRefusedError, match=r"villages\.too_many_vertices"):
        read_villages(tmp_path / "x.geojson")


def test_27_an_outline_that_does_not_close_is_set_aside(region: Region) -> None:
    found = taken("27_tidak_tertutup.geojson", region)
    assert (codes(found), found.accepted_rows) == (["bad_geometry"], 1)


def test_28_a_shape_across_the_antimeridian_is_refused(region: Region) -> None:
    assert refused("28_antimeridian.geojson", region, "fiber_route") == "imports.antimeridian"


def test_29_a_point_of_nan_is_set_aside(region: Region) -> None:
    found = taken("29_titik_nan.csv", region)
    assert (codes(found), places(found)) == (["nan"], [PLACE])


def test_30_without_a_reference_system_it_is_asked_for_and_never_guessed(region: Region) -> None:
    with pytest.raises(CrsError, match=r"geofile\.no_crs"):
        taken("30_tanpa_crs.zip", region)
    assert taken("30_tanpa_crs.zip", region, crs="EPSG:4326").accepted_rows == 1


def test_31_metres_that_are_declared_degrees_are_refused(region: Region) -> None:
    assert refused("31_meter.geojson", region) == "geofile.metres_as_degrees"


def test_32_the_wrong_zone_is_refused_and_the_right_one_named(region: Region) -> None:
    with pytest.raises(CrsError, match=r"imports\.wrong_zone") as told:
        taken("32_zona_salah.geojson", region)
    assert told.value.details["fitting"] == "EPSG:32749"


def test_33_swapped_axes_of_a_map_are_refused(region: Region) -> None:
    assert refused("33_sumbu.geojson", region) == "imports.swapped_axes"


def test_34_indonesian_tm3_zones_are_read(region: Region) -> None:
    found = taken("34_tm3.geojson", region)
    assert places(found)[0] == pytest.approx((112.2241, -8.136), abs=5e-4)
    assert "crs" in notes(found)


def test_35_title_rows_above_the_header_are_passed_over(region: Region) -> None:
    found = taken("35_judul.xlsx", region)
    assert (found.accepted_rows, found.accepted["row"].tolist()) == (1, [5])
    assert "title_rows" in notes(found)


def test_36_merged_headers_are_read(region: Region) -> None:
    found = taken("36_gabung.xlsx", region)
    assert found.raw.columns == ["No", "Nama", "Koordinat Lintang", "Koordinat Bujur"]
    assert found.accepted_rows == 1


def test_37_of_several_sheets_one_is_asked_for(region: Region) -> None:
    with pytest.raises(FileRefusedError, match=r"table\.several_sheets") as told:
        taken("37_dua_lembar.xlsx", region)
    assert told.value.details["offered"] == ["Menara", "CCTV"]
    assert taken("37_dua_lembar.xlsx", region, sheet="CCTV").accepted["name"].tolist() == ["B"]


def test_38_hidden_sheets_are_named(region: Region) -> None:
    assert "hidden_sheets" in notes(taken("38_tersembunyi.xlsx", region))


def test_39_a_row_of_totals_is_set_aside(region: Region) -> None:
    assert codes(taken("39_jumlah.csv", region)) == ["totals_row"]


def test_40_an_error_of_excels_is_set_aside(region: Region) -> None:
    found = taken("40_ref.xlsx", region)
    assert (codes(found), found.accepted["name"].tolist()) == (["excel_error"], ["B"])


@pytest.mark.parametrize("name", ["41_bom.csv", "41_utf16.csv", "41_1252.csv"])
def test_41_every_encoding_is_read(region: Region, name: str) -> None:
    assert taken(name, region).accepted["name"].tolist() == ["Pondok Café – Jalan É"]


def test_42_semicolons_are_read(region: Region) -> None:
    assert taken("42_titik_koma.csv", region).accepted["note"].tolist() == ["satu, dua"]


def test_43_ragged_rows_are_set_aside(region: Region) -> None:
    found = taken("43_bergerigi.csv", region)
    assert (codes(found), found.accepted["name"].tolist()) == (["ragged"] * 2, ["A"])


def test_44_two_columns_of_one_name_are_refused(region: Region) -> None:
    with pytest.raises(ColumnError, match=r"table\.duplicate_header"):
        taken("44_kepala_ganda.csv", region)


def test_45_a_header_and_nothing_else_is_refused(region: Region) -> None:
    assert refused("45_kepala_saja.csv", region) == "table.no_rows"


@pytest.mark.parametrize("name", ["46_kode_desimal.csv", "47_kode_titik.csv"])
def test_46_and_47_codes_with_decimals_or_dots_are_read(region: Region, name: str) -> None:
    assert taken(name, region).accepted["village_code_entered"].tolist() == ["3505060010"]


def test_48_a_kemendagri_code_without_its_dots_is_set_aside(region: Region) -> None:
    assert codes(taken("48_tanpa_titik.csv", region)) == ["undotted_code"]


def test_49_leading_zeros_are_kept(region: Region) -> None:
    assert taken("49_nol_depan.csv", region).accepted["asset_id"].tolist() == ["007"]


@pytest.mark.parametrize("name", ["50_enam_belas.csv", "50_enam_belas.xlsx"])
def test_50_numbers_that_lost_digits_are_set_aside(region: Region, name: str) -> None:
    assert codes(taken(name, region)) == ["damaged_number"]


def test_51_of_two_with_one_code_both_are_set_aside(region: Region) -> None:
    found = taken("51_kode_sama.csv", region)
    assert (codes(found), found.accepted["asset_id"].tolist()) == (["duplicate_id"] * 2, ["A2"])


def test_52_an_unknown_kind_is_set_aside(region: Region) -> None:
    found = taken("52_jenis.csv", region, None)
    assert (codes(found), found.accepted["kind"].tolist()) == (["unknown_kind"], ["tower"])


def test_53_a_place_counts_beside_an_unknown_village_and_the_nearest_names_are_told(region: Region) -> None:
    found = taken("53_desa_asing.csv", region)
    assert (codes(found), found.accepted["needs_check"].tolist()) == ([], [True])
    assert any("Kaulon (Sutojayan)" in line for line in report(found, Words("id"))["notes"])


def test_54_a_code_and_a_name_that_disagree_are_set_aside(region: Region) -> None:
    assert codes(taken("54_kode_lain.csv", region)) == ["code_and_name_differ"]


def test_55_of_moments_in_several_time_zones_the_local_day_is_kept(region: Region) -> None:
    found = taken("55_zona_waktu.csv", region)
    assert found.accepted["installed_on"].tolist() == ["2024-05-01"] * 2
    assert "moments" in notes(found)


def test_56_a_date_that_may_be_two_is_asked_about(region: Region) -> None:
    found = taken("56_tanggal.csv", region)
    assert codes(found) == ["date_order"]
    assert report(found, Words("id"))["refused_rows"][0]["offered"] == ["2024-04-03", "2024-03-04"]
    assert taken("56_tanggal.csv", region, dates="dmy").accepted["installed_on"].tolist() == ["2024-04-03"]


def test_57_several_blocks_with_a_header_each_are_a_route_each(region: Region) -> None:
    found = taken("57_blok.csv", region, "fiber_route")
    assert found.accepted["name"].tolist() == ["Rute Kanigoro", "Rute Sutojayan"]
    assert found.accepted["rows"].tolist() == [3, 2]
    assert taken("57_blok.csv", region, "fiber_node").accepted_rows == 5


def test_58_misspelt_headers_are_understood(region: Region) -> None:
    assert places(taken("58_salah_eja.csv", region)) == [PLACE]


def test_59_heights_with_their_unit_are_numbers(region: Region) -> None:
    assert taken("59_tinggi.csv", region).accepted["height_m"].tolist() == [31.0, 30.4]


def test_60_a_dash_is_nothing(region: Region) -> None:
    found = taken("60_strip.csv", region)
    assert found.accepted[["height_m", "owner"]].isna().all(axis=None)


@pytest.mark.parametrize("name", ["68_vrt.geojson", "68_wfs.csv", "68_wms.kml"])
def test_68_what_points_gdal_elsewhere_is_refused(region: Region, name: str) -> None:
    assert refused(name, region) in ("table.not_a_table", "geofile.unknown_format")


@pytest.mark.parametrize("name", ["69_entitas.kml", "69_bom.kml"])
def test_69_kml_with_entities_is_refused(region: Region, name: str) -> None:
    assert refused(name, region) == "file.unreadable"


def test_70_network_links_are_not_followed(region: Region) -> None:
    assert places(taken("70_tautan.kml", region)) == [PLACE]


@pytest.mark.parametrize("name", ["71_bom.kmz", "71_bom.xlsx"])
def test_71_bombs_are_refused(region: Region, name: str) -> None:
    assert refused(name, region) == "geofile.bomb"


def test_71_two_cells_at_the_far_ends_of_a_sheet_do_not_fill_the_memory(region: Region, tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "jauh.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "nama")
        sheet.write(1_048_575, 16_383, "x")
    assert refused(str(tmp_path / "jauh.xlsx"), region) in ("file.unreadable", "table.too_many_cells")


@pytest.mark.parametrize("name", ["72_keluar.zip", "72_tautan.zip"])
def test_72_archives_that_reach_outside_are_refused(region: Region, name: str) -> None:
    assert refused(name, region) == "geofile.unsafe_archive"


def test_73_formulas_are_kept_and_neutralised_on_export(region: Region) -> None:
    found = taken("73_rumus.csv", region)
    assert found.accepted["name"].tolist() == ['=HYPERLINK("http://contoh","klik")']
    assert neutral(found.accepted["name"].iloc[0]).startswith("'=")
    again = refused_file(found, Words("id"))
    assert b"<f>" not in again
    assert found.refused["values"].iloc[0]["nama"] == "@SUM(A1)"


def test_74_markup_in_names_is_kept_as_text(region: Region) -> None:
    assert taken("74_html.csv", region).accepted["name"].tolist() == ["<script>alert(1)</script> ${7*7}"]


@pytest.mark.slow
def test_75_damaged_archives_are_refused_and_no_geometry_changes_silently(region: Region, tmp_path: Path) -> None:
    whole = (CORPUS / "75_utuh.zip").read_bytes()
    expected = places(taken("75_utuh.zip", region))
    file = tmp_path / "x.zip"
    kept = 0
    for at in range(0, len(whole), 13):
        for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :]):
            file.write_bytes(damaged)
            try:
                found = taken(str(file), region)
            except JangkauError:
                continue
            kept += 1
            assert places(found) in (expected, [])
    assert kept < len(whole) // 13


def test_76_dots_and_control_characters_in_names_stay_names(region: Region, tmp_path: Path) -> None:
    found = taken("76_nama.csv", region)
    assert found.accepted["name"].tolist() == ["../../etc/passwd", "B[31mC"]
    copy = tmp_path / "x.csv"
    copy.write_bytes((CORPUS / "02_koma.csv").read_bytes())
    assert read(copy, name="../../etc/\x07daftar.csv").file == "daftar.csv"
