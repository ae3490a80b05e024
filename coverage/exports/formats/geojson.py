"""Features as GeoJSON."""

from coverage.exports.registry import ExportRequest, export

GEOJSON = "application/geo+json"


@export("villages.geojson", "data", GEOJSON, place=80)
def _villages(asked: ExportRequest) -> bytes:
    from coverage.exports.geojson import write_villages_geojson

    return write_villages_geojson(asked.analysis, asked.words)


@export("assets.geojson", "data", GEOJSON, place=90)
def _assets(asked: ExportRequest) -> bytes:
    from coverage.exports.geojson import write_assets_geojson

    return write_assets_geojson(asked.analysis, asked.words)
