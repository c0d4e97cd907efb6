"""The modules that the laws are written out as hold for what is sound, of whatever powers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.faulty.sound import Contested, Displaced, Everything, Ratio, Roll
from timeline import Control, Projection
from timeline.testing.laws.module_writer import source

FEW = settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def written_for(
    make: Callable[[], Projection[Any]], **options: Any
) -> dict[str, Callable[[], None]]:
    """The tests of the module that is written for a projection, by their names."""
    space: dict[str, Any] = {"__name__": "written"}
    exec(compile(source(make, **options), "written", "exec"), space)  # noqa: S102 - our own text
    return {name: found for name, found in space.items() if name.startswith("test_")}


@pytest.mark.parametrize("sound", [Control, Contested, Displaced, Everything, Ratio, Roll])
def test_a_written_module_holds_for_what_is_sound(sound: Callable[[], Projection[Any]]) -> None:
    written = written_for(sound)
    assert len(written) > 10
    for test in written.values():
        FEW(test)()
