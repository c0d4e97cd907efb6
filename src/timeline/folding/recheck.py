"""Compares a fold with one worked out anew: what was stored of it may have been changed."""

from __future__ import annotations

from enum import IntEnum
from functools import partial
from typing import Any

from timeline.folding import replay
from timeline.folding.aggregation import Aggregator
from timeline.folding.incremental import IncrementalView
from timeline.folding.persistent_tree import Indexed, Tree, leaves
from timeline.projection import powers_of

__all__ = ["Difference", "compare"]


class Difference(IntEnum):
    """How far a fold is from one that was worked out anew."""

    NONE = 0
    UNSEEN = 1
    """States differ, or can't be compared, and the answers that they make don't."""
    WRONG = 2


def compare(fold: IncrementalView, anew: IncrementalView, way: Aggregator) -> Difference:
    """Compare all that a fold goes by, at one position, with one that was folded from the start.

    That is which entries bear on which event, where each account stands, and every state that is
    remembered, of whatever stretch. Raises what the projection raises.
    """
    if _going_by(fold) != _going_by(anew):
        return Difference.WRONG
    found = [Difference.NONE]
    for key, tree in fold.trees.items():
        seen = partial(anew.seen, key, anew.position, None)

        def note(known: object, right: object) -> None:
            found.append(_difference(fold.projection, known, right))

        way.recheck(tree, seen, note)
        if key in fold.states:
            note(fold.states[key], way.whole(anew.trees[key], seen))
    return max(found)


def _going_by(fold: IncrementalView) -> tuple[Any, ...]:
    """What a fold works its states out from."""
    accounts = {key: _items(tree) for key, tree in fold.trees.items()}
    return (
        fold.position,
        fold.kinds,
        fold.dependencies.about,
        fold.dependencies.naming,
        accounts,
    )


def _items(tree: Tree) -> list[Indexed]:
    return [item for leaf in leaves(tree) for item in leaf.items]


def _difference(projection: Any, known: object, right: object) -> Difference:
    """How far one state is from another; by the answers where the states aren't the same."""
    if known is right or (type(known) is type(right) and _equal(known, right) is True):
        return Difference.NONE
    try:
        should = replay.result(projection, right, None)
        equal = powers_of(projection).equal or _equal
        if equal(should, should) is not True:
            return Difference.UNSEEN  # such as one that isn't a number: nobody can say
    except Exception:  # noqa: BLE001 - it makes no answer of a part of what happened
        return Difference.UNSEEN
    try:
        alike = equal(replay.result(projection, known, None), should)
    except Exception:  # noqa: BLE001 - no handler ever gave such a state
        return Difference.WRONG
    return Difference.UNSEEN if alike else Difference.WRONG


def _equal(one: object, other: object) -> bool | None:
    """Whether two values are equal; None where they can't be compared, such as arrays."""
    try:
        return bool(one == other)
    except Exception:  # noqa: BLE001 - whatever it is, nobody can say
        return None
