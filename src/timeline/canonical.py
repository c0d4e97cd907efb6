"""Gives every value one form in plain JSON, and from it bytes and ids that never vary.

The form leaves out what equals its default, so that a kind may gain an optional field without
changing the bytes, and so the ids, of what was said before. Keys are sorted, text is UTF-8, and
numbers are written as JSON writes them; the same values give the same bytes in every process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from fractions import Fraction
from functools import cache
from hashlib import sha256
from operator import attrgetter
from typing import Any

import attrs
import msgspec

from timeline.errors import EventError

__all__ = ["encode", "id_of", "names", "plain"]

_UNBOUNDED = 1 << 63  # microseconds; moves every 64-bit time into the unsigned range
_ID_BYTES = 32
_TIME_BYTES = 8

_encoder = msgspec.json.Encoder(order="sorted", decimal_format="string")


@cache
def _readers(cls: type, *, identity: bool) -> tuple[tuple[str, Callable[[Any], Any], Any], ...]:
    """Each field of an attrs class that its form has: name, getter, and default."""
    readers = []
    for field in attrs.fields(cls):
        if identity and field.eq is False:
            continue
        default = field.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            default = attrs.NOTHING
        elif isinstance(field.converter, attrs.Converter):
            default = attrs.NOTHING  # what it becomes depends on the other fields
        elif field.converter is not None and default is not attrs.NOTHING:
            default = field.converter(default)
        readers.append((field.name, attrgetter(field.name), default))
    return tuple(readers)


def plain(value: Any, *, identity: bool = False) -> Any:
    """Gives a value as plain JSON: dicts, lists, texts, numbers, bools, None or raw JSON.

    ``identity=True`` leaves out the fields that don't take part in equality. Raises ``EventError``
    for a value that has no such form.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int | float | msgspec.Raw):
        return value
    cls: Any = type(value)
    if attrs.has(cls):
        form = {}
        for name, read, default in _readers(cls, identity=identity):
            part = read(value)
            if part is not default and (type(part) is not type(default) or part != default):
                form[name] = plain(part, identity=identity)
        return form
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Mapping):
        return {name: plain(part, identity=identity) for name, part in value.items()}
    if isinstance(value, tuple):
        return [plain(part, identity=identity) for part in value]
    raise EventError(
        f"{value!r} can't be kept: a field holds texts, numbers, Fractions, When, Place, Count, "
        "or tuples and mappings of these"
    )


def encode(form: Any) -> bytes:
    """Gives the canonical bytes of a plain form.

    Raises ``EventError`` for a number or text that JSON can't hold.
    """
    try:
        return _encoder.encode(form)
    except (TypeError, ValueError, UnicodeEncodeError, OverflowError) as error:
        raise EventError(f"this can't be written down as JSON: {error}") from error


def id_of(form: str, body: bytes, moment: int | None) -> bytes:
    """Gives the 32 bytes that identify something said: a time, then a hash of what was said.

    The first eight bytes are ``moment`` (microseconds of UTC, the start of its publication), so
    that ids sort by time and a large index stays fast; the other 24 are from SHA-256 over the
    form's name and the canonical bytes. 192 bits leave no room for two contents with one id.
    """
    start = min(max((moment or 0) + _UNBOUNDED, 0), 2 * _UNBOUNDED - 1) if moment is not None else 0
    digest = sha256(form.encode() + b"\0" + body).digest()
    return start.to_bytes(_TIME_BYTES, "big") + digest[: _ID_BYTES - _TIME_BYTES]


def names(name: bytes, form: str, body: bytes, report: bytes) -> bool:
    """Says whether an id is the one that ``id_of`` gives what stands in a report, by its id.

    Both begin with the same moment, which saves working it out for every entry that is read.
    """
    digest = sha256(form.encode() + b"\0" + body).digest()
    return report[:_TIME_BYTES] + digest[: _ID_BYTES - _TIME_BYTES] == name
