"""Sets how long and how hard Hypothesis searches, by profile."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import Phase, settings

from tests import servers

# No deadlines: a test that passes on a fast machine must pass on a slow one.
settings.register_profile("default", deadline=None, max_examples=60)
# The same examples on every run, so that a red gate means that the change is at fault.
settings.register_profile(
    "ci", deadline=None, max_examples=100, derandomize=True, print_blob=True, database=None
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


@pytest.fixture(scope="session", autouse=True)
def _one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where the workers of this run meet over one PostgreSQL server, and its end."""
    folder = tmp_path_factory.getbasetemp()
    servers.meet(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)
    yield
    servers.stop_shared()
