"""Brings packages of npm into a folder of the project, for tests against tools in JavaScript."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest

__all__ = ["node_modules", "run_node"]

PACKAGES = {"@knight-lab/timelinejs": "3.9.11", "cloudevents": "10.0.0"}
FOLDER = Path(__file__).parents[1] / ".node"
_WAIT = 300  # seconds for another worker to finish installing


def _installed() -> bool:
    for name, version in PACKAGES.items():
        about = FOLDER / "node_modules" / name / "package.json"
        if not about.exists() or json.loads(about.read_text("utf-8"))["version"] != version:
            return False
    return True


def node_modules() -> Path:
    """Return the folder with the packages; skips the test where they can't be had.

    They are installed once, without running any script of theirs.
    """
    npm = shutil.which("npm")
    if shutil.which("node") is None or npm is None:
        pytest.skip("needs node and npm, which aren't installed")
    lock = FOLDER.with_name(".node-lock")
    deadline = time.monotonic() + _WAIT
    while not _installed():
        try:
            lock.mkdir()
        except FileExistsError:
            if time.monotonic() > deadline:
                pytest.skip(f"another test has been installing for {_WAIT} s; remove {lock}")
            time.sleep(0.5)
            continue
        try:
            wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
            quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            done = subprocess.run(
                [npm, "install", *quiet, "--prefix", str(FOLDER), *wanted],
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            lock.rmdir()
        if done.returncode:
            pytest.skip(f"npm could not install {', '.join(wanted)}: {done.stderr.strip()[-300:]}")
    return FOLDER / "node_modules"


def run_node(script: str, text: str) -> str:
    """Run a script in node, with the packages at hand and a text on standard input."""
    modules = node_modules()
    done = subprocess.run(
        ["node", "-e", script],  # noqa: S607 - found by node_modules
        cwd=modules.parent,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return done.stdout
