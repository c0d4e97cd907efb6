"""Supersession decides which claims another entry reaches: by retraction, replacement or void.

The rules, all by content, so that the order of arrival can't matter and a target may come later:

* A *void* undoes an entry as if it had never been appended, unless it is voided itself.
* A *replacement* names claims and retractions of its own source; they fall, and stay fallen
  whatever becomes of it, unless it is voided.
* A *retraction* reaches each claim of its source about its subject that wasn't certainly published
  later. Without a date it reaches the claim that it names, those certainly published before that
  one, and undated ones.
* A claim is *outdated* where another of its source about its subject was certainly published later.

Publication is known only roughly, so its order is the interval order of ``timeline.relations``:
one was certainly published before another iff its bounds end by the start of the other's. Where
neither was, both count. A subject is the id of what a claim or retraction is about.

``standing_claims`` decides for all that was said; ``DependencyIndex`` finds the few entries that
bear on one subject, for whom the whole would be too much.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from math import inf
from typing import Generic, NamedTuple, TypeVar

from timeline.claims import Claim, LinkClaim, Retraction, Said, Void
from timeline.merge_provenance import Merge
from timeline.redaction_records import Redacted, Redaction

__all__ = [
    "AnyClaim",
    "DependencyIndex",
    "Dirty",
    "Find",
    "Named",
    "PositionTable",
    "Positions",
    "Reach",
    "Read",
    "certainly_later",
    "counting",
    "latest",
    "named",
    "published_bounds",
    "reached",
    "standing_claims",
    "standing_links",
    "targets_of",
    "unordered",
]

AnyClaim = Claim | LinkClaim
"""A claim about an event or a link."""

C = TypeVar("C", bound=Claim | LinkClaim)
Name = TypeVar("Name", str, bytes)
"""The id of an entry, in hexadecimal digits or as bytes."""


# -- dates of publication


def published_bounds(said: AnyClaim | Retraction) -> tuple[float, float]:
    """Return the bounds of a publication, infinite where it has none."""
    lo, hi = said.report.published.lo, said.report.published.hi
    return -inf if lo is None else lo, inf if hi is None else hi


def _start(said: AnyClaim | Retraction) -> float:
    lo = said.report.published.lo
    return -inf if lo is None else lo


def _end(said: AnyClaim | Retraction) -> float:
    hi = said.report.published.hi
    return inf if hi is None else hi


def _dated(said: AnyClaim | Retraction) -> bool:
    return said.report.published.lo is not None or said.report.published.hi is not None


def certainly_later(said: AnyClaim | Retraction, other: AnyClaim | Retraction) -> bool:
    """Return whether one thing said was certainly published after another."""
    return _end(other) <= _start(said)


def latest(claims: Iterable[C]) -> list[C]:
    """Return the claims that none of the others was certainly published after, in their order."""
    several = list(claims)
    if len(several) == 1:
        return several
    last = max(map(_start, several), default=-inf)
    return [claim for claim in several if _end(claim) > last]


def counting(claims: Sequence[C]) -> list[C]:
    """Return the claims that aren't outdated: for each source and subject the latest.

    Several of one source, where nobody knows which of them is its last word.
    """
    last: dict[tuple[str, str], float] = {}
    for claim in claims:
        of = claim.report.source, claim.subject
        last[of] = max(_start(claim), last.get(of, -inf))
    return [one for one in claims if _end(one) > last[one.report.source, one.subject]]


def unordered(claims: Sequence[Claim]) -> bool:
    """Return whether nobody knows of two claims which was published later."""
    last = -inf
    for claim in sorted(claims, key=published_bounds):
        if _start(claim) < last:
            return True
        last = max(last, _end(claim))
    return False


# -- what an entry names


def targets_of(said: object) -> tuple[str, ...]:
    """Return the ids of the entries that an entry reaches by naming them."""
    if isinstance(said, Claim | LinkClaim):
        return said.replaces
    return (said.target,) if isinstance(said, Void) else ()


# -- voids and replacements: by name


class Named(NamedTuple, Generic[Name]):
    """What is reached by its id: all that is voided, and what replacements reach by their source.

    A source is its name, or whatever identifies it.
    """

    voided: Collection[Name]
    replaced: Collection[tuple[Name, str | bytes]]

    def falls(self, name: Name, source: str | bytes) -> bool:
        """Return whether a claim or retraction of a source falls by its id."""
        return name in self.voided or (name, source) in self.replaced


def named(
    voids: Mapping[Name, Name], replacements: Iterable[tuple[Name, str | bytes, Name]]
) -> Named[Name]:
    """Return what voids and replacements reach.

    ``voids`` has the target of each void by the void's id; ``replacements`` have a target, the
    source of the claim that replaces it, and that claim's id. A void names its target by a hash of
    content, so voids can't run in a circle: the outermost ones hold, and what they reach doesn't.
    """
    voiding: defaultdict[Name, list[Name]] = defaultdict(list)
    for name, target in voids.items():
        voiding[target].append(name)
    holds: dict[Name, bool] = {}
    for name in voids:
        # Depth first without recursion: a chain of voids may be longer than the stack.
        path = [name]
        while path:
            open_ones = [by for by in voiding[path[-1]] if by not in holds]
            if open_ones:
                path.append(open_ones[0])
            else:
                top = path.pop()
                holds[top] = not any(holds[by] for by in voiding[top])
    voided = {target for name, target in voids.items() if holds[name]}
    return Named(voided, {(of, source) for of, source, by in replacements if by not in voided})


# -- retractions: by subject and date


class Reach:
    """What the retractions of one source about one subject reach, together."""

    def __init__(self, retractions: Iterable[Retraction], claims: Iterable[AnyClaim]) -> None:
        retractions = list(retractions)
        dated = [one for one in retractions if _dated(one)]
        self._until = max(map(_end, dated), default=-inf)
        self._undated = len(dated) < len(retractions)
        named = {one.target for one in retractions if one.target is not None}
        targets = [claim for claim in claims if claim.id in named] if named else []
        self.named = named
        """The ids of claims, known or not, that decide what is reached."""
        self._targets = {claim.id for claim in targets}
        self._before = max(map(_start, targets), default=-inf)

    def reaches(self, claim: AnyClaim) -> bool:
        """Return whether a claim falls."""
        if _start(claim) < self._until:
            return True
        if not self._undated:
            return False
        return not _dated(claim) or claim.id in self._targets or _end(claim) <= self._before


def reached(retractions: Iterable[Retraction], claims: Iterable[C]) -> list[C]:
    """Return which claims fall by retractions; all of one source and about one subject.

    ``claims`` are all that was said of it by that source, for what an undated retraction reaches
    depends on when the claim that it names was published.
    """
    several = list(claims)
    reach = Reach(retractions, several)
    return [claim for claim in several if reach.reaches(claim)]


# -- all of it


class _Sorted:
    """All that was said, by what it is; claims by their subjects."""

    def __init__(
        self, said: Iterable[Said | Redaction | Redacted | Merge], published: int | None
    ) -> None:
        # Most subjects have a single claim: a list for each would cost more than the rest.
        self.about: dict[str, AnyClaim | list[AnyClaim]] = {}
        self.retractions: list[Retraction] = []
        self.replacing: list[AnyClaim] = []
        self.voids: dict[str, str] = {}
        cut = inf if published is None else published
        for one in said:
            if isinstance(one, Void):
                self.voids[one.id] = one.target
            elif not isinstance(one, Claim | LinkClaim | Retraction) or _end(one) > cut:
                continue
            elif isinstance(one, Retraction):
                self.retractions.append(one)
            else:
                self._claim(one)

    def _claim(self, claim: AnyClaim) -> None:
        if claim.replaces:
            self.replacing.append(claim)
        subject = claim.subject
        there = self.about.get(subject)
        if there is None:
            self.about[subject] = claim
        elif isinstance(there, list):
            there.append(claim)
        else:
            self.about[subject] = [there, claim]

    def by_name(self) -> Named[str]:
        return named(
            self.voids,
            ((target, by.report.source, by.id) for by in self.replacing for target in by.replaces),
        )


def standing_claims(
    said: Iterable[Said | Redaction | Redacted | Merge], *, published: int | None = None
) -> Iterator[list[Claim]]:
    """Yield the claims about events that stand, together those about one; in no order.

    ``said`` is what the log knew; what was redacted says nothing. ``published`` cuts off what
    wasn't certainly published by that moment (exclusive, microseconds of UTC); voids are about
    the log and not about the world, so they are never cut off.
    """
    for group in _standing_groups(said, published):
        claims = [claim for claim in group if isinstance(claim, Claim)]
        if claims:
            yield claims


def standing_links(
    said: Iterable[Said | Redaction | Redacted | Merge], *, published: int | None = None
) -> Iterator[list[LinkClaim]]:
    """Yield the claims about links that stand, together those about one; see above."""
    for group in _standing_groups(said, published):
        claims = [claim for claim in group if isinstance(claim, LinkClaim)]
        if claims:
            yield claims


def _standing_groups(
    said: Iterable[Said | Redaction | Redacted | Merge], published: int | None
) -> Iterator[list[AnyClaim]]:
    known = _Sorted(said, published)
    by_name = known.by_name()
    retracting: defaultdict[str, defaultdict[str, list[Retraction]]]
    retracting = defaultdict(lambda: defaultdict(list))
    for one in known.retractions:
        if not by_name.falls(one.id, one.report.source):
            retracting[one.subject][one.report.source].append(one)
    named_any = bool(by_name.voided or by_name.replaced)
    for subject, claims in known.about.items():
        # Each once, however often it came.
        several = list({c.id: c for c in claims}.values()) if isinstance(claims, list) else [claims]
        if named_any or subject in retracting:
            several = _standing(several, by_name, retracting.get(subject, {}))
        if several:
            yield several


def _standing(
    claims: Iterable[AnyClaim],
    by_name: Named[str],
    retracting: Mapping[str, Sequence[Retraction]],
) -> list[AnyClaim]:
    """The claims about one subject that stand."""
    live = [one for one in claims if one.id not in by_name.voided]
    fallen: set[str] = set()
    for source, retractions in retracting.items():
        own = [one for one in live if one.report.source == source]
        fallen |= {one.id for one in reached(retractions, own)}
    return [
        one
        for one in live
        if one.id not in fallen and (one.id, one.report.source) not in by_name.replaced
    ]


# -- what bears on one subject

Positions = int | list[int]
"""One position or several: most events have one claim, and a list for each would cost more."""

Read = Callable[[Iterable[int]], Mapping[int, Said]]
"""Gives what the entries at some positions say."""

Find = Callable[[str], tuple[int, Said] | None]
"""Gives the position of an entry by its id, and what it says; None where it isn't there."""

Dirty = dict[str, Claim | None]
"""Subjects whose account may change, each with the claim that is all that was said about it."""


class PositionTable(dict[str, Positions]):
    """Positions by a name, in their order; notes those that came since somebody cleared this."""

    def __init__(self) -> None:
        super().__init__()
        self.unsaved: dict[str, list[int]] = {}
        """What was added since this was cleared."""

    def add(self, name: str, position: int) -> None:
        """Add a later position."""
        self.extend(name, (position,))
        self.unsaved.setdefault(name, []).append(position)

    def extend(self, name: str, positions: Sequence[int]) -> None:
        """Add later positions that are saved."""
        there = self.get(name)
        if isinstance(there, list):
            there.extend(positions)
        elif there is None and len(positions) == 1:
            self[name] = positions[0]
        else:
            self[name] = [*self.several(name), *positions]

    def several(self, name: str) -> Sequence[int]:
        """Return the positions of a name, none where it isn't there."""
        there = self.get(name, [])
        return (there,) if isinstance(there, int) else there

    def count(self, name: str) -> int:
        """Return how many positions a name has."""
        there = self.get(name, [])
        return 1 if isinstance(there, int) else len(there)


class DependencyIndex:
    """Finds the entries that bear on a subject, by position; grows with the log.

    What stands about one subject depends on few entries: its claims and retractions, the claims
    that replace one of those, and the voids that reach any of them. ``about`` has positions by
    subject, ``naming`` those of the claims and voids that name an entry, by that entry's id.
    """

    def __init__(self) -> None:
        self.about = PositionTable()
        self.naming = PositionTable()

    def add(self, position: int, said: Said | Redaction | Redacted | Merge, find: Find) -> Dirty:
        """Take in the next entry; return the subjects whose accounts it may change.

        An entry may name one that comes later: nothing changes until it does.
        """
        targets = targets_of(said)
        if isinstance(said, Void):
            self.note(position, None, targets)
            return dict.fromkeys(self.dirty(said, find))
        if not isinstance(said, Claim | LinkClaim | Retraction):
            return {}  # what was redacted, and that it was, is about nothing
        subject = said.subject
        first = subject not in self.about
        self.note(position, subject, targets)
        if targets:
            return dict.fromkeys(self.dirty(said, find))
        alone = first and said.id not in self.naming
        return {subject: said if isinstance(said, Claim) and alone else None}

    def note(self, position: int, subject: str | None, targets: Iterable[str]) -> None:
        """Take in the next entry by what it is about, if anything, and by the ids that it names."""
        for target in targets:
            self.naming.add(target, position)
        if subject is not None:
            self.about.add(subject, position)

    @staticmethod
    def dirty(said: Said, find: Find) -> set[str]:
        """Return the subjects that an entry bears on, through whatever it voids and replaces."""
        one: Said | None = said
        while isinstance(one, Void):
            found = find(one.target)
            one = None if found is None else found[1]
        if one is None:
            return set()
        # What a replaced claim replaces itself stays fallen, whatever becomes of that claim.
        several = [one, *(there[1] for there in map(find, targets_of(one)) if there is not None)]
        return {
            each.subject for each in several if isinstance(each, Claim | LinkClaim | Retraction)
        }

    def closure(
        self, subjects: Iterable[str], read: Read, upto: float = inf
    ) -> dict[str, list[Said]]:
        """Return all that bears on each of some subjects, of the entries up to a position.

        In the order of arrival, so that what comes first is the closure as it was before.
        Claims about other subjects come along where they replace something of this one: of what
        bears on those only voids are there, so only this subject can be resolved from it.
        """
        found = self.closures(subjects, read, upto)
        return {name: _in_order(said) for name, said in found.items()}

    def positions(self, subjects: Iterable[str]) -> list[int]:
        """Return the positions of what is about some subjects."""
        return [position for name in subjects for position in self.about.several(name)]

    def closures(
        self, subjects: Iterable[str], read: Read, upto: float = inf
    ) -> dict[str, dict[int, Said]]:
        """Return what ``closure`` does, by position, in no order."""
        wanted = {name: _upto(self.about.several(name), upto) for name in subjects}
        asked = [p for positions in wanted.values() for p in positions]
        first = read(asked) if asked else {}
        return {
            name: self._with_naming({p: first[p] for p in positions if p in first}, read, upto)
            for name, positions in wanted.items()
        }

    def part(self, positions: Sequence[int], read: Read, upto: float = inf) -> list[Said]:
        """Return what bears on what was said at some positions about one subject, as ``closure``.

        That is what replaces and voids it. Of all that one source said about the subject, what
        stands follows from it: no rule reaches from one source to another.
        """
        return _in_order(self._with_naming(dict(read(_upto(positions, upto))), read, upto))

    def _with_naming(self, found: dict[int, Said], read: Read, upto: float) -> dict[int, Said]:
        """What was said, and what reaches it by naming it."""
        fresh = list(found.values())
        only: type | tuple[type, ...] = (Claim, LinkClaim, Void)
        while fresh:
            naming = {
                p
                for said in fresh
                for p in self.naming.several(said.id)
                if p <= upto and p not in found
            }
            new = read(naming) if naming else {}
            # Of what bears on a claim that replaces one of these, only voids reach as far.
            fresh = [said for said in new.values() if isinstance(said, only)]
            found.update((p, said) for p, said in new.items() if isinstance(said, only))
            only = Void
        return found


def _upto(positions: Sequence[int], upto: float) -> Sequence[int]:
    return positions[: bisect_right(positions, upto)]


def _in_order(said: Mapping[int, Said]) -> list[Said]:
    return [said[position] for position in sorted(said)]
