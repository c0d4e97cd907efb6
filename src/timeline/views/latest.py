"""Latest says which value is the newest of each key, and never guesses where order is open."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, cast

import attrs

from timeline.accounts import Account
from timeline.claims import Claim
from timeline.counts import UNREPORTED, Count
from timeline.deferred import Deferring, deferred, made_with
from timeline.display import HtmlRepr
from timeline.errors import ProjectionError
from timeline.events import Event
from timeline.kinds import CumulativeFigure
from timeline.projection import Projection, on
from timeline.resolution import account_order
from timeline.serialization import Plain, time_dict, value_dict
from timeline.times import When
from timeline.views.candidates import Dated, all_claims, candidates, hull

__all__ = ["Increase", "Latest", "Newest", "Reading"]


@attrs.frozen
class Reading(Dated[Event]):
    """One account of an event that gives a value, with every version that a source stands by."""

    account: Account
    versions: tuple[Event, ...]
    firm: bool  # nobody denies it or gives the value of something else


@attrs.frozen
class Increase:
    """By how much a count grew from one moment to another.

    ``count`` holds every growth that is possible; where the total certainly fell, ``went_down`` is
    True and it is 0. ``may_have_gone_down`` says that a fall isn't ruled out.
    """

    count: Count
    went_down: bool
    may_have_gone_down: bool


@deferred("claims")
@attrs.frozen(repr=False, slots=False)
class Newest(HtmlRepr, Deferring, shows="told certain as_of claims", short="{told}, as of {as_of}"):
    """The newest value at a moment, as far as the sources tell.

    ``values`` are all that are the newest under some reading of the times and versions. ``none``
    says that there may be none yet. ``certain`` says that one outcome is left. ``as_of`` bounds
    the time of the newest, ``claims`` are those that the answer rests on.
    """

    values: frozenset[Any]
    none: bool
    as_of: When
    claims: tuple[Claim, ...]

    @property
    def certain(self) -> bool:
        """Whether one value is left, and there is one."""
        return len(self.values) == 1 and not self.none

    @property
    def value(self) -> Any:
        """The one value that is certain, None where there are several or may be none."""
        return next(iter(self.values)) if self.certain else None

    @property
    def count(self) -> Count:
        """The count that holds every value; unreported where there may be none yet.

        Raises ``EventError`` where the values aren't counts or whole numbers.
        """
        return UNREPORTED if self.none else Count.spanning(map(Count.of, self.values))

    def increase(self, before: Newest) -> Increase:
        """Return by how much the count grew since an answer for an earlier moment."""
        now, then = self.count, before.count
        known = now.reported and then.reported
        fell = known and now.high is not None and now.high < then.low
        may_fall = not known or then.high is None or now.low < then.high
        return Increase(Count(0) if fell else now - then, fell, may_fall)

    def __str__(self) -> str:
        texts = [str(value) for value in _in_order(self.values)]
        if self.none:
            return f"perhaps {' or '.join(texts)}" if texts else "none known"
        return " or ".join(texts)

    def to_dicts(self) -> list[Plain]:
        """Return the one row of plain JSON that it is, the claims by their ids."""
        return [
            {
                "told": str(self),
                "values": [value_dict(value) for value in _in_order(self.values)],
                "none": self.none,
                "certain": self.certain,
                "as_of": time_dict(self.as_of),
                "claims": [claim.id for claim in self.claims],
            }
        ]


def _in_order(values: frozenset[Any]) -> list[Any]:
    """Count and numbers by their size, other values as they read."""

    def rank(value: Any) -> tuple[float, str]:
        number = value.best if isinstance(value, Count) else value
        return (number if isinstance(number, int | float) else 0, str(value))

    return sorted(values, key=rank)


def _of_figure(figure: CumulativeFigure) -> Hashable:
    """A figure's subject and measure, and its place where it has one."""
    parts = (figure.subject, figure.measure)
    return parts if figure.place is None else (*parts, figure.place.key)


def _total(figure: CumulativeFigure) -> Count:
    return figure.total


class Latest(Projection[tuple[Reading, ...]]):
    """The newest value of each key: a mapping from key to a ``Newest``.

    ``kind`` is the kind of event that gives values, ``key`` and ``value`` are functions of an
    event, or names of its fields. Of a ``CumulativeFigure``, the default, they are subject and
    measure (and the place, where it has one), and its total. An event whose key or value is None
    gives none. A version is a candidate at a moment iff it may have happened by then and no other
    one certainly came after it by then, so two figures of one day are both possible until a later
    one settles it. Sources that disagree on one event are candidates side by side, and an event
    that somebody denies leaves the one before it possible. ``reading`` makes no difference.

    Raises ``ProjectionError`` for what is no kind, and for one without a key and a value.
    """

    start: tuple[Reading, ...] = ()

    def __init__(
        self,
        kind: type[Event] = CumulativeFigure,
        *,
        key: Callable[[Any], Hashable] | str | None = None,
        value: Callable[[Any], Hashable] | str | None = None,
    ) -> None:
        if not (isinstance(kind, type) and issubclass(kind, Event)):
            raise ProjectionError(f"Latest takes a kind of event, not {kind!r}")
        if issubclass(kind, CumulativeFigure):
            key, value = key or _of_figure, value or _total
        if key is None or value is None:
            raise ProjectionError(
                f"Latest({kind.__name__}) needs key= (what its values are of, such as "
                "lambda event: event.place.key) and value= (the value, such as 'status')"
            )
        self._kind = kind
        self._key = key
        self._value = value
        # Those of the instance: a kind that is handed in can't be named above a method.
        self.handlers = {kind: type(self).handlers[Event]}  # type: ignore[misc]

    def handler(self, kind: type[Event]) -> Any:  # type: ignore[override] # by the instance's kind
        """Return what handles a kind: this one's, and those that derive from it."""
        return self.handlers[self._kind] if issubclass(kind, self._kind) else None

    def key(self, event: Event) -> Hashable:
        """Key by what the value is of; None for an event that gives no value."""
        return None if self._read(self._value, event) is None else self._read(self._key, event)

    @staticmethod
    def _read(part: Callable[[Any], Hashable] | str, event: Event) -> Hashable:
        if isinstance(part, str):
            return cast("Hashable", getattr(event, part))
        return part(event)

    @on(Event)
    def read(
        self, state: tuple[Reading, ...], event: Event, account: Account
    ) -> tuple[Reading, ...]:
        """Add an event, with what each source says of it."""
        key = self.key(event)
        versions = tuple(
            version
            for version in account.seen_versions
            if isinstance(version, self._kind) and self.key(version) == key
        )
        firm = not account.denied_by and len(versions) == len(account.seen_versions)
        return (*state, Reading(account, versions, firm))

    def result(self, state: tuple[Reading, ...], at: int | None) -> Newest:
        """Weigh the values of one key as of a moment."""
        # Whatever order the fold met them in, the answer lists them in this one.
        state = tuple(sorted(state, key=lambda one: account_order(one.account)))
        last = candidates(state, at)
        parts = {
            "values": frozenset(self._read(self._value, version) for _, version in last),
            "none": not any(one.certain_by(at) for one in state),
            "as_of": hull([version.when for _, version in last]),
        }
        accounts = [one.account for one, _ in last]
        newest: Newest = made_with(Newest, parts, lambda: {"claims": all_claims(accounts)})
        return newest

    def merge(self, a: tuple[Reading, ...], b: tuple[Reading, ...]) -> tuple[Reading, ...]:
        """Join the values of two stretches."""
        return a + b

    def compact(self, state: tuple[Reading, ...]) -> tuple[Reading, ...]:
        """Leave out what ended before a later one began: it can't be the newest any more."""
        starts = [one.lo for one in state if one.firm and one.lo is not None]
        last = max(starts, default=None)
        return tuple(one for one in state if last is None or one.hi is None or one.hi > last)

    def narrows(self, wide: Newest, sharp: Newest) -> bool:
        """Say that sharper times or counts gave no value that was impossible under wider ones."""
        within = all(any(_holds(one, value) for one in wide.values) for value in sharp.values)
        return within and (wide.none or not sharp.none)


def _holds(wide: Any, sharp: Any) -> bool:
    """Whether every number that a value leaves possible was possible under another."""
    if not isinstance(wide, Count) or not isinstance(sharp, Count) or not wide.reported:
        return bool(wide == sharp) or (isinstance(wide, Count) and not wide.reported)
    high = sharp.high is not None and wide.high is not None and sharp.high <= wide.high
    return wide.low <= sharp.low and (wide.high is None or high)
