"""Kinds of event that break one law each, by the law meant for it, and kinds that keep them all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from fractions import Fraction
from itertools import count
from typing import Any, Literal, NamedTuple

import attrs
from hypothesis import strategies as st

from timeline import Attack, Breakdown, Count, Event, Place, When, event
from timeline.errors import EventError

__all__ = ["FAULTY_EVENTS", "SOUND_EVENTS", "Faulty"]


class Faulty(NamedTuple):
    """Something that breaks a law, the law meant for it, and what else a trial of it needs."""

    subject: Any
    law: str
    options: dict[str, Any]


@attrs.frozen(eq=False)
class Corner:
    """A part that is equal to nothing but itself."""

    name: str


@event("crossing/1")
class Crossing(Event):
    """Holds a part that comes back from the log as another one."""

    corner: Corner


@event("march/1")
class March(Event):
    """Converts kilometres to metres, again whenever it is made again."""

    metres: int = attrs.field(converter=lambda kilometres: kilometres * 1000)


@event("shelling/1")
class Shelling(Event):
    """Adds up its shells whenever it is made, and being read is being made."""

    shells: int = 0

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "shells", self.shells + 1)
        super().__attrs_post_init__()


@event("rumour/1")
class Rumour(Event):
    """Compares its words whatever their case; the derived id still tells two of them apart."""

    words: str = attrs.field(eq=str.lower)


@event("visit/1")
class Visit(Event):
    """Says of itself what makes two of them equal, and forgets who came."""

    who: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Visit) and self.when == other.when

    def __hash__(self) -> int:
        return hash(self.when)


@event("patrol/1")
class Patrol(Event):
    """Takes any two patrols of one day for one."""

    town: str

    def __attrs_post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", f"patrol:{self.when.lo}")
        super().__attrs_post_init__()


@attrs.define(unsafe_hash=True)
class Tally:
    """A part that can be changed."""

    tanks: int = 0


@event("convoy/1")
class Convoy(Event):
    """Holds a part that can be changed under its id."""

    tally: Tally


@event("sighting/1")
class Sighting(Event):
    """Notes by itself when it was made."""

    noted: str = attrs.field(factory=lambda: datetime.now(UTC).isoformat())


@event("ceasefire/1")
class Ceasefire(Event):
    """Refuses what the clock takes for the future, and so can't be read by a clock that is late."""

    def check(self) -> None:
        """Refuse a time after now."""
        if self.when.earliest is not None and self.when.earliest > datetime.now(UTC):
            raise EventError("a ceasefire can't be in the future")


@event("arrest/1")
class Arrest(Event):
    """Has an id made of its Python name."""

    who: str

    def __attrs_post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", f"{type(self).__name__}:{self.when.lo}:{self.who}")
        super().__attrs_post_init__()


@event("attack/1")
class Raid(Event):
    """Has the name of a kind of the library."""

    by: str


@event("parade/1")
class Parade(Event):
    """Can't be shown where nobody says where it was."""

    place: Place | None = None

    def headline(self) -> str:
        """Name the place, if there is one."""
        return f"Parade in {self.place.name}"  # type: ignore[union-attr]


def _positive(number: int) -> int:
    if number <= 0:
        raise EventError(f"a length is above 0, not {number!r}")
    return number


@event("trench/1")
class Trench(Event):
    """Refuses by a converter, which what is read never meets."""

    metres: int = attrs.field(converter=_positive)


@event("siege/1")
class SiegeOne(Event):
    """A siege as its first version had it."""

    town: str
    part: str = attrs.field(default="1/2", validator=attrs.validators.in_(["1/2", "1/3", "1"]))


@event("siege/2")
class SiegeTwo(Event):
    """A siege as its second version had it."""

    place: Place
    part: Fraction = Fraction(1, 2)


def _place(content: dict[str, Any]) -> dict[str, Any]:
    return {"place": {"name": content.pop("town")}, **content}


def _percent(content: dict[str, Any]) -> dict[str, Any]:
    part = Fraction(content.pop("part", "1/2"))
    return {**content, "percent": float(100 * part)}


def _siege(
    one: Callable[[dict[str, Any]], Any] | None, two: Callable[[dict[str, Any]], Any]
) -> Any:
    """A third version of a siege, with upcasts from the first and the second."""

    @event("siege/3", upcasts={1: one, 2: two} if one else {2: two})
    class Siege(Event):
        place: Place
        percent: float = 50.0

    return Siege


def _early_fraction(content: dict[str, Any]) -> dict[str, Any]:
    lifted = _place(content)
    return {**lifted, "part": Fraction(lifted.get("part", "1/2"))}


def _late_fraction(content: dict[str, Any]) -> dict[str, Any]:
    part = content.pop("part", Fraction(1, 2))
    return {**content, "percent": 100 * part.numerator / part.denominator}


_calls = count()


def _counting(content: dict[str, Any]) -> dict[str, Any]:
    return {**_percent(content), "percent": float(next(_calls))}


def _forgetful(content: dict[str, Any]) -> dict[str, Any]:
    content.pop("town")
    return content


def _redating(content: dict[str, Any]) -> dict[str, Any]:
    """Try to change the id and the time, which no upcast can: they are put back."""
    return {**_percent(content), "id": "siege:0", "when": {"lo": 0, "hi": 1}}


@event("camp/2", upcasts={1: lambda content: content})
class Camp(Event):
    """Makes its id anew, whatever id the first version had."""

    name: str

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "id", f"camp:{self.name}")
        super().__attrs_post_init__()


@event("camp/1")
class CampOne(Event):
    """A camp as its first version had it."""

    name: str


_BOTH = {1: SiegeOne, 2: SiegeTwo}
_STEPS = "old_versions_read_the_same_in_steps"

FAULTY_EVENTS: dict[str, Faulty] = {
    "identity": Faulty(Crossing, "what_is_written_is_read_back", {}),
    "made twice": Faulty(Shelling, "what_is_written_is_read_back", {}),
    "converter drift": Faulty(March, "making_it_again_changes_nothing", {}),
    "id of the day": Faulty(Patrol, "equal_events_have_one_id", {}),
    "own equality": Faulty(Visit, "equal_events_have_one_id", {}),
    "mutable part": Faulty(Convoy, "an_event_never_changes", {}),
    "clock in a default": Faulty(Sighting, "an_event_needs_no_clock", {}),
    "clock in a check": Faulty(Ceasefire, "an_event_needs_no_clock", {}),
    "python name": Faulty(Arrest, "the_kind_is_its_own", {}),
    "taken name": Faulty(Raid, "the_kind_is_its_own", {}),
    "no headline": Faulty(Parade, "every_event_has_a_headline", {}),
    "refusing converter": Faulty(Trench, "what_is_refused_stays_refused",
                                 {"events": st.builds(Trench, when=st.just("2022"),
                                                      metres=st.integers(1, 9))}),
    "upcast to a Fraction": Faulty(
        _siege(_early_fraction, _late_fraction), _STEPS,
        {"older": {1: SiegeOne, 2: st.just({"place": {"name": "Izium"}})}},
    ),
    "upcast that counts": Faulty(_siege(_place, _counting), _STEPS, {"older": _BOTH}),
    "upcast that forgets": Faulty(_siege(_forgetful, _percent), _STEPS, {"older": _BOTH}),
    "missing upcast": Faulty(_siege(None, _percent), _STEPS, {"older": _BOTH}),
    "id made anew": Faulty(Camp, "an_old_event_stays_itself", {"older": {1: CampOne}}),
}  # fmt: skip


class Weapon(Enum):
    """What was fired."""

    SHELL = "shell"
    DRONE = "drone"


@attrs.frozen
class Route:
    """A frozen part of an event."""

    start: Place
    length: float = attrs.field(default=1.0, validator=attrs.validators.gt(0))


@event("strike/1")
class Strike(Event):
    """Has a field of every sort."""

    weapon: Weapon
    route: Route | None = None
    share: Fraction | None = None
    dead: Count = Count(0)
    among: Breakdown = Breakdown()
    names: tuple[str, ...] = ()
    over: When | None = None
    grade: Literal["a", "b"] = "a"
    sure: bool = True
    metres: int = attrs.field(default=0, validator=attrs.validators.ge(0))


SOUND_EVENTS: dict[str, Faulty] = {
    "attack": Faulty(Attack, "", {}),
    "strike": Faulty(Strike, "", {}),
    "case blind": Faulty(Rumour, "", {}),
    "siege": Faulty(_siege(_place, _percent), "", {"older": _BOTH, "beside": [Strike]}),
    "redating": Faulty(_siege(_place, _redating), "", {"older": _BOTH}),
}
