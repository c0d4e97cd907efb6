"""Holds the page of guarantees to naming tests that exist, for each of its numbers."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
NUMBERED = re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`(tests/\w+\.py)::([\w:]+)`")


def names(path: str) -> set[str]:
    """Return the tests and classes of tests that a file has, methods after their class."""
    found = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            methods = [one.name for one in node.body if isinstance(one, ast.FunctionDef)]
            found |= {node.name, *(f"{node.name}::{name}" for name in methods)}
    return {name for name in found if name.startswith("test_") or "Test" in name}


def test_guarantees_are_numbered() -> None:
    assert [int(number) for number, _ in NUMBERED] == list(range(1, len(NUMBERED) + 1))
    assert len(NUMBERED) > 10


@pytest.mark.parametrize(("number", "text"), NUMBERED, ids=[number for number, _ in NUMBERED])
def test_a_guarantee_names_tests_that_exist(number: str, text: str) -> None:
    named = NAMED.findall(text)
    assert named, f"guarantee {number} names no test"
    for path, name in named:
        assert name in names(path), f"{path} has no {name}"
