"""Finds the real data that tests read, and skips by name where it isn't there."""

from __future__ import annotations

from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "shared" / "data"


def data_file(name: str) -> Path:
    """Return the path of a real data set; skips the test where it is absent."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"needs {name}, real data that is kept beside the project and not in it")
    return path
