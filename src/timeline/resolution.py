"""Resolution forms the account of each event from the claims that stand about it.

A pure function of the entries and the cut, by content and never by arrival. Which claims stand is
decided in ``timeline.supersession``; here each source's last word is counted, the version that is
believed is chosen, and what nobody can choose between is kept as wide as it is. The rules are those
of ``docs/standing.md``.

Believed is the latest published claim among the most trusted ones. Publication is an interval
order, so there may be several that nobody can rank. They give one event that is as wide as they
are: its time is their hull, counts and breakdowns of one kind span them with the lowest best (the
conservative reading of the UCDP codebook), and all else is that of the version whose canonical
bytes, id left out, are least. That depends on content alone, and not on a hash or on arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from math import inf
from typing import Any, Literal, NamedTuple

from timeline.accounts import Account, lone_account
from timeline.canonical import encode, plain
from timeline.claims import Claim, Said
from timeline.counts import Breakdown, Count
from timeline.errors import LogError
from timeline.events import Event
from timeline.merge_provenance import Merge
from timeline.redaction_records import Redacted, Redaction
from timeline.schema import fields_of
from timeline.supersession import counting, latest, published_bounds, standing_claims
from timeline.times import When

__all__ = [
    "Rank",
    "Reading",
    "Trust",
    "VersionSpan",
    "account_order",
    "chronological",
    "form_account",
    "happened_by",
    "may_be_believed",
    "may_have_happened_by",
    "merged_version",
    "ranking",
    "resolve",
    "resolve_one",
]

Reading = Literal["certain", "possible"]
"""With ``at``: count what certainly happened by then, or also what possibly did."""

Rank = Callable[[Any], Any]
"""Ranks a claim, of an event or a link: the least is trusted most, and None can't be judged."""

Trust = Sequence[str] | Rank
"""Sources in order of trust, the most trusted first, or a rule that ranks claims."""


def chronological(event: Event) -> tuple[float, float, str]:
    """Return the key of chronological order: (earliest, latest, event id).

    A linear extension of the interval order "certainly before": if a ends before b begins, a's
    earliest lies before b's. It depends on the event alone, so arrival can't matter; where the
    sources leave two events unordered it is a tie-break and says nothing about the world.
    """
    lo, hi = event.when.lo, event.when.hi
    return -inf if lo is None else lo, inf if hi is None else hi, event.id


def account_order(account: Account) -> tuple[float, float, int, str]:
    """Return the key of chronological order of accounts: (earliest, latest, depth, id).

    Depth counts the predecessors by links with the very same bounds, so that what links put before
    something comes before it.
    """
    lo, hi, name = chronological(account.event)
    order = None if account.linked is None else account.linked.order
    return lo, hi, 0 if order is None else order[0], name


def happened_by(time: When, moment: int | None, reading: Reading = "certain") -> bool:
    """Return whether something happened by a moment, exclusive, in microseconds of UTC.

    ``certain``: its bounds end by then. ``possible``: they begin before then. A moment of None is
    the end of time, by which everything has happened.
    """
    if moment is None:
        return True
    if reading == "certain":
        return time.hi is not None and time.hi <= moment
    return may_have_happened_by(time, moment)


def may_have_happened_by(time: When, moment: int | None) -> bool:
    """Return whether something may have happened by a moment; as in ``happened_by``."""
    return moment is None or time.lo is None or time.lo < moment


def ranking(trust: Trust) -> Rank | None:
    """Return what ranks claims by a trust order or rule, None where all are trusted alike.

    A source that a trust order leaves out is trusted less than those in it. Raises ``LogError``
    for what is neither.
    """
    if callable(trust):
        return trust
    if not isinstance(trust, list | tuple) or not all(isinstance(one, str) for one in trust):
        raise LogError(
            "trust ranks sources in a list, such as ['UCDP', 'ISW'], or is a rule that takes a "
            f"claim and returns its rank, the least trusted most, not {trust!r}"
        )
    if not trust:
        return None
    ranks = {source: rank for rank, source in reversed(list(enumerate(trust)))}
    return lambda claim: ranks.get(claim.source, len(ranks))


def resolve(
    said: Iterable[Said | Redaction | Redacted | Merge],
    *,
    published: int | None = None,
    trust: Trust = (),
) -> list[Account]:
    """Return the accounts of what was said, in chronological order.

    ``said`` is what the log knew; what was redacted says nothing. ``published`` cuts off what
    wasn't certainly published by that moment (exclusive, microseconds of UTC). ``trust`` ranks
    sources or claims; without it the latest published claim is believed. An event that is only
    denied has no account.
    """
    rank = ranking(trust)
    accounts = (form_account(claims, rank) for claims in standing_claims(said, published=published))
    return sorted(filter(None, accounts), key=account_order)


def resolve_one(
    subject: str, said: Sequence[Said], *, published: int | None = None, trust: Trust = ()
) -> Account | None:
    """Return the account of one event from all that bears on it; None where nothing stands.

    ``said`` is the event's closure, see ``DependencyIndex.closure``; the rest as ``resolve``.
    """
    first = said[0] if len(said) == 1 else None
    if isinstance(first, Claim) and published is None:
        return form_account([first])
    for claims in standing_claims(said, published=published):
        if claims[0].subject == subject:
            return form_account(claims, ranking(trust))
    return None


def form_account(claims: Iterable[Claim], rank: Rank | None = None) -> Account | None:
    """Return the account of claims that stand about one event; None where nobody affirms it.

    The claims may be about several ids that name one event.
    """
    several = list(claims)
    if len(several) == 1:
        return None if several[0].stance == "denies" else lone_account(several[0])
    several.sort(key=_publication)
    counted = counting(several)
    affirmed = _affirmed(counted)
    if not affirmed:
        return None
    believed = merged_version([claim.event for claim in _most_trusted(affirmed, rank)])
    return Account(believed, tuple(several), tuple(counted))


def _affirmed(counted: Iterable[Claim]) -> list[Claim]:
    """The claims that say so, or where none does, those that expect it."""
    several = list(counted)
    return [claim for claim in several if claim.stance == "says"] or [
        claim for claim in several if claim.stance == "expects"
    ]


def may_be_believed(account: Account, trust: Trust = ()) -> tuple[list[Claim], bool]:
    """Return the claims of which any may be the one that is believed, and whether none may be.

    They are those that nobody can rank, of one source or of several. Where a source says it and
    denies it in an order that nobody knows, its denial may be its last word: what it said counts
    for nothing then, and where nobody else says it, nobody does.
    """
    doubtful = {
        (claim.source, claim.subject) for claim in account.undecided if claim.stance == "denies"
    }
    affirmed, rank = _affirmed(account.counted), ranking(trust)

    def rivals(claim: Claim) -> list[Claim]:
        """What is sure to count against a claim, and all that its own source says."""
        of = claim.source, claim.subject
        return [
            one
            for one in affirmed
            if (name := (one.source, one.subject)) == of or name not in doubtful
        ]

    found = [one for one in affirmed if one in _most_trusted(rivals(one), rank)]
    return found, all((one.source, one.subject) in doubtful for one in affirmed)


def _publication(claim: Claim) -> tuple[float, float, str]:
    """The order in which an account lists its claims; nothing is decided by it."""
    return *published_bounds(claim), claim.id


def _most_trusted(claims: Sequence[Claim], rank: Rank | None) -> Sequence[Claim]:
    """The claims than which no other is certainly to be believed rather.

    That is one that is trusted more, or as much and certainly published later. Nothing can be
    said of one that can't be judged and another that can.
    """
    if len(claims) == 1 or rank is None:
        return latest(claims)
    ranked: dict[Any, list[Claim]] = {}
    for claim in claims:
        ranked.setdefault(rank(claim), []).append(claim)
    unjudged = ranked.pop(None, [])
    try:
        best = ranked[min(ranked)] if ranked else []
    except TypeError as error:
        raise LogError(
            f"trust ranks claims by values that can't be compared, {list(ranked)!r}; return "
            "numbers, or texts, and None for what can't be judged"
        ) from error
    return latest(best) + latest(unjudged)


# -- one event out of versions that nobody can choose between


class VersionSpan(NamedTuple):
    """Versions that nobody can choose between, as one: what merging them needs to know of them.

    A semilattice: spans join in any order and grouping, and one that is joined again changes
    nothing. ``base`` is the version whose canonical bytes are least.
    """

    base: Event
    content: tuple[bytes, str]
    alike: bool
    """Whether all versions equal the base."""
    same_time: bool
    """Whether all times equal that of the base."""
    bounds: tuple[int | None, int | None, int | None, int | None]
    """The hull of all times: ``lo``, ``hi``, ``start_hi`` and ``end_lo``."""
    figures: dict[type, dict[str, Count | Breakdown]]
    """By kind, what spans the counts and breakdowns of each field."""

    @classmethod
    def of(cls, version: Event) -> VersionSpan:
        """Return the span of one version."""
        kind, extent = type(version), version.when.extent
        figures = {
            field.name: value
            for field in fields_of(kind)
            if isinstance(value := getattr(version, field.name), Count | Breakdown)
        }
        bounds = (extent.lo, extent.hi, extent.start_hi, extent.end_lo)
        return cls(version, _content(version), True, True, bounds, {kind: figures})  # noqa: FBT003 - of one

    def joined(self, other: VersionSpan) -> VersionSpan:
        """Return the span of the versions of both."""
        if self is other:
            return self
        least = self if self.content <= other.content else other
        same_time = self.same_time and other.same_time and self.base.when == other.base.when
        if self.alike and other.alike and self.base == other.base:
            return least
        (lo, hi, start_hi, end_lo), its = self.bounds, other.bounds
        return VersionSpan(
            least.base,
            least.content,
            alike=False,
            same_time=same_time,
            bounds=(
                _least((lo, its[0])),
                _greatest((hi, its[1])),
                _greatest((start_hi, its[2])),
                _least((end_lo, its[3])),
            ),
            figures={
                kind: _spanning(self.figures.get(kind, {}), other.figures.get(kind, {}))
                for kind in {**self.figures, **other.figures}
            },
        )

    @property
    def event(self) -> Event:
        """The one event that is as wide as all of them.

        It isn't checked: its parts were, and what spans them may contradict itself.
        """
        base = self.base
        if self.alike:
            return base
        parts = {field.name: getattr(base, field.name) for field in fields_of(type(base))}
        if not self.same_time:
            lo, hi, start_hi, end_lo = self.bounds
            if base.when.shape == "moment":
                start_hi = end_lo = None
            parts["when"] = When(
                lo=lo, hi=hi, shape=base.when.shape, start_hi=start_hi, end_lo=end_lo
            )
        parts |= self.figures[type(base)]
        merged = object.__new__(type(base))
        object.__setattr__(merged, "__dict__", parts)
        return merged


def merged_version(versions: Sequence[Event]) -> Event:
    """Return the one version, or an event as wide as several of them; see the top of this room."""
    if len(versions) == 1:
        return versions[0]
    return reduce(VersionSpan.joined, map(VersionSpan.of, versions)).event


def _spanning(
    some: Mapping[str, Count | Breakdown], others: Mapping[str, Count | Breakdown]
) -> dict[str, Count | Breakdown]:
    """What spans the counts and breakdowns of some fields; one that is left out spans nothing."""
    spans = {**some, **others}
    for name in some.keys() & others.keys():
        one, other = some[name], others[name]
        if isinstance(one, Count) and isinstance(other, Count):
            spans[name] = Count.spanning((one, other))
        elif isinstance(one, Breakdown) and isinstance(other, Breakdown):
            parts = _spanning(dict(one), dict(other))
            spans[name] = Breakdown(
                {of: part for of, part in parts.items() if isinstance(part, Count)}
            )
    return spans


def _content(event: Event) -> tuple[bytes, str]:
    form = plain(event)
    form.pop("id", None)
    return encode(form), event.kind


def _least(bounds: Sequence[int | None]) -> int | None:
    return None if None in bounds else min(bound for bound in bounds if bound is not None)


def _greatest(bounds: Sequence[int | None]) -> int | None:
    return None if None in bounds else max(bound for bound in bounds if bound is not None)
