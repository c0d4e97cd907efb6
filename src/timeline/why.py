"""Why: which entries an answer rests on, found by folding parts of what was said.

An answer *rests on* a set of entries if these alone give the same answer (by the projection's
``essence``) and none of them can be left out. That is what data lineage calls a minimal witness
(Buneman, Khanna and Tan, 2001), here of a user's fold and not of a query. Folds needn't be
monotonic: a retraction may take away what more news would have added. So a set is looked for in
three steps, each by folding:

1. What bears on the key at all, by claims, links and what takes them back; the rest can't matter.
2. A set of which none can be left out, by delta debugging (Zeller and Hildebrandt, 2002): halves,
   quarters and so on are left out as long as the answer stays the same.
3. All smaller sets, where they are few enough. Only then is it said to be smallest.

An entry is *pivotal* if its loss alone would change the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from math import comb
from typing import Any, TypeVar

import attrs

from timeline.accounts import Account, Entry
from timeline.claims import Claim, LinkClaim, Retraction, Said, Void
from timeline.display import HtmlRepr
from timeline.errors import LogError
from timeline.folding.part_answers import ALL, MISSING, PartAnswers
from timeline.linking import named_in
from timeline.links import SameActor, SamePlace
from timeline.projection import powers_of
from timeline.serialization import Plain
from timeline.supersession import DependencyIndex

__all__ = [
    "MOST",
    "Bearing",
    "Why",
    "checked_most",
    "explain",
    "footnote",
    "rests_on",
    "said_of",
    "without_sources",
]

T = TypeVar("T")

MOST = 1_000
"""Folds that one question may cost before it says what it didn't look at."""


@attrs.frozen(repr=False)
class Why(HtmlRepr, shows="answer entries pivotal smallest minimal", short="{words}"):
    """What one answer rests on.

    ``entries`` alone give the same answer. ``minimal`` says that none of them can be left out,
    ``smallest`` that no smaller set gives it; where they aren't set, there was more to try than
    was allowed. ``pivotal`` are the entries whose loss alone would change the answer; of
    ``untried`` entries that wasn't looked at. ``key`` is None where the whole answer was asked.
    """

    projection: str
    key: Any
    answer: Any
    entries: tuple[Entry, ...]
    pivotal: tuple[Entry, ...]
    smallest: bool
    minimal: bool
    untried: int = 0

    def __str__(self) -> str:
        subject = self.projection if self.key is None else f"{self.projection} of {self.key}"
        opening = f"{subject}: {'nothing' if self.answer is None else self.answer}."
        if not self.entries:
            return f"{opening} That is the answer where nothing is said."
        numbers = {entry.position: n for n, entry in enumerate(self.entries, start=1)}
        marks = "".join(f"[{number}]" for number in numbers.values())
        how = (
            "the fewest that give it"
            if self.smallest
            else "none of which can be left out"
            if self.minimal
            else "some of which may not be needed"
        )
        lines = [f"{opening} It rests on {_entries(len(self.entries))} {marks}, {how}."]
        alone = [f"[{numbers[one.position]}]" for one in self.pivotal if one.position in numbers]
        others = [one for one in self.pivotal if one.position not in numbers]
        if alone:
            lines.append(f"Without {' or '.join(alone)} it would be another.")
        if others:
            lines.append(f"So it would without {_entries(len(others))} beside these.")
        if self.untried:
            lines.append(f"The loss of {_entries(self.untried)} was not tried.")
        notes = [
            f"[{number}] {footnote(one)}"
            for one, number in zip(self.entries, numbers.values(), strict=True)
        ]
        notes += [f"    {footnote(one)}" for one in others]
        return "\n".join([" ".join(lines), "", *notes])

    def to_dicts(self) -> list[Plain]:
        """Return a row of plain JSON for each entry: its position, and whether it is pivotal."""
        pivotal = {one.position for one in self.pivotal}
        rows = {one.position: one for one in (*self.entries, *self.pivotal)}
        needed = {one.position for one in self.entries}
        return [
            {
                "answer": None if self.answer is None else str(self.answer),
                "position": position,
                "recorded": entry.recorded.isoformat(),
                "entry": footnote(entry),
                "needed": position in needed,
                "pivotal": position in pivotal,
            }
            for position, entry in sorted(rows.items())
        ]


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def footnote(entry: Entry) -> str:
    """Return an entry in a line: who said what in which words, and where it stands in the log."""
    said = entry.statement
    quote = said.quote if isinstance(said, Claim | LinkClaim) else None
    words = f": “{quote}”" if quote else ""
    text = said.summary() if isinstance(said, HtmlRepr) else str(said)
    return f"{text}{words} (entry {entry.position})"


# -- what bears on a key


def said_of(entries: Iterable[Entry]) -> dict[int, Said]:
    """Return what was said by position; what was redacted says nothing."""
    return {
        entry.position: entry.statement
        for entry in entries
        if isinstance(entry.statement, Claim | LinkClaim | Retraction | Void)
    }


class Bearing:
    """Finds what bears on a key, in all that was said and the accounts that stand of it.

    That is every claim about an event of which some version has the key, what bears on those
    events, and the links that name them, their places or their actors, with what bears on these.
    """

    def __init__(self, said: Mapping[int, Said], accounts: Sequence[Account]) -> None:
        self._said = said
        self._accounts = accounts
        self._index = _Index(said)

    def on(self, question: PartAnswers, answer: Any) -> list[int]:
        """Return the positions of what bears on the answer to a question, in order of arrival."""
        subjects = self._index.subjects(_seeds(self._said, self._accounts, question, self._index))
        closures = self._index.known.closure(subjects, self._index.read)
        names = {one.id for closure in closures.values() for one in closure}
        found = [position for position, one in self._said.items() if one.id in names]
        if question.same(question.from_part([self._said[one] for one in found]), answer):
            return found
        return list(self._said)  # the projection looks at more than its key says


class _Index:
    """What was said, by subject and by the names that links join."""

    def __init__(self, said: Mapping[int, Said]) -> None:
        self._said = said
        self._by_id = {one.id: (position, one) for position, one in said.items()}
        self.known = DependencyIndex()
        self._links: dict[str, set[str]] = {}
        self._events: dict[str, list[Claim]] = {}
        self._content: dict[str, LinkClaim] = {}
        for position, one in said.items():
            self.known.add(position, one, self._by_id.get)
            if isinstance(one, Claim):
                self._events.setdefault(one.subject, []).append(one)
            elif isinstance(one, LinkClaim):
                self._content[one.subject] = one
                for name in (*one.link.events, *named_in(one.link)):
                    self._links.setdefault(name, set()).add(one.subject)

    def read(self, positions: Iterable[int]) -> dict[int, Said]:
        """Return what the entries at some positions say."""
        return {position: self._said[position] for position in positions}

    def names_of(self, key: Any) -> set[Any]:
        """Return a key, and the names that some source joins with it, through others too."""
        found, fresh = {key}, [key]
        while fresh:
            name = fresh.pop()
            for link in self._links.get(name, ()) if isinstance(name, str) else ():
                of = self._content[link].link
                if isinstance(of, SamePlace | SameActor):
                    new = set(named_in(of)) - found
                    found |= new
                    fresh += new
        return found

    def subjects(self, events: Iterable[str]) -> set[str]:
        """Return events and links that bear on some events, through others too."""
        found: set[str] = set()
        fresh = list(events)
        while fresh:
            subject = fresh.pop()
            if subject in found:
                continue
            found.add(subject)
            names = {subject}
            for claim in self._events.get(subject, ()):
                names.update(named_in(claim.event))
                replaced = (self._by_id.get(target) for target in claim.replaces)
                names.update(
                    one[1].subject for one in replaced if one and not isinstance(one[1], Void)
                )
            if subject in self._content:
                link = self._content[subject].link
                fresh += link.events
                names.update(named_in(link))
            fresh += (link for name in names for link in self._links.get(name, ()))
        return found


def _seeds(
    said: Mapping[int, Said],
    accounts: Sequence[Account],
    question: PartAnswers,
    index: _Index,
) -> set[str]:
    """The events of which some version is folded, and has the key."""
    projection = question.projection
    key_of = powers_of(projection).key
    claims = [one for one in said.values() if isinstance(one, Claim)]
    handled = [one for one in claims if projection.handler(type(one.event)) is not None]
    if key_of is None or question.key is ALL:
        return {one.subject for one in handled}
    names = index.names_of(question.key)
    found = {one.subject for one in handled if key_of(one.event) in names}
    # A time that links sharpen, or versions that nobody ordered, may have a key of their own.
    for account in accounts:
        if projection.handler(type(account.event)) is not None:
            if key_of(account.event) == question.key:
                found |= account.ids
    return found


# -- the smallest part


@attrs.define
class _Folds:
    """Folds parts, and counts how often."""

    good: Callable[[Sequence[Any]], bool]
    left: int

    def gives(self, part: Sequence[Any]) -> bool:
        self.left -= 1
        return self.good(part)


def rests_on(
    items: Sequence[T], good: Callable[[Sequence[T]], bool], *, most: int = MOST
) -> tuple[list[T], bool, bool, int]:
    """Return a smallest part of some items for which a condition holds that holds for all.

    With it whether it is known to be smallest, whether none of it can be left out, and how many
    trials of ``most`` are left.
    """
    folds = _Folds(good, most)
    if folds.gives(()):
        return [], True, True, folds.left
    part, minimal = _reduced(list(items), folds)
    smallest = False
    if minimal:
        smaller, smallest = _smaller(items, len(part), folds)
        part = part if smaller is None else smaller
    return part, smallest, minimal, folds.left


def _reduced(items: list[T], folds: _Folds) -> tuple[list[T], bool]:
    """Leave items out as long as the rest will do; whether all was tried."""
    pieces = 2
    while len(items) > 1:
        size = -(-len(items) // pieces)
        cuts = [items[start : start + size] for start in range(0, len(items), size)]
        rests = [
            [one for other in cuts if other is not cut for one in other] for cut in reversed(cuts)
        ]
        for part in [*reversed(cuts), *rests] if len(cuts) > 2 else reversed(cuts):  # noqa: PLR2004 - of two, each is the other's rest
            if folds.left <= 0:
                return items, False
            if folds.gives(part):
                pieces = max(pieces - 1, 2) if len(part) > size else 2
                items = part
                break
        else:
            if size == 1:
                return items, True
            pieces = min(2 * pieces, len(items))
    return items, True


def _smaller(items: Sequence[T], size: int, folds: _Folds) -> tuple[list[T] | None, bool]:
    """The first part smaller than a size that will do; whether all of them could be tried."""
    for fewer in range(1, size):
        if comb(len(items), fewer) > folds.left:
            return None, False
        for part in combinations(items, fewer):
            if folds.gives(part):
                return list(part), True
    return None, True


# -- the questions


def explain(entries: Iterable[Entry], question: PartAnswers, *, most: int = MOST) -> Why:
    """Return what the answer to a question rests on, of the entries that a log had learned."""
    recorded = {entry.position: entry for entry in entries}
    said = said_of(recorded.values())
    accounts = question.accounts(said.values())
    answer = question.of(question.answered(accounts))
    positions = Bearing(said, accounts).on(question, answer)

    def gives(part: Sequence[int]) -> bool:
        return question.same(question.from_part([said[one] for one in part]), answer)

    part, smallest, minimal, _ = rests_on(positions, gives, most=most)
    tried = positions[: max(most, 0)]
    pivotal = [
        position for position in tried if not gives([one for one in positions if one != position])
    ]
    return Why(
        projection=type(question.projection).__name__,
        key=None if question.key is ALL else question.key,
        answer=None if answer is MISSING else answer,
        entries=tuple(recorded[one] for one in sorted(part)),
        pivotal=tuple(recorded[one] for one in pivotal),
        smallest=smallest,
        minimal=minimal,
        untried=len(positions) - len(tried),
    )


def without_sources(entries: Iterable[Entry], question: PartAnswers) -> dict[str, Any]:
    """Return by source the other answer that there is without it; none where it is the same."""
    said = said_of(entries)
    answer = question.of(question.whole(said.values()))
    answers: dict[str, Any] = {}
    for source in sorted(set(_sources(said.values()))):
        rest = [one for one in said.values() if _source(one) != source]
        found = question.from_part(rest)
        if not question.same(found, answer):
            answers[source] = None if found is MISSING else found
    return answers


def _source(one: Said) -> str | None:
    """Whose word it is; a void is the desk's, which trusts itself."""
    return None if isinstance(one, Void) else one.report.source


def _sources(said: Iterable[Said]) -> Iterator[str]:
    for one in said:
        source = _source(one)
        if source is not None:
            yield source


def checked_most(most: int) -> int:
    """Return how many folds a question may cost; raise ``LogError`` for what is no such number."""
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise LogError(f"most is how many folds a question may cost, at least 1, not {most!r}")
    return most
