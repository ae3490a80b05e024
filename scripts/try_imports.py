"""Damage files of every format on purpose, and kill imports, many times; write what came of it into docs/robustness.md.

    python scripts/try_imports.py [--count 2000] [--kills 300] [--few] [--only FORMAT ...]

Ends with status 1 if anything crashed, hung, moved a place in a format that carries sums, or was left half done.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import pyarrow as pa  # noqa: E402, F401
import pyogrio  # noqa: E402, F401

from coverage.readers import child, confined  # noqa: E402
from tests.faults import trials  # noqa: E402
from tests.imports.mutations import CHECKED, FORMATS, damage, make, tried  # noqa: E402

PAGE = ROOT / "docs" / "robustness.md"
BEGIN, END = "<!-- import: begin -->", "<!-- import: end -->"


def forked(path: Path, driver: str, folder: Path, layer: str | None) -> None:
    """As the program's own, but by a fork: a process that has its libraries loaded already is thirty times as fast."""
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sys.argv = ["child", str(path), layer or "", driver, str(folder)]
        child.main()
        os._exit(0)
    deadline = time.monotonic() + confined.TIMEOUT_S
    while (done := os.waitpid(pid, os.WNOHANG))[0] == 0:
        if time.monotonic() > deadline:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            raise ValueError("time")
        time.sleep(0.001)
    if done[1] or not any((folder / name).is_file() for name in ("about.json", "rows.json", "layers.json")):
        raise ValueError(f"exit {done[1]}")


def mutated(kind: str, count: int) -> tuple[Counter[str], float]:
    """What came of ``count`` damaged files of a kind, and the longest time one took."""
    content, draw, told, longest = make(kind), random.Random(kind), Counter[str](), 0.0
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(confined, "_run", forked):
        for _ in range(count):
            start = time.perf_counter()
            try:
                told[tried(damage(content, draw), Path(folder) / "daftar")] += 1
            except Exception as error:
                told["crashed"] += 1
                print(f"{kind}: {type(error).__name__}: {error}", file=sys.stderr)
            longest = max(longest, time.perf_counter() - start)
    return told, longest


def rows(count: int, kills: int, formats: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Lines of the table, each with whether it is as it should be."""
    for kind in formats:
        told, longest = mutated(kind, count)
        good = not told["crashed"] and longest < 60 and not (kind in CHECKED and (told["moved"] or told["told"]))
        yield (
            (
                f"| {kind} | {count:,} | {told['refused']:,} | {told['set aside']:,} | {told['told']:,} | "
                f"{told['shown']:,} | {told['moved']:,} | "
                f"{told['crashed']} | {longest:.1f} s |"
            ),
            good,
        )
        print(kind, dict(told), f"{longest:.1f}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    yield f"\nAt most {peak:.2f} GB of memory in the reading process.\n", peak < 1
    if not kills:
        return
    with tempfile.TemporaryDirectory() as folder:
        from coverage.store import open_store

        path = Path(folder) / "jangkau.db"
        open_store(str(path)).close()
        tally = trials.kill_trials(str(path), kills, trials.take_in_for_ever, seed=11)
    yield (
        (
            f"kill -9 during imports of a file, {tally.tried} times: {tally.damaged} damaged, {tally.half_done} half "
            f"done, {tally.lost} of {tally.kept} acknowledged lost."
        ),
        tally.damaged + tally.half_done + tally.lost == 0,
    )


def main() -> int:
    """Try, print, and write the table into the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=2000)
    asked.add_argument("--kills", type=int, default=300)
    asked.add_argument("--few", action="store_true", help="40 files a format and 10 kills; the page stays as it is")
    asked.add_argument("--only", nargs="+", choices=FORMATS, help="these formats; the page stays as it is")
    given = asked.parse_args()
    made = list(rows(40 if given.few else given.count, 10 if given.few else given.kills, given.only or FORMATS))
    head = (
        "| format | damaged files | refused | rows set aside or as before | a place moved, and said | "
        "shown as changed | among the new ones | crashed | longest |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    )
    text = "\n".join([f"Tried on {dt.date.today().isoformat()}.\n", head, *(line for line, _ in made)])
    print(text)
    if not (given.few or given.only):
        page = PAGE.read_text("utf-8")
        PAGE.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n{text}\n{END}", page, flags=re.DOTALL), "utf-8")
    return 0 if all(good for _, good in made) else 1


if __name__ == "__main__":
    sys.exit(main())
