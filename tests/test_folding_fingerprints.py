"""A fingerprint changes with what a projection does, and with nothing else."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from timeline import Attack, Casualties, Control, Projection, Statements, on
from timeline.folding.fingerprints import fingerprint

HELPED = 2


def helper(value: int) -> int:
    return value * HELPED


def test_a_fingerprint_follows_what_the_code_names(monkeypatch: pytest.MonkeyPatch) -> None:
    class Helped(Projection[int]):
        start = 0

        @on(Attack)
        def add(self, total: int, _: Attack) -> int:
            return helper(total) + len([one for one in (1, 2) if one])

        @property
        def odd(self) -> bool:
            return True

        @staticmethod
        def plain(*, given: int = 3) -> int:
            return given

    before = fingerprint(Helped(), int)
    assert fingerprint(Helped(), int) == before
    assert fingerprint(Helped(), str) != before
    monkeypatch.setitem(helper.__globals__, "HELPED", 3)
    assert fingerprint(Helped(), int) != before
    monkeypatch.undo()
    assert fingerprint(Helped(), int) == before
    monkeypatch.setattr(Helped, "plain", staticmethod(lambda *, given=4: given))
    assert fingerprint(Helped(), int) != before


def test_every_view_has_its_own_fingerprint() -> None:
    views: list[Projection[Any]] = [Casualties(), Control(), Statements(), Limited()]
    assert len({fingerprint(view, None) for view in views}) == len(views)


@attrs.frozen
class Limit:
    """A setting that is a value."""

    most: int
    names: tuple[str, ...] = ()

    def over(self, count: int) -> bool:
        return count > self.most


class Limited(Projection[int]):
    """Counts up to a limit; whatever it is given stands in its fingerprint."""

    start = 0

    def __init__(self, *settings: Any) -> None:
        self.settings = settings

    @on(Attack)
    def add(self, total: int, _: Attack) -> int:
        return total + len(self.settings)


def test_settings_of_any_kind_stand_in_the_fingerprint() -> None:
    def unfilled() -> Any:
        def inner() -> Any:
            return later

        if str(inner):
            return inner
        later: Any = 1
        return later

    settings: list[Any] = [
        1, 1.5, "1", None, Limit(1), Limit(2), Limit(1, ("a",)), Limit(1).over, Limit(2).over,
        {"a": 1}, {"a": 2}, {1, 2}, {1}, [1, 2], (1, 2), object(), Limit, len, unfilled(),
    ]  # fmt: skip
    prints = [fingerprint(Limited(one), int) for one in settings]
    assert len(set(prints)) == len(settings)
    assert prints == [fingerprint(Limited(one), int) for one in settings]


def test_classes_whose_hints_cant_be_told_have_a_fingerprint_all_the_same() -> None:
    @attrs.frozen
    class Open:
        other: Unheard  # type: ignore[name-defined]  # noqa: F821

    assert fingerprint(Limited(Open), int) != fingerprint(Limited(Limit), int)
