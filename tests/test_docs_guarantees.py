"""Holds the pages of guarantees and of threats to naming tests that exist, line by line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
THREATS = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")
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


def test_a_threat_that_is_defended_names_tests_that_exist() -> None:
    rows = re.findall(r"^\| (\d+) \| [^|]*\| [^|]*\| ([^|]*?) \|", THREATS, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    listed = re.search(r"^## The tests of each line\n(.*?)^## ", THREATS, re.MULTILINE | re.DOTALL)
    assert listed
    tests = {
        number.strip(): text
        for numbers, text in re.findall(
            r"^- ([\d, ]+): (.*?)(?=^- |\Z)", listed[1], re.MULTILINE | re.DOTALL
        )
        for number in numbers.split(",")
    }
    assert set(tests) == {number for number, _ in rows}
    for number, defended in rows:
        assert bool(NAMED.findall(tests[number])) is (defended != "no"), number


def test_all_tests_that_the_page_of_threats_names_exist() -> None:
    named = NAMED.findall(THREATS)
    assert len(named) == THREATS.count("`tests/")
    for path, name in named:
        assert name in names(path), f"{path} has no {name}"
