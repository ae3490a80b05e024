"""Invent the sample asset list of the region that ships. Every row says so: ``source = contoh``.

    python scripts/make_sample.py [--seed 2026] [--out data/blitar/assets_sample.csv]

The rule. Each asset stands near the centre of a village, at a random distance that is typical of its kind. Which
village is drawn by chance, with more weight where villages are small, so dense, and less in the hills of the south and
on the slopes of the north. No operational asset may bring the share of any of the seven officially listed villages
that lies in reach above ``KEPT_BELOW``: the seven are blank spots under the rule ``overlay`` because the sample was
invented so. The drawn boundaries are approximate, so the seven are guarded with a margin around them. A tower in the
hills that would break the rule may stay with a short reach of its own. What does not serve (damaged, planned, ...) and
public Wi-Fi, which reaches a thousandth of a village, may stand anywhere.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import math
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import geopandas as gpd
import pandas as pd
import shapely

from coverage.imports.asset_lists import read_assets
from coverage.reach.assets import service_reach
from coverage.readers.parameters import read_parameters
from coverage.readers.villages import read_villages

FOLDER = Path(__file__).parents[1] / "data" / "blitar"
SEED = 2026
KEPT_BELOW = 0.04
"""Share of the area of a listed village that operational assets may reach; the rule calls it blank below 0.10."""
MARGIN_M = 600
"""Around the drawn boundary of a listed village, which may be wrong by as much."""
LISTED = ("3505030003", "3505030001", "3505030006", "3505060010", "3505040001", "3505020001", "3505020006")
"""The seven villages of the official list of 2023; Kaulon by its code in MFD 2020."""
COLUMNS = (
    "asset_id",
    "kind",
    "name",
    "status",
    "owner",
    "operator",
    "lon",
    "lat",
    "height_m",
    "band_mhz",
    "reach_m",
    "on_fiber",
    "installed_on",
    "source",
    "note",
    "geometry",
)
LAST_DAY = dt.date(2026, 6, 30)
OFFICE = "Diskominfo Kabupaten Blitar"
PROVINCE = "Pemerintah Provinsi Jawa Timur"
TOWER_FIRMS = ("Penyedia menara A", "Penyedia menara B", "Penyedia menara C")
CARRIERS = ("Operator seluler A", "Operator seluler B", "Operator seluler C", "Operator seluler D")
SHORT_REACH_M = 1200
SHORT_REACH_NOTE = "cakupan terhalang bukit"


@dataclass(frozen=True)
class Recipe:
    """A kind of asset: how many, how far from a village centre, how much rarer in the hills, its reach and states."""

    kind: str
    prefix: str
    count: int
    spread_m: float
    hills: float
    reach_m: float
    places: tuple[str, ...]
    statuses: tuple[tuple[str, float], ...] = (
        ("operational", 0.88),
        ("damaged", 0.05),
        ("planned", 0.03),
        ("under_construction", 0.02),
        ("inactive", 0.02),
    )


RECIPES = (
    Recipe(
        "tower",
        "TWR",
        250,
        900,
        0.45,
        3000,
        ("Menara",),
        (
            ("operational", 0.93),
            ("planned", 0.03),
            ("under_construction", 0.02),
            ("damaged", 0.01),
            ("decommissioned", 0.01),
        ),
    ),
    Recipe("fiber_node", "FO", 120, 350, 0.15, 5000, ("Simpul fiber",)),
    Recipe("radio_link", "RAD", 12, 400, 0.60, 5000, ("Radio link",)),
    Recipe(
        "wifi", "WIFI", 70, 250, 0.50, 0, ("Balai Desa", "Puskesmas Pembantu", "Taman", "Pasar", "Perpustakaan Desa")
    ),
    Recipe("cctv", "CCTV", 70, 400, 0.10, 500, ("Simpang", "Pasar", "Terminal", "Jembatan")),
)


def moved(lon: float, lat: float, east_m: float, north_m: float) -> tuple[float, float]:
    """The point some metres east and north of another, to five decimals (about 1 m)."""
    return (round(lon + east_m / (111_320 * math.cos(math.radians(lat))), 5), round(lat + north_m / 110_574, 5))


def is_hilly(lat: float) -> bool:
    """South of the plain of the Brantas, or on the slopes of Kelud and Butak in the north."""
    return lat < -8.185 or lat > -8.005


class Guard:
    """Keeps the listed villages, and a margin around them, out of reach."""

    def __init__(self, villages: gpd.GeoDataFrame) -> None:
        self.crs = villages.estimate_utm_crs()
        listed = villages[villages["village_code_bps"].isin(LISTED)].to_crs(self.crs).geometry
        self.left = [*listed, *listed.buffer(MARGIN_M)]
        self.areas = [shape.area for shape in self.left]

    def admits(self, point: tuple[float, float], reach_m: float) -> bool:
        """Whether one more asset keeps every listed village below the limit; if so, it counts from now on."""
        at = gpd.GeoSeries.from_xy([point[0]], [point[1]], crs="EPSG:4326").to_crs(self.crs).iloc[0]
        disc = at.buffer(reach_m, quad_segs=64)
        left = [shape.difference(disc) if shape.distance(at) < reach_m else shape for shape in self.left]
        if any(1 - now.area / whole > KEPT_BELOW for now, whole in zip(left, self.areas, strict=True)):
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


def make_rows(seed: int, villages: gpd.GeoDataFrame) -> list[dict[str, object]]:
    """The rows of the sample, sorted by ``asset_id``."""
    chance = random.Random(seed)
    facts = pd.read_csv(FOLDER / "villages.csv", dtype={"village_code_bps": str})
    guard = Guard(villages)
    rows: list[dict[str, object]] = []
    for recipe in RECIPES:
        weights = [
            (str(at), (recipe.hills if is_hilly(lat) else 1.0) / math.sqrt(area))
            for at, lat, area in zip(facts.index, facts["centre_lat"], facts["area_km2"], strict=True)
        ]
        seen: dict[str, int] = {}
        made = 0
        while made < recipe.count:
            village = facts.loc[int(pick(chance, weights))]
            row = place_one(chance, recipe, village, guard)
            if row is None:
                continue
            made += 1
            name = f"{recipe.places[int(chance.random() * len(recipe.places))]} {village['village']}"
            seen[name] = seen.get(name, 0) + 1
            numbered = f"{name} {seen[name]}" if seen[name] > 1 else name
            rows.append(
                {
                    "asset_id": f"{recipe.prefix}-{made:03d}",
                    "kind": recipe.kind,
                    "name": numbered,
                    **details(chance, recipe.kind, str(row["status"])),
                    **row,
                    "source": "contoh",
                }
            )
    rows += routes([row for row in rows if row["kind"] == "fiber_node" and row["status"] == "operational"])
    return sorted(rows, key=lambda row: str(row["asset_id"]))


def place_one(chance: random.Random, recipe: Recipe, village: pd.Series, guard: Guard) -> dict[str, object] | None:
    """Status and place of one asset near a village centre; None where the listed villages would come in reach."""
    away = recipe.spread_m * math.sqrt(-2 * math.log(1 - chance.random()))
    turn = 2 * math.pi * chance.random()
    point = moved(village["centre_lon"], village["centre_lat"], away * math.cos(turn), away * math.sin(turn))
    status = pick(chance, recipe.statuses)
    row: dict[str, object] = {"status": status, "lon": f"{point[0]:.5f}", "lat": f"{point[1]:.5f}"}
    if status != "operational" or not recipe.reach_m or guard.admits(point, recipe.reach_m):
        return row
    if recipe.kind == "tower" and chance.random() < 0.5 and guard.admits(point, SHORT_REACH_M):
        return row | {"reach_m": SHORT_REACH_M, "note": SHORT_REACH_NOTE}
    return None


def details(chance: random.Random, kind: str, status: str) -> dict[str, object]:
    """Owner, operator, height, band and date that are plausible for a kind."""
    installed = LAST_DAY - dt.timedelta(days=int(chance.random() * 3650))
    found: dict[str, object] = {"owner": OFFICE, "operator": OFFICE}
    if status not in ("planned", "under_construction"):
        found["installed_on"] = installed.isoformat()
    if kind == "tower":
        found |= {
            "owner": pick(chance, [(firm, 1) for firm in TOWER_FIRMS]),
            "operator": pick(chance, [(carrier, 1) for carrier in CARRIERS]),
            "height_m": pick(chance, [("32", 1), ("42", 4), ("52", 3), ("62", 1), ("72", 1)]),
            "band_mhz": pick(chance, [("900", 4), ("1800", 4), ("2100", 1), ("2300", 1)]),
        }
    elif kind == "wifi":
        found |= {
            "owner": pick(chance, [(OFFICE, 9), (PROVINCE, 1)]),
            "height_m": "4",
            "band_mhz": pick(chance, [("2400", 3), ("5800", 1)]),
            "on_fiber": pick(chance, [("ya", 4), ("tidak", 1)]),
        }
    elif kind == "radio_link":
        found |= {
            "height_m": pick(chance, [("25", 2), ("32", 1)]),
            "band_mhz": pick(chance, [("5800", 3), ("7000", 1)]),
        }
    elif kind == "cctv":
        found |= {"height_m": "6", "on_fiber": pick(chance, [("ya", 4), ("tidak", 1)])}
    elif kind == "fiber_node":
        found |= {"owner": pick(chance, [(OFFICE, 4), (PROVINCE, 1)]), "on_fiber": "ya"}
    return found


def routes(nodes: list[dict[str, object]]) -> list[dict[str, object]]:
    """Six fibre routes, each along the nodes of one strip of the region, from west to east."""
    rows = []
    by_latitude = sorted(nodes, key=lambda node: (float(str(node["lat"])), str(node["asset_id"])))
    size = len(by_latitude) // 6
    for number in range(6):
        strip = by_latitude[number * size : (number + 1) * size]
        stops = sorted(strip, key=lambda node: (float(str(node["lon"])), str(node["asset_id"])))
        line = ", ".join(f"{node['lon']} {node['lat']}" for node in stops)
        first, last = (str(node["name"]).removeprefix("Simpul fiber ") for node in (stops[0], stops[-1]))
        rows.append(
            {
                "asset_id": f"RUTE-{number + 1:03d}",
                "kind": "fiber_route",
                "name": f"Rute fiber {first} – {last}",
                "status": "operational",
                "owner": OFFICE,
                "operator": OFFICE,
                "on_fiber": "ya",
                "installed_on": f"{2018 + number}-03-01",
                "source": "contoh",
                "geometry": f"LINESTRING ({line})",
            }
        )
    return rows


def as_csv(rows: Iterable[dict[str, object]]) -> str:
    """The rows as text."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def shares_in_reach(villages: gpd.GeoDataFrame, assets: gpd.GeoDataFrame) -> pd.Series:
    """Share of each village's area in reach of any service that gives or proves a connection: polygon arithmetic."""
    crs = villages.estimate_utm_crs()
    reach = service_reach(assets, read_parameters().kinds)
    reach = reach[reach["service"] != "surveillance"]
    points = assets.geometry.to_crs(crs).iloc[reach["asset_position"]].to_numpy()
    union = shapely.union_all(shapely.buffer(points, reach["reach_m"].to_numpy(), quad_segs=64))
    shapely.prepare(union)
    shapes = villages.geometry.to_crs(crs).to_numpy()
    shares = shapely.area(shapely.intersection(shapes, union)) / shapely.area(shapes)
    return pd.Series(shares, index=villages["village_code_bps"].to_numpy())


def main() -> None:
    """Write the sample and check what it is invented to show."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seed", type=int, default=SEED)
    arguments.add_argument("--out", type=Path, default=FOLDER / "assets_sample.csv")
    given = arguments.parse_args()
    villages, _ = read_villages(FOLDER / "villages.geojson")
    given.out.write_text(as_csv(make_rows(given.seed, villages)), "utf-8", newline="\n")
    assets, _ = read_assets(given.out)
    shares = shares_in_reach(villages, assets)
    print(assets["kind"].value_counts().to_string())
    print(
        f"blank {(shares < 0.1).sum()}, weak {((shares >= 0.1) & (shares < 0.5)).sum()}, "
        f"served {(shares >= 0.5).sum()}; the listed seven at most {shares[list(LISTED)].max():.3f}"
    )
    if shares[list(LISTED)].max() > KEPT_BELOW + 0.001:
        raise SystemExit("a listed village is in reach: the rule of the sample does not hold")


if __name__ == "__main__":
    main()
