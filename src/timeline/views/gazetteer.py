"""A gazetteer of one answer: by which key a place goes there, and which larger ones it lies in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from timeline.accounts import Account
from timeline.linking import Names, places_of
from timeline.places import Place

__all__ = ["Gazetteer", "PlaceAnswers"]

A = TypeVar("A")


class Gazetteer:
    """What links and events say of places, as known where an answer was given."""

    def __init__(
        self, names: Callable[[], Names], accounts: Callable[[], Iterable[Account]]
    ) -> None:
        self._names = names
        self._accounts = accounts
        self._larger: dict[str, set[str]] | None = None

    def __reduce__(self) -> tuple[Callable[..., Gazetteer], tuple[Names, dict[str, set[str]]]]:
        # A copy has no log to ask: it takes along what lies where.
        return _without_log, (self._names(), self._lies_in())

    def key(self, place: Place | str) -> str:
        """Return the key of a place, from any of its names or ids."""
        return self._names().places.key(place.key if isinstance(place, Place) else place)

    def lies_in(self, key: str | None, larger: str) -> bool:
        """Say whether a place is or lies in another one, both by their keys."""
        around = self._lies_in()
        fresh = set() if key is None else {key}
        reached = set(fresh)
        while fresh and larger not in reached:
            fresh = {above for name in fresh for above in around.get(name, ())} - reached
            reached |= fresh
        return larger in reached

    def _lies_in(self) -> dict[str, set[str]]:
        """The larger places around each, as links and as events say."""
        if self._larger is not None:
            return self._larger
        around = {name: set(above) for name, above in self._names().within.items()}
        for account in self._accounts():
            for place in places_of(account.event):
                if place.within is not None:
                    around.setdefault(place.key, set()).add(place.within.key)
        self._larger = around
        return around


def _without_log(names: Names, larger: dict[str, set[str]]) -> Gazetteer:
    gazetteer = Gazetteer(lambda: names, tuple)
    gazetteer.__dict__["_larger"] = larger
    return gazetteer


class PlaceAnswers(Mapping[Any, A]):
    """Answers by ``place.key``, which any name or id of a place finds."""

    def __init__(self, answers: Mapping[Any, A], gazetteer: Gazetteer) -> None:
        self._answers = answers
        self._gazetteer = gazetteer

    def __reduce__(self) -> tuple[type[PlaceAnswers[A]], tuple[Mapping[Any, A], Gazetteer]]:
        # What is kept answers each key when it is asked; a copy has them all.
        return PlaceAnswers, (dict(self._answers), self._gazetteer)

    def __getitem__(self, key: Any) -> A:
        if isinstance(key, str | Place) and key not in self._answers:
            key = self._gazetteer.key(key)
        return self._answers[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)

    def __hash__(self) -> int:
        return hash(frozenset(self._answers.items()))

    def __repr__(self) -> str:
        return repr(self._answers)

    def within(self, place: Place | str) -> PlaceAnswers[A]:
        """Return the answers for a place and for all that lies in it."""
        larger = self._gazetteer.key(place)
        kept = {
            key: answer
            for key, answer in self._answers.items()
            if self._gazetteer.lies_in(key, larger)
        }
        return PlaceAnswers(kept, self._gazetteer)
