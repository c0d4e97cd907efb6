"""Writes a projection's state down as JSON, and reads it back, by the type that it declares.

The type is the one in ``Projection[…]``. Plain values, Fractions, enums, tuples, lists, sets,
mappings, unions and frozen attrs classes of these can be kept, and so can the library's own values.
Nothing but declared types is ever made from stored bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from fractions import Fraction
from math import isfinite
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

import attrs
import msgspec

from timeline.accounts import Account
from timeline.canonical import encode
from timeline.claims import Claim, Report
from timeline.codec import Codec
from timeline.counts import Breakdown, Count
from timeline.errors import FormatError, ProjectionError
from timeline.events import Event
from timeline.projection import Projection
from timeline.schema import LEAVES, field_type

__all__ = ["StateCodec", "state_type"]


def state_type(projection: type[Projection[Any]]) -> Any:
    """Return the state's type, as the class or its nearest base declares it in ``Projection[…]``.

    Raises ``ProjectionError`` where none does.
    """
    for base in projection.__mro__:
        found = _declared(base)
        if not isinstance(found, TypeVar) and found is not Any:
            return found
    raise ProjectionError(
        f"{projection.__name__} doesn't say what its state is; derive it from Projection[int], "
        "or whatever the type is, to have states stored"
    )


def _declared(cls: type) -> Any:
    """What a class itself puts in the brackets of its projection base, Any where nothing."""
    for declared in vars(cls).get("__orig_bases__", ()):
        origin, given = get_origin(declared), get_args(declared)
        if origin is Projection:
            return given[0]
        if isinstance(origin, type) and issubclass(origin, Projection):
            # The base says it in terms of its own parameters.
            found = _declared(origin)
            names: tuple[TypeVar, ...] = origin.__parameters__  # type: ignore[attr-defined]
            if len(names) != len(given):
                return Any  # they stand for any number of types
            filled = {name: given[i] for i, name in enumerate(names)}
            if isinstance(found, TypeVar):
                return filled[found]
            inner = getattr(found, "__parameters__", None)
            return found[tuple(filled[one] for one in inner)] if inner else found
    return Any


_PLAIN = (str, int, float, bool, type(None))
_NOT_FINITE = ("inf", "-inf", "nan")  # JSON has no numbers for these
_Pair = tuple[Callable[[Any], Any], Callable[[Any], Any]]


class StateCodec:
    """Writes and reads the states of one type; ``codec`` knows the kinds of events in them.

    Raises ``ProjectionError``, when made, for a type that can't be kept.
    """

    def __init__(self, hint: Any, codec: Codec) -> None:
        self._codec = codec
        self._known: dict[Any, _Pair] = {}
        self._pack, self._unpack = self._pair(hint)

    def dump(self, state: Any) -> bytes:
        """Return the bytes of a state. Raises ``ProjectionError`` if it isn't of the type."""
        try:
            return encode(self._pack(state))
        except (TypeError, ValueError, AttributeError, RecursionError) as error:
            raise ProjectionError(
                f"this state isn't of the type declared for it: {error}"
            ) from error

    def load(self, stored: bytes) -> Any:
        """Return the state of some bytes. Raises ``ProjectionError`` for others."""
        try:
            return self._unpack(msgspec.json.decode(stored))
        except (
            TypeError,
            ValueError,
            LookupError,
            ZeroDivisionError,
            RecursionError,
            FormatError,
        ) as error:
            raise ProjectionError(
                f"the stored state can't be read: {error}; fold it again from the start"
            ) from error

    def _pair(self, hint: Any) -> _Pair:
        """How values of a type are packed into plain JSON, and unpacked."""
        if hint not in self._known:
            # Said first for a type that contains itself.
            made: list[_Pair] = []
            self._known[hint] = (lambda v: made[0][0](v), lambda v: made[0][1](v))  # noqa: PLW0108 - made below
            made.append(self._made(hint))
            self._known[hint] = made[0]
        return self._known[hint]

    def _made(self, hint: Any) -> _Pair:
        kind = field_type(hint)
        origin, parts = get_origin(hint), kind.arguments
        if hint is float:
            return _pack_float, _unpack_float
        if hint in _PLAIN:
            return _exactly(hint), _exactly(hint)
        if kind.shape == "literal" and all(type(part) in _PLAIN for part in parts):
            return _one_of(parts), _one_of(parts)
        if kind.shape == "union":
            return self._union(parts)
        if kind.shape == "fixed":
            return self._fixed(parts)
        if kind.shape in ("several", "list", "set"):
            return self._several(cast("type", origin), parts[0])
        if kind.shape == "mapping":
            return self._mapping(origin, *parts)
        if isinstance(hint, type):
            return self._class(hint)
        raise _refused(hint)

    def _class(self, hint: type) -> _Pair:
        if issubclass(hint, Fraction):  # of any length, unlike the field of an event
            return lambda value: str(_exactly(hint)(value)), lambda value: hint(_of(value, str))
        leaf = LEAVES.get(hint)
        if leaf is not None and leaf.write is not None and leaf.read is not None:
            write = leaf.write
            return lambda value: write(_exactly(hint)(value)), leaf.read
        if issubclass(hint, Enum) and all(type(one.value) in (str, int) for one in hint):
            return lambda value: _of(value, hint).value, hint
        if issubclass(hint, Event):
            return self._event(hint)
        if issubclass(hint, Claim):
            return self._claim()
        if issubclass(hint, Report):
            return (
                lambda report: msgspec.Raw(_of(report, Report).body),
                lambda value: self._codec.report(encode(value)),
            )
        if issubclass(hint, Account):
            return self._account(hint)
        if attrs.has(hint):
            return self._attrs(hint)
        if issubclass(hint, Breakdown):
            pack, unpack = self._mapping(Breakdown, str, Count)
            return pack, lambda value: hint(unpack(value))
        raise _refused(hint)

    def _union(self, parts: tuple[Any, ...]) -> _Pair:
        pairs = [self._pair(part) for part in parts]

        def pack(value: Any) -> Any:
            for index, (packed, _) in enumerate(pairs):
                try:
                    return [index, packed(value)]
                except (TypeError, ValueError):
                    continue  # of another part, then
            raise TypeError(f"expected {' or '.join(map(_named, parts))}, got {value!r}")

        def unpack(value: Any) -> Any:
            index, inner = _of(value, list)
            return pairs[range(len(pairs)).index(index)][1](inner)

        return pack, unpack

    def _several(self, make: Callable[[Any], Any], part: Any) -> _Pair:
        pack, unpack = self._pair(part)

        def packed(values: Any) -> list[Any]:
            inner = [pack(value) for value in _of(values, make)]
            return sorted(inner, key=encode) if make in (set, frozenset) else inner

        return packed, lambda values: make(unpack(value) for value in _of(values, list))

    def _fixed(self, parts: tuple[Any, ...]) -> _Pair:
        pairs = [self._pair(part) for part in parts]
        return (
            lambda values: [p[0](v) for p, v in zip(pairs, _of(values, tuple), strict=True)],
            lambda values: tuple(p[1](v) for p, v in zip(pairs, _of(values, list), strict=True)),
        )

    def _mapping(self, make: Any, key: Any, value: Any) -> _Pair:
        keys, values = self._pair(key), self._pair(value)
        return (
            lambda mapping: [[keys[0](k), values[0](v)] for k, v in _of(mapping, make).items()],
            lambda pairs: {keys[1](k): values[1](v) for k, v in _of(pairs, list)},
        )

    def _account(self, hint: type[Account]) -> _Pair:
        event, claims = self._pair(Event), self._pair(tuple[Claim, ...])

        def pack(account: Any) -> Any:
            if _of(account, hint).linked is not None:
                # What links make of it follows from other accounts.
                raise ProjectionError("an account that links bear on can't be stored by itself")
            parts = event[0](account.event), claims[0](account.claims), claims[0](account.counted)
            return dict(zip(("event", "claims", "counted"), parts, strict=True))

        def unpack(value: Any) -> Any:
            if set(_of(value, dict)) != {"event", "claims", "counted"}:
                raise ValueError(f"an Account has event, claims and counted, not {[*value]}")
            return hint(
                event[1](value["event"]), claims[1](value["claims"]), claims[1](value["counted"])
            )

        return pack, unpack

    def _attrs(self, hint: type) -> _Pair:
        try:
            hints = get_type_hints(hint)
        except NameError as error:
            raise ProjectionError(
                f"the fields of {hint.__name__} can't be told: {error}; define what they are made "
                "of at the top of the module"
            ) from error
        made = attrs.fields(hint)
        pairs = {field.name: self._pair(hints[field.name]) for field in made}

        def pack(value: Any) -> Any:
            # What a class derived from it adds would be lost.
            _exactly(hint)(value)
            return {name: pair[0](getattr(value, name)) for name, pair in pairs.items()}

        def unpack(value: Any) -> Any:
            if _of(value, dict).keys() != pairs.keys():
                raise ValueError(f"{hint.__name__} has the fields {[*pairs]}, not {[*value]}")
            fields = {name: pair[1](value[name]) for name, pair in pairs.items()}
            blank: Any = object.__new__(hint)
            # By the fields, not __init__, which may take other arguments than there are fields.
            fill = getattr(blank, "__attrs_init__", blank.__init__)
            fill(**{str(field.alias): fields[field.name] for field in made if field.init})
            for field in made:
                if not field.init:
                    object.__setattr__(blank, field.name, fields[field.name])
            return blank

        return pack, unpack

    def _event(self, hint: type[Event]) -> _Pair:
        def pack(event: Any) -> Any:
            kind, body = self._codec.event_body(_of(event, hint))
            return [kind, msgspec.Raw(body)]

        def unpack(value: Any) -> Any:
            kind, body = _of(value, list)
            # A kind that the codec lacks comes back as an UnknownEvent.
            return _of(self._codec.event(kind, encode(body)), hint)

        return pack, unpack

    def _claim(self) -> _Pair:
        pack_report, unpack_report = self._pair(Report)

        def pack(claim: Any) -> Any:
            _of(claim, Claim)
            return [claim.id, msgspec.Raw(claim.body()), pack_report(claim.report)]

        def unpack(value: Any) -> Any:
            claim_id, body, report = _of(value, list)
            return self._codec.claim(claim_id, encode(body), unpack_report(report))

        return pack, unpack


def _refused(hint: Any) -> ProjectionError:
    return ProjectionError(
        f"a state of type {_named(hint)} can't be stored; make it of texts, numbers, Fractions, "
        "Enums of texts or ints, tuples, lists, sets, mappings, unions, and frozen attrs classes "
        "of these"
    )


def _named(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)


def _of(value: Any, expected: Any) -> Any:
    """The value, if it is what is expected."""
    if not isinstance(value, expected):
        raise TypeError(f"expected {expected.__name__}, got {value!r}")
    return value


def _exactly(expected: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is not expected:
            raise TypeError(f"expected {expected.__name__}, got {value!r}")
        return value

    return check


def _one_of(expected: tuple[Any, ...]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not any(value == one and type(value) is type(one) for one in expected):
            raise TypeError(f"expected one of {expected}, got {value!r}")
        return value

    return check


def _pack_float(value: Any) -> Any:
    if type(value) not in (float, int):
        raise TypeError(f"expected float, got {value!r}")
    return str(value) if type(value) is float and not isfinite(value) else value


def _unpack_float(value: Any) -> Any:
    return float(value) if value in _NOT_FINITE else _pack_float(value)
