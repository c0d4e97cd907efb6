"""Runs a command: ``python -m timeline``."""

import sys

from timeline.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
