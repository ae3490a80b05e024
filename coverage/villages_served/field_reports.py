"""Reports from the field as what a run knows: measurements of places, and evidence of villages.

Reports are a table of a row each: ``report_id, lon, lat, village_code_bps, hamlet, made_at, sent_by, signals`` and more
(:meth:`coverage.store.reports.FieldReports.table`); ``signals`` is a list of ``operator, signal, rsrp_dbm, mbit_s``.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.base.field_report import SOURCE
from coverage.base.projection import utm_crs
from coverage.base.schema import EVIDENCE, MEASUREMENTS, SIGNAL_CLASSES, check, in_form
from coverage.land.cells import villages_of_points


def as_measurements(reports: pd.DataFrame) -> pd.DataFrame:
    """Table MEASUREMENTS: a row per operator of every report that has a place."""
    rows = heard_in(reports[reports["lon"].notna()])
    table = pd.DataFrame(
        {
            "measurement_id": rows["report_id"] + ":" + rows["operator"],
            **{name: rows[name].astype(float) for name in ("lon", "lat", "rsrp_dbm", "mbit_s")},
            **{"time": rows["made_at"], "operator": rows["operator"], "told": rows["signal"], "source": SOURCE},
        }
    )
    return check(table[MEASUREMENTS.names].reset_index(drop=True), MEASUREMENTS)


def heard_in(reports: pd.DataFrame) -> pd.DataFrame:
    """Reports with a row per operator: ``operator, signal, rsrp_dbm, mbit_s`` beside their other columns."""
    long = reports.explode("signals", ignore_index=True)
    said = pd.DataFrame(long.pop("signals").tolist(), columns=["operator", "signal", "rsrp_dbm", "mbit_s"])
    return pd.concat([long, said], axis=1)


def villages_of_reports(reports: pd.DataFrame, villages: gpd.GeoDataFrame) -> pd.Series:
    """BPS code of each report's village: the one that its place lies in, else the one that was chosen; else None."""
    points = gpd.GeoSeries(gpd.points_from_xy(reports["lon"], reports["lat"]), crs="EPSG:4326")
    placed = reports["lon"].notna().to_numpy()
    found = np.full(len(reports), -1)
    found[placed] = villages_of_points(villages, points[placed])
    codes = np.array([*villages["village_code_bps"], None], dtype=object)
    chosen = reports["village_code_bps"].where(reports["village_code_bps"].isin(set(codes[:-1])), None)
    return pd.Series(np.where(found >= 0, codes[found], chosen.to_numpy()), index=reports.index, dtype=object)


def as_evidence(reports: pd.DataFrame, villages: gpd.GeoDataFrame) -> pd.DataFrame:
    """Table EVIDENCE: one field test per village, of all reports from it.

    A report has the best signal of any operator. The village is ``blank`` where no report found any signal, ``served``
    where all found a strong one, else ``weak``: one place proves nothing of all the others.
    """
    codes = villages_of_reports(reports, villages)
    rows = heard_in(reports.assign(village_code_bps=codes)[codes.notna()])
    rank = rows["signal"].map(dict(zip(SIGNAL_CLASSES, range(len(SIGNAL_CLASSES)), strict=True))).astype(float)
    best = rows.assign(rank=rank).groupby(["village_code_bps", "report_id"])["rank"].max()
    told = best.groupby("village_code_bps").agg(["min", "max"])
    strong = SIGNAL_CLASSES.index("strong")
    state = np.select([told["max"] == 0, told["min"] == strong], ["blank", "served"], "weak")
    last = rows.groupby("village_code_bps")["made_at"].max().str[:10]
    table = pd.DataFrame(
        {
            "evidence_id": [f"{SOURCE}:{code}" for code in told.index],
            "village_code_bps": told.index,
            "kind": "field_test",
            "claimed_state": state,
            "match": "agreed",
            "source": SOURCE,
            "date": last.reindex(told.index).to_numpy(),
        }
    )
    return in_form(table, EVIDENCE)


def reports_near(reports: pd.DataFrame, lon: float, lat: float, within_m: float) -> pd.DataFrame:
    """Reports within a distance of a point, the nearest first, with ``distance_m``; those without a place are left
    out.
    """
    placed = reports[reports["lon"].notna()]
    points = gpd.GeoSeries(gpd.points_from_xy(placed["lon"], placed["lat"]), index=placed.index, crs="EPSG:4326")
    here = gpd.GeoSeries(gpd.points_from_xy([lon], [lat]), crs="EPSG:4326")
    metric = utm_crs(here)
    away = points.to_crs(metric).distance(here.to_crs(metric).iloc[0])
    near: pd.DataFrame = placed.assign(distance_m=away)[away <= within_m].sort_values("distance_m", kind="stable")
    return near
