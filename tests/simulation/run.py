"""Runs one world after another of a seed, so many steps, and says what was found."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import NamedTuple

from tests.simulation.actors import ACTORS, draw_plan
from tests.simulation.schedule import Turn
from tests.simulation.world import Plan, World

__all__ = ["Found", "Ran", "run_plan", "simulate"]


class Ran(NamedTuple):
    """How a world went."""

    steps: int
    found: BaseException | None
    story: list[str]
    taken: dict[Turn, str]


class Found(NamedTuple):
    """The first world of a seed in which something doesn't hold, and the steps until then."""

    plan: Plan
    steps: int
    ran: Ran


def run_plan(plan: Plan, given: Mapping[Turn, str] | None = None) -> Ran:
    """Run one world: as its seed says, or with the switches of another run."""
    world = World(plan, ACTORS, given)
    found: BaseException | None = None
    try:
        world.run()
    except Exception as error:  # noqa: BLE001 - it is what was looked for
        found = error
    return Ran(world.scheduler.steps, found, world.story, world.choices.taken)


def simulate(seed: object, steps: int) -> tuple[int, Found | None]:
    """Run worlds of a seed until so many steps are done, or something doesn't hold."""
    done = 0
    for number in count():
        plan = draw_plan(f"{seed}/{number}")
        ran = run_plan(plan)
        done += ran.steps
        if ran.found is not None:
            return done, Found(plan, done, ran)
        if done >= steps:
            return done, None
    raise AssertionError
