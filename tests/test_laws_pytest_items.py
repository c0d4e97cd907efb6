"""The lines that check laws make pytest items, which behave as items do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.faulty.sound import Wounded
from timeline.errors import ProjectionError
from timeline.testing import laws

PROJECTIONS = '''
"""Projections to test."""
from timeline import Attack, Projection, on


class Wounded(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, total, attack):
        return total + attack.wounded.best


class First(Wounded):
    start = None

    @on(Attack)
    def add(self, first, attack):
        return first or attack.id
'''
CHECKS = '''
"""The laws of two projections."""
from projections import First, Wounded
from timeline.testing import laws

test_wounded = laws.check(Wounded, skip={"kept_equals_replayed": "another day"}, examples=5)
test_first = laws.check(First, examples=5, seed=1)


class TestWounded(laws.Laws):
    projection = Wounded
    examples = 5
    skip = {"unknown_kinds_are_ignored": "no strangers here"}
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "projections.py").write_text(PROJECTIONS)
    (tmp_path / "test_fast_decode.py").write_text(CHECKS)
    return tmp_path


def run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--no-header", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, encoding="utf-8"
    ).stdout


def test_items_are_named_by_their_laws(folder: Path) -> None:
    listed = run(folder, "--collect-only", "-q").splitlines()
    assert "test_fast_decode.py::test_wounded[arrival_order_is_irrelevant]" in listed
    assert "test_fast_decode.py::TestWounded::test_arrival_order_is_irrelevant" in listed
    assert not any("merging_is_folding" in line for line in listed)
    chosen = run(
        folder, "--collect-only", "-q", "-k", "test_wounded and arrival_order"
    ).splitlines()
    assert [line for line in chosen if "::" in line] == [
        "test_fast_decode.py::test_wounded[arrival_order_is_irrelevant]",
    ]


def test_a_failure_is_the_finding_and_nothing_else(folder: Path) -> None:
    told = run(folder, "-q", "-k", "test_first and no_answer")
    assert "First breaks the law no_answer_from_an_order_nobody_knows" in told
    assert "Traceback" not in told
    assert "1 failed" in told


def test_skips_say_why_and_workers_agree(folder: Path) -> None:
    told = run(folder, "-q", "-rs", "-n", "2", "-k", "ounded")
    assert "another day" in told
    assert "no strangers here" in told
    assert "2 skipped" in told
    assert "failed" not in told


def test_a_class_without_a_projection_is_refused() -> None:
    with pytest.raises(ProjectionError, match="set projection"):
        type("TestNothing", (laws.Laws,), {})


class TestWounded(laws.Laws):
    projection: ClassVar[Any] = Wounded
    examples: ClassVar[Any] = 5
    skip: ClassVar[Any] = {"unknown_kinds_are_ignored": "to see a skip"}


test_wounded = laws.check(
    Wounded, examples=5, seed=3, skip={"unknown_kinds_are_ignored": "to see a skip"}
)
