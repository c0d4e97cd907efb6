"""The tests, one file or folder per room; run them all with ``make test``."""
