"""Invent the sample asset list of the region that ships. Every row says so: ``source = contoh``.

    python scripts/make_sample.py [--seed 2026] [--out data/blitar/assets_sample.csv]

The rule. Each asset stands near the centre of a village, at a random distance that is typical of its kind; which village
is drawn by chance, with more weight where villages are small (so dense) and less in the hills of the south and the north.
No operational asset may bring the share of any of the seven officially listed villages that lies in reach above
``KEPT_BELOW``, so that the seven are blank spots under the rule ``overlay`` because the sample was invented so. What does
not serve (damaged, planned, ...) and public Wi-Fi, which reaches 0.1 % of a village, may stand anywhere.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import geopandas as gpd
import pandas as pd
import shapely

from coverage.assets import service_reach
from coverage.readers.assets import read_assets
from coverage.readers.parameters import read_parameters
from coverage.readers.villages import read_villages

FOLDER = Path(__file__).parents[1] / "data" / "blitar"
SEED = 2026
KEPT_BELOW = 0.05
"""Share of the area of a listed village that operational assets may reach; the rule calls it blank below 0.10."""
LISTED = ("3505030003", "3505030001", "3505030006", "3505060010", "3505040001", "3505020001", "3505020006")
"""The seven villages of the official list of 2023; Kaulon by its code in MFD 2020."""
COLUMNS = ("asset_id", "kind", "name", "status", "owner", "operator", "height_m", "band_mhz", "reach_m", "on_fiber",
           "installed_on", "source", "note", "geometry")
LAST_DAY = dt.date(2026, 6, 30)
OFFICE = "Diskominfo Kabupaten Blitar"
PROVINCE = "Pemerintah Provinsi Jawa Timur"
TOWER_FIRMS = ("Penyedia menara A", "Penyedia menara B", "Penyedia menara C")
CARRIERS = ("Operator seluler A", "Operator seluler B", "Operator seluler C", "Operator seluler D")


@dataclass(frozen=True)
class Recipe:
    """How many of a kind, how far from a village centre (typical, metres), and how strongly the hills are avoided."""

    kind: str
    prefix: str
    count: int
    spread_m: float
    hills: float
    reach_m: float
    places: tuple[str, ...]
    statuses: tuple[tuple[str, float], ...] = (("operational", 0.88), ("damaged", 0.05), ("planned", 0.03),
                                               ("under_construction", 0.02), ("inactive", 0.02))


RECIPES = (
    Recipe("tower", "TWR", 250, 900, 0.30, 3000, ("Menara",),
           (("operational", 0.93), ("planned", 0.03), ("under_construction", 0.02), ("damaged", 0.01),
            ("decommissioned", 0.01))),
    Recipe("fiber_node", "FO", 120, 350, 0.12, 5000, ("Simpul fiber",)),
    Recipe("radio_link", "RAD", 12, 400, 0.60, 5000, ("Radio link",)),
    Recipe("wifi", "WIFI", 70, 250, 0.50, 0,
           ("Balai Desa", "Puskesmas Pembantu", "Taman", "Pasar", "Perpustakaan Desa")),
    Recipe("cctv", "CCTV", 70, 400, 0.10, 500, ("Simpang", "Pasar", "Terminal", "Jembatan")),
)


def metres(lon: float, lat: float, east: float, north: float) -> tuple[float, float]:
    """The point some metres east and north of another, to five decimals (about 1 m)."""
    return (round(lon + east / (111_320 * math.cos(math.radians(lat))), 5), round(lat + north / 110_574, 5))


def is_hilly(lat: float) -> bool:
    """South of the river Brantas' plain, or on the slopes of Kelud and Kawi in the north."""
    return lat < -8.185 or lat > -8.005


class Guard:
    """Keeps the listed villages out of reach."""

    def __init__(self, villages: gpd.GeoDataFrame) -> None:
        self.crs = villages.estimate_utm_crs()
        listed = villages[villages["village_code_bps"].isin(LISTED)].to_crs(self.crs)
        self.left = list(listed.geometry)
        self.areas = [shape.area for shape in self.left]

    def admits(self, point: tuple[float, float], reach_m: float) -> bool:
        """Whether one more asset keeps every listed village below the limit; if so, it counts from now on."""
        at = gpd.GeoSeries.from_xy([point[0]], [point[1]], crs="EPSG:4326").to_crs(self.crs).iloc[0]
        disc = at.buffer(reach_m, quad_segs=64)
        left = [shape.difference(disc) if shape.distance(at) < reach_m else shape for shape in self.left]
        if any(1 - now.area / all_ > KEPT_BELOW for now, all_ in zip(left, self.areas, strict=True)):
            return False
        self.left = left
        return True


def pick(chance: random.Random, weighted: Sequence[tuple[str, float]]) -> str:
    """One of some words, drawn by weight."""
    draw = chance.random() * sum(weight for _, weight in weighted)
    for word, weight in weighted:
        draw -= weight
        if draw < 0:
            return word
    return weighted[-1][0]


def make_rows(seed: int, villages: gpd.GeoDataFrame) -> Iterator[dict[str, object]]:
    """Yield the rows of the sample, sorted by ``asset_id``."""
    chance = random.Random(seed)
    facts = pd.read_csv(FOLDER / "villages.csv", dtype={"village_code_bps": str})
    guard = Guard(villages)
    rows: list[dict[str, object]] = []
    nodes: list[tuple[str, float, float]] = []
    for recipe in RECIPES:
        weights = [(str(at), (recipe.hills if is_hilly(lat) else 1.0) / math.sqrt(area))
                   for at, lat, area in zip(facts.index, facts.centre_lat, facts.area_km2, strict=True)]
        seen: dict[str, int] = {}
        made = 0
        while made < recipe.count:
            village = facts.loc[int(pick(chance, weights))]
            away = recipe.spread_m * math.sqrt(-2 * math.log(1 - chance.random()))
            turn = 2 * math.pi * chance.random()
            point = metres(village.centre_lon, village.centre_lat, away * math.cos(turn), away * math.sin(turn))
            status = pick(chance, recipe.statuses)
            if status == "operational" and recipe.reach_m and not guard.admits(point, recipe.reach_m):
                continue
            made += 1
            place = recipe.places[int(chance.random() * len(recipe.places))]
            name = f"{place} {village.village}"
            seen[name] = seen.get(name, 0) + 1
            name += f" {seen[name]}" if seen[name] > 1 else ""
            rows.append({"asset_id": f"{recipe.prefix}-{made:03d}", "kind": recipe.kind, "name": name,
                         "status": status, **details(chance, recipe.kind, status), "source": "contoh",
                         "note": "", "geometry": f"POINT ({point[0]:.5f} {point[1]:.5f})"})
            if recipe.kind == "fiber_node" and status == "operational":
                nodes.append((village.village, *point))
    rows += routes(nodes)
    yield from sorted(rows, key=lambda row: str(row["asset_id"]))


def details(chance: random.Random, kind: str, status: str) -> dict[str, object]:
    """Owner, operator, height, band and date that are plausible for a kind."""
    installed = LAST_DAY - dt.timedelta(days=int(chance.random() * 3650))
    found: dict[str, object] = {"owner": OFFICE, "operator": OFFICE, "height_m": "", "band_mhz": "", "reach_m": "",
                                "on_fiber": "",
                                "installed_on": "" if status in ("planned", "under_construction") else installed.isoformat()}
    if kind == "tower":
        found |= {"owner": pick(chance, [(firm, 1) for firm in TOWER_FIRMS]),
                  "operator": pick(chance, [(carrier, 1) for carrier in CARRIERS]),
                  "height_m": pick(chance, [("32", 1), ("42", 4), ("52", 3), ("62", 1), ("72", 1)]),
                  "band_mhz": pick(chance, [("900", 4), ("1800", 4), ("2100", 1), ("2300", 1)])}
    elif kind == "wifi":
        found |= {"owner": pick(chance, [(OFFICE, 9), (PROVINCE, 1)]), "height_m": "4",
                  "band_mhz": pick(chance, [("2400", 3), ("5800", 1)]), "on_fiber": pick(chance, [("ya", 4), ("tidak", 1)])}
    elif kind == "radio_link":
        found |= {"height_m": pick(chance, [("25", 2), ("32", 1)]), "band_mhz": pick(chance, [("5800", 3), ("7000", 1)])}
    elif kind == "cctv":
        found |= {"height_m": "6", "on_fiber": pick(chance, [("ya", 4), ("tidak", 1)])}
    elif kind == "fiber_node":
        found |= {"owner": pick(chance, [(OFFICE, 4), (PROVINCE, 1)]), "on_fiber": "ya"}
    return found


def routes(nodes: list[tuple[str, float, float]]) -> list[dict[str, object]]:
    """Fibre routes from west to east through every tenth operational node."""
    rows = []
    nodes = sorted(nodes, key=lambda node: node[1])
    for number in range(6):
        stops = nodes[number * 3::12][:8]
        line = ", ".join(f"{lon:.5f} {lat:.5f}" for _, lon, lat in stops)
        rows.append({"asset_id": f"RUTE-{number + 1:03d}", "kind": "fiber_route",
                     "name": f"Rute fiber {stops[0][0]} - {stops[-1][0]}", "status": "operational", "owner": OFFICE,
                     "operator": OFFICE, "height_m": "", "band_mhz": "", "reach_m": "", "on_fiber": "ya",
                     "installed_on": f"20{18 + number}-03-01", "source": "contoh", "note": "",
                     "geometry": f"LINESTRING ({line})"})
    return rows


def as_csv(rows: Iterator[dict[str, object]]) -> str:
    """The rows as text."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def shares_in_reach(villages: gpd.GeoDataFrame, assets: gpd.GeoDataFrame) -> pd.Series:
    """Share of each village's area in reach of any service that gives or proves a connection: exact polygons."""
    crs = villages.estimate_utm_crs()
    reach = service_reach(assets, read_parameters().kinds)
    reach = reach[reach["service"] != "surveillance"]
    points = assets.geometry.to_crs(crs).iloc[reach["asset_position"]].to_numpy()
    union = shapely.union_all(shapely.buffer(points, reach["reach_m"].to_numpy(), quad_segs=64))
    shapely.prepare(union)
    shapes = villages.geometry.to_crs(crs).to_numpy()
    shares = shapely.area(shapely.intersection(shapes, union)) / shapely.area(shapes)
    return pd.Series(shares, index=villages["village_code_bps"])


def main() -> None:
    """Write the sample and check what it is invented to show."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=SEED)
    arguments.add_argument("--out", type=Path, default=FOLDER / "assets_sample.csv")
    given = arguments.parse_args()
    villages, _ = read_villages(FOLDER / "villages.geojson")
    given.out.write_text(as_csv(make_rows(given.seed, villages)), "utf-8", newline="\n")
    assets, _ = read_assets(given.out)
    shares = shares_in_reach(villages, assets)
    print(assets["kind"].value_counts().to_string())
    print(f"blank {(shares < 0.1).sum()}, weak {((shares >= 0.1) & (shares < 0.5)).sum()}, "
          f"served {(shares >= 0.5).sum()}; the seven at most {shares[list(LISTED)].max():.3f}")
    assert shares[list(LISTED)].max() < 0.08


if __name__ == "__main__":
    main()
