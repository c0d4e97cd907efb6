"""Makes claims' bodies into events, and what many events share, such as a place, only once."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any, Generic, TypeVar, get_type_hints

import attrs
import msgspec
from msgspec.structs import asdict

from timeline.claims import Stance
from timeline.counts import Breakdown, Count
from timeline.events import Event, adds_checks
from timeline.evidence import Credibility, Media
from timeline.places import Place
from timeline.schema import read_leaf
from timeline.times import When

__all__ = ["ClaimBody", "Glance", "LinkGlance", "body_reader", "glance", "link_glance"]

E = TypeVar("E")

_MOST = 4096  # shared values of one type; more than that and few of them come again
_SHARED = (When, Place, Count, Breakdown, Fraction, When | None, Place | None, Count | None)


class ClaimBody(msgspec.Struct, Generic[E]):
    """What the body of a claim says."""

    event: E
    kind: str
    report: str
    stance: Stance = "says"
    quote: str | None = None
    according_to: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    credibility: Credibility | None = None
    media: tuple[Media, ...] = ()


# Nothing of a glance can be in a circle, so the garbage collector may pass it over.
class _GlanceTime(msgspec.Struct, gc=False):
    lo: int | None = None
    hi: int | None = None


class _GlanceEvent(msgspec.Struct, gc=False):
    id: str
    when: _GlanceTime


class Glance(msgspec.Struct, gc=False):
    """Which event a claim is about, its kind and its time, and what the claim does about it."""

    event: _GlanceEvent
    kind: str
    stance: Stance = "says"
    replaces: tuple[str, ...] = ()


class _GlanceNames(msgspec.Struct, gc=False):
    places: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    place: str | None = None
    actor: str | None = None
    larger: str | None = None


class LinkGlance(msgspec.Struct, gc=False):
    """Which places or actors a claim of a link names, its kind, and what it replaces."""

    link: _GlanceNames
    kind: str
    replaces: tuple[str, ...] = ()


link_glance = msgspec.json.Decoder(LinkGlance).decode
"""Looks at the body of a claim of a link of places or actors."""

glance = msgspec.json.Decoder(Glance).decode
"""Looks at the body of a claim of any kind."""


class _Shared(dict[bytes, Any]):
    """Frozen values by the bytes that they are read from; those of one type."""

    def __init__(self, hint: Any) -> None:
        super().__init__()
        self._decode = msgspec.json.Decoder(hint, dec_hook=read_leaf).decode

    def __missing__(self, body: bytes) -> Any:
        value = self._decode(body)
        if len(self) >= _MOST:
            self.clear()
        self[body] = value
        return value


@lru_cache(maxsize=256)  # to make one takes as long as to read a thousand
def body_reader(kind: Any) -> Callable[[bytes], ClaimBody[Any]]:
    """Return what reads the bodies of claims about events of a kind.

    What msgspec reads without help is read by it alone; see ``checks`` for what that checks.
    """
    if adds_checks(kind):
        body: Any = ClaimBody[kind]
        return msgspec.json.Decoder(body, dec_hook=read_leaf).decode
    return _sharing(kind)


def _sharing(kind: type[Event]) -> Callable[[bytes], ClaimBody[Any]]:
    """Read an event's fields by msgspec, and each value that others may have by its own bytes.

    Half of the time of a long replay would go into making them, and looking after them, again.
    """
    hints = get_type_hints(kind)
    fields: Any = attrs.fields(kind)  # type: ignore[arg-type] # a kind is an attrs class
    parts = [(one.name, _Shared(hints[one.name])) for one in fields if hints[one.name] in _SHARED]
    plan: list[Any] = []
    for one in fields:
        hint = msgspec.Raw if hints[one.name] in _SHARED else hints[one.name]
        default = () if one.default is attrs.NOTHING else (one.default,)
        plan.append((one.name, hint, *default))
    written: Any = msgspec.defstruct(kind.__name__, plan, kw_only=True)
    decode = msgspec.json.Decoder(ClaimBody[written], dec_hook=read_leaf).decode  # pyright: ignore[reportInvalidTypeForm]
    check = None if kind.check is Event.check else kind.check
    new, put, fields_of, raw = object.__new__, object.__setattr__, asdict, msgspec.Raw

    def read(body: bytes) -> ClaimBody[Any]:
        found: ClaimBody[Any] = decode(body)
        fields = fields_of(found.event)
        for name, values in parts:
            value = fields[name]
            if type(value) is raw:
                fields[name] = values[bytes(value)]
        event = new(kind)
        put(event, "__dict__", fields)
        if check is not None:
            check(event)
        found.event = event
        return found

    return read
