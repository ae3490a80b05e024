"""Files written of a run and the language alone; landmarks by role, and assets, which have no language."""

from coverage.exports.registry import CSV, JSON, PNG, XLSX, ExportRequest, export, written

GEOJSON = "application/geo+json"

written("villages.csv", "data", CSV, "tables:write_villages", place=10, is_core=True)
written("priority.csv", "data", CSV, "tables:write_priority", place=20, is_core=True)
written("pockets.csv", "data", CSV, "pockets:write_pockets", "pockets", place=30, is_core=True)
written("one_operator.csv", "data", CSV, "one_operator:write_one_operator", "operators", place=31)
written("conflicts.csv", "data", CSV, "tables:write_conflicts", place=50, is_core=True)
written("board.csv", "data", CSV, "board:write_board", place=55)
written("assets.xlsx", "data", XLSX, "workbook:write_asset_workbook", place=70)
written("villages.geojson", "data", GEOJSON, "geojson:write_villages_geojson", place=80)
written("assets.geojson", "data", GEOJSON, "geojson:write_assets_geojson", place=90)
written("fibre_ofds.json", "data", JSON, "ofds:write_ofds", place=100)
written("priority.xlsx", "office", XLSX, "excel:write_priority_workbook", place=30, is_core=True)
written("map.html", "maps", "text/html", "html_map:write_html_map", place=10, is_core=True, is_first_choice=True)
written("map.png", "maps", PNG, "print_map:write_print_map", place=20, is_drawn=True, is_first_choice=True)
written("map.kmz", "maps", "application/vnd.google-earth.kmz", "kml:write_kmz", place=30)
written(
    "villages.gpkg", "maps", "application/geopackage+sqlite3", "geopackage:write_geopackage", place=40, is_core=True
)
written("signal.tif", "maps", "image/tiff", "geotiff:write_signal", "signal", place=50, is_core=True)


@export("hamlets.csv", "data", CSV, "hamlets", place=32, is_core=True)
def _hamlets(asked: ExportRequest) -> bytes:
    from coverage.exports.landmarks import HAMLETS, write_landmarks

    return write_landmarks(asked.analysis, asked.words, *HAMLETS)


@export("service_points.csv", "data", CSV, "service_points", place=34, is_core=True)
def _service_points(asked: ExportRequest) -> bytes:
    from coverage.exports.landmarks import POINTS, write_landmarks

    return write_landmarks(asked.analysis, asked.words, *POINTS)


@export("assets.csv", "data", CSV, place=60)
def _assets(asked: ExportRequest) -> bytes:
    from coverage.exports.tables import write_assets

    return write_assets(asked.analysis)
