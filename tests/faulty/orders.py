"""Chronological orders that break a law each, by the law meant for it, and orders that keep all."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from timeline import Certainty, Event
from timeline.resolution import chronological

__all__ = ["FAULTY_ORDERS", "SOUND_ORDERS"]

_FAR = 1 << 62


def _midpoint(event: Event) -> tuple[int, str]:
    """Take an open end for the beginning of the calendar."""
    return ((event.when.lo or 0) + (event.when.hi or 0)) // 2, event.id


def _by_end(event: Event) -> int:
    return _FAR if event.when.hi is None else event.when.hi


def _by_id(event: Event) -> str:
    return event.id


def _by_text(event: Event) -> tuple[str, str]:
    return str(event.when), event.id


def _by_start(event: Event) -> int:
    return -_FAR if event.when.lo is None else event.when.lo


def _by_datetime(event: Event) -> tuple[Any, str]:
    """Can't be compared where a time is open."""
    return event.when.earliest, event.id


def _hashed(event: Event) -> int:
    return hash(event)


def _start_then_hash(event: Event) -> tuple[int, int]:
    return _by_start(event), hash(event.id)


@cmp_to_key
def _certainly_before_else_by_id(one: Event, other: Event) -> int:
    """The comparison that looks right and runs in a circle."""
    if one.when.before(other.when) is Certainty.CERTAIN:
        return -1
    if other.when.before(one.when) is Certainty.CERTAIN:
        return 1
    return (one.id > other.id) - (one.id < other.id)


class _Arrival:
    """Breaks ties by which of two was seen first."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def __call__(self, event: Event) -> tuple[int, int]:
        self.seen.setdefault(event.id, len(self.seen))
        return _by_start(event), self.seen[event.id]


def _counted() -> Callable[[Event], tuple[int, int]]:
    """Breaks ties by how often it was asked."""
    calls = [0]

    def key(event: Event) -> tuple[int, int]:
        calls[0] += 1
        return _by_start(event), calls[0] % 3

    return key


class _Position:
    """Sorts by the position at which it first met an event."""

    def __init__(self) -> None:
        self.met: list[str] = []

    def __call__(self, event: Event) -> int:
        if event.id not in self.met:
            self.met.append(event.id)
        return self.met.index(event.id)


_CONTRADICTS = "an_order_never_contradicts_the_sources"
_ONE_ORDER = "any_two_events_have_one_order"

FAULTY_ORDERS: dict[str, tuple[Callable[[], Any], str]] = {
    "midpoint": (lambda: _midpoint, _CONTRADICTS),
    "by end": (lambda: _by_end, _ONE_ORDER),
    "by id": (lambda: _by_id, _CONTRADICTS),
    "by text": (lambda: _by_text, _CONTRADICTS),
    "by start": (lambda: _by_start, _ONE_ORDER),
    "by datetime": (lambda: _by_datetime, _ONE_ORDER),
    "hash": (lambda: _hashed, _CONTRADICTS),
    "start, then hash": (lambda: _start_then_hash, "an_order_is_the_same_in_every_process"),
    "comparator": (lambda: _certainly_before_else_by_id, "an_order_runs_in_no_circle"),
    "position": (_Position, "an_order_is_no_matter_of_arrival"),
    "arrival": (_Arrival, "an_order_is_no_matter_of_arrival"),
    "counted": (_counted, "an_order_stays_when_events_are_added"),
}
"""How to make each, and the law meant for it."""


def _newest_report_last(event: Event) -> tuple[Any, ...]:
    """Another linear extension: of two with one start, the longer one first."""
    start, end, name = chronological(event)
    return start, -end, name


SOUND_ORDERS: dict[str, Callable[[], Any]] = {
    "timeline's own": lambda: chronological,
    "the longer first": lambda: _newest_report_last,
}
"""Orders that keep every law."""
