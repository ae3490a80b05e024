"""From the features of a boundary file to the table of villages."""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.base.errors import ColumnError, FileRefusedError, RowError
from coverage.language.words import Words
from coverage.places.overlaps import overlaps
from coverage.places.villages import find_columns, make_villages
from tests.examples import examples

KM = 1 / 111.0
"""About a kilometre, in degrees."""


def square(east_km=0.0, north_km=0.0, side_km=1.0):
    west, south = 112.0 + east_km * KM, -8.2 + north_km * KM
    return shapely.box(west, south, west + side_km * KM, south + side_km * KM)


def features(rows, shapes=None):
    shapes = shapes or [square(2 * at) for at in range(len(rows))]
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs="EPSG:4326")


CROSSWALK = pd.DataFrame(
    {
        "village_code_bps": ["3505030003", "3505030001"],
        "village_code_kemendagri": ["35.05.13.2006", "35.05.13.2004"],
        "village": ["Kaligambir", "Serang"],
        "subdistrict": ["Panggungrejo", "Panggungrejo"],
        "regency": ["Blitar", "Blitar"],
    }
)

OFFICIAL_COLUMNS = [
    {"village_code": "id3505030003", "village": "Kali Gambir", "district": "Panggungrejo", "regency": "Blitar"},
    {"ADM4_PCODE": "ID3505030003", "ADM4_EN": "Kali Gambir", "ADM3_EN": "Panggungrejo", "ADM2_EN": "Blitar"},
    {"iddesa": "3505030003", "nmdesa": "Kali Gambir", "nmkec": "Panggungrejo", "nmkab": "Blitar"},
    {"IDDESA": 3505030003.0, "NMDESA": "Kali Gambir", "NMKEC": "Panggungrejo", "NMKAB": "Blitar"},
    {"kode_desa": 3505030003, "nama_desa": "Kali Gambir", "kecamatan": "Panggungrejo", "kabupaten": "Blitar"},
    {
        "KDEPUM": "35.05.13.2006",
        "KDEBPS": "3505030003",
        "NAMOBJ": "Kali Gambir",
        "WADMKC": "Panggungrejo",
        "WADMKK": "Blitar",
    },
    {"KDEPUM": "3505132006", "WADMKD": "Kali Gambir", "WADMKC": "Panggungrejo", "WADMKK": "Blitar"},
    {"kode": "35.05.13.2006", "nama": "Kali Gambir"},
]


@pytest.mark.parametrize("row", OFFICIAL_COLUMNS, ids=lambda row: "-".join(row))
def test_the_columns_of_every_official_source_are_found(row):
    villages, _ = make_villages(features([row]), CROSSWALK)
    wanted = ["village_code_bps", "village_code_kemendagri", "village", "subdistrict", "regency"]
    assert villages.loc[0, wanted].tolist() == ["3505030003", "35.05.13.2006", "Kali Gambir", "Panggungrejo", "Blitar"]


def test_where_a_file_has_no_subdistrict_and_nothing_knows_it_its_code_stands_in():
    villages, _ = make_villages(features([{"iddesa": "3271010001", "nmdesa": "Mulyaharja"}]))
    assert villages.loc[0, ["subdistrict", "regency", "village_code_kemendagri"]].tolist() == ["3271010", "3271", None]


def test_forest_polygons_are_no_villages_and_a_note_counts_them():
    villages, notes = make_villages(
        features(
            [
                {"village_code": "id3505120010", "village": "Ampelgading"},
                {"village_code": "id3505120999", "village": "Ampelgading/Htn"},
                {"village_code": "id3505020999", "village": "Gununggede"},
            ]
        )
    )
    assert villages["village"].tolist() == ["Ampelgading"]
    assert notes == [("villages.note.forest_dropped", {"file": None, "count": 2})]


def test_empty_bps_codes_are_filled_through_the_kemendagri_code_beside_them():
    villages, notes = make_villages(
        features(
            [
                {"KDEPUM": "35.05.13.2006", "KDEBPS": None, "NAMOBJ": "Kaligambir"},
                {"KDEPUM": "35.05.13.2004", "KDEBPS": "3505030001", "NAMOBJ": "Serang"},
            ]
        ),
        CROSSWALK,
    )
    assert villages["village_code_bps"].tolist() == ["3505030001", "3505030003"]
    assert notes[0][0] == "villages.note.crosswalk_used"


def test_kemendagri_codes_without_a_crosswalk_are_refused():
    with pytest.raises(FileRefusedError, match=r"villages\.crosswalk_needed"):
        make_villages(features([{"kode": "35.05.13.2006", "nama": "Kaligambir"}]))


def test_a_crosswalk_that_knows_only_some_codes_is_refused_naming_the_others():
    with pytest.raises(FileRefusedError) as refused:
        make_villages(
            features([{"kode": "35.05.13.2006", "nama": "Kaligambir"}, {"kode": "35.05.99.2001", "nama": "X"}]),
            CROSSWALK,
        )
    assert (refused.value.code, refused.value.details["codes"]) == ("villages.crosswalk_incomplete", ["35.05.99.2001"])


def test_kemendagri_codes_without_dots_are_never_taken_for_bps_codes():
    with pytest.raises(FileRefusedError, match=r"villages\.undotted_kemendagri"):
        make_villages(features([{"kode": "3505132006", "nama": "Kaligambir"}]), CROSSWALK)


def test_a_column_that_says_bps_is_believed_even_where_its_codes_look_otherwise():
    villages, _ = make_villages(features([{"kode_bps": "3505011001", "nama": "Desa"}]))
    assert villages.loc[0, "village_code_bps"] == "3505011001"


def test_a_running_number_called_id_does_not_hide_the_code():
    villages, _ = make_villages(features([{"id": 1, "kode": "3505030003", "nama": "Kaligambir"}]))
    assert villages.loc[0, "village_code_bps"] == "3505030003"


@pytest.mark.parametrize(
    ("rows", "error", "code"),
    [
        ([{"iddesa": "3505030003"}], ColumnError, "villages.no_name_column"),
        ([{"nama": "Kaligambir"}], ColumnError, "villages.no_code_column"),
        ([{"iddesa": "35050300", "nama": "Kaligambir"}], RowError, "villages.bad_code"),
        ([{"iddesa": "3505030003", "nama": "A"}, {"iddesa": "x", "nama": "B"}], RowError, "villages.bad_code"),
        (
            [{"iddesa": "3505030003", "nama": "A"}, {"iddesa": "id3505030003", "nama": "B"}],
            RowError,
            "villages.duplicate_code",
        ),
        ([{"iddesa": "3505030999", "nama": "Hutan"}], FileRefusedError, "villages.none"),
    ],
)
def test_what_cannot_be_a_village_table_is_refused(rows, error, code):
    with pytest.raises(error) as refused:
        make_villages(features(rows), file="desa.geojson")
    assert refused.value.code == code
    assert refused.value.place.file == "desa.geojson"


def test_a_refused_row_is_named_by_its_number_and_value():
    with pytest.raises(RowError) as refused:
        make_villages(features([{"iddesa": "3505030003", "nama": "A"}, {"iddesa": "12", "nama": "B"}]))
    assert (refused.value.place.row, refused.value.place.column, refused.value.place.value) == (2, "iddesa", "12")


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (None, "villages.no_geometry"),
        (shapely.Polygon(), "villages.no_geometry"),
        (shapely.Point(112, -8), "villages.not_polygon"),
        (shapely.LineString([(112, -8), (112.1, -8)]), "villages.not_polygon"),
        (shapely.box(112, -8.1, 181, -8), "villages.coordinates_out_of_range"),
        (shapely.box(112, -91, 112.1, -90.5), "villages.coordinates_out_of_range"),
    ],
)
def test_a_shape_that_is_no_polygon_on_earth_is_refused(shape, code):
    with pytest.raises(RowError) as refused:
        make_villages(features([{"iddesa": "3505030003", "nama": "Kaligambir"}], [shape]))
    assert (refused.value.code, refused.value.place.row) == (code, 1)


def test_swapped_axes_are_refused_for_lying_outside_indonesia():
    swapped = shapely.transform(square(), lambda xy: xy[:, ::-1])
    north = shapely.transform(square(), lambda xy: xy + np.array([0, 50]))
    for shape, error in ((swapped, RowError), (north, FileRefusedError)):
        with pytest.raises(error):
            make_villages(features([{"iddesa": "3505030003", "nama": "Kaligambir"}], [shape]))


def test_a_self_crossing_outline_is_repaired_and_the_change_of_area_noted():
    # A bow tie: two triangles that meet in the middle, a quarter of the square each.
    west, south, east, north = square().bounds
    bow_tie = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    villages, notes = make_villages(features([{"iddesa": "3505030003", "nama": "Kaligambir"}], [bow_tie]))
    assert villages.geometry.is_valid.all()
    assert villages.loc[0, "area_km2"] == pytest.approx(0.5, rel=0.02)
    assert [code for code, _ in notes] == ["villages.note.repaired"]


def test_the_third_dimension_is_left_out():
    solid = shapely.force_3d(square(), 12.0)
    villages, _ = make_villages(features([{"iddesa": "3505030003", "nama": "Kaligambir"}], [solid]))
    assert not villages.geometry.has_z.any()


TWO = [{"iddesa": "3505030003", "nama": "A"}, {"iddesa": "3505030001", "nama": "B"}]


def test_land_of_some_hectares_that_two_villages_share_goes_to_the_smaller_and_both_are_named():
    # 1 km wide, 20 m deep: 2 ha.
    villages, notes = make_villages(features(TWO, [square(0, 0, 1.01), square(0, 0.99)]))
    assert overlaps(villages.to_crs(32749).geometry.to_numpy(), 10.0)[0].size == 0
    assert [code for code, _ in notes] == ["villages.note.overlap_given"]
    assert notes[0][1]["pairs"] == [["B – A:", pytest.approx(2, abs=0.5), "ha", "→ B"]]
    assert villages.set_index("village")["area_km2"].to_dict() == pytest.approx({"B": 0.99, "A": 0.99}, abs=0.01)


def test_villages_of_which_more_than_a_tenth_overlaps_are_refused_by_name_and_area():
    with pytest.raises(FileRefusedError) as refused:
        make_villages(features(TWO, [square(), square(0, 0.85)]))
    assert refused.value.code == "villages.overlap"
    assert re.search(r"B – A: 14\d*,\d+ ha", Words("id").error(refused.value))


def test_smaller_overlaps_pass_with_a_note():
    rows = [{"iddesa": "3505030003", "nama": "A"}, {"iddesa": "3505030001", "nama": "B"}]
    villages, notes = make_villages(features(rows, [square(), square(0, 0.995)]))
    assert len(villages) == 2
    assert notes == [("villages.note.small_overlaps", {"file": None, "count": 1, "area_ha": 0.49})]


def test_overlaps_of_squares_are_those_worked_out_by_hand():
    shapes = np.array(
        [shapely.box(0, 0, 10, 10), shapely.box(8, 0, 20, 10), shapely.box(100, 0, 110, 10), shapely.box(10, 0, 12, 10)]
    )
    pairs, areas = overlaps(shapes)
    assert pairs.tolist() == [[0, 1], [1, 3]]
    assert areas.tolist() == [20.0, 20.0]


def test_the_centre_lies_inside_even_where_the_centroid_does_not():
    ring = square(0, 0, 3).difference(square(0.5, 0.5, 2))
    villages, _ = make_villages(features([{"iddesa": "3505030003", "nama": "Cincin"}], [ring]))
    assert ring.contains(shapely.Point(villages.loc[0, "centre_lon"], villages.loc[0, "centre_lat"]))


def test_area_is_that_of_the_utm_zone():
    villages, _ = make_villages(features([{"iddesa": "3505030003", "nama": "A"}], [square()]))
    # One minute of arc differs a little north-south and east-west at 8 degrees south: 0.996 by 0.990 km.
    assert villages.loc[0, "area_km2"] == pytest.approx(0.987, abs=0.005)


def test_people_and_boundary_quality_in_the_file_are_kept_and_else_unknown_and_official():
    rows = [
        {
            "iddesa": "3505030003",
            "nama": "A",
            "population": 1200,
            "population_basis": "sensus",
            "boundary_quality": "approximate",
        },
        {"iddesa": "3505030001", "nama": "B"},
    ]
    villages, _ = make_villages(features(rows))
    assert villages["population"].isna().tolist() == [True, False]
    assert villages["population_basis"].tolist() == [None, "sensus"]
    assert villages["boundary_quality"].tolist() == ["official", "approximate"]


def test_column_names_are_found_whatever_their_case_and_punctuation():
    assert find_columns(["NAMA DESA", "Kode-Desa", "Kecamatan"], "village") == ["NAMA DESA"]
    assert find_columns(["NAMA DESA", "Kode-Desa", "Kecamatan"], "code") == ["Kode-Desa"]


@settings(max_examples=examples(20))
@given(st.permutations(range(5)))
def test_the_order_of_the_features_does_not_matter(order):
    rows = [{"iddesa": f"350503000{at}", "nama": f"Desa {at}"} for at in range(1, 6)]
    shapes = [square(2 * at) for at in range(5)]
    straight, _ = make_villages(features(rows, shapes))
    turned, _ = make_villages(features([rows[at] for at in order], [shapes[at] for at in order]))
    pd.testing.assert_frame_equal(pd.DataFrame(straight), pd.DataFrame(turned))


@settings(max_examples=examples(30))
@given(st.sampled_from(["{}", "id{}", "ID{}", " {} ", "{}.0", "'{}"]), st.integers(1, 998))
def test_a_code_is_read_however_it_is_written(form, number):
    code = f"3505030{number:03d}"
    villages, _ = make_villages(features([{"iddesa": form.format(code), "nama": "Desa"}]))
    assert villages.loc[0, "village_code_bps"] == code
