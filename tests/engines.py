"""Runs the script of an engine's how-to page, as whoever reads it would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

__all__ = ["printed_by"]

_PAGES = Path(__file__).parents[1] / "docs" / "how-to"
_SCRIPT = re.compile(r"^```\n((?:from|import) .*?__main__.*?)^```$", re.MULTILINE | re.DOTALL)
_PRINTED = re.compile(r"^\$ venv/bin/python ask.py\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def printed_by(page: str, folder: Path) -> tuple[str, str]:
    """Return what the script of a page prints, and what the page says that it does."""
    text = (_PAGES / page).read_text(encoding="utf-8")
    (script,), (printed,) = _SCRIPT.findall(text), _PRINTED.findall(text)
    (folder / "ask.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "ask.py"],
        cwd=folder,
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, "".join(printed.splitlines(keepends=True)[1:])  # without the bar
