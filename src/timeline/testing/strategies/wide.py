"""Composes wide histories: many events, each with an id of its own, on few places and days."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import attrs

from timeline.claims import Report
from timeline.counts import Count
from timeline.events import Event
from timeline.places import Place
from timeline.schema import field_hints, field_type
from timeline.testing.strategies.values import FIRST
from timeline.time_parsing import between, when
from timeline.times import When

__all__ = ["BORDERS", "NAMES", "PLACES", "Choose", "Scene", "Vocabulary", "reported", "scene"]

Choose = Callable[[int], int]
"""Gives a number from 0 up to, not including, another; 0 is the simplest."""

NAMES = ("Russia", "Ukraine", "Wagner Group", "ЗСУ", "جيش", "O'Neill", "сім'я")
PLACES = (
    Place("Izium", within=Place("Izium Raion", within="Kharkiv Oblast")),
    Place("Kupiansk", within="Kharkiv Oblast"),
    Place("Kherson", within="Kherson Oblast", latitude=46.65, longitude=32.58, precision="town"),
    Place("Kherson", id="geonames:706448"),
    Place("Слов'янськ", within="Донецька область"),
    Place("الرقة", within="محافظة الرقة"),
    Place("N'Djamena"),
)
BORDERS = (
    0, 1, 2, 3, 5, 9, 10, 11, 24, 25, 26, 49, 50, 51, 99, 100, 101, 499, 500, 999, 1000, 1001,
    9_999, 10_000,
)  # fmt: skip
_SOURCES = ("ISW", "Reuters", "TASS")
_FIRST = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)


@attrs.frozen
class Vocabulary:
    """Words, numbers and moments that matter to a projection, found in its own code."""

    texts: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    moments: tuple[datetime, ...] = ()


@attrs.frozen
class Scene:
    """Where, when and by whom the events of one history are: few places, few days, few sources."""

    choose: Choose
    words: Vocabulary
    places: tuple[Place, ...]
    days: int
    """Within how many days."""
    offset: int
    sources: tuple[str, ...]
    first: bool
    """Whether all reports are of one day."""
    alike: bool
    """Whether the events of a kind are like the first one, but for a field or two."""
    templates: dict[Any, Event] = attrs.field(factory=dict, eq=False)

    def event(self, base: Event, index: int, day: int, *, as_drawn: bool = False) -> Event:
        """Return an event like ``base`` with an id, time, place and numbers of this scene."""
        changes: dict[str, Any] = {} if as_drawn else {"when": self._time(day)}
        kind: Any = type(base)
        fields = [] if as_drawn else _fields(kind)
        like = self.templates.get(kind)
        if like is not None and not as_drawn:
            # Like one before, but for a field: what code asks of several fields is met again.
            base, fields = like, [fields[self.choose(len(fields))]] if fields else []
        for name, hint, optional in fields:
            changed = self._value(hint, optional=optional)
            if changed is not _SAME:
                changes[name] = changed
        changes["id"] = f"{base.kind.partition('/')[0]}:{(index * 37 + self.offset) % 101:03}"
        made: Any = base
        try:
            made = attrs.evolve(base, **changes)  # type: ignore[misc]
        except (ValueError, TypeError):
            for name, value in changes.items():
                with suppress(ValueError, TypeError):
                    made = attrs.evolve(made, **{name: value})
        if self.alike:
            self.templates.setdefault(kind, made)
        return made  # type: ignore[no-any-return]

    def day(self, before: int) -> int:
        """Return the day of the next event, often so long after the one before as code asks."""
        gaps = [n for n in self.words.numbers if 0 < n <= 400]  # noqa: PLR2004 - days
        if gaps and self.choose(3) == 0:
            return before + gaps[self.choose(len(gaps))] + self.choose(3) - 1
        return self.choose(self.days)

    def _time(self, day: int) -> When:
        choose = self.choose
        if self.words.moments and choose(3) == 0:
            moment = self.words.moments[choose(len(self.words.moments))]
            start = moment + timedelta(days=choose(3) - 1)
            return between(start, start + timedelta(days=1, microseconds=-1))
        return _time(day, choose(len(_FORMS)), choose(24))

    def _value(self, hint: Any, *, optional: bool) -> Any:
        choose, words = self.choose, self.words
        if hint is Place:
            if choose(6) == 5:  # noqa: PLR2004 - one in six
                return None if optional else _SAME
            return self.places[choose(len(self.places))]
        if hint is Count:
            return self._count()
        if hint is bool:
            return bool(choose(2))
        if hint is int:
            return words.numbers[choose(len(words.numbers))] if words.numbers else _SAME
        if hint is str:
            if words.texts and choose(3):
                return words.texts[choose(len(words.texts))]
            return NAMES[choose(len(NAMES))] if choose(2) else _SAME
        return _SAME

    def _count(self) -> Any:
        choose, numbers = self.choose, self.words.numbers
        kind = choose(8)
        if kind == 0:
            return _SAME
        if kind < (2 if numbers else 4):
            number = choose(6)
        elif numbers and choose(4):
            number = numbers[choose(len(numbers))]
        else:
            number = BORDERS[choose(len(BORDERS))]
        if kind == 7:  # noqa: PLR2004 - one in eight
            return Count(low=number, high=number + choose(3)) if choose(2) else Count(low=number)
        return Count(number)


_SAME: Any = object()


@lru_cache(maxsize=1024)
def _fields(kind: Any) -> list[tuple[str, Any, bool]]:
    """The fields of a kind that a scene may fill: name, type, and whether it may be None."""
    found = []
    hints = field_hints(kind)
    for field in attrs.fields(kind):
        if field.name in ("id", "when", "summary") or not field.init:
            continue
        whole = field_type(hints[field.name])
        if whole.bare.shape != "union":
            found.append((field.name, whole.bare.hint, whole.optional))
    return found


_FORMS = (
    "day", "day", "day", "hour", "hour", "moment", "days", "days", "half", "month", "kyiv", "about",
    "lasted", "until", "since",
)  # fmt: skip


@lru_cache(maxsize=4096)
def _time(day: int, form: int, hour: int) -> When:  # noqa: C901 - a branch for each form
    """A time that begins on a day, in one of the forms in which sources write one."""
    start = FIRST + timedelta(days=day)
    moment = _FIRST + timedelta(days=day, hours=hour)
    microsecond = timedelta(microseconds=1)
    match _FORMS[form]:
        case "hour":
            return between(moment, moment + timedelta(hours=1) - microsecond)
        case "moment":
            return when(moment)
        case "days":
            return between(start, start + timedelta(days=1 + hour % 3))
        case "half":
            noon = _FIRST + timedelta(days=day, hours=12 * (hour % 2))
            return between(noon, noon + timedelta(hours=12) - microsecond)
        case "month":
            return when(f"{start:%Y-%m}")
        case "kyiv":
            return when(start, zone="Europe/Kyiv")
        case "about":
            return when(f"{start}~")
        case "lasted":
            return when(f"{start}/{start + timedelta(days=hour % 4 + 1)}")
        case "until":
            return when(f"[..{start}]")
        case "since":
            return when(f"[{start}..]")
        case _:
            return when(start)


def scene(choose: Choose, words: Vocabulary) -> Scene:
    """Choose a scene; all on one place and day, at times."""
    some = 1 + choose(3)
    start = choose(len(PLACES))
    places = tuple(PLACES[(start + n) % len(PLACES)] for n in range(some))
    days = (1, 2, 4, 10, 30)[choose(5)]
    sources = _SOURCES[: 1 + choose(len(_SOURCES))]
    return Scene(choose, words, places, days, choose(101), sources, choose(3) == 0, choose(2) == 1)


def reported(scene: Scene) -> Report:
    """Choose the report of the next claim."""
    day = 3 if scene.first else scene.choose(40)
    return _report(scene.sources[scene.choose(len(scene.sources))], day)


@lru_cache(maxsize=1024)
def _report(source: str, day: int) -> Report:
    return Report(source, published=when(FIRST + timedelta(days=day)))
