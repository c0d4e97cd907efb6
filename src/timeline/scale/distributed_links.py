"""Links on an engine: what stands of them goes to every worker, and linked events meet in one part.

Links bear on each other through the events that they name, so all events that links join, split or
order are resolved together, by whichever worker their component falls to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import attrs

from timeline.accounts import Account
from timeline.claims import Claim, LinkClaim
from timeline.identity import DisjointSets
from timeline.linking import Web, unwritten_ids, web
from timeline.resolution import Trust, ranking

__all__ = ["Links", "broadcast"]


@attrs.frozen(slots=False)
class Links:
    """The links that stand, as every worker needs them."""

    claims: tuple[tuple[LinkClaim, ...], ...]
    """Those that stand, together those about one link."""
    trust: Trust
    roots: Mapping[str, str]
    """By the id of an event that a link names, the one that stands for its component."""
    asked: frozenset[str]
    """What links of places name that may be ids of places."""
    ids: frozenset[str] = frozenset()
    """Those of them that are."""

    @property
    def web(self) -> Web:
        """What they make of ids, places and actors; worked out once by each worker."""
        found: Web | None = self.__dict__.get("_web")
        if found is None:
            found = self.__dict__["_web"] = web(self.claims, ranking(self.trust), ids=self.ids)
        return found

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "_web"}

    def accounts(self, claims: Iterable[Claim], ever: Iterable[str]) -> list[Account]:
        """Return the accounts of a component from its claims that stand.

        ``ever`` are the events of it that somebody said, whether or not that stands.
        """
        groups: defaultdict[str, list[Claim]] = defaultdict(list)
        for claim in claims:
            groups[claim.subject].append(claim)
        return list(self.web.accounts(groups.values(), set(ever)))


def broadcast(claims: Sequence[Sequence[LinkClaim]], trust: Trust) -> Links | None:
    """Return what workers need of links that stand; None where none do."""
    if not claims:
        return None
    sets = DisjointSets()
    for several in claims:
        sets.join(several[0].link.events)
    roots = {name: sets.top(name) for several in claims for name in several[0].link.events}
    names = frozenset(unwritten_ids(claims))
    return Links(tuple(map(tuple, claims)), trust, roots, names)
