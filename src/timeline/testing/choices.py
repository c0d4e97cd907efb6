"""One way to make choices, whether Hypothesis draws them or a small space is searched whole.

A law asks for a history and for numbers, and builds orders, cuts and subsets from these. So the
same law runs under Hypothesis, which shrinks what it finds, and over every history of a small
corpus, which finds what must not depend on luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

from timeline.claims import Claim, Said

__all__ = [
    "Choices",
    "DrawnSource",
    "EnumeratedSource",
    "Recording",
    "cuts",
    "everything",
    "moment",
    "order",
    "pick",
]

T = TypeVar("T")


class Choices(Protocol):
    """What a law chooses from."""

    corpus: Sequence[tuple[Said, ...]]
    """Small histories, for a law that takes them all at once."""
    begun: Any
    """What such a law has begun with them ahead of its turn, None where it hasn't."""

    def history(self) -> tuple[Said, ...]:
        """Gives what was said, in the order of arrival."""
        ...

    def number(self, stop: int) -> int:
        """Gives a number from 0 up to, not including, ``stop``."""
        ...


class DrawnSource:
    """Choices drawn by Hypothesis."""

    def __init__(self, data: st.DataObject, histories: st.SearchStrategy[Sequence[Said]]) -> None:
        self._data = data
        self._histories = histories
        self.corpus: Sequence[tuple[Said, ...]] = ()
        self.begun = None

    def history(self) -> tuple[Said, ...]:
        """Draws a history."""
        return tuple(self._data.draw(self._histories))

    def number(self, stop: int) -> int:
        """Draws a number below ``stop``, shrinking to 0."""
        return self._data.draw(st.integers(0, stop - 1))


class EnumeratedSource:
    """Choices by a list of numbers, and where it has ended by lot, or 0 without a lot.

    ``taken`` is what was chosen so far: each number, and what it was below. ``begun`` is what a law
    that takes the whole corpus has begun with it already.
    """

    def __init__(
        self,
        path: Sequence[int],
        corpus: Sequence[tuple[Said, ...]],
        *,
        lot: Random | None = None,
        begun: Any = None,
    ) -> None:
        self._path = path
        self._lot = lot
        self.corpus = corpus
        self.begun = begun
        self.taken: list[tuple[int, int]] = []

    def history(self) -> tuple[Said, ...]:
        """Gives the next chosen history of the corpus."""
        return self.corpus[self.number(len(self.corpus))]

    def number(self, stop: int) -> int:
        """Gives the next number."""
        step = len(self.taken)
        if step < len(self._path):
            # What is under trial may have fewer ways for it than the last time.
            chosen = min(self._path[step], stop - 1)
        else:
            chosen = 0 if self._lot is None else self._lot.randrange(stop)
        self.taken.append((chosen, stop))
        return chosen


class Recording:
    """Choices that remember the history, for when what is under trial raises an error."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self.corpus = choices.corpus
        self.begun = choices.begun
        self.last: tuple[Said, ...] | None = None

    def history(self) -> tuple[Said, ...]:
        """Gives a history, and remembers it as ``last``."""
        self.last = self._choices.history()
        return self.last

    def number(self, stop: int) -> int:
        """Gives a number below ``stop``."""
        return self._choices.number(stop)


def everything(corpus: Sequence[tuple[Said, ...]], *, ways: int) -> Iterator[EnumeratedSource]:
    """Gives choices for every history of a corpus, and so many ways through the law for each.

    The simplest way first, then others by lot, the same on every run, but for those that were gone
    already; for a history of one, which has few, all of them unless only one way is asked for. The
    caller runs the law with each before asking for the next: what it asked for tells where the ways
    part.
    """
    for index, history in enumerate(corpus):
        choices = EnumeratedSource((0,), [history])
        yield choices
        if len(history) > 1 or ways == 1:
            gone: _Gone = {}
            for turn in range(1, ways):
                _note(gone, choices.taken)
                lot = Random(index * ways + turn)  # noqa: S311 - no secret
                new = _new(gone, lot)
                if new is not None:
                    choices = EnumeratedSource(new, [history], lot=lot)
                    yield choices
            continue
        while path := _next(choices.taken):
            choices = EnumeratedSource(path, [history])
            yield choices


_Gone = dict[tuple[int, ...], int]
"""How many ways part after each stretch of a way that was gone; none at its end."""


def _note(gone: _Gone, taken: Sequence[tuple[int, int]]) -> None:
    path = tuple(number for number, _ in taken)
    gone |= {path[:step]: stop for step, (_, stop) in enumerate(taken)}
    gone[path] = 0


def _new(gone: _Gone, lot: Random) -> tuple[int, ...] | None:
    """The way that a lot takes as far as it is known, None if that is to its end."""
    path: tuple[int, ...] = (0,)  # the history
    while stop := gone.get(path, -1):
        if stop < 0:
            return path
        path += (lot.randrange(stop),)
    return None


def _next(taken: Sequence[tuple[int, int]]) -> list[int]:
    """The next path in counting order: the last number that can be raised is; none at the end."""
    left = list(taken)
    while left and left[-1][0] + 1 >= left[-1][1]:
        left.pop()
    if not left:
        return []
    return [number for number, _ in left[:-1]] + [left[-1][0] + 1]


def pick(choices: Choices, options: Sequence[T]) -> T:
    """Gives one of some options."""
    return options[choices.number(len(options))]


def order(choices: Choices, items: Sequence[T]) -> tuple[T, ...]:
    """Gives the items in some order, as they are for the simplest choices."""
    left = list(items)
    return tuple(left.pop(choices.number(len(left))) for _ in items)


def cuts(choices: Choices, items: Sequence[T]) -> list[tuple[T, ...]]:
    """Gives the items cut into stretches, whole for the simplest choices."""
    pieces: list[list[T]] = [[]]
    for item in items:
        if pieces[-1] and choices.number(2):
            pieces.append([])
        pieces[-1].append(item)
    return [tuple(piece) for piece in pieces]


def moment(choices: Choices, history: Sequence[Said]) -> int | None:
    """Gives a moment to ask by: none, half the time, or one at which some answer may change."""
    bounds: set[int] = set()
    for one in history:
        if isinstance(one, Claim):
            times = (one.event.when.lo, one.event.when.hi)
            bounds |= {bound for bound in times if bound is not None}
    edges = sorted(bounds | {bound + 1 for bound in bounds})
    return pick(choices, edges) if edges and choices.number(2) else None
