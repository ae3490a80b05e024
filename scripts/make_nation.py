"""Make the compact files of all of Indonesia that ship, from plain facts.

    python scripts/make_nation.py [--facts FOLDER] [--out FOLDER]

Reads ``villages.csv.gz``, ``outlines.csv.gz`` and ``not_villages.csv.gz`` and writes, the same bytes every time::

    regencies.csv          a row per regency: both codes, name, province, villages, area
    villages/33.csv.gz     a row per village of a province (two digits of Kemendagri)
    outlines.csv.gz        the rings of every regency
    not_villages.csv       forests and waters

Names of regencies and provinces stand in ``regencies.csv`` alone. The BPS code of a regency is what the BPS codes of its
villages begin with; empty where none of them has one.
"""

from __future__ import annotations

import argparse
import gzip
import io
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
FACTS = ROOT.parent / "shared" / "data" / "nation"
OUT = ROOT / "data" / "indonesia"
CODES = {"village_code_kemendagri": str, "village_code_bps": str, "regency_code_kemendagri": str}
LIMIT_BYTES = 4_000_000
WITHOUT_VILLAGES = pd.DataFrame(
    [("92.03", "9101", "Kabupaten Fakfak", "Papua Barat", 0)],
    columns=["regency_code_kemendagri", "regency_code_bps", "regency", "province", "villages"],
)
"""Regencies none of whose villages are in the facts: known by name, so that who looks for one is told."""


def regencies_of(villages: pd.DataFrame) -> pd.DataFrame:
    """A row per regency, by Kemendagri code.

    Raises
    ------
    ValueError
        If the villages of a regency do not agree on its name or its BPS code.
    """
    by = villages.assign(bps=villages["village_code_bps"].str[:4]).groupby(villages["village_code_kemendagri"].str[:5])
    if (by[["regency", "province", "bps"]].nunique() > 1).any(axis=None):
        raise ValueError("a regency with two names or two BPS codes")
    table = by.agg(
        regency_code_bps=("bps", "first"),
        regency=("regency", "first"),
        province=("province", "first"),
        villages=("village", "size"),
        area_km2=("area_km2", "sum"),
    )
    table["area_km2"] = table["area_km2"].round(1)
    table["regency"] = table["regency"].str.strip()
    whole = pd.concat([table.rename_axis("regency_code_kemendagri").reset_index(), WITHOUT_VILLAGES])
    return whole.sort_values("regency_code_kemendagri", ignore_index=True)


def make_files(facts: Path) -> dict[str, bytes]:
    """Every file by its name in the folder."""
    villages = pd.read_csv(facts / "villages.csv.gz", dtype=CODES).sort_values("village_code_kemendagri")
    outlines = pd.read_csv(facts / "outlines.csv.gz", dtype=CODES)
    others = pd.read_csv(facts / "not_villages.csv.gz", dtype=CODES).sort_values("village_code_bps")
    kept = ["village_code_kemendagri", "village_code_bps", "village", "subdistrict", "lon", "lat", "area_km2"]
    made = {"regencies.csv": as_csv(regencies_of(villages))}
    for province, rows in villages.groupby(villages["village_code_kemendagri"].str[:2]):
        made[f"villages/{province}.csv.gz"] = packed(as_csv(rows[kept]))
    made["outlines.csv.gz"] = packed(as_csv(outlines.drop(columns="point")))
    made["not_villages.csv"] = as_csv(others.drop(columns=["regency", "province"]))
    return made


def as_csv(table: pd.DataFrame) -> bytes:
    """A table as CSV, lines ending alike on every system."""
    text = io.StringIO()
    table.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue().encode()


def packed(content: bytes) -> bytes:
    """Compressed, without a date or a name inside."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def main() -> None:
    """Make and write."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--facts", type=Path, default=FACTS)
    arguments.add_argument("--out", type=Path, default=OUT)
    given = arguments.parse_args()
    made = make_files(given.facts)
    size = sum(map(len, made.values()))
    if size > LIMIT_BYTES:
        raise SystemExit(f"{size:,} bytes: more than {LIMIT_BYTES:,}")
    for name, content in made.items():
        path = given.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print(f"{len(made)} files, {size:,} bytes in {given.out}")


if __name__ == "__main__":
    main()
