"""A fingerprint changes with what a projection does, and with nothing else."""

from __future__ import annotations

import re
import sys
from collections import OrderedDict, deque
from datetime import date
from enum import IntEnum
from fractions import Fraction
from functools import cache, partial
from threading import Lock
from types import ModuleType
from typing import Any

import attrs
import pytest

from timeline import Attack, Casualties, Control, Log, Projection, Report, Statements, on
from timeline.folding.fingerprints import fingerprint

here: Any = None  # a module, while a test runs

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


class Level(IntEnum):
    """A setting of a few names."""

    LOW = 1
    HIGH = 2


class Plain:
    """A setting of a class of the user's own, with a method that counts."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, count: int) -> int:
        return count + self.most


def test_values_stand_in_the_fingerprint_by_what_they_hold() -> None:
    held: list[Any] = [
        Fraction(1, 2), Fraction(1, 3), date(2022, 9, 1), date(2022, 9, 2), Level.LOW, Level.HIGH,
        re.compile("a"), re.compile("b"), Plain(1), Plain(2), partial(helper, 1),
        partial(helper, 2), Lock(), deque([1]), deque([2]), OrderedDict(a=1),
    ]  # fmt: skip
    assert len({fingerprint(Limited(one), int) for one in held}) == len(held)


def test_what_a_setting_does_stands_in_the_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(Limited(Plain(1)), int)
    monkeypatch.setattr(Plain, "__call__", lambda self, count: count - self.most)
    assert fingerprint(Limited(Plain(1)), int) != before


def test_fields_in_slots_are_settings_too() -> None:
    @attrs.frozen
    class Slotted(Projection[int]):
        factor: int
        start = 0

        @on(Attack)
        def add(self, total: int, _: Attack) -> int:
            return total + self.factor

    assert fingerprint(Slotted(1), int) != fingerprint(Slotted(2), int)
    log = Log()
    one, other = log.keep(Slotted(1)), log.keep(Slotted(2))
    assert one.name != other.name
    assert log.keep(Slotted(1)).name == one.name


@cache
def cached(value: int) -> int:
    return helper(value)


def test_what_code_takes_from_modules_stands_in_the_fingerprint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Through(Projection[int]):
        start = 0

        @on(Attack)
        def add(self, total: int, _: Attack) -> int:
            return int(here.STEP + outer.inner.size(total) + cached(total) + theirs.size(total))

    def module(name: str, **held: Any) -> ModuleType:
        made = ModuleType(name)
        vars(made).update(held)
        return made

    inner = module("outer.inner", size=lambda total: total)
    outer = module("outer", inner=inner)
    vars(inner)["outer"] = outer
    theirs = module("theirs", __file__="/lib/site-packages/theirs.py", __version__="1", size=abs)
    monkeypatch.setitem(globals(), "here", module("here", STEP=1))
    prints = [fingerprint(Through(), int)]
    assert fingerprint(Through(), int) == prints[0]
    changes: list[tuple[Any, str, Any]] = [
        (here, "STEP", 2),
        (inner, "size", lambda total: -total),
        (theirs, "__version__", "2"),
        (sys.modules[__name__], "HELPED", 3),
    ]
    for where, name, value in changes:
        monkeypatch.setattr(where, name, value)
        prints.append(fingerprint(Through(), int))
    assert len(set(prints)) == len(prints)
    monkeypatch.setattr(theirs, "size", len)
    assert fingerprint(Through(), int) == prints[-1]


def test_settings_deeper_than_the_stack_have_a_fingerprint() -> None:
    deep: Any = ()
    for _ in range(5000):
        deep = (deep,)
    assert fingerprint(Limited(deep), int) != fingerprint(Limited((deep,)), int)


def test_folding_leaves_the_fingerprint_as_it_was() -> None:
    class TimeFilter(Projection[int]):
        start = 0

        @on(Attack)
        def add(self, total: int, _: Attack) -> int:
            return total + 1

    before = fingerprint(TimeFilter(), int)
    with Log() as log:
        log.append(Report("ISW", published="2022-09-10").says(Attack(when="2022-09-10")))
        assert log.ask(TimeFilter()) == 1
        assert log.keep(TimeFilter()).answer() == 1
    assert fingerprint(TimeFilter(), int) == before
