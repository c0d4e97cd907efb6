"""Worlds that a seed decides: nothing is lost, moved or invented in them, whatever goes wrong."""

from __future__ import annotations

import pytest

pytest.importorskip("apsw")

from tests.simulation.actors import draw_plan
from tests.simulation.run import run_plan, simulate

STEPS = 10_000


@pytest.mark.parametrize("seed", ["first", "second"])
def test_worlds_of_a_seed_hold(seed: str) -> None:
    steps, found = simulate(seed, STEPS // 2)
    assert found is None, f"{found.plan.seed}: {found.ran.found}" if found else ""
    assert steps >= STEPS // 2


def test_a_seed_decides_everything() -> None:
    for seed in ("first/1", "first/2", "first/4"):
        plan = draw_plan(seed)
        assert draw_plan(seed) == plan
        first, again = run_plan(plan), run_plan(plan)
        assert first == again
        assert run_plan(plan, first.taken).story == first.story


@pytest.mark.parametrize(
    "seed",
    [
        "9/0",  # verify met an append of another process and spoke of entries beyond the head
        "15/4",  # a kept answer took a report that was erased meanwhile for damage
        "29/0",  # a report that two redact at once
        "30/3",  # a copy met what had been erased and said again, and refused ever after
        "25/0",  # a copy held something erased, and not yet what says why
        "101/2",  # what a killed process left unsynced was seen, and lost with the power
        "133/5",  # a proof of what was erased meanwhile couldn't be read back
        "56/0",  # whoever followed was told of damage where something was erased
    ],
)
def test_a_seed_that_failed_once_holds(seed: str) -> None:
    assert run_plan(draw_plan(seed)).found is None
