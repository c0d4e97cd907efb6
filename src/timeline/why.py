"""Why: which entries an answer rests on, found by folding parts of what was said.

An answer *rests on* a set of entries if these alone give the same answer (by the projection's
``essence``) and none of them can be left out. That is what data lineage calls a minimal witness
(Buneman, Khanna and Tan, 2001), here of a user's fold and not of a query. Folds needn't be
monotonic: a retraction may take away what more news would have added. So a set is looked for in
three steps, each by folding:

1. What bears on the key at all, by claims, links and what takes them back; the rest can't matter.
2. A set of which none can be left out: those whose loss changes the answer, if they alone give it,
   else by delta debugging (Zeller and Hildebrandt, 2002): halves, quarters and so on are left out
   as long as the answer stays the same, then single entries.
3. All smaller sets, where they are few enough. Only then is it said to be smallest.

An entry is *pivotal* if its loss alone would change the answer. To leave out one entry costs little
however many there are: ``folding/part_folds.py`` goes by what the projection is able to do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from math import comb
from typing import Any, Protocol, TypeVar

import attrs

from timeline.accounts import Account, Entry, lone_account
from timeline.claims import Claim, LinkClaim, Retraction, Said, Void
from timeline.display import HtmlRepr
from timeline.errors import LogError
from timeline.folding.bearing import bearing_on, joined_names
from timeline.folding.part_answers import ALL, MISSING, PartAnswers
from timeline.folding.part_folds import PartFolds, Settled
from timeline.linking import named_in
from timeline.links import Link
from timeline.projection import powers_of
from timeline.serialization import Plain
from timeline.supersession import DependencyIndex

__all__ = [
    "MOST",
    "Bearing",
    "PartTries",
    "Reasons",
    "Tries",
    "Why",
    "checked_most",
    "explain",
    "explain_each",
    "explained",
    "footnote",
    "rests_on",
    "said_of",
    "without_sources",
]

T = TypeVar("T")
I_contra = TypeVar("I_contra", contravariant=True)

MOST = 1_000
"""Folds, of 1,000 accounts each, that a question may cost before it says what it left untried."""

_FOLD = 1_000  # accounts
_TRIAL = 16  # what a trial of a few entries costs, in accounts
_SHARE = 5  # of all that may be tried, one part is for sets that are smaller
_PIECES = 16  # stretches that are left out as a whole; then single entries are


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
    bundled: Callable[[Any], Any] | None = attrs.field(default=None, eq=False)
    """Makes the bundle, where a log answered."""

    def bundle(self, *, checkpoint: Any = None) -> Any:
        """Return the answer with the proofs of its entries; see ``log.bundle``.

        Raises ``LogError`` for reasons that no log gave.
        """
        if self.bundled is None:
            raise LogError("these reasons are of no log that could prove them; ask log.why")
        return self.bundled(checkpoint)

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
                "source": _source_of(entry),
                "quote": _quote_of(entry),
                "entry": footnote(entry),
                "needed": position in needed,
                "pivotal": position in pivotal,
            }
            for position, entry in sorted(rows.items())
        ]


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _source_of(entry: Entry) -> str | None:
    said = entry.statement
    return said.report.source if isinstance(said, Claim | LinkClaim | Retraction) else None


def _quote_of(entry: Entry) -> str | None:
    said = entry.statement
    return said.quote if isinstance(said, Claim | LinkClaim) else None


def footnote(entry: Entry) -> str:
    """Return an entry in a line: who said what in which words, and where it stands in the log."""
    said, quote = entry.statement, _quote_of(entry)
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
    """Finds what bears on a key, in all that was said and the accounts that stand of it."""

    def __init__(self, said: Mapping[int, Said], accounts: Sequence[Account]) -> None:
        self._said = said
        self._accounts = accounts
        self._index = _Index(said)

    def on(self, question: PartAnswers, answer: Any) -> dict[int, Said]:
        """Return what bears on the answer to a question by position, in order of arrival."""
        events = _seeds(self._said, self._accounts, question, self._index)
        found = bearing_on(self._index, events, max(self._said, default=0))
        if question.same(question.from_part(found.values()), answer):
            return found
        return dict(self._said)  # the projection looks at more than its key says


class _Index:
    """What was said, by subject and by the names that links join; see ``SaidAbout``."""

    def __init__(self, said: Mapping[int, Said]) -> None:
        self._said = said
        self._by_id = {one.id: (position, one) for position, one in said.items()}
        self.dependencies = DependencyIndex()
        self._around: dict[str, set[str]] = {}
        self._links: dict[str, Link] = {}
        for position, one in said.items():
            self.dependencies.add(position, one, self.find)
            if isinstance(one, LinkClaim):
                self._links[one.subject] = one.link
                for name in (*one.link.events, *named_in(one.link)):
                    self._around.setdefault(name, set()).add(one.subject)

    def read(self, positions: Iterable[int]) -> dict[int, Said]:
        return {position: self._said[position] for position in positions}

    def find(self, said_id: str) -> tuple[int, Said] | None:
        return self._by_id.get(said_id)

    def links_naming(self, name: str) -> Iterable[str]:
        return self._around.get(name, ())

    def link(self, link_id: str) -> Link | None:
        return self._links.get(link_id)


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
    if question.key is not ALL and powers_of(projection).part is not None:
        return _with_part(handled, accounts, question, joined_names(index, question.key))
    if key_of is None or question.key is ALL:
        return {one.subject for one in handled}
    names = joined_names(index, question.key)
    found = {one.subject for one in handled if key_of(one.event) in names}
    # A time that links sharpen, or versions that nobody ordered, may have a key of their own.
    for account in accounts:
        if projection.handler(type(account.event)) is not None:
            if key_of(account.event) == question.key:
                found |= account.ids
    return found


def _with_part(
    claims: Iterable[Claim], accounts: Iterable[Account], question: PartAnswers, names: set[Any]
) -> set[str]:
    """The events of which some version, or the account, alone has a part under one of some names.

    Of a projection that sums up by key itself.
    """
    plain = attrs.evolve(question, key=ALL, at=None)
    asked = [attrs.evolve(question, key=name) for name in names]
    nothing = [one.of(plain.answered(())) for one in asked]

    def has(account: Account) -> bool:
        whole = plain.answered((account,))
        return any(
            not one.same(one.of(whole), none) for one, none in zip(asked, nothing, strict=True)
        )

    found = {one.subject for one in claims if one.stance == "says" and has(lone_account(one))}
    for account in accounts:
        if has(account):
            found |= account.ids
    return found


# -- the smallest part


class Tries(Protocol[I_contra]):
    """What tries parts of some items, and says what that cost."""

    def gives(self, part: Sequence[I_contra]) -> bool:
        """Return whether a part will do."""
        ...

    def begin(self, part: Sequence[I_contra]) -> None:
        """Take a part that will do as the whole that items are left out of."""
        ...

    def needs(self, item: I_contra) -> bool:
        """Return whether the whole won't do without an item."""
        ...

    def drop(self, item: I_contra) -> None:
        """Leave an item out of the whole, which will do without it."""
        ...

    @property
    def cost(self) -> int:
        """How much was folded, in accounts and the like."""
        ...


def rests_on(
    items: Sequence[T], tries: Tries[T], *, most: int = MOST, needed: Sequence[T] | None = None
) -> tuple[list[T], bool, bool]:
    """Return a smallest part of some items that will do, as all of them will.

    With it whether it is known to be smallest, and whether none of it can be left out. ``most`` is
    how many folds of 1,000 accounts that may cost; ``needed`` are the items without each of which
    the rest won't do, where all of them are known.
    """
    budget = most * _FOLD + tries.cost
    if tries.gives(()):
        return [], True, True
    part, minimal = list(items), False
    if needed is not None:
        if len(needed) == len(items):
            minimal = True
        elif needed and tries.gives(needed):
            part = list(needed)
    if not minimal:
        part, minimal = _swept(_halved(part, tries, budget), tries, budget)
    smaller, smallest = None, False
    if minimal:
        share = tries.cost + most * _FOLD // _SHARE
        smaller, smallest = _smaller(items, len(part), tries, min(budget, share))
    return (part if smaller is None else smaller), smallest, minimal


def _halved(items: list[T], tries: Tries[T], budget: int) -> list[T]:
    """Leave whole stretches of items out, as long as the rest will do."""
    pieces = 2
    while len(items) > 1 and pieces <= _PIECES:
        size = -(-len(items) // pieces)
        cuts = [items[start : start + size] for start in range(0, len(items), size)]
        rests = [
            [one for other in cuts if other is not cut for one in other] for cut in reversed(cuts)
        ]
        for part in [*reversed(cuts), *rests] if len(cuts) > 2 else reversed(cuts):  # noqa: PLR2004 - of two, each is the other's rest
            if tries.cost > budget:
                return items
            if tries.gives(part):
                pieces = max(pieces - 1, 2) if len(part) > size else 2
                items = part
                break
        else:
            if size == 1:
                return items
            pieces = min(2 * pieces, len(items))
    return items


def _swept(items: list[T], tries: Tries[T], budget: int) -> tuple[list[T], bool]:
    """Leave single items out until none can be; whether all was tried."""
    tries.begin(items)
    tried_since = 0
    left = deque(items)
    while tried_since < len(left):
        if tries.cost > budget:
            return sorted(left, key=items.index), False
        item = left.popleft()
        if tries.needs(item):
            left.append(item)
            tried_since += 1
        else:
            tries.drop(item)
            tried_since = 0
    kept = set(left)
    return [one for one in items if one in kept], True


def _smaller(
    items: Sequence[T], size: int, tries: Tries[T], budget: int
) -> tuple[list[T] | None, bool]:
    """The first part smaller than a size that will do; whether all of them could be tried."""
    for fewer in range(1, size):
        if comb(len(items), fewer) * _TRIAL > budget - tries.cost:
            return None, False
        for part in combinations(items, fewer):
            if tries.gives(part):
                return list(part), True
    return None, True


class PartTries:
    """Tries parts of entries by folding them."""

    def __init__(self, folds: PartFolds, question: PartAnswers, answer: Any) -> None:
        self._folds = folds
        self._question = question
        self._answer = answer

    @property
    def cost(self) -> int:
        """See ``Tries``."""
        return self._folds.cost

    def gives(self, part: Sequence[int]) -> bool:
        """See ``Tries``."""
        return self._question.same(self._folds.of(part), self._answer)

    def begin(self, part: Sequence[int]) -> None:
        """See ``Tries``."""
        self._folds.begin(part)

    def needs(self, item: int) -> bool:
        """See ``Tries``."""
        return self._folds.changes_without(item)

    def drop(self, item: int) -> None:
        """See ``Tries``."""
        self._folds.drop(item)


# -- the questions


def explain(entries: Iterable[Entry], question: PartAnswers, *, most: int = MOST) -> Why:
    """Return what the answer to a question rests on, of the entries that a log had learned."""
    recorded = {entry.position: entry for entry in entries}
    said = said_of(recorded.values())
    accounts = question.accounts(said.values())
    answer = question.of(question.answered(accounts))
    bearing = Bearing(said, accounts).on(question, answer)
    return explained(
        bearing, question, lambda positions: [recorded[one] for one in positions], most=most
    )


def explained(
    said: Mapping[int, Said],
    question: PartAnswers,
    entries: Callable[[Iterable[int]], Iterable[Entry]],
    *,
    most: int = MOST,
    settled: Settled | None = None,
) -> Why:
    """Return what an answer rests on, from all that bears on it by position.

    ``entries`` gives the entries at some positions. With ``settled``, what was said is all that the
    answer may rest on, of a key that has more.
    """
    folds = PartFolds(question, said, settled)
    answer = folds.answer
    tries = PartTries(folds, question, answer)
    positions = list(said)
    budget = most * _FOLD + folds.cost
    folds.begin_with_all()
    pivotal, untried = [], 0
    for number, position in enumerate(reversed(positions)):
        if folds.cost > budget:
            untried = len(positions) - number
            break
        if folds.changes_without(position):
            pivotal.append(position)
    pivotal.reverse()
    part, smallest, minimal = rests_on(
        positions, tries, most=most, needed=None if untried else pivotal
    )
    found = {one.position: one for one in entries({*part, *pivotal})}
    return Why(
        projection=type(question.projection).__name__,
        key=None if question.key is ALL else question.key,
        answer=None if answer is MISSING else answer,
        entries=tuple(found[one] for one in sorted(part)),
        pivotal=tuple(found[one] for one in pivotal),
        smallest=smallest and (folds.whole or len(part) <= 1),
        minimal=minimal,
        untried=untried,
    )


@attrs.frozen(repr=False)
class Reasons(Mapping[Any, Why], HtmlRepr, shows="words", short="reasons of {answers}"):
    """What each answer rests on, by key; under None for a projection without keys.

    ``without`` has for each the other answers that there would be without one source, by source.
    """

    by_key: Mapping[Any, Why]
    without: Mapping[Any, Mapping[str, Any]]

    def __getitem__(self, key: Any) -> Why:
        return self.by_key[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.by_key)

    def __len__(self) -> int:
        return len(self.by_key)

    @property
    def answers(self) -> str:
        """How many answers there are, in words."""
        return "1 answer" if len(self.by_key) == 1 else f"{len(self.by_key)} answers"

    def __str__(self) -> str:
        parts = []
        for key, why in self.by_key.items():
            others = self.without[key].items()
            without = [f"without {name}: {_answered(other)}" for name, other in others]
            parts.append("\n".join([str(why), *without]))
        return "\n\n".join(parts) or "No answer."

    def to_dicts(self) -> list[Plain]:
        """Return the rows of each ``Why`` with its key, and those of what depends on one source."""
        rows: list[Plain] = []
        for key, why in self.by_key.items():
            name = None if key is None else str(key)
            rows += [{"key": name, **row} for row in why.to_dicts()]
            rows += [
                {"key": name, "without": source, "answer": None if one is None else str(one)}
                for source, one in self.without[key].items()
            ]
        return rows


def _answered(answer: Any) -> str:
    return "no answer" if answer is None else str(answer)


def explain_each(entries: Iterable[Entry], question: PartAnswers, *, most: int = MOST) -> Reasons:
    """Return what each answer rests on, by key, and what it would be without one source."""
    recorded = {entry.position: entry for entry in entries}
    said = said_of(recorded.values())
    accounts = question.accounts(said.values())
    whole = question.answered(accounts)
    keyed = powers_of(question.projection).key is not None and isinstance(whole, Mapping)
    index = Bearing(said, accounts)
    found: dict[Any, Why] = {}
    without: dict[Any, dict[str, Any]] = {}
    for key in whole if keyed else [ALL]:
        asked = attrs.evolve(question, key=key)
        bearing = index.on(asked, asked.of(whole))
        name = None if key is ALL else key
        found[name] = explained(bearing, asked, lambda ps: [recorded[p] for p in ps], most=most)
        without[name] = _without_each(asked, bearing)
    return Reasons(found, without)


def without_sources(entries: Iterable[Entry], question: PartAnswers) -> dict[str, Any]:
    """Return by source the other answer that there is without it; none where it is the same."""
    said = said_of(entries)
    accounts = question.accounts(said.values())
    answer = question.of(question.answered(accounts))
    return _without_each(question, Bearing(said, accounts).on(question, answer))


def _without_each(question: PartAnswers, said: Mapping[int, Said]) -> dict[str, Any]:
    folds = PartFolds(question, said)
    answers: dict[str, Any] = {}
    for source in sorted(set(_sources(said.values()))):
        found = folds.of(position for position, one in said.items() if _source(one) != source)
        if not question.same(found, folds.answer):
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
