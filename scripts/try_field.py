"""Kill the server while phones send reports, 200 times, and write what came of it into docs/robustness.md.

    python scripts/try_field.py [--few]

Ends with status 1 if a report or a photo was lost, or kept twice.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.faults.field_trials import Outcome, kill_trials  # noqa: E402

PAGE = ROOT / "docs" / "robustness.md"
BEGIN, END = "<!-- field: begin -->", "<!-- field: end -->"


def row(what: str, found: Outcome, expected: str = "") -> str:
    """A line of the table."""
    wrong = found.lost + found.doubled + found.photos_lost
    told = (
        f"{found.made} reports with a photo each, {found.sent} requests; {found.lost} lost, {found.doubled} doubled, "
        f"{found.photos_lost} photos lost or torn, {found.left_over} files that belong to none"
    )
    return f"| {what} | {told} | {'fails' if wrong else 'holds'}{expected} |"


def main() -> int:
    """Run the trials."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--few", action="store_true", help="ten kills, and nothing is written")
    few = asked.parse_args().few
    kills = 10 if few else 200
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        found = kill_trials(Path(one), kills)
        without = kill_trials(Path(two), max(kills // 20, 1), new_names=True)
    lines = [
        f"Tried on {dt.date.today()} by `python scripts/try_field.py`.\n",
        "| trial | what came of it | |",
        "| --- | --- | --- |",
        row(f"kill -9 of the server, {found.kills} times, everything sent twice at once", found),
        row(
            f"the same, {without.kills} times, with a new name for each try",
            without,
            ", as it should without the defence",
        ),
    ]
    table = "\n".join(lines)
    sys.stdout.write(table + "\n")
    if not few:
        page = PAGE.read_text("utf-8")
        made = re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{table}\n{END}", page, flags=re.DOTALL)
        PAGE.write_text(made, "utf-8")
    return int(bool(found.lost + found.doubled + found.photos_lost) or not without.doubled)


if __name__ == "__main__":
    sys.exit(main())
