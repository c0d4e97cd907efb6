"""What is shown is run: README, docs and examples, their printed output, links and names."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from doctest import ELLIPSIS, OutputChecker
from doctest import Example as Expected
from pathlib import Path
from types import ModuleType

import pytest
from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
FENCED = re.compile(r"^ *(```+|~~~+)(.*?)\n(.*?)^ *\1 *$", re.MULTILINE | re.DOTALL)


def shown(path: Path) -> str:
    """Return a file's path inside the project."""
    return path.relative_to(ROOT).as_posix()


def read(page: Path) -> str:
    """Return a page's text, and fails by name where it is missing."""
    assert page.is_file(), f"{shown(page)} is missing"
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_the_code_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(page)
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()

    def compare(example: Example) -> str | None:
        want, got = str(example.parsed), printed.getvalue()
        printed.seek(0)
        printed.truncate()
        checker = OutputChecker()
        got = "".join(f"{line.rstrip()}\n" for line in got.splitlines())
        if checker.check_output(want, got, ELLIPSIS):
            return None
        return checker.output_difference(Expected("", want), got, ELLIPSIS)

    document = Document.parse(
        str(page),
        PythonCodeBlockParser(doctest_optionflags=ELLIPSIS),
        CodeBlockParser(language="text", evaluator=compare),
    )
    # Classes made on a page look their type hints up in a module, as those of a script do.
    module = ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    document.namespace = vars(module)
    document.namespace["ROOT"] = ROOT
    with contextlib.redirect_stdout(printed):
        for example in document.examples():
            example.evaluate()


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_no_code_escapes_by_a_misspelt_fence(page: Path) -> None:
    languages = [match[1].strip() for match in FENCED.findall(read(page))]
    wrong = [name for name in languages if name != "python" and re.match(r"(?i)py|>>>", name)]
    assert not wrong, f"open Python with ```python and nothing else, or it isn't run: {wrong}"


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_lead_somewhere(page: Path) -> None:
    prose = FENCED.sub("", read(page))
    broken = [
        target
        for target in re.findall(r"\]\(([^)\s]+)\)", prose)
        if not re.match(r"[a-z]+:|#", target)
        and not (page.parent / target.partition("#")[0]).exists()
    ]
    assert not broken, f"these links lead nowhere: {broken}"


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_commands_exist(page: Path) -> None:
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^\$? ?|`)make ([a-z-]+)", read(page), re.MULTILINE))
    assert named <= known, f"the Makefile has no target {sorted(named - known)}"


def test_every_public_name_is_documented() -> None:
    import timeline  # noqa: PLC0415 - its failure is one test's, not the whole file's

    spans = " ".join(
        span for page in PAGES for span in re.findall(r"`([^`\n]+)`", FENCED.sub("", read(page)))
    )
    silent = set(timeline.__all__) - set(re.findall(r"\w+", spans))
    assert not silent, f"README and docs say nothing, in `code` in their prose, of {sorted(silent)}"


@pytest.mark.parametrize("example", EXAMPLES, ids=shown)
def test_an_example_runs(example: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(example)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout, "an example prints what it found"
