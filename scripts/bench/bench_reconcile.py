"""How fast a list is reconciled, against the usual way: difflib.get_close_matches, row by row.

Usage: python scripts/bench/bench_reconcile.py [CODES.csv] [--rows 82851] [--peer-rows 60]

The list is the whole table of codes with a slip in every tenth name, matched with the table itself. difflib looks for
the name among all names, as scripts that match by name do; its time is measured on a few rows and scaled to all of
them. It is the same run on the same machine, so that the ratio can be compared between machines.
"""

from __future__ import annotations

import argparse
import difflib
import sys
import time
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2]))

from coverage.places.codes import normalise_name
from coverage.places.reconcile import reconcile
from coverage.readers.village_lists import read_crosswalk

CODES = Path(__file__).parents[3] / "shared" / "data" / "codes" / "bps_kemendagri_2024.csv"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("codes", nargs="?", type=Path, default=CODES)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--peer-rows", type=int, default=60)
    options = parser.parse_args()
    started = time.perf_counter()
    table = read_crosswalk(options.codes)
    print(f"read {len(table):,} codes: {time.perf_counter() - started:.1f} s")
    rows = table.head(options.rows)
    slipped = rows["village"].where(rows.index % 10 != 0, rows["village"].str[:3] + rows["village"].str[4:])
    names = [normalise_name(name) for name in table["village"]]
    peer_rows = slipped.sample(options.peer_rows, random_state=1)
    started = time.perf_counter()
    for name in peer_rows:
        difflib.get_close_matches(normalise_name(name), names, n=1, cutoff=0.85)
    peer = (time.perf_counter() - started) / len(peer_rows) * len(rows)
    lists = {
        "code and name": pd.DataFrame({"code": rows["village_code_bps"], "village": slipped}),
        "Kemendagri code without dots and name": pd.DataFrame(
            {"code": rows["village_code_kemendagri"].str.replace(".", ""), "village": slipped}
        ),
        "name alone": pd.DataFrame({"village": slipped}),
    }
    for label, listed in lists.items():
        started = time.perf_counter()
        result = reconcile(listed, table, table)
        seconds = time.perf_counter() - started
        print(
            f"{label}: {len(listed):,} rows in {seconds:.1f} s; difflib.get_close_matches {peer:,.0f} s (scaled from "
            f"{len(peer_rows)} rows), ratio {peer / seconds:,.0f}"
        )
        print("  " + ", ".join(f"{status} {count:,}" for status, count in result["status"].value_counts().items()))


if __name__ == "__main__":
    main()
