"""The command line: ``jangkau``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; exit status 0 done, 1 the input was refused, 2 wrong usage."""
    from coverage.cli.app import run
    from coverage.cli.plain_output import use_plain_output

    use_plain_output()
    sys.exit(run(sys.argv[1:]))
