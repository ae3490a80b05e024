"""Clean asset lists; and what is said of those that are not."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coverage.base.errors import ColumnError, InputError, ParameterError, RowError
from coverage.base.schema import ASSETS
from coverage.imports.asset_lists import ListOptions, read_assets
from coverage.imports.places import Region
from coverage.imports.values import amounts
from coverage.language.words import LANGUAGES, Words
from coverage.readers.kinds import asset_kinds
from coverage.run.inputs import load_inputs
from tests.examples import examples


def write(tmp_path, text, name="aset.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_a_list_in_indonesian_is_read(tmp_path):
    assets, notes = read_assets(
        write(
            tmp_path,
            (
                "Nomor Aset;Jenis;Nama;Kondisi;Pemilik;Bujur;Lintang;Tinggi;Frekuensi;Terhubung Fiber;Tanggal Pasang;Sumber\n"
                "2;Menara;Menara Serang;Rusak;Penyedia A;112,2310;-8,3012;42,5;900;-;2019;inventaris\n"
                "1;Wi-Fi Publik;Balai Desa;Aktif;Diskominfo;112,24;-8,31;;5800;ya;2024-05-01;inventaris\n"
            ),
        )
    )
    assert {code for code, _ in notes} == {"imports.note.comma", "imports.note.few_decimals"}
    assert assets["asset_id"].tolist() == ["1", "2"]
    assert assets["kind"].tolist() == ["wifi", "tower"]
    assert assets["status"].tolist() == ["operational", "damaged"]
    assert assets["height_m"].tolist()[1] == 42.5
    assert assets["on_fiber"].tolist() == [True, None]
    assert assets["installed_on"].tolist() == ["2024-05-01", "2019"]
    assert assets.geometry.to_wkt().tolist() == ["POINT (112.24 -8.31)", "POINT (112.231 -8.3012)"]


@pytest.mark.parametrize("header", ["lon,lat", "bujur,lintang", "longitude,latitude", "LONGITUDE,LATITUDE"])
def test_coordinates_are_found_under_their_usual_names(tmp_path, header):
    assets, _ = read_assets(write(tmp_path, f"jenis,nama,{header}\ntower,A,112.1,-8.1\n"))
    assert assets.geometry.to_wkt().tolist() == ["POINT (112.1 -8.1)"]


def test_a_route_is_a_line_and_everything_else_a_point(tmp_path):
    text = 'kind,lon,lat,geometry\ntower,112.1,-8.1,\nfiber_route,,,"LINESTRING (112.1 -8.1, 112.2 -8.1)"\n'
    assert set(read_assets(write(tmp_path, text))[0].geom_type) == {"Point", "LineString"}
    for row, code in (
        ("fiber_route,112.1,-8.1,", "import.route_of_one_point"),
        ('tower,,,"LINESTRING (112.1 -8.1, 112.2 -8.1)"', "import.wrong_geometry"),
    ):
        with pytest.raises(RowError, match=code):
            read_assets(write(tmp_path, f"kind,lon,lat,geometry\n{row}\n"))


def test_without_a_status_assets_are_taken_as_operational_and_a_note_says_so(tmp_path):
    assets, notes = read_assets(write(tmp_path, "asset_id,kind,lon,lat\nA,tower,112.1,-8.1\n"))
    assert assets["status"].tolist() == ["operational"]
    assert ("imports.note.status_assumed", {"file": "aset.csv", "count": 1}) in notes


def test_a_made_identifier_does_not_depend_on_the_order_of_the_rows(tmp_path):
    rows = ["tower,A,112.1,-8.1", "tower,B,112.1,-8.1", "wifi,A,112.1,-8.1"]
    one, _ = read_assets(write(tmp_path, "\n".join(["kind,name,lon,lat", *rows])))
    other, _ = read_assets(write(tmp_path, "\n".join(["kind,name,lon,lat", *rows[::-1]])))
    assert one["asset_id"].tolist() == other["asset_id"].tolist()
    assert one["asset_id"].is_unique


BAD = [
    ("kind", "helikopter", "import.unknown_kind"),
    ("kind", "", "import.unknown_kind"),
    ("status", "baru saja", "import.unknown_status"),
    ("lon", "abc", "import.not_an_angle"),
    ("lon", "1.234.567", "import.several_points"),
    ("lon", "nan", "import.nan"),
    ("lon", "", "import.no_coordinates"),
    ("lat", "-", "import.no_coordinates"),
    ("lon", "inf", "import.infinite"),
    ("lon", "181,5", "import.lost_point"),
    ("lat", "-90,5", "import.lost_point"),
    ("lat", "112.1", "import.lost_point"),
    ("lat", "8.1", "import.lost_minus"),
    ("installed_on", "03/04/2024", "import.date_order"),
    ("asset_id", "A1", "import.duplicate_id"),
]
GOOD = {
    "asset_id": "A2",
    "kind": "tower",
    "status": "operational",
    "lon": "112.1",
    "lat": "-8.1",
    "height_m": "42",
    "band_mhz": "900",
    "reach_m": "3000",
    "on_fiber": "ya",
    "installed_on": "2020-01-01",
}


def written(tmp_path, column, value):
    pd.DataFrame([GOOD | {column: value}, GOOD | {"asset_id": "A1"}]).to_csv(
        tmp_path / "aset.csv", index=False, sep=";"
    )
    return tmp_path / "aset.csv"


@pytest.mark.parametrize(("column", "value", "code"), BAD)
def test_a_bad_value_refuses_the_list_with_its_row_or_is_left_out_with_a_note(tmp_path, column, value, code):
    path = written(tmp_path, column, value)
    with pytest.raises(RowError) as refused:
        read_assets(path)
    assert (refused.value.code, refused.value.place.file, refused.value.place.row) == (code, "aset.csv", 2)
    assert all("aset.csv" in Words(language).error(refused.value) for language in LANGUAGES)
    if code != "import.duplicate_id":  # both of two are refused then
        assets, notes = read_assets(path, options=ListOptions(skip_refused=True))
        assert assets["asset_id"].tolist() == ["A1"]
        assert ("imports.note.left_out", {"file": "aset.csv", "count": 1, "rows": "2"}) in notes


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("height_m", "tinggi"),
        ("height_m", "-3"),
        ("height_m", "401"),
        ("band_mhz", "5"),
        ("reach_m", "3.000,0.0"),
        ("reach_m", "-1"),
        ("on_fiber", "mungkin"),
        ("installed_on", "2024-02-30"),
    ],
)
def test_a_value_that_cannot_be_read_is_unknown_and_stays_as_a_remark(tmp_path, column, value):
    assets, notes = read_assets(written(tmp_path, column, value))
    asset = assets.set_index("asset_id").loc["A2"]
    assert pd.isna(asset[column])
    assert value in asset["note"]
    assert any(code == "imports.note.unread" and values["column"] == column for code, values in notes)


def test_a_repair_is_accepted_where_it_is_asked_for(tmp_path):
    path = write(tmp_path, "kind,name,lon,lat\ntower,A,112.1,8.1\ntower,B,112.2,-8.1\n")
    region = Region(load_inputs().villages, elsewhere=True)
    with pytest.raises(RowError) as refused:
        read_assets(path, region)
    assert refused.value.code == "import.lost_minus"
    assert "--repair minus" in Words("id").error(refused.value)
    assert len(read_assets(path, region, ListOptions(repairs=("minus",)))[0]) == 2


def test_a_code_and_a_name_that_differ_are_told(tmp_path):
    text = "Nama,Jenis,Lintang,Bujur,Desa,Kode Desa\nM1,tower,-8.2,112.25,Kaulon,3505030003\n"
    with pytest.raises(RowError, match=r"import\.code_and_name_differ") as refused:
        read_assets(write(tmp_path, text), Region(load_inputs().villages))
    assert "Kaligambir" in Words("id").error(refused.value)


@pytest.mark.slow
def test_an_asset_of_the_neighbour_is_read_beside_those_of_the_region(tmp_path):
    path = write(tmp_path, "kind,name,desa,lon,lat\ntower,Malang,Kauman,112.6,-8.0\ntower,Blitar,,112.2,-8.1\n")
    assert len(read_assets(path, Region(load_inputs().villages, elsewhere=True))[0]) == 2
    with pytest.raises(RowError, match=r"import\.outside_region"):
        read_assets(path, Region(load_inputs().villages))


def test_what_is_not_to_be_guessed_is_said(tmp_path):
    path = write(tmp_path, "Judul\nlokasi tiang,timur,utara\nA,112.1,-8.1\n")
    options = ListOptions(kind="microcell", columns=("lon=timur", "lat=utara", "name=lokasi tiang"))
    assets, _ = read_assets(path, options=options)
    assert assets[["kind", "name"]].to_numpy().tolist() == [["microcell", "A"]]
    with pytest.raises(ParameterError):
        read_assets(path, options=ListOptions(columns=("panjang=timur",)))


def test_an_unknown_kind_lists_the_allowed_ones(tmp_path):
    with pytest.raises(RowError) as refused:
        read_assets(write(tmp_path, "kind,lon,lat\ntower,112.1,-8.1\nhelikopter,112.1,-8.1\n"))
    assert refused.value.details["offered"] == list(asset_kinds())


@pytest.mark.parametrize(
    ("header", "code"), [("nama,lon,lat", "imports.no_kind"), ("kind,nama,lon", "imports.no_place")]
)
def test_a_missing_column_names_what_it_may_be_called(tmp_path, header, code):
    with pytest.raises(ColumnError, match=code):
        read_assets(write(tmp_path, f"{header}\ntower,1,2\n"))


def test_the_same_asset_listed_twice_without_a_number_is_refused(tmp_path):
    with pytest.raises(RowError, match=r"import\.doubled"):
        read_assets(write(tmp_path, "kind,name,lon,lat\ntower,A,112.1,-8.1\ntower,A,112.1,-8.1\n"))


def test_excel_geojson_and_geopackage_give_what_csv_gives(tmp_path):
    table = pd.DataFrame(
        {
            "asset_id": ["A1", "A2"],
            "kind": ["tower", "wifi"],
            "name": ["Menara", None],
            "status": ["operational", "damaged"],
            "lon": [112.1, 112.2],
            "lat": [-8.1, -8.2],
            "height_m": [42.5, None],
            "on_fiber": [True, False],
            "installed_on": ["2020-01-31", None],
        }
    )
    table.to_csv(tmp_path / "aset.csv", index=False)
    table.to_excel(tmp_path / "aset.xlsx", index=False)
    features = gpd.GeoDataFrame(
        table.drop(columns=["lon", "lat"]), geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326"
    )
    features.to_file(tmp_path / "aset.geojson", driver="GeoJSON")
    features.to_crs("EPSG:32749").to_file(tmp_path / "aset.gpkg", driver="GPKG")
    expected, _ = read_assets(tmp_path / "aset.csv")
    for name in ("aset.xlsx", "aset.geojson", "aset.gpkg"):
        found, _ = read_assets(tmp_path / name)
        assert shapely.equals_exact(found.geometry.to_numpy(), expected.geometry.to_numpy(), 1e-7).all(), name
        pd.testing.assert_frame_equal(
            pd.DataFrame(found.drop(columns="geometry")), pd.DataFrame(expected.drop(columns="geometry"))
        )


@pytest.mark.slow
@example([("tower", "112.1", "")])
@settings(max_examples=examples(60))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["tower", "wifi", "menara", "x", "", "=1+1"]),
            st.text(alphabet="0123456789.,-+eE° ", max_size=9),
            st.text(max_size=6).filter(lambda text: "\0" not in text),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_the_cells_hold_only_our_own_errors_come_out(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("aset") / "aset.csv"
    pd.DataFrame(cells, columns=["kind", "lon", "name"]).assign(lat="-8.1").to_csv(
        path, index=False, encoding="utf-8", errors="surrogatepass"
    )
    try:
        assets, _ = read_assets(path)
    except InputError:
        return
    told = [column.name for column in ASSETS.columns if not column.optional or column.name in assets]
    assert list(assets.columns) == told


def test_a_list_with_a_row_per_sector_is_read(tmp_path):
    rows = [
        GOOD | {"asset_id": f"S{at}", "Azimut": at, "Tilt": "6°", "EIRP (dBm)": "61 dBm", "Teknologi": "5G"}
        for at in (0, 120)
    ]
    pd.DataFrame([*rows, GOOD | {"asset_id": "M1"}]).to_csv(tmp_path / "sektor.csv", index=False, sep=";")
    found = read_assets(tmp_path / "sektor.csv")[0].set_index("asset_id")
    assert found.loc[["S0", "S120"], ["azimuth_deg", "tilt_deg", "eirp_dbm", "technology"]].values.tolist() == [
        [0, 6, 61, "5G"],
        [120, 6, 61, "5G"],
    ]
    assert found.loc["M1", ["tilt_deg", "eirp_dbm", "technology"]].isna().all()
    assert "antenna" not in found  # what no row tells is as it was before there were such columns


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [("height_m", "42 m", "42 dBm"), ("eirp_dbm", "61 dBm", "61 m"), ("tilt_deg", "6°", "6 ft")],
)
def test_a_quantity_takes_its_own_units_alone(field, good, bad):
    numbers, unread = amounts(field, [good, bad])
    assert (numbers[0], unread.tolist()) == (float(good.split()[0].strip("°")), [False, True])


def test_rows_that_share_the_code_of_their_site_are_its_sectors(tmp_path):
    rows = [GOOD | {"asset_id": "S1", "Azimut": at} for at in (0, 120)]
    pd.DataFrame([*rows, GOOD | {"asset_id": "M1"}]).to_csv(tmp_path / "sektor.csv", index=False)
    found, notes = read_assets(tmp_path / "sektor.csv")
    assert found["asset_id"].str[:2].tolist() == ["M1", "S1", "S1"]
    assert found["asset_id"].is_unique
    assert found["site_id"].tolist() == [None, "S1", "S1"]
    assert ("imports.note.sectors", 2) in [(code, told.get("count")) for code, told in notes]
    pd.DataFrame(rows).assign(cell=["A", "B"]).rename(columns={"asset_id": "Site ID", "cell": "Cell ID"}).to_csv(
        tmp_path / "sel.csv", index=False
    )
    assert read_assets(tmp_path / "sel.csv")[0][["asset_id", "site_id"]].values.tolist() == [["A", "S1"], ["B", "S1"]]
    for other in ({"lat": "-8.2"}, {"Azimut": 0}):  # elsewhere, or the same again: a code given twice
        pd.DataFrame([rows[0], rows[1] | other]).to_csv(tmp_path / "dua.csv", index=False)
        with pytest.raises(InputError):
            read_assets(tmp_path / "dua.csv")
