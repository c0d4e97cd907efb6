"""Compares the mutants that survived a run with those for which a page argues.

``python -m tests.mutants docs/mutants.md``, where mutmut has run. Fails on a survivor that the
page doesn't argue for, and on one it argues for that is gone.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

# A mutant that runs for ever is noticed too: whoever ran the tests would.
KILLED = ("killed", "timeout", "caught by type check")


def mutmut(*words: str) -> list[str]:
    """Return the lines that mutmut prints."""
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *words], capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout.splitlines()


def function(mutant: str) -> str:
    """Return the dotted name of the function that a mutant is of, from mutmut's own."""
    module, _, name = mutant.rpartition("__mutmut_")[0].rpartition(".")
    return f"{module}.{name.removeprefix('x').strip('ǁ').replace('ǁ', '.').removeprefix('_')}"


def change(name: str, lines: list[str]) -> str:
    """Return a change to a function in one form, whatever surrounds it."""
    told = [line for line in lines if re.match(r"[-+](?!--|\+\+)", line)]
    return "\n".join([name, *(f"{line[0]} {line[1:].strip()}" for line in told)])


def survived() -> set[str]:
    """Return the changes that no test noticed."""
    results = [line.strip().rpartition(": ") for line in mutmut("results", "--all", "true")]
    alive = [mutant for mutant, _, verdict in results if verdict not in KILLED]
    assert len(alive) < len(results), "no mutant was killed; did mutmut run here?"
    return {change(function(mutant), mutmut("show", mutant)) for mutant in alive}


def argued(page: str) -> set[str]:
    """Return the changes that a page shows, each below the name of its function."""
    blocks = re.findall(r"^```diff\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    changes = [one.splitlines() for block in blocks for one in block.split("\n\n")]
    return {change(name, lines) for name, *lines in changes}


def main(path: str) -> str | None:
    """Return what is wrong, None for nothing."""
    found, known = survived(), argued(Path(path).read_text(encoding="utf-8"))
    unargued = [f"survived; kill it with a test or argue:\n{one}" for one in sorted(found - known)]
    stale = [f"argued for, but gone:\n{one}" for one in sorted(known - found)]
    return "\n\n".join([*unargued, *stale]) or None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
