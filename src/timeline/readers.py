"""Makes claims' bodies into events, and what many events share, such as a place, only once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Generic, TypeVar, get_type_hints

import attrs
import msgspec

from timeline.claims import Stance
from timeline.counts import Breakdown, Count
from timeline.events import Event
from timeline.places import Place
from timeline.times import When

__all__ = ["ClaimBody", "body_reader", "hook"]

E = TypeVar("E")

_MOST = 4096  # shared values of one type; more than that and few of them come again
_SHARED = {
    When: When,
    Place: Place,
    Count: Count,
    Breakdown: Breakdown,
    Fraction: Fraction,
    Place | None: Place | None,
    Count | None: Count | None,
    When | None: When | None,
    Fraction | None: Fraction | None,
}


class ClaimBody(msgspec.Struct, Generic[E]):
    """What the body of a claim says."""

    event: E
    kind: str
    report: str
    stance: Stance = "says"
    quote: str | None = None
    according_to: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()


def hook(kind: type, value: Any) -> Any:
    """Reads a Fraction or a Breakdown, the two that msgspec has no shape for."""
    if kind is Fraction:
        return Fraction(value)
    return Breakdown(msgspec.convert(value, dict[str, Count]))


class _Shared(dict[bytes, Any]):
    """Frozen values by the bytes that they are read from; those of one type."""

    def __init__(self, hint: Any) -> None:
        super().__init__()
        self._decode = msgspec.json.Decoder(hint, dec_hook=hook).decode

    def __missing__(self, body: bytes) -> Any:
        value = self._decode(body)
        if len(self) >= _MOST:
            self.clear()
        self[body] = value
        return value


def body_reader(kind: type[Event]) -> Callable[[bytes], ClaimBody[Any]]:
    """Gives what reads the bodies of claims about events of a kind."""
    if kind.read_as_written:
        return _sharing(kind)
    body: Any = ClaimBody[kind]  # type: ignore[valid-type] # a type made as we go
    return msgspec.json.Decoder(body, dec_hook=hook).decode


def _sharing(kind: type[Event]) -> Callable[[bytes], ClaimBody[Any]]:
    """Reads the fields of an event by msgspec, and each shared value by its own bytes."""
    hints: Mapping[str, Any] = get_type_hints(kind)
    fields: Any = attrs.fields(kind)  # type: ignore[arg-type] # a kind is an attrs class
    shared = {one.name: _Shared(hints[one.name]) for one in fields if hints[one.name] in _SHARED}
    plan: list[Any] = []
    for one in fields:
        hint = msgspec.Raw if one.name in shared else hints[one.name]
        plan.append((one.name, hint) if one.default is attrs.NOTHING else (one.name, hint, one.default))
    raw: Any = msgspec.defstruct(kind.__name__, plan, kw_only=True)
    decode = msgspec.json.Decoder(ClaimBody[raw], dec_hook=hook).decode
    parts = list(shared.items())
    new, put, asdict, unread = object.__new__, object.__setattr__, msgspec.structs.asdict, msgspec.Raw

    def read(body: bytes) -> ClaimBody[Any]:
        found = decode(body)
        told = asdict(found.event)
        for name, values in parts:
            value = told[name]
            if type(value) is unread:
                told[name] = values[bytes(value)]
        event = new(kind)
        put(event, "__dict__", told)
        found.event = event
        return found

    return read
