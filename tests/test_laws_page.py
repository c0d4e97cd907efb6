"""The reference of laws: that it is what the laws' docstrings make of it today."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_reference_of_laws_is_current() -> None:
    look = "import sys; from laws_page import page; sys.stdout.buffer.write(page().encode())"
    done = subprocess.run([sys.executable, "-c", look], cwd=DOCS, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    current = (DOCS / "reference" / "laws.md").read_bytes()
    assert current == done.stdout, "run: python docs/laws_page.py"
