"""Soaks each store for seconds; ``make soak`` does it for as long as it is told to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import MAY_BE_MISSING

SECONDS = {"memory": 1, "sqlite": 2, "postgres": 2}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and signals")
@pytest.mark.parametrize(
    "store", ["memory", "sqlite", pytest.param("postgres", marks=MAY_BE_MISSING)]
)
def test_everything_at_once_ends_as_a_naive_fold_of_what_was_acknowledged(store: str) -> None:
    # In a process of its own: workers are forked, which only one with a single thread may do.
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", str(SECONDS[store]), store],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    counts = json.loads(done.stdout)
    assert counts["entries"] >= counts["acknowledged"] > 0
    assert counts["followed"] > 0
    assert counts.get("killed", 0) > 0 or store == "memory"
