"""Holds what CI and releases install to lists that name each package by version and hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "requirements"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LISTS = {"package": [], "dev": ["dev"], "release": ["release"]}  # and the groups that each has
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("linux", "darwin", "win32")
PIN = re.compile(
    r"^([^\s=]+)==([^\s;]+)(?: ; (.+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)",
    re.MULTILINE,
)

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="there is no requirements/ here")


def pins(name: str) -> list[Requirement]:
    """Return what a list has, each with its hashes looked at."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert PIN.sub("", text) == "", "a line is no package by version and hash"
    marked = [(pin[1], pin[2], pin[3]) for pin in PIN.finditer(text)]
    return [Requirement(f"{a}=={b}{f' ; {c}' if c else ''}") for a, b, c in marked]


def needs(groups: list[str]) -> list[Requirement]:
    """Return what the package needs to be built and to run, and some groups besides."""
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    waiting = list(groups)
    while waiting:
        for need in PROJECT["dependency-groups"][waiting.pop()]:
            if isinstance(need, str):
                asked.append(need)
            else:
                waiting.append(need["include-group"])
    return [Requirement(need) for need in asked]


@pytest.mark.parametrize("name", LISTS)
def test_all_that_is_asked_for_is_listed_for_every_python_and_platform(name: str) -> None:
    listed = pins(name)
    for python in PYTHONS:
        for platform in PLATFORMS:
            place = {"python_full_version": f"{python}.9", "sys_platform": platform}
            here = [one for one in listed if one.marker is None or one.marker.evaluate(place)]
            versions = {canonicalize_name(one.name): str(one.specifier)[2:] for one in here}
            assert len(versions) == len(here), "two versions of one package"
            for need in needs(LISTS[name]):
                version = versions.get(canonicalize_name(need.name))
                assert version is not None, f"{need} isn't listed: run make lock"
                fits = need.specifier.contains(Version(version), prereleases=True)
                assert fits, f"{need}, and {version} is listed: run make lock"


def test_the_lists_agree() -> None:
    dev = {str(one) for one in pins("dev")}
    assert {str(one) for one in pins("package")} <= dev


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*")), ids=lambda path: path.name)
def test_no_list_names_an_index(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "//" not in text
    assert not re.search(r"^-", text, re.MULTILINE)


def test_what_ci_runs_is_installed_by_hash() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    rules = dict(re.findall(r"^(\.venv/\w+):.*\n((?:.+\n)+)", text, re.MULTILINE))
    for name in (".venv/package", ".venv/dev"):
        locked = rules[name].partition("else")[2]
        installs = re.findall(r"pip install (.*)", locked)
        assert installs
        assert all("$(HASHED)" in one or "--no-index" in one for one in installs)
    assert "pip install" not in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
