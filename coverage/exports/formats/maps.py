"""Maps for a browser, for Google Earth, for QGIS and for paper."""

from coverage.exports.registry import PNG, ExportRequest, export


@export("map.html", "maps", "text/html", place=10, is_core=True, is_first_choice=True)
def _page(asked: ExportRequest) -> bytes:
    from coverage.exports.html_map import write_html_map

    return write_html_map(asked.analysis, asked.words)


@export("map.png", "maps", PNG, place=20, is_drawn=True, is_first_choice=True)
def _print(asked: ExportRequest) -> bytes:
    from coverage.exports.print_map import write_print_map

    return write_print_map(asked.analysis, asked.words)


@export("map.kmz", "maps", "application/vnd.google-earth.kmz", place=30)
def _earth(asked: ExportRequest) -> bytes:
    from coverage.exports.kml import write_kmz

    return write_kmz(asked.analysis, asked.words)


@export("villages.gpkg", "maps", "application/geopackage+sqlite3", place=40, is_core=True)
def _package(asked: ExportRequest) -> bytes:
    from coverage.exports.geopackage import write_geopackage

    return write_geopackage(asked.analysis, asked.words)


@export("signal.tif", "maps", "image/tiff", "signal", place=50, is_core=True)
def _signal(asked: ExportRequest) -> bytes:
    from coverage.exports.geotiff import write_signal

    return write_signal(asked.analysis, asked.words)
