"""Types that a state may be made of, and some that it may not, with what writes them down."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from fractions import Fraction
from typing import Any

import attrs

from timeline.codec import Codec
from timeline.counts import Count
from timeline.folding.state_codec import StateCodec
from timeline.kinds import Attack, Incident, PoliticalStatement, TerritorialChange
from timeline.times import When

KINDS = (Attack, Incident, PoliticalStatement, TerritorialChange)
NOW = When(lo=0, hi=1)


def states(hint: Any) -> StateCodec:
    return StateCodec(hint, Codec(KINDS))


def again(hint: Any, state: Any) -> Any:
    """The state as another runner reads it."""
    return states(hint).load(states(hint).dump(state))


class Side(Enum):
    RUSSIA = "ru"
    UKRAINE = "ua"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(Enum):
    PAIR = (1, 2)


class Truth(Enum):
    YES = True


@attrs.frozen
class Point:
    x: int
    y: Fraction | None = None


@attrs.frozen
class Tree:
    name: str
    twigs: tuple[Tree, ...] = ()
    root: Tree | None = None


@attrs.frozen
class Deep:
    point: Point
    by_side: Mapping[Side, frozenset[Point]]
    told: tuple[str, Count | None]


@attrs.frozen
class Private:
    _hidden: int
    twice: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "twice", self._hidden * 2)


@attrs.define
class Counter:
    seen: list[int] = attrs.field(factory=list)
    last: int | None = attrs.field(default=None, init=False)


@attrs.frozen(init=False)
class Span:
    """Made of other arguments than it has fields, as a Count is."""

    start: int
    _end: int

    def __init__(self, start: int, *, length: int) -> None:
        self.__attrs_init__(start, start + length)
