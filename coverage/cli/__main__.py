"""``python -m coverage.cli``: the same as ``jangkau``."""

from coverage.cli import main

if __name__ == "__main__":  # imported under another name by a second process
    main()
