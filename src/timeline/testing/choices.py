"""What a law chooses from: one history, and numbers from which it makes orders, cuts and subsets.

A case is plain data, so that the same law runs over a small corpus, over what Hypothesis draws,
and over whatever a counterexample is reduced to.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar

import attrs

from timeline.claims import Claim, Said

__all__ = ["Case", "Choices", "cuts", "moment", "order", "pick"]

T = TypeVar("T")

_SHORT = 8  # items that are cut into stretches of two on average; more into four stretches


@attrs.frozen(repr=False)
class Case:
    """A history, and the way through a law: numbers by ``path``, then by the seed ``way``.

    Way 0 is the simplest: all numbers are 0.
    """

    history: tuple[Said, ...]
    way: int = 0
    path: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"<{len(self.history)} said, way {self.way}>"


class Choices:
    """What a law chooses from while it runs on one case; ``taken`` are the numbers that it took.

    ``corpus`` is for a law that takes many histories at once, and ``begun`` what it has begun with
    them ahead of its turn, None where it hasn't.
    """

    def __init__(
        self, case: Case, *, corpus: Sequence[tuple[Said, ...]] = (), begun: Any = None
    ) -> None:
        self._case = case
        self._rng = Random(case.way) if case.way else None  # noqa: S311 - no secret
        self.corpus = corpus
        self.begun = begun
        self.taken: list[int] = []

    def history(self) -> tuple[Said, ...]:
        """Return what was said, in the order of arrival."""
        return self._case.history

    def number(self, stop: int) -> int:
        """Return a number from 0 up to, not including, ``stop``."""
        step = len(self.taken)
        if step < len(self._case.path):
            # A reduced history may leave fewer ways than the one that the path was taken on.
            number = min(self._case.path[step], stop - 1)
        else:
            number = 0 if self._rng is None else self._rng.randrange(stop)
        self.taken.append(number)
        return number


def pick(choices: Choices, options: Sequence[T]) -> T:
    """Return one of some options."""
    return options[choices.number(len(options))]


def order(choices: Choices, items: Sequence[T]) -> tuple[T, ...]:
    """Return the items in some order, as they are for the simplest choices."""
    remaining = list(items)
    return tuple(remaining.pop(choices.number(len(remaining))) for _ in items)


def cuts(choices: Choices, items: Sequence[T]) -> list[tuple[T, ...]]:
    """Return the items cut into stretches, whole for the simplest choices."""
    pieces: list[list[T]] = [[]]
    one_in = 2 if len(items) <= _SHORT else len(items) // 4
    for item in items:
        if pieces[-1] and choices.number(one_in) == 1:
            pieces.append([])
        pieces[-1].append(item)
    return [tuple(piece) for piece in pieces]


def moment(choices: Choices, history: Sequence[Said]) -> int | None:
    """Return a moment to ask by: none, half the time, or one at which some answer may change."""
    bounds: set[int] = set()
    for one in history:
        if isinstance(one, Claim):
            times = (one.event.when.lo, one.event.when.hi)
            bounds |= {bound for bound in times if bound is not None}
    edges = sorted(bounds | {bound + 1 for bound in bounds})
    return pick(choices, edges) if edges and choices.number(2) else None
