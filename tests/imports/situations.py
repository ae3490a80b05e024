"""Situations that people report in public trackers, made small: what a file holds, and what of it gets in.

Each is told in ``docs/field-cases.md`` under its name, with where it was reported. Places are those of Blitar.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

X, Y = (-8.156107, 112.208381), (-8.079418, 112.167889)
"""Two places in the region."""


@dataclass(frozen=True)
class Situation:
    """A file, and what is expected of it.

    Attributes
    ----------
    name, where
        Its name in the log, and the thread or list it was seen in.
    file, content
        Name and content; a dict for the members of an archive.
    expected
        Columns of the accepted assets with their values, places rounded to four decimals under ``place``.
    refused
        Codes of refused rows, without ``import.``.
    kind, options
        What every asset is where no column says it, and options of reading.
    """

    name: str
    where: str
    file: str
    content: str | bytes | dict[str, str]
    expected: dict[str, list[Any]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    kind: str = "tower"
    options: dict[str, Any] = field(default_factory=dict)

    def written(self, folder: Path) -> Path:
        """Write the file into a folder."""
        path = folder / self.file
        if isinstance(self.content, dict):
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, text in self.content.items():
                    archive.writestr(name, text)
        else:
            path.write_bytes(self.content if isinstance(self.content, bytes) else self.content.encode())
        return path


def _csv(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def _points(*features: tuple[dict[str, Any] | None, Any]) -> str:
    """GeoJSON of properties and geometry, a point where there are two numbers."""
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": properties,
                    "geometry": {"type": "Point", "coordinates": list(shape)} if isinstance(shape, tuple) else shape,
                }
                for properties, shape in features
            ],
        }
    )


def _kml(inside: str) -> str:
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'


def _mark(name: str, rest: str = "", place: tuple[float, float] | None = X) -> str:
    point = f"<Point><coordinates>{place[1]},{place[0]},0</coordinates></Point>" if place else ""
    return f"<Placemark>{name}{rest}{point}</Placemark>"


LON_LAT = (X[1], X[0]), (Y[1], Y[0])
ROW = f"{X[0]},{X[1]}"
TRACE = f"{X[0]} {X[1]} 0.0 0.0;{Y[0]} {Y[1]} 0.0 0.0;"
BOTH = {"name": ["A", "B"], "place": [(-8.1561, 112.2084), (-8.0794, 112.1679)]}
ONE = {"name": ["A"], "place": [(-8.1561, 112.2084)]}
TWO = f"A,{ROW}", f"B,{Y[0]},{Y[1]}"

SITUATIONS = (
    Situation("decimal-commas", "umap-project/umap#1556, #159, #44", "a.csv",
              _csv("nama;lat;lon", "A;-8,156107;112,208381", "B;-8,079418;112,167889"), BOTH),
    Situation("commas-and-points-mixed", "mbloch/mapshaper#495", "a.csv",
              _csv("nama;lat;lon", "A;-8,156107;112,208381", "B;-8.079418;112.167889"), BOTH),
    Situation("semicolons-and-thousands", "GeoDaCenter/geoda#490", "a.csv",
              _csv("nama;x;y;zona", "A;633.121,00;9.098.245,00;49S"), ONE),
    Situation("metres-with-decimal-commas", "geowe/geowe-core#238", "a.csv",
              _csv("Name;X;Y;UTM", "A;633121,26;9098245,10;49S"), ONE),
    Situation("web-mercator-columns", "CartoDB/cartodb#2682", "a.csv",
              _csv("name,xcoord,ycoord", "A,12490979.84,-911015.67"), ONE, options={"crs": "EPSG:3857"}),
    Situation("pair-with-letters-in-one-cell", "Esri/coordinate-conversion-addin-dotnet#430", "a.csv",
              _csv("nama,Coordinates", "A,8.156107S 112.208381E"), ONE),
    Situation("letter-behind-the-number", "fisharebest/webtrees#3690", "a.csv",
              _csv("nama,lat,lon", "A,8.156107S,112.208381E"), ONE),
    Situation("easting-first-degrees", "qgis/QGIS#40851", "a.csv",
              _csv("nama;koordinat", "A;112°12′30.17″E,8°9′21.98″S"), ONE),
    Situation("degrees-with-quotes", "qgis/QGIS#57480", "a.csv",
              _csv("nama,lat,lon", 'A,"8°9\'21.98"" S","112°12\'30.17"" E"'), ONE),
    Situation("degrees-in-two-columns-of-a-sheet", "camptocamp/QGIS-SpreadSheetLayers#16", "a.csv",
              _csv("nama;Lintang;Bujur", "A;8° 9' 21,98\";112° 12' 30,17\""), {}, ("lost_minus",)),
    Situation("exponents", "TimSC/pycrocosm#15", "a.csv", _csv("nama,lat,lon", "A,-8.156107e0,1.12208381e2"), ONE),
    Situation("negative-numbers", "Cadasta/cadasta-platform#2044", "a.csv", _csv("nama,lat,lon", *TWO), BOTH),
    Situation("seven-and-eight-decimals", "netbox-community/netbox#5707, #20812", "a.csv",
              _csv("name,status,latitude,longitude", f"A,active,{X[0]}0,{X[1]}0"), ONE | {"status": ["operational"]}),
    Situation("longitude-888", "netbox-community/netbox#20865", "a.csv",
              _csv("name,latitude,longitude", "A,-8.15,888.00000"), {}, ("out_of_range",)),
    Situation("line-breaks-in-an-address", "netbox-community/netbox#1859", "a.csv",
              _csv("name,physical_address,latitude,longitude", f'A,"Jl. A 1\nRT 2\nBlitar",{ROW}'), ONE),
    Situation("states-as-codes", "onaio/onadata#1427", "a.csv",
              _csv("nama,status,lat,lon", f"A,1,{ROW}", f"B,3,{Y[0]},{Y[1]}"),
              BOTH | {"status": ["operational", "operational"]}),
    Situation("labels-beside-codes", "onaio/onadata#1427", "a.csv",
              _csv("nama,status,status:label,lat,lon", f"A,1,Rusak,{ROW}", f"B,3,Aktif,{Y[0]},{Y[1]}"),
              BOTH | {"status": ["damaged", "operational"]}),
    Situation("groups-parted-by-three-points", "kobotoolbox/kobocat#186", "a.csv",
              _csv("situs...nama_titik,situs...jenis,situs...lat,situs...lon", f"A,wifi,{ROW}"), ONE | {"kind": ["wifi"]}),
    Situation("point-with-altitude-and-accuracy", "getodk/xforms-spec#173", "a.csv",
              _csv("nama,lokasi_gps", f"A,{X[0]} {X[1]} 210.5 4.9"), ONE),
    Situation("geolocation-as-an-array", "kobotoolbox/formpack#53", "a.json",
              json.dumps([{"nama": "A", "_geolocation": [X[0], X[1]]}]), ONE),
    Situation("trace-in-a-cell", "getodk/central#156, getodk/central-backend#232", "a.csv",
              _csv("nama,jalur_gps", f"A,{TRACE}"), {"name": ["A"], "length": [2]}, kind="fiber_route"),
    Situation("trace-with-blanks", "getodk/central-backend#300, ropensci/ruODK#95", "a.csv",
              _csv("nama,jalur_gps", f"A,{TRACE.replace(';', '; ')}"), {"name": ["A"], "length": [2]}, kind="fiber_route"),
    Situation("byte-order-mark", "CodeCabin/wp-google-maps#394, C2FO/fast-csv#131", "a.csv",
              b"\xef\xbb\xbf" + _csv("nama,lat,lon", *TWO).encode(), BOTH),
    Situation("zeros-in-front", "proompteng/bilig#28, teableio/teable#1880", "a.csv",
              _csv("site_id,nama,lat,lon", f"0010,A,{ROW}"), ONE | {"asset_id": ["0010"]}),
    Situation("digits-that-excel-lost", "MicrosoftDocs/OfficeDocs-Support#622", "a.csv",
              _csv("site_id,nama,lat,lon", f"1.23457E+19,A,{ROW}"), {}, ("damaged_number",)),
    Situation("points-in-wkt", "google/ground-platform#1473", "a.csv",
              _csv("nama,geometry", f'A,"POINT ({X[1]} {X[0]})"'), ONE),
    Situation("short-plus-code", "GCWizard/GCWizard#1613, google/open-location-code#343", "a.csv",
              _csv("nama,plus code", "A,R6V5+H9"), {}, ("short_code",)),
    Situation("whole-plus-code", "huridocs/uwazi#3071, dshanske/simple-location#197", "a.csv",
              _csv("nama,plus code", "A,6P3JR6V5+H9"), {"name": ["A"]}),
    Situation("properties-null", "filosganga/geogson#56, google/ground-platform#2033", "a.geojson",
              _points((None, LON_LAT[0]), ({"nama": "B"}, LON_LAT[1])), {"place": BOTH["place"]}),
    Situation("geometry-null", "ConservationMetrics/gc-scripts-hub#152, openlayers#1703", "a.geojson",
              _points(({"nama": "A"}, LON_LAT[0]), ({"nama": "B"}, None)), ONE, ("no_geometry",)),
    Situation("columns-stand-in-for-a-null-geometry", "bamcis-io/GeoJSON#11", "a.geojson",
              _points(({"nama": "A", "lat": 0, "lon": 0}, LON_LAT[0]), ({"nama": "B", "lat": Y[0], "lon": Y[1]}, None)), BOTH),
    Situation("numbers-as-text", "tryfatur/peta-menara", "a.geojson",
              _points(({"nama_site": "A", "tower_height": "31m"}, (str(X[1]), str(X[0])))), ONE | {"height_m": [31.0]}),
    Situation("tags-in-a-record", "tyrasd/overpass-turbo#14", "a.geojson",
              _points(({"tags": {"name": "A", "operator": "Telkomsel"}}, LON_LAT[0])), ONE | {"operator": ["Telkomsel"]}),
    Situation("centre-of-a-way", "OSGeo/gdal#11886, stefanocudini/leaflet-layerJSON#2, umap-project/umap#94", "a.json",
              json.dumps({"elements": [
                  {"type": "node", "id": 1, "lat": X[0], "lon": X[1], "tags": {"name": "A"}},
                  {"type": "way", "id": 2, "center": {"lat": Y[0], "lon": Y[1]}, "tags": {"name": "B"}}]}), BOTH),
    Situation("id-of-overpass", "maproulette/maproulette-frontend#126", "a.geojson",
              _points(({"@id": "node/1", "name": "A"}, LON_LAT[0])), ONE | {"asset_id": ["node/1"]}),
    Situation("arcgis-points-in-web-mercator", "chris48s/arcgis2geojson#10, Esri/terraformer#28", "a.json",
              json.dumps({"spatialReference": {"wkid": 102100, "latestWkid": 3857}, "features": [
                  {"attributes": {"NAMA": "A"}, "geometry": {"x": 12490979.84, "y": -911015.67}}]}), ONE),
    Situation("arcgis-lines", "Bolton-and-Menk-GIS/restapi#20", "a.json",
              json.dumps({"spatialReference": {"wkid": 4326}, "features": [
                  {"attributes": {"NAMA": "A"}, "geometry": {"paths": [[list(LON_LAT[0]), list(LON_LAT[1])]]}}]}),
              {"name": ["A"], "length": [2]}, kind="fiber_route"),
    Situation("metres-in-geojson", "chrieke/geojson-validator#8, gbif/portal-feedback#1906", "a.geojson",
              _points(({"nama": "A"}, (633121, 9098245))), ONE, options={"crs": "EPSG:32749"}),
    Situation("crs-member-of-2008", "JasonSanford/geojsonlint.com#8", "a.geojson",
              _points(({"nama": "A"}, (633121, 9098245))).replace(
                  '"features"', '"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32749"}}, "features"'),
              ONE),
    Situation("fields-of-several-schemas", "OSGeo/gdal#826, #14698", "a.kml",
              _kml(_mark("<name>A</name>", '<ExtendedData><SchemaData><SimpleData name="pemilik">PT A</SimpleData></SchemaData></ExtendedData>')
                   + _mark("<name>B</name>", '<ExtendedData><SchemaData><SimpleData name="tinggi">42</SimpleData></SchemaData></ExtendedData>', Y)),
              BOTH | {"owner": ["PT A", None]}),
    Situation("two-names-in-a-placemark", "duckdb/duckdb-spatial#727", "a.kml",
              _kml(_mark("<name>A</name><name>2</name>")), ONE),
    Situation("an-address-and-no-place", "organicmaps/organicmaps#13473, geoadmin/mf-geoadmin3#5093", "a.kml",
              _kml(_mark("<name>A</name>") + _mark("<name>B</name>", "<address>Jl. B, Blitar</address>", None)),
              ONE, ("no_geometry",)),
    Situation("documents-behind-links", "organicmaps/organicmaps#12054", "a.kmz",
              {"doc.kml": _kml("<NetworkLink><name>L</name><Link><href>files/a.kml</href></Link></NetworkLink>"),
               "files/a.kml": _kml(_mark("<name>A</name>")), "files/b.kml": _kml(_mark("<name>B</name>", "", Y))}, BOTH),
    Situation("moments-without-a-place-in-a-track", "OpenTracksApp/OpenTracks#1388", "a.kml",
              '<kml xmlns="http://www.opengis.net/kml/2.3" xmlns:gx="http://www.google.com/kml/ext/2.2"><Placemark><name>A</name>'
              f"<gx:Track><gx:coord>{X[1]} {X[0]} 0</gx:coord><gx:coord/><gx:coord>{Y[1]} {Y[0]} 0</gx:coord></gx:Track>"
              "</Placemark></kml>", {"name": ["A"], "length": [2]}, kind="fiber_route"),
    Situation("lines-of-a-balloon", "GPSBabel/gpsbabel#948, libkml/libkml#132", "a.kml",
              _kml(_mark("<name>A</name>", "<description><![CDATA[<p>Pemilik: PT A</p><p>Tinggi: 42 m</p>]]></description>")),
              ONE | {"owner": ["PT A"], "height_m": [42.0]}),
    Situation("comment-of-a-waypoint", "organicmaps/organicmaps#5643, geopaparazzi/geopaparazzi#120", "a.gpx",
              f'<gpx><wpt lat="{X[0]}" lon="{X[1]}"><name>A</name><cmt>dekat masjid</cmt></wpt></gpx>',
              ONE | {"note": ["dekat masjid"]}),
    Situation("extensions-of-a-waypoint", "viking-gps/viking#254, qgis/QGIS#40955", "a.gpx",
              f'<gpx xmlns:ogr="http://osgeo.org/gdal"><wpt lat="{X[0]}" lon="{X[1]}"><name>A</name>'
              "<extensions><ogr:kode_menara>T1</ogr:kode_menara></extensions></wpt></gpx>", ONE | {"asset_id": ["T1"]}),
    Situation("script-of-a-map", "indospaceid/indospaceid.github.io", "data.js",
              "const geojsonData = " + _points(({"FAT": "GDA/08", "FDT": "GDA/115", "Deskripsi": "dekat pos"}, LON_LAT[0])) + ";",
              {"place": ONE["place"], "note": ["dekat pos"]}, kind="fiber_node"),
    Situation("cameras-in-districts", "bangunx/beta-weblist", "a.json",
              json.dumps({"summary": {"total_cameras": 1}, "districts": [{"name": "Klojen", "cameras": [
                  {"id": "c1", "name": "A", "status": {"code": 1, "label": "Online", "is_online": True},
                   "location": {"street": "Jl. A", "coordinates": {"lat": X[0], "lng": X[1]}}}]}]}),
              ONE | {"status": ["operational"], "asset_id": ["c1"]}, kind="cctv"),
    Situation("towers-of-an-office", "record of towers in an office's own application", "a.csv",
              _csv("nama,pemilik_provider,penunggu_nama,penunggu_telepon,desa_kelurahan,kecamatan,rt_rw,lat,lng,tinggi_tower,"
                   "radius,status_aktif,bulan_tahun_operasional",
                   f"A,PT X,Budi,0812,Kedungbunder,Sutojayan,01/02,{ROW},42,3000,aktif,03/2019"),
              ONE | {"owner": ["PT X"], "height_m": [42.0], "reach_m": [3000.0], "installed_on": ["2019"]}),
)  # fmt: skip
