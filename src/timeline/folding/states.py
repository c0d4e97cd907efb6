"""Writes a projection's state down as JSON, and reads it back, by the type that it declares.

The type is the one in ``Projection[…]``. Plain values, Fractions, enums, tuples, lists, sets,
mappings, unions and frozen attrs classes of these can be kept, and so can the library's own values.
Nothing but declared types is ever made from stored bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from fractions import Fraction
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec

from timeline.canonical import encode
from timeline.claims import Claim, Report
from timeline.codec import Codec
from timeline.counts import Breakdown, Count
from timeline.errors import ProjectionError
from timeline.events import Event
from timeline.projection import Projection

__all__ = ["States", "state_type"]


def state_type(projection: type[Projection[Any]]) -> Any:
    """Gives the state's type, as the class or its nearest base declares it in ``Projection[…]``.

    Raises ``ProjectionError`` where none does.
    """
    for base in projection.__mro__:
        for declared in vars(base).get("__orig_bases__", ()):
            origin = get_origin(declared)
            if isinstance(origin, type) and issubclass(origin, Projection):
                (found,) = get_args(declared)
                if not isinstance(found, TypeVar) and found is not Any:
                    return found
    raise ProjectionError(
        f"{projection.__name__} doesn't say what its state is; derive it from Projection[int], "
        "or whatever the type is, to have states stored"
    )


_PLAIN = (str, int, float, bool, type(None))
_Pair = tuple[Callable[[Any], Any], Callable[[Any], Any]]


class States:
    """Writes and reads the states of one type; ``codec`` knows the kinds of events in them.

    Raises ``ProjectionError``, when made, for a type that can't be kept.
    """

    def __init__(self, hint: Any, codec: Codec) -> None:
        self._codec = codec
        self._known: dict[Any, _Pair] = {}
        self._pack, self._unpack = self._pair(hint)

    def dump(self, state: Any) -> bytes:
        """Gives the bytes of a state. Raises ``ProjectionError`` if it isn't of the type."""
        try:
            return encode(self._pack(state))
        except (TypeError, ValueError, AttributeError, StopIteration) as error:
            raise ProjectionError(f"this state isn't of the type declared for it: {error}") from error

    def load(self, stored: bytes) -> Any:
        """Gives back the state of some bytes. Raises ``ProjectionError`` if they are of another."""
        try:
            return self._unpack(msgspec.json.decode(stored))
        except (TypeError, ValueError, KeyError, IndexError) as error:
            raise ProjectionError(f"the stored state can't be read: {error}") from error

    def _pair(self, hint: Any) -> _Pair:
        """How values of a type are packed into plain JSON, and unpacked."""
        if hint not in self._known:
            # Said first for a type that contains itself.
            made: list[_Pair] = []
            self._known[hint] = (lambda v: made[0][0](v), lambda v: made[0][1](v))
            made.append(self._made(hint))
            self._known[hint] = made[0]
        return self._known[hint]

    def _made(self, hint: Any) -> _Pair:  # noqa: PLR0911 - one return a shape
        origin, parts = get_origin(hint), get_args(hint)
        if hint in _PLAIN or origin is Literal:
            return _checked(hint if origin is None else parts), lambda value: value
        if origin in (Union, UnionType):
            return self._union(parts)
        if origin is tuple and len(parts) == 2 and parts[1] is Ellipsis:  # noqa: PLR2004 - (T, ...)
            return self._several(tuple, parts[0])
        if origin is tuple:
            return self._fixed(parts)
        if origin in (list, set, frozenset):
            return self._several(origin, parts[0])
        if origin in (dict, Mapping):
            return self._mapping(*parts)
        if isinstance(hint, type):
            return self._class(hint)
        raise ProjectionError(f"a state of type {hint!r} can't be stored")

    def _class(self, hint: type) -> _Pair:
        if issubclass(hint, Fraction):
            return str, hint
        if issubclass(hint, Enum):
            return lambda value: value.value, hint
        if issubclass(hint, Event):
            return self._event()
        if issubclass(hint, Claim):
            return self._claim()
        if issubclass(hint, Report):
            return (
                lambda report: msgspec.Raw(report.body),
                lambda value: self._codec.report(msgspec.json.encode(value)),
            )
        if attrs.has(hint):
            return self._attrs(hint)
        if issubclass(hint, Breakdown):
            pack, unpack = self._mapping(str, Count)
            return pack, lambda value: hint(unpack(value))
        raise ProjectionError(f"a state of type {hint!r} can't be stored")

    def _union(self, parts: tuple[Any, ...]) -> _Pair:
        pairs = [self._pair(part) for part in parts]
        classes = [get_origin(part) or part for part in parts]

        def pack(value: Any) -> Any:
            exact = [i for i, cls in enumerate(classes) if type(value) is cls]
            index = next(iter(exact), None)
            if index is None:
                index = next(i for i, cls in enumerate(classes) if isinstance(value, cls))
            return [index, pairs[index][0](value)]

        return pack, lambda value: pairs[value[0]][1](value[1])

    def _several(self, make: Callable[[Any], Any], part: Any) -> _Pair:
        pack, unpack = self._pair(part)

        def packed(values: Any) -> list[Any]:
            _of(values, make)
            inner = [pack(value) for value in values]
            return sorted(inner, key=encode) if make in (set, frozenset) else inner

        return packed, lambda values: make(unpack(value) for value in values)

    def _fixed(self, parts: tuple[Any, ...]) -> _Pair:
        pairs = [self._pair(part) for part in parts]
        return (
            lambda values: [pair[0](v) for pair, v in zip(pairs, values, strict=True)],
            lambda values: tuple(pair[1](v) for pair, v in zip(pairs, values, strict=True)),
        )

    def _mapping(self, key: Any, value: Any) -> _Pair:
        keys, values = self._pair(key), self._pair(value)
        return (
            lambda mapping: [[keys[0](k), values[0](v)] for k, v in mapping.items()],
            lambda pairs: {keys[1](k): values[1](v) for k, v in pairs},
        )

    def _attrs(self, hint: type) -> _Pair:
        hints = get_type_hints(hint)
        pairs = {field.name: self._pair(hints[field.name]) for field in attrs.fields(hint)}
        made = attrs.fields(hint)

        def unpack(value: Mapping[str, Any]) -> Any:
            # By the fields, not __init__, which may take other arguments than there are fields.
            build = getattr(hint, "__attrs_init__", hint)
            if build is hint:
                return hint(**{f.alias or f.name: pairs[f.name][1](value[f.name]) for f in made})
            blank = object.__new__(hint)
            blank.__attrs_init__(**{name: pair[1](value[name]) for name, pair in pairs.items()})
            return blank

        def pack(value: Any) -> Any:
            _of(value, hint)
            return {name: pair[0](getattr(value, name)) for name, pair in pairs.items()}

        return pack, unpack

    def _event(self) -> _Pair:
        def pack(event: Event) -> Any:
            _of(event, Event)
            kind, body = self._codec.event_body(event)
            return [kind, msgspec.Raw(body)]

        return pack, lambda value: self._codec.event(value[0], encode(value[1]))

    def _claim(self) -> _Pair:
        report = self._class(Report)

        def pack(claim: Claim) -> Any:
            _of(claim, Claim)
            return [claim.id, msgspec.Raw(claim.body()), report[0](claim.report)]

        return pack, lambda value: self._codec.claim(
            value[0], encode(value[1]), report[1](value[2])
        )


def _of(value: Any, expected: Any) -> None:
    if not isinstance(value, expected):
        raise TypeError(f"expected {expected.__name__}, got {value!r}")


def _checked(expected: Any) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(expected, tuple):
            if value not in expected:
                raise TypeError(f"expected one of {expected}, got {value!r}")
        elif type(value) is not expected and not (expected is float and type(value) is int):
            raise TypeError(f"expected {expected.__name__}, got {value!r}")
        return value

    return check

