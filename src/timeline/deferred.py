"""Fields of frozen values that are worked out once somebody asks for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

__all__ = ["Deferring", "deferred", "made_with"]

_HOW = "deferred"

C = TypeVar("C", bound=type)


class Deferring:
    """A value that may have deferred fields; a copy of it has all of them."""

    def __getstate__(self) -> dict[str, Any]:
        """Return all fields, worked out."""
        how = self.__dict__.get(_HOW)
        if how is not None:
            self.__dict__.update(how())
        return {name: value for name, value in self.__dict__.items() if name != _HOW}


class _Deferred:
    """Works out a field of an instance that was made without it.

    It has no ``__set__``, so that an instance that has the field never asks it.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        how = None if instance is None else instance.__dict__.get(_HOW)
        if how is None:
            raise AttributeError(f"{owner.__name__!r} has no attribute {self._name!r}")
        found = how()
        instance.__dict__.update(found)
        return found[self._name]


def deferred(*names: str) -> Callable[[C], C]:
    """Mark fields of an attrs class without slots as ones that an instance may be made without."""

    def mark(cls: C) -> C:
        for name in names:
            setattr(cls, name, _Deferred(name))
        return cls

    return mark


def made_with(
    cls: type[Any], parts: Mapping[str, Any], how: Callable[[], Mapping[str, Any]]
) -> Any:
    """Return an instance of some fields, unchecked; ``how`` works out all others, by name."""
    made = object.__new__(cls)
    made.__dict__.update(parts, **{_HOW: how})
    return made
