"""Weighs what was said: which claims stand, and what account they make of each event.

A pure function of the entries and the cut. Everything here goes by content, never by arrival, so
the order in which entries came can't matter. The rules are those of ``docs/standing.md``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

from timeline.claims import Account, Claim, Retraction, Said, Void
from timeline.events import Event
from timeline.times import When

__all__ = ["Reading", "chronological", "happened_by", "standing"]

Reading = Literal["certain", "possible"]
"""With ``at``: count what certainly happened by then, or also what possibly did."""

_Rank = tuple[bool, int]


def _low(bound: int | None) -> _Rank:
    """Sorts lower bounds, an unbounded one first."""
    return (bound is not None, bound or 0)


def _high(bound: int | None) -> _Rank:
    """Sorts upper bounds, an unbounded one last."""
    return (bound is None, bound or 0)


def chronological(event: Event) -> tuple[_Rank, _Rank, str]:
    """Gives the key of chronological order: (earliest, latest, event id).

    A linear extension of the interval order "certainly before": if a ends before b begins, a's
    earliest lies before b's. It depends on the event alone, so arrival can't matter; where the
    sources leave two events unordered it is a tie-break and says nothing about the world.
    """
    return _low(event.when.lo), _high(event.when.hi), event.id


def happened_by(time: When, moment: int | None, reading: Reading = "certain") -> bool:
    """Says whether something happened by a moment, exclusive, in microseconds of UTC.

    ``certain``: its bounds end by then. ``possible``: they begin before then. A moment of None is
    the end of time, by which everything has happened.
    """
    if moment is None:
        return True
    if reading == "certain":
        return time.hi is not None and time.hi <= moment
    return time.lo is None or time.lo < moment


def _published_order(claim: Claim) -> tuple[_Rank, _Rank, str]:
    return _low(claim.published.lo), _high(claim.published.hi), claim.id


def _published_by(said: Claim | Retraction, published: int | None) -> bool:
    return happened_by(said.report.published, published)


def _reaches(retraction: Retraction, claim: Claim) -> bool:
    """Whether a claim was published no later than a retraction, as far as the dates tell."""
    end, start = retraction.report.published.hi, claim.published.lo
    return end is None or start is None or start < end


def _unvoided(said: Iterable[Said]) -> list[Said]:
    """What is left once entries that should never have been made are taken out.

    A void names its target by a hash of content, so voids can't run in a circle: the outermost
    ones hold, and what they reach doesn't.
    """
    entries = {one.id: one for one in said}
    voiding: defaultdict[str, list[str]] = defaultdict(list)
    for one in entries.values():
        if isinstance(one, Void):
            voiding[one.target].append(one.id)
    holds: dict[str, bool] = {}
    for name in entries:
        # Depth first without recursion: a chain of voids may be longer than the stack.
        path = [name]
        while path:
            open_ones = [by for by in voiding[path[-1]] if by not in holds]
            if open_ones:
                path.append(open_ones[0])
            else:
                top = path.pop()
                holds[top] = not any(holds[by] for by in voiding[top])
    return [one for name, one in entries.items() if holds[name]]


def standing(
    said: Iterable[Said], *, published: int | None = None, trust: Sequence[str] = ()
) -> list[Account]:
    """Gives the accounts of what was said, in chronological order.

    ``said`` is what the log knew; ``published`` cuts off what was published after that moment
    (exclusive, microseconds of UTC). ``trust`` ranks sources, the most trusted first; without it
    the latest published claim is believed. An event that is only denied has no account.
    """
    live = _unvoided(said)
    claims = [c for c in live if isinstance(c, Claim) and _published_by(c, published)]
    retractions: defaultdict[tuple[str, str], list[Retraction]] = defaultdict(list)
    for one in live:
        if isinstance(one, Retraction) and _published_by(one, published):
            retractions[one.report.source, one.event_id].append(one)
    # A source replaces its own claims. They stay fallen whatever becomes of the replacement.
    replaced = {(claim.source, target) for claim in claims for target in claim.replaces}
    by_event: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        taken_back = any(
            _reaches(retraction, claim) for retraction in retractions[claim.source, claim.event.id]
        )
        if not taken_back and (claim.source, claim.id) not in replaced:
            by_event[claim.event.id].append(claim)
    ranks = {source: rank for rank, source in reversed(list(enumerate(trust)))}
    accounts = [made for group in by_event.values() if (made := _account(group, ranks))]
    return sorted(accounts, key=lambda account: chronological(account.event))


def _account(claims: list[Claim], ranks: dict[str, int]) -> Account | None:
    claims.sort(key=_published_order)
    # Later ones overwrite earlier ones of the same source.
    latest = {claim.source: claim for claim in claims}
    counted = sorted(latest.values(), key=_published_order)
    said = [claim for claim in counted if claim.stance == "says"]
    affirmed = said or [claim for claim in counted if claim.stance == "expects"]
    if not affirmed:
        return None
    # The sort is stable and `affirmed` oldest first, so among equals the latest is the last.
    believed = min(reversed(affirmed), key=lambda claim: ranks.get(claim.source, len(ranks)))
    return Account(believed.event, tuple(claims), tuple(counted))
