"""Roads from an Overpass server: in pieces, resumed, in quarters where the server cannot, never half."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from coverage.base.errors import FileRefusedError, UnavailableError
from coverage.fetch import fetch_basemap
from coverage.fetch.overpass import fetch_extract
from coverage.readers.basemap import kept_features
from tests.fetch.served import Served, failing_after, send
from tests.made_osm import BLITAR, osm_xml

EMPTY = b"<?xml version='1.0'?><osm version='0.6'></osm>"


def overpass(served: Served, body: bytes = EMPTY, least: float = 0.0, asked: list[list[float]] | None = None) -> None:
    """Answer every query with ``body``; a box wider than ``least`` degrees is too much, as Overpass says it."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        query = parse_qs(urlsplit(handler.path).query)["data"][0]
        box = [float(part) for part in query.partition("[bbox:")[2].partition("]")[0].split(",")]
        if asked is not None:
            asked.append(box)
        if least and box[3] - box[1] > least:
            remark = b"<osm version='0.6'><remark> runtime error: Query timed out in \"query\"</remark></osm>"
            send(handler, remark, kind="application/osm3s+xml")
        else:
            send(handler, body, kind="application/osm3s+xml")

    served.replies["/api"] = reply


@pytest.mark.slow
def test_the_pieces_become_one_base_map_without_twins(served: Served, tmp_path: Path) -> None:
    overpass(served, osm_xml().encode())
    strip = (BLITAR[0], BLITAR[1], BLITAR[0] + 0.2, BLITAR[3])
    client = served.client("/api", form="overpass", margin_km=0)
    got = fetch_basemap(client, strip, tmp_path / "cache", tmp_path / "peta_dasar.parquet", lambda step, done: None)
    assert len(served.asked) == 2
    assert len(kept_features(got.path)) == sum(got.about["counts"].values())
    assert 60 < got.about["counts"]["road"] < 100  # each piece had them all
    assert got.about["dated"]
    assert not list((tmp_path / "cache" / "overpass").iterdir())


def test_a_broken_off_try_goes_on_where_it_was(served: Served, tmp_path: Path) -> None:
    overpass(served)
    served.before = failing_after(2)
    client = served.client("/api", form="overpass")
    with pytest.raises(UnavailableError):
        fetch_extract(client, BLITAR, tmp_path, lambda step, done: None)
    asked = len(served.asked)
    served.before = lambda handler: False
    assert len(fetch_extract(client, BLITAR, tmp_path, lambda step, done: None)) == 4
    assert len(served.asked) == asked + 2


def test_a_piece_that_is_too_much_is_asked_for_in_quarters(served: Served, tmp_path: Path) -> None:
    asked: list[list[float]] = []
    overpass(served, least=0.11, asked=asked)
    found = fetch_extract(served.client("/api", form="overpass"), BLITAR, tmp_path, lambda step, done: None)
    assert len(found) == 16
    west, south, east, north = BLITAR
    small = [(e - w) * (n - s) for s, w, n, e in asked if e - w < 0.11]
    assert sum(small) == pytest.approx((east - west) * (north - south), rel=1e-3)  # nothing is left out
    overpass(served, least=1e-9)
    with pytest.raises(FileRefusedError) as refused:
        fetch_extract(served.client("/api", form="overpass"), BLITAR, tmp_path / "b", lambda step, done: None)
    assert refused.value.code == "fetch.service_error"
    assert "timed out" in refused.value.details["problem"]


def test_an_answer_that_is_no_osm_is_refused_and_not_kept(served: Served, tmp_path: Path) -> None:
    overpass(served, b"<html>please sign in</html>")
    with pytest.raises(FileRefusedError):
        fetch_extract(served.client("/api", form="overpass"), BLITAR, tmp_path, lambda step, done: None)
    assert not list(tmp_path.rglob("*.osm"))
