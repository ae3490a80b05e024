"""Makes the files of ``tests/readers/corpus``: one or more for each numbered case. Run it only to change them.

``python -m tests.readers.make_corpus``; every file is of the same bytes each time.
"""

import datetime as dt
import io
import json
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
import xlsxwriter

FOLDER = Path(__file__).with_name("corpus")
LAT, LON = -8.1355, 112.2245
MOMENT = (2026, 1, 1, 0, 0, 0)
TABLES = {
    "01_tertukar.csv": "nama,latitude,longitude\n"
    + "".join(f"M{n},{112.20 + n / 1000:.5f},{-8.12 - n / 1000:.5f}\n" for n in range(20)),
    "02_koma.csv": "nama;lintang;bujur\nA;-8,13551;112,22451\n",
    "03_dms.csv": "nama;lintang;bujur\nA;8°8'7.8\" LS;112°13'28.2\" BT\nB;-8° 8' 7.8\";112° 13' 28.2\"\n",
    "04_satu_sel.csv": 'nama;Koordinat\nA;"-8.13551, 112.22451"\nB;-8.13552,112.22452\n',
    "05_utm.csv": "nama,x,y\nA,634880,9100435\nB,634980,9100535\n",
    "06_titik.csv": "nama,lat,lon\nA,-8.123.456,112.22451\n",
    "07_minus.csv": "nama,lat,lon\nA,8.13551,112.22451\n",
    "08_nol.csv": "nama,lat,lon\nA,0,0\n",
    "09_nan.csv": "nama,lat,lon\nA,NaN,112.22451\n",
    "10_tak_hingga.csv": "nama,lat,lon\nA,-8.13551,Infinity\n",
    "11_luar_bumi.csv": "nama,lat,lon\nA,-98.13551,212.22451\n",
    "12_luar_wilayah.csv": "nama,lat,lon\nA,-8.1199,112.0625\nB,-7.25,112.75\nC,-8.13551,112.22451\n",
    "14_dua_desimal.csv": "nama,lat,lon\nA,-8.14,112.22\n",
    "15_desimal_hilang.csv": "nama,lat,lon\nA,-813551,11222451\n",
    "16_ribuan.csv": 'nama,lat,lon\nA,-8.13551,"11,222,451.000000"\n',
    "17_spasi.csv": "nama,lat,lon\nA, - 8.13551 ,112. 22451\n",
    "29_titik_nan.csv": "nama,wkt\nA,POINT (NaN NaN)\nB,POINT (112.22451 -8.13551)\n",
    "39_jumlah.csv": "no,nama,lat,lon,tinggi\n1,A,-8.13551,112.22451,40\n,Jumlah,,,40\n",
    "42_titik_koma.csv": "nama;lat;lon;keterangan\nA;-8.13551;112.22451;satu, dua\n",
    "43_bergerigi.csv": "nama,lat,lon\nA,-8.13551,112.22451\nB,-8.13552\nC,-8.13553,112.22453,lebih\n",
    "44_kepala_ganda.csv": "nama,lat,lon,nama\nA,-8.13551,112.22451,B\n",
    "45_kepala_saja.csv": "nama,lat,lon\n",
    "46_kode_desimal.csv": "nama,kode desa,desa,kecamatan,lat,lon\nA,3505060010.0,Kaulon,Sutojayan,-8.1355,112.2245\n",
    "47_kode_titik.csv": "nama,kode desa,desa,kecamatan,lat,lon\nA,35.05.060.010,Kaulon,Sutojayan,-8.1355,112.2245\n",
    "48_tanpa_titik.csv": "nama,kode desa,desa,kecamatan,lat,lon\nA,{undotted},Kaulon,Sutojayan,-8.1355,112.2245\n",
    "49_nol_depan.csv": "kode aset,nama,lat,lon\n007,A,-8.13551,112.22451\n",
    "50_enam_belas.csv": "kode aset,nama,lat,lon\n3.57201E+15,A,-8.13551,112.22451\n",
    "51_kode_sama.csv": "kode aset,nama,lat,lon\nA1,A,-8.13551,112.22451\nA1,B,-8.13651,112.22551\n"
    "A2,C,-8.13751,112.22651\n",
    "52_jenis.csv": "jenis,nama,lat,lon\nmenara,A,-8.13551,112.22451\nhelikopter,B,-8.13551,112.22451\n",
    "53_desa_asing.csv": "nama,desa,kecamatan,lat,lon\nA,Kaulonn Baru,Sutojayan,-8.13551,112.22451\n",
    "54_kode_lain.csv": "nama,kode desa,desa,kecamatan,lat,lon\nA,3505060001,Kaulon,Sutojayan,-8.1355,112.2245\n",
    "55_zona_waktu.csv": "nama,lat,lon,tanggal pasang\nA,-8.13551,112.22451,2024-05-01T23:30:00+07:00\n"
    "B,-8.13651,112.22551,2024-05-01T23:30:00Z\n",
    "56_tanggal.csv": "nama,lat,lon,tanggal pasang\nA,-8.13551,112.22451,03/04/2024\n",
    "57_blok.csv": ",,,\n,Rute Kanigoro,,\n,Titik,Lat,Long\n,1,-8.130,112.220\n,2,-8.135,112.225\n,3,-8.140,112.230\n"
    ",Rute Sutojayan,,\n,Titik,Lat,Long\n,1,-8.150,112.220\n,2,-8.155,112.225\n",
    "58_salah_eja.csv": "NAMA MENRA,LATTITUDE,LONGTITUDE\nA,-8.13551,112.22451\n",
    "59_tinggi.csv": "nama,lat,lon,tinggi\nA,-8.13551,112.22451,31m\nB,-8.13651,112.22551,30.4 M\n",
    "60_strip.csv": "nama,lat,lon,tinggi,pemilik\nA,-8.13551,112.22451,-,-\n",
    "68_vrt.geojson": '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/hosts</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>",
    "68_wfs.csv": "<OGRWFSDataSource><URL>http://127.0.0.1/wfs,a,b</URL></OGRWFSDataSource>",
    "68_wms.kml": '<GDAL_WMS><Service name="WMS"><ServerUrl>http://127.0.0.1/?</ServerUrl></Service></GDAL_WMS>',
    "73_rumus.csv": 'nama,lat,lon\n"=HYPERLINK(""http://contoh"",""klik"")",-8.13551,112.22451\n@SUM(A1),0,0\n',
    "74_html.csv": "nama,lat,lon\n<script>alert(1)</script> ${7*7},-8.13551,112.22451\n",
    "76_nama.csv": "nama,lat,lon\n../../etc/passwd,-8.13551,112.22451\nB\x07\x1b[31mC,-8.13651,112.22551\n",
}
KML = "<?xml version='1.0'?>{head}<kml xmlns='http://www.opengis.net/kml/2.2'><Document>{body}</Document></kml>"
MARK = "<Placemark><name>A</name><Point><coordinates>112.22451,-8.13551,12</coordinates></Point></Placemark>"


def point(lon: float = LON, lat: float = LAT) -> dict[str, Any]:
    """A GeoJSON point."""
    return {"type": "Point", "coordinates": [lon, lat]}


def collection(*geometries: Any, **more: Any) -> str:
    """GeoJSON of features named A, B, ..."""
    features = [
        {"type": "Feature", "properties": {"nama": chr(65 + at)}, "geometry": geometry}
        for at, geometry in enumerate(geometries)
    ]
    return json.dumps({"type": "FeatureCollection", **more, "features": features}, indent=0)


def square(lon: float = LON, lat: float = LAT, size: float = 0.01) -> list[list[float]]:
    """A closed ring."""
    return [[lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size], [lon, lat]]


def villages(*shapes: shapely.Geometry) -> str:
    """A boundary file of villages."""
    codes = ["3505030001", "3505030002", "3505030003"]
    features = [
        {
            "type": "Feature",
            "properties": {"iddesa": code, "nmdesa": f"Desa {code[-1]}", "nmkec": "Panggungrejo"},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for code, shape in zip(codes, shapes, strict=False)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def maps() -> dict[str, str]:
    """Text files of geometry."""
    line = [[112.21, -8.13], [112.22, -8.14]]
    bow = shapely.Polygon([(112.2, -8.3), (112.21, -8.29), (112.21, -8.3), (112.2, -8.29)])
    return {
        "18_null.geojson": collection(None, point()),
        "19_kosong.geojson": collection({"type": "Point", "coordinates": []}, point()),
        "20_silang.geojson": villages(bow),
        "21_tiga_dimensi.geojson": collection({"type": "Point", "coordinates": [LON, LAT, 31.0]}),
        "22_koleksi.geojson": collection({"type": "GeometryCollection", "geometries": [point()]}),
        "23_jenis_salah.geojson": collection({"type": "LineString", "coordinates": line}),
        "24_tumpang.geojson": villages(
            shapely.box(112.2, -8.3, 112.21, -8.29), shapely.box(112.208, -8.3, 112.22, -8.29)
        ),
        "25_celah.geojson": villages(
            shapely.box(112.2, -8.3, 112.21, -8.29), shapely.box(112.21001, -8.3, 112.22, -8.29)
        ),
        "27_tidak_tertutup.geojson": collection({"type": "Polygon", "coordinates": [square()[:-1]]}, point()),
        "28_antimeridian.geojson": collection({"type": "LineString", "coordinates": [[179.9, -8.1], [-179.9, -8.1]]}),
        "31_meter.geojson": collection(point(634880, 9100435), point(634980, 9100535), point(634780, 9100335)),
        "32_zona_salah.geojson": collection(
            point(634880, 9100435),
            point(634980, 9100535),
            point(634780, 9100335),
            crs={"type": "name", "properties": {"name": "EPSG:32750"}},
        ),
        "33_sumbu.geojson": collection(*(point(LAT + n / 1000, LON + n / 1000) for n in range(3))),
        "34_tm3.geojson": collection(
            point(169603.5, 600384.2), crs={"type": "name", "properties": {"name": "EPSG:23836"}}
        ),
        "69_entitas.kml": KML.format(head="<!DOCTYPE kml [<!ENTITY x SYSTEM 'file:///etc/hosts'>]>", body=MARK),
        "69_bom.kml": KML.format(head="<!DOCTYPE kml [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]>", body=MARK),
        "70_tautan.kml": KML.format(
            head="", body="<NetworkLink><Link><href>http://127.0.0.1/x.kml</href></Link></NetworkLink>" + MARK
        ),
    }


def pack(name: str, members: dict[str, bytes], link: str = "") -> None:
    """A zip whose bytes do not depend on the clock."""
    with zipfile.ZipFile(FOLDER / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            info = zipfile.ZipInfo(member, MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            if member == link:
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, content)


def workbook(name: str, sheets: dict[str, list[list[Any]]], hidden: str = "", merge: str = "") -> None:
    """An Excel file."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": dt.datetime(2026, 1, 1)})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            if merge:
                sheet.merge_range(merge, "Koordinat")
            if title == hidden:
                sheet.hide()
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, dt.date):
                        sheet.write_datetime(at, column, dt.datetime.combine(cell, dt.time()), day)
                    elif isinstance(cell, str) and cell.startswith("=#"):
                        sheet.write_formula(at, column, "=1/0", None, cell[1:])
                    elif cell != "":
                        sheet.write(at, column, cell)
    (FOLDER / name).write_bytes(buffer.getvalue())


def workbooks() -> None:
    """The Excel files."""
    head, row = ["nama", "lat", "lon"], ["A", LAT, LON]
    workbook("13_tanggal.xlsx", {"Data": [head, ["A", dt.date(2012, 8, 11), LON], ["B", LAT, LON]]})
    workbook("35_judul.xlsx", {"Data": [["DAFTAR MENARA"], ["KABUPATEN BLITAR"], [], head, row]})
    workbook(
        "36_gabung.xlsx", {"Data": [["No", "Nama"], ["", "", "Lintang", "Bujur"], [1, "A", LAT, LON]]}, merge="C1:D1"
    )
    workbook("37_dua_lembar.xlsx", {"Menara": [head, row], "CCTV": [head, ["B", LAT, LON]]})
    workbook("38_tersembunyi.xlsx", {"Menara": [head, row], "Lama": [head, ["B", LAT, LON]]}, hidden="Lama")
    workbook("40_ref.xlsx", {"Data": [[*head, "tinggi"], [*row, "=#REF!"], ["B", LAT + 0.001, LON, 42]]})
    workbook("50_enam_belas.xlsx", {"Data": [["kode aset", *head], [3572010101900001.0 * 10, *row]]})


def encodings() -> None:
    """One list in three encodings."""
    text = "nama,lat,lon\nPondok Café – Jalan É,-8.13551,112.22451\n"
    (FOLDER / "41_bom.csv").write_bytes(text.encode("utf-8-sig"))
    (FOLDER / "41_utf16.csv").write_bytes(text.encode("utf-16"))
    (FOLDER / "41_1252.csv").write_bytes(text.encode("cp1252"))


def shapefiles() -> None:
    """Zipped Shapefiles without GDAL: without a reference system, with a link in it, with names that leave."""
    header = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, 64) + struct.pack("<2i8d", 1000, 1, LON, LAT, LON, LAT, 0, 0, 0, 0)
    shp = header + struct.pack(">2i", 1, 10) + struct.pack("<i2d", 1, LON, LAT)
    shx = header[:24] + struct.pack(">i", 54) + header[28:] + struct.pack(">2i", 50, 10)
    field = b"nama".ljust(11, b"\0") + b"C" + bytes(4) + bytes([10]) + bytes(15)
    dbf = struct.pack("<4BIHH20x", 3, 126, 1, 1, 1, 65, 11) + field + b"\r" + b" " + b"A".ljust(10) + b"\x1a"
    parts = {"menara.shp": shp, "menara.shx": shx, "menara.dbf": dbf}
    prj = gpd.GeoSeries([], crs="EPSG:4326").crs.to_wkt("WKT1_ESRI").encode()
    pack("30_tanpa_crs.zip", parts)
    pack("72_keluar.zip", {f"../../{name}": content for name, content in {**parts, "menara.prj": prj}.items()})
    pack("72_tautan.zip", {**parts, "menara.prj": b"/etc/hosts"}, link="menara.prj")
    pack("75_utuh.zip", {**parts, "menara.prj": prj})
    pack("71_bom.kmz", {"doc.kml": b" " * 3_000_000})
    pack("71_bom.xlsx", {"[Content_Types].xml": b"<a/>", "xl/worksheets/sheet1.xml": b" " * 3_000_000})


def main() -> None:
    """Write every file."""
    from coverage.readers.shipped import region_dir
    from coverage.readers.village_lists import read_crosswalk

    FOLDER.mkdir(exist_ok=True)
    codes = read_crosswalk(region_dir() / "villages.csv").set_index("village_code_bps")["village_code_kemendagri"]
    undotted = str(codes["3505060010"]).replace(".", "")
    for name, text in {**TABLES, **maps()}.items():
        (FOLDER / name).write_bytes(text.replace("{undotted}", undotted).encode("utf-8"))
    workbooks()
    encodings()
    shapefiles()


if __name__ == "__main__":
    main()
