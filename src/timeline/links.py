"""A Link is what a source says about two or more events, places or actors.

Events are linked by their ids, places by ``place.key``, actors by their names. A link's id comes
from its kind and what it links, so that two sources that say the same corroborate one link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

import attrs

from timeline.canonical import encode
from timeline.errors import ClaimError
from timeline.events import Event
from timeline.places import Place

__all__ = [
    "Before",
    "HasBounds",
    "Link",
    "PartOf",
    "SameActor",
    "SameEvent",
    "SamePlace",
    "SplitInto",
    "Within",
    "is_link_id",
    "link_of",
]

_DURATION = re.compile(r"([0-9]{1,7}) (microsecond|second|minute|hour|day|week)s?", re.ASCII)


_MOMENT = timedelta(microseconds=1)
_LONGEST = timedelta(days=100_000_000)  # some 270,000 years, whose microseconds fit into 64 bits


class HasBounds(Protocol):
    """How long something took or lay apart, at least and at most, such as ``report.gap(…)``."""

    @property
    def least(self) -> timedelta | None:
        """The shortest it may have been."""
        ...

    @property
    def most(self) -> timedelta | None:
        """The longest it may have been."""
        ...


def _event_id(value: Event | str) -> str:
    return value.id if isinstance(value, Event) else value


def _place_key(value: Place | str) -> str:
    return value.key if isinstance(value, Place) else value


def _texts(link: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    for one in value if isinstance(value, tuple) else (value,):
        if not isinstance(one, str) or not one.strip():
            raise ClaimError(
                f"{type(link).__name__} takes {link.takes}, not {one!r} as one of its "
                f"{attribute.name}"
            )


def _several(link: Any, attribute: attrs.Attribute[Any], value: tuple[Any, ...]) -> None:
    _texts(link, attribute, value)
    if len(set(value)) < 2:  # noqa: PLR2004 - two are joined
        raise ClaimError(
            f"{type(link).__name__} joins two or more different {link.takes}, not {value!r}"
        )


def _duration(value: timedelta | str | None) -> timedelta | None:
    if value is None:
        return None
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None and not isinstance(value, timedelta):
        raise ClaimError(
            f"how long is a timedelta or a text such as '2 days', '1 week' or '90 minutes', not "
            f"{value!r}; months and years have no length of their own: give the days"
        )
    length = value if match is None else int(match[1]) * timedelta(**{f"{match[2]}s": 1})
    if not isinstance(length, timedelta) or length > _LONGEST:
        raise ClaimError(f"{value!r} is too long; the most is {_LONGEST.days:,} days")
    return length


def _micros(value: timedelta) -> int:
    return value // _MOMENT


class Link:
    """What a source says about two or more events, places or actors; make one of a kind of it."""

    kind: ClassVar[str]
    """Its name on disk."""
    takes: ClassVar[str]
    """What it links, in words."""

    def content(self) -> dict[str, Any]:
        """Return the link as plain JSON, as it was said."""
        raise NotImplementedError

    def identity(self) -> dict[str, Any]:
        """Return what the id is derived from: the content, without an order that means nothing."""
        return self.content()

    @property
    def events(self) -> tuple[str, ...]:
        """The ids of the events that it links; none where it links places or actors."""
        return ()

    @cached_property
    def id(self) -> str:
        """Identifies the link by its kind and what it links."""
        form = encode([self.kind, self.identity()])
        return f"{self.kind}:{sha256(form).hexdigest()[:32]}"


@attrs.frozen(init=False, slots=False)
class SameEvent(Link):
    """Several ids name one event: ``SameEvent("acled:UKR1", "ucdp:147997")``.

    Takes two or more events or their ids. More than two say that each pair of them is one.
    """

    kind = "same-event/1"
    takes = "events or their ids"

    ids: tuple[str, ...] = attrs.field(validator=_several)

    def __init__(self, *events: Event | str) -> None:
        self.__attrs_init__(tuple(map(_event_id, events)))  # pyright: ignore[reportAttributeAccessIssue]
        object.__setattr__(self, "ids", tuple(sorted(set(self.ids))))

    @property
    def events(self) -> tuple[str, ...]:
        """The ids that name one event."""
        return self.ids

    def content(self) -> dict[str, Any]:
        """Return the ids, ascending."""
        return {"events": list(self.ids)}

    def __str__(self) -> str:
        return f"{' and '.join(self.ids)} are one event"


@attrs.frozen(init=False, slots=False)
class SplitInto(Link):
    """One event is an aggregate of others: ``SplitInto("ucdp:900", ["ucdp:901", "ucdp:902"])``."""

    kind = "split-into/1"
    takes = "an event and its parts, or their ids"

    whole: str = attrs.field(validator=_texts)
    parts: tuple[str, ...] = attrs.field(validator=_texts)

    def __init__(self, whole: Event | str, parts: Iterable[Event | str]) -> None:
        if isinstance(parts, str | Event) or not isinstance(parts, Iterable):
            raise ClaimError(f"SplitInto takes a whole and its parts in a list, not {parts!r}")
        self.__attrs_init__(_event_id(whole), tuple(map(_event_id, parts)))  # pyright: ignore[reportAttributeAccessIssue]
        if not self.parts:
            raise ClaimError("SplitInto takes a whole and one part or more, not none")
        object.__setattr__(self, "parts", tuple(sorted(set(self.parts))))

    @property
    def events(self) -> tuple[str, ...]:
        """The whole, then its parts."""
        return self.whole, *self.parts

    def content(self) -> dict[str, Any]:
        """Return the whole and its parts, ascending."""
        return {"whole": self.whole, "parts": list(self.parts)}

    def __str__(self) -> str:
        return f"{self.whole} is {' and '.join(self.parts)}"


@attrs.frozen(init=False, slots=False)
class Before(Link):
    """One event ended before another began: ``Before(freed, grave, least="1 day", most="3 days")``.

    ``least`` and ``most`` bound what lies between the last moment of ``earlier`` and the first one
    of ``later``: timedeltas, or texts such as "2 days", a day being 24 hours. ``gap`` takes the two
    together, as ``report.gap("two days later")`` gives them. They are part of the link's id.
    """

    kind = "before/1"
    takes = "two events or their ids"

    earlier: str = attrs.field(validator=_texts)
    later: str = attrs.field(validator=_texts)
    least: timedelta | None = None
    most: timedelta | None = None

    def __init__(
        self,
        earlier: Event | str,
        later: Event | str,
        *,
        least: timedelta | str | None = None,
        most: timedelta | str | None = None,
        gap: HasBounds | None = None,
    ) -> None:
        if gap is not None:
            if least is not None or most is not None:
                raise ClaimError("Before takes a gap=, or least= and most=, not both")
            if not hasattr(gap, "least") or not hasattr(gap, "most"):
                raise ClaimError(f"gap= takes report.gap('two days later'), not {gap!r}")
            least, most = gap.least, gap.most
        shortest, longest = _duration(least), _duration(most)
        if shortest is not None and shortest < timedelta(0):
            raise ClaimError(f"least={shortest} is less than nothing; swap the two events")
        if longest is not None and longest < max(shortest or _MOMENT, _MOMENT):
            raise ClaimError(
                f"least={shortest}, most={longest} leave no time: a microsecond at least lies "
                "between the two, and most isn't less than least"
            )
        if not shortest:
            shortest = None  # it says no more than that one ended before the other began
        self.__attrs_init__(_event_id(earlier), _event_id(later), shortest, longest)  # pyright: ignore[reportAttributeAccessIssue]

    @property
    def events(self) -> tuple[str, ...]:
        """The earlier one, then the later one."""
        return self.earlier, self.later

    def content(self) -> dict[str, Any]:
        """Return the two ids, and in microseconds what lies between them, where that is said."""
        bounds = {"least": self.least, "most": self.most}
        return {"earlier": self.earlier, "later": self.later} | {
            name: _micros(value) for name, value in bounds.items() if value is not None
        }

    def __str__(self) -> str:
        bounds = [f"at least {self.least}"] if self.least is not None else []
        bounds += [f"at most {self.most}"] if self.most is not None else []
        between = f", by {' and '.join(bounds)}" if bounds else ""
        return f"{self.earlier} before {self.later}{between}"


@attrs.frozen(init=False, slots=False)
class SamePlace(Link):
    """Several keys are of one place: ``SamePlace("Kyiv", "Kiev", "geonames:703448")``.

    Takes two or more places or their keys: the id, or a name that has none. Of several names, the
    first one listed is preferred as the key of them all.
    """

    kind = "same-place/1"
    takes = "places or their keys"

    keys: tuple[str, ...] = attrs.field(validator=_several)

    def __init__(self, *places: Place | str) -> None:
        self.__attrs_init__(tuple(map(_place_key, places)))  # pyright: ignore[reportAttributeAccessIssue]
        object.__setattr__(self, "keys", tuple(dict.fromkeys(self.keys)))

    def content(self) -> dict[str, Any]:
        """Return the keys, in the order in which they are listed."""
        return {"places": list(self.keys)}

    def identity(self) -> dict[str, Any]:
        """Return the keys, ascending."""
        return {"places": sorted(self.keys)}

    def __str__(self) -> str:
        return f"{' and '.join(self.keys)} are one place"


@attrs.frozen(init=False, slots=False)
class Within(Link):
    """One place lies in a larger one: ``Within("Izium", "Kharkiv Oblast")``."""

    kind = "within/1"
    takes = "two places or their keys"

    place: str = attrs.field(validator=_texts)
    larger: str = attrs.field(validator=_texts)

    def __init__(self, place: Place | str, larger: Place | str) -> None:
        self.__attrs_init__(_place_key(place), _place_key(larger))  # pyright: ignore[reportAttributeAccessIssue]

    def content(self) -> dict[str, Any]:
        """Return the place and the larger one."""
        return {"place": self.place, "larger": self.larger}

    def __str__(self) -> str:
        return f"{self.place} lies in {self.larger}"


@attrs.frozen(init=False, slots=False)
class SameActor(Link):
    """Several names are of one actor: ``SameActor("Russia", "Military Forces of Russia")``.

    Of several names, the first one listed is preferred as the key of them all.
    """

    kind = "same-actor/1"
    takes = "names of actors"

    actors: tuple[str, ...] = attrs.field(validator=_several)

    def __init__(self, *actors: str) -> None:
        self.__attrs_init__(actors)  # pyright: ignore[reportAttributeAccessIssue]
        object.__setattr__(self, "actors", tuple(dict.fromkeys(actors)))

    def content(self) -> dict[str, Any]:
        """Return the names, in the order in which they are listed."""
        return {"actors": list(self.actors)}

    def identity(self) -> dict[str, Any]:
        """Return the names, ascending."""
        return {"actors": sorted(self.actors)}

    def __str__(self) -> str:
        return f"{' and '.join(self.actors)} are one actor"


@attrs.frozen(init=False, slots=False)
class PartOf(Link):
    """One actor is part of a larger one: ``PartOf("Wagner Group", "Russia")``."""

    kind = "part-of/1"
    takes = "two names of actors"

    actor: str = attrs.field(validator=_texts)
    larger: str = attrs.field(validator=_texts)

    def __init__(self, actor: str, larger: str) -> None:
        self.__attrs_init__(actor, larger)  # pyright: ignore[reportAttributeAccessIssue]

    def content(self) -> dict[str, Any]:
        """Return the actor and the larger one."""
        return {"actor": self.actor, "larger": self.larger}

    def __str__(self) -> str:
        return f"{self.actor} is part of {self.larger}"


def _before(content: Mapping[str, Any]) -> Before:
    least, most = (
        timedelta(microseconds=content[name]) if name in content else None
        for name in ("least", "most")
    )
    return Before(content["earlier"], content["later"], least=least, most=most)


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Link]] = MappingProxyType(
    {
        SameEvent.kind: lambda content: SameEvent(*content["events"]),
        SplitInto.kind: lambda content: SplitInto(content["whole"], content["parts"]),
        Before.kind: _before,
        SamePlace.kind: lambda content: SamePlace(*content["places"]),
        Within.kind: lambda content: Within(content["place"], content["larger"]),
        SameActor.kind: lambda content: SameActor(*content["actors"]),
        PartOf.kind: lambda content: PartOf(content["actor"], content["larger"]),
    }
)


def is_link_id(name: str) -> bool:
    """Say whether an id is one of a link, rather than of an event."""
    return name.rpartition(":")[0] in _READERS


def link_of(kind: str, content: Mapping[str, Any]) -> Link:
    """Return the link of a kind from its plain JSON.

    Raises ``ClaimError`` for a kind that this release doesn't know, and for what the kind refuses;
    ``KeyError`` where something is missing.
    """
    reader = _READERS.get(kind)
    if reader is None:
        raise ClaimError(f"a link is of a kind of {', '.join(_READERS)}, not {kind!r}")
    return reader(content)
