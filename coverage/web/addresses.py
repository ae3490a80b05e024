"""Addresses of files, layers and pictures, served by :mod:`coverage.web.server.mounts`."""

from __future__ import annotations

import hashlib
from pathlib import Path

from xstatic.pkg import leaflet, leaflet_markercluster

from coverage.web.settings import base_path

OURS = Path(__file__).with_name("files")
FOLDERS = {"leaflet": Path(leaflet.BASE_DIR), "gugus": Path(leaflet_markercluster.BASE_DIR), "jangkau": OURS}


def asset_url(folder: str, file: str) -> str:
    """Address of a file under ``/aset``, versioned by the hash of its content."""
    content = (FOLDERS[folder] / file).read_bytes()
    return f"{base_path()}/aset/{folder}/{file}?v={hashlib.sha256(content).hexdigest()[:12]}"


MANUAL = "/panduan"
FIELD = "/lapangan"
"""The field page for phones."""
FEATURES = "/ogc"
"""OGC API Features."""
PUBLIC = "/publik"
"""The public pages."""
SEARCH = "/cari"
"""Search on the map."""


def features_url(region: str) -> str:
    """Address at which other programs read a region."""
    return f"{base_path()}{FEATURES}/{region.split('+')[0]}"


def public_url(region: str) -> str:
    """Address of the public page of a region."""
    return f"{base_path()}{PUBLIC}/{region}/"


def manual_url(language: str, chapter: str) -> str:
    """Address of a chapter of the manual; that of a page has the page's address."""
    return f"{base_path()}{MANUAL}/{language}/{chapter}"


def search_url(name: str) -> str:
    """Address of a search on the map."""
    return f"{base_path()}{SEARCH}/{name}"


def layer_url(name: str) -> str:
    """Address of a layer in the store of layers."""
    return f"{base_path()}/lapis/{name}.json"


def picture_url(name: str) -> str:
    """Address of a picture in the store of layers."""
    return f"{base_path()}/lapis/{name}.png"


def tile_url(name: str, suffix: str) -> str:
    """Address of the tiles of a map, with the placeholders of Leaflet; ``suffix`` is ``json`` or ``png``."""
    return f"{base_path()}/lapis/{name}/{{z}}/{{x}}/{{y}}.{suffix}"


def photo_url(photo_id: str) -> str:
    """Address of a photo of a report from the field."""
    return f"{base_path()}{FIELD}/foto/{photo_id}"


def field_url(region: str) -> str:
    """Address of the field page for a region."""
    return f"{base_path()}{FIELD}/?wilayah={region.split('+')[0]}"
