"""The reference of laws and of their twins: that it is what the laws make of it today."""

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


def test_every_twin_is_told_apart_and_listed() -> None:
    # Which history is the first to tell hangs on what Hypothesis draws.
    look = "import sys; from laws_twins import page; sys.stdout.buffer.write(page().encode())"
    done = subprocess.run([sys.executable, "-c", look], cwd=DOCS, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    listed = (DOCS / "reference" / "twins.md").read_text(encoding="utf-8")

    def twins(text: str) -> list[list[str]]:
        return [row.split(" | ")[:2] for row in text.splitlines() if row.startswith("| `")]

    assert twins(listed) == twins(done.stdout.decode()), "run: python docs/laws_twins.py"
