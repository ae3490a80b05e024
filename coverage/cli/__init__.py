"""The command line: ``jangkau``."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line; exit status 0 done, 1 the input was refused, 2 wrong usage."""
    gc.set_threshold(500_000, 20, 20)  # imports make 300,000 objects that stay; in cycles there are few
    from coverage.cli.app import run
    from coverage.cli.plain_output import use_plain_output

    use_plain_output()
    status = run(sys.argv[1:])
    gc.freeze()  # or the interpreter looks through all of them before it ends
    sys.exit(status)
