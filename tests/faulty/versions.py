"""Projections that take one of a source's claims for its last word, where nobody knows which is."""

from __future__ import annotations

from typing import Any

from timeline import Account, Attack, Count, Projection, TerritorialChange, on

__all__ = ["VERSIONS", "FirstVersions", "GreatestClaim", "LastClaim"]


class LastClaim(Projection[Count]):
    """The killed, by the last of the claims about each attack."""

    start = Count(0)

    @on(Attack)
    def add(self, total: Count, _: Attack, account: Account) -> Count:
        last = account.counted[-1].event
        return total + last.killed if isinstance(last, Attack) else total


class GreatestClaim(Projection[tuple[str, ...]]):
    """Who attacked, by the claim with the greatest id."""

    start: tuple[str, ...] = ()

    @on(Attack)
    def add(self, seen: tuple[str, ...], _: Attack, account: Account) -> tuple[str, ...]:
        event: Any = max(account.counted, key=lambda claim: claim.id).event
        return tuple(sorted({*seen, str(event.by)}))


class FirstVersions(Projection[frozenset[str]]):
    """All who ever took a place, by one version of each change."""

    start: frozenset[str] = frozenset()

    @on(TerritorialChange)
    def add(self, seen: frozenset[str], _: Any, account: Account) -> frozenset[str]:
        versions: Any = account.versions
        first = min(versions, key=lambda event: str(event.to))
        return seen | {str(first.to)}

    def narrows(self, wide: frozenset[str], sharp: frozenset[str]) -> bool:
        return sharp <= wide


VERSIONS: dict[type, str] = dict.fromkeys(
    (LastClaim, GreatestClaim, FirstVersions), "versions_nobody_ordered_lie_side_by_side"
)
