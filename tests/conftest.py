"""Hypothesis profiles, the shared PostgreSQL server, and what a run says that it skipped."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from tests import servers

# What a skipped test needed, by a word of its reason, and what would bring it.
NEEDS = {
    "PostgreSQL": "apt-get install postgresql",
    "browser": "apt-get install chromium",
    "Java": "apt-get install openjdk-17-jre-headless",
    "npm": "apt-get install nodejs npm",
    "real data": "put the data sets of docs/real-data.md in ../shared/data",
}

# Beginnings of the files whose tests aren't measured: pyproject.toml leaves out what they reach, or
# they need data that not everybody has. Measured they take two to three times as long, even where
# measuring is switched off for a while, so that they run in a process of their own.
UNMEASURED = (
    "test_cli",
    "test_docs",
    "test_export_browser",
    "test_house",
    "test_isolation",
    "test_laws",
    "test_real",
    "test_scale_dask",
    "test_scale_spark",
    "test_soak",
    "test_stores_postgres",
    "test_testing",
)

# No deadlines: a test that passes on a fast machine must pass on a slow one.
settings.register_profile("default", deadline=None, max_examples=60)
# The same examples on every run, so that a red gate means that the change is at fault.
settings.register_profile(
    "ci", deadline=None, max_examples=10, derandomize=True, print_blob=True, database=None
)
# For a night: pytest --hypothesis-profile=soak
settings.register_profile("soak", deadline=None, max_examples=10_000, print_blob=True)
# For make mutants: the same examples for each of them, and no time spent on the shortest one.
settings.register_profile(
    "mutants",
    deadline=None,
    max_examples=40,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run take the tests alone whose lines are measured, or all others."""
    parser.addoption("--part", choices=("measured", "unmeasured"), help="a part of the tests")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files of the other part."""
    part = config.getoption("--part")
    if part is None or not collection_path.name.startswith("test_"):
        return None
    measured = not collection_path.name.startswith(UNMEASURED)
    return measured is (part == "unmeasured") or None


@pytest.fixture(scope="session", autouse=True)
def _one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where the workers of this run meet over one PostgreSQL server, and its end."""
    folder = tmp_path_factory.getbasetemp()
    servers.meet(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)
    yield
    servers.stop_shared()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in two lines what was skipped, and what would run it."""
    counted: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        need = next((need for need in NEEDS if need.lower() in reason.lower()), "something else")
        counted[need] += 1
    if counted:
        found = ", ".join(f"{count} for want of {need}" for need, count in counted.most_common())
        terminalreporter.write_line(f"Skipped: {found} (pytest -rs names each).")
        brought = "; ".join(NEEDS[need] for need in counted if need in NEEDS)
        terminalreporter.write_line(f"To run them: {brought or 'see the reasons'}.")
