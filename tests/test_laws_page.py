"""The page on laws: that it is what the laws' docstrings make of it today."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_on_laws_is_current() -> None:
    look = "import sys; from laws_page import page; sys.stdout.buffer.write(page().encode())"
    done = subprocess.run([sys.executable, "-c", look], cwd=DOCS, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    current = (DOCS / "laws.md").read_bytes()
    start, end = b"<!-- strength -->", b"<!-- /strength -->"
    made = done.stdout
    # The figures between these two are measured, not made from docstrings.
    assert current.split(start)[0] == made.split(start)[0], "run: python docs/laws_page.py"
    assert current.split(end)[1] == made.split(end)[1], "run: python docs/laws_page.py"
