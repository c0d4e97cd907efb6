"""One way to make choices, whether Hypothesis draws them or a small space is searched whole.

A law asks for a history and for numbers, and builds orders, cuts and subsets from these. So the
same law runs under Hypothesis, which shrinks what it finds, and over every history of a small
corpus, which finds what must not depend on luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from hypothesis import strategies as st

from timeline.claims import Claim, Said

__all__ = ["Choices", "Drawn", "Listed", "cuts", "everything", "moment", "order", "pick"]

T = TypeVar("T")


class Choices(Protocol):
    """What a law chooses from."""

    corpus: Sequence[tuple[Said, ...]]
    """Small histories, for a law that takes them all at once."""

    def history(self) -> tuple[Said, ...]:
        """Gives what was said, in the order of arrival."""
        ...

    def number(self, stop: int) -> int:
        """Gives a number from 0 up to, not including, ``stop``."""
        ...


class Drawn:
    """Choices drawn by Hypothesis."""

    def __init__(self, data: st.DataObject, histories: st.SearchStrategy[Sequence[Said]]) -> None:
        self._data = data
        self._histories = histories
        self.corpus: Sequence[tuple[Said, ...]] = ()

    def history(self) -> tuple[Said, ...]:
        """Draws a history."""
        return tuple(self._data.draw(self._histories))

    def number(self, stop: int) -> int:
        """Draws a number below ``stop``, shrinking to 0."""
        return self._data.draw(st.integers(0, stop - 1))


class Listed:
    """Choices by a list of numbers, 0 where the list has ended; remembers what was asked."""

    def __init__(self, path: Sequence[int], corpus: Sequence[tuple[Said, ...]]) -> None:
        self._path = path
        self.corpus = corpus
        self.taken: list[tuple[int, int]] = []

    def history(self) -> tuple[Said, ...]:
        """Gives the next chosen history of the corpus."""
        return self.corpus[self.number(len(self.corpus))]

    def number(self, stop: int) -> int:
        """Gives the next number of the list."""
        step = len(self.taken)
        chosen = self._path[step] if step < len(self._path) else 0
        self.taken.append((chosen, stop))
        return chosen


def everything(corpus: Sequence[tuple[Said, ...]], *, at_most: int) -> Iterator[Listed]:
    """Gives the choices of every path through a law over a corpus, ``at_most`` for each history.

    The caller runs the law with each before asking for the next: what it asked for tells where
    the paths part.
    """
    for history in corpus:
        path: list[int] = []
        for _ in range(at_most):
            choices = Listed((0, *path), [history])
            yield choices
            # The next path in counting order: raise the last number that can be raised.
            taken = choices.taken[1:]
            while taken and taken[-1][0] + 1 >= taken[-1][1]:
                taken.pop()
            if not taken:
                break
            path = [number for number, _ in taken[:-1]] + [taken[-1][0] + 1]


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
    """Gives a moment to ask by: none, or one at which some answer may change."""
    bounds: set[int] = set()
    for one in history:
        if isinstance(one, Claim):
            bounds |= {bound for bound in (one.event.when.lo, one.event.when.hi) if bound is not None}
    edges = sorted(bounds | {bound + 1 for bound in bounds})
    chosen = choices.number(len(edges) + 1)
    return None if chosen == 0 else edges[chosen - 1]


