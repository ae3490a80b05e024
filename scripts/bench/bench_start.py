"""How long commands take beside a bare ``import geopandas, numba``: seconds of processor, the least of several.

    python scripts/bench/bench_start.py [--times 5]

Ends with status 1 if a limit is missed: 0.3 s for ``jangkau --help``, and for ``jangkau analyze --no-papers`` on the region
that ships, on a fresh data folder, twice the bare import.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HELP_S, BARE_TIMES = 0.3, 2.0
BARE = "import sys; sys.modules['coverage'] = None; import geopandas, numba"


def seconds(folder: str, *command: str) -> float:
    """Processor seconds of a command."""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "JANGKAU_DATA_DIR": folder, "PYTHONPATH": str(root)}
    begun = os.times()
    subprocess.run([sys.executable, *command], cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)
    ended = os.times()
    return ended.children_user + ended.children_system - begun.children_user - begun.children_system


def main() -> int:
    """Run the commands in turn."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--times", type=int, default=5)
    times = options.parse_args().times
    ours = ("-m", "coverage.cli")
    commands = {"bare": ("-c", BARE), "help": (*ours, "--help"), "analyze": (*ours, "analyze", "--no-papers")}
    with tempfile.TemporaryDirectory() as folder:
        seconds(folder, *commands["analyze"])  # compiled code is cached
        turns = [{name: seconds(folder, *command) for name, command in commands.items()} for _ in range(times)]
    least = {name: min(turn[name] for turn in turns) for name in commands}
    limits = {"bare": float("inf"), "help": HELP_S, "analyze": BARE_TIMES * least["bare"]}
    for name, found in least.items():
        print(
            f"{name:8s} {found:5.2f} s  {found / least['bare']:4.1f} bare  {'kept' if found < limits[name] else 'MISSED'}"
        )
    return int(any(found >= limits[name] for name, found in least.items()))


if __name__ == "__main__":
    sys.exit(main())
