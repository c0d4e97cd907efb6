"""Takes an event apart: the values within it, and the fields that are left to a default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

__all__ = ["left_to_default", "parts"]


def parts(value: Any) -> Iterator[Any]:
    """An event and every attrs value within it."""
    if attrs.has(type(value)):
        yield value
        for field in attrs.fields(type(value)):
            yield from parts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from parts(part)


def left_to_default(field: attrs.Attribute[Any], *, only: bool) -> bool:
    """Whether a field is left to its default: any that has one, or ``only`` a factory's."""
    made = isinstance(field.default, attrs.Factory)  # type: ignore[arg-type]
    return made or (not only and field.default is not attrs.NOTHING)
