"""Village boundaries from a map service, page by page; what is not whole is never taken."""

import json
from pathlib import Path

import pytest

from coverage.base.errors import JangkauError, UnavailableError
from coverage.fetch import fetch_boundaries, fetch_crosswalk
from tests.fetch.served import MapService, Served, failing_after, send, send_json

SEVEN = [
    {
        "type": "Feature",
        "id": n,
        "properties": {"KDEPUM": f"35.05.01.200{n}", "NAMOBJ": f"Desa {n}"},
        "geometry": {"type": "Polygon", "coordinates": [[[112 + n, -8], [113 + n, -8], [113 + n, -7], [112 + n, -8]]]},
    }
    for n in range(1, 8)
]


def fetched(served: Served, tmp_path: Path, **more: object) -> list[int]:
    client = served.client(
        "/layer/query", form="arcgis", where="KDPKAB='{kemendagri}'", order="OBJECTID", page=3, **more
    )
    got = fetch_boundaries(client, "3505", "35.05", tmp_path / "cache", tmp_path, lambda step, done: None)
    return [feature["id"] for feature in json.loads(got.path.read_text())["features"]]


def refusal(served: Served, tmp_path: Path) -> JangkauError:
    with pytest.raises(JangkauError) as caught:
        fetched(served, tmp_path)
    assert not (tmp_path / "batas_desa.geojson").exists()
    return caught.value


@pytest.mark.parametrize("inner", [False, True])
@pytest.mark.parametrize("most", [3, 2, 100])
def test_all_pages_come_once_and_in_order(served: Served, tmp_path: Path, inner: bool, most: int) -> None:
    service = served.replies["/layer/query"] = MapService(SEVEN, page=most, inner=inner)
    assert fetched(served, tmp_path) == [1, 2, 3, 4, 5, 6, 7]
    assert set(service.where) == {"KDPKAB='35.05'"}


def test_after_a_break_the_pages_that_came_are_not_asked_for_again(served: Served, tmp_path: Path) -> None:
    served.replies["/layer/query"] = MapService(SEVEN)
    served.before = failing_after(3)  # the count and two pages
    assert refusal(served, tmp_path).code == "fetch.refused"
    served.before = lambda handler: False
    served.asked.clear()
    assert fetched(served, tmp_path) == [1, 2, 3, 4, 5, 6, 7]
    assert len(served.asked) == 2


def test_an_error_in_the_body_of_a_good_answer_is_an_error(served: Served, tmp_path: Path) -> None:
    service = served.replies["/layer/query"] = MapService(SEVEN)
    service.error = {"code": 400, "message": "Failed to execute query.", "details": ["Pagination is not supported."]}
    error = refusal(served, tmp_path)
    assert (type(error), error.code, error.details["status"]) == (UnavailableError, "fetch.service_error", 400)
    assert "Pagination is not supported." in error.details["problem"]


@pytest.mark.parametrize("counted", [6, 8])
def test_fewer_or_more_than_the_service_counts_are_refused_and_asked_for_anew(
    served: Served, tmp_path: Path, counted: int
) -> None:
    service = served.replies["/layer/query"] = MapService(SEVEN)
    service.counted = counted
    error = refusal(served, tmp_path)
    assert (error.code, error.details["count"], error.details["expected"]) == ("fetch.wrong_count", 7, counted)
    service.counted = None
    assert fetched(served, tmp_path) == [1, 2, 3, 4, 5, 6, 7]


def test_a_service_that_sends_the_same_page_again_is_refused(served: Served, tmp_path: Path) -> None:
    served.replies["/layer/query"] = MapService([*SEVEN[:3], *SEVEN[:3], SEVEN[0]])
    assert refusal(served, tmp_path).code == "fetch.wrong_count"


def test_a_service_that_always_has_more_but_sends_nothing_ends(served: Served, tmp_path: Path) -> None:
    def endless(handler: object) -> None:
        if "returnCountOnly" in handler.path:  # type: ignore[attr-defined]
            send_json(handler, {"count": 7})  # type: ignore[arg-type]
        else:
            send_json(
                handler,
                {
                    "type": "FeatureCollection",
                    "features": [],  # type: ignore[arg-type]
                    "exceededTransferLimit": True,
                },
            )

    served.replies["/layer/query"] = endless
    assert refusal(served, tmp_path).code == "fetch.wrong_count"
    assert len(served.asked) == 2


def test_a_regency_that_the_service_does_not_know_is_told(served: Served, tmp_path: Path) -> None:
    served.replies["/layer/query"] = MapService([])
    assert refusal(served, tmp_path).code == "fetch.nothing_found"


@pytest.mark.parametrize(
    "body", [b"<html>Silakan masuk</html>", b"", b"{", b"[]", b'{"count": "7"}', b"null", b"[" * 100_000]
)
def test_what_is_no_answer_of_a_map_service_is_refused(served: Served, tmp_path: Path, body: bytes) -> None:
    served.replies["/layer/query"] = lambda handler: send(handler, body)
    assert refusal(served, tmp_path).code == "fetch.wrong_reply"


def test_a_web_page_is_no_answer_even_if_it_could_be_read(served: Served, tmp_path: Path) -> None:
    served.replies["/layer/query"] = lambda handler: send(handler, b'{"count": 7}', kind="text/html")
    assert refusal(served, tmp_path).code == "fetch.wrong_reply"


def test_a_geojson_file_does_as_well(served: Served, tmp_path: Path) -> None:
    served.files["/3505.geojson"] = json.dumps({"type": "FeatureCollection", "features": SEVEN}).encode()
    served.replies["/3505.geojson"] = lambda handler: send(
        handler, served.files["/3505.geojson"], kind="application/geo+json"
    )
    client = served.client("/{bps}.geojson", form="geojson")
    got = fetch_boundaries(client, "3505", "35.05", tmp_path / "cache", tmp_path, lambda step, done: None)
    assert got.about["features"] == 7


BRIDGE = {
    ("kabupaten", "35"): [("3504", "TULUNGAGUNG", "35.04"), ("3505", "BLITAR", "35.05")],
    ("kecamatan", "3505"): [("3505010", "BAKUNG", "35.05.01"), ("3505020", "WONOTIRTO", "35.05.22")],
    ("desa", "3505010"): [("3505010001", "BULULAWANG", "35.05.01.2001"), ("3505010002", "SIDOMULYO", "35.05.01.2002")],
    ("desa", "3505020"): [("3505020001", "NGADIPURO", "35.05.22.2007")],
}


def bridge(handler: object) -> None:
    from urllib.parse import parse_qs, urlsplit

    asked = parse_qs(urlsplit(handler.path).query)  # type: ignore[attr-defined]
    rows = BRIDGE.get((asked["level"][0], asked["parent"][0]), [])
    send_json(
        handler,
        [
            {
                "kode_bps": bps,
                "nama_bps": name,
                "kode_dagri": dagri,  # type: ignore[arg-type]
                "nama_dagri": name.title(),
            }
            for bps, name, dagri in rows
        ],
    )


def test_the_codes_of_a_regency_come_level_by_level(served: Served, tmp_path: Path) -> None:
    from coverage.readers.village_lists import read_crosswalk

    served.replies["/getwilayah"] = bridge
    client = served.client("/getwilayah?level={level}&parent={parent}", form="bridge")
    got = fetch_crosswalk(client, "3505", tmp_path, lambda step, done: None)
    assert (got.about["villages"], got.about["kemendagri"], got.about["regency"]) == (3, "35.05", "BLITAR")
    table = read_crosswalk(got.path)
    assert table["village_code_bps"].tolist() == ["3505010001", "3505010002", "3505020001"]
    assert table["village_code_kemendagri"].tolist() == ["35.05.01.2001", "35.05.01.2002", "35.05.22.2007"]
    assert table["subdistrict"].tolist() == ["BAKUNG", "BAKUNG", "WONOTIRTO"]


def test_a_code_that_the_bridge_does_not_know_is_told(served: Served, tmp_path: Path) -> None:
    served.replies["/getwilayah"] = bridge
    client = served.client("/getwilayah?level={level}&parent={parent}", form="bridge")
    with pytest.raises(JangkauError) as caught:
        fetch_crosswalk(client, "3599", tmp_path, lambda step, done: None)
    assert caught.value.code == "fetch.nothing_found"
