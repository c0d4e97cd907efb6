"""A gazetteer of one answer: by which key a place goes there, and which larger ones it lies in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from typing import Any, TypeVar

from timeline.display import HtmlRepr, folded_rows
from timeline.events import Event
from timeline.extras import needed
from timeline.linking import Names, actors_of, places_of
from timeline.places import Place
from timeline.projection import powers_of
from timeline.serialization import to_dicts
from timeline.text_safety import without_controls

__all__ = ["Gazetteer", "PlaceAnswers", "placed"]

A = TypeVar("A")
_STYLE = "text-align:left;vertical-align:top"


class Gazetteer:
    """What links and events say of places, as known where an answer was given.

    Where ``names`` are those alone that the answer needed, ``covers`` says of which, and ``others``
    gives all.
    """

    def __init__(
        self,
        names: Callable[[], Names],
        places: Callable[[], Iterable[Place]],
        *,
        covers: Callable[[str], bool] = lambda _: True,
        others: Callable[[], Names] | None = None,
    ) -> None:
        self._names = names
        self._places = places
        self._covers = covers
        self._others = others
        self._larger: dict[str, set[str]] | None = None

    def __reduce__(self) -> tuple[Callable[..., Gazetteer], tuple[Names, dict[str, set[str]]]]:
        # A copy has no log to ask: it takes along what lies where.
        names = self._names if self._others is None else self._others
        return _without_log, (names(), self._lies_in())

    def key(self, place: Place | str) -> str:
        """Return the key of a place, from any of its names or ids."""
        name = place.key if isinstance(place, Place) else place
        return self._of(name).places.key(name)

    def lies_in(self, key: str | None, larger: str) -> bool:
        """Say whether a place is or lies in another one, both by their keys."""
        return key is not None and _reaches(key, larger, self._lies_in())

    def around(self, key: str) -> frozenset[str]:
        """Return the keys of all places that one lies in, itself left out."""
        around = self._lies_in()
        reached = fresh = {key}
        while fresh:
            fresh = {above for one in fresh for above in around.get(one, ())} - reached
            reached = reached | fresh
        return frozenset(reached - {key})

    def maybe_same(self, place: Place | str) -> frozenset[str]:
        """Return the keys that some source says are of the same place, and another denies."""
        name = place.key if isinstance(place, Place) else place
        return self._of(name).maybe_same_place(name)

    def happened_in(self, event: Event, place: Place | str) -> bool:
        """Say whether an event names a place, or one that lies in it."""
        larger = self.key(place)
        return any(self.lies_in(self.key(one), larger) for one in places_of(event))

    def involves(self, event: Event, actor: str) -> bool:
        """Say whether an event names an actor, by any of its names, or a part of it."""
        names = self._names()
        larger = self._of(actor).actors.key(actor)
        named = {names.actors.key(one) for one in actors_of(event)}
        return any(_reaches(one, larger, names.part_of) for one in named)

    def _of(self, name: str) -> Names:
        """The names that know of one."""
        if self._others is None or self._covers(name):
            return self._names()
        return self._others()

    def _lies_in(self) -> dict[str, set[str]]:
        """The larger places around each, as links and as events say."""
        if self._larger is not None:
            return self._larger
        around = {name: set(above) for name, above in self._names().within.items()}
        for place in self._places():
            if place.within is not None:
                around.setdefault(place.key, set()).add(place.within.key)
        self._larger = around
        return around


def _reaches(name: str, larger: str, around: Mapping[str, set[str]]) -> bool:
    """Whether something is another one, or lies in it or is part of it through others."""
    reached = fresh = {name}
    while fresh and larger not in reached:
        fresh = {above for one in fresh for above in around.get(one, ())} - reached
        reached = reached | fresh
    return larger in reached


def _without_log(names: Names, larger: dict[str, set[str]]) -> Gazetteer:
    gazetteer = Gazetteer(lambda: names, tuple)
    gazetteer.__dict__["_larger"] = larger
    return gazetteer


def placed(projection: Any, answer: Any, gazetteer: Gazetteer) -> Any:
    """Return an answer by places as one that knows their names, any other as it is."""
    if projection.by_place:
        return PlaceAnswers(answer, gazetteer)
    in_places = powers_of(projection).in_places
    return answer if in_places is None else in_places(answer, gazetteer)


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

    def _repr_html_(self) -> str:
        """Show itself in a notebook: a place a row, every text escaped, folded where it is long."""
        if not self:
            return "<p>no place has an answer</p>"
        keys = sorted(self, key=str)

        def row(index: int) -> str:
            answer = self[keys[index]]
            text = answer.summary() if isinstance(answer, HtmlRepr) else str(answer)
            texts = (str(keys[index]), text)
            cells = (f'<td style="{_STYLE}">{escape(without_controls(one))}</td>' for one in texts)
            return f"<tr>{''.join(cells)}</tr>"

        return (
            "<table><thead><tr><th>place</th><th>answer</th></tr></thead>"
            f"<tbody>{folded_rows(len(keys), row, columns=2)}</tbody></table>"
        )

    def to_pandas(self) -> Any:
        """Return a ``pandas.DataFrame``: of each answer its rows, with its ``key`` in front.

        Raises ``MissingExtraError`` without the extra ``pandas``.
        """
        pandas = needed("pandas", extra="pandas", what="a pandas frame")
        return pandas.DataFrame(to_dicts(self))

    def within(self, place: Place | str) -> PlaceAnswers[A]:
        """Return the answers for a place and for all that lies in it."""
        larger = self._gazetteer.key(place)
        kept = {
            key: answer
            for key, answer in self._answers.items()
            if self._gazetteer.lies_in(key, larger)
        }
        return PlaceAnswers(kept, self._gazetteer)

    def maybe_same(self, place: Place | str) -> frozenset[str]:
        """Return the other keys of a place that may be one with it: some say so, others deny it.

        Each of them has an answer of its own; none was joined.
        """
        return self._gazetteer.maybe_same(place)
