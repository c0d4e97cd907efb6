"""An Event is what happened and when, and a kind of event is a class that somebody names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any, ClassVar, TypeVar, dataclass_transform

import attrs

from timeline.calendar_math import zone_aliases
from timeline.canonical import encode, plain, plain_with_zones
from timeline.counts import says_nothing
from timeline.errors import EventError, KindError
from timeline.fast_decode import unchecked
from timeline.schema import acceptor, converter, field_hints, field_type
from timeline.time_parsing import when
from timeline.times import When

__all__ = [
    "Event",
    "UnknownEvent",
    "Upcast",
    "adds_checks",
    "earlier_ids",
    "event",
    "version_of",
]

Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes the plain JSON content of an older version (without its id and time) to the next one."""

_KIND = re.compile(r"([a-z][a-z0-9._-]{0,99})/([1-9][0-9]{0,4})", re.ASCII)
_TAKEN = {"as_recorded", "check", "headline", "kind", "self", "upcasts"}
_Kind = TypeVar("_Kind", bound="type[Any]")


def version_of(kind: str) -> tuple[str, int]:
    """Split a kind's name on disk, ``"displacement/2"``, into its name and version.

    Raises ``KindError`` for a name of another form.
    """
    match = _KIND.fullmatch(kind) if isinstance(kind, str) else None
    if match is None:
        raise KindError(
            f"a kind is named 'displacement/1': small ASCII letters, digits, '.', '_' or '-', "
            f"a slash and a version from 1, not {kind!r}"
        )
    return match[1], int(match[2])


class _OfType:
    """Holds a field to its type, and then to the validator that it was written with."""

    def __init__(self, hint: Any, own: Any) -> None:
        self._accepts = acceptor(field_type(hint))
        self._expected = hint.__name__ if isinstance(hint, type) else str(hint)
        self.own = own

    def __call__(self, event: Any, attribute: attrs.Attribute[Any], value: object) -> None:
        if not self._accepts(value):
            raise EventError(f"the field {attribute.name!r} takes {self._expected}, not {value!r}")
        if self.own is not None:
            self.own(event, attribute, value)


def _field(field: attrs.Attribute[Any], hint: Any) -> attrs.Attribute[Any]:
    """A field as the class wrote it, with the reading and checking that its type asks for."""
    if field.name in _TAKEN or field.name.startswith("_"):
        raise KindError(
            f"a field can't be called {field.name!r}: {', '.join(sorted(_TAKEN))} and names that "
            "open with an underscore mean something else in an event; choose another name"
        )
    return field.evolve(
        converter=field.converter or converter(field_type(hint)),
        validator=_OfType(hint, field.validator),
    )


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(attrs.field,))
def _value(cls: _Kind) -> _Kind:
    """Make a class of annotated fields a frozen attrs class that takes the short forms."""
    hints = field_hints(cls)

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
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    if type(value).__str__ is object.__str__ and attrs.has(type(value)):
        # A value of several parts, whose class doesn't say how it reads.
        kind: type[Any] = type(value)
        parts = ((field.name, getattr(value, field.name)) for field in attrs.fields(kind))
        return " ".join(f"{name} {_shown(part)}" for name, part in parts if not says_nothing(part))
    return str(value)


@_value
class Event:
    """What happened, and when. The base of every kind; make one of a kind, not of this.

    ``when`` takes whatever ``when()`` takes. ``id`` says which event it is, for all sources alike
    (``"ucdp:147997"``); left out, it is derived from the kind and the content, the summary
    included. ``summary`` is a line for the reader. A kind may say how pages call it and its fields:
    ``kind_name``, and ``field_names`` by the names in Python. Raises ``EventError`` for fields that
    don't fit.
    """

    kind: ClassVar[str] = ""
    kind_name: ClassVar[str] = ""
    field_names: ClassVar[Mapping[str, str]] = {}
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
        """Refuse fields that contradict each other; a kind overrides it to raise EventError."""

    @property
    def as_recorded(self) -> tuple[str, bytes] | None:
        """The kind and bytes it was read from, where these aren't what it would be written as.

        Set by the codec on events lifted from an older version of their kind.
        """
        return self.__dict__.get("_as_recorded")

    def headline(self) -> str:
        """Return a line on what happened, without the time; a kind overrides it.

        Unless it does, that is its name and what its fields tell.
        """
        cls: type[Any] = type(self)
        reported = [
            f"{field.name} {_shown(value)}"
            for field in attrs.fields(cls)
            if field.name not in ("id", "when", "summary")
            and not says_nothing(value := getattr(self, field.name))
            and value != field.default
        ]
        name = self.kind.partition("/")[0].replace("-", " ").capitalize()
        return f"{name}: {', '.join(reported)}" if reported else f"{name} {self.id}"

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
        """Name the kind that nobody named to the log, and the event."""
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
    """Name a kind of event on disk and make its class frozen, keyword-only and comparable.

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
