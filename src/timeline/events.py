"""An Event is what happened and when, and a kind of event is a class that somebody names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from fractions import Fraction
from hashlib import sha256
from math import isfinite
from types import UnionType
from typing import (
    Any,
    ClassVar,
    Literal,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs

from timeline.canonical import encode, plain
from timeline.counts import Breakdown, Count
from timeline.errors import EventError, KindError
from timeline.places import Place
from timeline.times import When
from timeline.written import when

__all__ = ["Event", "UnknownEvent", "Upcast", "event", "version_of"]

Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes the plain JSON content of an older version (without its id and time) to the next one."""

_KIND = re.compile(r"([a-z][a-z0-9._-]{0,99})/([1-9][0-9]{0,4})", re.ASCII)
_Kind = TypeVar("_Kind", bound="type[Any]")


def version_of(kind: str) -> tuple[str, int]:
    """Splits a kind's name on disk, ``"displacement/2"``, into its name and version.

    Raises ``KindError`` for a name of another form.
    """
    match = _KIND.fullmatch(kind) if isinstance(kind, str) else None
    if match is None:
        raise KindError(
            f"a kind is named 'displacement/1': small ASCII letters, digits, '.', '_' or '-', "
            f"a slash and a version from 1, not {kind!r}"
        )
    return match[1], int(match[2])


def _fraction(value: Fraction | str | float) -> Fraction:
    try:
        # A float is read as it is written: 0.1 means a tenth.
        return Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        raise EventError(
            f"a fraction is written '1/3', Fraction(1, 3) or 0.33, not {value!r}"
        ) from None


def _members(value: Any) -> tuple[Any, ...]:
    if isinstance(value, str):
        return (value,)
    try:
        return tuple(value)
    except TypeError as error:
        raise EventError(
            f"a field of several values takes a tuple or list, not {value!r}"
        ) from error


_CONVERTERS: dict[Any, Callable[[Any], Any]] = {
    When: when,
    Place: Place.of,
    Count: Count.of,
    Breakdown: lambda value: value if isinstance(value, Breakdown) else Breakdown(value),
    Fraction: _fraction,
    tuple: _members,
}


def _converting(hint: Any) -> Callable[[Any], Any] | None:
    """What turns the short forms of a type (a name for a Place, 12 for a Count) into it."""
    optional = get_origin(hint) in (Union, UnionType) and type(None) in get_args(hint)
    members = [part for part in get_args(hint) if part is not type(None)] if optional else [hint]
    convert = _CONVERTERS.get(get_origin(members[0]) or members[0]) if len(members) == 1 else None
    if convert is None or not optional:
        return convert
    return attrs.converters.optional(convert)


def _accepting(hint: Any) -> Callable[[Any], bool]:
    """Says which values a field of a type takes, so that what is written can be read back."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        options = [_accepting(part) for part in parts]
        return lambda value: any(accepts(value) for accepts in options)
    if origin is Literal:
        return lambda value: any(value == one and type(value) is type(one) for one in parts)
    if origin is tuple and len(parts) == 2 and parts[1] is Ellipsis:  # noqa: PLR2004 - (T, ...)
        member = _accepting(parts[0])
        return lambda value: isinstance(value, tuple) and all(member(part) for part in value)
    if hint is float:
        return lambda value: type(value) in (int, float) and isfinite(value)
    if hint in (str, int, bool, type(None)):
        return lambda value: type(value) is hint
    if isinstance(hint, type) and (
        issubclass(hint, Enum | Fraction | Breakdown) or attrs.has(hint)
    ):
        return lambda value: isinstance(value, hint)
    raise KindError(
        f"a field can't be of type {hint!r}; use str, int, float, bool, Fraction, When, Place, "
        "Count, Breakdown, an Enum, a Literal, a frozen attrs class, tuple[T, ...], or T | None"
    )


def _checking(hint: Any) -> Callable[[Any, attrs.Attribute[Any], Any], None]:
    accepts = _accepting(hint)
    expected = hint.__name__ if isinstance(hint, type) else str(hint)

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not accepts(value):
            raise EventError(f"the field {attribute.name!r} takes {expected}, not {value!r}")

    return check


def _fields_of(cls: type, hints: Mapping[str, Any]) -> Callable[..., list[attrs.Attribute[Any]]]:
    def transform(_: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
        made = []
        for field in fields:
            hint = hints[field.name]
            convert = field.converter or _converting(hint)
            default = field.default
            check = field.validator or _checking(hint)
            made.append(
                field.evolve(converter=convert, validator=check, type=hint, default=default)
            )
        return made

    return transform


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(attrs.field,))
def _value(cls: _Kind) -> _Kind:
    """Makes a class of annotated fields a frozen attrs class that takes the short forms."""
    try:
        hints = get_type_hints(cls)
    except NameError as error:
        raise KindError(
            f"the fields of {cls.__name__} can't be told: {error}; use types that are "
            "imported or defined at the top of the module"
        ) from error
    # Slots would make a second class, and a decorator must give back the one that it was given.
    made: _Kind = attrs.frozen(kw_only=True, slots=False, field_transformer=_fields_of(cls, hints))(
        cls
    )
    return made


def _content(event: Event) -> dict[str, Any]:
    form: dict[str, Any] = plain(event, identity=True)
    form.pop("id", None)
    return form


def _named(_: object, attribute: attrs.Attribute[str], value: object) -> None:
    if not isinstance(value, str) or (value and not value.strip()):
        raise EventError(
            f"an event's {attribute.name} is a text such as 'ucdp:147997', not {value!r}; leave "
            "it out to have one derived from the content"
        )


@_value
class Event:
    """What happened, and when. The base of every kind; make one of a kind, not of this.

    ``when`` takes whatever ``when()`` takes. ``id`` says which event it is, for all sources alike
    (``"ucdp:147997"``); left out, it is derived from the kind and the content, so that two events
    are the same one iff they are equal. ``summary`` is a line for the reader. Raises
    ``EventError`` for fields that don't fit.
    """

    kind: ClassVar[str] = ""
    upcasts: ClassVar[Mapping[int, Upcast]] = {}

    when: When = attrs.field(converter=when)
    id: str = attrs.field(default="", validator=_named)
    summary: str | None = None

    def __attrs_post_init__(self) -> None:
        if not type(self).kind:
            raise KindError(
                f"{type(self).__name__} has no name on disk; put @event('name/1') above the class"
            )
        self.check()
        if not self.id:
            form = encode([self.kind, _content(self)])
            object.__setattr__(self, "id", f"{self.kind}:{sha256(form).hexdigest()[:32]}")

    def check(self) -> None:
        """Refuses fields that contradict each other; a kind overrides it to raise EventError."""

    @property
    def as_recorded(self) -> tuple[str, bytes] | None:
        """The kind and bytes it was read from, where these aren't what it would be written as.

        Set by the codec on events lifted from an older version of their kind.
        """
        return self.__dict__.get("_as_recorded")

    def headline(self) -> str:
        """Gives a line on what happened, without the time; a kind overrides it."""
        return self.id

    def __str__(self) -> str:
        return self.summary or self.headline()


@_value
class UnknownEvent(Event):
    """An event of a kind that nobody named to this log: kept, shown and passed on untouched.

    ``recorded_kind`` is its name on disk and ``content`` its JSON as it stands there. Give the
    kind to ``Log(events=[…])`` to have it read.
    """

    kind: ClassVar[str] = "unknown/1"

    recorded_kind: str
    content: str

    @property
    def as_recorded(self) -> tuple[str, bytes]:
        """The kind and bytes as they stand in the log."""
        return self.recorded_kind, self.content.encode()

    def headline(self) -> str:
        """Names the kind that nobody named to the log, and the event."""
        return f"{self.recorded_kind} {self.id}"


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(attrs.field,))
def event(kind: str, *, upcasts: Mapping[int, Upcast] | None = None) -> Callable[[_Kind], _Kind]:
    """Names a kind of event on disk and makes its class frozen, keyword-only and comparable.

    ``kind`` is ``"name/version"``, written by hand; the Python name is free to change. Fields of
    type When, Place, Count, Breakdown, Fraction and tuple take their short forms. ``upcasts`` maps
    an older version to the function that takes its content to the next version; content is a dict
    of plain JSON without the event's id and time, which no upcaster can change. Raises
    ``KindError`` for a malformed name, a class that isn't an Event, or an upcast that leads
    nowhere.
    """
    name, version = version_of(kind)
    steps = dict(upcasts or {})
    for older in steps:
        if not isinstance(older, int) or not 1 <= older < version:
            raise KindError(
                f"an upcast of {kind!r} starts from a version 1 to {version - 1}, not {older!r}"
            )

    def name_it(cls: _Kind) -> _Kind:
        if not (isinstance(cls, type) and issubclass(cls, Event)):
            raise KindError(f"@event({kind!r}) goes above a class that derives from Event")
        made = _value(cls)
        made.kind = f"{name}/{version}"
        made.upcasts = steps
        return made

    return name_it
