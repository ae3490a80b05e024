"""How long 100,000 rows take to import, and how much memory: read, understood, checked, compared, applied.

``python scripts/bench/bench_import.py [ROWS]`` makes the list in a temporary folder and prints a table.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import pandas as pd

from coverage.imports.apply import apply_plan
from coverage.imports.interpret import interpret
from coverage.imports.list_options import guess
from coverage.imports.plan import make_plan
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.imports.report import report
from coverage.language.words import Words
from coverage.store import Actor, open_store

ME = Actor("ukur", "admin")


def used() -> float:
    """Seconds of the processor, of this process and of those that it started."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def messy_list(rows: int) -> pd.DataFrame:
    """A list as offices write it: decimal commas, heights with units, several spellings, a bad row in a hundred."""
    chance = np.random.default_rng(1)
    lat = chance.uniform(-8.25, -8.05, rows)
    lon = chance.uniform(112.12, 112.4, rows)
    text = [f"{value:.6f}".replace(".", ",") for value in lat]
    text = [value.replace(",", "") if at % 100 == 7 else value for at, value in enumerate(text)]
    return pd.DataFrame(
        {
            "No": np.arange(1, rows + 1),
            "ID Site": [f"BLT{at:06d}" for at in range(rows)],
            "Nama Site": [f"Menara {at}" for at in range(rows)],
            "Pemilik": np.array(["PT. Telkom", "TELKOM", "Telkom Indonesia", "PT Protelindo"])[np.arange(rows) % 4],
            "LATTITUDE": text,
            "LONGITUDE": [f"{value:.6f}".replace(".", ",") for value in lon],
            "Tinggi": [f"{value}m" for value in chance.integers(20, 72, rows)],
            "Status": np.array(["Aktif", "Rusak", "-"])[np.arange(rows) % 3],
            "Keterangan": "-",
        }
    )


def main() -> None:
    """Print seconds per step and the most memory that was used."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        for name in ("csv", "xlsx"):
            file = Path(folder) / f"daftar.{name}"
            table = messy_list(rows)
            table.to_csv(file, sep=";", index=False) if name == "csv" else table.to_excel(file, index=False)
        del table
        print(f"| step, {rows:,} rows | CSV | of processor | Excel | of processor |\n| --- | --- | --- | --- | --- |")
        times: dict[str, list[float]] = {}
        for name in ("csv", "xlsx"):
            store = open_store(str(Path(folder) / f"{name}.db"))
            marks, spent = [time.perf_counter()], [used()]

            def mark(step: str, marks: list[float] = marks, spent: list[float] = spent) -> None:
                marks.append(time.perf_counter())
                spent.append(used())
                times.setdefault(step, []).extend([marks[-1] - marks[-2], spent[-1] - spent[-2]])

            region = read_region("3505")
            mark("the region")
            raw = read(Path(folder) / f"daftar.{name}")
            mark("read")
            found = interpret(raw, guess(raw, "tower"), region)
            mark("understood and checked")
            plan = make_plan(found, store.assets.table(viewer=ME), store.assets.revision())
            mark("compared")
            report(found, Words("id"), plan)
            mark("report")
            apply_plan(plan, store, ME)
            mark("applied")
            again = make_plan(found, store.assets.table(viewer=ME), store.assets.revision())
            assert again.counts["unchanged"] == found.accepted_rows
            assert found.accepted_rows + found.refused_rows == rows
            times.setdefault("together", []).extend([marks[-1] - marks[0], spent[-1] - spent[0]])
            store.close()
    for step, seconds in times.items():
        print(f"| {step} | " + " | ".join(f"{value:.1f}" for value in seconds) + " |")
    print(f"\nAt most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB of memory (both together).")


if __name__ == "__main__":
    main()
