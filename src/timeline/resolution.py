"""Weighs what was said: which claims stand, and what account they make of each event.

A pure function of the entries and the cut. Everything here goes by content, never by arrival, so
the order in which entries came can't matter. The rules are those of ``docs/standing.md``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Literal, TypeVar

from timeline.accounts import Account
from timeline.claims import Claim, Retraction, Said, Void
from timeline.events import Event
from timeline.redaction_records import Redacted, Redaction
from timeline.times import When

__all__ = [
    "Reading",
    "chronological",
    "happened_by",
    "may_have_happened_by",
    "standing",
    "voided",
]

Name = TypeVar("Name", str, bytes)

Reading = Literal["certain", "possible"]
"""With ``at``: count what certainly happened by then, or also what possibly did."""


def chronological(event: Event) -> tuple[float, float, str]:
    """Gives the key of chronological order: (earliest, latest, event id).

    A linear extension of the interval order "certainly before": if a ends before b begins, a's
    earliest lies before b's. It depends on the event alone, so arrival can't matter; where the
    sources leave two events unordered it is a tie-break and says nothing about the world.
    """
    lo, hi = event.when.lo, event.when.hi
    return -inf if lo is None else lo, inf if hi is None else hi, event.id


def happened_by(time: When, moment: int | None, reading: Reading = "certain") -> bool:
    """Says whether something happened by a moment, exclusive, in microseconds of UTC.

    ``certain``: its bounds end by then. ``possible``: they begin before then. A moment of None is
    the end of time, by which everything has happened.
    """
    if moment is None:
        return True
    if reading == "certain":
        return time.hi is not None and time.hi <= moment
    return may_have_happened_by(time, moment)


def may_have_happened_by(time: When, moment: int | None) -> bool:
    """Says whether something is possible to have happened by a moment; as in ``happened_by``."""
    return moment is None or time.lo is None or time.lo < moment


def _published_order(claim: Claim) -> tuple[float, float, str]:
    lo, hi = claim.report.published.lo, claim.report.published.hi
    return -inf if lo is None else lo, inf if hi is None else hi, claim.id


def _reaches(retraction: Retraction, claim: Claim) -> bool:
    """Whether a claim was published no later than a retraction, as far as the dates tell."""
    end, start = retraction.report.published.hi, claim.report.published.lo
    return end is None or start is None or start < end


def voided(targets: Mapping[Name, Name]) -> set[Name]:
    """Gives the ids of what voids reach that aren't voided themselves.

    ``targets`` has the target of each void by the void's id. A void names its target by a hash of
    content, so voids can't run in a circle: the outermost ones hold, and what they reach doesn't.
    """
    voiding: defaultdict[Name, list[Name]] = defaultdict(list)
    for name, target in targets.items():
        voiding[target].append(name)
    holds: dict[Name, bool] = {}
    for name in targets:
        # Depth first without recursion: a chain of voids may be longer than the stack.
        path = [name]
        while path:
            open_ones = [by for by in voiding[path[-1]] if by not in holds]
            if open_ones:
                path.append(open_ones[0])
            else:
                top = path.pop()
                holds[top] = not any(holds[by] for by in voiding[top])
    return {target for name, target in targets.items() if holds[name]}


class _Heard:
    """Everything said, sorted by what it is; claims by the event that they are about."""

    def __init__(self, said: Iterable[Said | Redaction | Redacted], published: int | None) -> None:
        self.about: dict[str, Claim | list[Claim]] = {}
        self.retractions: list[Retraction] = []
        self.replacing: list[Claim] = []
        voids: list[Void] = []
        about = self.about
        for one in said:
            if isinstance(one, Void):
                voids.append(one)
            elif not isinstance(one, Claim | Retraction) or (
                published is not None and not happened_by(one.report.published, published)
            ):
                continue
            elif isinstance(one, Retraction):
                self.retractions.append(one)
            else:
                if one.replaces:
                    self.replacing.append(one)
                # Most events have a single claim: a list for each would cost more than the rest.
                found = about.get(one.event.id)
                if found is None:
                    about[one.event.id] = one
                elif isinstance(found, list):
                    found.append(one)
                else:
                    about[one.event.id] = [found, one]
        self._void(voided({one.id: one.target for one in voids}))

    def _void(self, voided: set[str]) -> None:
        if voided:
            self.retractions = [one for one in self.retractions if one.id not in voided]
            self.replacing = [one for one in self.replacing if one.id not in voided]
            for event_id, claims in self.about.items():
                several = claims if isinstance(claims, list) else [claims]
                if any(one.id in voided for one in several):
                    self.about[event_id] = [one for one in several if one.id not in voided]


def standing(
    said: Iterable[Said | Redaction | Redacted],
    *,
    published: int | None = None,
    trust: Sequence[str] = (),
) -> list[Account]:
    """Gives the accounts of what was said, in chronological order.

    ``said`` is what the log knew; what was redacted says nothing. ``published`` cuts off what was
    published after that moment (exclusive, microseconds of UTC). ``trust`` ranks sources, the most
    trusted first; without it the latest published claim is believed. An event that is only denied
    has no account.
    """
    heard = _Heard(said, published)
    retractions: defaultdict[tuple[str, str], list[Retraction]] = defaultdict(list)
    for one in heard.retractions:
        retractions[one.report.source, one.event_id].append(one)
    # A source replaces its own claims. They stay fallen whatever becomes of the replacement.
    replaced = {(claim.source, target) for claim in heard.replacing for target in claim.replaces}
    ranks = {source: rank for rank, source in reversed(list(enumerate(trust)))}

    def fell(claim: Claim) -> bool:
        source = claim.report.source
        return (source, claim.id) in replaced or any(
            _reaches(one, claim) for one in retractions.get((source, claim.event.id), ())
        )

    taken_back = bool(retractions or replaced)
    accounts = []
    for claims in heard.about.values():
        if isinstance(claims, list):
            # Each once, however often it was heard.
            group = [one for one in {one.id: one for one in claims}.values() if not fell(one)]
            account = _account(group, ranks)
            if account is not None:
                accounts.append(account)
        elif claims.stance != "denies" and not (taken_back and fell(claims)):
            accounts.append(Account(claims.event, (claims,), (claims,)))
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
