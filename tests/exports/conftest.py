"""A run made by hand: four square villages in a row, small enough to check every figure by eye.

=========== ========= ====== ========= ==========================================
village     people    state  share     what is special
=========== ========= ====== ========= ==========================================
Timur       1000      served 1.0       a tower inside
Tengah      2000      weak   0.25      nearest connection point 3 km
Barat       500       blank  0.0       on the official list
(hostile)   unknown   blank  0.0009    the name the test asks for
=========== ========= ====== ========= ==========================================
"""

import json
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from coverage.base import schema
from coverage.base.parameters import Parameters
from coverage.language.words import Words
from coverage.readers.parameters import read_parameters

CODES = ["3505010001", "3505010002", "3505020001", "3505020002"]
HOSTILE = [
    "=1+1",
    "+62 811",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "${7*7}",
    "{village}",
    "../../etc/passwd",
    "Desa 😀",
    "ꦧꦭꦶꦠꦂ",
    "a" * 200,
    "kutip \" dan ' dan &",
    "]]>",
    "a\x01b",
]


@dataclass(frozen=True, eq=False)
class Small:
    """Fields as the exports need them."""

    villages: Any
    assets: Any
    evidence: Any
    village_service: pd.DataFrame
    nearest: pd.DataFrame
    blank_spots: pd.DataFrame
    conflicts: pd.DataFrame
    priority: pd.DataFrame
    parameters: Parameters
    run: dict[str, Any]
    village_signal: pd.DataFrame | None = None
    agreement: pd.DataFrame | None = None
    compared: pd.DataFrame | None = None
    signal_raster: Any = None
    other_land: Any = None
    pockets: Any = None
    pocket_shapes: Any = None
    landmarks: Any = None
    basemap: Any = None
    tiles: Any = None


def make_small(name: str = "Utara", asset_name: str = "Menara 1") -> Small:
    """The run of the table above, with one village and one asset of the names given."""
    parameters = read_parameters()
    villages = gpd.GeoDataFrame(
        {
            "village_code_bps": CODES,
            "village_code_kemendagri": ["35.05.01.2001", "35.05.01.2002", "35.05.02.2001", None],
            "village": ["Timur", "Tengah", "Barat", name],
            "subdistrict": ["Satu", "Satu", "Dua", "Dua"],
            "regency": "Blitar",
            "area_km2": [4.86, 4.86, 4.86, 4.86],
            "boundary_quality": "approximate",
            "population": [1000.0, 2000.0, 500.0, float("nan")],
            "population_basis": ["sensus 2020"] * 3 + [None],
            "centre_lon": [112.09, 112.07, 112.05, 112.03],
            "centre_lat": -8.09,
        },
        geometry=[shapely.box(west, -8.10, west + 0.02, -8.08) for west in (112.08, 112.06, 112.04, 112.02)],
        crs=4326,
    )
    assets = _assets(asset_name)
    share = {
        "cellular": [1.0, 0.25, 0.0, 0.0009],
        "public_wifi": [0.1, 0.0, 0.0, 0.0],
        "backhaul": [0.9, 0.0, 0.0, 0.0],
        "surveillance": [0.0] * 4,
        "connection": [1.0, 0.25, 0.0, 0.0009],
    }
    service = pd.concat(
        [
            pd.DataFrame(
                {
                    "village_code_bps": CODES,
                    "service": key,
                    "known": True,
                    "share_served": values,
                    "share_area_served": values,
                    "population_served": [s * p for s, p in zip(values, [1000, 2000, 500, float("nan")], strict=True)],
                    "centre_served": [True, False, False, None],
                    "nearest_asset_id": "M-1",
                    "nearest_asset_kind": "tower",
                    "nearest_asset_m": [120.4, 2200.6, 4400.0, 6600.0],
                }
            )
            for key, values in share.items()
        ],
        ignore_index=True,
    )
    spots = pd.concat(
        [_spots(rule.name, rule.method, share.get(rule.service)) for rule in parameters.rules], ignore_index=True
    )
    run = {
        "run_id": "abc123def456",
        "version": "0.1.0",
        "date": "2026-11-20",
        "inputs": {"/home/orang/desa.geojson": "00" * 32, "aset.csv": "11" * 32},
        "parameters": parameters.model_dump(mode="json"),
        "counts": {"villages": 4},
        "seconds": {"reach": 0.1},
        "notes": [],
        "approximations": ["approximate_boundaries", "sample_assets"],
    }
    evidence = pd.DataFrame(
        {
            "evidence_id": ["daftar.csv:2", "daftar.csv:3"],
            "village_code_bps": [CODES[2], CODES[0]],
            "kind": "official_list",
            "claimed_state": "blank",
            "match": ["code_conflict", "agreed"],
            "given_code": ["3505020009", CODES[0]],
            "given_village": ["Barat", "Timur"],
            "given_subdistrict": ["Dua", "Satu"],
            "source": "daftar.csv",
            "date": "2023",
        }
    )
    conflicts = pd.DataFrame(
        {
            "village_code_bps": [CODES[0], CODES[2]],
            "kind": ["state", "match"],
            "rule": ["overlay", None],
            "computed_state": ["served", None],
            "claimed_state": "blank",
            "match": [None, "code_conflict"],
            "evidence_id": ["daftar.csv:3", "daftar.csv:2"],
        }
    )
    schema.check(villages, schema.VILLAGES)
    schema.check(assets, schema.ASSETS)
    schema.check(service, schema.VILLAGE_SERVICE)
    schema.check(spots, schema.BLANK_SPOTS)
    schema.check(evidence, schema.EVIDENCE)
    schema.check(conflicts, schema.CONFLICTS)
    return Small(
        villages,
        assets,
        evidence,
        service,
        pd.DataFrame(columns=schema.NEAREST.names),
        spots,
        conflicts,
        schema.check(_priority(name), schema.PRIORITY),
        parameters,
        run,
        other_land=gpd.GeoDataFrame(
            {"name": ["Danau Contoh"], "land": ["water"]},
            geometry=[shapely.box(112.03, -8.095, 112.05, -8.09)],
            crs=4326,
        ),
    )


def hostile_run(names: list[str]) -> Small:
    """That run with the four names in every place that has one."""
    small = make_small()
    called = dict(zip(CODES, names, strict=True))
    villages = small.villages.assign(village=names, subdistrict=names[::-1], population_basis=names)
    assets = small.assets.assign(
        name=[*names, names[0]],
        owner=[*names[::-1], None],
        operator=[*names, None],
        source=[*names, "contoh"],
        note=[*names[::-1], None],
    )
    evidence = small.evidence.assign(given_village=names[:2], given_subdistrict=names[2:], source=names[1:3])
    priority = small.priority.assign(
        village=small.priority["village_code_bps"].map(called),
        subdistrict=small.priority["village_code_bps"].map(called),
    )
    return replace(small, villages=villages, assets=assets, evidence=evidence, priority=priority)


def _assets(name: str) -> Any:
    shapes = [
        shapely.Point(112.09, -8.09),
        shapely.Point(112.085, -8.085),
        shapely.Point(112.065, -8.09),
        shapely.LineString([(112.09, -8.09), (112.065, -8.095)]),
        shapely.Point(112.03, -8.09),
    ]
    frame = gpd.GeoDataFrame(
        {
            "asset_id": ["M-1", "W-1", "C-1", "R-1", "M-2"],
            "kind": ["tower", "wifi", "cctv", "fiber_route", "tower"],
            "name": [name, "Balai desa", "Simpang", None, "Menara 2"],
            "status": ["operational", "damaged", "operational", "operational", "planned"],
            "owner": ["Diskominfo", None, "Dishub", "Diskominfo", None],
            "operator": None,
            "height_m": [42.0, None, None, None, 52.0],
            "band_mhz": [900.0, 2400.0, None, None, None],
            "reach_m": None,
            "on_fiber": [True, False, None, None, None],
            "installed_on": ["2021-05-01", None, None, None, None],
            "source": "contoh",
            "note": None,
        },
        geometry=shapes,
        crs=4326,
    )
    for column in ("height_m", "band_mhz", "reach_m"):
        frame[column] = frame[column].astype(float)
    return frame


def _spots(rule: str, method: str, share: list[float] | None) -> pd.DataFrame:
    listed = method == "listed"
    return pd.DataFrame(
        {
            "village_code_bps": CODES,
            "rule": rule,
            "state": ["served", "served", "blank", "served"] if listed else ["served", "weak", "blank", "blank"],
            "reason": ["not_listed", "not_listed", "listed", "not_listed"]
            if listed
            else ["in_reach", "few_in_reach", "none_in_reach", "few_in_reach"],
            "share": [float("nan")] * 4 if listed or share is None else share,
            "state_least": ["served", "served", "blank", "served"] if listed else ["served", "blank", "blank", "blank"],
            "state_most": ["served", "served", "blank", "served"] if listed else ["served", "served", "blank", "blank"],
            "certainty": "sure" if listed else ["sure", "possible", "sure", "sure"],
            "reach_m": float("nan") if listed else 3000.0,
            "nearest_kind": None if listed else "tower",
            "nearest_m": [float("nan")] * 4 if listed else [120.4, 2200.6, 4400.0, 6600.0],
        }
    )


def _priority(name: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rank": [1, 2, 3],
            "village_code_bps": [CODES[1], CODES[2], CODES[3]],
            "village": ["Tengah", "Barat", name],
            "subdistrict": ["Satu", "Dua", "Dua"],
            "score": [0.7, 0.5, 0.4],
            "rank_best": [1, 1, 3],
            "rank_worst": [2, 2, 3],
            "value_people_unserved": [1500.0, 500.0, float("nan")],
            "value_officially_listed": [0.0, 1.0, 0.0],
            "part_people_unserved": [0.7, 0.3, 0.4],
            "part_officially_listed": [0.0, 0.2, 0.0],
            "reasons": [
                json.dumps([["people_unserved", 1500.0]]),
                json.dumps([["people_unserved", 500.0], ["officially_listed", 1.0]]),
                json.dumps([]),
            ],
            "missing": ["[]", "[]", '["people_unserved"]'],
        }
    )


@pytest.fixture(scope="session")
def small() -> Small:
    return make_small()


@pytest.fixture(scope="session")
def words() -> Words:
    return Words("id")
