"""What was decided, either way, of which ids or names are one, so that nobody is asked again."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from timeline.as_of import View
from timeline.claims import LinkClaim, Retraction, Void
from timeline.links import SameActor, SameEvent, SamePlace
from timeline.supersession import standing_links

__all__ = ["Decided", "decided"]

Joining = SameActor | SameEvent | SamePlace


class Decided:
    """The pairs of which a standing claim says that they are one, or denies it."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = {frozenset(pair) for pair in pairs}
        self._named = frozenset(name for pair in self._pairs for name in pair)

    def __call__(self, some: Iterable[str], others: Iterable[str]) -> bool:
        """Say whether any of some names and any of others were decided upon."""
        mine = self._named.intersection(some)
        its = self._named.intersection(others) if mine else ()
        return any(frozenset((one, other)) in self._pairs for one in mine for other in its)


def decided(view: View, kind: type[Joining]) -> Decided:
    """Return what stands of a kind of link, said or denied; a prediction decides nothing."""
    said = (entry.claim for entry in view.entries())
    bearing = (one for one in said if isinstance(one, LinkClaim | Retraction | Void))
    return Decided(
        pair
        for claims in standing_links(bearing, published=view.published)
        if isinstance(claims[0].link, kind) and any(one.stance != "expects" for one in claims)
        for pair in combinations(next(iter(claims[0].link.content().values())), 2)
    )
