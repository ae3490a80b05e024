"""``python -m coverage.cli``: the same as ``jangkau``."""

from coverage.cli import main

if __name__ == "__main__":  # a second process imports this module under another name
    main()
