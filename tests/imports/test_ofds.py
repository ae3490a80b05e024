"""The Open Fibre Data Standard: read, taken in, written again; every node and every span is kept."""

import json
from pathlib import Path

import pytest
import shapely

from coverage.base.errors import FileRefusedError
from coverage.cli.app import run
from coverage.imports.list_options import guess
from coverage.imports.read import read


def parts(package: Path, what: str, place: str) -> list[tuple[str, str, str]]:
    network = json.loads(package.read_text("utf-8"))["networks"][0]
    shapes = [shapely.from_geojson(json.dumps(item[place])) for item in network[what]]
    return sorted(
        (item["name"], item["status"], shapely.to_wkt(shape, rounding_precision=5))
        for item, shape in zip(network[what], shapes, strict=True)
    )


def test_a_round_trip_keeps_every_node_and_span_and_stays_valid(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    given, written = shared / "ofds" / "network-package.json", tmp_path / "jaringan.json"
    assert run(["assets", "import", str(given)]) == 0
    assert run(["assets", "export", str(written)]) == 0
    for what, place in (("nodes", "location"), ("spans", "route")):
        assert parts(written, what, place) == parts(given, what, place)
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((shared / "ofds" / "network-schema.json").read_text("utf-8"))
    network = json.loads(written.read_text("utf-8"))["networks"][0]
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(network)) == []


def test_nodes_and_spans_as_geojson_have_their_owner(shared: Path) -> None:
    raw = read(shared / "ofds" / "nodes.geojson")
    assert guess(raw, "fiber_node").columns["owner"] == "physicalInfrastructureProvider.name"
    assert len(raw.frame) == len(json.loads((shared / "ofds" / "nodes.geojson").read_text("utf-8"))["features"])


@pytest.mark.parametrize(
    "network",
    [
        {},
        {"id": "x", "nodes": [{"name": "tanpa id"}]},
        {"id": "x", "nodes": [{"id": "1"}, {"id": "1"}]},
        {"id": "x"},
        {"id": "x", "nodes": "bukan daftar"},
    ],
)
def test_what_is_not_as_the_standard_says_is_refused(tmp_path: Path, network: dict[str, object]) -> None:
    file = tmp_path / "x.json"
    file.write_text(json.dumps({"networks": [network]}), "utf-8")
    with pytest.raises(FileRefusedError):
        read(file)


@pytest.mark.slow
def test_fibre_of_this_region_goes_through_the_whole_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    network = {
        "id": "x",
        "name": "Jaringan Blitar",
        "nodes": [
            {
                "id": "1",
                "name": "A",
                "status": "operational",
                "location": {"type": "Point", "coordinates": [112.22, -8.13]},
            },
            {
                "id": "2",
                "name": "B",
                "status": "planned",
                "location": {"type": "Point", "coordinates": [112.23, -8.14]},
            },
        ],
        "spans": [
            {
                "id": "1",
                "name": "A ke B",
                "status": "underConstruction",
                "start": "1",
                "end": "2",
                "route": {"type": "LineString", "coordinates": [[112.22, -8.13], [112.23, -8.14]]},
            }
        ],
    }
    file, written = tmp_path / "fiber.json", tmp_path / "lagi.json"
    file.write_text(json.dumps({"networks": [network]}), "utf-8")
    assert run(["assets", "import", str(file)]) == 0
    assert run(["assets", "export", str(written)]) == 0
    again = json.loads(written.read_text("utf-8"))["networks"][0]
    assert {(node["name"], node["status"]) for node in again["nodes"]} == {("A", "operational"), ("B", "planned")}
    (span,) = again["spans"]
    assert (span["status"], {span["start"], span["end"]}) == (
        "underConstruction",
        {node["id"] for node in again["nodes"]},
    )
