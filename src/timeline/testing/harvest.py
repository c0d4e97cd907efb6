"""Harvests the words, numbers and dates in a projection's own code, by which it may decide."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from types import CodeType, FunctionType
from typing import Any

from timeline.counts import Count
from timeline.projection import Projection
from timeline.testing.strategies.wide import Vocabulary
from timeline.times import When

__all__ = ["harvested"]

_MOST = 40  # of each sort
_LARGEST = 10**6
_LONGEST = 60


def harvested(make: Any, sample: Projection[Any]) -> Vocabulary:
    """Return the constants of a projection's class, its settings, and the names that it uses.

    Of each number also those next to it. Docstrings don't count.
    """
    texts: dict[str, None] = {}
    numbers: dict[int, None] = {}
    moments: dict[datetime, None] = {}
    for found in _values(make, sample):
        value = found.value if isinstance(found, Enum) else found
        if isinstance(value, str) and 0 < len(value) <= _LONGEST and value.strip() == value:
            texts[value] = None
        number, moment = _number(value), _moment(value)
        if number is not None:
            numbers |= {n: None for n in (number - 1, number, number + 1) if n >= 0}
        if moment is not None:
            moments[moment] = None
    interesting = [n for n in numbers if n > 2] or list(numbers)  # noqa: PLR2004 - small ones are drawn anyway
    return Vocabulary(tuple(texts)[:_MOST], tuple(interesting)[:_MOST], tuple(moments)[:_MOST])


def _number(value: Any) -> int | None:
    """The whole number that a constant is, or counts in days."""
    if isinstance(value, timedelta):
        return value.days
    if isinstance(value, Count):
        return value.best
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        return int(value)
    return None


def _moment(value: Any) -> datetime | None:
    """The moment that a constant is, or writes as a date."""
    if isinstance(value, str):
        with suppress(ValueError):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(value, When):
        return value.earliest
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def _values(make: Any, sample: Projection[Any]) -> Iterator[Any]:
    cls = type(sample)
    seen: set[int] = set()
    for base in cls.__mro__:
        if base.__module__.partition(".")[0] in ("timeline", "typing", "builtins"):
            continue
        for name, member in vars(base).items():
            if not name.startswith("__") or name == "__init__":
                yield from _of(member, seen)
    yield from _of(list(vars(sample).values()), seen)
    if isinstance(make, FunctionType):
        yield from _of(make, seen)


def _of(value: Any, seen: set[int], depth: int = 0) -> Iterator[Any]:
    if depth > 4 or id(value) in seen:  # noqa: PLR2004 - containers within containers
        return
    for wrapper in ("__func__", "fget", "__wrapped__"):
        value = getattr(value, wrapper, None) or value
    if isinstance(value, FunctionType):
        seen.add(id(value))
        yield from _of_code(value.__code__, value.__doc__)
        yield from _of(value.__defaults__ or (), seen, depth + 1)
        space = vars(sys.modules.get(value.__module__, sys))
        for name in _names(value.__code__):
            found = space.get(name)
            own = getattr(found, "__module__", value.__module__) == value.__module__
            if own and isinstance(found, str | int | float | date | timedelta | Count | When | tuple
                                  | list | AbstractSet | Mapping | FunctionType):  # fmt: skip
                yield from _of(found, seen, depth + 1)
        for cell in value.__closure__ or ():
            yield from _of(cell.cell_contents, seen, depth + 1)
    elif isinstance(value, Mapping):
        yield from _within([*value.keys(), *value.values()], seen, depth)
    elif isinstance(value, tuple | list | AbstractSet):
        yield from _within(value, seen, depth)
    else:
        yield value


def _within(values: Iterable[Any], seen: set[int], depth: int) -> Iterator[Any]:
    for part in list(values)[:_MOST]:
        yield from _of(part, seen, depth + 1)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _of_code(code: CodeType, doc: str | None = None) -> Iterator[Any]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _of_code(constant)
        elif isinstance(constant, tuple | frozenset):
            yield from constant
        elif constant != doc:
            yield constant
