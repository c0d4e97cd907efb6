"""An Event is what happened and when, and a kind of event is a class that somebody names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
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

from timeline.calendar_math import zone_aliases
from timeline.canonical import encode, plain, plain_with_zones
from timeline.counts import Breakdown, Count, says_nothing
from timeline.errors import EventError, KindError
from timeline.fast_decode import unchecked
from timeline.places import Place
from timeline.time_parsing import when
from timeline.times import When

__all__ = [
    "Event",
    "UnknownEvent",
    "Upcast",
    "adds_checks",
    "earlier_ids",
    "event",
    "fraction",
    "members",
    "version_of",
]

Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes the plain JSON content of an older version (without its id and time) to the next one."""

_KIND = re.compile(r"([a-z][a-z0-9._-]{0,99})/([1-9][0-9]{0,4})", re.ASCII)
_TAKEN = {"as_recorded", "check", "headline", "kind", "self", "upcasts"}
_LONGEST_FRACTION = 200  # characters
_WHOLE = 1 << 53  # ints up to here are floats without loss
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


def fraction(value: Fraction | str | float) -> Fraction:
    """Gives a Fraction from its short forms; a float is read as it is written: 0.1 is a tenth.

    Raises ``EventError`` for anything else, and for one of more digits than a source would give.
    """
    try:
        text = str(value)
        long = len(text) > _LONGEST_FRACTION
        # "1e-999999999" is short, and working it out would take all time and memory there is.
        if isinstance(value, bool) or long or (isinstance(value, str) and "e" in value.lower()):
            raise TypeError  # noqa: TRY301 - said below, with the other reasons
        made = Fraction(text) if isinstance(value, float) else Fraction(value)
        if len(str(made)) > _LONGEST_FRACTION:  # 1e300 is short too
            raise TypeError  # noqa: TRY301 - as above
        return made  # noqa: TRY300 - as above
    except (TypeError, ValueError, ZeroDivisionError):
        raise EventError(
            f"a fraction is written '1/3', Fraction(1, 3) or 0.33, in at most "
            f"{_LONGEST_FRACTION} characters, not {value!r:.60}"
        ) from None


def members(value: Iterable[Any]) -> tuple[Any, ...]:
    """Gives several values as a tuple; a lone text is one value, not its letters.

    Raises ``EventError`` for what holds no values.
    """
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Iterable):
        raise EventError(f"a field of several values takes a tuple or list, not {value!r}")
    return tuple(value)


def _float(value: object) -> object:
    """An int as the float that it equals, for equal values have equal bytes; -0.0 as 0.0."""
    if (type(value) is int and abs(value) <= _WHOLE) or type(value) is float:
        return float(value) + 0.0
    return value  # the check's to refuse


_CONVERTERS: dict[Any, Callable[[Any], Any]] = {
    When: when,
    Place: Place.of,
    Count: Count.of,
    Breakdown: Breakdown.of,
    Fraction: fraction,
    float: _float,
}


def _reading(hint: Any) -> Callable[[Any], Any] | None:
    if get_origin(hint) is not tuple:
        return _CONVERTERS.get(hint)
    read = _converting(get_args(hint)[0])
    return members if read is None else lambda value: tuple(map(read, members(value)))


def _converting(hint: Any) -> Callable[[Any], Any] | None:
    """What turns the short forms of a type (a name for a Place, 12 for a Count) into it."""
    optional = get_origin(hint) in (Union, UnionType) and type(None) in get_args(hint)
    parts = [part for part in get_args(hint) if part is not type(None)] if optional else [hint]
    convert = _reading(parts[0]) if len(parts) == 1 else None
    if convert is None or not optional:
        return convert
    return lambda value: None if value is None else convert(value)


def _accepting(hint: Any, above: tuple[type, ...] = ()) -> Callable[[Any], bool]:
    """Says which values a field of a type takes, so that what is written can be read back."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        options = [_accepting(part, above) for part in parts]
        return lambda value: any(accepts(value) for accepts in options)
    if origin is Literal and all(type(one) in (str, int, type(None)) for one in parts):
        return lambda value: any(value == one and type(value) is type(one) for one in parts)
    if origin is tuple and parts[1:] == (Ellipsis,):
        member = _accepting(parts[0], above)
        return lambda value: isinstance(value, tuple) and all(member(part) for part in value)
    if hint is float:
        return lambda value: type(value) is float and isfinite(value)
    if hint in (str, int, bool, type(None)):
        return lambda value: type(value) is hint
    if hint in (When, Place, Count, Breakdown, Fraction) or _plain_enum(hint):
        return lambda value: isinstance(value, hint)
    if isinstance(hint, type) and attrs.has(hint) and hint.__hash__ is not None:
        return _accepting_parts(hint, above)
    raise KindError(
        f"a field can't be of type {hint!r}; use str, int, float, bool, Fraction, When, Place, "
        "Count, Breakdown, an Enum of texts or of ints, a Literal of these, a frozen attrs class, "
        "tuple[T, ...], or T | None"
    )


def _plain_enum(hint: Any) -> bool:
    """Whether it is an Enum that JSON can hold: all texts, or all ints."""
    if not (isinstance(hint, type) and issubclass(hint, Enum)):
        return False
    return {type(one.value) for one in hint} in ({str}, {int})


def _accepting_parts(cls: type[Any], above: tuple[type, ...]) -> Callable[[Any], bool]:
    """Says which values of an attrs class can be read back: those whose every field can."""
    if cls in above:
        return lambda value: isinstance(value, cls)
    hints = _hints(cls)
    parts = {
        field.name: _accepting(hints[field.name], (*above, cls)) for field in attrs.fields(cls)
    }
    return lambda value: (
        type(value) is cls and all(accepts(getattr(value, name)) for name, accepts in parts.items())
    )


class _OfType:
    """Holds a field to its type, and then to the validator that it was written with."""

    def __init__(self, hint: Any, own: Any) -> None:
        self._accepts = _accepting(hint)
        self._expected = hint.__name__ if isinstance(hint, type) else str(hint)
        self.own = own

    def __call__(self, event: Any, attribute: attrs.Attribute[Any], value: object) -> None:
        if not self._accepts(value):
            raise EventError(f"the field {attribute.name!r} takes {self._expected}, not {value!r}")
        if self.own is not None:
            self.own(event, attribute, value)


def _hints(cls: type) -> dict[str, Any]:
    try:
        return get_type_hints(cls)
    except (NameError, AttributeError, SyntaxError, TypeError) as error:
        raise KindError(
            f"the fields of {cls.__name__} can't be told: {error}; use types that are "
            "imported or defined at the top of the module"
        ) from error


def _field(field: attrs.Attribute[Any], hint: Any) -> attrs.Attribute[Any]:
    """A field as the class wrote it, with the reading and checking that its type asks for."""
    if field.name in _TAKEN or field.name.startswith("_"):
        raise KindError(
            f"a field can't be called {field.name!r}: {', '.join(sorted(_TAKEN))} and names that "
            "open with an underscore mean something else in an event; choose another name"
        )
    return field.evolve(
        converter=field.converter or _converting(hint), validator=_OfType(hint, field.validator)
    )


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(attrs.field,))
def _value(cls: _Kind) -> _Kind:
    """Makes a class of annotated fields a frozen attrs class that takes the short forms."""
    hints = _hints(cls)

    def read_and_check(_: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
        # attrs has `inherited`, its stubs don't.
        return [
            one if one.inherited else _field(one, hints[one.name])  # type: ignore[attr-defined]
            for one in fields
        ]

    # Slots would make a second class, and a decorator must give back the one that it was given.
    made: _Kind = attrs.frozen(kw_only=True, slots=False, field_transformer=read_and_check)(cls)
    return made


def _derived_id(kind: str, form: dict[str, Any]) -> str:
    """The id of an event of a kind, from the plain form of its content."""
    form.pop("id", None)
    return f"{kind}:{sha256(encode([kind, form])).hexdigest()[:32]}"


def earlier_ids(event: Event) -> tuple[str, ...]:
    """Return the ids that the rule of 2025 derived for an event, the likeliest first.

    That rule took the names of times' zones in: 12:00 in Europe/Kyiv and 12:00 in Europe/Kiev had
    two ids. These are the one under the names that the event's own times have, and one for each
    other name that the IANA database has for such a zone. An importer looks for them in a log that
    was begun under that rule. Empty for an event whose id isn't derived from its content.
    """
    if event.id != _derived_id(event.kind, plain(event, identity=True)):
        return ()
    form = plain_with_zones(event)
    zones = dict.fromkeys(_zones(form))
    names = [{}, *({zone: alias} for zone in zones for alias in zone_aliases(zone))]
    return tuple(
        dict.fromkeys(_derived_id(event.kind, _renamed(form, renaming)) for renaming in names)
    )


def _zones(form: Any) -> Iterator[str]:
    """The names of zones in the plain form of an event, in its own times and those within."""
    if isinstance(form, Mapping):
        for name, part in form.items():
            if name == "zone" and isinstance(part, str):
                yield part
            else:
                yield from _zones(part)
    elif isinstance(form, list):
        for part in form:
            yield from _zones(part)


def _renamed(form: Any, names: Mapping[str, str]) -> Any:
    """The same form with other names for some zones."""
    if isinstance(form, Mapping):
        return {
            name: names.get(part, part)
            if name == "zone" and isinstance(part, str)
            else _renamed(part, names)
            for name, part in form.items()
        }
    return [_renamed(part, names) for part in form] if isinstance(form, list) else form


def _named(_: object, attribute: attrs.Attribute[str], value: object) -> None:
    if not isinstance(value, str) or (value and not value.strip()):
        raise EventError(
            f"an event's {attribute.name} is a text such as 'ucdp:147997', not {value!r}; leave "
            "it out to have one derived from the content"
        )


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{part} {name}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


@_value
class Event:
    """What happened, and when. The base of every kind; make one of a kind, not of this.

    ``when`` takes whatever ``when()`` takes. ``id`` says which event it is, for all sources alike
    (``"ucdp:147997"``); left out, it is derived from the kind and the content, the summary
    included. ``summary`` is a line for the reader. Raises
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
            object.__setattr__(self, "id", _derived_id(self.kind, plain(self, identity=True)))

    def check(self) -> None:
        """Refuses fields that contradict each other; a kind overrides it to raise EventError."""

    @property
    def as_recorded(self) -> tuple[str, bytes] | None:
        """The kind and bytes it was read from, where these aren't what it would be written as.

        Set by the codec on events lifted from an older version of their kind.
        """
        return self.__dict__.get("_as_recorded")

    def headline(self) -> str:
        """Gives a line on what happened, without the time; a kind overrides it.

        Unless it does, that is its name and what its fields tell.
        """
        cls: type[Any] = type(self)
        told = [
            f"{field.name} {_shown(value)}"
            for field in attrs.fields(cls)
            if field.name not in ("id", "when", "summary")
            and not says_nothing(value := getattr(self, field.name))
            and value != field.default
        ]
        name = self.kind.partition("/")[0].replace("-", " ").capitalize()
        return f"{name}: {', '.join(told)}" if told else f"{name} {self.id}"

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


_AS_EVERY = Event.__attrs_post_init__


def _spared(validator: object) -> bool:
    """Whether a field's validator holds it to its type and no more, as msgspec does by itself."""
    return isinstance(validator, _OfType) and validator.own in (None, _named)


def adds_checks(kind: type[Event]) -> bool:
    """Whether making an event of a kind runs more than types and ``check`` tell, of its own."""
    fields: Any = attrs.fields(kind)  # type: ignore[arg-type] # a kind is an attrs class
    return kind.__attrs_post_init__ is not _AS_EVERY or not all(
        _spared(one.validator)
        and (one.init, one.alias) == (True, one.name)
        and not isinstance(one.default, attrs.Factory)  # type: ignore[arg-type] # it is a class
        for one in fields
    )


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
    gap = next(
        (step for step in range(min(steps, default=version), version) if step not in steps), 0
    )
    if gap:
        raise KindError(
            f"the upcasts of {kind!r} lead nowhere: there is none from version {gap} to {gap + 1}"
        )

    def name_it(cls: _Kind) -> _Kind:
        found: object = cls
        if not (isinstance(found, type) and issubclass(found, Event)):
            raise KindError(f"@event({kind!r}) goes above a class that derives from Event")
        made = _value(cls)
        try:
            # msgspec holds fields to their types by itself; what a kind adds runs in reading too.
            own = (made.__attrs_post_init__, made.check) != (_AS_EVERY, Event.check)
            unchecked(made, spared=_spared, post_init=made.__attrs_post_init__ if own else None)
        except TypeError as error:
            raise KindError(f"the fields of {cls.__name__} can't be read back: {error}") from error
        made.kind = f"{name}/{version}"
        made.upcasts = steps
        return made

    return name_it
