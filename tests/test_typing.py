"""Holds mypy and pyright to the errors that the files of typing_tests mark, and to no others."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "typing_tests"
Found = dict[tuple[str, int], str]


def run(*command: str) -> str:
    """Return what a checker prints, whatever it thinks of the files."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    # 0 is no errors, 1 is errors; all else is a checker that didn't come to check.
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def by_mypy() -> Found:
    """Return the errors that mypy sees, by file and line."""
    found: Found = {}
    for line in run("mypy", "--output=json", str(FOLDER)).splitlines():
        error = json.loads(line)
        if error["severity"] == "error":
            place = Path(error["file"]).name, error["line"]
            found[place] = f"{found.get(place, '')} {error['message']}".strip()
    return found


def by_pyright() -> Found:
    """Return the errors that pyright sees, by file and line."""
    found: Found = {}
    told: dict[str, Any] = json.loads(
        run("pyright", "--outputjson", "--pythonpath", sys.executable, str(FOLDER))
    )
    for error in told["generalDiagnostics"]:
        if error["severity"] == "error":
            place = Path(error["file"]).name, error["range"]["start"]["line"] + 1
            found[place] = f"{found.get(place, '')} {error['message']}".strip()
    return found


def marked() -> Found:
    """Return the errors that the files ask for: ``# error: <a part of what mypy says>``."""
    return {
        (path.name, number): mark[1].strip()
        for path in sorted(FOLDER.glob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (mark := re.search(r"# error: (.+)", line))
    }


def apart(found: Found, wanted: Found) -> dict[tuple[str, int], tuple[str | None, str | None]]:
    """Return the lines on which a checker and the marks differ: what it found, what was marked."""
    return {
        place: (found.get(place), wanted.get(place))
        for place in sorted(found.keys() | wanted.keys())
        if place not in found or place not in wanted or wanted[place] not in found[place]
    }


def test_there_is_something_to_find() -> None:
    assert marked()


def test_mypy_finds_what_is_marked_and_nothing_else() -> None:
    assert apart(by_mypy(), marked()) == {}


def test_pyright_finds_what_is_marked_and_nothing_else() -> None:
    pytest.importorskip("pyright", reason="pyright isn't installed")
    # Its words are not mypy's, so only the lines are compared.
    assert apart(by_pyright(), dict.fromkeys(marked(), "")) == {}
