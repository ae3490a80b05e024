"""``python -m coverage.cli``: the same as ``jangkau``."""

from coverage.cli import main

main()
